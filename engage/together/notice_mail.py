"""Notices by mail, for who wants them and has not read them in the app by then. Queues; engage/mail.py sends."""

from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from config.clock import Clock
from engage import mail
from engage.tables import Conversation, User
from engage.together.tables import Notice, NoticeKind
from listener.tables import Author

BATCH = 200
STALE = timedelta(days=1)
"""So old a notice is no news by mail; they pile up where no mail server was named for a while."""
HEADLINES = {
    NoticeKind.NAMED: "{by} named you in a note on {author}",
    NoticeKind.HANDOVER: "{by} handed {author} over to you",
    NoticeKind.ASSIGNED: "{author} is yours now",
    NoticeKind.REJECTED: "{by} rejected your reply to {author}",
    NoticeKind.NOTE: "{by} wrote a note on {author}",
    NoticeKind.REPLY: "{by} answered {author}",
    NoticeKind.MENTION: "{author} wrote again",
}


def headline(kind: NoticeKind, by: str | None, author: str) -> str:
    """`Bo named you in a note on Bea`."""
    return HEADLINES[kind].format(by=by or "Hearken", author=author)


def queue_waiting(session: Session, address: str, clock: Clock, limit: int = BATCH) -> int:
    """Queue a mail for each notice that waited long enough unread; the number of notices done."""
    now = clock()
    due = select(Notice).where(Notice.mail_at <= now).order_by(Notice.mail_at).limit(limit)
    waiting = session.scalars(due.with_for_update(skip_locked=True)).all()
    unread = [notice.id for notice in waiting if notice.read_at is None and notice.at > now - STALE]
    for notice in waiting:
        notice.mail_at = None
    if unread:
        _queue(session, unread, address, now)
    session.flush()
    return len(waiting)


def _queue(session: Session, notice_ids: list[int], address: str, now: datetime) -> None:
    colleague, reader = aliased(User), aliased(User)
    rows = session.execute(
        select(Notice, reader.email, colleague.name, Author.name, Author.handle)
        .join(reader, reader.id == Notice.user_id)
        .join(Conversation, Conversation.id == Notice.conversation_id)
        .join(Author, Author.id == Conversation.author_id)
        .outerjoin(colleague, colleague.id == Notice.by_id)
        .where(Notice.id.in_(notice_ids), reader.active)
    ).all()
    for notice, email, by, name, handle in rows:
        message = EmailMessage()
        message["Subject"] = " ".join(headline(notice.kind, by, name or handle).split())
        message.set_content(
            f"{notice.text}\n\n{address}/c/{notice.conversation_id}\n\n"
            f"Which notices come by mail, you choose under {address}/account/.\n"
        )
        mail.queue_mail(session, [email], message, f"notice {notice.id}", now)
