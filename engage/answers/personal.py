"""Personal data in a text: bank cards, IBANs, e-mail addresses, phone numbers, order numbers. Pure.

Each finder takes only what passes the check of its own standard, so that prices, dates and versions are left alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

LONGEST = 20_000
"""Characters looked at."""


class Kind(StrEnum):
    """What was found, as people call it."""

    CARD = "card number"
    IBAN = "IBAN"
    EMAIL = "e-mail address"
    ORDER = "order number"
    PHONE = "phone number"


@dataclass(frozen=True, slots=True)
class Datum:
    """A piece of personal data and where it stands in the text."""

    kind: Kind
    start: int
    end: int
    text: str


LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
"""What stands in an address is public already, or not personal."""
CARD = re.compile(r"(?<![\w.,])(?<!\d )\d(?:[ -]?\d){12,18}(?![\w]|[.,]\d)")
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![\w@-])")
ORDER = re.compile(
    r"\b(?:order|booking|ticket|invoice|customer|reservation|parcel|tracking|contract|"
    r"bestell(?:ung)?|auftrags?|buchungs?|rechnungs?|kunden)s?(?:nummer)?"
    r"(?:[ -]?(?:no\.?|nr\.?|number|code|id))?\s*[:#]?\s*(?:is\s+)?#?"
    r"(?P<value>(?=[A-Z0-9-]*\d{3})[A-Z0-9][A-Z0-9-]{4,23})\b",
    re.IGNORECASE,
)
PHONE = re.compile(r"(?<![\w.,/-])(?<!\d )(?:\+|00)?\(?\d(?:[ ()./-]{0,2}\d){6,14}(?!\w|[ .,/-]\d)")
DATE = re.compile(r"(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:(?:19|20)\d\d|\d\d)")
LEAST_PHONE, MOST_PHONE = 8, 15
"""Digits; E.164 ends at 15."""

IBAN_LENGTHS = {
    entry[:2]: int(entry[2:])
    for entry in """
    AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FR27 GB22 GR27 HR21 HU28 IE22 IS26 IT27 LI21 LT20
    LU20 LV21 MC27 MT31 NL18 NO15 PL28 PT25 RO24 SE24 SI19 SK24 TR26 UA29 SA24 AE23 IL23 BR29
    """.split()  # noqa: SIM905
}


def find(text: str, order_number: str = "") -> list[Datum]:
    """All that is found, in the order of the text, nothing twice. `order_number` is the brand's own mask."""
    text = text[:LONGEST]
    taken = [match.span() for match in LINK.finditer(text)]
    found: list[Datum] = []
    for datum in _all(text, order_number):
        if all(datum.end <= start or datum.start >= end for start, end in taken):
            taken.append((datum.start, datum.end))
            found.append(datum)
    return sorted(found, key=lambda datum: datum.start)


def _all(text: str, order_number: str) -> Iterator[Datum]:
    """The surest kinds first: a card number could pass for a phone number too."""
    yield from _matches(Kind.IBAN, IBAN, text)
    yield from _matches(Kind.CARD, CARD, text)
    yield from _matches(Kind.EMAIL, EMAIL, text)
    if order_number:
        yield from _matches(Kind.ORDER, mask(order_number), text)
    for match in ORDER.finditer(text):
        yield Datum(Kind.ORDER, match.start("value"), match.end("value"), match["value"])
    yield from _matches(Kind.PHONE, PHONE, text)


def _matches(kind: Kind, pattern: re.Pattern[str], text: str) -> Iterator[Datum]:
    for match in pattern.finditer(text):
        datum = Datum(kind, match.start(), match.end(), match.group())
        if kind is Kind.IBAN:
            datum = _whole_iban(datum)
        if IS_REAL.get(kind, _always)(datum.text):
            yield datum


def _whole_iban(datum: Datum) -> Datum:
    """Without the words in capitals that may follow it."""
    wanted = IBAN_LENGTHS.get(datum.text[:2], 0)
    seen = 0
    for place, char in enumerate(datum.text):
        seen += char != " "
        if seen == wanted:
            return Datum(datum.kind, datum.start, datum.start + place + 1, datum.text[: place + 1])
    return datum


def passes_luhn(digits: str) -> bool:
    """The check digit of bank cards (ISO/IEC 7812)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Length of its country and check digits (ISO 13616)."""
    compact = text.replace(" ", "")
    if len(compact) != IBAN_LENGTHS.get(compact[:2]) or not compact.isascii():
        return False
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def _digits(text: str) -> str:
    return "".join(char for char in text if char in "0123456789")


def _is_card(text: str) -> bool:
    digits = _digits(text)
    return 13 <= len(digits) <= 19 and digits[0] in "23456" and len(set(digits)) > 1 and passes_luhn(digits)


def _is_phone(text: str) -> bool:
    """Begins like one that is dialled, or is grouped like one; a bare run of digits is something else."""
    digits = _digits(text)
    if not LEAST_PHONE <= len(digits) <= MOST_PHONE or DATE.search(text):
        return False
    return text.startswith(("+", "0", "(")) or len(re.findall(r"\d+", text)) >= 3


def _always(_: str) -> bool:
    return True


IS_REAL = {Kind.CARD: _is_card, Kind.IBAN: is_iban, Kind.PHONE: _is_phone}


@cache
def mask(order_number: str) -> re.Pattern[str]:
    """A brand's mask as a pattern: `#` is a digit, `@` a letter, all else itself."""
    parts = ("[0-9]" if char == "#" else "[A-Za-z]" if char == "@" else re.escape(char) for char in order_number)
    return re.compile(rf"(?<!\w){''.join(parts)}(?!\w)", re.IGNORECASE)
