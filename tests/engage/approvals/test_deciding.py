from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from engage import conversations
from engage.approvals import deciding, policies
from engage.approvals.tables import ReplyEdit
from engage.tables import Activity, Reply, ReplyState, Role, User
from engage.together.tables import Notice, NoticeKind
from listener.tables import Mention, Source
from tests.flow import NOON, add_source, add_user
from tests.replying import begin, conversation, stored, write


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox.jsonl"


@pytest.fixture
def gwen(database: Database, outbox: Path) -> User:
    return begin(database, outbox)


@pytest.fixture
def boss(database: Database, gwen: User) -> User:
    with database.write() as session:
        return add_user(session, "Boss", Role.MANAGER)


def draft(database: Database, by: User, text: str = "We are on it.", **more: object) -> Reply:
    return write(database, by, text, approval_required=True, **more)


def approve(database: Database, reply: Reply, by: User, **more: object) -> Reply:
    with database.write() as session:
        return deciding.approve(session, reply.id, **{"by": by, "now": NOON, **more})  # type: ignore[arg-type]


def reject(database: Database, reply: Reply, by: User, reason: str = "") -> Reply:
    with database.write() as session:
        return deciding.reject(session, reply.id, reason, by=by, now=NOON)


def lay_down(database: Database, boss: User, **more: object) -> None:
    asked = {"role": None, "team": None, "network": "", "brand_id": None, "approver": Role.MANAGER, "now": NOON}
    with database.write() as session:
        policies.add(session, **{**asked, "by": boss, **more})  # type: ignore[arg-type]


def traces(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Activity.text).order_by(Activity.id)))


def test_an_agents_reply_waits_for_a_manager(database: Database, gwen: User, boss: User) -> None:
    waiting = draft(database, gwen)
    assert waiting.state is ReplyState.DRAFT
    with pytest.raises(NotAllowedError):
        approve(database, waiting, gwen)
    approve(database, waiting, boss)
    assert (stored(database).state, stored(database).approved_by_id) == (ReplyState.APPROVED, boss.id)
    with pytest.raises(ConflictError, match="on its way"):
        approve(database, waiting, boss)


def test_an_approved_reply_waits_for_undo_too(database: Database, gwen: User, boss: User) -> None:
    assert approve(database, draft(database, gwen), boss, undo_s=10).not_before == NOON + timedelta(seconds=10)


def test_a_manager_needs_no_approval_by_the_setting(database: Database, boss: User) -> None:
    assert draft(database, boss).state is ReplyState.APPROVED


def test_what_an_approver_changes_is_traced(database: Database, gwen: User, boss: User) -> None:
    waiting = draft(database, gwen, "We are on in.")
    approve(database, waiting, boss, text="We are on it.", edits=0)
    assert (stored(database).text, stored(database).edits, stored(database).user_id) == ("We are on it.", 1, gwen.id)
    with database.read() as session:
        [edit] = session.scalars(select(ReplyEdit))
    assert (edit.before, edit.user_id) == ("We are on in.", boss.id)
    assert traces(database)[-1] == "Reply approved with changes"


def test_an_approvers_text_keeps_to_the_networks_length(database: Database, gwen: User, boss: User) -> None:
    waiting = draft(database, gwen)
    for text, words in (("x" * 300, "X takes 280"), ("  ", "empty")):
        with pytest.raises(InvalidInputError, match=words):
            approve(database, waiting, boss, text=text)
    assert (stored(database).state, stored(database).text) == (ReplyState.DRAFT, "We are on it.")


def test_nobody_approves_words_that_they_did_not_read(database: Database, gwen: User, boss: User) -> None:
    waiting = draft(database, gwen)
    with database.write() as session:
        session.get_one(Reply, waiting.id).edits = 1
    with pytest.raises(ConflictError, match="changed this draft"):
        approve(database, waiting, boss, edits=0)


def test_a_reply_to_a_post_removed_meanwhile_is_not_approved(database: Database, gwen: User, boss: User) -> None:
    waiting = draft(database, gwen)
    with database.write() as session:
        session.scalars(select(Mention)).one().deleted_at = NOON
    with pytest.raises(InvalidInputError, match="removed this post"):
        approve(database, waiting, boss)


def test_a_draft_whose_account_was_removed_goes_through_another(database: Database, gwen: User, boss: User) -> None:
    waiting = write(database, gwen, for_discussion=True)
    with database.write() as session:
        other = add_source(session, 1)
        session.scalars(select(Mention)).one().source_id = other
        session.get_one(Reply, waiting.id).source_id = None
        session.flush()
        session.delete(session.get_one(Source, 1))
    assert approve(database, waiting, boss).source_id == other


# --- rejecting ---------------------------------------------------------------------------------------------------


def test_a_rejection_needs_a_reason_and_the_writer_learns_of_it(database: Database, gwen: User, boss: User) -> None:
    waiting = draft(database, gwen)
    with database.write() as session:
        other = add_user(session, "Other")
    with pytest.raises(NotAllowedError):
        reject(database, waiting, other, "I do not like it")
    with pytest.raises(InvalidInputError, match="reason"):
        reject(database, waiting, boss)
    with database.write() as session:
        conversations.mark_read(session, 1)
    refused = reject(database, waiting, boss, "better  by phone")
    assert (refused.state, refused.reason, refused.rejected_by_id) == (
        ReplyState.REJECTED,
        "better by phone",
        boss.id,
    )
    assert conversation(database).unread
    assert traces(database)[-1] == "Reply rejected: better by phone"
    with database.read() as session:
        [notice] = session.scalars(select(Notice).where(Notice.kind == NoticeKind.REJECTED))
    assert (notice.user_id, notice.text) == (gwen.id, "better by phone")


def test_a_writer_withdraws_without_a_reason(database: Database, gwen: User) -> None:
    assert reject(database, draft(database, gwen), gwen).state is ReplyState.REJECTED
    assert traces(database)[-1] == "Reply withdrawn"


def test_a_rejected_reply_is_handed_in_again_in_a_chain(database: Database, gwen: User, boss: User) -> None:
    first = draft(database, gwen)
    reject(database, first, boss, "friendlier, please")
    second = draft(database, gwen, "We are on it, thank you.", after=first.id)
    assert (second.state, second.before_id) == (ReplyState.DRAFT, first.id)
    assert stored(database, first.id).state is ReplyState.REJECTED


def test_a_writer_puts_a_waiting_draft_better(database: Database, gwen: User) -> None:
    first = draft(database, gwen)
    draft(database, gwen, "Better.", after=first.id)
    assert stored(database, first.id).state is ReplyState.REPLACED


def test_a_colleague_does_not_replace_what_waits_for_approval(database: Database, gwen: User) -> None:
    first = draft(database, gwen)
    with database.write() as session:
        other = add_user(session, "Other")
    draft(database, other, "Other words.", after=first.id)
    assert stored(database, first.id).state is ReplyState.DRAFT


# --- several side by side ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reject_others", "becomes"), [(True, ReplyState.REJECTED), (False, ReplyState.DRAFT)])
def test_approving_one_rejects_or_leaves_the_others(
    database: Database, gwen: User, boss: User, reject_others: bool, becomes: ReplyState
) -> None:
    one, two = draft(database, gwen), draft(database, gwen, "Something else.")
    approve(database, one, boss, reject_others=reject_others)
    assert (stored(database, one.id).state, stored(database, two.id).state) == (ReplyState.APPROVED, becomes)
    assert stored(database, two.id).reason == (deciding.ANOTHER if reject_others else "")


def test_a_draft_for_discussion_asks_nobody_and_anybody_hands_it_in(
    database: Database, gwen: User, boss: User
) -> None:
    talked = write(database, gwen, "x" * 300, for_discussion=True)
    assert talked.state is ReplyState.DISCUSSED
    with pytest.raises(InvalidInputError, match="X takes 280"):
        approve(database, talked, boss)
    with database.write() as session:
        other = add_user(session, "Other")
    sent = write(database, other, "x" * 200, after=talked.id)
    assert sent.state is ReplyState.APPROVED and stored(database, talked.id).state is ReplyState.REPLACED


# --- whose word counts -------------------------------------------------------------------------------------------


def test_nobody_approves_their_own_where_they_need_approval(database: Database, boss: User) -> None:
    lay_down(database, boss)
    own = write(database, boss)
    assert own.state is ReplyState.DRAFT
    with pytest.raises(NotAllowedError, match="your own"):
        approve(database, own, boss)
    with database.write() as session:
        second = add_user(session, "Second", Role.MANAGER)
    assert approve(database, own, second).state is ReplyState.APPROVED


def test_who_may_send_without_approval_may_let_their_own_draft_out(database: Database, boss: User) -> None:
    talked = write(database, boss, for_discussion=True)
    assert approve(database, talked, boss).state is ReplyState.APPROVED


def test_a_policy_that_asks_for_an_admin_means_it(database: Database, gwen: User, boss: User) -> None:
    lay_down(database, boss, approver=Role.ADMIN, role=Role.AGENT)
    waiting = write(database, gwen)
    with pytest.raises(NotAllowedError, match="by an admin"):
        approve(database, waiting, boss)
    with database.write() as session:
        admin = add_user(session, "Root", Role.ADMIN)
    assert approve(database, waiting, admin).state is ReplyState.APPROVED


def test_an_unknown_reply_is_not_found(database: Database, boss: User) -> None:
    with pytest.raises(NotFoundError), database.write() as session:
        deciding.approve(session, 999, by=boss, now=NOON)
