"""What was answered well before and is like an open mention: the three nearest in meaning, with their answers.

The mention's direction (nlp/meaning.py) was kept when it was read, so that nothing is judged here: the brand's latest
good answers are compared in one multiplication. Where an engine tells no direction, shared words decide.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.database import AnyRow
from engage.answers import personal
from engage.answers.render import FILL_IN, VARIABLE, first_name
from engage.answers.rules import rules_of
from engage.answers.tables import AnsweredWell
from engage.tables import Conversation, Reply
from listener.tables import Author, Mention
from nlp.tables import ReadingRow

COMPARED = 10_000
"""A brand's latest good answers; older ones are out of date."""
COMPARED_BY_WORDS = 1_000
SHOWN = 3
NEAR = 0.7
NEAR_BY_WORDS = 0.2
"""What is less alike is no help."""
WORD = re.compile(r"[^\W\d_]{3,}")
Alike = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Similar:
    """A past mention that was answered well."""

    conversation_id: int
    mention: str
    answer: str
    """As it was sent."""
    adapted: str
    """With this person's name; what was personal is a gap."""
    sent_at: datetime
    happier: bool
    """They came back happier."""


def similar(session: Session, conversation_id: int) -> list[Similar]:
    """The three nearest to the author's latest mention, the nearest first; none where nothing is near."""
    row = _latest(session, conversation_id)
    if row is None or row.deleted_at is not None:
        return []
    nearest = _by_meaning(session, row) if row.meaning else _by_words(session, row)
    order_number = rules_of(session, row.brand_id).order_number
    return [_told(found, row, order_number) for found in _details(session, nearest)]


def _latest(session: Session, conversation_id: int) -> AnyRow | None:
    return session.execute(
        select(
            *(Mention.id, Mention.text, Mention.deleted_at, Mention.brand_id, Conversation.language),
            *(ReadingRow.meaning, ReadingRow.model, Author.name, Author.handle),
        )
        .join(Conversation, Conversation.id == Mention.conversation_id)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .join(Author, Author.id == Mention.author_id)
        .where(Conversation.id == conversation_id, Mention.author_id == Conversation.author_id)
        .order_by(Mention.created_at.desc(), Mention.id.desc())
        .limit(1)
    ).first()


def _by_meaning(session: Session, row: AnyRow) -> list[int]:
    """Replies to mentions of like meaning. Those read by another engine point elsewhere and are left out."""
    model = row.model.partition("+")[0]
    good = session.execute(
        select(AnsweredWell.reply_id, AnsweredWell.score, AnsweredWell.meaning)
        .where(AnsweredWell.brand_id == row.brand_id, AnsweredWell.score > 0, AnsweredWell.mention_id != row.id)
        .where(AnsweredWell.model == model)
        .order_by(AnsweredWell.sent_at.desc())
        .limit(COMPARED)
    ).all()
    size = len(row.meaning)
    good = [one for one in good if len(one[2]) == size]
    if not good:
        return []
    directions = np.frombuffer(b"".join(one[2] for one in good), np.int8).reshape(len(good), size)
    own = np.frombuffer(row.meaning, np.int8).astype(np.float32)
    lengths = np.linalg.norm(directions, axis=1) * np.linalg.norm(own)
    alike = directions.astype(np.float32) @ own / np.maximum(lengths, 1e-9)
    return _best(alike, [one[1] for one in good], [one[0] for one in good], NEAR)


def _by_words(session: Session, row: AnyRow) -> list[int]:
    good = session.execute(
        select(AnsweredWell.reply_id, AnsweredWell.score, Mention.text)
        .join(Mention, Mention.id == AnsweredWell.mention_id)
        .where(AnsweredWell.brand_id == row.brand_id, AnsweredWell.score > 0, AnsweredWell.mention_id != row.id)
        .order_by(AnsweredWell.sent_at.desc())
        .limit(COMPARED_BY_WORDS)
    ).all()
    own = words_of(row.text)
    alike = np.array([shared(own, words_of(one[2])) for one in good], np.float32)
    return _best(alike, [one[1] for one in good], [one[0] for one in good], NEAR_BY_WORDS)


def words_of(text: str) -> frozenset[str]:
    """The words of three letters and more."""
    return frozenset(WORD.findall(text.casefold()))


def shared(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of words that two texts have in common (Jaccard)."""
    return len(one & other) / max(len(one | other), 1)


def _best(
    alike: "np.typing.NDArray[np.float32]", scores: Sequence[float], ids: Sequence[int], near: float
) -> list[int]:
    """The nearest, a little in favour of those whose people came back happier."""
    worth = np.where(alike >= near, alike + 0.1 * (np.array(scores, np.float32) - 1), -1)
    order = np.argsort(-worth, kind="stable")[: 4 * SHOWN]
    return [ids[place] for place in order if worth[place] >= 0]


def _details(session: Session, reply_ids: Sequence[int]) -> list[AnyRow]:
    """With their texts, in this order; the same answer only once."""
    if not reply_ids:
        return []
    rows = session.execute(
        select(
            *(Reply.id, Reply.conversation_id, Reply.sent_at, Reply.text, AnsweredWell.score),
            *(Mention.text.label("mention"), Author.name, Author.handle),
        )
        .join(AnsweredWell, AnsweredWell.reply_id == Reply.id)
        .join(Mention, Mention.id == Reply.mention_id)
        .join(Author, Author.id == Mention.author_id)
        .where(Reply.id.in_(reply_ids), Mention.deleted_at.is_(None))
    ).all()
    by_id = {row.id: row for row in rows}
    found = {by_id[number].text.casefold(): by_id[number] for number in reversed(reply_ids) if number in by_id}
    return sorted(found.values(), key=lambda row: reply_ids.index(row.id))[:SHOWN]


def _told(found: AnyRow, row: AnyRow, order_number: str) -> Similar:
    return Similar(
        conversation_id=found.conversation_id,
        mention=found.mention,
        answer=found.text,
        adapted=adapted(found.text, (found.name, found.handle), (row.name, row.handle), order_number),
        sent_at=found.sent_at,
        happier=found.score > 1,
    )


def adapted(text: str, old: tuple[str, str], new: tuple[str, str], order_number: str = "") -> str:
    """An answer for somebody else: (name, handle) of `old` become those of `new`; what is personal, a gap. Pure."""
    names = {f"@{old[1].lstrip('@')}": f"@{new[1].lstrip('@')}", old[0]: new[0]}
    if first_name(old[0]):
        names[first_name(old[0])] = first_name(new[0]) or "{{contact.first_name}}"
    for datum in reversed(personal.find(text, order_number)):
        text = text[: datum.start] + FILL_IN + text[datum.end :]
    known = sorted((name for name in names if len(name) > 1), key=len, reverse=True)
    if not known:
        return text
    pattern = re.compile(rf"{VARIABLE.pattern}|(?<![\w@])(?:{'|'.join(map(re.escape, known))})(?!\w)")
    return pattern.sub(lambda match: names.get(match.group(), match.group()), text)
