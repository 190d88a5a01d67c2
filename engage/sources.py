"""Sources as people set them up: what may be entered, what the cards show, and the buttons on them.

Credentials go in sealed and never come out again. Looking up the host of an address takes a moment: call
`check_options` before the transaction; `add` and `edit` check again, when the name is known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.clock import Clock
from config.errors import InvalidInputError, NotFoundError
from config.secrets import Vault
from engage import brands
from engage.permissions import Action, require
from engage.tables import Reply, ReplyState, User
from listener.collect import setup_of
from listener.connector import ConnectorError, Field, Health
from listener.connectors import connector_class
from listener.http import is_local, safe_base_url
from listener.tables import Brand, Source, SourceState

MAX_OPTION = 2000
SHORTEST_INTERVAL_S, LONGEST_INTERVAL_S = 5, 86_400
ADDRESSES = frozenset({"base_url", "url"})
"""Options that are web addresses."""
READS_FILES = frozenset({"replay"})
"""Networks that are files of this machine."""
ON_THEIR_WAY = (ReplyState.DRAFT, ReplyState.APPROVED, ReplyState.SENDING, ReplyState.UNSURE)
OVERDUE = timedelta(seconds=90)
"""A source that is due for so long means that nothing listens at all."""
YES = frozenset({"true", "yes", "1", "on"})


# --- sources: reading --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceCard:
    """What the sources page shows of a source. Never a secret: only whether there are any."""

    id: int
    network: str
    brand_id: int
    brand: str
    state: SourceState
    words: str
    """The state in words."""
    running: bool
    overdue: bool
    """Nothing listens: the listener process seems to be down."""
    account: str
    options: Mapping[str, Any]
    has_secrets: bool
    interval_s: int
    last_run_at: datetime | None
    last_ok_at: datetime | None
    next_run_at: datetime | None
    """None while it runs, and where it won't by itself."""
    heard: int
    cost_usd: float
    rate_remaining: int | None
    rate_reset_at: datetime | None
    error: str
    remedy: str
    gap: str
    gap_at: datetime | None
    can_run_now: bool


def all_sources(session: Session) -> Sequence[Source]:
    """Every source with its brand, those that need a person first."""
    needy = (Source.state == SourceState.STOPPED).desc()
    return session.scalars(select(Source).join(Source.brand).order_by(needy, Brand.name, Source.id)).all()


def cards(session: Session, now: datetime) -> list[SourceCard]:
    """The cards of all sources, in one statement."""
    return [card(source, now) for source in all_sources(session)]


def get(session: Session, source_id: int) -> Source:
    """A source with its brand. Raises NotFoundError."""
    source = session.get(Source, source_id)
    if source is None:
        raise NotFoundError("There is no such source.", "It may have been removed.")
    return source


def card(source: Source, now: datetime) -> SourceCard:
    """What the page shows of a source at this moment."""
    running = source.running_until is not None and source.running_until >= now
    asleep = source.state in {SourceState.STOPPED, SourceState.PAUSED}
    overdue = not running and not asleep and source.next_run_at < now - OVERDUE
    return SourceCard(
        id=source.id,
        network=source.network,
        brand_id=source.brand_id,
        brand=source.brand.name,
        state=source.state,
        words=state_words(source.state, running=running, overdue=overdue),
        running=running,
        overdue=overdue,
        account=source.account_handle,
        options=source.options,
        has_secrets=source.secrets_sealed is not None,
        interval_s=source.interval_s,
        last_run_at=source.last_run_at,
        last_ok_at=source.last_ok_at,
        next_run_at=None if running or asleep else source.next_run_at,
        heard=source.heard,
        cost_usd=source.cost_usd,
        rate_remaining=source.rate_remaining,
        rate_reset_at=source.rate_reset_at if source.rate_reset_at and source.rate_reset_at > now else None,
        error=source.error_text,
        remedy=source.remedy,
        gap=source.gap,
        gap_at=source.gap_at,
        can_run_now=not running and source.state != SourceState.PAUSED and not _must_wait(source, now),
    )


def state_words(state: SourceState, *, running: bool = False, overdue: bool = False) -> str:
    """A source's state for people."""
    if running:
        return "Listening now"
    if overdue:
        return "Overdue"
    return {
        SourceState.NEW: "Starts in a moment",
        SourceState.OK: "Listening",
        SourceState.WAITING: "Waiting, then tries again",
        SourceState.STOPPED: "Stopped, needs you",
        SourceState.PAUSED: "Paused",
    }[state]


def fields_of(network: str) -> tuple[Sequence[Field], Sequence[Field], bool]:
    """Options, secrets and whether it works without an account, as a form shows them. Raises InvalidInputError."""
    connector = connector_class(network)
    return connector.options, connector.secrets, connector.keyless


# --- sources: changing -------------------------------------------------------------------------------------------


def check_options(network: str, options: Mapping[str, str], by: User) -> dict[str, str]:
    """The options to store, defaults filled in. Looks up hosts. Raises InvalidInputError naming the field.

    Addresses of this machine and its private network, and files of it, are for admins only: who may choose them can
    make Hearken read what its own browser cannot reach.
    """
    require(by, Action.MANAGE_SOURCES)
    if network in READS_FILES:
        require(by, Action.USE_LOCAL_ADDRESS)
    fields = connector_class(network).options
    found = _declared(fields, options, fill=True)
    insecure = found.get("insecure", "").lower() in YES
    if insecure:
        require(by, Action.USE_LOCAL_ADDRESS)
    for name in [field.name for field in fields if found.get(field.name) not in {None, field.default}]:
        if "://" in found[name] or name in ADDRESSES:
            _check_address(name, found[name], insecure=insecure, by=by)
    return found


def _check_address(name: str, value: str, *, insecure: bool, by: User) -> None:
    try:
        safe_base_url(value, insecure=insecure)
        local = is_local(value)
    except ConnectorError as error:
        raise InvalidInputError(error.message, error.remedy, field=name) from None
    if local:
        require(by, Action.USE_LOCAL_ADDRESS)


def _declared(fields: Iterable[Field], given: Mapping[str, str], *, fill: bool) -> dict[str, str]:
    """What was given for the declared fields; `fill`: with defaults, and required ones must be there."""
    known = {field.name: field for field in fields}
    unknown = next((name for name in given if name not in known), None)
    if unknown:
        listed = f"Known: {', '.join(known)}." if known else "It takes none."
        raise InvalidInputError(f"There is no field {unknown!r} here.", listed, field=unknown)
    found = {}
    for name, field in known.items():
        value = given.get(name, "").strip() or (field.default if fill else "")
        if len(value) > MAX_OPTION or "\x00" in value:
            raise InvalidInputError(f"{field.label} cannot be that.", "Check what you pasted.", field=name)
        if fill and field.required and not value:
            raise InvalidInputError(f"{field.label} is missing.", field.help, field=name)
        if value:
            found[name] = value
    return found


def _checked_interval(interval: int) -> int:
    if not SHORTEST_INTERVAL_S <= interval <= LONGEST_INTERVAL_S:
        raise InvalidInputError(
            "The interval is out of range.",
            f"Take {SHORTEST_INTERVAL_S} to {LONGEST_INTERVAL_S:,} seconds.",
            field="interval",
        )
    return interval


def add(
    session: Session,
    vault: Vault,
    network: str,
    brand_id: int,
    options: Mapping[str, str],
    secrets: Mapping[str, str],
    interval: int,
    *,
    by: User,
    now: datetime,
) -> Source:
    """A new source, due at once; `interval` in seconds. Raises InvalidInputError, NotAllowedError."""
    brand = brands.get(session, brand_id)
    found = check_options(network, options, by)
    sealed = _declared(connector_class(network).secrets, secrets, fill=True)
    source = Source(
        brand_id=brand_id,
        network=network,
        options=found,
        secrets_sealed=vault.seal(sealed) if sealed else None,
        interval_s=_checked_interval(interval),
        cursor={},
        state=SourceState.NEW,
        account_id="",
        account_handle="",
        next_run_at=now,
        created_at=now,
    )
    source.brand = brand
    _try_to_build(source, vault, now)
    session.add(source)
    session.flush()
    return source


def edit(
    session: Session,
    vault: Vault,
    source_id: int,
    options: Mapping[str, str],
    secrets: Mapping[str, str],
    interval: int,
    *,
    by: User,
    now: datetime,
) -> Source:
    """Change a source and let it run at once. A secret left empty stays as it is. Raises as `add`.

    A new address gets none of the stored secrets: it might be anybody's.
    """
    source = get(session, source_id)
    found = check_options(source.network, options, by)
    fresh = _declared(connector_class(source.network).secrets, secrets, fill=False)
    moved = source.secrets_sealed is not None and _addresses(found) != _addresses(source.options)
    if moved and not fresh:
        raise InvalidInputError(
            "The address changed, and stored credentials are not sent to a new one.",
            "Enter the credentials again.",
            field="secrets",
        )
    if fresh:
        kept = {} if moved else _stored_secrets(source, vault, fresh)
        source.secrets_sealed = vault.seal({**kept, **fresh})
        source.account_id = source.account_handle = ""
    if found != source.options:
        source.options, source.cursor = found, {}
    source.interval_s = _checked_interval(interval)
    _try_to_build(source, vault, now)
    if source.state != SourceState.PAUSED:
        _due_again(source, now)
    source.running_until = None
    session.flush()
    return source


def _addresses(options: Mapping[str, Any]) -> set[str]:
    return {str(value) for value in options.values() if "://" in str(value)}


def _stored_secrets(source: Source, vault: Vault, fresh: Mapping[str, str]) -> dict[str, str]:
    """What is kept of the old ones: nothing where all are entered anew, so that a lost vault.key can be got over."""
    declared = {field.name for field in connector_class(source.network).secrets}
    return {} if declared <= set(fresh) else vault.open(source.secrets_sealed)


def _try_to_build(source: Source, vault: Vault, now: datetime) -> None:
    """Let the connector say whether it could ever work with this; it calls no network for that."""
    try:
        connector_class(source.network)(setup_of(source, vault, lambda: now))
    except ConnectorError as error:
        if error.permanent:
            raise InvalidInputError(error.message, error.remedy, field="options") from None


def _due_again(source: Source, now: datetime) -> None:
    source.state, source.next_run_at = SourceState.NEW, now
    source.error_code = source.error_text = source.remedy = ""
    source.failures = 0


def run_now(session: Session, source_id: int, now: datetime) -> Source:
    """Make a source due at once, also one that had stopped. Raises InvalidInputError where it may not be."""
    source = get(session, source_id)
    if source.state == SourceState.PAUSED:
        raise InvalidInputError("This source is paused.", "Resume it first.")
    if _must_wait(source, now):
        raise InvalidInputError(
            "The network asked us to wait; asking again would only lengthen that.",
            "Hearken goes on by itself at the time shown.",
        )
    if source.state == SourceState.STOPPED:
        _due_again(source, now)
    source.next_run_at = now
    return source


def _must_wait(source: Source, now: datetime) -> bool:
    limited = source.state == SourceState.WAITING and source.error_code == "rate_limited"
    return limited and source.next_run_at > now


def pause(session: Session, source_id: int) -> Source:
    """Stop listening until somebody resumes; a run in hand ends at its next page, and what it saved stays."""
    source = get(session, source_id)
    source.state, source.running_until = SourceState.PAUSED, None
    return source


def resume(session: Session, source_id: int, now: datetime) -> Source:
    """Listen again, at once, from where it stopped."""
    source = get(session, source_id)
    if source.state == SourceState.PAUSED:
        _due_again(source, now)
    return source


def remove(session: Session, source_id: int) -> Source:
    """Forget a source and its credentials; what it heard stays. Raises InvalidInputError while replies need it."""
    source = get(session, source_id)
    waiting = session.scalar(select(func.count()).where(Reply.source_id == source_id, Reply.state.in_(ON_THEIR_WAY)))
    if waiting:
        raise InvalidInputError(
            f"{waiting} {'reply is' if waiting == 1 else 'replies are'} still to be sent through this source.",
            "Let them go out or withdraw them, then remove it.",
        )
    session.delete(source)
    session.flush()
    return source


def check(source: Source, vault: Vault, clock: Clock) -> Health:
    """Ask the network whether options and credentials work. Never inside a transaction. Raises ConnectorError."""
    return connector_class(source.network)(setup_of(source, vault, clock)).check()
