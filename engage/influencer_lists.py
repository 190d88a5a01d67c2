"""Saved lists of influencers: who is on them, how far we are with each, and what followed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import case, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from config.database import insert_ignoring
from config.errors import ConflictError, InvalidInputError, NotFoundError
from engage.influence_tables import Influence, InfluencerList, InfluencerMember, Outreach, of_brand
from engage.permissions import Action, allowed, require
from engage.tables import User
from listener.tables import Author, Brand, Mention

MAX_NAME, MAX_NOTES, MAX_TAGS, MAX_TAG = 100, 5_000, 20, 40
MAX_ADDED = 500
"""So many can be put on a list at once."""


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list among the others."""

    id: int
    name: str
    brand: str
    owner: str | None
    members: int
    stages: dict[Outreach, int]


@dataclass(frozen=True, slots=True)
class Followed:
    """What an author said after being put on a list, and of that after the present stage was reached."""

    mentions: int = 0
    reactions: int = 0
    reach: int = 0
    """Followers at each mention, added up: how often it may have been seen."""
    since_stage: int = 0
    """How many of the mentions came after the present stage was reached."""
    reach_since_stage: int = 0


@dataclass(frozen=True, slots=True)
class MemberLine:
    """Somebody on a list."""

    member: InfluencerMember
    author: Author
    influence: Influence | None
    """None where nothing is heard of them any more."""
    owner: str | None
    followed: Followed


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list with everybody on it."""

    list: InfluencerList
    brand: str
    owner: str | None
    members: Sequence[MemberLine]

    @property
    def followed(self) -> Followed:
        """What followed from all of them."""
        lines = [line.followed for line in self.members]
        return Followed(*(sum(getattr(f, name) for f in lines) for name in Followed.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Change:
    """What a person writes down of a member."""

    stage: str
    tags: Sequence[str]
    notes: str
    owner_id: int | None


# --- reads -------------------------------------------------------------------------------------------------------


def all_lists(session: Session, brand_id: int | None = None) -> list[ListLine]:
    """The lists of a brand, or of all, by name."""
    statement = (
        select(InfluencerList, Brand.name, User.name)
        .join(Brand, Brand.id == InfluencerList.brand_id)
        .outerjoin(User, User.id == InfluencerList.owner_id)
        .order_by(func.lower(InfluencerList.name), InfluencerList.id)
    )
    if brand_id is not None:
        statement = statement.where(InfluencerList.brand_id == brand_id)
    counted = select(InfluencerMember.list_id, InfluencerMember.stage, func.count()).group_by(
        InfluencerMember.list_id, InfluencerMember.stage
    )
    stages: dict[int, dict[Outreach, int]] = {}
    for list_id, stage, count in session.execute(counted):
        stages.setdefault(list_id, {})[stage] = count
    return [
        ListLine(found.id, found.name, brand, owner, sum(stages.get(found.id, {}).values()), stages.get(found.id, {}))
        for found, brand, owner in session.execute(statement)
    ]


def get(session: Session, list_id: int) -> InfluencerList:
    """A list. Raises NotFoundError."""
    found = session.get(InfluencerList, list_id)
    if found is None:
        raise NotFoundError("There is no such list.", "Choose one under Influencers, Lists.")
    return found


def page(session: Session, list_id: int) -> ListPage:
    """A list with everybody on it, the most important first. Raises NotFoundError."""
    found = get(session, list_id)
    statement = (
        select(InfluencerMember, Author, Influence, User.name)
        .join(Author, Author.id == InfluencerMember.author_id)
        .outerjoin(
            Influence, (Influence.author_id == InfluencerMember.author_id) & (Influence.brand_id == found.brand_id)
        )
        .outerjoin(User, User.id == InfluencerMember.owner_id)
        .where(InfluencerMember.list_id == list_id)
        .order_by(func.coalesce(Influence.score, -1).desc(), InfluencerMember.id)
    )
    followed = _followed(session, found)
    members = [
        MemberLine(member, author, influence, owner, followed.get(author.id, Followed()))
        for member, author, influence, owner in session.execute(statement)
    ]
    brand = session.get_one(Brand, found.brand_id).name
    owner = session.scalar(select(User.name).where(User.id == found.owner_id))
    return ListPage(found, brand, owner, members)


def _followed(session: Session, found: InfluencerList) -> dict[int, Followed]:
    reach = func.coalesce(Mention.reach, Author.followers, 0)
    is_late = Mention.created_at > InfluencerMember.stage_at
    statement = (
        select(
            Mention.author_id,
            func.count(),
            func.sum(Mention.likes + Mention.shares + Mention.replies),
            func.sum(reach),
            func.sum(case((is_late, 1), else_=0)),
            func.sum(case((is_late, reach), else_=0)),
        )
        .join(InfluencerMember, InfluencerMember.author_id == Mention.author_id)
        .join(Author, Author.id == Mention.author_id)
        .where(
            InfluencerMember.list_id == found.id,
            of_brand(found.brand_id),
            Mention.created_at > InfluencerMember.added_at,
            Mention.deleted_at.is_(None),
        )
        .group_by(Mention.author_id)
    )
    return {author_id: Followed(*map(int, sums)) for author_id, *sums in session.execute(statement)}


def export_rows(found: ListPage) -> list[dict[str, Any]]:
    """The list as rows for a file."""
    return [
        {
            "network": line.author.network,
            "handle": line.author.handle,
            "name": line.author.name,
            "url": line.author.url,
            "score": round(line.influence.score, 1) if line.influence else None,
            "followers": line.author.followers,
            "stage": line.member.stage.value,
            "tags": ", ".join(line.member.tags),
            "owner": line.owner,
            "notes": line.member.notes,
            "added_at": line.member.added_at.isoformat(),
            "mentions_since": line.followed.mentions,
            "reactions_since": line.followed.reactions,
            "reach_since": line.followed.reach,
            "stage_at": line.member.stage_at.isoformat(),
            "mentions_since_stage": line.followed.since_stage,
            "reach_since_stage": line.followed.reach_since_stage,
        }
        for line in found.members
    ]


# --- changes -----------------------------------------------------------------------------------------------------


def create(session: Session, brand_id: int, name: str, by: User, now: datetime) -> InfluencerList:
    """A new list, owned by its maker. Raises InvalidInputError, NotAllowedError."""
    require(by, Action.KEEP_LISTS)
    if session.get(Brand, brand_id) is None:
        raise NotFoundError("There is no such brand.")
    made = InfluencerList(brand_id=brand_id, name=_checked_name(name), owner_id=by.id, created_at=now)
    _store_named(session, made)
    return made


def rename(session: Session, list_id: int, name: str, by: User) -> InfluencerList:
    """Another name. Raises InvalidInputError, NotAllowedError, NotFoundError."""
    found = get(session, list_id)
    _require_hand_over(found, by)
    found.name = _checked_name(name)
    _store_named(session, found)
    return found


def remove(session: Session, list_id: int, by: User) -> str:
    """Forget a list with its stages and notes; its name. Raises NotAllowedError, NotFoundError."""
    found = get(session, list_id)
    _require_hand_over(found, by)
    session.execute(delete(InfluencerMember).where(InfluencerMember.list_id == list_id))
    session.delete(found)
    return found.name


def may_hand_over(found: InfluencerList, by: User) -> bool:
    """Whether the person may rename or remove the list: its owner, and managers."""
    return allowed(by, Action.KEEP_LISTS) and (found.owner_id == by.id or allowed(by, Action.MANAGE_LISTS))


def _require_hand_over(found: InfluencerList, by: User) -> None:
    require(by, Action.KEEP_LISTS)
    if not may_hand_over(found, by):
        require(by, Action.MANAGE_LISTS)


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise InvalidInputError("The list has no name.", "Give it one.", field="name")
    if len(name) > MAX_NAME:
        raise InvalidInputError(f"The name has {len(name)} characters.", f"Use at most {MAX_NAME}.", field="name")
    return name


def _store_named(session: Session, found: InfluencerList) -> None:
    session.add(found)
    try:
        session.flush()
    except IntegrityError:
        raise InvalidInputError(
            f"There is a list {found.name} for this brand already.", "Choose another name.", field="name"
        ) from None


def add(session: Session, list_id: int, authors: Iterable[int], by: User, now: datetime) -> int:
    """Put authors on a list; how many are new on it. Raises InvalidInputError, NotAllowedError, NotFoundError."""
    require(by, Action.KEEP_LISTS)
    found = get(session, list_id)
    wanted = sorted(set(authors))
    if not wanted:
        raise InvalidInputError("Nobody is chosen.", "Tick one in the list first.", field="author")
    if len(wanted) > MAX_ADDED:
        raise InvalidInputError(f"{len(wanted):,} are chosen.", f"Choose at most {MAX_ADDED}.", field="author")
    rated = session.scalars(
        select(Influence.author_id).where(Influence.brand_id == found.brand_id, Influence.author_id.in_(wanted))
    ).all()
    if len(rated) < len(wanted):
        raise NotFoundError("This author is not rated for the brand.", "Choose one in the list of influencers.")
    before = _size(session, list_id)
    session.connection().execute(
        insert_ignoring(session, InfluencerMember),
        [
            {
                "list_id": list_id,
                "author_id": author_id,
                "stage": Outreach.FOUND,
                "stage_at": now,
                "tags": [],
                "notes": "",
                "added_by_id": by.id,
                "added_at": now,
                "version": 1,
            }
            for author_id in wanted
        ],
    )
    return _size(session, list_id) - before


def _size(session: Session, list_id: int) -> int:
    return session.scalar(select(func.count()).where(InfluencerMember.list_id == list_id)) or 0


def change(
    session: Session, member_id: int, version: int, given: Change, by: User, now: datetime
) -> InfluencerMember:
    """Write down stage, tags, notes and owner. Raises ConflictError if somebody did meanwhile."""
    require(by, Action.KEEP_LISTS)
    member = member_of(session, member_id)
    if member.version != version:
        raise ConflictError("Somebody else changed this entry meanwhile.", "Look at it, then save again.")
    if given.stage not in set(Outreach):
        raise InvalidInputError("There is no such stage.", "Choose one.", field="stage")
    if len(given.notes) > MAX_NOTES:
        raise InvalidInputError(
            f"The notes have {len(given.notes):,} characters.", f"Use at most {MAX_NOTES:,}.", field="notes"
        )
    if given.owner_id is not None and session.get(User, given.owner_id) is None:
        raise InvalidInputError("There is no such person.", "Choose one.", field="owner")
    if member.stage != given.stage:
        member.stage, member.stage_at = Outreach(given.stage), now
    member.tags, member.notes, member.owner_id = _checked_tags(given.tags), given.notes.strip(), given.owner_id
    try:
        session.flush()
    except StaleDataError:
        raise ConflictError("Somebody else changed this entry meanwhile.", "Look at it, then save again.") from None
    return member


def _checked_tags(typed: Iterable[str]) -> list[str]:
    tags = list(dict.fromkeys(" ".join(tag.split()) for tag in typed if tag.strip()))
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in tags):
        raise InvalidInputError(
            "These are too many tags, or too long ones.",
            f"Use at most {MAX_TAGS} of at most {MAX_TAG} characters.",
            field="tags",
        )
    return tags


def member_of(session: Session, member_id: int) -> InfluencerMember:
    """An entry of a list. Raises NotFoundError."""
    member = session.get(InfluencerMember, member_id)
    if member is None:
        raise NotFoundError("This entry of the list is gone.", "Open the list again.")
    return member


def take_off(session: Session, member_id: int, by: User) -> dict[str, Any]:
    """Take somebody off a list; what `put_back` needs. Raises NotAllowedError, NotFoundError."""
    require(by, Action.KEEP_LISTS)
    member = member_of(session, member_id)
    kept = {
        "author": member.author_id,
        "stage": member.stage.value,
        "tags": ",".join(member.tags),
        "notes": member.notes,
        "owner": member.owner_id or "",
        "added_at": member.added_at.isoformat(),
        "stage_at": member.stage_at.isoformat(),
    }
    session.delete(member)
    session.flush()
    return kept


def put_back(
    session: Session,
    list_id: int,
    author_id: int,
    given: Change,
    moments: tuple[str, str],
    by: User,
    now: datetime,
) -> None:
    """Undo `take_off`; `moments` are its added_at and stage_at. Raises as `add` and `change`."""
    add(session, list_id, [author_id], by, now)
    statement = select(InfluencerMember).where(
        InfluencerMember.list_id == list_id, InfluencerMember.author_id == author_id
    )
    member = session.scalars(statement).one()
    change(session, member.id, member.version, given, by, now)
    member.added_at, member.stage_at = (_past(moment, now) for moment in moments)
    session.flush()


def _past(text: str, now: datetime) -> datetime:
    """The moment that is written there, at most now."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return now
    return min(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now)
