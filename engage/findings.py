"""What a chart shows, as a sentence. Pure: numbers in, words out; no more is claimed than the intervals allow."""

import math
from collections.abc import Mapping, Sequence

from engage.analytics import Topics
from engage.shares import FEW, Share
from engage.team import Team

DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
FULL_HOURS = tuple(f"{hour:02}:00" for hour in range(24))
NOTHING = "Nothing was said in this time"
TOO_FEW = "Too few mentions to say more"
STRIKING = 1.5
"""Times the 95 % margin: of fifteen parts that are alike, one stands out by chance once in twenty pages."""


def percent(share: float) -> str:
    """As people read it: `31 %`, `0.4 %`."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 1 or value < 0.05 else f"{value:.1f} %"


def margin(share: Share) -> str:
    """`±3` in points for chance alone, at least 1."""
    return f"±{max(1, round(100 * share.by_chance))}"


def volume(now: int, before: int) -> str:
    """How much was said, against the period before. Counts vary by chance too: small changes are none."""
    if not now:
        return NOTHING
    if not before:
        return f"{mentions(now)}, none in the period before"
    change = (now - before) / before
    by_chance = 1.96 * math.sqrt(now + before)
    if abs(now - before) <= by_chance:
        return f"{mentions(now)}, about as many as before"
    direction = "more" if change > 0 else "fewer"
    times = now / before
    much = f"{times:.1f} times as many" if times >= 2 else f"{percent(abs(change))} {direction}"
    return f"{mentions(now)}, {much} than before" if times < 2 else f"{mentions(now)}, {much} as before"


def mentions(number: int) -> str:
    """`1 mention`, `1,204 mentions`."""
    return f"{number:,} mention{'' if number == 1 else 's'}"


def change(what: str, now: Share, before: Share) -> str:
    """How a share moved: `Negative share rose from 24 % to 31 % (±3)`.

    The engine's errors are the same before and now, so a change is held against chance only.
    """
    if now.few:
        return NOTHING if not now.of else f"{TOO_FEW} ({now.of})"
    here = f"{percent(now.value)} ({margin(now)})"
    if before.few:
        return f"{what} is {here}; too few before to compare"
    if not differ(now, before):
        return f"{what} held at {here}"
    return f"{what} {'rose' if now.value > before.value else 'fell'} from {percent(before.value)} to {here}"


def differ(one: Share, other: Share) -> bool:
    """Whether two shares differ by more than chance allows."""
    return abs(one.value - other.value) > math.hypot(one.by_chance, other.by_chance)


def largest(what: str, found: Mapping[str, Share]) -> str:
    """Which part is the largest; `what` has a place for its name: `{} carries the most`."""
    some = next(iter(found.values()), None)
    if some is None or not some.of:
        return NOTHING
    if some.of < FEW:
        return f"{TOO_FEW} ({some.of})"
    name = max(found, key=lambda each: found[each].value)
    return f"{what.format(name)}: {percent(found[name].value)} ({margin(found[name])})"


def voice(us: str, found: Mapping[str, Share]) -> str:
    """How much of what is named is us."""
    mine = found.get(us)
    if mine is None or not mine.of:
        return "No name was recognised in this time"
    if mine.few:
        return f"{TOO_FEW} ({mine.of})"
    others = {name: share for name, share in found.items() if name != us and share.count}
    told = f"{us} has {percent(mine.value)} ({margin(mine)}) of the names mentioned"
    if not others:
        return told
    next_one = max(others, key=lambda name: others[name].value)
    return f"{told}, {next_one} {percent(others[next_one].value)}"


def stands_out(found: Mapping[str, Share], whole: Share) -> str:
    """Which part is the most surely more negative than the whole; empty if none is.

    Among many parts some differ by chance alone, so more is asked for than of a single change.
    """
    worse = {
        name: (share.value - whole.value) / math.hypot(share.by_chance, whole.by_chance)
        for name, share in found.items()
        if not share.few and not whole.few
    }
    name = max(worse, key=lambda each: worse[each], default="")
    if not name or worse[name] <= STRIKING:
        return ""
    share, usual = found[name], percent(whole.value)
    return f"{name} is more negative than the rest: {percent(share.value)} ({margin(share)}), {usual} in all"


def busiest(counts: Sequence[Sequence[int]], hours: Sequence[str] = FULL_HOURS) -> str:
    """When most is said; `hours`: when each hour begins."""
    total = sum(map(sum, counts))
    if not total:
        return NOTHING
    if total < FEW:
        return f"{TOO_FEW} ({total})"
    day = max(range(7), key=lambda place: sum(counts[place]))
    hour = max(range(24), key=lambda place: sum(row[place] for row in counts))
    return f"Most is said on {DAYS[day]}, and between {hours[hour]} and {hours[(hour + 1) % 24]}"


def topics(found: Topics) -> str:
    """What came up, and what went away."""
    rising = [topic.phrase.words for topic in found.topics if topic.phrase.z > 0][:2]
    falling = [topic.phrase.words for topic in found.topics if topic.phrase.z < 0][:1]
    if min(found.looked_at, found.before_looked_at) < FEW:
        return "Too few mentions to compare what is talked about"
    if not rising and not falling:
        return "People talk about the same things as before"
    parts = []
    if rising:
        parts.append(f"Said more: {', '.join(f'“{words}”' for words in rising)}")
    if falling:
        parts.append(f"{'less' if rising else 'Said less'}: “{falling[0]}”")
    return "; ".join(parts)


def answers(team: Team) -> str:
    """How quickly the team answers."""
    if not team.begun:
        return "No conversation began in this time"
    median = team.first_answer.median
    if median is None:
        return "No conversation that began in this time is answered yet"
    return f"Half of the first answers came within {duration(median)}"


def goal(now: Share, before: Share, goal_minutes: int) -> str:
    """How many were answered in time."""
    if not now.of:
        return "Nothing that began in this time was due"
    return change(f"The share answered within {duration(goal_minutes)}", now, before)


def spread(what: str, bars: Sequence[int], labels: Sequence[str]) -> str:
    """Where most of a histogram lies: `Most first answers take 1 h to 4 h`."""
    total = sum(bars)
    if not total:
        return f"No {what} yet"
    if total < FEW:
        return f"Too few {what} to say more ({total})"
    largest_bar = max(range(len(bars)), key=lambda place: bars[place])
    most = "Most" if 2 * bars[largest_bar] > total else "The most"
    return f"{most} {what} take {labels[largest_bar][0].lower()}{labels[largest_bar][1:]}"


def recovery(found: Share) -> str:
    """What the people whom we answered sounded like then. That it is because of the answer is not said."""
    if not found.of:
        return "No unhappy person wrote again after an answer"
    people = "person" if found.of == 1 else "people"
    told = f"Of {found.of:,} unhappy {people} we answered who wrote again, {found.count:,} sounded better"
    return f"{told}: too few to say more" if found.few else f"{told} ({percent(found.value)}, {margin(found)})"


def flow(begun: int, closed: int) -> str:
    """Whether as much is done as comes in."""
    if not begun and not closed:
        return "Nothing began and nothing was closed in this time"
    return f"{_conversations(begun)} began, {closed:,} closing{'' if closed == 1 else 's'}"


def load(total: int, nobodys: int) -> str:
    """What waits."""
    if not total:
        return "Nothing is open now"
    return f"{_conversations(total)} {'is' if total == 1 else 'are'} open now, {nobodys:,} with nobody"


def _conversations(number: int) -> str:
    return f"{number:,} conversation{'' if number == 1 else 's'}"


def agents(answers: Sequence[int]) -> str:
    """Who answers."""
    if not answers:
        return "Nobody answered in this time"
    people = f"{len(answers)} {'person' if len(answers) == 1 else 'people'}"
    total = sum(answers)
    return f"{people} sent {total:,} answer{'' if total == 1 else 's'}"


def duration(minutes: float) -> str:
    """`under 1 min`, `45 min`, `2 h 10 min`, `3 d 4 h`."""
    whole = round(minutes)
    if whole < 1:
        return "under 1 min"
    if whole < 60:
        return f"{whole} min"
    if whole < 24 * 60:
        hours, rest = divmod(whole, 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, rest = divmod(round(whole / 60), 24)
    return f"{days} d {rest} h" if rest else f"{days} d"
