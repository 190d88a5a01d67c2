"""Linked mentions -> routed conversations. A stage function in bulk; the deciding is done by engage/routing.py.

A conversation gets its team with its first mention and keeps it, so that "thanks, works now" does not wander from
support to marketing; later mentions can only make it more pressing. What a person set by hand stays.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.clock import Clock
from config.database import AnyRow, insert_rows, lock_stage, update_rows
from engage.routing import Decision, Facts, RuleSet, decide
from engage.tables import Activity, ActivityKind, Conversation, Priority, Status
from listener.tables import Author, Brand, Mention, Stage, waits_for
from nlp.tables import ReadingRow


def route_waiting(session: Session, rules: RuleSet, clock: Clock, limit: int = 1000) -> int:
    """Route the conversations of mentions that were linked and not routed yet; the number of mentions done."""
    lock_stage(session, "route")
    rows = _waiting(session, limit)
    if not rows:
        return 0
    now = clock()
    deciding = _deciding(rows)
    changes = [_changes(row, decide(_facts(row), rules), rules) | {"changed_at": now} for row in deciding]
    update_rows(session, Conversation, changes)
    insert_rows(session, Activity, list(_raised(deciding, changes, now)))
    session.execute(
        update(Mention).where(Mention.id.in_([row.mention_id for row in rows])).values(stage=Stage.ROUTED)
    )
    return len(rows)


def _waiting(session: Session, limit: int) -> Sequence[AnyRow]:
    waiting = (
        select(Mention.id)
        .where(waits_for(Stage.LINKED))
        .order_by(Mention.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.execute(
        select(
            Mention.id.label("mention_id"),
            Mention.created_at,
            Mention.network,
            Mention.text,
            Mention.addressed,
            Mention.author_id,
            ReadingRow.sentiment,
            ReadingRow.intent,
            ReadingRow.p_intent,
            ReadingRow.urgency,
            ReadingRow.about,
            ReadingRow.language,
            Author.followers,
            Brand.name.label("brand"),
            Conversation.id.label("conversation_id"),
            Conversation.author_id.label("owner_id"),
            Conversation.status,
            Conversation.noise,
            Conversation.team,
            Conversation.priority,
            Conversation.tags,
            Conversation.why,
            Conversation.hand_routed,
            Conversation.mention_count,
        )
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .join(Author, Author.id == Mention.author_id)
        .join(Brand, Brand.id == Mention.brand_id)
        .join(Conversation, Conversation.id == Mention.conversation_id)
        .where(Mention.id.in_(list(session.scalars(waiting))))
        .order_by(Mention.created_at, Mention.id)
        .with_for_update(of=Conversation)  # a person may be deciding about it at this moment
    ).all()


def _raised(before: Iterable[AnyRow], after: Iterable[dict[str, Any]], now: datetime) -> Iterator[dict[str, Any]]:
    """Lines for the history of conversations that a later mention made more pressing."""
    for row, change in zip(before, after, strict=True):
        if row.team is not None and change["priority"] > row.priority:
            yield {
                "conversation_id": row.conversation_id,
                "kind": ActivityKind.PRIORITY,
                "text": f"Priority: {change['priority'].name.lower()}",
                "was": row.priority.name.lower(),
                "at": now,
            }


def _deciding(rows: Iterable[AnyRow]) -> list[AnyRow]:
    """For each conversation the mention that decides: its author's latest one. Bystanders route nothing."""
    latest = {row.conversation_id: row for row in rows if row.author_id == row.owner_id}
    return [row for row in latest.values() if not row.hand_routed]


def _facts(row: AnyRow) -> Facts:
    return Facts(
        brand=row.brand,
        network=row.network,
        sentiment=row.sentiment,
        intent=row.intent,
        sure=_sure(row.intent, row.p_intent),
        urgency=row.urgency,
        about=row.about,
        language=row.language,
        followers=row.followers,
        addressed=row.addressed,
        text=row.text,
    )


def _sure(intent: str, chances: Mapping[str, float]) -> float:
    """How sure the intent is. One that is not the likeliest was put right by a person."""
    likeliest = max(chances, key=chances.__getitem__, default=intent)
    return chances.get(intent, 1.0) if intent == likeliest else 1.0


def _changes(row: AnyRow, decision: Decision, rules: RuleSet) -> dict[str, Any]:
    rule = decision.rule
    fresh = row.team is None or row.noise or row.mention_count == 1
    asks = {"approval": rule.name} if rule.approval else {}
    why = {"rule": rule.name, "facts": dict(decision.facts), "rules": rules.version} | asks
    if not fresh:
        raised = rule.priority > row.priority
        return {
            "id": row.conversation_id,
            "team": row.team,
            "priority": Priority(max(rule.priority, row.priority)),
            "tags": [*row.tags, *(tag for tag in rule.tags if raised and tag not in row.tags)],
            "status": row.status,
            "noise": False,
            "why": _later_why(row.why, why, raised) | asks,
        }
    return {
        "id": row.conversation_id,
        "team": rule.team,
        "priority": rule.priority,
        "tags": list(dict.fromkeys([*row.tags, *rule.tags])),
        "status": Status.CLOSED if rule.noise else (Status.OPEN if row.noise else row.status),
        "noise": rule.noise,
        "why": why,
    }


def _later_why(before: Mapping[str, Any], why: Mapping[str, Any], raised: bool) -> dict[str, Any]:
    """What a rule once asked for, such as approval, a later mention does not take back."""
    kept = {"approval": before["approval"]} if "approval" in before else {}
    return kept | dict(why) | {"team_kept_from": before.get("rule", "")} if raised else dict(before)
