"""Hashtags and campaigns: what counts as one, and what only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.tags import LONGEST, Tag, TagKind, tags_of


def hashtags(*names: str) -> set[Tag]:
    return {Tag(TagKind.HASHTAG, name) for name in names}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Day two of #KestovaGate. #kestovagate again", {"kestovagate"}),
        ("(#ride2work), #e_bike!", {"ride2work", "e_bike"}),
        ("We are #1, room #42", set()),
        ("＃自転車 and #Fahrräder", {"自転車", "fahrräder"}),
        ("#हिन्दी", {"हिन्दी"}),
        ("it&#39;s c#sharp and a/#b", set()),
        ("https://example.com/page#part www.example.com/?a=#b", set()),
        ("#" + "a" * (LONGEST + 1), set()),
        ("", set()),
        ("#", set()),
    ],
)
def test_hashtags(text: str, wanted: set[str]) -> None:
    assert tags_of(text) == hashtags(*wanted)


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        (
            "https://example.com/?utm_campaign=Spring-Sale&utm_source=news",
            {"campaign": "spring-sale", "source": "news"},
        ),
        ("https://example.com/?a=1&amp;utm_campaign=spring%20sale).", {"campaign": "spring sale"}),
        ("www.example.com?utm_source=x", {"source": "x"}),
        ("utm_campaign=spring", {}),
        ("https://example.com/?utm_campaign=&utm_source=%00", {}),
        ("https://[broken/?utm_campaign=spring", {}),
        ("https://example.com/?" + "a=1&" * 100 + "utm_campaign=spring", {}),
    ],
)
def test_campaigns_of_links(link: str, wanted: dict[str, str]) -> None:
    assert tags_of(f"Look: {link} #now") == {Tag(TagKind(kind), name) for kind, name in wanted.items()} | hashtags(
        "now"
    )


@given(st.text() | st.from_regex(r"https?://\S*utm_campaign=\S*"))
def test_any_text_can_be_asked(text: str) -> None:
    for tag in tags_of(text):
        assert 0 < len(tag.name) <= LONGEST
        assert tag.name.isprintable() or tag.kind is TagKind.HASHTAG
