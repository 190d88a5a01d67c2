"""Says why a spike happened, by values alone: what its mentions share that those of the weeks before do not."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log, sqrt
from typing import Any

from nlp.likeness import alike

FEW = 5
MOST_PHRASES = 5
REPOST = re.compile(r"^RT @[^\s:]+:\s*", re.IGNORECASE)
ADDRESSES = re.compile(r"https?://\S+|@[\w.@-]+")
WORD = re.compile(r"#?\w+(?:[.'’]\w+)*")
COMMON = frozenset(
    """a about after all also am an and any anyone are as at be because been but by can can't could did do does
    don't for from get got had has have he her here his how i i'm i've if in into is it it's its just like me
    more my no not now of off on one only or our out over she so some still than that that's the their them then
    there they this to too up us was we were what when where which who why will with would you your der die das
    und ist ich nicht ein eine mit zu le la les et de des un une est pas que el los y en no es per il che rt via
    amp""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Post:
    """As much of a mention as a cause needs."""

    id: int
    at: datetime
    author_id: int
    handle: str
    network: str
    thread: str
    text: str
    negative: bool
    reach: int
    """Followers of the author and reactions."""
    newcomer: bool
    """The author had not mentioned the brand before."""
    followers: int | None = None
    """None where the network does not tell."""


SENTENCES = {
    "burst": "Probably coordinated: {part} of {whole} mentions say much the same words, from {accounts} accounts, "
    "{new} of them new here.",
    "viral_post": "One viral post: {part} of {whole} mentions repost what @{handle} said.",
    "viral_thread": "One thread: {part} of {whole} mentions belong to the one of @{handle}.",
    "author": "@{handle} spoke, who reached {reach} people.",
    "network": "Mostly on one network: {share} are on {network}, usually {usual}.",
    "newcomers": "Many new authors: {share} of {authors} had not spoken of it before, usually {usual}.",
    "negative": "{share} are negative, usually {usual}.",
    "phrases": "What is said: {phrases}.",
}
"""What a cause says, by its form."""
Fact = int | float | str | list[str]
"""A number, a share of 1, a name, or phrases."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A finding: `form` is one of SENTENCES, whose places the facts fill."""

    form: str
    facts: Mapping[str, Fact]

    @property
    def kind(self) -> str:
        """burst, viral, author, network, newcomers, negative or phrases."""
        return self.form.partition("_")[0]

    @property
    def sentence(self) -> str:
        """In English; engage/report/words.py tells it in other languages."""
        return SENTENCES[self.form].format(**{name: _plain(fact) for name, fact in self.facts.items()})

    def as_json(self) -> list[Any]:
        """As an alert keeps it."""
        return [self.kind, self.sentence, self.form, dict(self.facts)]


def _plain(fact: Fact) -> str:
    match fact:
        case float():
            return f"{100 * fact:.0f} %"
        case int():
            return f"{fact:,}"
        case list():
            return ", ".join(f"“{phrase}”" for phrase in fact)
    return fact


def causes(
    posts: Sequence[Post], before: Sequence[Post], names: Iterable[str], author: Post | None = None
) -> list[Cause]:
    """What sets `posts` apart from those `before`, the most telling first; `names` of the brand are no news.

    `author` is the post whose author reaches unusually far, if that was noticed.
    """
    if not posts:
        return []
    found = [
        _burst(posts),
        _viral(posts, before),
        _far(author),
        _network(posts, before),
        _newcomers(posts, before),
        _phrases(posts, before, names),
        _negative(posts, before),
    ]
    return [cause for cause in found if cause]


def examples(posts: Sequence[Post], wanted: Sequence[str], most: int = 4) -> list[int]:
    """Ids of mentions that show what it is about: they have the phrases, reach far, and no two say the same."""
    ranked = sorted(posts, key=lambda post: (-_shown(post, wanted), -post.reach, post.at))
    chosen: dict[str, int] = {}
    for post in ranked:
        chosen.setdefault(_core(post.text), post.id)
    return list(chosen.values())[:most]


def _shown(post: Post, wanted: Sequence[str]) -> int:
    text = post.text.lower()
    return sum(phrase in text for phrase in wanted)


def _burst(posts: Sequence[Post]) -> Cause | None:
    """Much the same text by many authors who were not heard of before: somebody lets accounts speak."""
    own = [post for post in posts if not REPOST.match(post.text)]
    groups: dict[int, list[Post]] = {}
    for number, post in zip(alike([post.text for post in own]).tolist(), own, strict=True):
        if number >= 0:
            groups.setdefault(number, []).append(post)
    copied = [post for group in groups.values() if len({one.author_id for one in group}) >= 3 for post in group]
    authors = {post.author_id: post.newcomer for post in copied}
    if len(authors) < FEW or len(copied) < len(posts) / 4 or sum(authors.values()) < 0.7 * len(authors):
        return None
    facts = {"part": len(copied), "whole": len(posts), "accounts": len(authors), "new": sum(authors.values())}
    return Cause("burst", facts)


@dataclass(frozen=True, slots=True)
class Spread:
    """A post that is passed on or answered again and again."""

    handle: str
    """Of who said it first."""
    passed: Sequence[Post]
    """Who passes it on, in order of time; the first post too where it was heard."""
    reposted: int
    """How many of them repost it; 0 where they answer."""


def spread(posts: Sequence[Post], before: Sequence[Post] = ()) -> Spread | None:
    """The post behind at least a quarter of `posts`, with what passed it on `before` as well."""
    threads = Counter((post.network, post.thread) for post in posts if post.thread)
    reposted = Counter(_opening(post) for post in posts if REPOST.match(post.text))
    thread, answers = (threads.most_common(1) or [(("", ""), 0)])[0]
    text, reposts = (reposted.most_common(1) or [("", 0)])[0]
    if max(answers, reposts) < max(FEW, len(posts) / 4):
        return None
    everything = sorted((*before, *posts), key=lambda post: post.at)
    if answers >= reposts:
        passed = [post for post in everything if (post.network, post.thread) == thread]
        return Spread(passed[0].handle, passed, 0)
    passed = [post for post in everything if _opening(post) == text]
    name = REPOST.match(passed[0].text)
    return Spread(name[0][4:].partition(":")[0] if name else passed[0].handle, passed, reposts)


def _opening(post: Post) -> str:
    """As much of a text as a repost, which may be cut off, has of it."""
    return _core(REPOST.sub("", post.text))[:80]


def _viral(posts: Sequence[Post], before: Sequence[Post]) -> Cause | None:
    """One post that is passed on or answered again and again."""
    found = spread(posts, before)
    if found is None:
        return None
    if found.reposted:
        return Cause("viral_post", {"part": found.reposted, "whole": len(posts), "handle": found.handle})
    ids = {post.id for post in posts}
    answers = sum(post.id in ids for post in found.passed)
    return Cause("viral_thread", {"part": answers, "whole": len(posts), "handle": found.handle})


def _far(author: Post | None) -> Cause | None:
    if author is None:
        return None
    return Cause("author", {"handle": author.handle, "reach": author.reach})


def _network(posts: Sequence[Post], before: Sequence[Post]) -> Cause | None:
    name, count = Counter(post.network for post in posts).most_common(1)[0]
    share, usual = count / len(posts), _share(post.network == name for post in before)
    if len(posts) < FEW or share < 0.7 or share < usual + 0.25:
        return None
    return Cause("network", {"share": share, "network": name, "usual": usual})


def _newcomers(posts: Sequence[Post], before: Sequence[Post]) -> Cause | None:
    authors = {post.author_id: post.newcomer for post in posts}
    share, usual = sum(authors.values()) / len(authors), _share({p.author_id: p.newcomer for p in before}.values())
    if len(authors) < FEW or share < 0.5 or share < usual + 0.15:
        return None
    return Cause("newcomers", {"share": share, "authors": len(authors), "usual": usual})


def _negative(posts: Sequence[Post], before: Sequence[Post]) -> Cause | None:
    share, usual = _share(post.negative for post in posts), _share(post.negative for post in before)
    if len(posts) < FEW or share < usual + 0.1:
        return None
    return Cause("negative", {"share": share, "usual": usual})


def _phrases(posts: Sequence[Post], before: Sequence[Post], names: Iterable[str]) -> Cause | None:
    found = phrases([post.text for post in posts], [post.text for post in before], names)
    if not found:
        return None
    return Cause("phrases", {"phrases": found})


def phrases(texts: Iterable[str], before: Iterable[str], names: Iterable[str] = ()) -> list[str]:
    """Words and phrases whose odds in `texts` are higher than in those `before`, the surest difference first.

    Each text counts once for a phrase, reposts not again. Dunning, "Accurate Methods for the Statistics of Surprise
    and Coincidence" (1993): unlike a difference in standard deviations, it also holds for words that are new.
    """
    skipped = {word for name in names for word in WORD.findall(name.lower())}
    now, then = _counted(texts, skipped), _counted(before, skipped)
    size = max(sum(now.values()), 1)
    other = max(sum(then.values()), size)
    scores = {phrase: _score(count, size, then[phrase], other) for phrase, count in now.items() if count >= 3}
    chosen: list[str] = []
    for phrase in sorted(scores, key=lambda phrase: (-scores[phrase], -len(phrase))):
        if scores[phrase] < 3 or len(chosen) == MOST_PHRASES:
            break
        if not any(_stems(phrase) & _stems(other) for other in chosen):
            chosen.append(_longer(phrase, now))
    return chosen


def _stems(phrase: str) -> set[str]:
    """Beginnings of its words, so that `lock` and `locked` are one finding."""
    return {word[:4] for word in phrase.split()}


def _longer(phrase: str, counts: Counter[str]) -> str:
    """The longest phrase around it that most of its texts have: `error 4207` rather than `error`."""
    around = [
        other
        for other, count in counts.items()
        if f" {phrase} " in f" {other} " and count >= max(3, 0.6 * counts[phrase])
    ]
    return max(around, key=lambda other: (len(other.split()), counts[other]), default=phrase)


def _score(count: int, size: int, then: int, other: int) -> float:
    """The square root of twice the likelihood ratio: in standard deviations, and true for rare words too."""
    share = (count + then) / (size + other)
    if count / size <= share:
        return 0.0
    return sqrt(2 * (count * log(count / (share * size)) + (then * log(then / (share * other)) if then else 0.0)))


def _counted(texts: Iterable[str], skipped: set[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    for text in texts:
        plain = ADDRESSES.sub(" ", REPOST.sub("", text)).lower()
        if plain not in seen:
            seen.add(plain)
            counts.update(_grams(WORD.findall(plain), skipped))
    return counts


def _grams(words: list[str], skipped: set[str]) -> set[str]:
    """Runs of up to three words that neither begin nor end with a common word."""
    dull = COMMON | skipped | {f"#{word}" for word in skipped}
    return {
        " ".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(start + 3, len(words)) + 1)
        if words[start] not in dull and words[end - 1] not in dull and (end - start > 1 or len(words[start]) > 2)
    }


def _core(text: str) -> str:
    """What is left of a text without addresses, numbers and signs."""
    words = re.findall(r"[^\W\d_]+", ADDRESSES.sub(" ", text).lower())
    return " ".join(words)[:160]


def _share(flags: Iterable[bool]) -> float:
    listed = list(flags)
    return sum(listed) / len(listed) if listed else 0.0
