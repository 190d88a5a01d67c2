"""The networks' names as people write them."""

NETWORK_LABELS = {
    "x": "X",
    "reddit": "Reddit",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "feed": "Feed",
    "hackernews": "Hacker News",
    "replay": "Replay",
}


def network_label(network: str) -> str:
    """A network's name as people write it."""
    return NETWORK_LABELS.get(network, network.capitalize())
