"""What a post is filed under by whoever wrote it: hashtags, and the campaigns that its links name (UTM).

A link that was shortened hides its campaign; it is not followed.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

LONGEST = 100
"""A longer name is no name."""
MOST_FIELDS = 60
"""A link with more fields is not looked into."""
# Letters, digits, and the marks that letters of South Asia carry.
_LETTER = "[\\w\u0300-\u036f\u0900-\u0963\u0966-\u0e3a\u0e40-\u0e4e\u200c\u200d]"
_HASHTAG = re.compile(f"(?<![\\w&/])[#＃]({_LETTER}+)")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_CLOSING = ".,:;!?…\"'”’»)]}>*"


class TagKind(StrEnum):
    """What kind of name it is."""

    HASHTAG = "hashtag"
    CAMPAIGN = "campaign"
    """`utm_campaign` of a link."""
    SOURCE = "source"
    """`utm_source` of a link."""


class Tag(NamedTuple):
    """A name that posts are filed under, in small letters and without its sign."""

    kind: TagKind
    name: str


FIELDS = {"utm_campaign": TagKind.CAMPAIGN, "utm_source": TagKind.SOURCE}


def tags_of(text: str) -> frozenset[Tag]:
    """The hashtags and campaigns of a text, each once. Never raises on odd text."""
    hashtags = _HASHTAG.findall(_LINK.sub(" ", text)) if "#" in text or "＃" in text else []
    found = {_tag(TagKind.HASHTAG, name) for name in hashtags if not name.isdigit()}
    if "utm_" in text:
        found.update(_tag(kind, name) for link in _LINK.findall(text) for kind, name in _named(link))
    return frozenset(tag for tag in found if tag.name and len(tag.name) <= LONGEST)


def _tag(kind: TagKind, name: str) -> Tag:
    return Tag(kind, " ".join(name.casefold().split()))


def _named(link: str) -> Iterator[tuple[TagKind, str]]:
    try:
        query = urlsplit(link.rstrip(_CLOSING).replace("&amp;", "&")).query
        fields = parse_qsl(query, max_num_fields=MOST_FIELDS)
    except ValueError:  # no address at all, or one with far too many fields
        return
    for field, name in fields:
        if field in FIELDS and name.isprintable():
            yield FIELDS[field], name
