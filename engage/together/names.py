"""Names in notes: `@Bo Larsen` calls a colleague. Pure."""

from collections.abc import Mapping

MOST_NAMED = 50


def named(text: str, people: Mapping[int, str]) -> set[int]:
    """The people called in a text, by the longest name that fits behind each @; of two with one name both."""
    names: dict[str, set[int]] = {}
    for user_id, name in people.items():
        names.setdefault(_plain(name), set()).add(user_id)
    by_length = sorted((name for name in names if name), key=len, reverse=True)
    found: set[int] = set()
    plain = _plain(text)
    at = plain.find("@")
    while at >= 0 and len(found) < MOST_NAMED:
        called = next((name for name in by_length if _stands(plain, name, at + 1)), "")
        found |= names.get(called, set())
        at = plain.find("@", at + 1)
    return found


def _stands(text: str, name: str, at: int) -> bool:
    end = at + len(name)
    before = text[at - 2] if at > 1 else " "
    return text.startswith(name, at) and not text[end : end + 1].isalnum() and not before.isalnum()


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
