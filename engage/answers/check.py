"""What is to be said about a reply before it goes out: a table of rules over one value. Pure.

Each rule says what it found in words and, where it can, what to do about it. Whether a finding warns, asks for an
approval or stops the reply is the brand's choice; only gaps in a text always stop it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from engage.answers import personal, render
from engage.answers.personal import Datum, Kind


class Rule(StrEnum):
    """What is looked at."""

    PERSONAL = "personal"
    PROMISE = "promise"
    LANGUAGE = "language"
    REPEATED = "repeated"
    LINK = "link"
    COST = "cost"
    MESSAGE = "message"
    GAP = "gap"


class Level(StrEnum):
    """What a finding does."""

    OFF = "off"
    WARN = "warn"
    APPROVE = "approve"
    """Somebody who may approve has to."""
    BLOCK = "block"


CHOSEN = tuple(rule for rule in Rule if rule is not Rule.GAP)
"""Rules whose level a manager chooses."""
DEFAULTS: Mapping[Rule, Level] = {**dict.fromkeys(CHOSEN, Level.WARN), Rule.PROMISE: Level.APPROVE}
PROMISES = ("refund", "we guarantee", "we promise", "free of charge", "compensation", "compensate", "voucher")
MOST_SAME = 5


class Act(StrEnum):
    """What a button beside a finding does to the text."""

    REMOVE = "remove"
    INSERT = "insert"
    SELECT = "select"


@dataclass(frozen=True, slots=True)
class Remedy:
    """A button: what it says, what it does, and with which words."""

    label: str
    act: Act
    words: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should know before sending."""

    rule: Rule
    level: Level
    message: str
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a brand chose."""

    levels: Mapping[Rule, Level] = field(default_factory=lambda: DEFAULTS)
    promises: Sequence[str] = PROMISES
    order_number: str = ""
    most_same: int = MOST_SAME

    def level(self, rule: Rule) -> Level:
        """What a finding of this rule does."""
        return Level.BLOCK if rule is Rule.GAP else Level(self.levels.get(rule, DEFAULTS[rule]))


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply and what is known around it."""

    text: str
    mention: str = ""
    network: str = ""
    """Its name for people."""
    has_messages: bool = False
    """The network knows direct messages."""
    language: str = ""
    """That the reply surely is in; empty where that cannot be told."""
    wanted: str = ""
    """That the mention is in; empty where that cannot be told."""
    said: int = 0
    """How often the same text went out there within the hour."""
    dead_links: Mapping[str, str] = field(default_factory=dict)
    """{link: what is wrong with it}."""
    cost: str = ""
    """What the network charges for this text beyond the usual, in words."""


MOVE = "Please send us the details in a direct message."
MOVES = {"de": "Bitte schicken Sie uns die Einzelheiten als Direktnachricht."}
LANGUAGES = {
    "ar": "Arabic",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}

Found = Iterator[tuple[str, Remedy | None]]


def check(draft: Draft, rules: Rules) -> tuple[Finding, ...]:
    """What is found, the gravest first."""
    found = [
        Finding(rule, rules.level(rule), message, remedy)
        for rule, look in LOOKS.items()
        if rules.level(rule) is not Level.OFF and draft.text.strip()
        for message, remedy in look(draft, rules)
    ]
    order = list(reversed(Level))
    return tuple(sorted(found, key=lambda finding: order.index(finding.level)))


def _gaps(draft: Draft, _: Rules) -> Found:
    for gap in render.gaps(draft.text):
        yield f"Fill in {gap} first.", Remedy("Go to it", Act.SELECT, gap)


def _personal(draft: Draft, rules: Rules) -> Found:
    for datum in personal.find(draft.text, rules.order_number):
        yield f"Everybody can read this {datum.kind}: {_shown(datum)}.", Remedy("Remove it", Act.REMOVE, datum.text)


def _shown(datum: Datum) -> str:
    """Enough to find it; a card's number is not repeated."""
    return f"… {datum.text[-4:]}" if datum.kind in {Kind.CARD, Kind.IBAN} else datum.text


def _promises(draft: Draft, rules: Rules) -> Found:
    for words in rules.promises:
        match = _words(words).search(draft.text)
        if match:
            yield f"“{match.group()}” is a promise.", Remedy("Go to it", Act.SELECT, match.group())


def _words(words: str) -> re.Pattern[str]:
    """These words with whatever space is between them, and with an ending: `refund` finds refunded."""
    inner = r"\s+".join(re.escape(word) for word in words.split())
    return re.compile(rf"(?<!\w){inner}(?:s|ed|ing)?(?!\w)", re.IGNORECASE)


def _language(draft: Draft, _: Rules) -> Found:
    if draft.language and draft.wanted and draft.language != draft.wanted:
        own, other = (LANGUAGES.get(code, code) for code in (draft.language, draft.wanted))
        yield f"They wrote in {other}, this is in {own}.", None


def _repeated(draft: Draft, rules: Rules) -> Found:
    if draft.said >= rules.most_same:
        yield (
            f"The same text went out {draft.said:,} times on {draft.network} within the hour. "
            "Networks may take that for spam: say it in other words.",
            None,
        )


def _links(draft: Draft, _: Rules) -> Found:
    for link, trouble in draft.dead_links.items():
        yield f"{link} does not work: {trouble}.", Remedy("Go to it", Act.SELECT, link)


def _cost(draft: Draft, _: Rules) -> Found:
    if draft.cost:
        yield draft.cost, None


def _message(draft: Draft, rules: Rules) -> Found:
    texts = (draft.text, draft.mention)
    if draft.has_messages and any(personal.find(text, rules.order_number) for text in texts):
        words = MOVES.get(draft.wanted, MOVE)
        if words not in draft.text:
            yield (
                "This is about personal data: ask them to go on in a direct message.",
                Remedy("Add that", Act.INSERT, words),
            )


LOOKS: Mapping[Rule, Callable[[Draft, Rules], Found]] = {
    Rule.GAP: _gaps,
    Rule.PERSONAL: _personal,
    Rule.PROMISE: _promises,
    Rule.LANGUAGE: _language,
    Rule.REPEATED: _repeated,
    Rule.LINK: _links,
    Rule.COST: _cost,
    Rule.MESSAGE: _message,
}
