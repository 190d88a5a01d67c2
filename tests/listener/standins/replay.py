"""A file of posts: no server is asked."""

import json
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from listener.connector import Setup
from tests.listener.standins import Answer, Request, StandIn

NO_SERVER = "a file has no server that could say so"


class ReplayStandIn(StandIn):
    """Writes its samples to a file whenever a connector is made."""

    network = "replay"
    not_applicable: ClassVar[Mapping[str, str]] = {
        "a_rate_limit_halfway_loses_nothing": NO_SERVER,
        "a_rate_limit_says_how_long": NO_SERVER,
        "revoked_credentials_stop_the_source": NO_SERVER,
        "a_broken_server_passes": NO_SERVER,
        "a_malformed_answer_passes": "a broken file stays broken until a person mends it: see test_replay.py",
        "no_answer_passes": NO_SERVER,
        "no_connection_passes": NO_SERVER,
    }

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self._folder = tempfile.TemporaryDirectory()

    def setup(self) -> Setup:
        path = Path(self._folder.name) / "posts.jsonl"
        path.write_text("".join(f"{json.dumps(row)}\n" for row in self._rows()), encoding="utf-8")
        return self.make_setup(options={"path": str(path), "batch": str(self.page_size)})

    def _rows(self) -> list[dict[str, str]]:
        rows = [
            {"id": str(s.number), "text": s.text, "created_at": s.created_at.isoformat(), "author": s.handle}
            for s in self.samples
        ]
        return [row for row in rows for _ in range(2)] if self.repeats else rows

    def answer(self, request: Request) -> Answer:
        raise AssertionError("the replay connector asks no server")

    def close(self) -> None:
        super().close()
        self._folder.cleanup()
