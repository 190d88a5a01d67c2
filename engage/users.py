"""The people of the team: accounts, passwords and who is still in.

Passwords are kept as argon2id hashes. Checking one takes tens of milliseconds on purpose, so `authenticate` only
reads: nobody waits for the write lock of the database meanwhile.
"""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.errors import InvalidInputError, NotFoundError
from engage.tables import Role, Team, User

MIN_PASSWORD = 10
MAX_PASSWORD = 200
"""Beyond any passphrase, and short enough that hashing it costs no more than any other."""
MAX_EMAIL = 254
EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]+")

HASHER = PasswordHasher()
"""Argon2id with the second parameter set that RFC 9106 recommends (64 MiB)."""


def normalise_email(email: str) -> str:
    """The address as it is stored and compared. Raises InvalidInputError."""
    found = email.strip().lower()
    if len(found) > MAX_EMAIL or not EMAIL.fullmatch(found):
        raise InvalidInputError(
            f"{email.strip()[:80]!r} is not an e-mail address." if found else "The e-mail address is missing.",
            "Write it as name@host.",
            field="email",
        )
    return found


def check_password(password: str, field: str = "password") -> None:
    """Raise InvalidInputError unless `password` may become one."""
    if len(password) < MIN_PASSWORD:
        raise InvalidInputError(
            f"The password is too short ({len(password)} characters).",
            f"Take at least {MIN_PASSWORD}; a few words in a row do well.",
            field=field,
        )
    if len(password) > MAX_PASSWORD:
        raise InvalidInputError("The password is too long.", f"Take at most {MAX_PASSWORD} characters.", field=field)


def make_password() -> str:
    """A fresh random password (96 bits)."""
    return secrets.token_urlsafe(12)


def add_user(
    session: Session,
    email: str,
    password: str | None,
    role: Role,
    team: Team,
    now: datetime,
    name: str = "",
) -> tuple[User, str]:
    """A new account and its password, made up where None was given. Raises InvalidInputError."""
    address = normalise_email(email)
    password = make_password() if password is None else password
    check_password(password)
    if session.scalar(select(User.id).where(User.email == address)):
        raise InvalidInputError(f"{address} has an account already.", "Change that one instead.", field="email")
    user = User(
        email=address,
        name=name.strip()[:200] or address.partition("@")[0],
        password_hash=HASHER.hash(password),
        role=role,
        team=team,
        active=True,
        session_epoch=0,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user, password


def authenticate(session: Session, email: str, password: str) -> User | None:
    """The active user whose e-mail and password these are, or None. Takes as long for an unknown e-mail."""
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    known = user.password_hash if user else _hash_of_nobody()
    right = len(password) <= MAX_PASSWORD and _matches(known, password)
    return user if user and right and user.active else None


def is_password(user: User, password: str) -> bool:
    """Whether `password` is the user's present one."""
    return len(password) <= MAX_PASSWORD and _matches(user.password_hash, password)


def has_old_hash(user: User) -> bool:
    """Whether the password was hashed with weaker parameters than today's."""
    return HASHER.check_needs_rehash(user.password_hash)


def rehash(session: Session, user_id: int, password: str) -> None:
    """Hash the same password with today's parameters; nobody is logged out by it."""
    _get(session, user_id).password_hash = HASHER.hash(password)


def set_password(session: Session, user_id: int, password: str, *, field: str = "password") -> User:
    """Change the password and end every session of the account. Raises InvalidInputError."""
    check_password(password, field)
    user = _get(session, user_id)
    user.password_hash = HASHER.hash(password)
    user.session_epoch += 1
    return user


def change_user(session: Session, user_id: int, role: Role, team: Team) -> User:
    """Give the account another role and team. Raises InvalidInputError if no active admin would remain."""
    user = _get(session, user_id)
    if role != Role.ADMIN:
        _keep_an_admin(session, user)
    user.role, user.team = role, team
    return user


def deactivate(session: Session, user_id: int) -> User:
    """Switch an account off and end its sessions. Raises InvalidInputError if no active admin would remain."""
    user = _get(session, user_id)
    _keep_an_admin(session, user)
    user.active = False
    user.session_epoch += 1
    return user


def activate(session: Session, user_id: int) -> User:
    """Switch an account on again."""
    user = _get(session, user_id)
    user.active = True
    return user


def rename(session: Session, user_id: int, name: str) -> User:
    """Change the name that colleagues see. Raises InvalidInputError."""
    if not name.strip():
        raise InvalidInputError("The name is missing.", "Enter the name that colleagues should see.", field="name")
    user = _get(session, user_id)
    user.name = name.strip()[:200]
    return user


def list_users(session: Session) -> Sequence[User]:
    """Everybody, active accounts first, by name."""
    return session.scalars(select(User).order_by(User.active.desc(), func.lower(User.name), User.id)).all()


def with_email(session: Session, email: str) -> User:
    """The account with that address. Raises NotFoundError."""
    user = session.scalar(select(User).where(User.email == normalise_email(email)))
    if user is None:
        raise NotFoundError(f"There is no account {email.strip()[:80]!r}.", "'hearken user list' shows all.")
    return user


def count_admins(session: Session) -> int:
    """How many active admins there are."""
    return session.scalar(select(func.count()).where(User.role == Role.ADMIN, User.active)) or 0


def command_line_user() -> User:
    """Whoever runs `hearken …` owns the machine, so may do everything; stored nowhere."""
    return User(email="", name="the command line", role=Role.ADMIN, team=Team.SUPPORT, active=True)


def load_for_session(session: Session, user_id: int, epoch: int) -> User | None:
    """The user of a browser session, unless the account was switched off or the session ended meanwhile."""
    user = session.get(User, user_id)
    return user if user and user.active and user.session_epoch == epoch else None


def _keep_an_admin(session: Session, leaving: User) -> None:
    admins = select(User.id).where(User.role == Role.ADMIN, User.active).with_for_update()
    if set(session.scalars(admins)) == {leaving.id}:
        raise InvalidInputError(
            f"{leaving.name} is the only active admin.", "Make somebody else an admin first.", field="role"
        )


def _get(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError("There is no such user.")
    return user


def _matches(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hash_of_nobody() -> str:
    return HASHER.hash(make_password())
