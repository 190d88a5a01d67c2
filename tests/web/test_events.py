import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from config.settings import Settings
from engage.tables import Conversation
from listener.tables import Brand
from tests.conftest import FakeClock
from tests.factories import START, make_author, make_brand, make_conversation
from tests.web.site import Site
from web.events import BEAT, EVENT, HELLO, News, Watch

SOON_S = 0.01
PATIENCE_S = 20


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    with site.database.write() as session:
        make_brand(session)
    yield site
    site.database.engine.dispose()


@pytest.fixture
def news(site: Site) -> Iterator[News]:
    news = News(site.database, room=2, every_s=SOON_S)
    yield news
    news.close()


def change(site: Site, handle: str, minutes: int = 0) -> None:
    with site.database.write() as session:
        author = make_author(session, handle)
        at = START + timedelta(minutes=minutes)
        make_conversation(session, session.get_one(Brand, 1), author, changed_at=at, last_at=at)


def test_a_watch_tells_each_change_once(site: Site) -> None:
    watch = Watch(site.database)
    change(site, "before")
    assert not watch.look()
    assert not watch.look()
    change(site, "first", minutes=1)
    assert watch.look()
    assert not watch.look()
    change(site, "late")
    assert watch.look()
    with site.database.write() as session:
        session.get_one(Conversation, 1).changed_at = START + timedelta(hours=1)
    assert watch.look()
    assert not watch.look()


def test_a_watch_over_nothing_sees_the_first_conversation(site: Site) -> None:
    watch = Watch(site.database)
    assert not watch.look()
    change(site, "first")
    assert watch.look()
    assert not watch.look()


def test_every_listener_hears_of_a_change(site: Site, news: News) -> None:
    streams = []
    for _ in range(2):
        assert news.enter()
        streams.append(news.listen(PATIENCE_S))
        assert next(streams[-1]) == HELLO
    heard: list[str] = []
    listeners = [threading.Thread(target=lambda stream=stream: heard.append(next(stream))) for stream in streams]
    for listener in listeners:
        listener.start()
    number = 0
    while any(listener.is_alive() for listener in listeners):
        number += 1
        change(site, f"h{number}", minutes=number)
        listeners[-1].join(0.05)
    assert heard == [EVENT, EVENT]
    for stream in streams:
        stream.close()  # type: ignore[attr-defined]


def test_a_quiet_stream_gives_signs_of_life(news: News) -> None:
    assert news.enter()
    stream = news.listen(beat_s=SOON_S)
    assert [next(stream), next(stream), next(stream)] == [HELLO, BEAT, BEAT]


def test_there_is_room_for_so_many_and_a_place_is_given_back(news: News) -> None:
    assert news.enter()
    assert news.enter()
    assert not news.enter()
    stream = news.listen()
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert news.enter()


def test_closing_ends_streams_that_wait(news: News) -> None:
    assert news.enter()
    stream = news.listen(PATIENCE_S)
    next(stream)
    left: list[list[str]] = []
    waiting = threading.Thread(target=lambda: left.append(list(stream)))
    waiting.start()
    news.close()
    waiting.join(PATIENCE_S)
    assert left == [[]]
    assert not news.enter()


def test_the_stream_is_for_people_who_are_logged_in(site: Site) -> None:
    assert site.stranger().get("/events", headers={"Accept": "text/event-stream"}).status_code == 401
    answer = site.browser().client.get("/events", buffered=False)
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    assert next(answer.response) == HELLO.encode()  # type: ignore[call-overload]
    answer.close()


def test_a_full_house_is_answered_at_once(settings: Settings, clock: FakeClock) -> None:
    site = Site(settings.model_copy(update={"threads": 4}), clock)
    news: News = site.app.extensions["hearken_news"]
    assert news.enter()
    assert news.enter()
    answer = site.browser().get("/events")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    news.close()
    site.database.engine.dispose()
