"""What managers laid down about approval, and what approvers changed in drafts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base
from engage.tables import Role, Team


class ApprovalPolicy(Base):
    """Replies to which all of this applies need approval. None and "" leave a question open."""

    __tablename__ = "approval_policy"

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[Role | None]
    """Of the writer."""
    team: Mapped[Team | None]
    """Of the writer."""
    network: Mapped[str] = mapped_column(String(40), default="")
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brand.id", ondelete="CASCADE"))
    approver: Mapped[Role]
    """The least role that may approve them."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]


class ReplyEdit(Base):
    """An approver changed a draft: what it said before. The reply itself has the text in force."""

    __tablename__ = "reply_edit"
    __table_args__ = (Index("ix_reply_edit_reply", "reply_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("reply.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    before: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
