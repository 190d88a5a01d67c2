"""Live updates: one thread looks once a second whether anything changed, and every open page hears of it.

Who is in which conversation is told as it is, so that no page need ask for it.

An event says only that there is news; the page then asks /refresh for what it shows. A page holds one thread of the
server for as long as it is in sight, so there is room for so many only; the others ask now and then instead.
"""

import json
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import structlog
from flask import Blueprint, Flask, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from config.clock import Clock, utc_now
from config.database import Database
from engage import inbox
from engage.together import presence

blueprint = Blueprint("events", __name__)
log = structlog.get_logger()

EVERY_S = 1.0
BEAT_S = 15.0
"""A sign of life at least this often, by which either side notices that the other is gone."""
LATE = timedelta(minutes=1)
"""A change may be dated this much before it is saved."""
EVENT = "event: changed\ndata: {}\n\n"
BEAT = ": still here\n\n"
HELLO = "retry: 2000\n\n"
NOBODY = "{}"


class Watch:
    """Notices changes of one conversation or more between two looks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._since = datetime(2000, 1, 1, tzinfo=UTC)
        self._before: inbox.Pulse | None = None

    def look(self) -> bool:
        """Whether anything changed since the last look; the first look never tells."""
        with self._database.read() as session:
            found = inbox.pulse(session, self._since)
            changed = self._before is not None and found != self._before
            if found.latest and (changed or self._before is None):
                self._since = found.latest - LATE
                found = inbox.pulse(session, self._since)
        self._before = found
        return changed


def presence_event(there: str) -> str:
    """Who is where, as pages get it."""
    return f"event: presence\ndata: {there}\n\n"


class News:
    """Tells every listener of this process when something changed. The looking stops with the last listener."""

    def __init__(self, database: Database, room: int, every_s: float = EVERY_S, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._watch = Watch(database)
        self._there = NOBODY
        self._room = room
        self._every_s = every_s
        self._changed = threading.Condition()
        self._number = 0
        self._listeners = 0
        self._thread: threading.Thread | None = None
        self._closed = False

    def enter(self) -> bool:
        """Take a place among the listeners; False where there is none left."""
        with self._changed:
            if self._closed or self._listeners >= self._room:
                return False
            self._listeners += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="news", daemon=True)
                self._thread.start()
            return True

    def leave(self) -> None:
        """Give the place back."""
        with self._changed:
            self._listeners -= 1
            self._changed.notify_all()

    def listen(self, beat_s: float = BEAT_S) -> Iterator[str]:
        """The stream of one listener who has entered, until it goes away or the process ends."""
        try:
            yield HELLO
            told = (self._number, NOBODY)
            while not self._closed:
                before, told = told, self._wait(told, beat_s)
                if not self._closed:
                    yield _difference(before, told)
        finally:
            self.leave()

    def _wait(self, told: tuple[int, str], beat_s: float) -> tuple[int, str]:
        """The number of the latest news and who is there, once they are not as `told` or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._number, self._there) != told, beat_s)
            return self._number, self._there

    def close(self) -> None:
        """End every stream. Sets a flag and starts a thread only, so that a signal handler may call it."""
        self._closed = True
        threading.Thread(target=self._wake, name="news end", daemon=True).start()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        while self._wanted():
            try:
                news, there = self._watch.look(), self._look_around()
            except SQLAlchemyError as error:
                log.warning("cannot look for news", error=str(error))
                continue
            if news or there != self._there:
                with self._changed:
                    self._number += news
                    self._there = there
                    self._changed.notify_all()

    def _look_around(self) -> str:
        with self._database.read() as session:
            there = presence.around(session, self._clock())
        return json.dumps(presence.as_told(there), ensure_ascii=False)

    def _wanted(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed, self._every_s)
            if self._closed or not self._listeners:
                self._thread = None
                return False
            return True


def _difference(before: tuple[int, str], now: tuple[int, str]) -> str:
    events = EVENT if now[0] != before[0] else ""
    if now[1] != before[1]:
        events += presence_event(now[1])
    return events or BEAT


def init_app(app: Flask) -> None:
    """Give the app its news; a quarter of the server's threads stay free for pages."""
    threads = app.extensions["hearken_settings"].threads
    room = threads - max(2, threads // 4)
    app.extensions["hearken_news"] = News(app.extensions["hearken"], room, clock=app.extensions["hearken_clock"])


@blueprint.get("/events")
def stream() -> Response:
    """The stream of one page."""
    news = cast(News, current_app.extensions["hearken_news"])
    if not news.enter():
        return Response("No room for another live page.\n", 503, {"Retry-After": "60"}, mimetype="text/plain")
    return Response(
        news.listen(), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    )


def end_with(worker: Any) -> None:
    """gunicorn's `post_worker_init`: end the streams as soon as the worker is told to stop, or they would hold it."""
    news = cast(News, worker.wsgi.extensions["hearken_news"])
    for number, handle in ((signal.SIGTERM, worker.handle_exit), (signal.SIGINT, worker.handle_quit)):
        signal.signal(number, _closing(news, handle))


def _closing(news: News, handle: Any) -> Any:
    def close_first(number: int, frame: Any) -> None:
        news.close()
        handle(number, frame)

    return close_first
