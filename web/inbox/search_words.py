"""What the search box offers while somebody types."""

from collections.abc import Iterable

from flask import Response, jsonify

from engage import inbox
from engage.inbox.asking import EXAMPLES, FLAGS
from engage.tables import Status, Team
from listener.networks import NETWORK_LABELS
from nlp.reading import Intent, Sentiment
from web.context import database
from web.inbox.answer import blueprint

HINTS = {
    "from": "Who wrote it",
    "network": "Where it was written",
    "intent": "What it wants",
    "sentiment": "How it sounds",
    "status": "Where it stands",
    "team": "Whose it is",
    "assignee": "Who has it",
    "brand": "Which brand",
    "tag": "A tag",
    "lang": "Its language",
    "is": "Unread, answered or noise",
    "before": "Latest mention before a day",
    "after": "Latest mention since a day",
}


@blueprint.get("/search/words")
def search_words() -> Response:
    """Every filter with its hint and the values it takes."""
    with database().read() as session:
        choices = inbox.choices(session)
    values: dict[str, Iterable[str]] = {
        "network": list(NETWORK_LABELS),
        "intent": list(Intent),
        "sentiment": list(Sentiment),
        "status": [*Status, "noise"],
        "team": list(Team),
        "assignee": ["me", "nobody", *choices.people.values()],
        "brand": list(choices.brands.values()),
        "tag": list(choices.tags),
        "is": list(FLAGS),
        "before": ["today", "yesterday", "7d", "30d"],
        "after": ["today", "yesterday", "7d", "30d"],
    }
    filters = [
        {"key": key, "hint": hint, "example": EXAMPLES[key], "values": [str(value) for value in values.get(key, ())]}
        for key, hint in HINTS.items()
    ]
    return jsonify(filters)
