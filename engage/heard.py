"""Mentions of a brand as columns: what rating authors needs of millions of mentions, without their rows in memory.

Addresses, texts and names are kept as 64-bit hashes of this process, only to be compared with one another.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, String, extract, select, type_coerce
from sqlalchemy.orm import Session

from config.database import AnyRow
from engage.influence_tables import of_brand
from listener.tables import AlsoHeard, Author, Mention
from nlp.authenticity import gist
from nlp.likeness import alike
from nlp.reading import UNKNOWN_LANGUAGE
from nlp.tables import ReadingRow

BITE = 20_000
"""Rows read at once."""
LOOKUP = 500
"""Values in one IN (…)."""
WHOLE_TABLE = 20_000
"""From so many authors on, reading all of them is quicker than asking for each."""
MOST_COMPARED = 300_000
"""Among so many of the latest texts copies with other words are looked for; older ones are held to the same words."""
HANDLE = re.compile(r"@([\w.-]*\w(?:@[\w.-]*\w)?)")
FEELING = {"negative": -1, "neutral": 0, "positive": 1}
OURS = frozenset({"brand", "both"})
NUMBERS = ("id", "author", "moment", "likes", "shares", "replies")

Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """One place of each column a mention."""

    id: Column
    author: Column
    moment: Column
    """Seconds since 1970."""
    likes: Column
    shares: Column
    replies: Column
    feeling: Column
    """-1, 0 or 1 towards the brand; 0 where it is not the one spoken of."""
    about: Column
    """Whether it is about the brand."""
    language: Column
    """Places in `languages`."""
    gist: Column
    """Hash of what it says, copies alike (`joined_copies`); 0 for too little and for what is openly passed on."""
    key: Column
    """Hash of network and external id."""
    parent: Column
    """The same of the post it answers; 0 for none."""
    names_mention: Column
    """With `names_key`: which mention (by its place) names which account (hash of network and handle)."""
    names_key: Column
    languages: Sequence[str]


@dataclass(frozen=True, slots=True)
class People:
    """The authors, by rising id."""

    id: Column
    network: Column
    """Places in `networks`."""
    followers: Column
    """NaN where unknown."""
    handle: Column
    """Hash of network and handle."""
    networks: Sequence[str]


def gather(session: Session, brand_id: int, authors: Sequence[int] | None = None) -> Heard:
    """All mentions of a brand, or those by some authors, deleted ones left out."""
    gathering = _Gathering()
    for statement in _statements(brand_id, authors):
        for rows in _partitions(session, statement):
            gathering.take(rows)
    return gathering.whole()


def _partitions(session: Session, statement: Select[*tuple[Any, ...]]) -> Iterator[Sequence[AnyRow]]:
    """BITE rows at once, around the unit of work, which takes as long again."""
    return session.connection().execute(statement.execution_options(yield_per=BITE)).partitions()


def _statements(brand_id: int, authors: Sequence[int] | None) -> Iterator[Select[*tuple[Any, ...]]]:
    base = (
        select(
            Mention.id,
            Mention.author_id,
            extract("epoch", Mention.created_at),
            Mention.likes,
            Mention.shares,
            Mention.replies,
            Mention.network,
            Mention.external_id,
            Mention.in_reply_to,
            Mention.text,
            type_coerce(ReadingRow.sentiment, String),
            type_coerce(ReadingRow.about, String),
            ReadingRow.language,
        )
        .outerjoin(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(Mention.deleted_at.is_(None))
    )
    also = select(AlsoHeard.mention_id).where(AlsoHeard.brand_id == brand_id)
    if authors is None:  # by id, in whose order they lie: along the brand's index SQLite reads here and there
        first = select(Mention.id).where(Mention.brand_id == brand_id)
        yield from (base.where(Mention.id.in_(ids)) for ids in (first, also))
        return
    for wanted in (of_brand(brand_id), Mention.id.in_(also)):
        yield from (base.where(wanted, Mention.author_id.in_(some)) for some in bites(authors, LOOKUP))


class _Gathering:
    """Columns that grow by bites."""

    def __init__(self) -> None:
        self._bites: dict[str, list[Column]] = {}
        self._languages: dict[str, int] = {}
        self._size = 0

    def take(self, rows: Sequence[AnyRow]) -> None:
        *numbers, networks, keys, parents, texts, feelings, abouts, languages = zip(*rows, strict=True)
        for name, values in zip(NUMBERS, numbers, strict=True):
            self._add(name, np.array(values, np.int64 if name in {"id", "author", "moment"} else np.int32))
        ours = np.array([about in OURS for about in abouts])
        feeling = np.array([FEELING.get(word, 0) for word in feelings], np.int8)
        self._add("about", ours)
        self._add("feeling", np.where([about == "competitor" for about in abouts], 0, feeling).astype(np.int8))
        codes = self._languages
        spoken = [codes.setdefault(word or UNKNOWN_LANGUAGE, len(codes)) for word in languages]
        self._add("language", np.array(spoken, np.int16))
        self._add("gist", hashes(networks, list(map(gist, texts))))
        self._add("key", hashes(networks, keys))
        self._add("parent", hashes(networks, parents))
        named = [
            (self._size + place, hash((network, handle.casefold())))
            for place, (network, text) in enumerate(zip(networks, texts, strict=True))
            if "@" in text
            for handle in HANDLE.findall(text)
        ]
        self._add("names_mention", np.array([place for place, _ in named], np.int64))
        self._add("names_key", np.array([key for _, key in named], np.int64))
        self._size += len(rows)

    def _add(self, name: str, values: Column) -> None:
        self._bites.setdefault(name, []).append(values)

    def whole(self) -> Heard:
        names = [name for name in Heard.__dataclass_fields__ if name != "languages"]
        whole = {}
        for name in names:
            found = self._bites.pop(name, [])
            whole[name] = np.concatenate(found) if found else np.array([], np.int64)
        return Heard(**whole, languages=list(self._languages))


def joined_copies(session: Session, heard: Heard) -> Heard:
    """The same, with one gist for texts that differ by a few words only."""
    latest = np.argsort(heard.moment, kind="stable")[-MOST_COMPARED:]
    gists, place = np.unique(heard.gist[latest], return_index=True)
    gists, ids = gists[gists != 0], heard.id[latest[place[gists != 0]]]
    if not gists.size:
        return heard
    first = alike(_texts(session, ids.tolist()))
    merged = np.where(first >= 0, gists[first], gists)
    known = np.minimum(np.searchsorted(gists, heard.gist), gists.size - 1)
    return replace(heard, gist=np.where(gists[known] == heard.gist, merged[known], heard.gist))


def _texts(session: Session, ids: Sequence[int]) -> list[str]:
    found: dict[int, str] = {}
    for some in bites(sorted(ids), LOOKUP):  # neighbours lie together
        rows = session.connection().execute(select(Mention.id, Mention.text).where(Mention.id.in_(some)))
        found.update((number, text) for number, text in rows)
    return [found.get(number, "") for number in ids]


def people(session: Session, ids: Column) -> People:
    """The authors of these ids, which must rise."""
    statement = select(Author.id, Author.network, Author.handle, Author.followers).order_by(Author.id)
    networks: dict[str, int] = {}
    bitten: list[tuple[Column, ...]] = []
    for rows in _author_rows(session, statement, ids):
        found, names, handles, followers = zip(*rows, strict=True)
        wanted = np.isin(np.array(found), ids, assume_unique=True)
        columns = (
            np.array(found),
            np.array([networks.setdefault(name, len(networks)) for name in names], np.int64),
            np.array([np.nan if number is None else number for number in followers], np.float64),
            hashes(names, [handle.casefold() for handle in handles]),
        )
        bitten.append(tuple(column[wanted] for column in columns))
    nobody = np.array([], np.int64)
    whole = [np.concatenate(column) for column in zip(*bitten, strict=True)] or [nobody] * 4
    return People(whole[0], whole[1], whole[2], whole[3], list(networks))


def _author_rows(session: Session, statement: Select[*tuple[Any, ...]], ids: Column) -> Iterator[Sequence[AnyRow]]:
    if ids.size >= WHOLE_TABLE:
        yield from _partitions(session, statement)
        return
    for some in bites(ids.tolist(), LOOKUP):
        if rows := session.execute(statement.where(Author.id.in_(some))).all():
            yield rows


def hashes(networks: Iterable[str], names: Sequence[str]) -> Column:
    """Numbers that stand for names on networks, as long as this process lives; 0 for no name."""
    found = np.fromiter(map(hash, zip(networks, names, strict=True)), np.int64, len(names))
    found[np.fromiter(map(len, names), np.int64, len(names)) == 0] = 0
    return found


def bites(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The values, so many at once."""
    return (values[start : start + size] for start in range(0, len(values), size))
