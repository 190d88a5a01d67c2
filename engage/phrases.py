"""What people talk about more, or less, than before: phrases by the likelihood ratio of their log-odds.

After Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence" (1993): how much likelier what was
counted is with odds of its own in each set of texts than with the same odds in both. Unlike a difference over its
standard error, it also holds for phrases that were not said at all before; and neither a word that is everywhere nor
one that stood there twice wins.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain

WORD = re.compile(r"[^\W_](?:[\w']|\.(?=\d))*")
LINK = re.compile(r"https?://\S+|@\S+")
END = re.compile(r"\.(?!\d)|[,;:!?…()\[\]\"“”\n]|\s[–—-]\s")
LONGEST = 3
LEAST_TEXTS = 5
"""A phrase that stands in fewer texts of both sets together is no topic."""
SURE = 3.0
"""Of weeks of a hundred texts each, in which nothing changed, about one phrase is taken for a change by chance."""
SAME = 0.5
"""Phrases that share more of their texts than this are one topic."""
NEARLY = 0.8
STOP = frozenset(
    """a about after again all also am an and any are as at be because been before being but by can could did do
    does doing don't for from get go got had has have having he her here him his how i i'm i've if in into is
    isn't it it's its just like me more most my no nor not now of off on once one only or other our out over own
    really s same she so some still such t than that that's the their them then there these they this those
    through to too u under until up us very via was we were what when where which while who why will with would
    you you're your yours rt amp der die das und ist ich nicht ein eine zu mit für auf den im von es le la les
    de des et est un une je pas que qui en pour el los las y es no una por con para se me mi o os as um uma e
    que não il lo di che è un per non sono het een van ik niet""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, in how many of the sampled texts it stood, and how sure its change is."""

    words: str
    now: int
    before: int
    z: float
    """Above 0: more than before; in standard deviations."""
    places: Sequence[int] = field(default=(), compare=False)
    """Of the texts that hold it, where it is said more; of those that say the same the last."""

    @property
    def rises(self) -> bool:
        """Whether it is said more than before."""
        return self.z > 0


def plainly(text: str) -> str:
    """The text without addresses and handles, in lower case: what was posted again elsewhere is the same then."""
    return " ".join(LINK.sub(" . ", text.lower().replace("’", "'")).split())


def phrases_of(text: str) -> set[str]:
    """The phrases of one to three words in a text, in lower case; none crosses a full stop or ends in a stop word."""
    found = set()
    for part in END.split(plainly(text)):
        words = WORD.findall(part)
        dull = [_is_dull(word) for word in words]
        for start, word in enumerate(words):
            if dull[start]:
                continue
            if not word[0].isdigit():
                found.add(word)
            for end in range(start + 1, min(start + LONGEST, len(words))):
                if not dull[end]:
                    found.add(" ".join(words[start : end + 1]))
    return found


def stands_in(plain: str, phrase: str) -> bool:
    """Whether a text, as `plainly` gives it, holds a phrase: what `phrases_of` tells, for one phrase and quicker."""
    wanted = phrase.lower().split()
    if not wanted or not all(word in plain for word in wanted):
        return False
    parts = (WORD.findall(part) for part in END.split(plain))
    return any(words[start : start + len(wanted)] == wanted for words in parts for start in range(len(words)))


@lru_cache(20_000)
def _is_dull(word: str) -> bool:
    return len(word) < 2 or word in STOP or word.partition("'")[0] in STOP


def changed(now: Sequence[str], before: Sequence[str], most: int = 10, leave_out: Iterable[str] = ()) -> list[Phrase]:
    """The phrases whose share of texts changed most surely, up and down; at most `most` each way, the surest first.

    Of phrases that stand in much the same texts only the surest is kept; names in `leave_out` say nothing at an end.
    """
    here, there = _distinct_texts(now), _distinct_texts(before)
    hits_of, others_of = (Counter(chain.from_iterable(texts.values())) for texts in (here, there))
    dull = {name.lower() for name in leave_out}
    found = []
    for words in hits_of.keys() | others_of.keys():
        hits, other = hits_of.get(words, 0), others_of.get(words, 0)  # a Counter is slow about what it has not
        if hits + other < LEAST_TEXTS or dull & {words, *words.split()[:: max(1, words.count(" "))]}:
            continue
        z = _z(hits, len(now), other, len(before))
        if abs(z) >= SURE:
            found.append(Phrase(words, hits, other, z))
    found.sort(key=lambda phrase: (-abs(phrase.z), -phrase.words.count(" "), phrase.words))
    rising = _distinct([phrase for phrase in found if phrase.rises], here, most)
    return rising + _distinct([phrase for phrase in found if not phrase.rises], there, most)


def _distinct_texts(texts: Iterable[str]) -> dict[int, Set[str]]:
    """The phrases of each text, by its place; the same text posted again counts once."""
    places = {plainly(text): place for place, text in enumerate(texts)}
    return {place: phrases_of(text) for text, place in places.items()}


def _holders(found: Sequence[Phrase], texts: Mapping[int, Set[str]]) -> dict[str, set[int]]:
    """Which texts hold each phrase."""
    holders: dict[str, set[int]] = {phrase.words: set() for phrase in found}
    for place, held in texts.items():
        for words in held & holders.keys():
            holders[words].add(place)
    return holders


def _z(hits: int, size: int, other_hits: int, other_size: int) -> float:
    """The signed root of twice the likelihood ratio."""
    if not size or not other_size:
        return 0.0
    share = (hits + other_hits) / (size + other_size)
    apart = _likelihood(hits, size, hits / size) + _likelihood(other_hits, other_size, other_hits / other_size)
    alike = _likelihood(hits, size, share) + _likelihood(other_hits, other_size, share)
    return math.copysign(math.sqrt(max(0.0, 2 * (apart - alike))), hits / size - other_hits / other_size)


def _likelihood(hits: int, size: int, share: float) -> float:
    """The logarithm of how likely so many hits are."""
    rest = size - hits
    return (hits * math.log(share) if hits else 0.0) + (rest * math.log(1 - share) if rest else 0.0)


def _distinct(found: Sequence[Phrase], texts: Mapping[int, Set[str]], most: int) -> list[Phrase]:
    holders = _holders(found, texts)
    kept: list[Phrase] = []
    for phrase in found:
        if len(kept) == most:
            break
        fuller = _fuller(phrase, found, holders)
        if not any(_are_one(holders[fuller.words], holders[other.words]) for other in kept):
            kept.append(replace(fuller, places=sorted(holders[fuller.words])))
    return kept


def _fuller(phrase: Phrase, found: Sequence[Phrase], holders: Mapping[str, set[int]]) -> Phrase:
    """The longest phrase around it that stands in nearly as many texts: `error 4207` rather than `error`."""
    nearly = NEARLY * len(holders[phrase.words])
    around = [
        other for other in found if f" {phrase.words} " in f" {other.words} " and len(holders[other.words]) >= nearly
    ]
    return max(around, key=lambda other: other.words.count(" "))


def _are_one(mine: set[int], other: set[int]) -> bool:
    return len(mine & other) > SAME * len(mine | other)
