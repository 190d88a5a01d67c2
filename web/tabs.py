"""The tabs of the analytics, in their order: each a question, and what answers it."""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from engage.analytics import Slice
from web import figures
from web.figure_parts import Shown
from web.figures_campaigns import campaigns
from web.figures_team import team
from web.figures_where import where

Maker = Callable[[Session, Slice, str], Shown]
"""What a slice shows; the word is the brand's name."""
TABS: Mapping[str, tuple[str, Maker]] = {
    "overview": ("Overview", lambda session, chosen, _: figures.overview(session, chosen)),
    "topics": ("Topics", lambda session, chosen, _: figures.topics(session, chosen)),
    "campaigns": ("Campaigns", lambda session, chosen, _: campaigns(session, chosen)),
    "voice": ("Share of voice", figures.voice),
    "where": ("Where", lambda session, chosen, _: where(session, chosen)),
    "when": ("When", lambda session, chosen, _: figures.when(session, chosen)),
    "team": ("Team", lambda session, chosen, _: team(session, chosen)),
}
