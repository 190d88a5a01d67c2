"""THE FLOW: collect -> analyse -> link -> route -> deliver. Owns the transactions; every step can be killed anywhere.

What waits for a stage is rows (Mention.stage, Reply.state), so running a stage again goes on where it stopped. No
transaction is open while a network is called or texts are judged.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config.clock import Clock, utc_now
from config.database import Database
from config.errors import HearkenError, StorageError
from config.secrets import Vault
from config.settings import Settings
from engage import alerts, conversations, delivery, mail, rollups, team_rollups, webhooks
from engage.answers import links, outcome
from engage.bulk import work_waiting
from engage.channel import ChannelError, Found, Sent
from engage.dispatch import route_waiting
from engage.learning import Learner
from engage.linking import link_waiting
from engage.reader import Reader
from engage.routing import RuleSet, load_rules
from engage.storms import answers
from engage.storms.gather import gather_waiting
from engage.together.assigning import assign_waiting
from engage.together.notice_mail import queue_waiting
from listener import collect
from listener.collect import Run, SaveCount
from listener.connector import Connector, ConnectorError
from listener.connectors import connector_class
from nlp.analyser import Analyser
from nlp.load import load_analyser

BATCH = 1000
log = structlog.get_logger()


@dataclass(slots=True)
class Counts:
    """What one run of the flow did, stage by stage."""

    sources: int = 0
    heard: SaveCount = field(default_factory=SaveCount)
    failed_sources: int = 0
    analysed: int = 0
    linked: int = 0
    routed: int = 0
    delivered: int = 0


@dataclass
class Pipeline:
    """The flow over one database."""

    database: Database
    settings: Settings
    vault: Vault
    clock: Clock = utc_now
    stopping: Callable[[], bool] = lambda: False
    """Asked between two steps; True ends the stage in hand there."""
    after_step: Callable[[str], None] = lambda _: None
    """Told the name of each step once it is committed."""
    load: Callable[[str, Mapping[str, str]], Analyser] = load_analyser
    """Makes the reading engine that the settings name."""

    @cached_property
    def rules(self) -> RuleSet:
        """The routing rules in force."""
        return load_rules(self.settings.rules_file)

    @cached_property
    def reader(self) -> Reader:
        """The reading stage; its engine is heavy, so loaded when first needed."""
        load = partial(self.load, self.settings.analyser, self.settings.analysers)
        return Reader(self.database, load, self.clock)

    @cached_property
    def learner(self) -> Learner:
        """Learning from corrections; what it makes, the reader takes up with its next batch."""
        return Learner(self.database, self.settings.analyser, self.reader.analyser, self.clock)

    def run_once(self) -> Counts:
        """Due sources, then every stage until nothing waits."""
        counts = Counts()
        for source_id in self.due():
            heard = self.collect(source_id)
            counts.sources += 1
            counts.failed_sources += heard is None
            counts.heard += heard or SaveCount()
        self._understand(counts)
        self.gather()
        self.roll()
        self.wake()
        self.judge_answers()
        self.bulk()
        counts.delivered = self.deliver()
        return counts

    def process(self) -> int:
        """analyse, link and route whatever waits; the number of mentions that reached the inbox."""
        return self._understand(Counts()).routed

    def _understand(self, counts: Counts) -> Counts:
        """analyse, link and route: while a batch is linked and routed, the next one is judged."""

        def go_on(analysed: int) -> None:
            counts.analysed += analysed
            counts.linked += self.link()
            counts.routed += self.route()
            self.assign()

        self._read(go_on)
        go_on(0)  # with what an earlier run left behind
        return counts

    def due(self) -> list[int]:
        """Sources whose time has come."""
        with self.database.read() as session:
            return collect.due_sources(session, self.clock())

    def collect(self, source_id: int) -> SaveCount | None:
        """Hear one source to its end: page by page, mentions and cursor together. None if it failed."""
        with self.database.write() as session:
            run = collect.claim(session, source_id, self.vault, self.clock)
        if run is None:
            return SaveCount()
        self.after_step("collect: claimed")
        try:
            return self._hear(run)
        except collect.LeaseLostError:
            log.warning("another run took this source over", source=source_id)
            return SaveCount()

    def _hear(self, run: Run) -> SaveCount | None:
        total = SaveCount()
        try:
            run = self._know_ourselves(run)
            for page in self._connector(run).fetch(run.cursor):
                with self.database.write() as session:
                    run, count = collect.save_page(session, run, page, self.clock())
                total += count
                self.after_step("collect: page saved")
                if self.stopping():
                    with self.database.write() as session:
                        collect.release(session, run)
                    return total
        except ConnectorError as error:
            self._tell_failure(run, error)
            return None
        except (collect.LeaseLostError, StorageError, OperationalError):
            raise
        except Exception as error:  # whatever a network sent, the other sources go on
            log.exception("a source could not be worked with", source=run.source_id, network=run.network)
            self._tell_failure(run, _our_fault(error))
            return None
        with self.database.write() as session:
            collect.finish(session, run, self.clock())
        self.after_step("collect: finished")
        return total

    def _tell_failure(self, run: Run, error: ConnectorError) -> None:
        """On the source's card; its cursor stays at the last page that was saved."""
        log.warning("a source failed", source=run.source_id, network=run.network, code=error.code, said=error.message)
        with self.database.write() as session:
            collect.fail(session, run, error, self.clock(), random.random())

    def _know_ourselves(self, run: Run) -> Run:
        """With credentials, learn once which account is ours."""
        if not run.setup.secrets or run.setup.own_account:
            return run
        account = self._connector(run).check().account
        if account is None:
            return run
        with self.database.write() as session:
            return collect.remember_account(session, run, account)

    def _connector(self, run: Run) -> Connector:
        return connector_class(run.network)(run.setup)

    def analyse(self) -> int:
        """Read what was heard."""
        sizes: list[int] = []
        self._read(sizes.append)
        return sum(sizes)

    def _read(self, go_on: Callable[[int], None]) -> None:
        def stored(count: int) -> None:
            self.after_step("analyse")
            go_on(count)

        self.reader.read(BATCH, self.stopping, stored)

    def link(self) -> int:
        """Give what was read a contact and a conversation."""
        return self._drain("link", lambda session: link_waiting(session, self.clock, BATCH))

    def route(self) -> int:
        """Give what was linked a team."""
        return self._drain("route", lambda session: route_waiting(session, self.rules, self.clock, BATCH))

    def gather(self) -> int:
        """Bring together who says nearly the same, and go on answering all of them."""
        gathered = self._drain("gather", lambda session: gather_waiting(session, self.clock))
        self._drain("answer storms", lambda session: answers.answer_waiting(session, self.clock))
        return gathered

    def assign(self) -> int:
        """Share out what waits for somebody, in the teams that want it."""
        return self._drain("assign", lambda session: assign_waiting(session, self.clock))

    def watch(self) -> int:
        """Raise, bring up to date and end alerts; the number of new ones."""
        return alerts.watch(self.database, self.settings, self.clock)

    def report(self) -> int:
        """Make the reports that are due and queue their mails; the number of reports."""
        from engage.report.sending import send_due

        return send_due(self.database, self.settings, self.clock, self.stopping)

    def tell(self) -> int:
        """Send the mails and make the webhook calls that wait; the number sent."""
        if mail.can_send(self.settings):
            self._drain("notices", lambda session: queue_waiting(session, self.settings.address, self.clock))
        mails = mail.send_waiting_mails(self.database, self.settings, self.clock, self.stopping)
        return mails + webhooks.send_waiting_calls(self.database, self.vault, self.clock, self.stopping)

    def look_up_links(self) -> int:
        """See whether the links in replies lead anywhere; the number looked at."""
        return links.look_up(self.database, self.clock)

    def judge_answers(self) -> int:
        """Say of replies whether they helped, once people had time to come back."""
        return self._drain("judge answers", lambda session: outcome.judge_waiting(session, self.clock))

    def rate_authors(self) -> int:
        """Say who matters: all authors each night, those of new mentions soon after."""
        from engage.influence import rate_due

        return rate_due(self.database, self.settings.influence_weights, self.clock)

    def roll(self) -> int:
        """Bring the counts of analytics up to date."""
        return self._drain("roll", rollups.roll_waiting) + self._drain("roll team", team_rollups.roll_waiting)

    def wake(self) -> int:
        """Reopen what was snoozed until now."""
        with self.database.write() as session:
            return conversations.wake_snoozed(session, self.clock())

    def bulk(self) -> int:
        """Go on with what people do to many conversations at once."""
        return self._drain("bulk", lambda session: work_waiting(session, self.clock()))

    def _drain(self, step: str, stage: Callable[[Session], int]) -> int:
        total = 0
        while not self.stopping():
            with self.database.write() as session:
                done = stage(session)
            if not done:
                break
            total += done
            self.after_step(step)
        return total

    def deliver(self) -> int:
        """Send the replies that wait; the number sent."""
        sent = 0
        while not self.stopping():
            with self.database.write() as session:
                claimed = delivery.claim_next(session, self.vault, self.clock)
            if claimed is None:
                break
            self.after_step("deliver: claimed")
            outcome = _outcome(claimed)
            self.after_step("deliver: called")
            with self.database.write() as session:
                delivery.record_outcome(session, claimed, outcome, self.clock(), random.random())
            self.after_step("deliver: recorded")
            sent += isinstance(outcome, Sent)
        return sent


def _our_fault(error: Exception) -> ConnectorError:
    if isinstance(error, HearkenError):
        return ConnectorError(error.message, code="internal", remedy=error.remedy)
    return ConnectorError(
        f"Hearken could not work with what the network sent ({type(error).__name__}).",
        code="internal",
        remedy="It tries again by itself; if it stays so, please report it with the log.",
    )


def _outcome(claimed: delivery.Delivery) -> Found | ChannelError:
    try:
        return delivery.send(claimed)
    except ChannelError as error:
        return error
    except ConnectorError as error:  # met while the channel was being set up: nothing was sent
        return ChannelError.of(error)
