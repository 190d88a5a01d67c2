"""The reading stage: one batch is judged in a thread while the one before is stored and used. See engage/pipeline.py.

No transaction is open while texts are judged.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from config.claims import Claims, claims_on
from config.clock import Clock
from config.database import Database
from config.errors import HearkenError
from nlp import store
from nlp.analyser import Analyser
from nlp.layers import Learnt
from nlp.reading import Reading
from nlp.store import Taken

TRY_AGAIN = timedelta(seconds=30)
"""How long a reading engine that could not be loaded is left alone."""
Item = TypeVar("Item")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Judged:
    """Mentions and their readings, not stored yet."""

    taken: Sequence[Taken]
    readings: Sequence[Reading]


@dataclass
class Reader:
    """Reads what waits. While its engine cannot be loaded, reading waits, and says so once."""

    database: Database
    load: Callable[[], Analyser]
    clock: Clock
    trouble: str = ""
    """Why nothing can be read at present, and what to do; empty while all is well."""
    _analyser: Analyser | None = None
    _not_before: datetime | None = None
    _learnt: Learnt = field(default_factory=Learnt)

    def read(self, limit: int, stopping: Callable[[], bool], stored: Callable[[int], None]) -> None:
        """Read until nothing waits. `stored` is told the size of each batch; while it works, the next is judged."""
        analyser = self.analyser()
        with claims_on(self.database, "reading") as claims:
            while analyser and self._read_through(analyser, claims, limit, stopping, stored):
                pass

    def _read_through(
        self,
        analyser: Analyser,
        claims: Claims,
        limit: int,
        stopping: Callable[[], bool],
        stored: Callable[[int], None],
    ) -> bool:
        """Once through what waits; False if nothing did. What was edited on its way is left to the next time."""
        found = False
        with closing(ahead(self._judge(analyser, claims, limit, stopping))) as batches:
            for batch in batches:
                found = True
                with self.database.write() as session:
                    count = store.store(session, batch.taken, batch.readings, self.clock())
                claims.drop(batch.taken[0].id)
                stored(count)
        return found

    def analyser(self) -> Analyser | None:
        """The engine as it came, loaded when first asked for; None while that cannot be done."""
        if self._not_before and self.clock() < self._not_before:
            return None
        if self._analyser is None:
            try:
                self._analyser = self.load()
            except HearkenError as error:
                self._wait(error)
        return self._analyser

    def _judge(
        self, analyser: Analyser, claims: Claims, limit: int, stopping: Callable[[], bool]
    ) -> Iterator[Judged]:
        """Once through what waits, oldest first; what another process has in hand is left to it."""
        last = 0
        while not stopping():
            with self.database.read() as session:
                taken = store.take_waiting(session, limit, last)
                learnt = self._learnt.over(session, analyser)
            if not taken:
                break
            last = taken[-1].id
            if not claims.take(taken[0].id):
                continue
            try:
                readings = learnt.read([one.text for one in taken])
            except HearkenError as error:  # the engine of some language is loaded with its first text
                claims.drop(taken[0].id)
                self._wait(error)
                break
            self._go_on()
            yield Judged(taken, readings)

    def _wait(self, error: HearkenError) -> None:
        self._not_before = self.clock() + TRY_AGAIN
        if str(error) != self.trouble:
            self.trouble = str(error)
            log.error("reading waits until its engine can be loaded; all else goes on", said=self.trouble)

    def _go_on(self) -> None:
        if self.trouble:
            self.trouble = ""
            log.info("reading goes on")


def ahead(items: Iterator[Item]) -> Generator[Item]:
    """The same items, each of them made in a thread while the one before is in use. Errors come as if without."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        upcoming = thread.submit(next, items, None)
        while (item := upcoming.result()) is not None:
            upcoming = thread.submit(next, items, None)
            yield item
