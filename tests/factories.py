"""Conversations and all they stand on, made up; one by one for tests, in bulk for measuring."""

import itertools
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlalchemy.orm import Session

from engage import rollups, team_rollups
from engage.tables import Contact, Conversation, Identity, Priority, Role, Status, Team, User
from listener.tables import Author, Brand, Mention, Source, Stage
from nlp.naming import places_text, voices_text
from nlp.reading import About, Intent, Sentiment
from nlp.tables import ReadingRow

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""The moment at which tests/conftest.py's clock stands."""
BULK = 5_000
Row = TypeVar("Row")


def make_user(session: Session, name: str = "Ada Moss", **values: Any) -> User:
    """Somebody of the team; an agent in support."""
    values = {
        "email": f"{name.split()[0].lower()}@example.com",
        "password_hash": "x",
        "role": Role.AGENT,
        "team": Team.SUPPORT,
        "created_at": START,
    } | values
    return _added(session, User(name=name, **values))


def make_brand(session: Session, name: str = "Norvik") -> Brand:
    """A brand that is listened for."""
    return _added(session, Brand(name=name, query=name, products=[], competitors=[], created_at=START))


def make_source(session: Session, brand: Brand, network: str = "mastodon", **values: Any) -> Source:
    """A listening post that works."""
    values = {"options": {}, "cursor": {}, "interval_s": 120, "next_run_at": START, "created_at": START} | values
    return _added(session, Source(brand_id=brand.id, network=network, **values))


def make_author(session: Session, handle: str = "bea", network: str = "mastodon", **values: Any) -> Author:
    """An account on a network."""
    values = {
        "name": handle.capitalize(),
        "followers": 120,
        "url": f"https://social.example/@{handle}",
        "website": "",
        "bio": "",
        "avatar_url": "",
        "first_heard_at": START,
    } | values
    return _added(session, Author(network=network, external_id=f"{network}-{handle}", handle=handle, **values))


def make_contact(session: Session, author: Author) -> Contact:
    """The contact behind an author."""
    contact = _added(session, Contact(name=author.name, tags=[], created_at=START))
    _added(
        session,
        Identity(author_id=author.id, contact_id=contact.id, reason="new contact", score=1.0, created_at=START),
    )
    return contact


def make_conversation(session: Session, brand: Brand, author: Author, **values: Any) -> Conversation:
    """An open, routed conversation without mentions; `make_mention` adds them."""
    contact_id = values.pop("contact_id", None) or make_contact(session, author).id
    values = {
        "thread": f"thread-{author.handle}",
        "status": Status.OPEN,
        "team": Team.SUPPORT,
        "tags": [],
        "sentiment": Sentiment.NEGATIVE,
        "intent": Intent.COMPLAINT,
        "urgency": 0.4,
        "language": "en",
        "excerpt": "My parcel is late.",
        "mention_count": 1,
        "why": {"rule": "complaints", "facts": {"intent": "complaint"}, "rules": 1},
        "first_at": START,
        "last_at": START,
        "changed_at": START,
    } | values
    return _added(
        session,
        Conversation(brand_id=brand.id, network=author.network, author_id=author.id, contact_id=contact_id, **values),
    )


def make_mention(
    session: Session, conversation: Conversation, text: str = "My parcel is late.", **values: Any
) -> Mention:
    """A mention in the conversation, by its author, with a reading."""
    number = values.pop("number", 1)
    values = {
        "brand_id": conversation.brand_id,
        "network": conversation.network,
        "external_id": f"{conversation.thread}-{number}",
        "author_id": conversation.author_id,
        "url": f"https://social.example/{conversation.thread}/{number}",
        "thread": conversation.thread,
        "in_reply_to": "",
        "lang": "en",
        "likes": 0,
        "shares": 0,
        "replies": 0,
        "addressed": True,
        "reply_ref": {},
        "created_at": START + timedelta(minutes=number),
        "heard_at": START + timedelta(minutes=number),
        "stage": Stage.ROUTED,
    } | values
    mention = _added(session, Mention(conversation_id=conversation.id, text=text, **values))
    _added(
        session,
        ReadingRow(
            mention_id=mention.id,
            sentiment=conversation.sentiment,
            p_negative=0.8,
            p_neutral=0.15,
            p_positive=0.05,
            intent=conversation.intent,
            p_intent={str(conversation.intent): 0.9},
            urgency=conversation.urgency,
            language="en",
            entities=[],
            about=About.BRAND,
            model="vader-rules/1",
            read_at=START,
        ),
    )
    return mention


def name_in(reading: ReadingRow, entities: list[Any], towards: Mapping[str, Any] | None = None) -> None:
    """Let the reading name these, as if it had been stored so."""
    reading.entities, reading.extra = entities, {"towards": dict(towards or {})}
    reading.voices, reading.places = voices_text(entities, towards or {}), places_text(entities)


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


WORDS = tuple(
    """parcel late refund thanks lovely broken support waiting phone app crash delivery order price when how please
    great never again battery shipping friendly help answer update invoice account login slow fast quality box green
    blue""".split()  # noqa: SIM905
)
NETWORKS = ("x", "reddit", "mastodon", "bluesky", "hackernews")


def fill(session: Session, conversations: int, *, users: list[User], brands: list[Brand], seed: int = 7) -> None:
    """That many conversations of one to three mentions each, spread over half a year; deterministic."""
    made_up = _made_up(conversations, users, brands, random.Random(seed))
    while rows := list(itertools.islice(made_up, BULK)):
        for table in (Author, Contact, Identity, Conversation, Mention, ReadingRow):
            session.execute(insert(table), [values for row in rows for values in row[table]])


def _made_up(
    count: int, users: list[User], brands: list[Brand], dice: random.Random
) -> Iterator[dict[type[Any], list[dict[str, Any]]]]:
    mention_ids = itertools.count(1)
    for number in range(1, count + 1):
        texts = [" ".join(dice.choices(WORDS, k=dice.randrange(6, 30))) for _ in range(dice.randrange(1, 4))]
        last = START - timedelta(minutes=dice.randrange(260_000))
        conversation = _made_up_conversation(number, texts, last, users, brands, dice)
        mentions = [
            _made_up_mention(next(mention_ids), conversation, text, last - timedelta(hours=len(texts) - place))
            for place, text in enumerate(texts)
        ]
        name = f"{dice.choice(WORDS).capitalize()} {number}"
        yield {
            Author: [_made_up_author(conversation, name, dice)],
            Contact: [{"id": number, "name": name, "tags": [], "created_at": last}],
            Identity: [
                {"author_id": number, "contact_id": number, "reason": "new contact", "score": 1.0, "created_at": last}
            ],
            Conversation: [conversation],
            Mention: mentions,
            ReadingRow: [_made_up_reading(mention["id"], conversation) for mention in mentions],
        }


def _made_up_conversation(
    number: int, texts: list[str], last: datetime, users: list[User], brands: list[Brand], dice: random.Random
) -> dict[str, Any]:
    status = dice.choices(list(Status), (30, 10, 5, 55))[0]
    return {
        "id": number,
        "brand_id": dice.choices(brands, [10, *[1] * (len(brands) - 1)])[0].id,
        "network": dice.choice(NETWORKS),
        "thread": f"t{number}",
        "author_id": number,
        "contact_id": number,
        "status": status,
        "noise": status is Status.CLOSED and dice.random() < 0.3,
        "team": dice.choice(list(Team)),
        "assignee_id": dice.choice([None, None, *(user.id for user in users)]),
        "priority": dice.choice(list(Priority)),
        "tags": [],
        "sentiment": dice.choice(list(Sentiment)),
        "intent": dice.choice(list(Intent)),
        "urgency": dice.random(),
        "language": "en",
        "excerpt": texts[-1][:280],
        "mention_count": len(texts),
        "unread": dice.random() < 0.2,
        "why": {"rule": "complaints", "facts": {}, "rules": 1},
        "first_at": last,
        "last_at": last,
        "changed_at": last,
    }


def _made_up_author(conversation: dict[str, Any], name: str, dice: random.Random) -> dict[str, Any]:
    number = conversation["author_id"]
    return {
        "id": number,
        "network": conversation["network"],
        "external_id": f"a{number}",
        "handle": f"user_{number}",
        "name": name,
        "followers": dice.randrange(20_000),
        "url": "",
        "website": "",
        "bio": "",
        "avatar_url": "",
        "first_heard_at": conversation["first_at"],
    }


def _made_up_mention(number: int, conversation: dict[str, Any], text: str, at: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "brand_id": conversation["brand_id"],
        "network": conversation["network"],
        "external_id": f"m{number}",
        "author_id": conversation["author_id"],
        "text": text,
        "url": "",
        "thread": conversation["thread"],
        "in_reply_to": "",
        "lang": "en",
        "likes": 0,
        "shares": 0,
        "replies": 0,
        "addressed": True,
        "reply_ref": {},
        "created_at": at,
        "heard_at": at,
        "stage": Stage.ROUTED,
        "conversation_id": conversation["id"],
    }


def _made_up_reading(mention_id: int, conversation: dict[str, Any]) -> dict[str, Any]:
    return {
        "mention_id": mention_id,
        "sentiment": conversation["sentiment"],
        "p_negative": 0.3,
        "p_neutral": 0.3,
        "p_positive": 0.4,
        "intent": conversation["intent"],
        "p_intent": {str(conversation["intent"]): 0.9},
        "urgency": conversation["urgency"],
        "language": "en",
        "entities": [],
        "about": About.BRAND,
        "model": "vader-rules/1",
        "read_at": conversation["last_at"],
    }


def count_all(session: Session) -> None:
    """Bring all counts of the analytics up to date."""
    while rollups.roll_waiting(session) + team_rollups.roll_waiting(session):
        pass
