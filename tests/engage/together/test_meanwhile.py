import pytest

from config.database import Database
from config.errors import InvalidInputError
from engage.inbox import opened
from engage.tables import Reply, ReplyState, User
from engage.together.meanwhile import Seen, missed, read_seen
from tests.flow import NOON, flow, post


def answer(database: Database, by: User, state: ReplyState = ReplyState.SENT) -> int:
    with database.write() as session:
        values = {"conversation_id": 1, "mention_id": 1, "network": "mastodon", "text": "We look into it."}
        reply = Reply(**values, state=state, key=f"{by.id} {state}", user_id=by.id, created_at=NOON)
        session.add(reply)
        session.flush()
        return reply.id


def test_what_others_did_after_the_mark_is_told(database: Database, people: tuple[User, User]) -> None:
    gwen, hal = people
    with database.read() as session:
        seen = opened(session, 1).seen
        assert str(seen) == "0.1"
        assert missed(session, 1, seen, gwen.id) is None
    answer(database, gwen)
    answer(database, hal, ReplyState.REJECTED)
    with database.read() as session:
        assert missed(session, 1, seen, gwen.id) is None
    number = answer(database, hal, ReplyState.DRAFT)
    flow(database, post("2", "any news?", in_reply_to="1", minute=3))
    with database.read() as session:
        found = missed(session, 1, seen, gwen.id)
        assert found
        assert [(reply.id, name) for reply, name in found.replies] == [(number, "Hal")]
        assert [(mention.text, author.name) for mention, author in found.mentions] == [("any news?", "Ada")]
        assert missed(session, 1, found.seen, gwen.id) is None


def test_marks_are_read_back_and_nonsense_is_refused() -> None:
    assert read_seen("12.34") == Seen(12, 34)
    for bad in ("", "1", "1.", "a.b", "-1.2", "1.2.3", "9" * 30 + ".1"):
        with pytest.raises(InvalidInputError):
            read_seen(bad)
