"""Variables in kept answers: `{{contact.first_name}}` and a few more, put in once and never evaluated. Pure.

What is not known stays as it is written: a gap, which is shown and stops the reply from going out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from config.errors import InvalidInputError

VARIABLES: Mapping[str, str] = {
    "contact.first_name": "The person's first name",
    "contact.name": "The person's whole name",
    "contact.company": "Their company",
    "mention.author": "The name on the account that wrote",
    "mention.handle": "The account that wrote, with @",
    "mention.url": "The address of their post",
    "case.id": "The number of the conversation",
    "agent.first_name": "Your first name",
    "agent.name": "Your whole name",
    "brand.name": "The brand",
    "network.name": "The network",
}
VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][\w.]{0,60})\s*\}\}")
FILL_IN = "{{fill.in}}"
"""A gap that only a person can fill."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text with its variables put in, and those that could not be."""

    text: str
    gaps: tuple[str, ...]


def render(text: str, values: Mapping[str, str]) -> Rendered:
    """Put the values in; one that is missing or empty stays a gap. A value is text, whatever braces it has."""
    missing: list[str] = []

    def put(match: re.Match[str]) -> str:
        value = plain(values.get(match[1].lower(), "")) if match[1].lower() in VARIABLES else ""
        if not value:
            missing.append(f"{{{{{match[1]}}}}}")
            return missing[-1]
        return value

    return Rendered(VARIABLE.sub(put, text), tuple(dict.fromkeys(missing)))


def plain(value: str) -> str:
    """A value as one line without braces, so that nobody's name can pass for a gap."""
    return " ".join(re.sub(r"[{}]", "", value).split())


def gaps(text: str) -> list[str]:
    """What is still to be filled in, as it is written."""
    return list(dict.fromkeys(match.group() for match in VARIABLE.finditer(text)))


def check_variables(text: str) -> None:
    """Raise InvalidInputError that names an unknown variable and the known ones."""
    for match in VARIABLE.finditer(text):
        if match[1].lower() not in VARIABLES and match.group() != FILL_IN:
            raise InvalidInputError(
                f"There is no variable {match.group()}.",
                f"Known: {', '.join(VARIABLES)}.",
                field="text",
            )


def first_name(name: str) -> str:
    """The first name in a name, or nothing where it looks like an account rather than a person."""
    words = name.split()
    word = words[0].strip(",.") if words else ""
    letters = word.replace("-", "").replace("'", "").replace("\u2019", "")
    return word if letters.isalpha() and word[:1].isupper() and not (len(word) > 3 and word.isupper()) else ""
