"""Web and listener as real processes, killed outright while people send, approve and pull back."""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from config.database import Database
from engage.tables import Reply, ReplyState
from tests.browser.conftest import PASSWORD, Hearken
from tests.replying import lines
from tests.snac import eventually
from tests.web.site import TOKEN

TALKS = 8
HASTE_S = 0.6
PULLED_BACK = 2
AGENT, MANAGER = "gwen@example.com", "mona@example.com"
DONE = {200, 302, 409}
"""Taken, or refused because it had been taken before its answer was lost."""


class Mortal(Hearken):
    """Whose processes can be killed with all that they started."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start_one(self, name: str) -> None:
        """`serve` or `listen`."""
        command = self._command(name, *(("--port", str(self.port)) if name == "serve" else ()))
        with (self.data.parent / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        if name == "serve":
            self._await_port()

    def kill(self, name: str) -> None:
        """At once, in the middle of whatever it does."""
        process = self.running.pop(name, None)
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def hearken(tmp_path: Path) -> Iterator[Mortal]:
    """Eight conversations that wait for an answer; agents' replies need approval."""
    installation = Mortal(tmp_path / "data")
    for email, role in ((AGENT, "agent"), (MANAGER, "manager")):
        account = ("--role", role, "--team", "support", "--password-stdin")
        installation.run("user", "add", email, *account, stdin=PASSWORD + "\n")
    settings = 'analyser = "lexicon"\nundo_send_s = 2\napproval_required = true\n'
    (installation.data / "hearken.toml").write_text(settings)
    posts = tmp_path / "posts.jsonl"
    posts.write_text("".join(json.dumps(post(number)) + "\n" for number in range(TALKS)))
    installation.run("brand", "add", "Kestova", "--query", "kestova")
    installation.run("source", "add", "replay", "--brand", "Kestova", "--option", f"path={posts}")
    installation.run("listen", "--once")
    yield installation
    for name in ("serve", "listen"):
        installation.kill(name)


def post(number: int) -> dict[str, Any]:
    text = f"@kestova my kestova bike number {number} is broken"
    base = {"id": f"p{number}", "text": text, "author": f"user{number}", "created_at": "2026-11-02T09:00:00Z"}
    return {**base, "network": "x", "addressed": True}


class Person:
    """Somebody at a browser that sends again what got no answer."""

    def __init__(self, hearken: Hearken, email: str) -> None:
        self.client = httpx.Client(base_url=hearken.url, timeout=20)
        self.token = ""
        self._form("/login", {"email": email, "password": PASSWORD})

    def send(self, path: str, **fields: str) -> int:
        """The status of the first answer. Takes a moment before, so that the deaths fall between and within."""
        time.sleep(random.uniform(0, HASTE_S))
        for _ in range(100):
            try:
                answer = self._form(path, fields)
            except httpx.TransportError:
                time.sleep(0.2)
                continue
            if answer.status_code < 500:
                return answer.status_code
        raise AssertionError(f"no answer from {path}")

    def _form(self, path: str, fields: dict[str, str]) -> httpx.Response:
        if not self.token:
            found = TOKEN.search(self.client.get("/login").text)
            assert found
            self.token = found[1]
        answer = self.client.post(path, data={"csrf_token": self.token, **fields})
        if path == "/login":
            self.token = ""
            found = TOKEN.search(self.client.get("/account/", follow_redirects=True).text)
            assert found
            self.token = found[1]
        return answer


def reply_of(database: Database, conversation: int) -> Reply:
    with database.read() as session:
        return session.scalars(select(Reply).where(Reply.conversation_id == conversation)).one()


def age(database: Database) -> None:
    """As if the time had passed after which a dead sender's claims are taken over."""
    with database.write() as session:
        for reply in session.scalars(select(Reply).where(Reply.state == ReplyState.SENDING)):
            reply.claimed_at = datetime.now(UTC) - timedelta(minutes=5)


def work(database: Database, agent: Person, manager: Person, statuses: dict[int, int]) -> None:
    """Each conversation is answered and approved; the last few are pulled back again."""
    for number in range(1, TALKS + 1):
        address = f"/c/{number}"
        form = {"text": f"answer {number}", "form_key": f"form {number}"}
        assert agent.send(f"{address}/reply", **form) in DONE
        assert agent.send(f"{address}/reply", **form) in DONE, "sent again from a page that saw no answer"
        reply = f"{address}/r/{reply_of(database, number).id}"
        assert manager.send(f"{reply}/approve", edits="0") in DONE
        if number > TALKS - PULLED_BACK:
            statuses[number] = agent.send(f"{reply}/pull")


def murder(hearken: Mortal, database: Database, busy: Callable[[], bool], dice: random.Random) -> int:
    """Kill one after the other and start it anew, for as long as people are busy; how often."""
    killed = 0
    for name in ("serve", "listen", "serve", "listen", "serve", "listen"):
        time.sleep(dice.uniform(0.05, 0.8))
        if not busy():
            break
        hearken.kill(name)
        if name == "listen":
            age(database)
        hearken.start_one(name)
        killed += 1
    return killed


def test_nothing_is_lost_and_nothing_sent_twice(hearken: Mortal) -> None:
    for name in ("serve", "listen"):
        hearken.start_one(name)
    database = Database(f"sqlite:///{hearken.data / 'hearken.db'}")
    agent, manager = Person(hearken, AGENT), Person(hearken, MANAGER)
    statuses: dict[int, int] = {}
    failures: list[BaseException] = []

    def people() -> None:
        try:
            work(database, agent, manager, statuses)
        except BaseException as error:
            failures.append(error)

    busy = threading.Thread(target=people)
    busy.start()
    killed = murder(hearken, database, busy.is_alive, random.Random(7))
    busy.join(120)
    assert not busy.is_alive() and failures == [] and killed >= 2
    for person in (agent, manager):
        person.client.close()

    hearken.kill("listen")
    age(database)
    hearken.start_one("listen")
    ends = {ReplyState.SENT, ReplyState.PULLED}

    def states() -> list[ReplyState]:
        with database.read() as session:
            return list(session.scalars(select(Reply.state)))

    eventually(lambda: set(states()) <= ends, "every reply to be out or stopped")
    assert len(states()) == TALKS
    out = Counter(line["text"] for line in lines(hearken.data.parent / "outbox.jsonl"))
    sent = {number for number in range(1, TALKS + 1) if reply_of(database, number).state is ReplyState.SENT}
    assert out == Counter({f"answer {number}": 1 for number in sent})
    assert sent >= set(range(1, TALKS - PULLED_BACK + 1))
    database.engine.dispose()
