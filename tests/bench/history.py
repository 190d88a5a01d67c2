"""Two years of mentions, made up and filled straight into an empty database, for measuring at size.

Rows go in by COPY or executemany, without triggers and without secondary indexes, which are made afterwards.
"""

import json
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.database import Database
from engage.tables import Role
from nlp.naming import places_text, voices_text
from nlp.reading import Intent, Sentiment
from tests.factories import NETWORKS, START, make_brand, make_user
from tests.web.site import hash_of_password

DAYS = 730
MODEL = "minilm-heads/3"
BITE = 50_000
IN_A_CONVERSATION = 2
AN_AUTHOR = 20
"""Mentions, on average."""
OPEN = 2_000
"""Of so many of the latest conversations some are not closed yet."""
TEXTS, VOCABULARY = 20_000, 3_000
LANGUAGES = ("en", "de", "fr", "es")
COMPETITORS = ("Ost", "West")
FELT = {"negative": 0.21, "neutral": 0.61, "positive": 0.18}
TOWARDS = dict.fromkeys(("Norvik", *COMPETITORS), FELT)
CHANCES = json.dumps(dict.fromkeys(Intent, 0.1429))
COLUMNS = {
    "author": "id network external_id handle name followers url website bio avatar_url first_heard_at",
    "contact": "id name company place notes tags created_at version",
    "identity": "author_id contact_id reason score created_at",
    "conversation": """id brand_id network thread author_id contact_id status noise team assignee_id priority tags
        sentiment intent urgency language excerpt mention_count unread why hand_routed snoozed_until first_at last_at
        answered_at changed_at version""",
    "mention": """id brand_id source_id network external_id author_id text url thread in_reply_to lang likes shares
        replies reach addressed reply_ref created_at heard_at edited_at deleted_at stage conversation_id""",
    "reading": """mention_id sentiment p_negative p_neutral p_positive intent p_intent urgency language entities
        voices places about model extra meaning read_at""",
    "reply": """id conversation_id mention_id source_id network text state key user_id approved_by_id created_at
        claimed_at not_before sent_at attempts external_id url error_code error_text remedy""",
    "activity": "id conversation_id user_id kind text at",
}
"""What each row below holds, table by table."""
Numbers = NDArray[Any]
Rows = Iterator[tuple[Any, ...]]


def fill(database: Database, count: int, days: float = DAYS) -> None:
    """One brand, somebody to log in, and `count` mentions evenly over so many days, two in a conversation."""
    with database.write() as session:
        make_user(session, "agent", role=Role.AGENT, password_hash=hash_of_password())
        brand = make_brand(session)
        brand.competitors = list(COMPETITORS)
    made = _History(count, days)
    rows = {
        "author": made.authors(),
        "contact": made.contacts(),
        "identity": made.identities(),
        "conversation": made.conversations(),
        "mention": made.mentions(),
        "reading": made.readings(),
        "reply": made.replies(),
        "activity": made.closings(),
    }
    (_fill_sqlite if database.is_sqlite else _fill_postgres)(database, rows)


class _History:
    """The rows of each table. Each is a stream of its own, made from the number of the row and dice of its own."""

    def __init__(self, count: int, days: float) -> None:
        self.count, self.days = count, days
        self.people = max(1, count // AN_AUTHOR)
        self.talks = -(-count // IN_A_CONVERSATION)
        dice = np.random.default_rng(7)
        syllables = ["ba", "do", "fe", "gi", "ku", "la", "me", "no", "pi", "ra", "se", "tu", "vo", "wa", "zi"]
        words = ["".join(dice.choice(syllables, dice.integers(2, 4))) for _ in range(VOCABULARY)]
        often = 1 / np.arange(1, VOCABULARY + 1)
        sizes = dice.integers(8, 28, TEXTS)
        picked = iter(dice.choice(VOCABULARY, int(sizes.sum()), p=often / often.sum()).tolist())
        self.texts = [" ".join(words[next(picked)] for _ in range(size)) for size in sizes.tolist()]

    def authors(self) -> Rows:
        dice = np.random.default_rng(1)
        for numbers in _bites(self.people):
            followers = dice.lognormal(5.5, 1.8, len(numbers)).astype(int).tolist()
            for n, known in zip(numbers.tolist(), followers, strict=True):
                network = NETWORKS[n % len(NETWORKS)]
                yield n, network, f"a{n}", f"u{n}", f"User {n}", known, "", "", "", "", _sql(START, -DAYS)

    def contacts(self) -> Rows:
        for numbers in _bites(self.people):
            for n in numbers.tolist():
                yield n, f"User {n}", "", "", "", "[]", _sql(START, -DAYS), 1

    def identities(self) -> Rows:
        for numbers in _bites(self.people):
            for n in numbers.tolist():
                yield n, n, "new contact", 1.0, _sql(START, -DAYS)

    def _who(self, talks: Numbers) -> list[int]:
        """The author of each conversation."""
        who: list[int] = (1 + talks * 2_654_435_761 % 2**32 % self.people).tolist()
        return who

    def conversations(self) -> Rows:
        dice = np.random.default_rng(2)
        for talks in _bites(self.talks):
            at = self._moments(IN_A_CONVERSATION * talks - 1)
            status = dice.choice(["open", "pending", "snoozed"], len(talks), p=(0.7, 0.2, 0.1))
            status = np.where(talks > self.talks - OPEN, status, "closed")
            columns = (self._who(talks), at, *_labels(dice, len(talks)), status.tolist(), _chance(dice, talks, 0.1))
            answered = (talks % 5 == 0).tolist()
            for n, who, at_, feeling, intent, language, state, noise, said in zip(
                talks.tolist(), *columns, answered, strict=True
            ):
                yield (
                    n, 1, NETWORKS[who % len(NETWORKS)], f"t{n}", who, who, state, noise and state == "closed",
                    "support" if n % 3 else "marketing", None, 2, "[]", feeling, intent, 0.2, language,
                    self.texts[n % TEXTS], 2, False, "{}", False, None, at_, at_, at_ if said else None, at_, 1,
                )  # fmt: skip

    def mentions(self) -> Rows:
        dice = np.random.default_rng(3)
        for numbers in _bites(self.count):
            talks = (numbers + 1) // IN_A_CONVERSATION
            who = self._who(talks)
            picked = dice.integers(TEXTS, size=len(numbers)).tolist()
            reach = (dice.lognormal(5.5, 1.8, len(numbers))).astype(int).tolist()
            likes = dice.lognormal(0.5, 1.2, len(numbers)).astype(int).tolist()
            answers = np.where(dice.random(len(numbers)) < 0.3, dice.integers(1, numbers + 1), 0).tolist()
            columns = (numbers.tolist(), talks.tolist(), who, self._moments(numbers), picked, reach, likes, answers)
            for n, talk, author, at, text, far, liked, answered in zip(*columns, strict=True):
                yield (
                    n, 1, None, NETWORKS[author % len(NETWORKS)], f"m{n}", author, f"{self.texts[text]} {n:x}",
                    f"https://social.example/m{n}", f"t{talk}", f"m{answered}" if answered else "", "en", liked,
                    liked // 4, liked // 8, far, True, "{}", at, at, None, None, "routed", talk,
                )  # fmt: skip

    def readings(self) -> Rows:
        dice = np.random.default_rng(4)
        for numbers in _bites(self.count):
            named = dice.choice(4, len(numbers), p=(0.1, 0.7, 0.1, 0.1)).tolist()
            place = dice.integers(0, 80, len(numbers)).tolist()
            columns = (numbers.tolist(), self._moments(numbers), *_labels(dice, len(numbers)), named, place)
            for n, at, feeling, intent, language, names, where in zip(*columns, strict=True):
                found = _names(names, where)
                extra = json.dumps({"towards": {name: TOWARDS[name] for _, name, *_ in found}}) if found else "{}"
                yield (
                    n, feeling, 0.3, 0.3, 0.4, intent, CHANCES, 0.2, language, json.dumps(found),
                    voices_text(found, TOWARDS), places_text(found), "brand", MODEL, extra, b"", at,
                )  # fmt: skip

    def replies(self) -> Rows:
        """One conversation in five is answered, within hours."""
        dice = np.random.default_rng(5)
        for talks in _bites(self.talks, 5):
            first = IN_A_CONVERSATION * talks - 1
            at = self._moments(first, dice.exponential(5 * 3600, len(talks)))
            for n, mention, sent in zip(talks.tolist(), first.tolist(), at, strict=True):
                yield (
                    n, n, mention, None, "x", "Thank you, we look into it.", "sent", f"k{n}", 1, 1, sent, sent, None,
                    sent, 1, f"r{n}", "", "", "", "",
                )  # fmt: skip

    def closings(self) -> Rows:
        """They are closed within days."""
        dice = np.random.default_rng(6)
        for talks in _bites(self.talks, 5):
            at = self._moments(IN_A_CONVERSATION * talks - 1, dice.exponential(30 * 3600, len(talks)))
            for n, closed in zip(talks.tolist(), at, strict=True):
                yield n, n, 1, "status", "Closed", closed

    def _moments(self, mentions: Numbers, later: Numbers | float = 0.0) -> list[str]:
        """When these mentions were posted, or so many seconds later."""
        since = np.datetime64((START - timedelta(days=self.days)).replace(tzinfo=None), "ms")
        seconds = mentions * (self.days * 86_400 / self.count) + later
        texts = np.datetime_as_string(since + (seconds * 1000).astype("timedelta64[ms]"))
        return [f"{text[:10]} {text[11:]}000" for text in texts.tolist()]


def _sql(moment: Any, days: int) -> str:
    return f"{moment + timedelta(days=days):%Y-%m-%d %H:%M:%S.%f}"


def _bites(count: int, step: int = 1) -> Iterator[Numbers]:
    """Numbers from `step` to `count`."""
    for start in range(step, count + 1, BITE * step):
        yield np.arange(start, min(start + BITE * step, count + 1), step)


def _labels(dice: np.random.Generator, size: int) -> tuple[list[str], ...]:
    return (
        dice.choice(list(Sentiment), size, p=(0.3, 0.5, 0.2)).tolist(),
        dice.choice(list(Intent), size, p=(0.2, 0.15, 0.15, 0.05, 0.05, 0.1, 0.3)).tolist(),
        dice.choice(LANGUAGES, size, p=(0.7, 0.1, 0.1, 0.1)).tolist(),
    )


def _chance(dice: np.random.Generator, rows: Numbers, share: float) -> list[bool]:
    happened: list[bool] = (dice.random(len(rows)) < share).tolist()
    return happened


def _names(which: int, place: int) -> list[list[Any]]:
    us = ["brand", "Norvik", place, place + 6]
    other = ["competitor", COMPETITORS[place % 2], place + 9, place + 12]
    return ([], [us], [us, other], [other])[which]


# --- into the database -------------------------------------------------------------------------------------------


# ruff: noqa: S608 (the names are ours)
def _fill_sqlite(database: Database, rows: Mapping[str, Rows]) -> None:
    database.engine.dispose()
    connection = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
        connection.execute(f"PRAGMA {pragma}")
    tables = ", ".join(f"'{table}'" for table in rows)
    made = f"SELECT type, name, sql FROM sqlite_master WHERE sql > '' AND tbl_name IN ({tables}) AND type != 'table'"
    waiting = connection.execute(made).fetchall()
    for kind, name, _ in waiting:
        connection.execute(f"DROP {kind} {name}")
    connection.execute("BEGIN")
    for table, lines in rows.items():
        columns = COLUMNS[table].split()
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", lines)
    for _, _, sql in waiting:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _fill_postgres(database: Database, rows: Mapping[str, Rows]) -> None:
    with database.engine.connect() as checked_out:
        connection: Any = checked_out.connection.driver_connection
        for setting in ("timezone = 'UTC'", "maintenance_work_mem = '1GB'", "session_replication_role = replica"):
            connection.execute(f"SET {setting}")
        indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname LIKE 'ix_%%'"
        waiting = connection.execute(indexes, (list(rows),)).fetchall()
        for name, _ in waiting:
            connection.execute(f"DROP INDEX {name}")
        for table, lines in rows.items():
            columns = COLUMNS[table].split()
            with connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for line in lines:
                    copy.write_row(line)
            if columns[0] == "id":
                connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
        for _, sql in waiting:
            connection.execute(sql)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
        checked_out.invalidate()


if __name__ == "__main__":
    target = Database(sys.argv[2])
    target.migrate()
    fill(target, int(sys.argv[1]))
