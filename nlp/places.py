"""Places in a text: countries, regions, capitals and larger cities, from a list that comes with Hearken.

Rather a place missed than a word taken for one. A name counts only with its capitals, and not inside a longer name
(`Paris Hilton`, `Real Madrid`). A name that is also a common word, a person or a club (`Nice`, `Jordan`), or that few
know, counts only after a cue (`in Nice`) or before a region (`Nice, France`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from nlp.reading import PLACE, Entity

LIST = Path(__file__).with_name("gazetteer") / "places.tsv"
CONTEXT = 40
"""Characters before a name that are looked at."""
CUES = frozenset({"in", "at", "@", "near", "from", "to", "around", "en", "em", "à", "aus", "nach"})
AFTER_CUE = frozenset({"downtown", "central", "greater", "nearby"})
"""May stand between a cue and the name."""
_SMALL_WORDS = """
a about across after against all also am an and are around as at back be because before between but by can can't
come could did do does don't for from get go going got great had has have he her here his how i i'm if in into
is it it's its just leaving let like love make me my near new no not now of off on only or our out outside over
she since so some still than that the their then there these they this those through thru to tomorrow
tonight until up via visit visiting was we were what when where which while who why will with within would yes
yesterday you your aus das de den der desde die el em en et für la le les nach und von y à zu monday tuesday
wednesday thursday friday saturday sunday january february march april may june july august september october
november december jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat
"""
SMALL_WORDS = frozenset(_SMALL_WORDS.split())
"""Capitalised beside a name (`I Love Rome`), they do not make it a longer one."""
_SPORT = """
vs beat beats defeat defeats defeated score scores scored scoring squad coach team teams league cup match matches game
games season final finals semis football soccer rugby cricket basketball baseball hockey playoff playoffs qualifier
qualifiers champion champions championship striker ranked inning innings runs yards quarterback touchdown touchdowns
relegated relegating fan fans win wins won nfl nba mlb nhl mls uefa fifa
"""
SPORT = frozenset(_SPORT.split())
"""In a text with one of these, a bare name is more likely a team's."""
_STATES = """
AL AK AZ AR CA CO CT DE FL GA HI ID IL IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA
RI SC SD TN TX UT VT VA WA WV WI WY DC ON BC AB QC NSW QLD VIC
"""
STATES = frozenset(_STATES.split())
"""Behind a city they tell that it is one."""
PRONOUN = "US"
"""In a shouted text, a word like any other."""

_CAPITALISED = re.compile(r"[A-ZÀ-ÞĀ-Ž]\w*")
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"[^\W_]+(?:[ .'’-]{1,2}[^\W_]+){0,4}")
"""Words that may be one name."""
_AFTER = re.compile(r" +([^\W_](?:[^\W_]|['’])*)")
_REGION = re.compile(r"(?:,| ) *([^\W_]+)")
_POSSESSIVE = re.compile("['’]s")
_OPENING = "\"'“‘([{#*"
_CLOSING = '.,:;!?…"”)]}#*'
_GLUED_BEFORE = frozenset("_@./\\&'’-")
_GLUED_AFTER = re.compile(r"[_@/&]|\.\w|[-’'][A-Z]")
"""Marks that make it part of a handle, an address or a longer name."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the list."""

    name: str
    is_region: bool
    is_sure: bool
    """Counts without a cue."""


class PlaceFinder:
    """Finds the places on one list. A plain look-up: building spaCy's matcher for 6,000 names would take 0.2 s."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._places: dict[str, Place] = {}
        self._longest: dict[str, int] = {}
        for line in lines:
            name, kind, spellings = line.split("\t")
            place = Place(name, kind in "Rr", kind.isupper())
            for spelling in spellings.split("|"):
                self._learn(" ".join(_WORD.findall(spelling)), place)

    def find(self, text: str) -> tuple[Entity, ...]:
        """The places in order; `start` and `end` count characters of `text`."""
        if self._longest.keys().isdisjoint(_CAPITALISED.findall(text)):
            return ()
        found: list[Entity] = []
        looked = 0
        for match in _CAPITALISED.finditer(text):
            start = match.start()
            if match[0] not in self._longest or start < looked:
                continue
            place, end = self._listed(text, match[0], start)
            if place:
                end += text[start + 1] == text[end : end + 1] == "."
                looked = end
                follows = bool(found) and text[found[-1].end : start].strip(" ,") == ""
                if self._counts(place, text, start, end, follows and place.is_region):
                    found.append(Entity(PLACE, place.name, start, end))
        return tuple(found)

    def _learn(self, name: str, place: Place) -> None:
        length = name.count(" ") + 1
        for written in (name, name.upper()):
            self._places.setdefault(written, place)
            first = written.partition(" ")[0]
            self._longest[first] = max(length, self._longest.get(first, 0))

    def _listed(self, text: str, first: str, start: int) -> tuple[Place | None, int]:
        """The longest name on the list that begins with this word, and where it ends."""
        if self._longest.get(first, 0) > 1 and (run := _RUN.match(text, start)):
            words = list(_WORD.finditer(run[0]))
            for count in range(min(len(words), self._longest[first]), 1, -1):
                place = self._places.get(" ".join(word[0] for word in words[:count]))
                if place:
                    return place, start + words[count - 1].end()
        return self._places.get(first), start + len(first)

    def _counts(self, place: Place, text: str, start: int, end: int, after_city: bool) -> bool:
        """Whether the name stands for the place; `after_city`: it is the region of the place before it."""
        glue = text[start - 1 : start]
        if glue in _GLUED_BEFORE or glue.isalnum() or _GLUED_AFTER.match(text, end):
            return False
        before = ["", "", *text[max(0, start - CONTEXT) : start].rstrip("#").split()]
        after = _AFTER.match(text, end)
        if text[start:end] == PRONOUN and (_is_shouted(before[-1]) or (after and _is_shouted(after[1]))):
            return False
        if _is_name(before[-1]) and not after_city:
            return False
        is_cued = _is_cue(*before[-2:]) and (place.is_sure or not _POSSESSIVE.match(text, end))
        counts = is_cued or (place.is_sure and not _is_about_sport(text))
        if not counts or (after and _is_name(after[1])):
            return self._is_before_region(text, end)
        return True

    def _is_before_region(self, text: str, end: int) -> bool:
        """`Reading, UK`, `Athens GA`."""
        after = _REGION.match(text, end)
        if after is None:
            return False
        region, _ = self._listed(text, after[1], after.start(1))
        return after[1] in STATES or (region is not None and region.is_region and region.is_sure)


@cache
def place_finder() -> PlaceFinder:
    """The finder for the list that comes with Hearken, made once."""
    return PlaceFinder(LIST.read_text("utf-8").splitlines())


@lru_cache(maxsize=1)
def _is_about_sport(text: str) -> bool:
    """Asked of one text for each place in it."""
    return not SPORT.isdisjoint(_WORD.findall(text.lower()))


def _is_name(word: str) -> bool:
    """Whether a word beside the name is capitalised as parts of names are."""
    word = word.lstrip(_OPENING)
    is_capitalised = word[:1].isupper() and word[-1] not in _CLOSING
    return is_capitalised and word.lower().replace("’", "'") not in SMALL_WORDS


def _is_cue(second: str, last: str) -> bool:
    second, last = second.lstrip(_OPENING).lower(), last.lstrip(_OPENING).lower()
    return last in CUES or (last in AFTER_CUE and second in CUES)


def _is_shouted(word: str) -> bool:
    return len(word) > 1 and word.isupper()
