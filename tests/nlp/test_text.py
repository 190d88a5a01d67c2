import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text import HANDLE, LINK, clean

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
"""All of Unicode, lone surrogates included."""


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("@kestova see https://example.com/a?b=1", f"{HANDLE} see {LINK}"),
        ("www.example.com and pic.twitter.com/Ab1", f"{LINK} and {LINK}"),
        ("@ada@example.social's and @ada.bsky.social.", f"{HANDLE}'s and {HANDLE}."),
        ("write to ada@example.com", f"write to {HANDLE}"),
        ("#NeverFlyAgain #kestovafail #KESTOVASucks", "Never Fly Again kestova fail KESTOVA Sucks"),
        ("#2for1 #A320neo", "2 for 1 A 320 neo"),
        ("sooooo goooood, helllllo, yesss, still willll", "so good, hello, yes, still will"),
        ("what!!!!", "what!!!!"),
        ("it’s “fine”…", 'it\'s "fine"...'),
        ("𝓗𝓮𝓵𝓵𝓸 ｗｏｒｌｄ", "Hello world"),
        ("Z̷̢͙̈́a̴̛̼l̶̰̈g̸̱̈o̷͇͝", "Zal̈g̈o".replace("\u0308", "")),
        ("cafe\u0301", "café"),
        ("a\x00b\u200bc\u202ed", "abcd"),
        (" one\n\n two\t three ", "one two three"),
        ("half \ud83d pair \ud83d\ude00", "half pair 😀"),
        ("", ""),
    ],
)
def test_clean(raw: str, wanted: str) -> None:
    assert clean(raw) == wanted


@given(ANY_TEXT)
def test_cleaning_takes_anything_and_is_settled_after_once(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert cleaned == " ".join(cleaned.split())
    cleaned.encode("utf-8")


@given(
    st.from_regex(r"[a-z]{1,8}( [a-z]{1,8}){0,5}", fullmatch=True),
    st.from_regex(re.compile(r"@[a-z]\w{0,12}", re.ASCII), fullmatch=True),
)
def test_who_is_addressed_leaves_no_trace(words: str, handle: str) -> None:
    assert clean(f"{handle} {words}") == clean(f"@kestova {words}")
