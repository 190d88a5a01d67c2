import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from config.database import Database
from config.errors import InvalidInputError, NotFoundError
from engage.inbox import opened
from engage.tables import User
from engage.together import drafts
from engage.together.beside import Kept
from engage.together.drafts import LONGEST_DRAFT, DraftConflictError
from engage.together.tables import DraftKind
from tests.flow import NOON


def save(database: Database, by: User, text: str, seen: int = 0, place: int = 1) -> int:
    with database.write() as session:
        return drafts.save(session, place, DraftKind.REPLY, text, seen=seen, by=by, now=NOON)


def stored(database: Database, reader: User) -> Kept:
    with database.read() as session:
        return opened(session, 1, reader_id=reader.id).beside.reply


def test_a_draft_is_kept_for_its_writer_only(database: Database, people: tuple[User, User]) -> None:
    gwen, hal = people
    first = save(database, gwen, "Dear Ada")
    second = save(database, gwen, "Dear Ada,", seen=first)
    assert stored(database, gwen) == Kept("Dear Ada,", second)
    assert stored(database, hal) == Kept()
    assert save(database, gwen, " ", seen=second) == 0
    assert stored(database, gwen) == Kept()


def test_another_window_overwrites_nothing_unseen(database: Database, people: tuple[User, User]) -> None:
    gwen, _ = people
    version = save(database, gwen, "from the desk")
    with pytest.raises(DraftConflictError) as caught:
        save(database, gwen, "from the phone")
    assert (caught.value.text, caught.value.version) == ("from the desk", version)
    assert save(database, gwen, "from the desk") == version
    assert save(database, gwen, "from the phone", seen=version) != version


def test_a_late_save_does_not_bring_back_what_was_sent(database: Database, people: tuple[User, User]) -> None:
    gwen, _ = people
    version = save(database, gwen, "sent in a moment")
    with database.write() as session:
        drafts.clear(session, 1, DraftKind.REPLY, gwen.id)
    with pytest.raises(DraftConflictError):
        save(database, gwen, "sent in a moment", seen=version)
    assert stored(database, gwen) == Kept()


def test_what_cannot_be_kept_is_refused(database: Database, people: tuple[User, User]) -> None:
    with pytest.raises(InvalidInputError):
        save(database, people[0], "x" * (LONGEST_DRAFT + 1))
    with pytest.raises(NotFoundError):
        save(database, people[0], "hello", place=999)


class Window:
    """What one window shows and knows."""

    def __init__(self) -> None:
        self.text, self.version = "", 0


def test_two_windows_never_lose_a_text_unseen(sqlite_database: Database) -> None:
    """A save is taken only over the text that the same window saw last."""
    from hypothesis.stateful import run_state_machine_as_test

    from tests.flow import add_brand, add_user, flow, post

    with sqlite_database.write() as session:
        add_brand(session)
        gwen = add_user(session)
    flow(sqlite_database, post("1"))

    class Windows(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            with sqlite_database.write() as session:
                drafts.clear(session, 1, DraftKind.REPLY, gwen.id)
            self.windows = Window(), Window()
            self.kept = ""

        @rule(which=st.integers(0, 1), text=st.sampled_from(["", "a", "b", "c d"]))
        def write(self, which: int, text: str) -> None:
            window = self.windows[which]
            try:
                window.version = save(sqlite_database, gwen, text, seen=window.version)
                assert self.kept in {window.text, text}
                window.text = self.kept = text
            except DraftConflictError as error:
                assert error.text == self.kept
                window.text, window.version = error.text, error.version

        @rule(which=st.integers(0, 1))
        def send(self, which: int) -> None:
            with sqlite_database.write() as session:
                drafts.clear(session, 1, DraftKind.REPLY, gwen.id)
            self.windows[which].text, self.windows[which].version, self.kept = "", 0, ""

        @invariant()
        def the_server_has_what_was_kept(self) -> None:
            assert stored(sqlite_database, gwen).text == getattr(self, "kept", "")

    few = settings(max_examples=25, stateful_step_count=12)
    run_state_machine_as_test(Windows, settings=few)  # type: ignore[no-untyped-call]
