"""Notices: what somebody should know of a conversation, in the app and, if they want it, by mail."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select, update
from sqlalchemy.orm import Session, aliased

from config.database import insert_rows
from config.errors import InvalidInputError
from engage.tables import Conversation, User
from engage.together.following import followers
from engage.together.tables import TO_ME, Follow, MailWish, Notice, NoticeKind, PersonWork
from listener.tables import Author

PAGE_SIZE = 50
MOST_COUNTED = 100
LONGEST_TEXT = 280
MAIL_AFTER = timedelta(minutes=1)
"""Who reads it in the app within this time gets no mail."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice with the names in it."""

    notice: Notice
    by: str | None
    author: str
    """With whom the conversation is."""


# --- telling -----------------------------------------------------------------------------------------------------


def tell(
    session: Session,
    user_ids: Iterable[int],
    kind: NoticeKind,
    conversation_id: int,
    text: str,
    *,
    by_id: int | None,
    now: datetime,
) -> None:
    """A notice for each of them, but for who did it."""
    people = {user_id for user_id in user_ids if user_id != by_id}
    _insert(session, [(user_id, conversation_id, text) for user_id in sorted(people)], kind, by_id, now)


def tell_followers(
    session: Session,
    kind: NoticeKind,
    conversation_id: int,
    text: str,
    *,
    by_id: int | None,
    now: datetime,
    but: Iterable[int] = (),
) -> None:
    """A notice for each who follows, but for who did it and those who are told otherwise."""
    people = followers(session, conversation_id) - set(but)
    tell(session, people, kind, conversation_id, text, by_id=by_id, now=now)


def tell_of_mentions(session: Session, texts: Mapping[int, str], now: datetime) -> None:
    """In these conversations the author wrote again: their followers hear of it, once until they look."""
    if not texts:
        return
    unread = (
        select(Notice.id)
        .where(
            Notice.conversation_id == Follow.conversation_id,
            Notice.user_id == Follow.user_id,
            Notice.kind == NoticeKind.MENTION,
            Notice.read_at.is_(None),
        )
        .exists()
    )
    rows = session.execute(
        select(Follow.user_id, Follow.conversation_id)
        .join(User, User.id == Follow.user_id)
        .where(Follow.conversation_id.in_(list(texts)), User.active, ~unread)
    ).all()
    wanted = [(user_id, place, texts[place]) for user_id, place in rows]
    _insert(session, wanted, NoticeKind.MENTION, None, now)


def _insert(
    session: Session, wanted: Sequence[tuple[int, int, str]], kind: NoticeKind, by_id: int | None, now: datetime
) -> None:
    if not wanted:
        return
    wishes = _mail_wishes(session, {user_id for user_id, *_ in wanted})
    rows = [
        {
            "user_id": user_id,
            "conversation_id": place,
            "kind": kind,
            "by_id": by_id,
            "text": shortened(text),
            "at": now,
            "mail_at": now + MAIL_AFTER if _by_mail(kind, wishes.get(user_id, MailWish.NONE)) else None,
        }
        for user_id, place, text in wanted
    ]
    insert_rows(session, Notice, rows)


def _mail_wishes(session: Session, user_ids: set[int]) -> dict[int, MailWish]:
    found = select(PersonWork.user_id, PersonWork.mails).where(PersonWork.user_id.in_(user_ids))
    return {row.user_id: row.mails for row in session.execute(found)}


def _by_mail(kind: NoticeKind, wish: MailWish) -> bool:
    return wish is MailWish.ALL or (wish is MailWish.TO_ME and kind in TO_ME)


def shortened(text: str) -> str:
    """As much of a text as a notice shows."""
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_TEXT else plain[: LONGEST_TEXT - 1] + "…"


# --- reading -----------------------------------------------------------------------------------------------------


def unread_count(user_id: int) -> ScalarSelect[int]:
    """How many somebody has not read, up to MOST_COUNTED: a part of another statement."""
    some = select(Notice.id).where(Notice.user_id == user_id, Notice.read_at.is_(None)).limit(MOST_COUNTED)
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


def latest_unread(user_id: int) -> ScalarSelect[int]:
    """The number of the latest of them, 0 where there is none: a part of another statement."""
    mine = (Notice.user_id == user_id, Notice.read_at.is_(None))
    return select(func.coalesce(func.max(Notice.id), 0)).where(*mine).scalar_subquery()


def page(session: Session, user_id: int, *, before: int | None = None) -> tuple[Sequence[Told], int | None]:
    """The latest notices of somebody, older than the number `before`; and where the next page begins."""
    found = _told().where(Notice.user_id == user_id).order_by(Notice.id.desc()).limit(PAGE_SIZE + 1)
    rows = session.execute(found.where(Notice.id < before) if before is not None else found).all()
    told = [Told(*row) for row in rows[:PAGE_SIZE]]
    return told, told[-1].notice.id if len(rows) > PAGE_SIZE else None


def fresh(session: Session, user_id: int, after: int) -> Sequence[Told]:
    """The newest unread ones above the number `after`, for a message on the page."""
    found = _told().where(Notice.user_id == user_id, Notice.read_at.is_(None), Notice.id > after)
    return [Told(*row) for row in session.execute(found.order_by(Notice.id.desc()).limit(3)).all()]


def _told() -> Select[*tuple[Any, ...]]:
    colleague = aliased(User)
    return (
        select(Notice, colleague.name, func.coalesce(func.nullif(Author.name, ""), Author.handle))
        .join(Conversation, Conversation.id == Notice.conversation_id)
        .join(Author, Author.id == Conversation.author_id)
        .outerjoin(colleague, colleague.id == Notice.by_id)
    )


def mark_read(session: Session, user_id: int, now: datetime, *, conversation_id: int | None = None) -> None:
    """Somebody has read what they were told, of one conversation or of all; a handover is read by its own button."""
    mine = update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    if conversation_id is not None:
        mine = mine.where(Notice.conversation_id == conversation_id, Notice.kind != NoticeKind.HANDOVER)
    session.execute(mine.values(read_at=now))


def set_read(session: Session, user_id: int, notice_id: int, *, read: bool, now: datetime) -> None:
    """One of them; of other people's nothing is known. Raises InvalidInputError."""
    mine = update(Notice).where(Notice.id == notice_id, Notice.user_id == user_id)
    if session.scalars(mine.values(read_at=now if read else None).returning(Notice.id)).first() is None:
        raise InvalidInputError("There is no such notice.", "Go back to the notices.")
