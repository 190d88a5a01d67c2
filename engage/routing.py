"""Which team takes a conversation, how pressing it is, and why. Pure: facts and rules in, a decision out."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.errors import SettingsError
from engage.tables import Priority, Team
from listener.query import Query, QueryError, parse
from nlp.reading import About, Intent, Sentiment

DEFAULT_RULES = Path(__file__).parent / "rules.toml"
CHOICES: Mapping[str, frozenset[str] | None] = {
    "brand": None,
    "network": None,
    "language": None,
    "sentiment": frozenset(Sentiment),
    "intent": frozenset(Intent),
    "about": frozenset(About),
}
"""Conditions that take a list, with the values they know (None: any)."""
LIMITS = {
    "urgency_min": "urgency",
    "urgency_max": "urgency",
    "followers_min": "followers",
    "followers_max": "followers",
    "sure_min": "sure",
}
PRIORITIES = {priority.name.lower(): priority for priority in Priority}


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules may ask about a mention."""

    brand: str
    network: str
    sentiment: str
    intent: str
    sure: float
    """The probability of the intent."""
    urgency: float
    about: str
    language: str
    followers: int | None
    addressed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions, all of which must hold, and what follows from them."""

    name: str
    team: Team
    priority: Priority = Priority.NORMAL
    tags: tuple[str, ...] = ()
    noise: bool = False
    approval: bool = False
    """Answers need approval."""
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    addressed: bool | None = None
    words: Query | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A rule that holds, with the facts that made it hold."""

    rule: Rule
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in order; the last one always holds. `version` names their content."""

    rules: tuple[Rule, ...]
    version: str


def decide(facts: Facts, rules: RuleSet) -> Decision:
    """The first rule whose conditions all hold."""
    for rule in rules.rules:
        matched = match(facts, rule)
        if matched is not None:
            return Decision(rule, matched)
    raise AssertionError("read_rules makes sure that the last rule always holds")


def match(facts: Facts, rule: Rule) -> dict[str, Any] | None:
    """The facts that satisfy the rule's conditions, None where one doesn't hold."""
    matched: dict[str, Any] = {}
    for name, wanted in rule.choices.items():
        value = getattr(facts, name)
        if value not in wanted:
            return None
        matched[name] = value
    for name, limit in rule.limits.items():
        value = getattr(facts, LIMITS[name])
        if value is None or (value < limit if name.endswith("_min") else value > limit):
            return None
        matched[LIMITS[name]] = value
    if rule.addressed is not None:
        if facts.addressed is not rule.addressed:
            return None
        matched["addressed"] = facts.addressed
    if rule.words:
        if not rule.words.matches(facts.text):
            return None
        matched["words"] = [facts.text[start:end] for start, end in rule.words.spans(facts.text)]
    return matched


def load_rules(path: Path | None = None) -> RuleSet:
    """The rules in a TOML file; the built-in ones without one. Raises SettingsError naming file, rule and key."""
    source = path or DEFAULT_RULES
    try:
        text = source.read_text()
        table = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(
            f"The rules file {source} cannot be read: {error.strerror}.", "Check rules_file."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The rules file {source} is not valid TOML: {error}.", "Mend the place named.") from None
    try:
        rules = read_rules(table)
    except ValueError as error:
        raise SettingsError(f"The rules file {source} is wrong: {error}", "Mend the place named.") from None
    return RuleSet(rules, hashlib.sha256(text.encode()).hexdigest()[:12])


def read_rules(table: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Rules from their TOML form. Raises ValueError that names the rule and the key."""
    unknown = set(table) - {"rule"}
    if unknown:
        raise ValueError(f"there is no section {min(unknown)!r}; rules begin with [[rule]].")
    rules = tuple(_read_rule(number, entry) for number, entry in enumerate(table.get("rule", []), 1))
    if not rules or _conditions(rules[-1]):
        raise ValueError("the last rule must have no conditions (when = {}), so that every conversation gets a team.")
    names = [rule.name for rule in rules]
    doubled = {name for name in names if names.count(name) > 1}
    if doubled:
        raise ValueError(f"two rules are called {min(doubled)!r}.")
    return rules


def _conditions(rule: Rule) -> bool:
    return bool(rule.choices or rule.limits or rule.words or rule.addressed is not None)


def _read_rule(number: int, entry: Mapping[str, Any]) -> Rule:
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"rule {number} has no name.")
    when, then = entry.get("when", {}), entry.get("then", {})
    place = f"rule {name!r}:"
    _refuse_unknown(place, entry, {"name", "when", "then"})
    _refuse_unknown(place, when, {*CHOICES, *LIMITS, "addressed", "words"})
    _refuse_unknown(place, then, {"team", "priority", "tags", "noise", "approval"})
    return Rule(
        name=name,
        team=Team(_one_of(place, "team", then.get("team"), frozenset(Team))),
        priority=PRIORITIES[_one_of(place, "priority", then.get("priority", "normal"), frozenset(PRIORITIES))],
        tags=tuple(_strings(place, "tags", then.get("tags", []))),
        noise=_boolean(place, "noise", then.get("noise", False)),
        approval=_boolean(place, "approval", then.get("approval", False)),
        choices=dict(_read_choices(place, when)),
        limits={key: _number(place, key, when[key]) for key in LIMITS if key in when},
        addressed=_boolean(place, "addressed", when["addressed"]) if "addressed" in when else None,
        words=_read_words(place, when["words"]) if "words" in when else None,
    )


def _read_choices(place: str, when: Mapping[str, Any]) -> Iterator[tuple[str, frozenset[str]]]:
    for key, known in CHOICES.items():
        if key in when:
            values = _strings(place, key, when[key])
            for value in values:
                _one_of(place, key, value, known)
            yield key, frozenset(values)


def _read_words(place: str, text: Any) -> Query:
    try:
        return parse(str(text))
    except QueryError as error:
        raise ValueError(f"{place} words: {error.message}") from None


def _refuse_unknown(place: str, table: Mapping[str, Any], known: set[str]) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"{place} there is no {key!r}; known: {', '.join(sorted(known))}.")


def _one_of(place: str, key: str, value: Any, known: frozenset[str] | None) -> str:
    if not isinstance(value, str) or (known is not None and value not in known):
        raise ValueError(f"{place} {key} = {value!r}; known: {', '.join(sorted(known or ()))}.")
    return value


def _strings(place: str, key: str, value: Any) -> Sequence[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{place} {key} must be a list of words.")
    return value


def _number(place: str, key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{place} {key} must be a number.")
    return float(value)


def _boolean(place: str, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{place} {key} must be true or false.")
    return value
