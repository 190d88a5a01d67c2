"""A real Chromium in front of a real Hearken: web and listener as processes of their own, as in `hearken run`."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.conftest import skip_or_fail

ROOT = Path(__file__).parents[2]
EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
QUIET_S = 20


class Hearken:
    """An installation in a folder of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._running = ExitStack()
        self.was_stopped = False
        """A test took it away: what browsers say of that is no fault."""

    def run(self, *args: str, stdin: str = "") -> str:
        """One command to its end; its output."""
        done = subprocess.run(
            self._command(*args), cwd=ROOT, input=stdin, capture_output=True, text=True, check=False, env=self._env()
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self) -> None:
        """Web and listener."""
        self._start("listen")
        self.start_web()

    def start_web(self) -> None:
        """The web only."""
        self._web = self._start("serve", "--port", str(self.port))
        self._await_port()

    def kill_web(self) -> None:
        """As a crash would, in the midst of whatever it does."""
        self.was_stopped = True
        os.killpg(self._web.pid, signal.SIGKILL)
        self._web.wait(QUIET_S)

    def stop(self) -> None:
        """End both."""
        self.was_stopped = True
        self._running.close()

    def _start(self, *command: str) -> "subprocess.Popen[bytes]":
        log = self._running.enter_context((self.data.parent / f"{command[0]}.log").open("ab"))
        process = subprocess.Popen(
            self._command(*command),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=self._env(),
            start_new_session=True,
        )
        self._running.callback(process.wait, QUIET_S)
        self._running.callback(process.terminate)
        return process

    def _await_port(self) -> None:
        from tests.snac import eventually

        eventually(self._answers, "the web to answer")

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _command(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "web.cli", "--data", str(self.data), *args]

    def _env(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith("HEARKEN_")}


@pytest.fixture
def hearken(tmp_path: Path) -> Iterator[Hearken]:
    """An installation with one admin; started by the test once it has set up what it needs."""
    installation = Hearken(tmp_path / "data")
    installation.run(
        "user", "add", EMAIL, "--role", "admin", "--team", "support", "--password-stdin", stdin=PASSWORD + "\n"
    )
    yield installation
    installation.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium")
    if path is None:
        skip_or_fail("Chromium is not installed")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


REFUSED = re.compile(r"(status of|Status Error Code) (409|422)")


def is_trouble(said: ConsoleMessage) -> bool:
    """Whether the console tells of a fault; a form that is refused (422) or asked about first (409) is none."""
    return said.type == "error" and not REFUSED.search(said.text)


@pytest.fixture
def new_page(browser: Browser, hearken: Hearken) -> Iterator[Callable[..., Page]]:
    """Pages that fail the test when a script breaks or the browser's console reports an error."""
    troubles: list[str] = []
    with ExitStack() as contexts:

        def make(**options: object) -> Page:
            context = browser.new_context(base_url=hearken.url, **options)  # type: ignore[arg-type]
            contexts.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.on("console", lambda said: troubles.append(said.text) if is_trouble(said) else None)
            return page

        yield make
    assert troubles == [] or hearken.was_stopped


def log_in(page: Page) -> None:
    """As the admin of the fixture."""
    page.goto("/login")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/*")
