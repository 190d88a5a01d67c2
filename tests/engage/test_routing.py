from pathlib import Path

import pytest

from config.errors import SettingsError
from engage.routing import Facts, Rule, RuleSet, decide, load_rules, match, read_rules
from engage.tables import Priority, Team
from listener.query import parse

BASE = Facts(
    brand="Kestova",
    network="x",
    sentiment="neutral",
    intent="other",
    sure=0.9,
    urgency=0.1,
    about="brand",
    language="en",
    followers=50,
    addressed=True,
    text="about my kestova",
)


def facts(**changes: object) -> Facts:
    return Facts(**{name: changes.get(name, getattr(BASE, name)) for name in Facts.__slots__})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules()


@pytest.mark.parametrize(
    ("said", "team", "priority", "noise"),
    [
        ({"intent": "complaint"}, Team.SUPPORT, Priority.NORMAL, False),
        ({"intent": "complaint", "followers": 50_000}, Team.SUPPORT, Priority.HIGH, False),
        ({"intent": "question"}, Team.SUPPORT, Priority.NORMAL, False),
        ({"intent": "other", "urgency": 0.9}, Team.SUPPORT, Priority.URGENT, False),
        ({"intent": "praise"}, Team.MARKETING, Priority.NORMAL, False),
        ({"intent": "purchase"}, Team.MARKETING, Priority.HIGH, False),
        ({"intent": "suggestion"}, Team.MARKETING, Priority.NORMAL, False),
        ({"intent": "other", "followers": 200_000}, Team.MARKETING, Priority.HIGH, False),
        ({"intent": "promotion"}, Team.MARKETING, Priority.LOW, True),
        ({"intent": "promotion", "sure": 0.5}, Team.MARKETING, Priority.LOW, False),
        ({"intent": "complaint", "about": "competitor"}, Team.MARKETING, Priority.LOW, False),
        ({"intent": "other"}, Team.MARKETING, Priority.LOW, False),
        ({"intent": "other", "followers": None}, Team.MARKETING, Priority.LOW, False),
    ],
)
def test_the_default_rules_send_each_mention_where_it_belongs(
    rules: RuleSet, said: dict[str, object], team: Team, priority: Priority, noise: bool
) -> None:
    rule = decide(facts(**said), rules).rule
    assert (rule.team, rule.priority, rule.noise) == (team, priority, noise)


def test_a_decision_names_the_facts_that_made_it(rules: RuleSet) -> None:
    decision = decide(facts(intent="complaint", followers=50_000), rules)
    assert decision.rule.name == "Complaint with a large audience"
    assert decision.facts == {"intent": "complaint", "followers": 50_000}


def test_words_are_a_boolean_search_and_the_hits_are_kept() -> None:
    rule = Rule("Refunds", Team.SUPPORT, words=parse('refund OR "money back"'))
    assert match(facts(text="I want my Money Back"), rule) == {"words": ["Money Back"]}
    assert match(facts(text="I want my bike"), rule) is None


def test_a_network_without_followers_never_meets_a_condition_on_them() -> None:
    assert match(facts(followers=None), Rule("few", Team.SUPPORT, limits={"followers_max": 10})) is None


def rule(**changes: object) -> dict[str, object]:
    return {"name": "One", "when": {}, "then": {"team": "support"}, **changes}


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({}, "last rule"),
        ({"rules": []}, "'rules'"),
        ({"rule": [rule(when={"intent": ["complaint"]})]}, "last rule"),
        ({"rule": [rule(name="")]}, "rule 1 has no name"),
        ({"rule": [rule(), rule()]}, "two rules"),
        ({"rule": [rule(when={"mood": ["bad"]})]}, "'mood'"),
        ({"rule": [rule(when={"intent": ["complain"]})]}, "complain"),
        ({"rule": [rule(when={"intent": "complaint"})]}, "must be a list"),
        ({"rule": [rule(when={"urgency_min": "high"})]}, "must be a number"),
        ({"rule": [rule(when={"words": "(a"})]}, "words"),
        ({"rule": [rule(then={"team": "sales"})]}, "'sales'"),
        ({"rule": [rule(then={})]}, "team"),
        ({"rule": [rule(then={"team": "support", "priority": "top"})]}, "'top'"),
        ({"rule": [rule(then={"team": "support", "noise": "yes"})]}, "true or false"),
    ],
)
def test_a_wrong_rule_is_refused_by_name(table: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_rules(table)


def test_a_broken_file_says_which_and_where(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text("[[rule]\n")
    with pytest.raises(SettingsError, match=r"rules\.toml .*line 1"):
        load_rules(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_rules(tmp_path / "missing.toml")


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\nname = "All"\nthen = { team = "support" }\n')
    first = load_rules(path).version
    path.write_text('[[rule]]\nname = "All"\nthen = { team = "marketing" }\n')
    assert load_rules(path).version != first
