"""Decisions by hand become examples, and leave with the export of corrections."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from sqlalchemy import select

from config.database import Database
from engage import conversations
from engage.answers.tables import Example
from engage.export import export, write_jsonl
from engage.tables import Conversation, Status, Team, User
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_user


@pytest.fixture
def agent(database: Database) -> User:
    with database.write() as session:
        conversation = make_conversation(session, make_brand(session), make_author(session))
        make_mention(session, conversation, "Buy followers here")
        return make_user(session)


def decide(database: Database, by: User, *, noise: bool | None = None, team: Team | None = None) -> None:
    with database.write() as session:
        version = session.get_one(Conversation, 1).version
        at = START + timedelta(minutes=version)
        if team:
            conversations.set_team(session, 1, team, by=by, now=at, version=version)
        else:
            status = Status.CLOSED if noise else Status.OPEN
            conversations.set_status(session, 1, status, by=by, now=at, version=version, noise=bool(noise))


def examples(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        return [(one.question, one.was, one.now) for one in session.scalars(select(Example).order_by(Example.at))]


def test_noise_and_another_team_teach(database: Database, agent: User) -> None:
    decide(database, agent, team=Team.MARKETING)
    decide(database, agent, noise=True)
    assert examples(database) == [("team", "support", "marketing"), ("noise", "mention", "noise")]


def test_going_back_withdraws_it(database: Database, agent: User) -> None:
    decide(database, agent, noise=True)
    decide(database, agent, noise=False)
    decide(database, agent, team=Team.MARKETING)
    decide(database, agent, team=Team.SUPPORT)
    assert examples(database) == []


def test_closing_as_done_teaches_nothing(database: Database, agent: User) -> None:
    with database.write() as session:
        conversations.set_status(session, 1, Status.CLOSED, by=agent, now=START, version=1)
    assert examples(database) == []


def test_the_export_has_them_in_order(database: Database, agent: User) -> None:
    decide(database, agent, noise=True)
    decide(database, agent, team=Team.MARKETING)
    out = StringIO()
    with database.read() as session:
        write_jsonl(export(session, "corrections", 1), out)
        assert not list(export(session, "corrections", 1, START + timedelta(days=1)))
    noise, team = (json.loads(line) for line in out.getvalue().splitlines())
    assert (noise["question"], noise["now"], noise["text"]) == ("noise", "noise", "Buy followers here")
    assert (team["question"], team["was"], team["now"], team["by"]) == ("team", "support", "marketing", agent.email)
    assert team["model"] == "complaints"
