from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.inbox.asking import EXAMPLES, FILTERS, Asking, Known, Pick, parse

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
KNOWN = Known(
    1, {1: "Ada Moss", 2: "Ben Ruiz"}, {7: "Norvik"}, ("Refund", "late van"), NOW, ZoneInfo("Europe/Berlin")
)


def picks(typed: str) -> set[Pick]:
    found = parse(typed, KNOWN)
    assert not found.problems, found.problems
    return set(found.picks)


def test_words_phrases_and_what_must_not_stand_there() -> None:
    found = parse('refund "late parcel" -thanks -"no way" "one"', KNOWN)
    assert found.words == ("late", "parcel", "refund", "one")
    assert found.phrases == ("late parcel",)
    assert found.without == ("thanks", "no way")


@pytest.mark.parametrize(
    ("typed", "picked"),
    [
        ("from:bea", Pick("author", ("bea",))),
        ('from:"Bea Moss"', Pick("author", ("Bea Moss",))),
        ("network:X", Pick("network", ("x",))),
        ("network:x,mastodon network:x", Pick("network", ("x", "mastodon"))),
        ("-intent:praise", Pick("intent", ("praise",), negated=True)),
        ("sentiment:negative", Pick("sentiment", ("negative",))),
        ("team:support", Pick("team", ("support",))),
        ("status:pending", Pick("status", ("pending",))),
        ("status:noise", Pick("noise", (True,))),
        ("is:noise", Pick("noise", (True,))),
        ("-is:answered", Pick("answered_at", (True,), negated=True)),
        ("is:unread", Pick("unread", (True,))),
        ("assignee:me", Pick("assignee_id", (1,))),
        ("assignee:nobody", Pick("assignee_id", (0,))),
        ("assignee:ruiz", Pick("assignee_id", (2,))),
        ("@ben", Pick("assignee_id", (2,))),
        ("brand:norvik", Pick("brand_id", (7,))),
        ("tag:refund", Pick("tag", ("Refund",))),
        ('tag:"late van"', Pick("tag", ("late van",))),
        ("lang:DE", Pick("language", ("de",))),
    ],
)
def test_each_filter(typed: str, picked: Pick) -> None:
    assert picks(typed) == {picked}


def test_days_are_those_of_the_reader() -> None:
    assert parse("before:2026-11-02", KNOWN).until == datetime(2026, 11, 1, 23, 0, tzinfo=UTC)
    assert parse("after:7d", KNOWN).since == NOW - timedelta(days=7)
    assert parse("after:today", KNOWN).since == datetime(2026, 11, 1, 23, 0, tzinfo=UTC)
    both = parse("after:7d after:2d before:1d before:3h", KNOWN)
    assert (both.since, both.until) == (NOW - timedelta(days=2), NOW - timedelta(days=1))


def test_what_only_looks_like_a_filter_is_words() -> None:
    assert parse("https://a.example/b 12:30 @bea_m@social.example", KNOWN).words == (
        *("https", "a", "example", "b", "12", "30", "bea", "m", "social", "example"),
    )
    assert parse("@zoe", KNOWN).words == ("zoe",)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("before:soon", "before: wants a date such as 2026-11-02, or 7d for seven days ago."),
        ("after:2026-13-01", "after: wants a date such as 2026-11-02, or 7d for seven days ago."),
        ("from: bea", "from: wants a value right after the colon, such as from:bea."),
        ("team:sales", "There is no team “sales”; use support or marketing."),
        ("assignee:zoe", "Nobody in the team is called “zoe”; use a colleague's name, me or nobody."),
        ("brand:solmar", "There is no brand “solmar”; use Norvik."),
        ("is:red", "There is no is:red; use is:unread, is:answered or is:noise."),
        ("lang:klingon", "lang: wants a language's two letters, such as lang:de."),
        ("-before:7d", "Write after: instead of -before:."),
    ],
)
def test_mistakes_are_told_in_words(typed: str, said: str) -> None:
    assert [problem.words for problem in parse(typed, KNOWN).problems] == [said]


def test_every_filter_has_an_example_that_works() -> None:
    known = Known(1, {}, {1: "Two words"}, ("refund",), NOW, ZoneInfo("UTC"))
    assert EXAMPLES.keys() == FILTERS.keys()
    for example in EXAMPLES.values():
        found = parse(example, known)
        assert not found.problems and not found.is_empty, example


def test_signs_alone_ask_for_nothing() -> None:
    for typed in ("", "-", '"', '- :: "" --', "::"):
        assert parse(typed, KNOWN) == Asking(), typed


@given(st.text(max_size=80) | st.lists(st.sampled_from([*EXAMPLES.values(), "-", '"', "@", "x:", "a"])).map(" ".join))
def test_anything_can_be_typed(typed: str) -> None:
    found = parse(typed, KNOWN)
    assert len(found.words) <= 12
    assert found.is_empty or found != Asking()


@given(st.lists(st.sampled_from(["late", "parcel", "from:bea", "-thanks", "is:unread", "network:x"]), unique=True))
def test_the_order_of_filters_does_not_matter(parts: list[str]) -> None:
    one, other = parse(" ".join(parts), KNOWN), parse(" ".join(reversed(parts)), KNOWN)
    assert set(one.picks) == set(other.picks)
    assert set(one.words) == set(other.words) and one.without == other.without
