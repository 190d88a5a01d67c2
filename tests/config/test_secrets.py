import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config.errors import SettingsError
from config.secrets import Vault, read_or_create

CREDENTIALS = {"token": "s3cret-tøken", "client": "hearken"}


def test_a_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "session.key"
    first = read_or_create(path)
    assert len(first) >= 64
    assert read_or_create(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_secrets_differ(tmp_path: Path) -> None:
    assert read_or_create(tmp_path / "one") != read_or_create(tmp_path / "two")


def test_the_vault_gives_back_what_it_sealed(tmp_path: Path) -> None:
    sealed = Vault.in_folder(tmp_path).seal(CREDENTIALS)
    assert Vault.in_folder(tmp_path).open(sealed) == CREDENTIALS
    assert stat.S_IMODE((tmp_path / "vault.key").stat().st_mode) == 0o600


def test_what_is_sealed_cannot_be_read(tmp_path: Path) -> None:
    sealed = Vault.in_folder(tmp_path).seal(CREDENTIALS)
    assert b"hearken" not in sealed
    assert b"token" not in sealed


def test_sealing_twice_shows_no_likeness(tmp_path: Path) -> None:
    vault = Vault.in_folder(tmp_path)
    assert vault.seal(CREDENTIALS) != vault.seal(CREDENTIALS)


@pytest.mark.parametrize("nothing", [None, b""])
def test_nothing_stored_is_no_credentials(nothing: bytes | None) -> None:
    assert Vault(Fernet.generate_key()).open(nothing) == {}


def test_another_key_is_told_apart_with_a_remedy() -> None:
    sealed = Vault(Fernet.generate_key()).seal(CREDENTIALS)
    with pytest.raises(SettingsError, match="Restore the right") as caught:
        Vault(Fernet.generate_key()).open(sealed)
    assert "s3cret" not in str(caught.value)


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    vault = Vault.in_folder(tmp_path)
    sealed = bytearray(vault.seal(CREDENTIALS))
    sealed[40] = ord("A") if sealed[40] != ord("A") else ord("B")
    with pytest.raises(SettingsError):
        vault.open(bytes(sealed))


def test_a_damaged_key_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "vault.key").write_bytes(b"half a key")
    with pytest.raises(SettingsError, match=r"vault\.key in the data folder is damaged"):
        Vault.in_folder(tmp_path)
