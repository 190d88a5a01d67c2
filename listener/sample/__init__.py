"""The sample brand: what a new user sees first. Everybody and everything in it is invented."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from listener.sample.desk import Deed


@dataclass(frozen=True, slots=True)
class SampleBrand:
    """What `hearken brand add` would be told of the sample brand."""

    name: str
    products: tuple[str, ...]
    competitors: tuple[str, ...]
    query: str
    """Boolean text, see listener/query.py."""


BRAND = SampleBrand(
    name="Kestova",
    products=(
        "Kestova Glide",
        "Kestova Cargo",
        "Kestova Fold",
        "Kestova Ridge",
        "Kestova app",
        "Kestova Care",
    ),
    competitors=("Pedalune", "Brontide"),
    query="kestova OR pedalune OR brontide",
)


@dataclass(frozen=True)
class Sample:
    """What the sample brand's people said, and what its team did about it."""

    rows: list[dict[str, Any]]
    """About 1,600 mentions of the eight weeks up to `now` and some of the 24 hours after it, oldest first, in the
    import format."""
    deeds: list["Deed"]
    """Answers, notes and closings up to `now`, oldest first."""

    def write(self, path: Path) -> None:
        """Write the rows to `path` as JSONL, for the replay connector or `hearken import`."""
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows)


LIVE_POSTS = 32
"""As many as on other days."""
FEWEST_LIVE = 10


def compose(now: datetime, live_posts: int = LIVE_POSTS) -> Sample:
    """The sample as it is at `now` (aware), and `live_posts` for the day after. The same `now` gives the same."""
    from listener.sample.composer import Composer

    composer = Composer(now, live_posts)
    rows = composer.rows()
    return Sample(rows, composer.deeds)
