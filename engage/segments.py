"""Segments: part of the people who speak, as analytics and the inbox narrow to it.

A segment is written as in an address: `contact:known`, `size:macro`, `kind:forum`, `tag:vip`; "" is everybody.
What it means is decided anew with every question, so a contact that gets a tag today is in that segment at once,
with all that they ever said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, and_, func, or_, select, text, true, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from engage.tables import TAGGED, Contact, Conversation, Identity
from listener.tables import Author, Mention
from nlp.influence import SIZES

KNOWN, STRANGER = "contact:known", "contact:stranger"
UNTOLD = "size:untold"
KINDS: Mapping[str, tuple[str, ...]] = {
    "social": ("x", "mastodon", "bluesky"),
    "forum": ("reddit", "hackernews"),
    "news": ("feed",),
}
"""Networks by what they are."""
MOST_TAGS = 40
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """A segment that can be chosen, in the words of the filter."""

    code: str
    label: str


def choices(session: Session) -> list[Choice]:
    """Every segment there is; of the contacts' tags those that most contacts have."""
    return [*FIXED, *(Choice(f"tag:{tag}", f"Contacts tagged {tag}") for tag in _tags(session))]


def label(code: str) -> str:
    """A segment in words; empty for everybody."""
    kind, _, value = code.partition(":")
    named = {choice.code: choice.label for choice in FIXED}
    return f"Contacts tagged {value}" if kind == "tag" else named.get(code, "")


def known(code: str) -> bool:
    """Whether this is a segment."""
    return code in FIXED_CODES or (code.startswith("tag:") and 4 < len(code) <= LONGEST)


def of_mentions(session: Session, code: str) -> list[ColumnElement[bool]]:
    """What holds of a mention in the segment; its author's followers are those when it was heard."""
    kind, _, value = code.partition(":")
    match kind:
        case "":
            return []
        case "size":
            return [_sized(Mention.reach, value)]
        case "kind":
            return [Mention.network.in_(KINDS[value])]
    authors = select(Identity.author_id).join(Contact, Contact.id == Identity.contact_id)
    return [Mention.author_id.in_(authors.where(_contact(session, kind, value)))]


def of_conversations(session: Session, code: str) -> list[ColumnElement[bool]]:
    """What holds of a conversation with somebody in the segment; followers are those of today."""
    kind, _, value = code.partition(":")
    match kind:
        case "":
            return []
        case "size":
            return [Conversation.author_id.in_(select(Author.id).where(_sized(Author.followers, value)))]
        case "kind":
            return [Conversation.network.in_(KINDS[value])]
    return [Conversation.contact_id.in_(select(Contact.id).where(_contact(session, kind, value)))]


def _sized(followers: InstrumentedAttribute[int | None], size: str) -> ColumnElement[bool]:
    if size == "untold":
        return followers.is_(None)
    above = sorted(fewest for fewest in SIZES.values() if fewest > SIZES[size])
    return and_(followers >= SIZES[size], *(followers < bound for bound in above[:1]))


def _contact(session: Session, kind: str, value: str) -> ColumnElement[bool]:
    tagged = text(TAGGED[session.get_bind().dialect.name])
    if kind == "tag":
        each = _each_tag(session)
        having = select(Contact.id).join(each, true()).where(tagged, each.c.value == value)
        return Contact.id.in_(having)
    written = or_(Contact.company != "", Contact.place != "", Contact.notes != "", tagged)
    return written if value == "known" else ~written


def _tags(session: Session) -> Sequence[str]:
    each = _each_tag(session)
    tagged = text(TAGGED[session.get_bind().dialect.name])
    size = func.count()
    found = select(each.c.value).select_from(Contact).join(each, true()).where(tagged).group_by(each.c.value)
    return session.scalars(found.order_by(size.desc(), each.c.value).limit(MOST_TAGS)).all()


def _each_tag(session: Session) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        return func.json_each(type_coerce(Contact.tags, String)).table_valued("value", name="tagged")
    return func.json_array_elements_text(Contact.tags).table_valued("value", name="tagged")


_SIZE_WORDS = {
    "nano": "under 10,000 followers",
    "micro": "10,000–50,000 followers",
    "mid": "50,000–500,000 followers",
    "macro": "500,000–1 million followers",
    "mega": "1 million followers and more",
}
FIXED = (
    Choice(KNOWN, "Known contacts"),
    Choice(STRANGER, "Strangers"),
    *(Choice(f"size:{size}", f"{size.capitalize()}: {_SIZE_WORDS[size]}") for size in SIZES),
    Choice(UNTOLD, "Followers not told"),
    Choice("kind:social", "Social networks"),
    Choice("kind:forum", "Forums"),
    Choice("kind:news", "News and blogs"),
)
"""A contact is known once a person wrote down a company, a place, a note or a tag."""
FIXED_CODES = frozenset(choice.code for choice in FIXED)
