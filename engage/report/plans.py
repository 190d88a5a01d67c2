"""Plans for reports as people set them up, and who gets no more of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.database import insert_ignoring
from config.errors import InvalidInputError, NotFoundError
from config.secrets import read_or_create
from config.settings import Settings
from engage import brands, zones
from engage.mail import checked_address
from engage.permissions import Action, require
from engage.report.content import ReportKind, Section
from engage.report.schedule import When
from engage.report.tables import ReportPlan, Unsubscribed
from engage.report.words import LANGUAGES
from engage.tables import User
from listener.tables import Brand

MOST_RECIPIENTS = 500
MOST_NAME = 100
LARGEST_LOGO = 200 * 1024
USUAL_COLOUR = "#1f5f8b"
COLOUR = re.compile(r"#[0-9a-f]{6}")
LOGOS: Mapping[bytes, str] = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""Media types by how a file begins."""
SALT = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Given:
    """A plan as a person enters it."""

    name: str
    kind: str = ReportKind.WEEKLY.value
    weekday: int = 0
    """Monday 0."""
    hour: int = 8
    zone: str = "UTC"
    language: str = "en"
    sections: Sequence[str] = tuple(section.value for section in Section)
    colour: str = USUAL_COLOUR
    recipients: str = ""
    """A line each, or parted by commas."""
    active: bool = True
    logo: bytes | None = None
    """A new one; None leaves the present one."""
    drop_logo: bool = False


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan in a list."""

    plan: ReportPlan
    brand: str


def all_plans(session: Session, brand_id: int | None = None) -> list[PlanLine]:
    """Every plan, or those of a brand, by name."""
    statement = (
        select(ReportPlan, Brand.name)
        .join(Brand, Brand.id == ReportPlan.brand_id)
        .where(ReportPlan.removed_at.is_(None))
        .order_by(func.lower(Brand.name), func.lower(ReportPlan.name), ReportPlan.id)
    )
    if brand_id is not None:
        statement = statement.where(ReportPlan.brand_id == brand_id)
    return [PlanLine(plan, brand) for plan, brand in session.execute(statement)]


def get(session: Session, plan_id: int) -> ReportPlan:
    """A plan. Raises NotFoundError."""
    plan = session.get(ReportPlan, plan_id)
    if plan is None or plan.removed_at is not None:
        raise NotFoundError("There is no such plan.", "It may have been removed.")
    return plan


def when(plan: ReportPlan) -> When:
    """Its schedule."""
    return When(ReportKind(plan.kind), plan.weekday, plan.hour, plan.zone)


def add(session: Session, brand_id: int, given: Given, *, by: User, now: datetime) -> ReportPlan:
    """A new plan. Raises InvalidInputError that names the field."""
    require(by, Action.MANAGE_REPORTS)
    brands.get(session, brand_id)
    plan = ReportPlan(brand_id=brand_id, created_at=now, since=now, logo=None, logo_type="", removed_at=None)
    _fill(plan, given)
    session.add(plan)
    session.flush()
    return plan


def change(session: Session, plan_id: int, given: Given, *, by: User, now: datetime) -> ReportPlan:
    """Change a plan. What was due while it was off is not sent. Raises InvalidInputError that names the field."""
    require(by, Action.MANAGE_REPORTS)
    plan = get(session, plan_id)
    before = (plan.active, when(plan))
    _fill(plan, given)
    if plan.active and before != (True, when(plan)):
        plan.since = now
    return plan


def remove(session: Session, plan_id: int, *, by: User, now: datetime) -> None:
    """Send it no more; what was sent stays in the archive."""
    require(by, Action.MANAGE_REPORTS)
    plan = get(session, plan_id)
    plan.active, plan.removed_at = False, now


def _fill(plan: ReportPlan, given: Given) -> None:
    plan.name = _name(given.name)
    plan.kind = _one_of({ReportKind.WEEKLY, ReportKind.DAILY}, given.kind, "kind")
    plan.weekday = _below(given.weekday, 7, "weekday")
    plan.hour = _below(given.hour, 24, "hour")
    plan.zone = zones.checked(given.zone)
    plan.language = checked_language(given.language)
    plan.sections = _sections(given.sections)
    plan.colour = _colour(given.colour)
    plan.recipients = recipients(given.recipients)
    plan.active = given.active
    if given.drop_logo:
        plan.logo, plan.logo_type = None, ""
    if given.logo:
        plan.logo, plan.logo_type = given.logo, logo_type(given.logo)


# --- what may be entered -----------------------------------------------------------------------------------------


def _name(text: str) -> str:
    tidy = " ".join(text.split())
    if not tidy:
        raise InvalidInputError("The name is missing.", "Enter a name, such as Management.", field="name")
    if len(tidy) > MOST_NAME:
        raise InvalidInputError("The name is too long.", f"Take at most {MOST_NAME} characters.", field="name")
    return tidy


def _one_of(known: set[ReportKind], value: str, field: str) -> ReportKind:
    found = next((kind for kind in known if kind == value), None)
    if found is None:
        raise InvalidInputError("There is no such report.", "Choose weekly or daily.", field=field)
    return found


def _below(value: int, end: int, field: str) -> int:
    if not 0 <= value < end:
        raise InvalidInputError(f"There is no such {field}.", f"Choose 0 to {end - 1}.", field=field)
    return value


def checked_language(code: str) -> str:
    """The language if reports are written in it. Raises InvalidInputError."""
    if code not in LANGUAGES:
        known = " or ".join(LANGUAGES)
        raise InvalidInputError("Reports are not written in that language.", f"Choose {known}.", field="language")
    return code


def _sections(given: Sequence[str]) -> list[str]:
    chosen = set(given)
    if unknown := chosen - {section.value for section in Section}:
        raise InvalidInputError(
            f"There is no section {min(unknown)[:80]!r}.", "Choose some of the list.", field="sections"
        )
    if not chosen:
        raise InvalidInputError("A report needs a section.", "Choose one at least.", field="sections")
    return [section.value for section in Section if section.value in chosen]


def _colour(text: str) -> str:
    tidy = text.strip().lower()
    if not COLOUR.fullmatch(tidy):
        raise InvalidInputError("This is no colour.", "Write it like #1f5f8b.", field="colour")
    return tidy


def logo_type(data: bytes) -> str:
    """The media type of a picture. Raises InvalidInputError on one that is too large, or neither PNG nor JPEG."""
    if len(data) > LARGEST_LOGO:
        raise InvalidInputError("The logo is too large.", "Take a picture of at most 200 KB.", field="logo")
    found = next((kind for start, kind in LOGOS.items() if data.startswith(start)), "")
    if not found:
        raise InvalidInputError("The logo is no picture that mails show.", "Take a PNG or a JPEG.", field="logo")
    return found


def recipients(text: str) -> list[str]:
    """Addresses, each once whatever its case. Raises InvalidInputError."""
    found = [checked_address(part) for part in re.split(r"[,;\s]+", text) if part]
    distinct = list({address.lower(): address for address in reversed(found)}.values())[::-1]
    if len(distinct) > MOST_RECIPIENTS:
        raise InvalidInputError(
            "These are too many addresses.", f"Take at most {MOST_RECIPIENTS}, or a mailing list.", field="recipients"
        )
    return distinct


# --- who wants no more -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaving:
    """What an unsubscribe link stands for: a plan's mails to an address, or a person's own week."""

    plan_id: int | None
    user_id: int | None
    address: str
    """Empty in the link that all recipients share: the page asks for it."""


def leaving_token(settings: Settings, leaving: Leaving) -> str:
    """What stands in the link; nobody else can make one."""
    return str(_signer(settings).dumps([leaving.plan_id, leaving.user_id, leaving.address]))


def read_token(settings: Settings, token: str) -> Leaving:
    """What a link stands for. Raises NotFoundError on one that we did not make."""
    try:
        plan_id, user_id, address = _signer(settings).loads(token)
    except (BadSignature, ValueError, TypeError):
        raise NotFoundError("This link is not whole.", "Copy all of it from the mail.") from None
    return Leaving(plan_id, user_id, address)


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(read_or_create(settings.data / "session.key"), salt=SALT)


def unsubscribe(session: Session, leaving: Leaving, now: datetime, address: str = "") -> str:
    """Send no more there; the address. `address` is asked where the link has none. Raises InvalidInputError."""
    if leaving.user_id is not None:
        user = session.get(User, leaving.user_id)
        if user is not None:
            user.own_week = False
        return user.email if user else ""
    where = leaving.address or checked_address(address)
    plan = session.get(ReportPlan, leaving.plan_id)
    if plan is None or where.lower() not in {known.lower() for known in plan.recipients}:
        raise InvalidInputError(
            f"{where} does not get this report.", "Enter the address that the mail was sent to.", field="address"
        )
    session.execute(insert_ignoring(session, Unsubscribed).values(plan_id=plan.id, address=where.lower(), at=now))
    return where


def resubscribe(session: Session, plan_id: int, address: str, *, by: User) -> None:
    """Send there again, because the recipient asked for it."""
    require(by, Action.MANAGE_REPORTS)
    row = session.get(Unsubscribed, (plan_id, address.lower()))
    if row is not None:
        session.delete(row)


def unsubscribed(session: Session, plan_id: int) -> set[str]:
    """Addresses in lower case that want no more."""
    return set(session.scalars(select(Unsubscribed.address).where(Unsubscribed.plan_id == plan_id)))


def want_own_week(session: Session, user_id: int, zone: str, language: str, *, wanted: bool, now: datetime) -> User:
    """Switch a person's mail about their own week on or off. Raises InvalidInputError."""
    user = session.get_one(User, user_id)
    user.own_week_zone, user.own_week_language = zones.checked(zone), checked_language(language)
    if wanted and not user.own_week:
        user.own_week_since = now
    user.own_week = wanted
    return user
