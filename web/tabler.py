"""The classes of Tabler that pages use; `python -m web.vendor` keeps of its style sheet just what these need."""

import re
from collections.abc import Iterator

CLASSES = frozenset(
    {
        *("alert", "avatar", "btn", "btn-danger", "btn-icon", "btn-link", "btn-primary", "card", "card-title"),
        *(
            "chart",
            "empty",
            "figure",
            "icon",
            "page",
            "progress",
            "prose",
            "small",
            "strong",
            "table",
            "tag",
            "timeline",
        ),
    }
)
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
"""A class in a selector."""
NESTING = ("@media", "@supports", "@layer", "@container")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def purged(css: str, classes: frozenset[str] = CLASSES) -> str:
    """The style sheet without the rules that only other classes need, nor moves that no rule asks for."""
    kept = "".join(_kept(COMMENT.sub("", css), classes))
    return "".join(_without_unused_moves(kept))


def _kept(css: str, classes: frozenset[str]) -> Iterator[str]:
    for prelude, body in _blocks(css):
        if body is None:
            yield f"{prelude};"
        elif prelude.startswith(NESTING):
            inner = "".join(_kept(body, classes))
            yield f"{prelude}{{{inner}}}" if inner else ""
        elif prelude.startswith("@"):
            yield f"{prelude}{{{body}}}"
        else:
            selectors = [one for one in _split(prelude) if set(CLASS.findall(one)) <= classes]
            yield f"{','.join(selectors)}{{{body}}}" if selectors else ""


def _without_unused_moves(css: str) -> Iterator[str]:
    words = set(re.findall(r"animation(?:-name)?:([^;}]*)", css))
    used = {word for value in words for word in re.split(r"[\s,]+", value)}
    for prelude, body in _blocks(css):
        if body is None:
            yield f"{prelude};"
        elif not prelude.startswith("@keyframes") or prelude.split()[-1] in used:
            yield f"{prelude}{{{body}}}"


def _blocks(css: str) -> Iterator[tuple[str, str | None]]:
    """Each rule of this level, as (prelude, body); a statement like @charset has no body."""
    start = place = 0
    while place < len(css):
        if css[place] == "{":
            end = _end_of_block(css, place)
            yield css[start:place].strip(), css[place + 1 : end]
            start = place = end + 1
        elif css[place] == ";":
            yield css[start:place].strip(), None
            start = place = place + 1
        else:
            place = _past(css, place)


def _end_of_block(css: str, place: int) -> int:
    depth = 0
    while place < len(css):
        depth += {"{": 1, "}": -1}.get(css[place], 0)
        if depth == 0:
            return place
        place = _past(css, place)
    raise ValueError("The style sheet ends within a rule.")


def _past(css: str, place: int) -> int:
    """The place after this character, or after the string or address that begins there."""
    if css[place] in "\"'":
        return css.index(css[place], place + 1) + 1
    if css.startswith("url(", place):
        return css.index(")", place) + 1
    return place + 1


def _split(prelude: str) -> list[str]:
    """Its selectors; the commas within :is() and the like part none."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(prelude):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(prelude[start:place])
            start = place + 1
    return [*parts, prelude[start:]]
