"""The sample brand: what a new user sees first. Everybody and everything in it is invented."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


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


def compose(now: datetime) -> list[dict[str, Any]]:
    """About 1,500 mentions of the eight weeks up to `now` (aware) and 120 of the 24 hours after it, oldest first.

    Rows of the import format. The same `now` gives the same rows.
    """
    from listener.sample.composer import Composer

    return Composer(now).rows()


def write(path: Path, now: datetime) -> int:
    """Write the rows to `path` as JSONL, for the replay connector or `hearken import`; returns how many."""
    rows = compose(now)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return len(rows)
