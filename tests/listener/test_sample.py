import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from listener.query import parse
from listener.rows import parse_row
from listener.sample import BRAND, LIVE_POSTS, Sample, compose
from listener.sample.script import FOLDER, load, read_lines

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NETWORKS = {"x", "reddit", "mastodon", "bluesky", "hackernews"}
REAL_BRANDS = re.compile(
    r"\b(bosch|shimano|vanmoof|cowboy|canyon|trek|specialized|giant|brompton|cannondale|gazelle|rad power|swapfiets|"
    r"decathlon|apple|iphone|google\w*|buienradar|android|samsung|tesla|amazon|paypal|uber|lime|bird|strava|garmin|youtube|instagram|"
    r"tiktok|whatsapp|slack|carplay|bitcoin|ethereum|dogecoin|lego|ikea|starbucks|kryptonite|schwalbe|brooks|"
    r"facebook|twitter|netflix|spotify|yamaha|xiaomi|honda|toyota)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return compose(NOW)


@pytest.fixture(scope="module")
def rows(sample: Sample) -> list[dict[str, Any]]:
    return sample.rows


@pytest.fixture(scope="module")
def past(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if moment(row) <= NOW]


@pytest.fixture(scope="module")
def live(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if moment(row) > NOW]


def moment(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["created_at"])


def test_about_as_many_as_promised_on_every_network(past: list[dict[str, Any]]) -> None:
    assert 1400 <= len(past) <= 1650
    counts = Counter(row["network"] for row in past)
    assert set(counts) == NETWORKS
    assert min(counts.values()) >= 60
    assert counts["x"] < len(past) / 2


def test_same_now_same_rows_and_another_now_other_dates(sample: Sample) -> None:
    assert compose(NOW) == sample
    later = compose(NOW + timedelta(days=3, hours=5)).rows
    assert moment(later[-1]) - moment(sample.rows[-1]) > timedelta(days=3)


@pytest.mark.parametrize("days", (1, 58, 115, 300))
def test_composes_on_any_day_of_the_year(days: int) -> None:
    rows = compose(NOW + timedelta(days=days, hours=days % 24, minutes=days % 60)).rows
    assert len({(row["network"], row["id"]) for row in rows}) == len(rows)


def test_sorted_with_ids_unique_in_a_network(rows: list[dict[str, Any]]) -> None:
    assert [moment(row) for row in rows] == sorted(moment(row) for row in rows)
    assert len({(row["network"], row["id"]) for row in rows}) == len(rows)


def test_spans_eight_weeks_without_an_empty_day(past: list[dict[str, Any]]) -> None:
    days = Counter((NOW - moment(row)).days for row in past)
    assert set(days) == set(range(56))


def test_the_incident_stands_out_in_week_six(past: list[dict[str, Any]]) -> None:
    weeks = Counter(55 - (NOW - moment(row)).days for row in past)
    by_week = Counter({week: sum(weeks[week * 7 + day] for day in range(7)) for week in range(8)})
    assert by_week.most_common(1)[0][0] == 5
    others = [count for week, count in by_week.items() if week != 5]
    assert by_week[5] > 1.8 * sorted(others)[len(others) // 2]


def test_nobody_speaks_of_the_incident_before_it(past: list[dict[str, Any]]) -> None:
    of_it = [moment(row) for row in past if re.search(r"\b4207\b|(?<!\d)4\.2\b", row["text"])]
    assert len(of_it) > 60
    assert min(of_it) > NOW - timedelta(days=21)


@pytest.mark.parametrize("hours", range(0, 168, 7))
def test_live_ones_come_soon_and_then_no_denser_than_before(hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    live = [row for row in compose(now).rows if moment(row) > now]
    offsets = [(moment(row) - now).total_seconds() for row in live]
    assert len(offsets) == LIVE_POSTS
    assert offsets[0] <= 30 and sum(offset <= 300 for offset in offsets) == 3
    assert offsets[-1] <= 24 * 3600
    for start in offsets:
        assert sum(start <= offset < start + 900 for offset in offsets) < 5, "a quarter of an hour is no spike"
        assert sum(start <= offset < start + 3600 for offset in offsets) < 9
    assert all(row["likes"] == 0 for row in live)


def test_more_may_arrive_if_asked_for() -> None:
    assert sum(moment(row) > NOW for row in compose(NOW, 500).rows) == 500


def test_every_row_can_be_imported(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        post = parse_row(row, "feed")
        assert (post.network, post.external_id, post.thread) == (row["network"], row["id"], row["conversation"])
        assert post.url.split("/")[2] == f"{row['network']}.example.com"


def test_a_third_is_addressed_and_on_x_that_means_named(past: list[dict[str, Any]]) -> None:
    assert 0.3 <= sum(row["addressed"] for row in past) / len(past) <= 0.42
    for row in past:
        if row["network"] == "x":
            assert row["addressed"] == ("@kestova" in row["text"].lower())


def test_nearly_all_match_the_brand_query_and_the_rest_are_answers(rows: list[dict[str, Any]]) -> None:
    query = parse(BRAND.query)
    unmatched = [row for row in rows if not query.matches(row["text"])]
    assert len(unmatched) < len(rows) / 50
    assert all(row["in_reply_to"] for row in unmatched)


def test_answers_belong_to_the_thread_that_they_answer(rows: list[dict[str, Any]]) -> None:
    known = {(row["network"], row["id"]): row for row in rows}
    answers = [row for row in rows if (row["network"], row["in_reply_to"]) in known]
    assert len(answers) > 180
    for row in answers:
        parent = known[row["network"], row["in_reply_to"]]
        assert row["conversation"] == parent["conversation"]
        assert moment(row) >= moment(parent)


def test_the_same_words_only_from_bots_and_in_reposts(rows: list[dict[str, Any]]) -> None:
    bots = {bot["handle"] for bot in load("people.toml")["bot"]}
    counts = Counter(row["text"] for row in rows)
    repeated = [row for row in rows if counts[row["text"]] > 1]
    assert {row["author"] in bots or row["text"].startswith("RT @") for row in repeated} == {True}


def test_texts_fit_their_network(rows: list[dict[str, Any]]) -> None:
    limits = {"x": 280, "mastodon": 500, "bluesky": 300}
    assert all(0 < len(row["text"].strip()) <= limits.get(row["network"], 10_000) for row in rows)
    assert sum(len(row["text"]) >= 1500 for row in rows) >= 3
    assert sum(len(row["text"]) <= 30 for row in rows) >= 10


def test_nothing_of_the_workshop_is_left_in_a_text(rows: list[dict[str, Any]]) -> None:
    assert not [row["text"] for row in rows if re.search(r"[{}|]|\[.*\]|  ", row["text"])]


def test_many_languages_one_of_them_right_to_left(past: list[dict[str, Any]]) -> None:
    counts = Counter(row["lang"] for row in past)
    assert set(counts) == {"en", "de", "fr", "es", "it", "pt", "nl", "ja", "ar"}
    assert min(counts.values()) >= 14
    assert all(re.search("[\u0600-\u06ff]", row["text"]) for row in past if row["lang"] == "ar")


def test_many_authors_some_famous_some_again_and_some_on_two_networks(past: list[dict[str, Any]]) -> None:
    posts = Counter((row["network"], row["author"]) for row in past)
    assert 540 <= len(posts) <= 700
    assert sum(count >= 4 for count in posts.values()) >= 50
    assert len({row["author"] for row in past if (row["author_followers"] or 0) >= 100_000}) >= 4
    networks: dict[str, set[str]] = {}
    for row in past:
        networks.setdefault(row["author_website"], set()).add(row["network"])
    assert sum(len(on) == 2 for site, on in networks.items() if site) >= 15


def test_likes_are_skewed(past: list[dict[str, Any]]) -> None:
    likes = sorted(row["likes"] for row in past)
    assert likes[len(likes) // 2] < 10
    assert likes[-1] > 1000


def test_no_real_brand_and_no_real_address() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.toml"))
    assert not REAL_BRANDS.findall(text)
    hosts = re.findall(r"https?://([^/\s\"]+)", text)
    assert {host for host in hosts if not re.fullmatch(r"(.+\.)?example\.(com|org)", host)} == set()


def test_every_kind_is_written_by_hand_in_plenty() -> None:
    lines = read_lines()
    assert len({line.text for line in lines}) == len(lines) >= 500
    kinds = Counter(line.kind for line in lines)
    assert set(kinds) == {"complaint", "question", "praise", "purchase", "suggestion", "promotion", "other"}
    assert min(kinds.values()) >= 15


def test_write_gives_one_row_a_line(tmp_path: Path, sample: Sample) -> None:
    path = tmp_path / "sample.jsonl"
    sample.write(path)
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == sample.rows
