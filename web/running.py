"""Processes: the web server, the listener, and both together under one Ctrl-C."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from gunicorn.app.base import BaseApplication

from config.errors import SettingsError
from config.settings import Settings
from web import create_app, events

PATIENCE_S = 30
"""How long a stopping process may finish the stage in hand."""


class WebServer(BaseApplication):  # type: ignore[misc]
    """gunicorn, set up from our settings: one process, a thread for each request and each open browser tab."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        chosen: dict[str, Any] = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": self._settings.threads,
            "timeout": 60,
            "graceful_timeout": 3,
            "loglevel": "warning",
            "post_worker_init": events.end_with,
            "control_socket_disable": True,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made in the worker process."""
        return create_app(self._settings)


def serve(settings: Settings) -> None:
    """Serve the web until told to stop. Raises SettingsError where the address is taken."""
    refuse_taken_address(settings)
    WebServer(settings).run()


def refuse_taken_address(settings: Settings) -> None:
    """Raise SettingsError if nothing can listen on host and port."""
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise SettingsError(
            f"Hearken cannot listen on {settings.host} port {settings.port}: {error.strerror}.",
            "Choose another with --port, or stop what uses it.",
        ) from None


@contextlib.contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, instead of breaking off whatever is being done."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_with_parent() -> None:
    """End this process like Ctrl-C would when its standard input closes, that is, when its parent is gone."""

    def wait() -> None:
        while os.read(0, 1024):  # not sys.stdin: its lock would be held at the interpreter's end
            pass
        signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=wait, daemon=True, name="parent watch").start()


def run_together(commands: Sequence[Sequence[str]], stop: threading.Event) -> int:
    """Run these hearken commands side by side until `stop`, or until one of them ends; the exit code.

    They get their own process group, so that a Ctrl-C reaches only us, and a pipe whose end tells them that we are
    gone, however we went.
    """
    children = [
        subprocess.Popen(  # noqa: S603 (our own program, our own arguments)
            [sys.executable, "-m", "web.cli", *command], stdin=subprocess.PIPE, start_new_session=True
        )
        for command in commands
    ]
    try:
        while not stop.wait(0.2):
            if any(child.poll() is not None for child in children):
                break
    finally:
        failed = [code for child in children if (code := child.poll())]
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                child.kill()
    return failed[0] if failed else 0
