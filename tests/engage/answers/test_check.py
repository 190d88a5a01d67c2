import dataclasses
from typing import Any

import pytest

from engage.answers.check import Act, Draft, Level, Rule, Rules, check


def found(text: str, rules: Rules | None = None, **known: Any) -> dict[Rule, Level]:
    return {one.rule: one.level for one in check(Draft(text, **known), rules or Rules())}


def test_a_plain_reply_has_nothing_against_it() -> None:
    assert found("Thank you, we look into it.", language="en", wanted="en", said=1, has_messages=True) == {}


@pytest.mark.parametrize(
    ("text", "known", "rule"),
    [
        ("Write to bea@mail.example", {}, Rule.PERSONAL),
        ("Wir sehen uns das gleich an.", {"language": "de", "wanted": "en"}, Rule.LANGUAGE),
        ("We look into it.", {"said": 5}, Rule.REPEATED),
        ("See https://a.example/x", {"dead_links": {"https://a.example/x": "gone"}}, Rule.LINK),
        ("See a.example", {"cost": "X charges $0.20."}, Rule.COST),
        ("Sorry!", {"mention": "I am bea@mail.example", "has_messages": True}, Rule.MESSAGE),
    ],
)
def test_each_rule_warns(text: str, known: dict[str, Any], rule: Rule) -> None:
    assert found(text, **known) == {rule: Level.WARN}


def test_a_promise_asks_for_approval_in_any_form() -> None:
    assert found("You are refunded, we  guarantee it.") == {Rule.PROMISE: Level.APPROVE}
    assert found("Nothing is refundable here.") == {}


def test_a_gap_always_stops_the_reply() -> None:
    (gap,) = check(Draft("Hi {{contact.first_name}}"), Rules(dict.fromkeys(Rule, Level.OFF)))
    assert (gap.level, gap.message) == (Level.BLOCK, "Fill in {{contact.first_name}} first.")
    assert gap.remedy is not None and gap.remedy.act is Act.SELECT


def test_a_manager_chooses_what_a_finding_does() -> None:
    rules = Rules({Rule.PERSONAL: Level.BLOCK, Rule.PROMISE: Level.OFF, Rule.MESSAGE: Level.OFF})
    assert found("A refund goes to bea@mail.example", rules, has_messages=True) == {Rule.PERSONAL: Level.BLOCK}


def test_the_gravest_stands_first_and_a_card_is_not_repeated() -> None:
    rules = Rules({Rule.PERSONAL: Level.WARN, Rule.PROMISE: Level.BLOCK})
    promise, card = check(Draft("A refund to 4111 1111 1111 1111"), rules)
    assert promise.rule is Rule.PROMISE
    assert "4111 1111" not in card.message and "1111" in card.message


def test_the_hint_goes_once_it_is_taken() -> None:
    draft = Draft("Sorry!", mention="order #A-10293", has_messages=True)
    (hint,) = check(draft, Rules())
    assert hint.remedy is not None
    assert check(dataclasses.replace(draft, text=f"Sorry! {hint.remedy.words}"), Rules()) == ()


def test_languages_that_cannot_be_told_are_not_compared() -> None:
    assert found("Ok", language="", wanted="de") == {}
    assert found("Alles klar", language="de", wanted="") == {}
