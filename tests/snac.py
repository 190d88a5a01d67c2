"""A real snac2 server on this machine: a small fediverse instance that speaks the Mastodon client API.

Its host name may carry no port, so it needs port 80 on loopback. Now and then it resets a connection; the calls here
look whether they were heard before they are made again.
"""

import fcntl
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import requests

from tests.conftest import skip_or_fail

BASE_URL = "http://localhost"
PORT = 80
USERS = ("acme", "bob")
PATIENCE_S = 60.0
TURN_S = 300.0
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
T = TypeVar("T")


def missing() -> str:
    """Why no snac2 server can run here; empty when one can. Ask while holding the turn."""
    if not shutil.which("snac"):
        return "the server snac2 is not installed (.ci/install-snac installs it)"
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", PORT))
    except PermissionError:
        return f"snac2 needs port {PORT}, which this user may not open"
    except OSError:
        return f"snac2 needs port {PORT}, which another program holds"
    return ""


@contextmanager
def running_snac(folder: Path) -> Iterator["SnacServer"]:
    """A server for the length of a block, in turn with other test runs on this machine; skips where none can run."""
    with (Path(tempfile.gettempdir()) / "hearken-snac2.lock").open("w") as turn:
        eventually(lambda: _take(turn), f"another test run to leave port {PORT}", TURN_S)
        if reason := missing():
            skip_or_fail(reason)
        server = SnacServer(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _take(turn: IO[str]) -> bool:
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def eventually(attempt: Callable[[], T | None], what: str, patience_s: float = PATIENCE_S) -> T:
    """The first true answer of `attempt`, asked again and again; fails with `what` when patience ends."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if answer := attempt():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"waited {patience_s:.0f} s in vain for {what}")


class SnacServer:
    """One instance with the accounts acme and bob, its data in `folder`."""

    base_url = BASE_URL

    def __init__(self, folder: Path) -> None:
        self._data = folder / "snac"
        self._log = folder / "snac.log"
        self._passwords: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the instance and its accounts, and serve; returns once it answers."""
        self._run("init", feed=f"127.0.0.1\n{PORT}\nlocalhost\n\n\n")
        self._speak_plain_http()
        for user in USERS:
            said = self._run("adduser", user)
            self._passwords[user] = re.search(r"password is (\S+)", said).group(1)  # type: ignore[union-attr]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(["snac", "httpd", str(self._data)], stdout=log, stderr=log)
        eventually(self._answers, "snac2 to answer")

    def stop(self) -> None:
        """End the server."""
        if self._process:
            self._process.terminate()
            self._process.wait(timeout=PATIENCE_S)
            self._process = None

    def token(self, user: str) -> str:
        """An access token of a user, got the way a person's app gets it."""
        if user not in self._tokens:
            self._tokens[user] = self._log_in(user)
        return self._tokens[user]

    def post(
        self, user: str, text: str, in_reply_to: str | None = None, visibility: str = "public"
    ) -> dict[str, Any]:
        """Publish as `user`; the status as the server gives it. `in_reply_to` is the instance's own id."""
        fields = {"status": text}
        if in_reply_to:
            fields["in_reply_to_id"] = in_reply_to

        def publish() -> dict[str, Any] | None:
            answer = self._call("POST", "/api/v1/statuses", user, data=fields)
            return answer or next((status for status in self.statuses(user) if text in status["content"]), None)

        return eventually(publish, "a status to be taken")

    def statuses(self, user: str) -> list[dict[str, Any]]:
        """What `user` has published, newest first."""

        def ask() -> tuple[list[dict[str, Any]]] | None:
            me = self._call("GET", "/api/v1/accounts/verify_credentials", user)
            found = me and self._call("GET", f"/api/v1/accounts/{me['id']}/statuses", user)
            return None if found is None else (found,)

        return eventually(ask, f"the statuses of {user}")[0]

    def _answers(self) -> bool:
        if self._process and self._process.poll() is not None:
            raise AssertionError(f"snac2 ended by itself: {self._log.read_text()[-500:]}")
        return self._call("GET", "/api/v1/instance") is not None

    def _log_in(self, user: str) -> str:
        app = {"client_name": "hearken-tests", "redirect_uris": OUT_OF_BAND, "scopes": "read write"}
        client = eventually(lambda: self._call("POST", "/api/v1/apps", data=app), "an app to be registered")
        code = eventually(lambda: self._code(user, client["client_id"]), f"{user} to be logged in")
        grant = {
            "grant_type": "authorization_code",
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            "redirect_uri": OUT_OF_BAND,
            "code": code,
        }
        token: str = eventually(lambda: self._call("POST", "/oauth/token", data=grant), "a token")["access_token"]
        return token

    def _code(self, user: str, client_id: str) -> str | None:
        form = {
            "login": user,
            "passwd": self._passwords[user],
            "redir": f"{BASE_URL}/done",
            "cid": client_id,
            "state": "",
        }
        try:
            answer = requests.post(f"{BASE_URL}/oauth/x-snac-login", data=form, allow_redirects=False, timeout=5)
        except requests.ConnectionError:
            return None
        return parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("code", [None])[0]

    def _call(self, method: str, path: str, user: str = "", data: dict[str, str] | None = None) -> Any:
        """The answer's JSON, or None when the connection was lost or the server was not ready."""
        headers = {"Authorization": f"Bearer {self._tokens[user]}"} if user in self._tokens else {}
        if user and not headers:
            headers = {"Authorization": f"Bearer {self.token(user)}"}
        try:
            answer = requests.request(method, BASE_URL + path, headers=headers, data=data, timeout=5)
        except (requests.ConnectionError, requests.Timeout):
            return None
        return answer.json() if answer.ok else None

    def _run(self, command: str, *words: str, feed: str = "") -> str:
        done = subprocess.run(
            ["snac", command, str(self._data), *words], input=feed, capture_output=True, text=True, check=True
        )
        return done.stdout + done.stderr

    def _speak_plain_http(self) -> None:
        settings = self._data / "server.json"
        settings.write_text(settings.read_text().replace('"protocol": "https"', '"protocol": "http"'))
