"""The sample brand's team, and its weeks of work: what listener/sample/desk.py says was done, put into the history.

Answers are written as sent long ago, so that nothing of them is ever delivered.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.database import AnyRow, insert_rows
from engage import conversations, linking, users
from engage.tables import Activity, ActivityKind, Conversation, Reply, ReplyState, Role, Status, Team, User
from listener.sample.desk import Deed, Doing
from listener.sample.script import load
from listener.tables import Mention

LOYAL = 0.85
"""How often the same person goes on with a conversation."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the sample's team."""

    user: User
    languages: Sequence[str]
    share: float


@dataclass(slots=True)
class History:
    """Rows to be stored, in order."""

    replies: list[dict[str, Any]] = field(default_factory=list)
    activities: list[dict[str, Any]] = field(default_factory=list)


def add_team(session: Session, now: datetime) -> list[Colleague]:
    """The invented people, once. Their passwords are random and known to nobody, so nobody logs in as them."""
    known = {user.email: user for user in users.list_users(session)}
    return [
        Colleague(known.get(one["email"]) or _added(session, one, now), one["languages"], one["share"])
        for one in load("desk.toml")["person"]
    ]


def _added(session: Session, one: Mapping[str, Any], now: datetime) -> User:
    user, _ = users.add_user(session, one["email"], None, Role(one["role"]), Team(one["team"]), now, one["name"])
    return user


def work_off(
    session: Session, brand_id: int, source_id: int, deeds: Sequence[Deed], team: Sequence[Colleague]
) -> int:
    """Let the team have done all that about the brand's routed conversations; the number of answers."""
    mentions = _mentions(session, brand_id)
    held = {(row.network, row.external_id): row for row in mentions}
    by_conversation: dict[int, list[Deed | AnyRow]] = defaultdict(list)
    for deed in deeds:
        by_conversation[held[deed.network, deed.post].conversation_id].append(deed)
    for row in mentions:
        if row.conversation_id in by_conversation:
            by_conversation[row.conversation_id].append(row)
    history = History()
    for conversation in _conversations(session, list(by_conversation)):
        case = _Case(conversation, source_id, team, history)
        case.play(by_conversation[conversation.id], held)
    session.flush()
    insert_rows(session, Reply, history.replies)
    insert_rows(session, Activity, history.activities)
    return len(history.replies)


def _mentions(session: Session, brand_id: int) -> Sequence[AnyRow]:
    columns = (Mention.id, Mention.network, Mention.external_id, Mention.conversation_id, Mention.created_at)
    return session.execute(select(*columns).where(Mention.brand_id == brand_id)).all()


def _conversations(session: Session, ids: Sequence[int]) -> Sequence[Conversation]:
    """Without those that the rules closed as noise or nobody has touched."""
    wanted = select(Conversation).where(Conversation.id.in_(ids), Conversation.noise.is_(False))
    return session.scalars(wanted.order_by(Conversation.id)).all()


class _Case:
    """One conversation, lived through from its first mention on."""

    def __init__(
        self, conversation: Conversation, source_id: int, team: Sequence[Colleague], history: History
    ) -> None:
        self.conversation = conversation
        self.source_id = source_id
        self.history = history
        self.dice = Random(f"{conversation.network} {conversation.thread} {conversation.author_id}")
        self.able = _able(team, conversation)
        self.agent = self._somebody()

    def play(self, steps: Sequence[Deed | AnyRow], held: Mapping[tuple[str, str], AnyRow]) -> None:
        for step in sorted(steps, key=_moment):
            if isinstance(step, Deed):
                self._do(step, held[step.network, step.post].id)
            elif self.conversation.status is not Status.OPEN:
                self._set(Status.OPEN, step.created_at)
                self._trace(ActivityKind.REOPENED, linking.REOPENED, None, step.created_at)
        self.conversation.unread = self.conversation.status is Status.OPEN

    def _do(self, deed: Deed, mention_id: int) -> None:
        by = self.agent if self.dice.random() < LOYAL else self._somebody()
        match deed.doing:
            case Doing.ANSWER:
                self._answer(deed, mention_id, by)
            case Doing.NOTE:
                self._trace(ActivityKind.NOTE, deed.text, by, deed.at)
            case Doing.CLOSE:
                self._set(Status.CLOSED, deed.at)
                self._trace(ActivityKind.STATUS, conversations.CLOSED, by, deed.at)

    def _answer(self, deed: Deed, mention_id: int, by: User) -> None:
        if self.conversation.assignee_id is None:
            self.conversation.assignee_id = by.id
            self._trace(ActivityKind.ASSIGNED, f"Assigned to {by.name}", by, deed.at)
        self._trace(ActivityKind.REPLY, "Reply handed in", by, deed.at)
        self.history.replies.append(self._reply(deed, mention_id, by))
        self.conversation.answered_at = deed.at
        self._set(Status.PENDING, deed.at)

    def _reply(self, deed: Deed, mention_id: int, by: User) -> dict[str, Any]:
        return {
            "conversation_id": self.conversation.id,
            "mention_id": mention_id,
            "source_id": self.source_id,
            "network": deed.network,
            "text": deed.text,
            "state": ReplyState.SENT,
            "key": f"{self.dice.getrandbits(128):032x}",
            "user_id": by.id,
            "approved_by_id": by.id,
            "created_at": deed.at,
            "claimed_at": deed.at,
            "sent_at": deed.at,
            "attempts": 1,
            "external_id": deed.id,
            "url": deed.url,
        }

    def _set(self, status: Status, at: datetime) -> None:
        self.conversation.status = status
        self.conversation.changed_at = at
        self.conversation.hand_routed = True
        self.conversation.version += 1

    def _trace(self, kind: ActivityKind, text: str, by: User | None, at: datetime) -> None:
        self.history.activities.append(
            {
                "conversation_id": self.conversation.id,
                "user_id": by.id if by else None,
                "kind": kind,
                "text": text,
                "at": at,
            }
        )

    def _somebody(self) -> User:
        return self.dice.choices([one.user for one in self.able], [one.share for one in self.able])[0]


def _able(team: Sequence[Colleague], conversation: Conversation) -> Sequence[Colleague]:
    """Who takes it: of the right team with the right language, or as near to that as there is."""
    speaks = [one for one in team if conversation.language in one.languages]
    near = [one for one in speaks if one.user.team is conversation.team]
    return near or [one for one in team if one.user.team is conversation.team] or team


def _moment(step: Deed | AnyRow) -> datetime:
    return step.at if isinstance(step, Deed) else step.created_at
