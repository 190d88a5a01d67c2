"""Puts the sample together: when each post is said, who says it, and in which thread."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from listener.sample.cast import Account, Cast
from listener.sample.desk import Deed, Desk
from listener.sample.said import Said
from listener.sample.script import MENTION, Line, Script, load, voiced
from listener.sample.wire import LIMIT

SEED = 4217
DAYS = 56
INCIDENT_DAYS_AGO = 18
INCIDENT_HOUR = 18.6
HOURS = (3, 2, 1, 1, 2, 4, 8, 11, 12, 11, 10, 10, 11, 10, 10, 11, 13, 15, 16, 15, 13, 10, 7, 5)
"""How lively each hour of the day is (UTC): the way to work, and the evening."""
WEEKDAYS = (10, 10, 9, 9, 10, 7, 6)
ROLES = {"influencer": "influencer", "loud": "influencer", "spam": "bot"}
READINESS = {"x": 1.0, "mastodon": 0.6, "bluesky": 0.6, "reddit": 0.06, "hackernews": 0.0}
"""How readily people @mention a brand on each network, against X."""
ROOM = 40
"""Characters kept free for the names in front of an answer."""
REACTIONS = 20
"""So often words are looked for that were not used before."""
BRANDS = re.compile(r"\b(kestova|pedalune|brontide)\b", re.IGNORECASE)


class Composer:
    """Composes once for one `now`."""

    def __init__(self, now: datetime, live_posts: int) -> None:
        self.now = now.astimezone(UTC).replace(microsecond=0)
        self.live_posts = live_posts
        self.rng = Random(SEED)
        self.plan = load("plan.toml")
        self.script = Script(self.rng)
        self.cast = Cast(self.rng, self.plan["networks"], self.plan["crowd"])
        self.serials = count(1)
        self.said: list[Said] = []
        self.texts: set[str] = set()
        self.deeds: list[Deed] = []
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
        self.deeds = Desk(self).work()
        self.live()
        for one in self.said:
            if one.parent and one.at <= self.now:
                one.parent.answers += 1
        heard = sorted((one for one in self.said if not one.hidden), key=lambda one: (one.at, one.serial))
        return [one.row(self.rng, fresh=one.at > self.now) for one in heard]

    def everyday(self) -> None:
        """The ordinary days, in order of time so that a line comes again late."""
        pots = list(Counter(self.plan["pots"]).elements())
        self.rng.shuffle(pots)
        for at, pot in zip(sorted(self.moment() for _ in pots), pots, strict=True):
            self.single(pot, at)

    def threads(self) -> None:
        """The hand-written talks, once each."""
        for thread in load("threads.toml")["thread"]:
            self.talk(thread, self.talk_start(thread))

    def phases(self) -> None:
        """The incident, each phase with its own curve."""
        for pot, phase in self.plan["phases"].items():
            for at in sorted(self.since_incident(phase["hours"]) for _ in range(phase["posts"])):
                self.single(pot, at)

    def answers(self, rule: dict[str, Any]) -> None:
        """Some of the posts so far get an answer, or their author goes on."""
        for parent in self.rng.sample(self.answerable(rule), rule["posts"]):
            minutes = self.rng.lognormvariate(5.5 if rule["own"] else 4, 1)
            self.answer(rule, parent, min(parent.at + timedelta(minutes=minutes), self.now))

    def reposts(self) -> None:
        """The same words again: the loudest of the incident, as X reposts them."""
        famous = [one for one in self.said if one.line.pot in ("first", "stranded", "loud") and not one.parent]
        famous = [one for one in famous if one.account.network == "x"]
        famous = sorted(famous, key=lambda one: one.account.followers or 0)[-9:]
        for _ in range(self.plan["reposts"]["posts"]):
            first = self.rng.choice(famous)
            at = first.at + timedelta(minutes=self.rng.lognormvariate(4.5, 1))
            text = f"RT @{first.account.handle}: {first.text}"[: LIMIT["x"]]
            self.add(at, self.cast.pick("x"), text, first.line, mentions(text, "x"), repost=True)

    def live(self) -> None:
        """What arrives after the load: a few at once, then at the rhythm of the weeks before, so that it is no spike;
        some go on with what they said."""
        plan, pots, own = self.plan["live"], self.plan["pots"], self.plan["answers"][0]
        for seconds, pot in plan["opening"]:
            self.single(pot, self.now + timedelta(seconds=seconds))
        moments = self.coming(plan["opening"][-1][0], self.live_posts - len(plan["opening"]))
        recent = self.answerable(own)[-plan["followups"] :][: len(moments)]
        going_on = dict(zip(self.rng.sample(range(len(moments)), len(recent)), recent, strict=True))
        for i, at in enumerate(moments):
            if i in going_on:
                self.answer(own, going_on[i], at)
            else:
                self.single(self.rng.choices(list(pots), list(pots.values()))[0], at)

    def single(self, pot: str, at: datetime) -> None:
        """A post of its own; on forums mostly a comment in a thread that we don't hear."""
        role = ROLES.get(pot, "crowd")
        network = self.network(pot, role)
        text, line, account = self.worded(pot, network, role)
        outside = network == "hackernews" or (network == "reddit" and "\n" not in text)
        self.add(at, account, text, line, mentions(text, network), outside=outside)

    def answer(self, rule: dict[str, Any], parent: Said, at: datetime) -> None:
        """An answer to `parent`, by its author or somebody else."""
        own: bool = rule["own"]
        text, line, account = self.worded(rule["pot"], parent.account.network, "crowd", parent.addressed)
        text = prefixed(text, parent, own)
        self.add(at, parent.account if own else account, text, line, mentions(text, account.network), parent)

    def talk(self, thread: dict[str, Any], at: datetime) -> None:
        """One hand-written talk; each turn answers the one before it, or the turn numbered `to`."""
        network, lang = thread["on"], thread.get("lang", "en")
        people = {"kestova": Account(network, "kestova", "Kestova")}
        turns: list[Said] = []
        for turn in thread["turns"]:
            parent = turns[turn.get("to", len(turns)) - 1] if turns else None
            while turn["by"] not in people:
                newcomer = self.cast.pick(network, lang=lang)
                if newcomer not in people.values():
                    people[turn["by"]] = newcomer
            account = people[turn["by"]]
            line = Line("thread", turn.get("kind", "other"), turn["says"], (network,), lang)
            text = prefixed(line.text, parent, own=parent is not None and parent.account is account)
            addressed = mentions(text, network) or (parent is not None and parent.hidden)
            turns.append(self.add(at, account, text, line, addressed, parent, hidden=turn["by"] == "kestova"))
            at += timedelta(minutes=2 + self.rng.expovariate(1 / 45))

    def unheard(self, at: datetime, ours: Account, line: Line, parent: Said) -> Said:
        """An answer of Kestova's own."""
        return self.add(at, ours, line.text, line, False, parent, hidden=True)

    def react(self, pot: str, account: Account, answer: Said, at: datetime) -> Said | None:
        """What somebody says to an answer of Kestova's; None where all words were used before."""
        for _ in range(REACTIONS):
            line = self.script.draw(pot, account.network)
            says = voiced(self.script.render(line, "Kestova"), account.voice, line, account.network, self.rng)
            text = prefixed(says, answer, own=False)
            if text not in self.texts and len(text) <= LIMIT[account.network] - ROOM:
                self.texts.add(text)
                return self.add(at, account, text, line, True, answer)
        return None

    def worded(self, pot: str, network: str, role: str, to_us: bool = False) -> tuple[str, Line, Account]:
        """A text that fits the network and was not said before (only bots repeat themselves), with its author."""
        while True:
            line = self.script.draw(pot, network)
            account = self.cast.pick(network, role, line.lang)
            readiness = self.plan["addressed"].get(line.kind, 0) * READINESS[network]
            addressed = (to_us and network in MENTION) or self.rng.random() < readiness
            brand = MENTION[network] if addressed else self.rng.choice(("Kestova",) * 4 + ("kestova",))
            text = voiced(self.script.render(line, brand), account.voice, line, network, self.rng)
            if needs_name(text, network, addressed):
                in_front = network != "reddit" and self.rng.random() < 0.7
                text = f"{MENTION[network]} {text}" if in_front else f"{text} {MENTION[network]}"
            if len(text) <= LIMIT[network] - ROOM and (text not in self.texts or role == "bot"):
                self.texts.add(text)
                return text, line, account

    def add(
        self,
        at: datetime,
        account: Account,
        text: str,
        line: Line,
        addressed: bool,
        parent: Said | None = None,
        **marks: bool,
    ) -> Said:
        """Keep a post; `marks` are hidden, outside and repost."""
        self.said.append(Said(at, account, text, line, next(self.serials), addressed, parent, **marks))
        return self.said[-1]

    def answerable(self, rule: dict[str, Any]) -> list[Said]:
        """The posts that may get such an answer, oldest first; on forums nobody answers themselves."""
        networks = ("x", "mastodon", "bluesky") if rule["own"] else tuple(READINESS)
        found = [one for one in self.said if one.line.pot in rule["to"] and one.account.network in networks]
        return sorted((one for one in found if one.at < self.now - timedelta(hours=1)), key=lambda one: one.at)

    def moment(self) -> datetime:
        """A moment of the eight weeks, at the day's and the week's rhythm."""
        while True:
            at = self.now - timedelta(seconds=self.rng.randrange(60, DAYS * 86_400))
            if self.is_lively(at):
                return at

    def coming(self, after: int, count: int) -> list[datetime]:
        """Moments of the 24 hours to come at the day's rhythm, more than so many seconds on, none in a bunch."""
        gap = 86_400 // (8 * max(count, 1))
        found = [after]
        while len(found) <= count:
            later = self.rng.randrange(after, 86_400)
            alone = all(abs(later - other) > gap for other in found)
            if alone and self.is_lively(self.now + timedelta(seconds=later)):
                found.append(later)
        return [self.now + timedelta(seconds=later) for later in sorted(found[1:])]

    def is_lively(self, at: datetime) -> bool:
        """By chance, as often as that hour of the week has posts."""
        return self.rng.random() * 160 < HOURS[at.hour] * WEEKDAYS[at.weekday()]

    def since_incident(self, hours: list[float]) -> datetime:
        """A moment between the first and the last of three hours, most likely near the second."""
        first, likely, last = hours
        return self.incident + timedelta(seconds=int(self.rng.triangular(first, last, likely) * 3600))

    def talk_start(self, thread: dict[str, Any]) -> datetime:
        """When a talk begins: early enough to be over by now."""
        if "hours_after_incident" in thread:
            return self.incident + timedelta(hours=thread["hours_after_incident"])
        return min(self.moment(), self.now - timedelta(days=2))

    def network(self, pot: str, role: str) -> str:
        """A network that has both such posts and such people."""
        able = [one for one in self.script.networks(pot) if one in self.cast.networks(role)]
        return self.rng.choices(able, [self.plan["networks"][one] for one in able])[0]


def mentions(text: str, network: str) -> bool:
    """Whether the brand's account is named."""
    return network in MENTION and MENTION[network] in text.lower()


def needs_name(text: str, network: str, addressed: bool) -> bool:
    """Whether the brand's account must still be put in: the text is for us, or would name nobody."""
    if network not in MENTION or mentions(text, network):
        return False
    return (addressed and "kestova" in text.lower()) or not BRANDS.search(text)


def prefixed(text: str, parent: Said | None, own: bool) -> str:
    """An answer as the network shows it: X and Mastodon put the names of those who are answered in front."""
    if parent is None or parent.account.network not in ("x", "mastodon"):
        return text
    names = [] if own or parent.hidden else [f"@{parent.account.handle.partition('@')[0]}"]
    if (parent.addressed or parent.hidden) and "@kestova" not in text.lower():
        names.append("@kestova")
    return " ".join([*names, text])
