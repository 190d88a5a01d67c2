"""The console channel: written once, found again, torn lines survived."""

import json
from pathlib import Path

import pytest

from engage.channel import ChannelError, NotFound, Sent, Target
from engage.channels import channel_class
from engage.channels.console import ConsoleChannel, ConsoleRules
from listener.connector import Setup
from listener.mention import Account
from tests.conftest import FakeClock

TARGET = Target(external_id="7", author=Account("1", "ada"), addressed=True)


def connect(clock: FakeClock, **options: str) -> ConsoleChannel:
    return ConsoleChannel(Setup(options=options, secrets={}, query=None, clock=clock))


def rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_reply_is_a_line(tmp_path: Path, clock: FakeClock) -> None:
    outbox = tmp_path / "deep" / "out.jsonl"
    sent = connect(clock, outbox=str(outbox)).send(TARGET, "Sorry 🚲\nto hear that", "k1")
    assert rows(outbox) == [
        {
            "key": "k1",
            "text": "Sorry 🚲\nto hear that",
            "in_reply_to": "7",
            "at": "2026-11-02T09:00:00+00:00",
            "external_id": sent.external_id,
        }
    ]


def test_the_outbox_lies_beside_the_replayed_file(tmp_path: Path, clock: FakeClock) -> None:
    connect(clock, path=str(tmp_path / "posts.jsonl")).send(TARGET, "Hi", "k1")
    assert len(rows(tmp_path / "outbox.jsonl")) == 1


def test_a_key_is_written_once_and_found_again(tmp_path: Path, clock: FakeClock) -> None:
    outbox = tmp_path / "out.jsonl"
    channel = connect(clock, outbox=str(outbox))
    assert channel.find(TARGET, "Hi", "k1", clock.now) == NotFound()
    sent = channel.send(TARGET, "Hi", "k1")
    assert channel.send(TARGET, "Hi", "k1") == sent
    assert connect(clock, outbox=str(outbox)).find(TARGET, "Hi", "k1", clock.now) == sent
    assert channel.find(TARGET, "Hi", "k2", clock.now) == NotFound()
    assert isinstance(channel.send(TARGET, "Hi", "k2"), Sent)
    assert [row["key"] for row in rows(outbox)] == ["k1", "k2"]


def test_a_crash_at_any_byte_neither_loses_nor_doubles(tmp_path: Path, clock: FakeClock) -> None:
    outbox = tmp_path / "out.jsonl"
    channel = connect(clock, outbox=str(outbox))
    channel.send(TARGET, "First", "k1")
    before = outbox.read_bytes()
    channel.send(TARGET, "Second", "k2")
    whole = outbox.read_bytes()
    for end in range(len(before), len(whole) + 1):
        outbox.write_bytes(whole[:end])
        channel.send(TARGET, "Second", "k2")
        channel.send(TARGET, "Third", "k3")
        found = [json.loads(line)["key"] for line in outbox.read_text().splitlines() if line.endswith("}")]
        assert found == ["k1", "k2", "k3"]


@pytest.mark.parametrize("permanent", [True, False])
def test_it_fails_when_told(tmp_path: Path, clock: FakeClock, permanent: bool) -> None:
    outbox = tmp_path / "out.jsonl"
    channel = connect(clock, outbox=str(outbox), fail="http_403", permanent=str(permanent).lower())
    with pytest.raises(ChannelError) as caught:
        channel.send(TARGET, "Hi", "k1")
    assert (caught.value.code, caught.value.permanent) == ("http_403", permanent)
    assert not outbox.exists()


def test_an_outbox_that_cannot_be_used_is_an_error(tmp_path: Path, clock: FakeClock) -> None:
    channel = connect(clock, outbox=str(tmp_path))
    for act in (lambda: channel.send(TARGET, "Hi", "k1"), lambda: channel.find(TARGET, "Hi", "k1", clock.now)):
        with pytest.raises(ChannelError) as caught:
            act()
        assert (caught.value.code, caught.value.permanent) == ("outbox", False)


def test_rules() -> None:
    rules = ConsoleRules()
    assert rules.length("🚲a") == 2
    assert rules.can_reply(TARGET).ok
    gone = rules.can_reply(Target("7", Account("1", "ada"), addressed=True, deleted=True))
    assert not gone.ok
    assert gone.reason
    assert rules.warnings("https://a.example") == ()


def test_it_goes_with_the_replay_connector() -> None:
    assert channel_class("replay") is ConsoleChannel
