"""The stand-in that "publishes" into a file: for the sample brand, demos and tests.

One JSON line a reply, synced to disk before `send` returns. A key that is there already is never written again.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from engage.channel import CanReply, ChannelError, Found, NotFound, Sent, Target
from listener.connector import Setup

OUTBOX = "outbox.jsonl"


class ConsoleRules:
    """For posts of networks without rules of their own."""

    network: ClassVar[str] = "console"
    label: ClassVar[str] = "Console"
    max_length: ClassVar[int] = 5000
    unit: ClassVar[str] = "characters"

    def length(self, text: str) -> int:
        """Code points."""
        return len(text)

    def can_reply(self, target: Target) -> CanReply:
        """Anything that still exists can be answered."""
        if target.deleted:
            return CanReply(False, "The post was deleted.")
        return CanReply(True)

    def warnings(self, text: str) -> tuple[str, ...]:
        """None."""
        return ()

    def cost(self, text: str) -> str:
        """Nothing more."""
        return ""


class ConsoleChannel:
    """Appends replies to a file: the option `outbox`, by default outbox.jsonl beside the replayed file (`path`).

    For tests, the option `fail` makes every sending end in an error with that code, and `permanent=true` in one that
    trying again cannot help.
    """

    def __init__(self, setup: Setup) -> None:
        self._clock = setup.clock
        self._outbox = _outbox(setup)
        self._fail = setup.options.get("fail", "")
        self._permanent = setup.options.get("permanent", "").lower() == "true"

    def send(self, target: Target, text: str, key: str) -> Sent:
        """Write the reply, unless it is there already. Raises ChannelError."""
        if self._fail:
            raise ChannelError(
                "The console was told to fail.",
                code=self._fail,
                permanent=self._permanent,
                remedy="Remove the option fail from the source.",
            )
        try:
            return self._written(key) or self._write(target, text, key)
        except OSError as error:
            raise self._unusable(error) from error

    def find(self, target: Target, text: str, key: str, since: datetime) -> Found:
        """Look the reply up by its key. Raises ChannelError."""
        try:
            return self._written(key) or NotFound()
        except OSError as error:
            raise self._unusable(error) from error

    def _written(self, key: str) -> Sent | None:
        return next((Sent(row["external_id"]) for row in self._rows() if row.get("key") == key), None)

    def _rows(self) -> Iterator[dict[str, str]]:
        """A crash while writing leaves half a line, which was never sent."""
        if not self._outbox.exists():
            return
        with self._outbox.open("rb") as file:
            for line in file:
                with suppress(ValueError):
                    yield json.loads(line)

    def _write(self, target: Target, text: str, key: str) -> Sent:
        external_id = f"console-{key}"
        row = {
            "key": key,
            "text": text,
            "in_reply_to": target.external_id,
            "at": self._clock().isoformat(),
            "external_id": external_id,
        }
        self._outbox.parent.mkdir(parents=True, exist_ok=True)
        with self._outbox.open("ab") as file:
            file.write((b"" if _ends_whole(self._outbox) else b"\n") + json.dumps(row).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return Sent(external_id)

    def _unusable(self, error: OSError) -> ChannelError:
        return ChannelError(
            f"The outbox {self._outbox} cannot be used: {error.strerror}.",
            code="outbox",
            remedy="Make room or correct its rights; Hearken tries again by itself.",
        )


def _outbox(setup: Setup) -> Path:
    if named := setup.options.get("outbox"):
        return Path(named).expanduser()
    return Path(setup.options.get("path", "")).expanduser().parent / OUTBOX


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if not size:
            return True
        file.seek(size - 1)
        return file.read(1) == b"\n"
