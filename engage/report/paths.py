"""Where a figure of a report can be looked at: paths that begin at Hearken's root."""

from urllib.parse import urlencode

from engage.analytics import Slice


def inbox(chosen: Slice, **more: object) -> str:
    """The inbox with exactly the mentions, or conversations (`begun=1`), that a number counts."""
    fields = {"queue": "all", "brand": chosen.brand_id, "from": chosen.first, "to": chosen.last}
    zone = {} if chosen.days_in == "UTC" else {"days_in": chosen.days_in}
    return f"/?{urlencode(fields | zone | more)}"


def topics(chosen: Slice) -> str:
    """What is talked about more and less in these days."""
    return f"/analytics/topics?{urlencode({'brand': chosen.brand_id, 'from': chosen.first, 'to': chosen.last})}"


def influencer(brand_id: int, author_id: int) -> str:
    """Why somebody matters."""
    return f"/influencers/{brand_id}/{author_id}"


def brand(brand_id: int) -> str:
    """What is listened for."""
    return f"/brands/{brand_id}"


def alert(alert_id: int) -> str:
    """An alert."""
    return f"/alerts/{alert_id or ''}"


SOURCES = "/sources/"
MINE = "/?queue=mine"


def conversation(conversation_id: int) -> str:
    """A conversation."""
    return f"/c/{conversation_id}"
