"""The tabs of the analytics, in their order: each a question, and what answers it."""

from collections.abc import Mapping

from web import figures, team_figures
from web.figures import Maker

TABS: Mapping[str, tuple[str, Maker]] = {**figures.TABS, "team": ("Team", team_figures.team)}
