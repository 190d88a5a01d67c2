"""The headline of a report: one or two sentences that its figures bear. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engage.findings import differ
from engage.report import words
from engage.report.content import Driver
from engage.shares import Share

SURELY_NEGATIVE = 0.5
"""From this share on a phrase is one of trouble."""
MOST_TIMES = 10.0
NAMED = 2


@dataclass(frozen=True, slots=True)
class Said:
    """What a headline is made of."""

    brand: str
    mentions: int
    before: int
    negative: Share
    negative_before: Share
    drivers: Sequence[Driver]


def headline(said: Said, language: str) -> str:
    """What changed, and what drives it or how much was said."""
    if not said.mentions:
        return words.say(language, "nothing", brand=said.brand)
    if said.negative.few:
        few = words.say(language, "few", number=words.number(language, said.mentions))
        return f"{volume(said.mentions, said.before, language)} {few}"
    return f"{feeling(said, language)} {driver(said, language) or volume(said.mentions, said.before, language)}"


def feeling(said: Said, language: str) -> str:
    """How the negative share moved; less than chance moves it is no change."""
    now, before = said.negative, said.negative_before
    shown = {"share": words.percent(language, now.value), "margin": points(now)}
    if before.few:
        return words.say(language, "share_is", **shown)
    if not differ(now, before):
        return words.say(language, "share_held", **shown)
    key = "share_rose" if now.value > before.value else "share_fell"
    return words.say(language, key, before=words.percent(language, before.value), **shown)


def points(share: Share) -> int:
    """Half of the interval for chance, in points, at least 1."""
    return max(1, round(100 * share.by_chance))


def driver(said: Said, language: str) -> str:
    """The phrase that most of what is negative holds, or those that came up; else one that went away; else none."""
    negative = max(said.negative.value, 0.01)
    bad = [one for one in said.drivers if one.negative >= SURELY_NEGATIVE]
    rising = [one for one in bad if one.rising]
    if rising:
        rising.sort(key=lambda one: -one.now * one.negative)
        first = rising[0]
        if part := words.part(language, min(1.0, first.now * first.negative / negative)):
            return words.say(language, "driver", phrase=first.words, part=part)
        phrases = [words.say(language, "quoted", phrase=one.words) for one in rising[:NAMED]]
        return words.say(language, "drivers", phrases=words.listed(language, phrases))
    gone = [one for one in bad if not one.rising]
    fell = said.negative.value < said.negative_before.value
    return words.say(language, "driver_gone", phrase=gone[0].words) if gone and fell else ""


def volume(now: int, before: int, language: str) -> str:
    """How much was said. Counts vary by chance too: small changes are none."""
    mentions = words.count(language, "mentions", now)
    if not before:
        return words.say(language, "volume_first", mentions=mentions)
    if abs(now - before) <= 1.96 * math.sqrt(now + before):
        return words.say(language, "volume_same", mentions=mentions)
    if now >= 2 * before:
        times = now / before
        shown = words.number(language, times, 0 if times >= MOST_TIMES else 1)
        return words.say(language, "volume_times", mentions=mentions, times=shown)
    share = words.percent(language, abs(now - before) / before)
    return words.say(language, "volume_more" if now > before else "volume_fewer", mentions=mentions, share=share)
