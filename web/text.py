"""What other people wrote, as HTML that can do no harm: escaped, links made plain links, words marked."""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}…]")
LONGEST_SHOWN_URL = 60
FOLD_FROM = 1_200
"""Characters from which on a text is folded."""


def marked(text: str, words: Iterable[str]) -> Markup:
    """The text with every occurrence of the words marked, from the beginning of a word."""
    pattern = _pattern(words)
    if pattern is None:
        return escape(text)
    parts: list[Markup] = []
    end = 0
    for match in pattern.finditer(text):
        parts += [escape(text[end : match.start()]), Markup("<mark>{}</mark>").format(match.group())]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def around(text: str, words: Iterable[str], before: int = 40, length: int = 200) -> str:
    """A piece of the text with the first of the words in it; empty where none of them stands there."""
    pattern = _pattern(words)
    match = pattern.search(text) if pattern else None
    if match is None:
        return ""
    start = max(0, match.start() - before)
    start = text.find(" ", start, match.start()) + 1 or match.start() if start else 0
    return f"{'…' if start else ''}{text[start : start + length]}"


def linked(text: str, words: Iterable[str] = ()) -> Markup:
    """The text with its addresses as links that tell nothing about us, and the words marked."""
    words = list(words)
    parts: list[Markup] = []
    end = 0
    for match in URL.finditer(text):
        parts += [marked(text[end : match.start()], words), link(match.group(), _shortened(match.group()))]
        end = match.end()
    return Markup("").join([*parts, marked(text[end:], words)])


def link(url: str, label: str) -> Markup:
    """A link to a foreign page; only the label where the address is none of the web."""
    if not web_address(url):
        return escape(label)
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer nofollow ugc">{}</a>').format(url, label)


def web_address(url: str) -> str:
    """The address if it leads to the web, else empty: nothing else may stand behind a link."""
    return url if url.startswith(("https://", "http://")) else ""


def is_long(text: str) -> bool:
    """Whether a text is folded at first."""
    return len(text) > FOLD_FROM or text.count("\n") > 24


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    known = [re.escape(word) for word in words if word]
    return re.compile(rf"\b(?:{'|'.join(known)})\w*", re.IGNORECASE) if known else None


def _shortened(url: str) -> str:
    shown = url.split("://", 1)[1].removeprefix("www.")
    return shown if len(shown) <= LONGEST_SHOWN_URL else shown[: LONGEST_SHOWN_URL - 1] + "…"
