"""What is kept of the conversations of each day, for the team's figures (engage/team_rollups.py)."""

from datetime import date

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base


class BegunCount(Base):
    """What became of a brand's conversations that began on a UTC day; advertising and spam are left out.

    The numbers are those of conversations, named as in engage/outcomes.py.
    """

    __tablename__ = "rollup_begun"
    __table_args__ = (
        # Without the times, which are long: two years' numbers are added up from this alone.
        Index(
            "ix_rollup_begun_numbers",
            *("brand_id", "day", "network", "language", "begun", "answered", "settled", "due"),
            *("closed", "reopened", "unhappy", "recovered", "leads"),
        ),
        {"sqlite_with_rowid": False},
    )

    brand_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    begun: Mapped[int]
    answered: Mapped[int]
    settled: Mapped[int]
    """Answered, and closed now."""
    due: Mapped[int]
    """Asking for something, neither answered nor closed."""
    closed: Mapped[int]
    reopened: Mapped[int]
    unhappy: Mapped[int]
    recovered: Mapped[int]
    leads: Mapped[int]
    answers: Mapped[bytes]
    """Every answer that was sent in them, as engage/times.py packs them."""
    resolutions: Mapped[bytes]
    """The minutes until the latest closing of those that are closed now."""


class ClosedCount(Base):
    """How many of a brand's conversations, whenever they began, somebody closed on a UTC day."""

    __tablename__ = "rollup_closed"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    brand_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    again_on: Mapped[date] = mapped_column(primary_key=True)
    """The next day on which they were closed once more, NEVER for most. Conversations closed on some days are counted
    once each where only those are added up whose next closing is later."""
    conversations: Mapped[int]


class DirtyTeamDay(Base):
    """A brand's day whose lines above are to be made anew; triggers of the database write a line for each change."""

    __tablename__ = "rollup_team_dirty"
    __table_args__ = (Index("ix_rollup_team_dirty_day", "brand_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int]
    day: Mapped[date]
