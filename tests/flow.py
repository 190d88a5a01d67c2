"""The first steps of the flow for tests that begin in its middle: posts are heard and read as the test says."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from config.database import Database
from engage.dispatch import route_waiting
from engage.linking import link_waiting
from engage.routing import RuleSet, load_rules
from engage.tables import Conversation, Role, Team, User
from listener.collect import save_posts
from listener.mention import Account, Post
from listener.tables import Brand, Mention, Source, Stage
from nlp.tables import ReadingRow

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ADA = Account("a1", "ada", "Ada", followers=10)
BOB = Account("b1", "bob", "Bob", followers=20)
CALM = {
    "sentiment": "neutral",
    "p_negative": 0.1,
    "p_neutral": 0.8,
    "p_positive": 0.1,
    "intent": "question",
    "urgency": 0.2,
    "language": "en",
    "entities": [],
    "about": "brand",
    "model": "test/1",
    "read_at": NOON,
}


def post(
    external_id: str, text: str = "my kestova squeaks", author: Account = ADA, minute: int = 0, **facts: Any
) -> Post:
    """A post `minute` minutes after noon."""
    return Post(external_id, author, text, NOON + timedelta(minutes=minute), **facts)


def add_brand(session: Session, name: str = "Kestova") -> int:
    """A brand."""
    brand = Brand(name=name, query=name.lower(), products=[], competitors=[], created_at=NOON)
    session.add(brand)
    session.flush()
    return brand.id


def add_user(session: Session, name: str = "Gwen", role: Role = Role.AGENT, team: Team = Team.SUPPORT) -> User:
    """Somebody of our team."""
    email = f"{name.lower()}@example.com"
    user = User(email=email, name=name, password_hash="", role=role, team=team, active=True, created_at=NOON)
    session.add(user)
    session.flush()
    return user


def add_source(session: Session, brand_id: int, network: str = "replay", **facts: Any) -> int:
    """A source."""
    base = {"options": {}, "interval_s": 60, "cursor": {}, "next_run_at": NOON, "created_at": NOON}
    source = Source(brand_id=brand_id, network=network, **{**base, **facts})
    session.add(source)
    session.flush()
    return source.id


def hear(
    database: Database, *posts: Post, brand_id: int = 1, source_id: int | None = None, network: str = "x"
) -> None:
    """Store posts as mentions that wait to be read."""
    with database.write() as session:
        save_posts(session, posts, brand_id=brand_id, source_id=source_id, network=network, now=NOON)


def read(database: Database, **judged: Any) -> None:
    """Give every waiting mention this reading."""
    with database.write() as session:
        ids = session.scalars(select(Mention.id).where(Mention.stage == Stage.HEARD)).all()
        reading = {**CALM, **judged}
        reading.setdefault("p_intent", {str(reading["intent"]): 1.0})
        for id_ in ids:
            session.execute(ReadingRow.__table__.delete().where(ReadingRow.mention_id == id_))  # type: ignore[attr-defined]
            session.execute(insert(ReadingRow).values(mention_id=id_, **reading))
        session.execute(update(Mention).where(Mention.id.in_(ids)).values(stage=Stage.READ))


def flow(database: Database, *posts: Post, rules: RuleSet | None = None, now: datetime = NOON, **judged: Any) -> None:
    """hear, read, link and route."""
    hear(database, *posts)
    read(database, **judged)
    with database.write() as session:
        link_waiting(session, lambda: now)
    with database.write() as session:
        route_waiting(session, rules or load_rules(), lambda: now)


def conversations(database: Database) -> Sequence[Conversation]:
    """All conversations, oldest first."""
    with database.read() as session:
        return session.scalars(select(Conversation).order_by(Conversation.id)).all()
