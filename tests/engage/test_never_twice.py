"""Whatever people do and wherever the sender dies: a text goes out once at most, and never after it was stopped."""

import itertools
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from config.database import Database
from config.errors import ConflictError
from config.secrets import Vault
from config.settings import Settings
from engage import replies, undo
from engage.approvals import deciding
from engage.approvals.tables import ReplyEdit
from engage.channel import ChannelError, Found, Sent, Unknowable
from engage.delivery import CALL_LASTS, Delivery
from engage.tables import Activity, Reply, ReplyState, Role, User
from tests.conftest import FakeClock
from tests.flow import NOON, add_user
from tests.replying import begin, claim, record

UNDO_S = 10


class Network:
    """Takes what it is given, twice too; knows afterwards what it has, unless it is a forgetful one."""

    def __init__(self) -> None:
        self.published: list[str] = []
        self.keys: set[str] = set()
        self.forgetful = False

    def call(self, claimed: Delivery) -> Found:
        """As engage.delivery.send does it."""
        if claimed.recovering:
            if self.forgetful:
                return Unknowable("no search here")
            if claimed.key in self.keys:
                return Sent(claimed.key)
        self.published.append(claimed.text)
        self.keys.add(claimed.key)
        return Sent(claimed.key)


class Sending(RuleBasedStateMachine):
    """People write, undo, approve, reject, hand in again and settle; the sender claims, calls, crashes, records."""

    database: Database
    vault: Vault
    gwen: User
    boss: User
    written = Bundle("written")
    in_hand = Bundle("in_hand")

    @initialize(forgetful=st.booleans())
    def begin(self, forgetful: bool) -> None:
        self.clock, self.network, self.numbers = FakeClock(), Network(), itertools.count()
        self.clock.now, self.network.forgetful = NOON, forgetful
        self.stopped: dict[str, int] = {}
        with self.database.write() as session:
            for table in (ReplyEdit, Activity, Reply):
                session.execute(delete(table))

    def do(self, act: Callable[..., Reply], *args: Any, **more: Any) -> Reply | None:
        """What a person does; None where somebody or something was faster."""
        try:
            with self.database.write() as session:
                return act(session, *args, now=self.clock(), **more)
        except ConflictError:
            return None

    def write(self, text: str, by: User, **more: Any) -> int:
        found = self.do(replies.write, 1, text, by=by, approval_required=True, undo_s=UNDO_S, **more)
        assert found is not None
        return found.id

    def stop(self, stopped: Reply | None) -> None:
        """Remember what was out by then: it must not become more, until it is handed in again."""
        if stopped is not None:
            self.stopped[stopped.text] = self.network.published.count(stopped.text)

    @rule(target=written)
    def hand_in(self) -> int:
        return self.write(f"text {next(self.numbers)}", self.boss)

    @rule(target=written, for_discussion=st.booleans())
    def draft(self, for_discussion: bool) -> int:
        return self.write(f"text {next(self.numbers)}", self.gwen, for_discussion=for_discussion)

    @rule(target=written, before=written)
    def hand_in_again(self, before: int) -> int:
        return self.write(f"text {next(self.numbers)}", self.gwen, after=before)

    @rule(key=st.integers(0, 3))
    def send_the_form_twice(self, key: int) -> None:
        text, forms = f"text {next(self.numbers)}", {"form_key": f"{key}-{next(self.numbers)}"}
        assert self.write(text, self.gwen, **forms) == self.write(text, self.gwen, **forms)

    @rule(before=written)
    def say_the_same_in_another_tab(self, before: int) -> None:
        with self.database.read() as session:
            reply = session.get_one(Reply, before)
        again = self.do(replies.write, 1, reply.text, by=self.gwen, approval_required=True, undo_s=UNDO_S)
        if reply.state in replies.ALIVE:
            assert again is None, "the same words are there already"
        elif again is not None:
            self.stopped.pop(reply.text, None)

    @rule(reply=written, by_boss=st.booleans())
    def undo(self, reply: int, by_boss: bool) -> None:
        self.pull_back(reply, by_boss)

    def pull_back(self, reply: int, by_boss: bool) -> None:
        with self.database.read() as session:
            own = session.get_one(Reply, reply).user_id == (self.boss if by_boss else self.gwen).id
        if own or by_boss:
            pulled = self.do(undo.pull_back, reply, by=self.boss if by_boss else self.gwen)
            self.stop(pulled if own else None)

    @rule(reply=written, other=st.booleans(), reject_others=st.booleans())
    def approve(self, reply: int, other: bool, reject_others: bool) -> None:
        words = f"text {next(self.numbers)}" if other else None
        self.do(deciding.approve, reply, by=self.boss, undo_s=UNDO_S, text=words, reject_others=reject_others)

    @rule(reply=written)
    def reject(self, reply: int) -> None:
        self.stop(self.do(deciding.reject, reply, "no", by=self.boss))

    @rule(reply=written)
    def mend(self, reply: int) -> None:
        """Somebody tries again what failed, or looks at the network and tells the truth."""
        self.do(replies.retry, reply, by=self.gwen)
        with self.database.read() as session:
            arrived = session.get_one(Reply, reply).text in self.network.published
        self.do(replies.settle, reply, arrived, by=self.gwen)

    @rule(seconds=st.sampled_from([1, UNDO_S, CALL_LASTS.total_seconds() + 1]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)

    @rule(target=in_hand, waits=st.booleans())
    def claim(self, waits: bool) -> Delivery | MultipleResults[Delivery]:
        if waits:
            self.clock.advance(seconds=UNDO_S)
        return claim(self.database, self.vault, self.clock) or multiple()

    @rule(claimed=in_hand)
    def pull_back_too_late(self, claimed: Delivery) -> None:
        self.pull_back(claimed.reply_id, by_boss=False)
        self.pull_back(claimed.reply_id, by_boss=True)

    @rule(claimed=consumes(in_hand), end=st.sampled_from(["sent", "refused", "failed", "dies before", "dies after"]))
    def finish(self, claimed: Delivery, end: str) -> None:
        """Within the time that a call can last; who is later is taken for dead."""
        if self.clock() - claimed.claimed_at >= CALL_LASTS or end == "dies before":
            return
        refused = ChannelError("no", code="http_400", permanent=end == "failed", retry_after=1)
        outcome = refused if end in {"refused", "failed"} and not claimed.recovering else self.network.call(claimed)
        if end != "dies after":
            record(self.database, claimed, outcome, self.clock)

    @invariant()
    def nothing_goes_out_twice_or_after_it_was_stopped(self) -> None:
        if not hasattr(self, "network"):
            return
        out = Counter(self.network.published)
        assert all(times == 1 for times in out.values()), out
        assert all(out[text] == times for text, times in self.stopped.items())

    def teardown(self) -> None:
        """In the end all that was let go is out, once."""
        if not hasattr(self, "network"):
            return
        for _ in range(200):
            self.clock.advance(seconds=CALL_LASTS.total_seconds() + 1)
            claimed = claim(self.database, self.vault, self.clock)
            if claimed is None:
                break
            record(self.database, claimed, self.network.call(claimed), self.clock)
        with self.database.read() as session:
            states = {reply.text: reply.state for reply in session.scalars(select(Reply).order_by(Reply.id))}
        assert not {ReplyState.APPROVED, ReplyState.SENDING} & set(states.values())
        for text, state in states.items():
            times = self.network.published.count(text)
            assert times == 1 if state is ReplyState.SENT else times <= 1


def test_each_text_goes_out_once_at_most(database: Database, settings: Settings, tmp_path: Path) -> None:
    gwen = begin(database, tmp_path / "outbox.jsonl")
    with database.write() as session:
        boss = add_user(session, "Boss", Role.MANAGER)
    parts = {"database": database, "vault": Vault.in_folder(settings.data), "gwen": gwen, "boss": boss}
    machine = type("Case", (Sending,), parts)
    run_state_machine_as_test(
        machine,
        settings=hypothesis_settings(
            max_examples=80,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
