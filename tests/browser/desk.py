"""A full inbox to sit in front of, and what happens to it meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from config.database import Database
from engage.tables import Conversation, Role, Status, User
from listener.tables import Brand, Mention
from tests.browser.conftest import Hearken
from tests.factories import (
    Stage,
    fill,
    make_author,
    make_brand,
    make_conversation,
    make_mention,
    make_source,
    make_user,
)

expect.set_options(timeout=20_000)
"""The machine may have other work: what is right but late is right."""
FIRST_LOOK_MS = 2500
"""After this a page has surely begun to hear of changes."""


@contextmanager
def writing(hearken: Hearken) -> Iterator[Session]:
    """A transaction beside the running web."""
    database = Database(f"sqlite:///{hearken.data / 'hearken.db'}")
    with database.write() as session:
        yield session
    database.engine.dispose()


def furnish(hearken: Hearken, count: int) -> None:
    """That many conversations, a colleague named Bea, and the web started."""
    (hearken.data / "hearken.toml").write_text('analyser = "lexicon"\n')
    with writing(hearken) as session:
        make_user(session, "bea", role=Role.AGENT)
        brand = make_brand(session)
        make_source(session, brand)
        fill(session, count, users=list(session.scalars(select(User))), brands=[brand])
    hearken.start()


def arrive(hearken: Hearken, count: int, name: str = "new") -> list[int]:
    """That many new conversations, now; their ids."""
    with writing(hearken) as session:
        brand = session.scalars(select(Brand)).one()
        numbers = []
        for place in range(count):
            now = datetime.now(UTC)
            author = make_author(session, f"{name}{place}-{now.timestamp()}")
            conversation = make_conversation(
                session, brand, author, last_at=now, first_at=now, changed_at=now, excerpt="Just in", team="support"
            )
            make_mention(session, conversation, "Just in")
            numbers.append(conversation.id)
        return numbers


def close_elsewhere(hearken: Hearken, number: int) -> None:
    """A colleague closes it."""
    with writing(hearken) as session:
        conversation = session.get_one(Conversation, number)
        conversation.status, conversation.changed_at = Status.CLOSED, datetime.now(UTC)
        conversation.version += 1


def lengthen(hearken: Hearken, number: int, count: int) -> None:
    """A thread of that many more messages, the last of them just now."""
    with writing(hearken) as session:
        conversation = session.get_one(Conversation, number)
        last = session.scalars(select(Mention).order_by(Mention.id.desc()).limit(1)).one()
        now = datetime.now(UTC)
        rows = [
            {
                "id": last.id + place + 1,
                "brand_id": conversation.brand_id,
                "network": conversation.network,
                "external_id": f"long{last.id + place}",
                "author_id": conversation.author_id,
                "text": f"Message number {place + 1}. " + "My parcel is late and nobody answers. " * (place % 4),
                "url": "https://social.example/post",
                "thread": conversation.thread,
                "in_reply_to": "",
                "lang": "en",
                "likes": 0,
                "shares": 0,
                "replies": 0,
                "addressed": True,
                "reply_ref": {},
                "created_at": now - timedelta(minutes=count - place),
                "heard_at": now,
                "stage": Stage.ROUTED,
                "conversation_id": number,
            }
            for place in range(count)
        ]
        session.execute(insert(Mention), rows)
        conversation.changed_at, conversation.mention_count = now, count


def shown(page: Page) -> list[int]:
    """The conversations of the list, from the top."""
    found: list[int] = page.evaluate(
        "[...document.querySelectorAll('#lines > [data-id]')].map(row => +row.dataset.id)"
    )
    return found


def focused(page: Page) -> str:
    """What has the focus, in short: a row's conversation, else an id, else its text."""
    text: str = page.evaluate(
        """(at => at.closest('#lines > li')?.dataset.id ?? (at.id || at.textContent.trim() || at.tagName))
        (document.activeElement)"""
    )
    return text
