"""Cleaning: what a person typed -> what an engine reads. No heavy library, and no text that it cannot take."""

import re
import unicodedata

HANDLE = "@user"
LINK = "http"
"""What stands in for every handle, e-mail address and link: who and where must not sway a judgement."""

_APOSTROPHES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4", "'") | dict.fromkeys("\u201c\u201d", '"')
)
# Controls, zero-width and direction marks, lone surrogates, variation selectors: nobody sees them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ud800-\udfff]+"
)
# Marks left over once letters were composed: zalgo, keycaps.
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_LINKS = re.compile(r"(?:https?://|www\.|pic\.twitter\.com/)\S*", re.IGNORECASE)
_HANDLES = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w|(?<!\w)@\w+(?:[.-]\w+)*(?:@\w+(?:[.-]\w+)*)?")
_HASHTAG = re.compile(r"#(\w+)")
_SEAMS = re.compile(r"_+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_TAIL = re.compile(r"(?<=[a-z]{3})(sucks?|fails?|problems|issues|rocks|customerservice|service)$", re.IGNORECASE)
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}(?=(\w?))", re.IGNORECASE)


def clean(text: str) -> str:
    """The text in one plain spelling: on one line, letters composed, links and handles masked, hashtags and stretched
    words undone.

    Cleaning a clean text changes nothing.
    """
    if not text.isascii():
        text = _plain_letters(text)
    elif not text.isprintable():
        text = _UNSEEN.sub("", text)
    if "." in text:
        text = _LINKS.sub(LINK, text)
    if "@" in text:
        text = _HANDLES.sub(HANDLE, text)
    if "#" in text:
        text = _HASHTAG.sub(_split_hashtag, text)
    return " ".join(_STRETCHED.sub(_unstretch, text).split())


def _plain_letters(text: str) -> str:
    text = _UNSEEN.sub("", _join_surrogates(text))
    return _MARKS.sub("", unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)))


def _join_surrogates(text: str) -> str:
    """Pairs that came as two halves become one character; a lone half is dropped later."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def _split_hashtag(match: re.Match[str]) -> str:
    """`#NeverFlyAgain` -> `Never Fly Again`, `#kestovafail` -> `kestova fail`."""
    return " " + _TAIL.sub(r" \1", _SEAMS.sub(" ", match[1]))


def _unstretch(match: re.Match[str]) -> str:
    """`soooo` -> `so`, `coool` -> `cool`, `yesss` -> `yes`, but `willl` -> `will`: most words end in one letter."""
    letter, following = match[1], match[2]
    return letter if not following and letter not in "lL" else letter * 2
