"""What the variables of kept answers stand for in a conversation."""

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session

from config.errors import NotFoundError
from engage.answers.render import first_name
from engage.tables import Contact, Conversation, User
from listener.networks import network_label
from listener.tables import Author, Brand, Mention

SAMPLE = {
    "contact.first_name": "Bea",
    "contact.name": "Bea Olm",
    "contact.company": "Olm & Sons",
    "mention.author": "Bea Olm",
    "mention.handle": "@bea",
    "mention.url": "https://social.example/@bea/1",
    "case.id": "1204",
    "agent.first_name": "Ada",
    "agent.name": "Ada Moss",
    "brand.name": "Norvik",
    "network.name": "Mastodon",
}
"""For looking at an answer where there is no conversation."""


def values_of(session: Session, conversation_id: int, by: User) -> dict[str, str]:
    """The values for this conversation and this writer; empty where one is not known. Raises NotFoundError."""
    row = session.execute(
        select(Conversation, Author, Contact, Brand.name, _latest_url())
        .join(Author, Author.id == Conversation.author_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .join(Brand, Brand.id == Conversation.brand_id)
        .where(Conversation.id == conversation_id)
    ).first()
    if row is None:
        raise NotFoundError("This conversation does not exist.", "Go back to the inbox.")
    conversation, author, contact, brand, url = row
    return {
        "contact.first_name": first_name(contact.name),
        "contact.name": contact.name,
        "contact.company": contact.company,
        "mention.author": author.name or author.handle,
        "mention.handle": f"@{author.handle.lstrip('@')}" if author.handle else "",
        "mention.url": url or "",
        "case.id": str(conversation.id),
        "agent.first_name": first_name(by.name) or by.name,
        "agent.name": by.name,
        "brand.name": brand,
        "network.name": network_label(conversation.network),
    }


def _latest_url() -> ScalarSelect[str]:
    return (
        select(Mention.url)
        .where(Mention.conversation_id == Conversation.id, Mention.author_id == Conversation.author_id)
        .order_by(Mention.created_at.desc(), Mention.id.desc())
        .limit(1)
        .scalar_subquery()
    )
