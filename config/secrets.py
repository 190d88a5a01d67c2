"""Secrets made at the first start, and the encryption of what sources need to log in."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from config.errors import SettingsError


def read_or_create(path: Path, make: bytes | None = None) -> bytes:
    """The secret kept in `path`; a first call writes a fresh one (mode 0600)."""
    if path.exists():
        return path.read_bytes().strip()
    value = make or secrets.token_urlsafe(48).encode()
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(value + b"\n")
    return value


class Vault:
    """Encrypts a source's credentials at rest (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, key: bytes) -> None:
        try:
            self._fernet = Fernet(key)
        except ValueError:
            raise SettingsError(
                "The file vault.key in the data folder is damaged.",
                "Restore it from a backup; without it, stored credentials cannot be read.",
            ) from None

    @classmethod
    def in_folder(cls, folder: Path) -> "Vault":
        """The vault whose key lies in `folder`, made at the first call."""
        path = folder / "vault.key"
        return cls(read_or_create(path, None if path.exists() else Fernet.generate_key()))

    def seal(self, values: Mapping[str, str]) -> bytes:
        """Encrypt names and values for storing."""
        return self._fernet.encrypt(json.dumps(dict(values)).encode())

    def open(self, sealed: bytes | None) -> dict[str, str]:
        """Decrypt what `seal` made; nothing stored is an empty dict."""
        if not sealed:
            return {}
        try:
            opened: dict[str, str] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise SettingsError(
                "Stored credentials cannot be decrypted: vault.key is not the one they were stored with.",
                "Restore the right vault.key, or enter the source's credentials again.",
            ) from None
        return opened
