"""What may be answered: the mention that a reply goes to, the network's rules for it, the account to send by."""

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session, lazyload

from config.errors import NotFoundError
from engage.channel import CanReply, ChannelRules, Target
from engage.channels import channel_rules, console_rules
from engage.tables import Conversation
from listener.connectors import connector_class
from listener.mention import Account
from listener.tables import Author, Mention, Source


def answered(
    session: Session, conversation_id: int, mention_id: int | None = None
) -> tuple[Mention, Author, Source | None]:
    """The mention that a reply answers (the author's latest that still stands), its author, the source to send by."""
    chosen = mention_id or _latest(conversation_id)
    row = session.execute(
        select(Mention, Author, Source)
        .join(Author, Author.id == Mention.author_id)
        .outerjoin(Source, Source.id == _sending())
        .where(Mention.id == chosen, Mention.conversation_id == conversation_id)
        .options(lazyload(Source.brand))
    ).first()
    if row is None:
        raise NotFoundError("This conversation does not exist.", "Go back to the inbox.")
    mention, author, source = row
    return mention, author, source


def _latest(conversation_id: int) -> ScalarSelect[int]:
    return (
        select(Mention.id)
        .join(Conversation, Conversation.id == Mention.conversation_id)
        .where(Conversation.id == conversation_id)
        .order_by(
            (Mention.author_id == Conversation.author_id).desc(),
            Mention.deleted_at.is_(None).desc(),
            Mention.created_at.desc(),
            Mention.id.desc(),
        )
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )


def _sending() -> ColumnElement[int]:
    """The source that heard the mention if it can send, else one of the same brand and network that can."""
    can_send = or_(Source.network == "replay", func.length(Source.secrets_sealed) > 0)
    own = select(Source.id).where(Source.id == Mention.source_id, can_send)
    same = (Source.network == Mention.network, Source.brand_id == Mention.brand_id)
    beside = select(func.min(Source.id)).where(*same, can_send)
    return func.coalesce(*(found.correlate(Mention).scalar_subquery() for found in (own, beside)))


def sending_source(session: Session, mention_id: int) -> Source | None:
    """The source by which a reply to this mention is sent."""
    return session.scalar(select(Source).join(Mention, Mention.id == mention_id).where(Source.id == _sending()))


def rules_of(mention: Mention, source: Source | None) -> ChannelRules | None:
    if source is not None and source.network == mention.network == "replay":
        return console_rules()
    return channel_rules(mention.network)


def can_reply(rules: ChannelRules | None, target: Target, mention: Mention, source: Source | None) -> CanReply:
    if rules is None:
        label = connector_class(mention.network).label
        return CanReply(False, f"{label} can only be read. Open the post there to answer it.")
    if target.deleted:
        return CanReply(False, "The author removed this post.")
    may = rules.can_reply(target)
    if may.ok and source is None:
        return CanReply(False, f"No {rules.label} account is connected. A manager can connect one under Sources.")
    return may


def target_of(mention: Mention, author: Author) -> Target:
    return Target(
        external_id=mention.external_id,
        author=Account(author.external_id, author.handle, author.name, author.followers, author.url),
        addressed=mention.addressed,
        thread=mention.thread,
        url=mention.url,
        deleted=mention.deleted_at is not None,
        reply_ref=mention.reply_ref,
    )
