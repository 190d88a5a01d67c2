"""Puts the sample together: when each post is said, who says it, in which thread, and how far it goes."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from listener.sample.cast import Account, Cast
from listener.sample.script import MENTION, Line, Script, load, voiced
from listener.sample.wire import LIMIT, post_id, post_url

SEED = 4217
DAYS = 56
INCIDENT_DAYS_AGO = 18
INCIDENT_HOUR = 18.6
HOURS = (3, 2, 1, 1, 2, 4, 8, 11, 12, 11, 10, 10, 11, 10, 10, 11, 13, 15, 16, 15, 13, 10, 7, 5)
"""How lively each hour of the day is (UTC): the way to work, and the evening."""
WEEKDAYS = (10, 10, 9, 9, 10, 7, 6)
ROLES = {"influencer": "influencer", "spam": "bot"}
WORDS = ("kestova", "pedalune", "brontide")


@dataclass(eq=False)
class Said:
    """One post of the sample."""

    at: datetime
    account: Account
    text: str
    kind: str
    lang: str
    pot: str
    serial: int
    addressed: bool
    parent: "Said | None" = None
    hidden: bool = False
    """One of Kestova's own: never a mention, but others answer it."""
    outside: bool = False
    """A comment in somebody else's thread, as most on forums are."""
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
        """The network's id of the thread."""
        if not self.root.outside:
            return self.root.id
        earlier = self.root.at - timedelta(hours=5)
        return post_id(self.account.network, earlier, self.root.serial, "", root=True)


class Composer:
    """Composes once for one `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now.replace(microsecond=0)
        self.rng = Random(SEED)
        self.plan = load("plan.toml")
        self.script = Script(self.rng)
        self.cast = Cast(self.rng, self.plan["networks"], self.plan["crowd"])
        self.serials = count(1)
        self.said: list[Said] = []
        self.texts: set[str] = set()
        midnight = self.now.replace(hour=0, minute=0, second=0)
        self.incident = midnight - timedelta(days=INCIDENT_DAYS_AGO) + timedelta(hours=INCIDENT_HOUR)

    def rows(self) -> list[dict[str, Any]]:
        """Everything, oldest first, in the import format."""
        self.everyday()
        self.threads()
        self.phases()
        for rule in self.plan["answers"]:
            self.answers(rule)
        self.reposts()
        self.live()
        for one in self.said:
            if one.parent:
                one.parent.answers += 1
        heard = (one for one in self.said if not one.hidden)
        return [self.row(one) for one in sorted(heard, key=lambda one: (one.at, one.serial))]

    # What is said when

    def everyday(self) -> None:
        """The ordinary days, in order of time so that a line comes again late."""
        pots = list(Counter(self.plan["pots"]).elements())
        self.rng.shuffle(pots)
        for at, pot in zip(sorted(self.moment() for _ in pots), pots, strict=True):
            self.single(pot, at)

    def threads(self) -> None:
        """The hand-written talks, once each."""
        for thread in load("threads.toml")["thread"]:
            self.talk(thread, min(self.moment(), self.now - timedelta(days=2)))

    def phases(self) -> None:
        """The incident, each phase with its own curve."""
        for pot, phase in self.plan["phases"].items():
            for at in sorted(self.since_incident(phase["hours"]) for _ in range(phase["posts"])):
                self.single(pot, at)

    def answers(self, rule: dict[str, Any]) -> None:
        """Some of the posts so far get an answer, or their author goes on."""
        earlier = [one for one in self.said if one.pot in rule["to"] and self.may_answer(one, rule["own"])]
        for parent in self.rng.sample(earlier, rule["posts"]):
            minutes = self.rng.lognormvariate(6.2 if rule["own"] else 4, 1)
            self.answer(rule, parent, min(parent.at + timedelta(minutes=minutes), self.now))

    def reposts(self) -> None:
        """The same words again, as X's older clients repost."""
        pots = {"first", "stranded", "anger"}
        famous = [one for one in self.said if one.account.network == "x" and one.pot in pots and not one.parent]
        famous = sorted(famous, key=lambda one: one.account.followers or 0)[-9:]
        for _ in range(self.plan["reposts"]["posts"]):
            at = self.since_incident(self.plan["reposts"]["hours"])
            first = self.rng.choice([one for one in famous if one.at < at] or famous[:1])
            text = f"RT @{first.account.handle}: {first.text}"
            account = self.cast.pick("x")
            self.add(max(at, first.at + timedelta(minutes=4)), account, text[:140], first.kind, first.lang, "repost")

    def live(self) -> None:
        """What arrives after the load: quick at first, then every few minutes; some go on with what they said."""
        plan, pots = self.plan["live"], self.plan["pots"]
        for seconds, pot in plan["opening"]:
            self.single(pot, self.now + timedelta(seconds=seconds), "x" if pot == "complaint" else None)
        rest = plan["posts"] - len(plan["opening"])
        offsets = [300 + 86_000 * (i / rest) ** 1.5 + self.rng.uniform(0, 60) for i in range(1, rest + 1)]
        own = self.plan["answers"][0]
        week = self.now - timedelta(days=6)
        open_ones = [one for one in self.said if one.at > week and one.pot in own["to"] and self.may_answer(one, True)]
        followed = self.rng.sample(open_ones, plan["followups"])
        chosen = set(self.rng.sample(range(rest), plan["followups"]))
        for i, seconds in enumerate(offsets):
            at = self.now + timedelta(seconds=seconds)
            if i in chosen:
                self.answer(own, followed.pop(), at)
            else:
                self.single(self.rng.choices(list(pots), list(pots.values()))[0], at)

    # One post

    def single(self, pot: str, at: datetime, network: str | None = None) -> None:
        """A post of its own."""
        role = ROLES.get(pot, "crowd")
        network = network or self.network(pot, role)
        text, line, addressed, account = self.worded(pot, network, role)
        outside = network == "hackernews" or (network == "reddit" and self.rng.random() < 0.5)
        self.add(at, account, text, line.kind, line.lang, pot, addressed, outside=outside)

    def answer(self, rule: dict[str, Any], parent: Said, at: datetime) -> None:
        """An answer to `parent`, by its author or somebody else."""
        text, line, addressed, account = self.worded(rule["pot"], parent.account.network, "crowd")
        text, addressed = self.prefixed(text, parent, addressed, own=rule["own"])
        account = parent.account if rule["own"] else account
        self.add(at, account, text, line.kind, line.lang, rule["pot"], addressed, parent)

    def talk(self, thread: dict[str, Any], at: datetime) -> None:
        """One hand-written talk; each turn answers the one before it, or the turn numbered `to`."""
        network, people, turns = thread["on"], {"kestova": Account(thread["on"], "kestova", "Kestova")}, []
        for turn in thread["turns"]:
            parent = turns[turn.get("to", len(turns)) - 1] if turns else None
            account = people.setdefault(turn["by"], self.cast.pick(network, lang=thread.get("lang", "en")))
            line = Line("thread", turn.get("kind", "other"), turn["says"], (network,), thread.get("lang", "en"))
            text = self.script.render(line, MENTION.get(network, "Kestova"))
            own = parent is not None and parent.account is account
            text, addressed = self.prefixed(text, parent, MENTION.get(network, "-") in text, own)
            hidden = turn["by"] == "kestova"
            self.add(at, account, text, line.kind, line.lang, "thread", addressed, parent, hidden=hidden)
            turns.append(self.said[-1])
            at += timedelta(minutes=2 + self.rng.expovariate(1 / 45))

    def worded(self, pot: str, network: str, role: str) -> tuple[str, Line, bool, Account]:
        """A text that was not said before (bots repeat themselves) and fits the network, with its author."""
        while True:
            line = self.script.draw(pot, network)
            account = self.cast.pick(network, role, line.lang)
            addressed = self.rng.random() < self.plan["addressed"].get(line.kind, 0) * self.share(network)
            text = self.script.render(line, MENTION[network] if addressed else self.rng.choice(("Kestova",) * 4 + ("kestova",)))
            text = voiced(text, account.voice, line, network, self.rng)
            if not any(word in text.lower() for word in WORDS):
                addressed = network in MENTION
            if addressed and MENTION[network] not in text:
                text = f"{MENTION[network]} {text}" if self.rng.random() < 0.7 else f"{text} {MENTION[network]}"
            fresh = text not in self.texts or pot == "spam"
            if fresh and len(text) <= LIMIT[network] - 40:
                self.texts.add(text)
                return text, line, addressed, account

    def prefixed(self, text: str, parent: Said | None, addressed: bool, own: bool) -> tuple[str, bool]:
        """An answer as the network shows it: X and Mastodon put the people who are answered in front."""
        if parent is None:
            return text, addressed
        network = parent.account.network
        if network not in ("x", "mastodon"):
            return text, addressed or parent.hidden
        names = [] if own or parent.hidden else [f"@{parent.account.handle.partition('@')[0]}"]
        named = "@kestova" in text.lower()
        if (parent.addressed or parent.hidden) and not named:
            names.append("@kestova")
        return " ".join([*names, text]), addressed or named or "@kestova" in names

    def add(
        self,
        at: datetime,
        account: Account,
        text: str,
        kind: str,
        lang: str,
        pot: str,
        addressed: bool | None = None,
        parent: Said | None = None,
        hidden: bool = False,
        outside: bool = False,
    ) -> None:
        """Keep a post."""
        named = "@kestova" in text.lower() if addressed is None else addressed
        serial = next(self.serials)
        self.said.append(Said(at, account, text, kind, lang, pot, serial, named, parent, hidden, outside))

    # Chance

    def moment(self) -> datetime:
        """A moment of the eight weeks, at the day's and the week's rhythm."""
        while True:
            at = self.now - timedelta(seconds=self.rng.uniform(60, DAYS * 86_400))
            if self.rng.random() * 160 < HOURS[at.hour] * WEEKDAYS[at.weekday()]:
                return at

    def since_incident(self, hours: list[float]) -> datetime:
        low, likely, high = hours
        return min(self.incident + timedelta(hours=self.rng.triangular(low, high, likely)), self.now)

    def network(self, pot: str, role: str) -> str:
        """A network that has both such posts and such people."""
        able = [one for one in self.script.networks(pot) if one in self.cast.networks(role)]
        return self.rng.choices(able, [self.plan["networks"][one] for one in able])[0]

    def share(self, network: str) -> float:
        """How readily people @mention a brand there, against X."""
        return {"x": 1.0, "mastodon": 0.6, "bluesky": 0.6, "reddit": 0.12}.get(network, 0.0)

    def may_answer(self, one: Said, own: bool) -> bool:
        forum = one.account.network in ("reddit", "hackernews")
        return one.lang == "en" and not one.hidden and one.at < self.now - timedelta(hours=1) and not (own and forum)

    def row(self, one: Said) -> dict[str, Any]:
        """The import format."""
        rng, account = self.rng, one.account
        reach = (account.followers or 400) ** 0.45 * rng.lognormvariate(-2.1, 1.4)
        loud = 3.5 if one.pot in self.plan["phases"] else 0.05 if account.role == "bot" else 1.0
        likes = 0 if one.pot == "repost" else int(reach * loud)
        shares = 0 if account.network in ("reddit", "hackernews") else int(likes * rng.betavariate(1.2, 8))
        parent = one.parent.id if one.parent else one.thread if one.outside else ""
        return {
            "id": one.id,
            "network": account.network,
            "text": one.text,
            "created_at": one.at.isoformat(),
            "author": account.handle,
            "author_name": account.name,
            "author_followers": account.followers,
            "author_website": account.website,
            "author_bio": account.bio,
            "url": post_url(account.network, one.id, one.thread, account.handle),
            "in_reply_to": parent,
            "conversation": one.thread,
            "lang": one.lang,
            "likes": likes,
            "shares": shares,
            "replies": one.answers + int(likes * rng.betavariate(1, 14)),
            "addressed": one.addressed,
        }
