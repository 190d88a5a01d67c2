"""The language of the search box, for lists and saved views alike. Pure.

    refund "late parcel" -thanks from:bea network:x,mastodon -status:closed @ada after:7d is:unread

Words and "phrases" stand in a mention or name its author; -word stands in none of the conversation. A filter's values
are one of several with commas or repetition. What looks like a filter that nobody knows (`https://…`) is words.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engage.search import MOST_WORDS, words_of
from engage.tables import Status, Team
from listener.networks import NETWORK_LABELS
from nlp.reading import Intent, Sentiment

NOBODY = 0
"""As an assignee: those that nobody has."""
LONGEST = 500
"""Characters of a search that are read."""
TOKEN = re.compile(r'(?P<minus>-?)(?:(?P<key>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]*))')
AGO = re.compile(r"(\d{1,4})([hdwmy])")
HOURS = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}
FLAGS = ("unread", "answered", "noise")
Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Known:
    """What names and days in a search refer to."""

    me: int
    people: Mapping[int, str]
    brands: Mapping[int, str]
    tags: tuple[str, ...]
    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Pick:
    """One of these values, or with `negated` none of them."""

    field: str
    """A column of Conversation, or `author` or `tag`."""
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A part that cannot be understood, and what it wants."""

    part: str
    words: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What a search asks for."""

    words: tuple[str, ...] = ()
    """Those of phrases too; the last counts from its beginning."""
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Words or phrases."""
    picks: tuple[Pick, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing at all: signs only."""
        return not (self.words or self.without or self.picks or self.since or self.until)


class _WrongError(Exception):
    """What a filter wants, in words."""


@dataclass(slots=True)
class _Found:
    plain: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    picks: dict[tuple[str, bool], list[Value]] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    problems: list[Problem] = field(default_factory=list)


def parse(typed: str, known: Known) -> Asking:
    """What a person typed, whatever it is; parts that make no sense become problems."""
    found = _Found()
    for match in TOKEN.finditer(typed[:LONGEST]):
        if match.group().strip("-"):
            _take(match, known, found)
    words = [word for phrase in found.phrases for word in words_of(phrase)] + found.plain
    return Asking(
        tuple(words[:MOST_WORDS]),
        tuple(found.phrases),
        tuple(found.without[:MOST_WORDS]),
        tuple(Pick(name, tuple(dict.fromkeys(values)), negated) for (name, negated), values in found.picks.items()),
        found.since,
        found.until,
        tuple(found.problems),
    )


def _take(match: "re.Match[str]", known: Known, found: _Found) -> None:
    negated, key = bool(match["minus"]), (match["key"] or "").lower()
    quoted, plain = match["quoted"], match["plain"] or ""
    if key in FILTERS:
        _filter(match.group(), key, quoted if quoted is not None else plain, negated, known, found)
    elif key:
        _words(match.group().lstrip("-"), negated, quoted is not None, found)
    elif plain.startswith("@") and "@" not in plain[1:] and (ids := _people_named(plain[1:], known)):
        _pick(found, "assignee_id", negated, ids)
    else:
        _words(plain if quoted is None else quoted, negated, quoted is not None, found)


def _words(text: str, negated: bool, is_phrase: bool, found: _Found) -> None:
    words = words_of(text)
    if not words:
        return
    if negated:
        found.without.append(" ".join(words))
    elif is_phrase and len(words) > 1:
        found.phrases.append(" ".join(words))
    else:
        found.plain += words


def _filter(part: str, key: str, value: str, negated: bool, known: Known, found: _Found) -> None:
    try:
        if not value.strip(" ,"):
            raise _WrongError(f"{key}: wants a value right after the colon, such as {EXAMPLES[key]}.")
        if key in {"before", "after"}:
            if negated:
                raise _WrongError(f"Write {'after' if key == 'before' else 'before'}: instead of -{key}:.")
            _between(key, value, known, found)
            return
        for one in filter(None, map(str.strip, value.split(","))):
            for name, picked in FILTERS[key](one, known):
                _pick(found, name, negated, [picked])
    except _WrongError as error:
        found.problems.append(Problem(part, str(error)))


def _pick(found: _Found, name: str, negated: bool, values: list[int] | list[Value]) -> None:
    found.picks.setdefault((name, negated), []).extend(values)


# --- what each filter takes -----------------------------------------------------------------------------------------

Picked = Iterator[tuple[str, Value]]


def _choice(key: str, name: str, values: tuple[str, ...]) -> Callable[[str, Known], Picked]:
    def read(value: str, _: Known) -> Picked:
        if value.lower() not in values:
            raise _WrongError(f"There is no {key} “{value}”; use {_either(values)}.")
        yield name, value.lower()

    return read


def _author(value: str, _: Known) -> Picked:
    if not words_of(value):
        raise _WrongError("from: wants a name or handle, such as from:bea.")
    yield "author", value


def _status(value: str, known: Known) -> Picked:
    if value.lower() == "noise":
        yield "noise", True
    else:
        yield from _choice("status", "status", (*Status, "noise"))(value, known)


def _assignee(value: str, known: Known) -> Picked:
    special = {"me": known.me, "nobody": NOBODY, "none": NOBODY}
    ids = [special[value.lower()]] if value.lower() in special else _people_named(value, known)
    if not ids:
        raise _WrongError(f"Nobody in the team is called “{value}”; use a colleague's name, me or nobody.")
    yield from (("assignee_id", number) for number in ids)


def _brand(value: str, known: Known) -> Picked:
    ids = _named(value, known.brands)
    if not ids:
        raise _WrongError(f"There is no brand “{value}”; use {_either(tuple(known.brands.values()))}.")
    yield from (("brand_id", number) for number in ids)


def _tag(value: str, known: Known) -> Picked:
    alike = [tag for tag in known.tags if tag.casefold() == value.casefold()]
    if not alike:
        raise _WrongError(f"No conversation is tagged “{value}”; the page of tags lists them all.")
    yield from (("tag", tag) for tag in alike)


def _language(value: str, _: Known) -> Picked:
    if not (value.isascii() and value.isalpha() and 2 <= len(value) <= 3):
        raise _WrongError("lang: wants a language's two letters, such as lang:de.")
    yield "language", value.lower()


def _flag(value: str, _: Known) -> Picked:
    name = value.lower()
    if name not in FLAGS:
        raise _WrongError(f"There is no is:{value}; use {_either(tuple('is:' + flag for flag in FLAGS))}.")
    yield {"answered": "answered_at"}.get(name, name), True


def _day(_: str, __: Known) -> Picked:
    return iter(())


FILTERS: Mapping[str, Callable[[str, Known], Picked]] = {
    "from": _author,
    "network": _choice("network", "network", tuple(NETWORK_LABELS)),
    "intent": _choice("intent", "intent", tuple(Intent)),
    "sentiment": _choice("sentiment", "sentiment", tuple(Sentiment)),
    "status": _status,
    "team": _choice("team", "team", tuple(Team)),
    "assignee": _assignee,
    "brand": _brand,
    "tag": _tag,
    "lang": _language,
    "is": _flag,
    "before": _day,
    "after": _day,
}
EXAMPLES = {
    "from": "from:bea",
    "network": "network:mastodon",
    "intent": "intent:complaint",
    "sentiment": "sentiment:negative",
    "status": "status:open",
    "team": "team:support",
    "assignee": "assignee:me",
    "brand": 'brand:"Two words"',
    "tag": "tag:refund",
    "lang": "lang:de",
    "is": "is:unread",
    "before": "before:2026-11-02",
    "after": "after:7d",
}


def _between(key: str, value: str, known: Known, found: _Found) -> None:
    """`after:` a day means from its first moment on, `before:` a day until its first moment."""
    moment = _moment(key, value.strip().lower(), known)
    if key == "after":
        found.since = max(found.since or moment, moment)
    else:
        found.until = min(found.until or moment, moment)


def _moment(key: str, value: str, known: Known) -> datetime:
    if ago := AGO.fullmatch(value):
        return known.now - timedelta(hours=int(ago[1]) * HOURS[ago[2]])
    today = known.now.astimezone(known.zone).date()
    named = {"today": today, "yesterday": today - timedelta(1)}
    try:
        day = named.get(value) or date.fromisoformat(value)
        return datetime.combine(day, time(), known.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _WrongError(f"{key}: wants a date such as 2026-11-02, or 7d for seven days ago.") from None


def _people_named(value: str, known: Known) -> list[int]:
    return _named(value, known.people)


def _named(value: str, names: Mapping[int, str]) -> list[int]:
    """Who is called so exactly, else those whose name has words that begin so."""
    asked = [word.casefold() for word in words_of(value)]
    if not asked:
        return []
    whole = [number for number, name in names.items() if name.casefold() == value.strip().casefold()]
    return whole or [number for number, name in names.items() if _begins(asked, words_of(name))]


def _begins(asked: list[str], words: list[str]) -> bool:
    return all(any(word.casefold().startswith(part) for word in words) for part in asked)


def _either(values: tuple[str, ...]) -> str:
    shown = values[:12]
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else "".join(shown) or "another"
