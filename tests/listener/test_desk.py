import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.sample import Sample, compose
from listener.sample.desk import Deed, Doing, open_from
from listener.sample.script import load

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOURS = load("desk.toml")["hours"]["weekday"]


@pytest.fixture(scope="module")
def sample() -> Sample:
    return compose(NOW)


@pytest.fixture(scope="module")
def answers(sample: Sample) -> list[Deed]:
    return [deed for deed in sample.deeds if deed.doing is Doing.ANSWER]


@given(st.timedeltas(timedelta(0), timedelta(days=400)))
def test_the_desk_opens_when_it_should_and_not_earlier(later: timedelta) -> None:
    at = NOW + later
    opened = open_from(at, HOURS)
    opens, closes = HOURS[opened.weekday()]
    assert at <= opened <= at + timedelta(days=3) and opens <= opened.hour < closes
    assert open_from(opened, HOURS) == opened
    if opened > at:
        assert opened.minute == 0 and not open_at(opened - timedelta(seconds=1))


def open_at(at: datetime) -> bool:
    opens, closes = HOURS[at.weekday()]
    return bool(opens <= at.hour < closes)


def test_deeds_are_about_posts_that_were_there_and_come_after_them(sample: Sample) -> None:
    posted = {(row["network"], row["id"]): datetime.fromisoformat(row["created_at"]) for row in sample.rows}
    assert len(sample.deeds) > 1000
    for deed in sample.deeds:
        assert posted[deed.network, deed.post] <= deed.at <= NOW
    assert all(a.at <= b.at for a, b in pairwise(sample.deeds))


def test_the_networks_would_have_taken_the_answers(sample: Sample, answers: list[Deed]) -> None:
    rows = {(row["network"], row["id"]): row for row in sample.rows}
    limits = {"x": 280, "mastodon": 500, "bluesky": 300, "reddit": 10_000}
    assert {deed.network for deed in answers} == set(limits)
    for deed in answers:
        assert 0 < len(deed.text) <= limits[deed.network]
        assert deed.network != "x" or rows[deed.network, deed.post]["addressed"]
    assert len({(deed.network, deed.id) for deed in answers}) == len(answers)


def test_answers_vary_and_nothing_of_the_workshop_is_left(answers: list[Deed]) -> None:
    counts = Counter(deed.text for deed in answers)
    assert len(counts) > 180 and max(counts.values()) < len(answers) / 25
    assert not [text for text in counts if re.search(r"[{}|]|\[.*\]|\(name\)|  | [,.!?]", text.replace(" !", ""))]


def test_germans_are_answered_in_german(sample: Sample, answers: list[Deed]) -> None:
    spoken = {(row["network"], row["id"]): row["lang"] for row in sample.rows}
    german = [deed for deed in answers if spoken[deed.network, deed.post] == "de"]
    assert len(german) >= 8
    assert all(
        re.search(r"\b(ich|wir|dir|du|uns|das|der|die|und|hier|gute|danke)\b", one.text, re.I) for one in german
    )


def test_the_incident_kept_people_waiting(sample: Sample, answers: list[Deed]) -> None:
    posted = {(row["network"], row["id"]): datetime.fromisoformat(row["created_at"]) for row in sample.rows}
    began = NOW.replace(hour=0) - timedelta(days=18) + timedelta(hours=18.6)
    waits: dict[bool, list[float]] = {True: [], False: []}
    for deed in answers:
        at = posted[deed.network, deed.post]
        waits[began <= at < began + timedelta(hours=30)].append((deed.at - at).total_seconds())
    assert min(map(len, waits.values())) > 30
    assert median(waits[True]) > 2 * median(waits[False])


def test_some_write_again_happier_and_some_are_not_answered(sample: Sample, answers: list[Deed]) -> None:
    ours = {(deed.network, deed.id) for deed in answers}
    replied = [row for row in sample.rows if (row["network"], row["in_reply_to"]) in ours]
    assert 60 <= len(replied) <= 200
    assert sum("thank" in row["text"].lower() for row in replied) >= 25
    touched = {(deed.network, deed.post) for deed in sample.deeds}
    untouched = [row for row in sample.rows if (row["network"], row["id"]) not in touched]
    assert len(untouched) > 150
