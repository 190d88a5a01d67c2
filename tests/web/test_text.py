import pytest

from web import text
from web.words import compact, initials


def test_words_are_marked_from_their_beginning_and_all_is_escaped() -> None:
    assert text.marked("A kettle & kettles <b>", ["kettle"]) == (
        "A <mark>kettle</mark> &amp; <mark>kettles</mark> &lt;b&gt;"
    )
    assert text.marked("a.b (c", ["a.b", "(c"]) == "<mark>a.b</mark> (c"
    assert text.marked("plain <", []) == "plain &lt;"


def test_addresses_become_links_that_tell_nothing_about_us() -> None:
    shown = text.linked("See https://www.a.example/x?a=1&b=2. And kettle", ["kettle"])
    assert 'href="https://www.a.example/x?a=1&amp;b=2"' in shown
    assert ">a.example/x?a=1&amp;b=2</a>. And <mark>kettle</mark>" in shown
    assert 'rel="noopener noreferrer nofollow ugc"' in shown
    assert "…</a>" in text.linked("https://a.example/" + "x" * 100)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "/relative", "", "ftp://a.example"])
def test_only_the_web_is_linked(address: str) -> None:
    assert text.web_address(address) == ""
    assert text.link(address, "label") == "label"


def test_long_texts_are_folded() -> None:
    assert text.is_long("a" * 1201)
    assert text.is_long("\n" * 25)
    assert not text.is_long("a" * 1200)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Moss", "AM"),
        ("ada", "A"),
        ("@bea_m", "BM"),
        ("", "?"),
        ("🔥", "?"),
        ("ليلى حداد", "لح"),
        ("A B C", "AC"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0"), (999, "999"), (1000, "1k"), (12_340, "12.3k"), (456_789, "457k"), (2_000_000, "2M")],
)
def test_compact(number: int, words: str) -> None:
    assert compact(number) == words
