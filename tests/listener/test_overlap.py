from datetime import UTC, datetime, timedelta

from listener.overlap import Seen

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_what_was_heard_lately_is_known_and_survives_storing() -> None:
    heard = [("old", NOON - timedelta(minutes=2)), ("young", NOON)]

    seen = Seen.load(Seen().add(heard, since=NOON - timedelta(minutes=1)).dump())

    assert "young" in seen
    assert "old" not in seen


def test_it_forgets_what_is_older_than_asked() -> None:
    seen = Seen().add([("first", NOON), ("second", NOON + timedelta(minutes=1))], since=NOON)

    later = seen.since(NOON + timedelta(seconds=1))

    assert ("first" in later, "second" in later) == (False, True)


def test_nothing_seen_takes_no_room() -> None:
    assert Seen().dump() == {}
