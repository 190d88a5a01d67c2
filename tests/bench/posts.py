"""Many posts for measuring: the sample brand's, over and over, with ids, authors and moments of their own."""

import json
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

from listener.sample import compose

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
NEXT_ROUND = 8  # posts a second: moments stay in the past and in order


def write_posts(path: Path, count: int) -> None:
    """A replay file of `count` posts by about count / 3 authors, one in five an answer to an earlier one."""
    rows = compose(NOW).rows
    start = NOW - timedelta(seconds=count / NEXT_ROUND)
    with path.open("w") as file:
        for number, row in enumerate(islice(cycle(rows), count)):
            lap = number // len(rows)
            changed = {
                "id": f"{row['id']}-{lap}",
                "author": f"{row['author']}{lap}",
                "created_at": (start + timedelta(seconds=number / NEXT_ROUND)).isoformat(),
                "text": f"{row['text']} {lap}" if lap else row["text"],
                "in_reply_to": f"{row['in_reply_to']}-{lap}" if row.get("in_reply_to") else "",
                "conversation": f"{row['conversation']}-{lap}" if row.get("conversation") else "",
                "author_website": "",
            }
            file.write(json.dumps({**row, **changed}) + "\n")
