"""Mails that wait in the database and are sent once each, whatever happens meanwhile.

`queue_mail` writes a letter and an address list in the transaction of whatever it is about; `send_waiting_mails`
sends them one by one. A refused address does not hold the others up; a server that is down or asks for patience is
tried again, later and later. A mail whose handing-over was cut off is not sent again by itself: it may have arrived.
"""

import smtplib
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid, parseaddr
from random import random
from types import TracebackType

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import Clock
from config.database import Database, insert_ignoring, lock_stage
from config.errors import InvalidInputError
from config.settings import Settings
from engage.alert_tables import Letter, Mailing, SendState

TIMEOUT_S = 30
LEASE = timedelta(minutes=10)
"""Handing a mail over takes no longer; after that whoever did it is gone."""
MOST_ATTEMPTS = 12
FIRST_WAIT_S, LONGEST_WAIT_S = 60, 3600
UNFOLDED = SMTP.clone(max_line_length=998)
"""An address in a header such as List-Unsubscribe must stand in one piece. RFC 5322 allows no longer lines."""
Recipients = Iterable[str] | Mapping[str, Mapping[str, str]]


class MailError(Exception):
    """A mail that was not sent."""

    def __init__(self, message: str, *, permanent: bool = False, for_all: bool = False, unsure: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.for_all = for_all
        """The server's trouble, not this mail's: the others would fail too."""
        self.unsure = unsure
        """It may have arrived."""


def can_send(settings: Settings) -> bool:
    """Whether a mail server is named."""
    return bool(settings.smtp_host)


# --- waiting -----------------------------------------------------------------------------------------------------


def queue_mail(session: Session, to: Recipients, message: EmailMessage, key: str, now: datetime) -> int:
    """Have `message` sent to each address; the letter's id. Nothing is committed.

    The same `key` is the same letter: it is not written again, and only addresses that are new to it get it. From,
    To, Date and Message-ID are set here. `to` may map an address to headers of its own, such as List-Unsubscribe.
    Raises InvalidInputError on something that is no address.
    """
    known = session.scalar(select(Letter.id).where(Letter.key == key))
    if known is None:
        message["Date"] = format_datetime(now)
        message["Message-ID"] = make_msgid(domain="hearken.invalid")
        session.execute(
            insert_ignoring(session, Letter).values(key=key, raw=message.as_bytes(policy=SMTP), created_at=now)
        )
        known = session.scalars(select(Letter.id).where(Letter.key == key)).one()
    headers = to if isinstance(to, Mapping) else {address: {} for address in to}
    for address, own in headers.items():
        session.execute(
            insert_ignoring(session, Mailing).values(
                letter_id=known,
                recipient=checked_address(address),
                headers=_checked(own),
                state=SendState.WAITING,
                attempts=0,
                not_before=now,
                error_text="",
            )
        )
    return known


def checked_address(address: str) -> str:
    """The address as it is written to. Raises InvalidInputError."""
    tidy = address.strip()
    local, _, host = tidy.rpartition("@")
    if parseaddr(tidy)[1] != tidy or not local or not host or len(tidy) > 254 or not tidy.isascii() or " " in tidy:
        raise InvalidInputError(
            f"{tidy[:80]!r} is not an e-mail address.", "Write it as name@host.", field="recipients"
        )
    return tidy


def _checked(headers: Mapping[str, str]) -> dict[str, str]:
    if any("\n" in text or "\r" in text for text in (*headers, *headers.values())):
        raise InvalidInputError("A header of a mail must stand in one line.")
    return dict(headers)


def again(session: Session, mailing_id: int, now: datetime) -> None:
    """Send a mail that failed, or of which it is not known whether it arrived, once more."""
    mailing = session.get_one(Mailing, mailing_id)
    if mailing.state in {SendState.FAILED, SendState.UNSURE}:
        mailing.state, mailing.attempts, mailing.not_before = SendState.WAITING, 0, now


# --- sending -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail in hand."""

    mailing_id: int
    recipient: str
    raw: bytes


def send_waiting_mails(
    database: Database, settings: Settings, clock: Clock, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Send what waits; the number sent. Each mail is claimed, handed over and recorded by itself."""
    if not can_send(settings):
        return 0
    sent = 0
    with Server(settings) as server:
        while not stopping():
            with database.write() as session:
                outgoing = _claim(session, settings.mail_from, clock())
            if outgoing is None:
                break
            try:
                server.send(outgoing.recipient, outgoing.raw)
                trouble = None
                sent += 1
            except MailError as error:
                trouble = error
            with database.write() as session:
                _record(session, outgoing.mailing_id, trouble, clock())
            if trouble and trouble.for_all:
                break
    return sent


def _claim(session: Session, sender: str, now: datetime) -> Outgoing | None:
    lock_stage(session, "mail")
    _give_up_stale(session, now)
    row = session.execute(
        select(Mailing, Letter)
        .join(Letter, Letter.id == Mailing.letter_id)
        .where(Mailing.state == SendState.WAITING, Mailing.not_before <= now)
        .order_by(Mailing.not_before, Mailing.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    mailing, letter = row
    mailing.state, mailing.claimed_at, mailing.attempts = SendState.SENDING, now, mailing.attempts + 1
    return Outgoing(mailing.id, mailing.recipient, _addressed(letter.raw, sender, mailing.recipient, mailing.headers))


def _addressed(raw: bytes, sender: str, recipient: str, headers: Mapping[str, str]) -> bytes:
    top = EmailMessage(policy=UNFOLDED)
    top["From"] = formataddr(parseaddr(sender))
    top["To"] = recipient
    for name, value in headers.items():
        top[name] = value
    return top.as_bytes().rstrip(b"\r\n") + b"\r\n" + raw


def _give_up_stale(session: Session, now: datetime) -> None:
    stale = select(Mailing).where(Mailing.state == SendState.SENDING, Mailing.claimed_at < now - LEASE)
    for mailing in session.scalars(stale):
        mailing.state = SendState.UNSURE
        mailing.error_text = "Hearken was stopped while this mail was handed over; it may have arrived."


def _record(session: Session, mailing_id: int, trouble: MailError | None, now: datetime) -> None:
    mailing = session.get_one(Mailing, mailing_id)
    mailing.error_text = str(trouble or "")
    if trouble is None:
        mailing.state, mailing.sent_at = SendState.SENT, now
    elif trouble.unsure:
        mailing.state = SendState.UNSURE
    elif trouble.permanent or mailing.attempts >= MOST_ATTEMPTS:
        mailing.state = SendState.FAILED
    else:
        mailing.state = SendState.WAITING
        mailing.not_before = now + timedelta(seconds=wait_s(mailing.attempts, random()))


def wait_s(attempts: int, jitter: float) -> float:
    """Seconds until the next attempt: a minute, then twice as long each time, up to an hour; a tenth is chance."""
    return float(min(FIRST_WAIT_S * 2 ** (attempts - 1), LONGEST_WAIT_S) * (0.9 + 0.2 * jitter))


class Server:
    """The mail server of the settings; connects with the first mail."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._close()

    def send(self, recipient: str, raw: bytes) -> None:
        """Hand a mail over. Raises MailError."""
        connection = self._connected()
        try:
            self._begin(connection)
            _checked_answer(connection.rcpt(recipient))
        except MailError:
            self._reset()
            raise
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            raise MailError(f"The mail server broke off: {_said(error)}", for_all=True) from None
        self._hand_over(connection, raw)

    def _begin(self, connection: smtplib.SMTP) -> None:
        code, words = connection.mail(parseaddr(self._settings.mail_from)[1])
        if code >= 400:
            raise MailError(str(_refusal(code, words)), for_all=True)

    def _hand_over(self, connection: smtplib.SMTP, raw: bytes) -> None:
        try:
            _checked_answer(connection.data(raw))
        except MailError:
            self._reset()
            raise
        except smtplib.SMTPDataError as error:
            self._reset()
            raise _refusal(error.smtp_code, error.smtp_error) from None
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            raise MailError(
                f"The connection broke while the mail was handed over ({_said(error)}); it may have arrived.",
                for_all=True,
                unsure=True,
            ) from None

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            try:
                self._connection = self._connect()
            except smtplib.SMTPAuthenticationError:
                raise MailError("The mail server refused user and password.", for_all=True) from None
            except (smtplib.SMTPException, OSError) as error:
                host = f"{self._settings.smtp_host}:{self._settings.smtp_port}"
                raise MailError(f"The mail server {host} cannot be used: {_said(error)}", for_all=True) from None
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.smtp_security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_S, context=ssl.create_default_context()
            )
        else:
            connection = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_S)
        try:
            if settings.smtp_security == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                connection.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            connection.ehlo_or_helo_if_needed()
        except BaseException:
            connection.close()
            raise
        return connection

    def _reset(self) -> None:
        try:
            if self._connection:
                self._connection.rset()
        except (smtplib.SMTPException, OSError):
            self._close()

    def _close(self) -> None:
        if self._connection is None:
            return
        try:
            self._connection.quit()
        except (smtplib.SMTPException, OSError):
            self._connection.close()
        self._connection = None


def _checked_answer(answer: tuple[int, bytes]) -> None:
    if answer[0] >= 400:
        raise _refusal(*answer)


def _refusal(code: int, words: bytes | str) -> MailError:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return MailError(f"The mail server said: {code} {said}"[:500], permanent=code >= 500)


def _said(error: Exception) -> str:
    return str(error)[:300] or type(error).__name__
