"""Rating the authors of each brand: all of them each night, those of new mentions soon after these were read.

Rating all reads a brand's mentions once, as columns, and writes the rows in bites, each in a transaction of its own,
so that nobody waits for the database. A lease in the run's row keeps two workers from rating the same brand at once.
Rating a few holds them against the yardsticks of the last full run, and hands standing on along new ties only.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from config.clock import Clock
from config.database import Database, constant, insert_columns, insert_ignoring
from engage.heard import LOOKUP, Heard, People, bites, gather, joined_copies, people
from engage.influence_tables import Influence, InfluenceRun, of_brand
from listener.tables import AlsoHeard, Brand, Mention, Stage
from nlp import authenticity, influence, ties
from nlp.influence import PARTS, Authors, size_of

LEASE = timedelta(minutes=30)
NIGHT = range(2, 5)
"""Hours of the day, in UTC, in which all authors are rated anew."""
SETTLED = timedelta(hours=12)
STALE = timedelta(hours=36)
"""After so long all are rated whatever the hour: the machine may never run at night."""
WRITTEN_AT_ONCE = 5_000
MOST_LANGUAGES = 30
"""So many can be filtered by."""
WINDOW_S = 28 * 86_400
USUAL_ATTENTION = 3
"""Growth is measured from so much on: from one mention to two is no news."""
SNAPSHOT = timedelta(days=28)
"""Followers are compared with a count that is at most so old."""
FACTS = (
    "mentions", "about", "likes", "shares", "replies", "stance", "rising", "copied", "burst", "people", "audience",
    "independent", "standing", "last",
)  # fmt: skip

Columns = dict[str, NDArray[Any]]
"""One place of each column an author: `author_id`, `network` (a word), `followers`, `language` and FACTS."""


# --- when --------------------------------------------------------------------------------------------------------


def rate_due(database: Database, weights: Mapping[str, float], clock: Clock) -> int:
    """Rate what is due for any brand; the number of authors rated."""
    with database.read() as session:
        brands = session.scalars(select(Brand.id).order_by(Brand.id)).all()
    return sum(_rate_due_brand(database, brand_id, weights, clock) for brand_id in brands)


def _rate_due_brand(database: Database, brand_id: int, weights: Mapping[str, float], clock: Clock) -> int:
    with database.read() as session:
        run = session.get(InfluenceRun, brand_id)
        seen = run.mention_id if run else 0
        newest = _newest(session, brand_id, seen)
    if newest == 0 or (run and run.busy_until and run.busy_until > clock()):
        return 0
    if is_full_due(run.full_at if run else None, clock()):
        return rate_all(database, brand_id, weights, clock) or 0
    return rate_new(database, brand_id, weights, clock) if newest > seen else 0


def is_full_due(last: datetime | None, now: datetime) -> bool:
    """Whether all authors are to be rated: each night, and whenever that was missed for long."""
    if last is None or now - last >= STALE:
        return True
    return now.hour in NIGHT and now - last >= SETTLED


def _newest(session: Session, brand_id: int, seen: int) -> int:
    """The newest mention of the brand that was read, if it is newer than `seen`; else `seen`."""
    read = select(Mention.id).where(Mention.stage != Stage.HEARD, Mention.id > seen).order_by(Mention.id.desc())
    also = read.join(AlsoHeard, AlsoHeard.mention_id == Mention.id).where(AlsoHeard.brand_id == brand_id)
    found = (session.scalar(one.limit(1)) for one in (read.where(of_brand(brand_id)), also))
    return max(seen, *(id_ or 0 for id_ in found))


def _claim(database: Database, brand_id: int, now: datetime) -> bool:
    """Take the lease of a brand's run; False where another worker has it."""
    with database.write() as session:
        session.execute(insert_ignoring(session, InfluenceRun), {"brand_id": brand_id, "yardsticks": {}})
        free = or_(InfluenceRun.busy_until.is_(None), InfluenceRun.busy_until <= now)
        mine = update(InfluenceRun).where(InfluenceRun.brand_id == brand_id, free).values(busy_until=now + LEASE)
        return bool(session.execute(mine).rowcount)  # type: ignore[attr-defined]


# --- all authors -------------------------------------------------------------------------------------------------


def rate_all(database: Database, brand_id: int, weights: Mapping[str, float], clock: Clock) -> int | None:
    """Rate every author of a brand; their number. None where another worker does it already."""
    now = clock()
    if not _claim(database, brand_id, now):
        return None
    with database.read() as session:
        heard = joined_copies(session, gather(session, brand_id))
        authors = people(session, np.unique(heard.author))
    newest = int(heard.id.max(initial=0))
    columns = _everything(heard, authors, now)
    del heard, authors
    yardsticks = influence.measure(_as_authors(columns, now)) | {"languages": _languages(columns)}
    for some in _bites_of(columns):
        with database.write() as session:
            _write(session, brand_id, _rated(some, yardsticks, weights, now), now)
    with database.write() as session:
        gone = delete(Influence).where(Influence.brand_id == brand_id, Influence.rated_at < now)
        session.execute(gone)
        _finish(session, brand_id, newest, yardsticks, weights)
        session.execute(update(InfluenceRun).where(InfluenceRun.brand_id == brand_id).values(full_at=now))
    return int(columns["author_id"].size)


def _everything(heard: Heard, authors: People, now: datetime) -> Columns:
    who = np.searchsorted(authors.id, heard.author)
    columns = _said(heard, who, authors, now)
    linked = ties.tie(*_ties_among(heard, who, authors), authors.id.size)
    columns["audience"] = ties.audience(linked).astype(np.float64)
    columns["independent"] = ties.independent_audience(linked, columns["people"])
    trust = influence.credit(columns["people"], columns["audience"], columns["independent"])
    columns["standing"] = ties.standing(linked, trust)
    return columns


def _languages(columns: Columns) -> list[str]:
    """The languages that authors speak, the most frequent first."""
    words, sizes = np.unique(columns["language"].astype(str), return_counts=True)
    return [str(word) for word in words[np.argsort(-sizes, kind="stable")][:MOST_LANGUAGES]]


def _said(heard: Heard, who: NDArray[Any], authors: People, now: datetime) -> Columns:
    """What the mentions alone tell of each author."""
    count = authors.id.size
    mentions = np.bincount(who, minlength=count).astype(np.float64)
    copied = authenticity.copied_share(authenticity.copied_mentions(who, heard.gist, count), mentions)
    burst = authenticity.burst_share(authenticity.busiest_hour(who, heard.moment, count), mentions)
    last = np.zeros(count)
    np.maximum.at(last, who, heard.moment)
    return {
        "author_id": authors.id,
        "network": np.array(authors.networks, object)[authors.network],
        "followers": authors.followers,
        "language": _main_language(heard, who, count),
        "mentions": mentions,
        "about": np.bincount(who, heard.about, count),
        **{name: np.bincount(who, getattr(heard, name), count) for name in ("likes", "shares", "replies")},
        "stance": np.bincount(who, heard.feeling, count) / (mentions + 1),
        "rising": _growth(heard, who, count, now),
        "copied": copied,
        "burst": burst,
        "people": authenticity.people(copied, burst),
        "last": last,
    }


def _main_language(heard: Heard, who: NDArray[Any], count: int) -> NDArray[Any]:
    kinds = max(len(heard.languages), 1)
    keys, sizes = np.unique(who * kinds + heard.language, return_counts=True)
    order = np.argsort(sizes, kind="stable")
    main = np.zeros(count, np.int64)
    main[keys[order] // kinds] = keys[order] % kinds  # the last to be written is the most frequent
    return np.array(heard.languages or [""], object)[main]


def _growth(heard: Heard, who: NDArray[Any], count: int, now: datetime) -> NDArray[Any]:
    """How much more attention the mentions of the last four weeks got than those of the four before."""
    weight = 1 + np.log1p(heard.likes + heard.shares.astype(np.int64) + heard.replies)
    age = now.timestamp() - heard.moment
    recent, before = (
        np.bincount(who, weight * ((age >= start) & (age < start + WINDOW_S)), count) for start in (0, WINDOW_S)
    )
    return np.asarray(np.log((recent + USUAL_ATTENTION) / (before + USUAL_ATTENTION)))


def _ties_among(heard: Heard, who: NDArray[Any], authors: People) -> tuple[NDArray[Any], NDArray[Any]]:
    """From whom to whom: answers to a mention that we heard, and namings of an author that we heard."""
    answers = np.flatnonzero(heard.parent)
    answered = _found(heard.key, heard.parent[answers])
    named = _found(authors.handle, heard.names_key)
    sources = np.concatenate([who[answers[answered >= 0]], who[heard.names_mention[named >= 0]]])
    targets = np.concatenate([who[answered[answered >= 0]], named[named >= 0]])
    return sources, targets


def _found(known: NDArray[Any], wanted: NDArray[Any]) -> NDArray[Any]:
    """The place of each wanted number among the known ones; -1 where it is none of them."""
    if not known.size:
        return np.full(wanted.size, -1)
    order = np.argsort(known)
    place = order[np.minimum(np.searchsorted(known, wanted, sorter=order), known.size - 1)]
    return np.where(known[place] == wanted, place, -1)


# --- the authors of new mentions ---------------------------------------------------------------------------------


def rate_new(database: Database, brand_id: int, weights: Mapping[str, float], clock: Clock) -> int:
    """Rate the authors of mentions that came since the last run, and whom they turned to; their number."""
    now = clock()
    if not _claim(database, brand_id, now):
        return 0
    with database.read() as session:
        run = session.get_one(InfluenceRun, brand_id)
        newest = _newest(session, brand_id, run.mention_id)
        fresh = _authors_since(session, brand_id, run.mention_id)
        columns = _renewed(session, brand_id, run.mention_id, fresh, now)
    yardsticks = run.yardsticks or influence.measure(_as_authors(columns, now))
    for some in _bites_of(columns):
        with database.write() as session:
            _write(session, brand_id, _rated(some, yardsticks, weights, now), now)
    with database.write() as session:
        _finish(session, brand_id, newest, yardsticks, weights)
    return int(columns["author_id"].size)


def _authors_since(session: Session, brand_id: int, mention_id: int) -> NDArray[Any]:
    own = select(Mention.author_id).where(of_brand(brand_id), Mention.id > mention_id)
    also = (
        select(Mention.author_id)
        .join(AlsoHeard, AlsoHeard.mention_id == Mention.id)
        .where(AlsoHeard.brand_id == brand_id, Mention.id > mention_id)
    )
    return np.unique(np.array([*session.scalars(own), *session.scalars(also)], np.int64))


def _renewed(session: Session, brand_id: int, seen: int, fresh: NDArray[Any], now: datetime) -> Columns:
    """The columns of the fresh authors, counted anew, and of whom they turned to, as stored and a little more."""
    heard = joined_copies(session, gather(session, brand_id, fresh.tolist()))
    authors = people(session, np.unique(heard.author))
    who = np.searchsorted(authors.id, heard.author)
    said = _said(heard, who, authors, now)
    sources, targets, share = _new_ties(session, heard, who, authors, seen)
    stored = _stored(session, brand_id, np.union1d(authors.id, targets))
    columns = _joined(said, stored)
    source, target = (np.searchsorted(columns["author_id"], ids) for ids in (authors.id[sources], targets))
    is_rated = columns["author_id"][np.minimum(target, columns["author_id"].size - 1)] == targets
    source, target, share = (column[is_rated] for column in (source, target, share))
    handed = ties.DAMPING * columns["standing"][source] * share
    believed = columns["people"][source] * (columns["independent"][target] + 1) / (columns["audience"][target] + 1)
    np.add.at(columns["standing"], target, handed)
    np.add.at(columns["independent"], target, believed)
    np.add.at(columns["audience"], target, 1)
    return columns


def _new_ties(
    session: Session, heard: Heard, who: NDArray[Any], authors: People, seen: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The ties that these authors made since: source (a place), target (an id), and its share of all the source's."""
    answering = np.flatnonzero(heard.parent)
    found = _answered(session, heard.id[answering])
    targets = np.array([found.get(int(id_), 0) for id_ in heard.id[answering]], np.int64)
    sources, ids = who[answering], heard.id[answering]
    real = (targets > 0) & (targets != authors.id[sources])
    span = int(targets.max(initial=0)) + 1
    order = np.argsort(ids[real])  # so that the first of a pair is its oldest
    pairs, first = np.unique((sources[real] * span + targets[real])[order], return_index=True)
    pairs_of = np.bincount(pairs // span, minlength=authors.id.size)
    new = pairs[ids[real][order][first] > seen]
    return new // span, new % span, 1 / (pairs_of[new // span] + ties.UNHEARD)


def _answered(session: Session, mention_ids: NDArray[Any]) -> dict[int, int]:
    """For each mention the author of the mention that it answers, where that was heard."""
    parent = aliased(Mention)
    statement = select(Mention.id, parent.author_id).join(
        parent, (parent.network == Mention.network) & (parent.external_id == Mention.in_reply_to)
    )
    return {
        row[0]: row[1]
        for some in bites(mention_ids.tolist(), LOOKUP)
        for row in session.execute(statement.where(Mention.id.in_(some)))
    }


def _stored(session: Session, brand_id: int, ids: NDArray[Any]) -> Columns:
    names = [name for name in ("author_id", "network", "followers", "language", *FACTS) if name != "last"]
    statement = select(*(getattr(Influence, name) for name in names), Influence.last_at)
    rows = [
        row
        for some in bites(ids.tolist(), LOOKUP)
        for row in session.execute(
            statement.where(Influence.brand_id == brand_id, Influence.author_id.in_(some)).order_by(
                Influence.author_id
            )
        )
    ]
    columns: Columns = {}
    for place, name in enumerate(names):
        kind = {"author_id": np.int64, "network": object, "language": object}.get(name, np.float64)
        columns[name] = np.array([np.nan if row[place] is None else row[place] for row in rows], kind)
    columns["last"] = np.array([row.last_at.timestamp() for row in rows], np.float64)
    return columns


def _joined(said: Columns, stored: Columns) -> Columns:
    """All authors of both; what was said now counts, the graph is as stored, or that of a newcomer."""
    ids = np.union1d(said["author_id"], stored["author_id"])
    old, new = np.searchsorted(ids, stored["author_id"]), np.searchsorted(ids, said["author_id"])
    joined: Columns = {"author_id": ids}
    for name in ("network", "followers", "language", *FACTS):
        column = np.zeros(ids.size, object if name in {"network", "language"} else np.float64)
        column[old] = stored[name]
        if name in said:
            column[new] = said[name]
        joined[name] = column
    newcomers = np.setdiff1d(new, old)
    joined["standing"][newcomers] = 1.0
    known = np.zeros(ids.size)
    known[old] = stored["copied"]
    joined["copied"] = np.maximum(joined["copied"], known)  # who else said it is known from the last full run
    joined["people"] = authenticity.people(joined["copied"], joined["burst"])
    return joined


# --- rows --------------------------------------------------------------------------------------------------------


def _as_authors(columns: Columns, now: datetime) -> Authors:
    networks, network = np.unique(columns["network"].astype(str), return_inverse=True)
    names = ("followers", "mentions", "likes", "shares", "replies", "about", "people", "audience", "independent")
    return Authors(
        networks=networks.tolist(),
        network=network,
        silent_days=(now.timestamp() - columns["last"]) / 86_400,
        standing=columns["standing"],
        **{name: columns[name] for name in names},
    )


def _bites_of(columns: Columns) -> Iterator[Columns]:
    for start in range(0, columns["author_id"].size, WRITTEN_AT_ONCE):
        yield {name: column[start : start + WRITTEN_AT_ONCE] for name, column in columns.items()}


def _rated(
    columns: Columns, yardsticks: Mapping[str, Any], weights: Mapping[str, float], now: datetime
) -> dict[str, list[Any]]:
    """Columns of Influence."""
    authors = _as_authors(columns, now)
    rating = influence.rate(authors, dict(yardsticks), weights)
    followers = [None if number != number else int(number) for number in columns["followers"].tolist()]
    return {
        **{name: columns[name].tolist() for name in ("author_id", "network", "language")},
        **{name: columns[name].astype(np.int64).tolist() for name in ("mentions", "about", "audience")},
        **{name: columns[name].astype(np.int64).tolist() for name in ("likes", "shares", "replies")},
        **{name: columns[name].tolist() for name in ("independent", "standing", "people", "copied", "burst")},
        **{name: columns[name].tolist() for name in ("stance", "rising")},
        **{name: rating.parts[name].tolist() for name in PARTS},
        "score": np.round(rating.score, 2).tolist(),
        "credit": rating.credit.tolist(),
        "size": size_of(columns["followers"]).tolist(),
        "followers": followers,
        "followers_then": followers,
        "last_at": [datetime.fromtimestamp(moment, UTC) for moment in columns["last"].tolist()],
    }


def _write(session: Session, brand_id: int, columns: Mapping[str, Sequence[Any]], now: datetime) -> None:
    """Insert or renew; of the followers one count of some weeks ago is kept."""
    moment = Influence.rated_at.type
    rated_at, long_ago = (constant(session, at, moment) for at in (now, now - SNAPSHOT))
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = make(Influence.__table__).values(  # type: ignore[arg-type]
        brand_id=constant(session, brand_id, Influence.brand_id.type), rated_at=rated_at, then_at=rated_at
    )
    is_old = Influence.then_at <= long_ago
    fresh = {name: statement.excluded[name] for name in (*columns, "rated_at") if name != "author_id"}
    keep = {
        "followers_then": case((is_old, Influence.followers), else_=Influence.followers_then),
        "then_at": case((is_old, Influence.rated_at), else_=Influence.then_at),
    }
    statement = statement.on_conflict_do_update(index_elements=["brand_id", "author_id"], set_={**fresh, **keep})
    insert_columns(session, statement, columns)


def _finish(
    session: Session, brand_id: int, newest: int, yardsticks: Mapping[str, Any], weights: Mapping[str, float]
) -> None:
    counted = select(func.count()).where(Influence.brand_id == brand_id).scalar_subquery()
    session.execute(
        update(InfluenceRun)
        .where(InfluenceRun.brand_id == brand_id)
        .values(
            busy_until=None,
            authors=counted,
            mention_id=newest,
            yardsticks={**yardsticks, "weights": dict(weights)},
        )
    )
