"""The sample's weeks of work, in a loaded database."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.database import Database
from config.secrets import Vault
from config.settings import Settings
from engage import brands, sample, sources, team, users
from engage.analytics import Slice
from engage.outcomes import Outcome
from engage.pipeline import Pipeline
from engage.tables import Activity, ActivityKind, Conversation, Reply, ReplyState, Role, Status, User
from engage.tables import Team as TeamName
from listener.sample import BRAND, compose
from listener.tables import Mention
from tests.conftest import FakeClock

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    clock = FakeClock()
    clock.now = NOW
    return clock


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, clock: FakeClock) -> Iterator[Pipeline]:
    """The sample brand, heard, routed and worked off."""
    folder = tmp_path_factory.mktemp("sample")
    settings = Settings(data=folder)
    database = Database(settings.url)
    database.migrate()
    composed = compose(NOW)
    composed.write(folder / "sample.jsonl")
    pipeline = Pipeline(database, settings, Vault.in_folder(folder), clock)
    with database.write() as session:
        brand = brands.add(session, BRAND.name, BRAND.query, BRAND.products, BRAND.competitors, NOW)
        options = {"path": str(folder / "sample.jsonl")}
        by = users.command_line_user()
        source = sources.add(session, pipeline.vault, "replay", brand.id, options, {}, 15, by=by, now=NOW)
    pipeline.run_once()
    with database.write() as session:
        sample.work_off(session, brand.id, source.id, composed.deeds, sample.add_team(session, NOW))
    pipeline.roll()
    yield pipeline
    database.engine.dispose()


def weeks(first: int, last: int) -> Slice:
    return Slice(1, (NOW - timedelta(days=first)).date(), (NOW - timedelta(days=last)).date())


def test_two_teams_and_a_manager_whom_nobody_can_log_in_as(loaded: Pipeline) -> None:
    with loaded.database.read() as session:
        people = users.list_users(session)
        assert Counter(one.role for one in people) == {Role.AGENT: 3, Role.MANAGER: 1}
        assert {one.team for one in people if one.role is Role.AGENT} == set(TeamName)
        for one in people:
            for guess in ("", "password", "hearken", one.name, one.email, "kestova"):
                assert users.authenticate(session, one.email, guess) is None


def test_the_team_is_added_once(loaded: Pipeline) -> None:
    with loaded.database.write() as session:
        again = sample.add_team(session, NOW)
        assert len(again) == 4
        assert session.scalar(select(func.count()).select_from(User)) == 4


def test_nothing_of_it_is_sent(loaded: Pipeline, clock: FakeClock) -> None:
    with loaded.database.read() as session:
        assert set(session.scalars(select(Reply.state))) == {ReplyState.SENT}
    assert loaded.deliver() == 0
    assert not (Path(loaded.settings.data) / "outbox.jsonl").exists()


def test_answers_stand_in_the_conversation_of_the_mention_that_they_answer(loaded: Pipeline) -> None:
    with loaded.database.read() as session:
        rows = session.execute(
            select(Reply, Mention, Conversation)
            .join(Mention, Mention.id == Reply.mention_id)
            .join(Conversation, Conversation.id == Reply.conversation_id)
        ).all()
    assert len(rows) > 300
    for reply, mention, conversation in rows:
        assert mention.conversation_id == conversation.id and mention.created_at <= reply.sent_at <= NOW
        assert not conversation.noise and conversation.answered_at >= reply.sent_at


def test_the_status_is_what_the_last_step_left(loaded: Pipeline) -> None:
    with loaded.database.read() as session:
        found = session.scalars(select(Conversation).where(Conversation.hand_routed)).all()
        closings = session.execute(
            select(Activity.conversation_id, func.max(Activity.at))
            .where(Activity.kind == ActivityKind.STATUS)
            .group_by(Activity.conversation_id)
        )
        closed_at = {row[0]: row[1] for row in closings}
    assert {one.status for one in found} == {Status.OPEN, Status.PENDING, Status.CLOSED}
    for one in found:
        steps = {Status.CLOSED: closed_at.get(one.id), Status.PENDING: one.answered_at, Status.OPEN: one.last_at}
        latest = max((at, status) for status, at in steps.items() if at)[1]
        assert one.status is latest, one.id


def test_the_figures_of_the_team_are_believable(loaded: Pipeline) -> None:
    with loaded.database.read() as session:
        usual, bad = (team.team(session, weeks(*days), NOW) for days in ((54, 20), (18, 16)))
    assert 0.25 < usual.answered / usual.begun < 0.6
    assert usual.first_answer.median and bad.first_answer.median
    assert bad.first_answer.median > 2 * usual.first_answer.median, "the incident keeps people waiting"
    assert team.met(usual).value > team.met(bad).value
    for outcome in Outcome:
        assert usual.became[outcome] > 0, outcome
    assert team.recovered(usual).value > 0.4


def test_each_of_the_team_works_in_their_own(loaded: Pipeline) -> None:
    with loaded.database.read() as session:
        rows = session.execute(
            select(User.name, User.team, Conversation.team, func.count())
            .join(Reply, Reply.user_id == User.id)
            .join(Conversation, Conversation.id == Reply.conversation_id)
            .group_by(User.name, User.team, Conversation.team)
        ).all()
    assert len({row[0] for row in rows}) == 4
    right = sum(row[3] for row in rows if row[1] == row[2])
    assert right > 0.9 * sum(row[3] for row in rows)
