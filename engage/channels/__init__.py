"""Every network that can be answered on, one line each: its rules (pure) and its channel (loaded on first use)."""

from importlib import import_module
from typing import cast

from engage.channel import Channel, ChannelRules

CHANNELS = {
    "x": "engage.channels.x:XRules XChannel",
    "reddit": "engage.channels.reddit:RedditRules RedditChannel",
    "mastodon": "engage.channels.mastodon:MastodonRules MastodonChannel",
    "bluesky": "engage.channels.bluesky:BlueskyRules BlueskyChannel",
}
CONSOLE = "engage.channels.console:ConsoleRules ConsoleChannel"
"""Answers mentions that the replay connector heard: written to a file, under the rules of the network they show."""


def channel_rules(network: str) -> ChannelRules | None:
    """What `network` allows; None where it is read-only (feeds, Hacker News)."""
    return cast(ChannelRules, _load(CHANNELS[network], 0)()) if network in CHANNELS else None


def console_rules() -> ChannelRules:
    """What the stand-in allows for posts of no real network."""
    return cast(ChannelRules, _load(CONSOLE, 0)())


def channel_class(connector: str) -> type[Channel] | None:
    """The channel that goes with a connector; None where it is read-only."""
    if connector == "replay":
        return _load(CONSOLE, 1)
    return _load(CHANNELS[connector], 1) if connector in CHANNELS else None


def _load(entry: str, index: int) -> type:
    module, _, names = entry.partition(":")
    found: type = getattr(import_module(module), names.split()[index])
    return found
