"""What lets several people work in one inbox: presence, drafts, followers, notices, and how work is shared out."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base
from engage.tables import Team


class Doing(StrEnum):
    """What somebody does in a conversation; the later says more."""

    VIEWING = "viewing"
    NOTING = "noting"
    REPLYING = "replying"


class Presence(Base):
    """A page of Hearken that somebody has open. Pages tell again every few seconds; what is old counts no more.

    No foreign key to the conversation: on PostgreSQL each beat would then lock its row.
    """

    __tablename__ = "presence"
    __table_args__ = (Index("ix_presence_at", "at"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    tab: Mapped[str] = mapped_column(String(40), primary_key=True)
    """Made up by the page."""
    conversation_id: Mapped[int | None]
    """Which is in sight; None on other pages and for a page that is hidden."""
    doing: Mapped[Doing]
    at: Mapped[datetime]
    """When it was last heard of, by our clock."""


class DraftKind(StrEnum):
    """What a text was begun for."""

    REPLY = "reply"
    NOTE = "note"


class Draft(Base):
    """A text that somebody began in a conversation; it goes once it is sent."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_conversation", "conversation_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    kind: Mapped[DraftKind] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    """Another number with each save; one that builds on another version is refused: two devices overwrite nothing."""
    saved_at: Mapped[datetime]


class Follow(Base):
    """Somebody wants to hear what happens in a conversation."""

    __tablename__ = "follow"
    __table_args__ = (Index("ix_follow_conversation", "conversation_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    at: Mapped[datetime]


class NoticeKind(StrEnum):
    """Why somebody is told."""

    NAMED = "named"
    """A colleague wrote @name in a note."""
    HANDOVER = "handover"
    """Assigned by a colleague, with a word about it."""
    ASSIGNED = "assigned"
    REJECTED = "rejected"
    """An approver rejected their reply."""
    NOTE = "note"
    REPLY = "reply"
    MENTION = "mention"
    """The author wrote again."""


TO_ME = frozenset({NoticeKind.NAMED, NoticeKind.HANDOVER, NoticeKind.ASSIGNED, NoticeKind.REJECTED})
"""What is meant for one person; the others come to all who follow."""


class Notice(Base):
    """One thing that somebody should know."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_unread", "user_id", "read_at", "id"),
        Index("ix_notice_conversation", "conversation_id", "user_id"),
        Index("ix_notice_mail", "mail_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    kind: Mapped[NoticeKind]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """None for what Hearken did, or the author of a mention."""
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mail_at: Mapped[datetime | None]
    """When it goes out by mail unless it was read by then; None where no mail is wanted, or it went."""


class Sharing(StrEnum):
    """How a team's new conversations find somebody."""

    OFF = "off"
    TURNS = "turns"
    """One after the other."""
    LEAST = "least"
    """Whoever has the fewest open ones."""


class TeamWork(Base):
    """How a team shares its work; a team without a row does not."""

    __tablename__ = "team_work"

    team: Mapped[Team] = mapped_column(primary_key=True)
    sharing: Mapped[Sharing]


class MailWish(StrEnum):
    """Which notices somebody wants by mail too."""

    NONE = "none"
    TO_ME = "to_me"
    ALL = "all"


MOST_OPEN = 25
"""So many open conversations somebody is given who has not said otherwise."""


class PersonWork(Base):
    """How somebody works; who has no row has the defaults."""

    __tablename__ = "person_work"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, autoincrement=False)
    most_open: Mapped[int] = mapped_column(default=MOST_OPEN)
    away: Mapped[bool] = mapped_column(default=False)
    mails: Mapped[MailWish] = mapped_column(default=MailWish.NONE)
    turn: Mapped[int] = mapped_column(BigInteger, default=0)
    """The number of the latest conversation that they were given; the lowest is next."""
