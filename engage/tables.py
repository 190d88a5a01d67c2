"""People, conversations with them, and what we do about it."""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, IntEnumColumn
from nlp.reading import Intent, Sentiment


class Role(StrEnum):
    """What a person may do: agents answer, managers also configure sources and rules, admins also manage people."""

    ADMIN = "admin"
    MANAGER = "manager"
    AGENT = "agent"


class Team(StrEnum):
    """Who takes a conversation."""

    SUPPORT = "support"
    MARKETING = "marketing"


class Status(StrEnum):
    """Where a conversation stands."""

    OPEN = "open"
    PENDING = "pending"
    """We answered and wait for the other side."""
    SNOOZED = "snoozed"
    CLOSED = "closed"


class Priority(IntEnum):
    """Higher is more pressing."""

    LOW = 1
    NORMAL = 2
    HIGH = 3
    URGENT = 4


class ReplyState(StrEnum):
    """The way of an outgoing message."""

    DRAFT = "draft"
    """Waits for approval."""
    APPROVED = "approved"
    """Waits for delivery."""
    SENDING = "sending"
    """Handed to the network; stays so only while that call lasts, or after a crash."""
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
    """A crash hit while sending and the network cannot tell whether it arrived: a person decides."""
    REJECTED = "rejected"
    """Not approved, or withdrawn before it left."""
    DISCUSSED = "discussed"
    """A draft for the team to talk about: nobody is asked to approve it yet."""
    PULLED = "pulled"
    """Pulled back before it was sent; its writer has the text in the box again."""
    REPLACED = "replaced"
    """Its writer, or a colleague, handed it in again in other words."""


TO_APPROVE = (ReplyState.DRAFT,)
IN_TROUBLE = (ReplyState.FAILED, ReplyState.UNSURE)


class ActivityKind(StrEnum):
    """One line in a conversation's history."""

    NOTE = "note"
    STATUS = "status"
    ASSIGNED = "assigned"
    TEAM = "team"
    TAGS = "tags"
    PRIORITY = "priority"
    REOPENED = "reopened"
    REROUTED = "rerouted"
    REPLY = "reply"
    CORRECTED = "corrected"


class User(Base):
    """Somebody of our team."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """In lower case."""
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role]
    team: Mapped[Team]
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Raised on a password change or deactivation: older sessions end."""
    own_week: Mapped[bool] = mapped_column(server_default=false(), default=False)
    """Wants a mail about their own week each Monday (engage/report/sending.py)."""
    own_week_zone: Mapped[str] = mapped_column(String(64), server_default="UTC", default="UTC")
    own_week_language: Mapped[str] = mapped_column(String(8), server_default="en", default="en")
    own_week_since: Mapped[datetime | None]
    """When they asked for it."""
    created_at: Mapped[datetime]


TAGGED = {"sqlite": "tags != '[]'", "postgresql": "tags::text != '[]'"}
"""Contacts with tags, by database: word for word what ix_contact_tagged holds."""


class Contact(Base):
    """A person or company in the CRM."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_name", "name"),
        Index(
            "ix_contact_tagged",
            "id",
            sqlite_where=text(TAGGED["sqlite"]),
            postgresql_where=text(TAGGED["postgresql"]),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    company: Mapped[str] = mapped_column(String(300), default="")
    place: Mapped[str] = mapped_column(String(300), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[list[str]]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ContactPoint(Base):
    """A way to know a contact again: an e-mail, website, phone or handle, normalised by engage/identity.py."""

    __tablename__ = "contact_point"
    __table_args__ = (
        UniqueConstraint("contact_id", "kind", "network", "value"),
        Index("ix_contact_point_value", "kind", "network", "value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    """email, website, phone or handle."""
    network: Mapped[str] = mapped_column(String(40), default="")
    """Of a handle; empty for the others."""
    value: Mapped[str] = mapped_column(String(300))


class Identity(Base):
    """The link Author -> Contact, with the reason and the score for it."""

    __tablename__ = "identity"
    __table_args__ = (Index("ix_identity_contact", "contact_id"),)

    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"), primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    reason: Mapped[str] = mapped_column(String(300))
    """For people: `new contact`, `same e-mail ada@example.com`, `linked by Ada`."""
    score: Mapped[float]
    created_at: Mapped[datetime]


FILTERED = (
    *("noise", "team", "assignee_id", "sentiment", "intent", "network", "brand_id", "storm_id"),
    *("language", "unread", "answered_at"),
)
"""What the inbox filters by, besides the status."""
OF_STORM, OF_STORM_ANSWER = text("storm_id IS NOT NULL"), text("storm_answer_id IS NOT NULL")
WAITING = "assignee_id IS NULL AND status = 'open'"
"""Conversations that nobody has: word for word what ix_conversation_waiting holds."""


class Conversation(Base):
    """The thread between an author and us: the unit of the inbox.

    What a list row shows is kept here, so that a list is one query. Sentiment, intent, urgency, language and excerpt
    are those of the author's latest mention.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        # Not by network first: SQLite would then use it to filter a whole list by network, and sort the rest.
        UniqueConstraint("thread", "network", "author_id"),
        # The inbox walks one of these two in its order; every filter is decided within the index.
        Index("ix_conversation_list", "status", "last_at", "id", *FILTERED),
        Index("ix_conversation_last", "last_at", "id", *FILTERED),
        Index("ix_conversation_queue", "status", "noise", "team", "assignee_id", "brand_id"),
        Index("ix_conversation_contact", "contact_id", "last_at"),
        Index("ix_conversation_author", "author_id"),
        Index("ix_conversation_changed", "changed_at"),
        # What waits for somebody of a team, to be taken by pressure and age; and how much each person has.
        Index(
            "ix_conversation_waiting",
            *("team", "priority", "last_at", "id"),
            sqlite_where=text(WAITING),
            postgresql_where=text(WAITING),
        ),
        Index("ix_conversation_taken", "assignee_id", "status"),
        Index(
            "ix_conversation_storm",
            *("storm_id", "status", "last_at", "id"),
            sqlite_where=OF_STORM,
            postgresql_where=OF_STORM,
        ),
        Index(
            "ix_conversation_begun", "brand_id", "first_at", "network", "language", "status", "noise", "answered_at"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    network: Mapped[str] = mapped_column(String(40))
    thread: Mapped[str] = mapped_column(String(300))
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    status: Mapped[Status] = mapped_column(default=Status.OPEN)
    noise: Mapped[bool] = mapped_column(default=False)
    """Closed as noise: advertising, spam."""
    team: Mapped[Team | None]
    """None until routed."""
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    priority: Mapped[Priority] = mapped_column(IntEnumColumn(Priority), default=Priority.NORMAL)
    tags: Mapped[list[str]]
    sentiment: Mapped[Sentiment]
    intent: Mapped[Intent]
    urgency: Mapped[float]
    language: Mapped[str] = mapped_column(String(8))
    excerpt: Mapped[str] = mapped_column(String(280))
    mention_count: Mapped[int]
    unread: Mapped[bool] = mapped_column(default=True)
    """Nobody has opened it since its latest mention."""
    why: Mapped[dict[str, Any]]
    """{"rule": its name, "facts": {fact: value …}, "rules": version of the rule set}; empty until routed."""
    hand_routed: Mapped[bool] = mapped_column(default=False)
    """A person set team, assignee or status: rules leave those alone from then on."""
    snoozed_until: Mapped[datetime | None]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    """When the latest mention was posted; lists are ordered by it."""
    answered_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    """When anything here changed; open browsers learn of news by it."""
    version: Mapped[int] = mapped_column(default=1)
    """Raised by every change a person makes; a change based on an older version is refused."""
    storm_id: Mapped[int | None]
    """The storm (engage/storms) that it is part of, with others."""


class Activity(Base):
    """A note or an event in a conversation, in the words of the timeline."""

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_conversation", "conversation_id", "at"),
        Index("ix_activity_kind", "kind", "at", "conversation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """None for what Hearken did by itself."""
    kind: Mapped[ActivityKind]
    text: Mapped[str] = mapped_column(Text)
    was: Mapped[str] = mapped_column(Text, server_default="", default="")
    """What it was before, in words; empty where nothing was."""
    at: Mapped[datetime]


class Reply(Base):
    """An outgoing message."""

    __tablename__ = "reply"
    __table_args__ = (
        Index("ix_reply_state", "state", "id"),
        Index("ix_reply_conversation", "conversation_id", "created_at"),
        Index("ix_reply_sent", "conversation_id", "state", "sent_at", "user_id"),
        Index("ix_reply_external", "network", "external_id"),
        Index("ix_reply_settled", "state", "sent_at", "id"),
        Index("ix_reply_form", "form_key", unique=True),
        Index("ix_reply_waits", "state", "conversation_id"),
        Index(
            "ix_reply_storm_answer",
            *("storm_answer_id", "state"),
            sqlite_where=OF_STORM_ANSWER,
            postgresql_where=OF_STORM_ANSWER,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"))
    """The mention that it answers."""
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id", ondelete="SET NULL"))
    """Whose credentials send it; None once that source was removed, which waits for replies on their way."""
    network: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[ReplyState]
    key: Mapped[str] = mapped_column(String(40), unique=True)
    """Random; networks that know idempotency keys get it, others are searched by text and moment."""
    form_key: Mapped[str | None] = mapped_column(String(40))
    """Of the form that it came with, so that a form sent twice is one reply."""
    before_id: Mapped[int | None]
    """The reply whose words it puts better: rejected, pulled back or discussed before."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    rejected_by_id: Mapped[int | None]
    """Who rejected or withdrew it."""
    reason: Mapped[str] = mapped_column(Text, server_default="", default="")
    """Why it was rejected, for its writer."""
    edits: Mapped[int] = mapped_column(server_default="0", default=0)
    """How often an approver changed its text (engage/approvals/tables.py has what it said before)."""
    approver: Mapped[Role | None]
    """The least role that may approve it, as it was when it was handed in; None where it needed no approval."""
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    """When the network was last called with it."""
    not_before: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    external_id: Mapped[str] = mapped_column(String(300), default="")
    url: Mapped[str] = mapped_column(Text, default="")
    error_code: Mapped[str] = mapped_column(String(60), default="")
    error_text: Mapped[str] = mapped_column(Text, default="")
    remedy: Mapped[str] = mapped_column(Text, default="")
    storm_answer_id: Mapped[int | None]
    """The answer to a whole storm (engage/storms) that it is part of."""


class DayCount(Base):
    """How many routed mentions of a brand were posted on a UTC day, by what was read of them (engage/rollups.py)."""

    __tablename__ = "rollup_day"
    __table_args__ = (
        # In the order in which analytics adds up, with all it asks for: SQLite need not sort two years' counts.
        Index(
            "ix_rollup_day_mix",
            *("brand_id", "network", "language", "sentiment", "intent", "model", "day", "mentions", "reach"),
        ),
        Index("ix_rollup_day_trend", "brand_id", "day", "sentiment", "model", "network", "language", "mentions"),
        {"sqlite_with_rowid": False},
    )

    brand_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    sentiment: Mapped[Sentiment] = mapped_column(primary_key=True)
    intent: Mapped[Intent] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(80), primary_key=True)
    mentions: Mapped[int]
    reach: Mapped[int] = mapped_column(BigInteger)
    """Sum of the authors' followers when each was heard."""


class HourCount(Base):
    """The same by hour of the UTC day."""

    __tablename__ = "rollup_hour"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    brand_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    network: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    mentions: Mapped[int]


class VoiceCount(Base):
    """How many of them name us, or a competitor, and how they feel towards that name."""

    __tablename__ = "rollup_voice"
    __table_args__ = (
        Index(
            "ix_rollup_voice_mix",
            *("brand_id", "voice", "sentiment", "model", "day", "network", "language", "mentions"),
        ),
        {"sqlite_with_rowid": False},
    )

    brand_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    voice: Mapped[str] = mapped_column(String(200), primary_key=True)
    """A competitor's name; empty for the brand and its products."""
    sentiment: Mapped[Sentiment] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(80), primary_key=True)
    mentions: Mapped[int]


class DirtyDay(Base):
    """A brand's day whose counts are to be made anew; triggers of the database write a line for each change."""

    __tablename__ = "rollup_dirty"
    __table_args__ = (Index("ix_rollup_dirty_day", "brand_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int]
    day: Mapped[date]
