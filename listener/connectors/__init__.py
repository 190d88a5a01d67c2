"""Every network that can be heard, one line each. Loaded on first use: their libraries are heavy."""

from importlib import import_module

from config.errors import InvalidInputError
from listener.connector import Connector

CONNECTORS = {
    "x": "listener.connectors.x:XConnector",
    "reddit": "listener.connectors.reddit:RedditConnector",
    "mastodon": "listener.connectors.mastodon:MastodonConnector",
    "bluesky": "listener.connectors.bluesky:BlueskyConnector",
    "feed": "listener.connectors.feed:FeedConnector",
    "hackernews": "listener.connectors.hackernews:HackerNewsConnector",
    "replay": "listener.connectors.replay:ReplayConnector",
}


def connector_class(network: str) -> type[Connector]:
    """The connector of a network. Raises InvalidInputError that names the known ones."""
    if network not in CONNECTORS:
        raise InvalidInputError(
            f"There is no network {network!r}.", f"Known: {', '.join(CONNECTORS)}.", field="network"
        )
    module, _, name = CONNECTORS[network].partition(":")
    found: type[Connector] = getattr(import_module(module), name)
    return found
