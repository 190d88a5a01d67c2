import pytest

from engage import findings
from engage.shares import plain


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (0, 10, "Nothing was said in this time"),
        (1, 0, "1 mention, none in the period before"),
        (103, 100, "103 mentions, about as many as before"),
        (150, 100, "150 mentions, 50 % more than before"),
        (40, 100, "40 mentions, 60 % fewer than before"),
        (1250, 500, "1,250 mentions, 2.5 times as many as before"),
    ],
)
def test_volume(now: int, before: int, words: str) -> None:
    assert findings.volume(now, before) == words


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        ((310, 1000), (240, 1000), "Negative share rose from 24 % to 31 % (±3)"),
        ((240, 1000), (310, 1000), "Negative share fell from 31 % to 24 % (±3)"),
        ((250, 1000), (240, 1000), "Negative share held at 25 % (±3)"),
        ((310, 1000), (2, 9), "Negative share is 31 % (±3); too few before to compare"),
        ((3, 9), (240, 1000), "Too few mentions to say more (9)"),
        ((0, 0), (240, 1000), "Nothing was said in this time"),
    ],
)
def test_change(now: tuple[int, int], before: tuple[int, int], words: str) -> None:
    assert findings.change("Negative share", plain(*now), plain(*before)) == words


def test_largest() -> None:
    found = {"X": plain(60, 100), "Reddit": plain(40, 100)}
    assert findings.largest("{} carries the most", found) == "X carries the most: 60 % (±9)"
    assert findings.largest("{} carries the most", {"X": plain(3, 3)}) == "Too few mentions to say more (3)"
    assert findings.largest("{} carries the most", {}) == findings.NOTHING


def test_voice() -> None:
    found = {"Norvik": plain(80, 100), "Ost": plain(15, 100), "West": plain(5, 100)}
    assert findings.voice("Norvik", found) == "Norvik has 80 % (±8) of the names mentioned, Ost 15 %"
    assert findings.voice("Norvik", {}) == "No name was recognised in this time"


def test_busiest() -> None:
    counts = [[0] * 24 for _ in range(7)]
    assert findings.busiest(counts) == findings.NOTHING
    counts[1][23] = 50
    assert findings.busiest(counts) == "Most is said on Tuesdays, and between 23:00 and 00:00"
    half_past = [f"{hour:02}:30" for hour in range(24)]
    assert findings.busiest(counts, half_past) == "Most is said on Tuesdays, and between 23:30 and 00:30"


@pytest.mark.parametrize(
    ("berlin", "words"),
    [
        ((60, 100), "Berlin is more negative than the rest: 60 % (±9), 30 % in all"),
        ((38, 100), ""),
        ((10, 100), ""),
        ((20, 20), ""),
    ],
)
def test_what_stands_out(berlin: tuple[int, int], words: str) -> None:
    found = {"Berlin": plain(*berlin), "Gent": plain(33, 100)}
    assert findings.stands_out(found, plain(300, 1000)) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "under 1 min"), (45, "45 min"), (60, "1 h"), (130, "2 h 10 min"), (2880, "2 d"), (2885 + 240, "2 d 4 h")],
)
def test_durations(minutes: float, words: str) -> None:
    assert findings.duration(minutes) == words


def test_goal() -> None:
    assert findings.goal(plain(0, 0), plain(0, 0), 240) == "Nothing that began in this time was due"
    told = "The share answered within 4 h fell from 90 % to 50 % (±10)"
    assert findings.goal(plain(50, 100), plain(90, 100), 240) == told


@pytest.mark.parametrize(
    ("bars", "words"),
    [
        ((0, 0, 0), "No first answers yet"),
        ((3, 0, 1), "Too few first answers to say more (4)"),
        ((10, 40, 20), "Most first answers take 1 h to 4 h"),
        ((30, 20, 40), "The most first answers take over 3 d"),
    ],
)
def test_spread(bars: tuple[int, ...], words: str) -> None:
    assert findings.spread("first answers", bars, ("Under 1 h", "1 h to 4 h", "Over 3 d")) == words


def test_recovery_claims_no_more_than_was_seen() -> None:
    assert findings.recovery(plain(0, 0)) == "No unhappy person wrote again after an answer"
    few = "Of 1 unhappy person we answered who wrote again, 1 sounded better: too few to say more"
    assert findings.recovery(plain(1, 1)) == few
    many = "Of 100 unhappy people we answered who wrote again, 60 sounded better (60 %, ±9)"
    assert findings.recovery(plain(60, 100)) == many


def test_the_load_the_flow_and_who_answers() -> None:
    assert findings.load(0, 0) == "Nothing is open now"
    assert findings.load(1, 1) == "1 conversation is open now, 1 with nobody"
    assert findings.load(1200, 7) == "1,200 conversations are open now, 7 with nobody"
    assert findings.flow(0, 0) == "Nothing began and nothing was closed in this time"
    assert findings.flow(12, 1) == "12 conversations began, 1 closing"
    assert findings.agents([]) == "Nobody answered in this time"
    assert findings.agents([3]) == "1 person sent 3 answers"
