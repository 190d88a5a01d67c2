import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.entities import find_entities
from nlp.gazetteer.make import lines
from nlp.places import LIST, PlaceFinder, place_finder
from nlp.reading import Vocabulary

FINDER = place_finder()
WORDS = (
    "in",
    "from",
    "I",
    "to",
    "the",
    "London",
    "Paris",
    "Nice",
    "Jordan,",
    "Texas",
    "#",
    "@",
    ".",
    "U.S.",
    "New York",
)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


def found(text: str) -> list[tuple[str, str]]:
    return [(entity.name, text[entity.start : entity.end]) for entity in FINDER.find(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("your shop in London is closed", ["London"]),
        ("London's shop is closed. Berlin too", ["London", "Berlin"]),
        ("Your New York office", ["New York"]),
        ("stuck at the airport #Chicago", ["Chicago"]),
        ("WHY IS EVERYTHING LATE IN LONDON", ["London"]),
        ("I Love Tokyo", ["Tokyo"]),
        ("no delivery to the UK, the U.S. or Côte d'Ivoire?", ["United Kingdom", "United States", "Ivory Coast"]),
        ("Cologne, Köln and Koln", ["Köln", "Köln", "Köln"]),
        ("Live @ Glasgow tonight", ["Glasgow"]),
        ("my parcel went to Nice", ["Nice"]),
        ("the store near downtown Austin", ["Austin"]),
        ("the branch in Reading, UK", ["Reading", "United Kingdom"]),
        ("Springfield, IL", ["Springfield"]),
        ("Athens Greece", ["Athens", "Greece"]),
        ("Ich warte in München auf mein Paket", ["Munich"]),
    ],
)
def test_places_are_found(text: str, names: list[str]) -> None:
    assert [name for name, _ in found(text)] == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nice reading on my mobile, bath in orange",
        "Nice one. Reading is fun. Mobile app. Orange bath",
        "Of course. Man, that was quick. Sale in Most shops",
        "thanks Jordan, Chad and Georgia helped me. Charlotte too",
        "Chad, Jordan and I waited",
        "Paris Hilton met Jack London, Whitney Houston and Milan Kundera",
        "Real Madrid and Manchester United",
        "the London Times, the Boston Globe, USA Today, the U.S. Open",
        "@London @kestova_london london@example.com https://example.com/London London.com",
        "london and new york in small letters",
        "TELL US WHY, GIVE US OUR MONEY",
        "Chicago beat Toronto in the final",
        "see you at Roma's for pizza",
        "McParis, iParis, ParisParis",
    ],
)
def test_what_is_no_place_is_none(text: str) -> None:
    assert found(text) == []


def test_where_a_place_stands_counts_characters_of_the_text() -> None:
    text = "😀 from Frankfurt am Main\n(Germany)"
    assert found(text) == [("Frankfurt am Main", "Frankfurt am Main"), ("Germany", "Germany")]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("back in the U.S. again", "U.S."),
        ("home in St. Louis. Rain", "St. Louis"),
        ("in L.A. now", "L.A."),
        ("to U.K", "U.K"),
    ],
)
def test_a_full_stop_belongs_to_an_abbreviation_alone(text: str, part: str) -> None:
    assert [written for _, written in found(text)] == [part]


def test_a_name_of_the_vocabulary_wins() -> None:
    vocabulary = Vocabulary(("Paris Air",), ("Berlin",), ("York",))
    entities = find_entities("Paris Air from London to New York is no Berlin of Rome, Italy", vocabulary)
    assert [(entity.kind, entity.name) for entity in entities] == [
        ("brand", "Paris Air"),
        ("place", "London"),
        ("competitor", "York"),
        ("product", "Berlin"),
        ("place", "Rome"),
        ("place", "Italy"),
    ]


@given(ANY_TEXT)
def test_any_text_can_be_searched(text: str) -> None:
    ends = 0
    for entity in FINDER.find(f"{text} in London, {text}"):
        assert ends <= entity.start < entity.end
        ends = entity.end
    assert ("London", "London") in found(f"{text}\nwe are in London, {text}")


@given(st.lists(st.sampled_from(WORDS)))
def test_every_place_is_written_as_the_list_has_it(words: list[str]) -> None:
    written = {
        spelling for line in LIST.read_text("utf-8").splitlines() for spelling in line.split("\t")[2].split("|")
    }
    assert all(part in written for _, part in found(" ".join(words)))


def test_the_list_is_whole() -> None:
    rows = [line.split("\t") for line in LIST.read_text("utf-8").splitlines()]
    spellings = [spelling for _, _, some in rows for spelling in some.split("|")]
    assert {kind for _, kind, _ in rows} == {"R", "r", "C", "c"}
    assert len(spellings) == len(set(spellings)) > 6_000
    assert {"France", "Lagos", "São Paulo", "Sao Paulo", "Ohio"} <= set(spellings)


def test_the_list_is_made_of_countries_regions_and_large_cities(tmp_path: Path) -> None:
    cities = [
        ("Grand", 2_000_000),
        ("Sunny", 1_500_000),
        ("Small", 5_000),
        ("Rôle", 200_000),
        ("Capital", 9),
        ("Foul", 9**9),
    ]
    data = {
        "countries.json": {"AA": {"name": "Aland", "capital": "Capital"}},
        "us_states.json": {"BB": {"name": "Bland"}},
        "cities15000.json": {name: {"name": name, "population": people} for name, people in cities},
    }
    for file, content in data.items():
        (tmp_path / file).write_text(json.dumps(content))
    choices = {"careful": ["Sunny"], "never": ["Foul"], "not_first": [], "known": [], "also": {"Grand": ["Grande"]}}
    made = lines(tmp_path, {**choices, "regions": {"sure": ["Cland"]}})
    assert made == [
        "Aland\tR\tAland",
        "Bland\tR\tBland",
        "Cland\tR\tCland",
        "Grand\tC\tGrand|Grande",
        "Sunny\tc\tSunny",
        "Rôle\tc\tRôle|Role",
        "Capital\tC\tCapital",
    ]
    assert [entity.name for entity in PlaceFinder(made).find("Grande, Role and from Role")] == ["Grand", "Rôle"]
