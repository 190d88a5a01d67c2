"""One post of the sample, and the row that it becomes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from listener.sample.cast import FACELESS, Account
from listener.sample.script import Line
from listener.sample.wire import post_id, post_url

LOUDNESS = {
    "first": 3.0,
    "stranded": 3.5,
    "morning": 3.5,
    "anger": 4.0,
    "loud": 5.0,
    "relief": 2.0,
    "later": 2.5,
    "spam": 0.05,
}
"""How much further than others the posts of a pot go."""


@dataclass(eq=False)
class Said:
    """Who said what, when, and in answer to what."""

    at: datetime
    account: Account
    text: str
    line: Line
    serial: int
    addressed: bool
    parent: "Said | None" = None
    hidden: bool = False
    """One of Kestova's own: never a mention, but others answer it."""
    outside: bool = False
    """A comment in somebody else's thread, as most on forums are."""
    repost: bool = False
    answers: int = 0
    root: "Said" = field(init=False)

    def __post_init__(self) -> None:
        self.root = self.parent.root if self.parent else self

    @property
    def id(self) -> str:
        """Its id on its network."""
        one = self.account
        return post_id(one.network, self.at, self.serial, one.handle, self.parent is None and not self.outside)

    @property
    def thread(self) -> str:
        """The network's id of its thread."""
        root = self.root
        if not root.outside:
            return root.id
        return post_id(root.account.network, root.at - timedelta(hours=30), root.serial, "", root=True)

    @property
    def in_reply_to(self) -> str:
        """The id of the post that it answers; empty where it stands for itself."""
        if self.parent:
            return self.parent.id
        return self.thread if self.outside else ""

    def row(self, rng: Random, fresh: bool) -> dict[str, Any]:
        """The import format. A fresh post has not been liked by anybody yet."""
        account = self.account
        reach = (account.followers or 400) ** 0.52 * rng.lognormvariate(-2.1, 1.5)
        likes = 0 if fresh or self.repost else int(reach * LOUDNESS.get(self.line.pot, 1.0))
        return {
            "id": self.id,
            "network": account.network,
            "text": self.text,
            "created_at": self.at.isoformat(),
            "author": account.handle,
            "author_name": account.name,
            "author_followers": account.followers,
            "author_website": account.website,
            "author_bio": account.bio,
            "url": post_url(account.network, self.id, self.thread, account.handle),
            "in_reply_to": self.in_reply_to,
            "conversation": self.thread,
            "lang": self.line.lang,
            "likes": likes,
            "shares": 0 if account.network in FACELESS else int(likes * rng.betavariate(1.2, 8)),
            "replies": self.answers + int(likes * rng.betavariate(1, 14)),
            "addressed": self.addressed,
        }
