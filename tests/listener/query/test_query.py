"""Reading a query, and saying where it is wrong."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.query import Query, QueryError, parse
from listener.query.tree import Node, Not
from tests.listener.query.strategies import Words, holds, texts, trees

SYNTAX = st.text(alphabet='ab é"“()-*#@ORANDT.,\n\0日', max_size=40)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("kestova", "kestova"),
        ("  kestova,  battery. ", "kestova battery"),
        ("kestova AND battery", "kestova battery"),
        ("a OR b c", "a OR b c"),
        ("(a OR b) c", "(a OR b) c"),
        ("NOT a b", "-a b"),
        ("b -(c d)", "b -(c d)"),
        ("b NOT NOT c", "b c"),
        ("((a)) (b c)", "a b c"),
        ("“Kestova  Bikes!”", '"Kestova Bikes"'),
        ("#ebike @ada@example.social", "#ebike @ada@example.social"),
        ("charg* #char* @ad*", "charg* #char* @ad*"),
        ("e-bike AT&T don't C++", "e-bike AT&T don't C++"),
        ("a a OR a", "a"),
        ("and or not", "and or not"),
        ("👍 kestova", "👍 kestova"),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    query = parse(text)
    assert str(query) == normal
    assert query.text == text
    assert parse(normal) == query


@pytest.mark.parametrize(
    ("text", "position", "word"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("a OR", 2, "after"),
        ("OR a", 0, "before"),
        ("a AND OR b", 2, "after"),
        ("a (b", 2, "never closed"),
        ("a)", 1, "no ("),
        ("a ()", 2, "empty"),
        ('a "b', 2, "never closed"),
        ('a "!!"', 2, "nothing"),
        ('a "b"*', 5, "phrase"),
        ("a - b", 2, "alone"),
        ("a -", 2, "alone"),
        ("ke*va", 2, "end of a word"),
        ("a k*", 2, "2 characters"),
        ("*", 0, "nothing"),
        ("a &", 2, "nothing"),
        ("#a-b", 0, "hashtag"),
        ("@a/b", 0, "handle"),
        ("a\0b", 1, "character"),
        ("a \ud800", 2, "character"),
        ("-a", 0, "must not occur"),
        ("a OR -b", 0, "must not occur"),
        ("(" * 41 + "a" + ")" * 41, 40, "deep"),
        ("a " * 6000, 10_000, "10,000"),
        ("a " + "b" * 201, 2, "200"),
    ],
)
def test_errors_mark_the_place(text: str, position: int, word: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    error = caught.value
    assert error.position == position
    assert word in error.message
    assert error.remedy
    assert error.field == "query"
    assert len(error.marked.splitlines()) == 2


def test_the_caret_stands_under_the_place() -> None:
    with pytest.raises(QueryError) as caught:
        parse("kestova\n(battery")
    assert caught.value.marked == "kestova (battery\n        ^"


def test_the_caret_counts_wide_characters_twice() -> None:
    with pytest.raises(QueryError) as caught:
        parse("東京 OR")
    assert caught.value.marked == "東京 OR\n     ^"


def test_a_long_query_is_shown_around_the_place() -> None:
    with pytest.raises(QueryError) as caught:
        parse("kestova " * 50 + "( " + "battery " * 50)
    shown, caret = caught.value.marked.splitlines()
    assert shown[len(caret) - 1] == "("
    assert len(shown) < 80


@given(st.text(max_size=60) | SYNTAX)
def test_the_parser_only_raises_its_own_error(text: str) -> None:
    try:
        query = parse(text)
    except QueryError as error:
        assert 0 <= error.position <= len(text)
        assert error.marked
    else:
        assert parse(str(query)) == query


@given(trees(), st.lists(texts(), max_size=6))
def test_matching_agrees_with_the_plain_way(tree: Node, samples: list[Words]) -> None:
    query = Query("", tree)
    for sample in samples:
        assert query.matches(sample.text) == holds(tree, sample)


@given(trees(), st.lists(texts(), max_size=6))
def test_the_normal_form_asks_the_same(tree: Node, samples: list[Words]) -> None:
    if holds(tree, Words((), ())):
        with pytest.raises(QueryError):
            parse(str(tree))
        return
    again = parse(str(tree))
    assert all(again.matches(sample.text) == holds(tree, sample) for sample in samples)


@given(trees().filter(lambda tree: not isinstance(tree, Not)), texts())
def test_spans_show_wanted_words_only(tree: Node, sample: Words) -> None:
    query = Query("", tree)
    text = sample.text
    spans = query.spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    if query.matches(text) and not query.matches(""):
        assert spans
