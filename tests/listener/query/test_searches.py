"""The search strings of each network: well-formed, short enough, and never too narrow."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from listener.query import Query, QueryError, for_bluesky, for_hackernews, for_reddit, for_x, hashtags, parse
from listener.query.tree import Node
from tests.listener.query.strategies import Words, holds, texts, trees

COMPILERS = (for_x, for_reddit, for_bluesky, for_hackernews)


def found_by(search: str, words: Words, *, last_is_prefix: bool = False) -> bool:
    """A network that takes our syntax, and Algolia's where the last word is the beginning of one."""
    simulated = parse(search)
    if last_is_prefix and not search.endswith('"'):
        simulated = parse(f"{search}*")
    return simulated.matches(words.text)


def test_x() -> None:
    query = parse(
        'kestova (battery OR e-bike) -giveaway -charg* "customer service" #ebike @kestova @ada@example.social'
    )
    assert for_x(query) == [
        'kestova (battery OR "e-bike") -giveaway "customer service" #ebike @kestova "ada@example.social"'
    ]


def test_reddit_finds_inflections_so_nothing_is_excluded() -> None:
    assert for_reddit(parse("kestova #ebike (battery OR from:ada) -giveaway")) == [
        'kestova ebike (battery OR "from:ada")'
    ]


def test_bluesky_gets_a_string_for_each_alternative() -> None:
    assert for_bluesky(parse("kestova (#battery OR charger) -giveaway")) == ["kestova #battery", "kestova charger"]


def test_hackernews_takes_the_last_word_as_a_beginning() -> None:
    assert for_hackernews(parse("charg* kestova")) == ["kestova charg"]


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        ("kestova", ["kestova"]),
        ('kestova OR "Customer Service" OR @ada OR kest*', ["kestova", "customerservice"]),
        ("(battery OR charger) Kestova -spam", ["kestova"]),
        ("kestova (#ebike OR #bike)", ["ebike", "bike"]),
        ("@ada", []),
        ("2026", []),
    ],
)
def test_hashtags(query: str, tags: list[str]) -> None:
    assert hashtags(parse(query)) == tags


@pytest.mark.parametrize("compiler", [for_x, for_reddit, for_bluesky])
@pytest.mark.parametrize("text", ["kestov*", "kestova OR charg*", "charg* -spam"])
def test_what_cannot_be_searched_is_an_error_that_says_so(compiler: Callable[[Query], list[str]], text: str) -> None:
    with pytest.raises(QueryError, match="cannot search"):
        compiler(parse(text))


def test_operators_of_a_network_are_quoted() -> None:
    assert for_x(parse('and from:ada "OR" \'x')) == ['"and" "from:ada" "OR" x']


def test_a_long_or_is_split_and_the_rest_goes_with_each() -> None:
    names = " OR ".join(f"product{number:03}" for number in range(100))
    searches = for_x(parse(f"kestova ({names}) -giveaway"))
    assert len(searches) < 6
    assert all(search.startswith("kestova (") and search.endswith(") -giveaway") for search in searches)
    assert sum(search.count("product") for search in searches) == 100


def test_too_many_combinations_ask_for_less() -> None:
    left, right = (" OR ".join(f"{name}{number}" for number in range(30)) for name in ("left", "right"))
    assert len(for_bluesky(parse(f"({left}) ({right}) kestova"))) == 30
    assert all(search.startswith("kestova left") for search in for_bluesky(parse(f"({left}) ({right}) kestova")))


@given(trees(), st.lists(texts(), max_size=6), st.sampled_from([512, 210]))
def test_x_finds_all_that_matches(tree: Node, samples: list[Words], max_length: int) -> None:
    assume(not holds(tree, Words((), ())))
    try:
        searches = for_x(Query("", tree), max_length)
    except QueryError:
        return
    assert all(len(search) <= max_length for search in searches)
    for sample in samples:
        assert any(found_by(search, sample) for search in searches) >= holds(tree, sample)


@given(trees(), st.lists(texts(), max_size=6), st.sampled_from([for_reddit, for_bluesky]))
def test_others_find_all_that_matches(
    tree: Node, samples: list[Words], compiler: Callable[[Query], list[str]]
) -> None:
    assume(not holds(tree, Words((), ())))
    try:
        searches = compiler(Query("", tree))
    except QueryError:
        return
    for sample in samples:
        assert any(found_by(search, sample) for search in searches) >= holds(tree, sample)


@given(trees(), st.lists(texts(), max_size=6))
def test_hackernews_finds_all_that_matches(tree: Node, samples: list[Words]) -> None:
    assume(not holds(tree, Words((), ())))
    try:
        searches = for_hackernews(Query("", tree))
    except QueryError:
        return
    assert all(len(search) <= 512 for search in searches)
    for sample in samples:
        assert any(found_by(search, sample, last_is_prefix=True) for search in searches) >= holds(tree, sample)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=5), texts())
def test_every_alternative_has_its_own_string(names: list[str], sample: Words) -> None:
    query = parse(" OR ".join(names))
    for compiler in COMPILERS:
        found = " ".join(compiler(query)).split()
        assert set(found) - {"OR"} == set(names)
