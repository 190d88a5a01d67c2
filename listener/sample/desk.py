"""What Kestova's own people did in the sample's weeks: answers, notes, closings, and how people took it.

Only the when and the words: who of the team does it follows from where a conversation was routed (engage/sample.py).
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Any

from listener.sample.cast import FACELESS, Account
from listener.sample.said import Said
from listener.sample.script import Line, load
from listener.sample.wire import post_url

if TYPE_CHECKING:
    from listener.sample.composer import Composer

SEED = 6011
ROUNDS = 4
"""So often at most one talk goes to and fro."""
UNANSWERABLE = ("hackernews",)
INCIDENT = ("first", "stranded", "morning", "anger", "loud")
INCIDENT_LASTS = timedelta(hours=60)
SETTLED = timedelta(days=2)
"""What nobody answered is closed after so long, if at all."""


class Doing(StrEnum):
    """What somebody of the team did."""

    ANSWER = "answer"
    NOTE = "note"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done about the conversation which holds the post."""

    at: datetime
    doing: Doing
    network: str
    post: str
    """The post's id on its network."""
    text: str = ""
    id: str = ""
    """Of an answer, on the network."""
    url: str = ""


class Desk:
    """Works off what the composer's people said; adds what they say in return."""

    def __init__(self, composer: "Composer") -> None:
        self.composer = composer
        self.rng = Random(SEED)
        self.plan = load("desk.toml")
        self.decks = _decks()
        self.deeds: list[Deed] = []

    def work(self) -> list[Deed]:
        """Every deed until now, oldest first."""
        for talk in self._talks():
            if any(one.parent.hidden for one in talk if one.parent) or self._written(talk):
                self._close(talk[-1], talk[-1].at)
            elif self.rng.random() < self.plan["answered"].get(_subject(talk[0]), 0) * _chance(talk[0]):
                self._answer_all(talk)
            elif self.rng.random() < self.plan["closed_unanswered"][_subject(talk[0])]:
                self._do(Doing.CLOSE, talk[-1], self._staffed(talk[-1].at + SETTLED, "first"))
        return sorted(self.deeds, key=lambda deed: deed.at)

    def _talks(self) -> list[list[Said]]:
        """What each author said in each thread, the talks in order of their beginnings."""
        talks: dict[tuple[str, str, str], list[Said]] = defaultdict(list)
        for one in sorted(self.composer.said, key=lambda one: (one.at, one.serial)):
            if not one.hidden and one.at <= self.composer.now:
                talks[one.account.network, one.thread, one.account.handle].append(one)
        return list(talks.values())

    def _written(self, talk: Sequence[Said]) -> bool:
        """Put down what the hand-written talks have us answer; whether there is such."""
        ours = [one for one in self.composer.said if one.hidden and one.parent in talk]
        for one in ours:
            assert one.parent is not None
            self._answer(one.parent, one)
        return bool(ours)

    def _answer_all(self, talk: Sequence[Said]) -> None:
        """Answer, and go on with whatever the person says to that."""
        coming = list(talk)
        for round_ in range(ROUNDS):
            at = self._staffed(coming[0].at, self._wait(coming[0], first=not round_))
            turn = [one for one in coming if one.at <= at][-1]
            answer = self._said(turn, at, first=not round_)
            if self.rng.random() < self.plan["after"]["note"]:
                self._do(Doing.NOTE, turn, self._staffed(coming[0].at, "note"), self._words("note", "en", turn))
            if at > self.composer.now:
                return
            self._answer(turn, answer)
            coming = [one for one in coming if one.at > at] or self._reactions(turn, answer)
            if not coming:
                return
            if coming[0].line.pot.startswith("happy"):
                self._close(coming[0], coming[0].at)
                return

    def _reactions(self, turn: Said, answer: Said) -> list[Said]:
        """What the person says to our answer, if anything; who is silent is done, unless it breaks again."""
        dice, after = self.rng.random(), self.plan["after"]
        silent = turn.line.lang not in ("en", "de") or turn.account.network == "reddit"
        if silent or turn.line.kind not in ("complaint", "question") or dice > after["happy"] + after["unhappy"]:
            closed = self._close(turn, answer.at)
            broke = closed and not silent and self.rng.random() < after["come_back"]
            return self._react("back", answer, closed) if broke and closed else []
        mood = "happy" if dice < after["happy"] else "unhappy"
        return self._react(mood, answer, answer.at)

    def _react(self, mood: str, answer: Said, since: datetime) -> list[Said]:
        assert answer.parent is not None
        at = since + timedelta(minutes=self._scattered("come_back" if mood == "back" else mood))
        if at > self.composer.now:
            return []
        pot = mood if answer.line.lang == "en" else f"{mood}_{answer.line.lang}"
        said = self.composer.react(pot, answer.parent.account, answer, at)
        return [said] if said else []

    def _close(self, last: Said, since: datetime) -> datetime | None:
        if self.rng.random() > self.plan["after"]["close"]:
            return None
        at = self._staffed(since, "close")
        self._do(Doing.CLOSE, last, at)
        return at

    def _said(self, turn: Said, at: datetime, *, first: bool) -> Said:
        """Our answer, which the composer keeps unheard."""
        subject = _subject(turn) if first else "again"
        text = self._words(subject, turn.line.lang, turn)
        line = Line("ours", "other", text, (turn.account.network,), turn.line.lang)
        return self.composer.unheard(at, Account(turn.account.network, "kestova", "Kestova"), line, turn)

    def _words(self, subject: str, lang: str, turn: Said) -> str:
        decks = self.decks
        lines = next(
            decks[key]
            for key in ((subject, lang), ("other", lang), ("any", lang), (subject, "en"), ("other", "en"))
            if key in decks
        )
        line = lines.pop(0)
        lines.append(line)
        text = self.composer.script.render(line, "Kestova")
        given = turn.account.name.split()[0] if turn.account.network not in FACELESS else ""
        return text.replace("(name)", f", {given}" if given.isalpha() and self.rng.random() < 0.6 else "")

    def _answer(self, turn: Said, answer: Said) -> None:
        url = post_url(turn.account.network, answer.id, answer.thread, "kestova")
        self._do(Doing.ANSWER, turn, answer.at, answer.line.text, answer.id, url)

    def _do(self, doing: Doing, about: Said, at: datetime, text: str = "", id_: str = "", url: str = "") -> None:
        if at <= self.composer.now:
            self.deeds.append(Deed(at, doing, about.account.network, about.id, text, id_, url))

    def _wait(self, turn: Said, *, first: bool) -> str:
        if turn.line.pot in INCIDENT and turn.at < self.composer.incident + INCIDENT_LASTS:
            return "incident"
        return "first" if first else "again"

    def _scattered(self, wait: str) -> float:
        usual, scatter = self.plan["waits"][wait]
        return self.rng.lognormvariate(math.log(usual), scatter)

    def _staffed(self, at: datetime, wait: str) -> datetime:
        """So long after `at`, counting from when somebody is there, at a moment at which somebody is."""
        hours = self.plan["hours"]["weekday"]
        done = open_from(open_from(at, hours) + timedelta(minutes=self._scattered(wait)), hours)
        return done + timedelta(seconds=self.rng.randrange(20, 900))


def open_from(at: datetime, hours: Sequence[Sequence[int]]) -> datetime:
    """The first moment from `at` on at which the desk is open."""
    while True:
        opens, closes = hours[at.weekday()]
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        if at < midnight + timedelta(hours=closes):
            return max(at, midnight + timedelta(hours=opens))
        at = midnight + timedelta(days=1)


def _subject(one: Said) -> str:
    return "incident" if one.line.pot in INCIDENT else one.line.kind


def _chance(one: Said) -> float:
    """How much less often than others it is answered: X lets us answer only who names us, forums are half read."""
    network = one.account.network
    if network in UNANSWERABLE or one.repost or (network == "x" and not one.addressed):
        return 0
    return {"reddit": 0.5}.get(network, 1) * (1 if one.line.lang in ("en", "de") else 0.6)


def _decks() -> dict[tuple[str, str], list[Line]]:
    """What we write, by subject and language; `{name}` is left for later, it is no slot."""
    decks: dict[str, Any] = load("ours.toml")
    return {
        (deck["to"], deck["lang"]): [
            Line("ours", deck["to"], text.replace("{name}", "(name)"), (), deck["lang"]) for text in deck["posts"]
        ]
        for deck in decks["deck"]
    }
