from datetime import timedelta

import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import InvalidInputError
from engage.tables import User
from engage.together import drafts, presence
from engage.together.presence import GONE, ONLINE, There, is_online
from engage.together.tables import Doing, DraftKind, Presence
from tests.flow import NOON


def beat(database: Database, user: User, tab: str = "a", place: int | None = 1, **more: object) -> None:
    doing, after = more.get("doing", Doing.VIEWING), more.get("after", timedelta(0))
    with database.write() as session:
        presence.beat(session, user.id, tab, place, doing, NOON + after)  # type: ignore[arg-type,operator]


def around(database: Database, after: timedelta = timedelta(0)) -> dict[int, list[There]]:
    with database.read() as session:
        return presence.around(session, NOON + after)


def online(database: Database, after: timedelta = timedelta(0)) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(User.name).where(is_online(NOON + after)).order_by(User.name)))


def test_a_beat_says_where_somebody_is_and_the_next_moves_them(database: Database, people: tuple[User, User]) -> None:
    gwen, hal = people
    beat(database, gwen)
    beat(database, hal, doing=Doing.REPLYING)
    beat(database, hal, tab="b", place=None)
    assert around(database) == {1: [There(gwen.id, "Gwen", "viewing"), There(hal.id, "Hal", "replying")]}
    beat(database, gwen, place=7, after=timedelta(seconds=4))
    assert set(around(database)) == {1, 7}


def test_of_several_windows_the_strongest_counts(database: Database, people: tuple[User, User]) -> None:
    gwen, _ = people
    beat(database, gwen, tab="a", doing=Doing.NOTING)
    beat(database, gwen, tab="b", doing=Doing.REPLYING)
    beat(database, gwen, tab="c")
    assert around(database) == {1: [There(gwen.id, "Gwen", "replying")]}


def test_who_is_silent_is_gone_from_sight_soon_and_offline_later(
    database: Database, people: tuple[User, User]
) -> None:
    beat(database, people[0])
    assert around(database, GONE - timedelta(seconds=1))
    assert around(database, GONE) == {}
    assert online(database, GONE) == ["Gwen"]
    assert online(database, ONLINE) == []


def test_a_closed_page_is_gone_at_once(database: Database, people: tuple[User, User]) -> None:
    beat(database, people[0])
    with database.write() as session:
        presence.leave(session, people[1].id, "a")
    assert around(database)
    with database.write() as session:
        presence.leave(session, people[0].id, "a")
    assert around(database) == {}
    assert online(database) == []


def test_a_draft_is_told_where_somebody_looks(database: Database, people: tuple[User, User]) -> None:
    gwen, hal = people
    with database.write() as session:
        drafts.save(session, 1, DraftKind.REPLY, "Dear Ada", seen=0, by=hal, now=NOON)
        drafts.save(session, 1, DraftKind.NOTE, "hm", seen=0, by=gwen, now=NOON)
    assert around(database) == {}
    beat(database, gwen)
    assert around(database)[1] == [There(gwen.id, "Gwen", "viewing"), There(hal.id, "Hal", "draft")]
    assert presence.as_told(around(database)) == {"1": [[gwen.id, "Gwen", "viewing"], [hal.id, "Hal", "draft"]]}


def test_old_pages_are_cleared_away_and_bad_names_refused(database: Database, people: tuple[User, User]) -> None:
    beat(database, people[0])
    beat(database, people[1], after=timedelta(hours=2))
    with database.read() as session:
        assert session.scalars(select(Presence.user_id)).all() == [people[1].id]
    with pytest.raises(InvalidInputError):
        beat(database, people[0], tab="<script>")
