import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.entities import NameFinder, about, name_finder
from nlp.reading import About, Entity, Vocabulary

VOCABULARY = Vocabulary(("Kestova", "Kestova Air"), ("Kestova One", "Glow-2", "McTea's"), ("Norvik", "Ölund & Co"))
FINDER = NameFinder(VOCABULARY)


def found(text: str) -> list[tuple[str, str, str]]:
    return [(entity.kind, entity.name, text[entity.start : entity.end]) for entity in FINDER.find(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("I like Kestova.", [("brand", "Kestova", "Kestova")]),
        ("#kestova @KESTOVA kestova's", [("brand", "Kestova", part) for part in ("kestova", "KESTOVA", "kestova")]),
        ("@kestova_help please", [("brand", "Kestova", "kestova")]),
        (
            "kestova air, #KestovaAir",
            [("brand", "Kestova Air", "kestova air"), ("brand", "Kestova Air", "KestovaAir")],
        ),
        ("the Kestova\n One is out", [("product", "Kestova One", "Kestova\n One")]),
        ("glow-2 or glow2", [("product", "Glow-2", "glow-2"), ("product", "Glow-2", "glow2")]),
        ("McTea’s mctea's mcteas", [("product", "McTea's", part) for part in ("McTea’s", "mctea's", "mcteas")]),
        ("ölund & co beats Norvik", [("competitor", "Ölund & Co", "ölund & co"), ("competitor", "Norvik", "Norvik")]),
        ("😀 Norvik 😀", [("competitor", "Norvik", "Norvik")]),
        ("kestovas, norviks, one, air", []),
        ("", []),
    ],
)
def test_names_are_found(text: str, wanted: list[tuple[str, str, str]]) -> None:
    assert found(text) == wanted


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    for entity in FINDER.find(f"{text} Norvik {text}"):
        assert entity.start < entity.end
    assert ("competitor", "Norvik", "Norvik") in found(f"{text} Norvik {text}")


def test_spacy_does_not_learn_the_texts() -> None:
    finder = NameFinder(VOCABULARY)
    finder.find("Kestova once")
    known = len(finder._vocab.strings)
    finder.find("Kestova " + " ".join(f"word{number}" for number in range(1000)))
    assert len(finder._vocab.strings) == known


@pytest.mark.parametrize("vocabulary", [Vocabulary(), Vocabulary(("", "  ", "!?"))])
def test_a_vocabulary_without_names_finds_nothing(vocabulary: Vocabulary) -> None:
    assert NameFinder(vocabulary).find("Kestova !? and all") == ()


def test_a_name_listed_twice_keeps_its_first_kind() -> None:
    assert NameFinder(Vocabulary(("Kestova",), ("kestova",), ("KESTOVA",))).find("kestova")[0].kind == "brand"


def test_a_finder_is_made_once() -> None:
    assert name_finder(Vocabulary(("Kestova",))) is name_finder(Vocabulary(("Kestova",)))


@pytest.mark.parametrize(
    ("kinds", "wanted"),
    [
        ([], About.NOBODY),
        (["brand"], About.BRAND),
        (["product"], About.BRAND),
        (["competitor"], About.COMPETITOR),
        (["competitor", "product"], About.BOTH),
    ],
)
def test_about(kinds: list[str], wanted: About) -> None:
    assert about([Entity(kind, "name", 0, 4) for kind in kinds]) is wanted
