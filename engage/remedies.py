"""What to do about a reply that a network refused for good, in words for who wrote it. Pure."""

from engage.channel import ChannelError
from listener.http import REMEDIES

LOST_ACCESS = frozenset({"http_401", "http_403", "no_credentials", "no_login"})
"""The account may not, or not any more, write there: mended under Sources."""
RECONNECT = "Reconnect the account under Sources, then try again."
GONE = "The post is gone, or its author closed the account: there is nothing to answer any more."
BY_CODE = {
    "http_401": RECONNECT,
    "http_403": "Reconnect the account under Sources with the right to write, then try again.",
    "http_404": GONE,
    "http_410": GONE,
}


def remedy_of(error: ChannelError) -> str:
    """The channel's own words, unless those are meant for whoever looks after a source."""
    own = error.remedy if error.remedy not in REMEDIES.values() else ""
    return own or BY_CODE.get(error.code, error.remedy)
