from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from nlp.analyser import Analyser
from nlp.by_language import LANGUAGES, EngineByLanguage, models
from nlp.language import _detector
from nlp.reading import Engine, Intent, Judgement, Sentiment, Text

GERMAN, ENGLISH = "ich warte seit drei Wochen auf meine Bestellung", "my parcel is late and nobody answers"


class EchoEngine:
    """Puts each text with its language and names where a test can see them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[tuple[str, str, tuple[str, ...]]] = []

    def judge(
        self, texts: Sequence[str], languages: Sequence[str], names: Sequence[tuple[str, ...]] = ()
    ) -> list[Judgement]:
        self.asked += zip(texts, languages, names or [()] * len(texts), strict=True)
        flat = dict.fromkeys(Sentiment, 1 / 3), dict.fromkeys(Intent, 1 / 7)
        return [Judgement(*flat, urgency=float(len(text))) for text in texts]


class Shelf:
    """Counts how often its engine is loaded."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.loads = 0

    def load(self) -> Engine:
        self.loads += 1
        return self.engine


def test_each_text_goes_to_the_engine_of_its_language() -> None:
    main, german = EchoEngine("main/1"), EchoEngine("german/1")
    engine = EngineByLanguage(main, {"de": Shelf(german).load})
    judged = engine.judge(["eins", "one", "zwei", "uno"], ["de", "en", "de", "es"], [("A",), (), (), ("B",)])
    assert german.asked == [("eins", "de", ("A",)), ("zwei", "de", ())]
    assert main.asked == [("one", "en", ()), ("uno", "es", ("B",))]
    assert [one.model for one in judged] == ["german/1", "", "german/1", ""]


@given(st.lists(st.tuples(st.text(max_size=9), st.sampled_from(["de", "en", "es", "und"]))))
def test_judgements_come_in_the_order_of_the_texts(asked: list[tuple[str, str]]) -> None:
    texts, languages = [text for text, _ in asked], [language for _, language in asked]
    engine = EngineByLanguage(EchoEngine("main/1"), {code: Shelf(EchoEngine(code)).load for code in ("de", "es")})
    judged = engine.judge(texts, languages)
    assert [one.urgency for one in judged] == [len(text) for text in texts]
    assert [one.model for one in judged] == [code if code in {"de", "es"} else "" for code in languages]


def test_an_own_engine_is_loaded_with_its_first_text_and_kept() -> None:
    shelf = Shelf(EchoEngine("german/1"))
    engine = EngineByLanguage(EchoEngine("main/1"), {"de": shelf.load, "nl": shelf.load})
    loads = []
    for languages in (["en"], ["de"], ["de", "nl"]):
        engine.judge(["x"] * len(languages), languages)
        loads.append(shelf.loads)
    assert loads == [0, 1, 1]


def test_a_reading_names_the_engine_that_judged() -> None:
    analyser = Analyser(EngineByLanguage(EchoEngine("main/1"), {"de": Shelf(EchoEngine("german/1")).load}))
    readings = analyser.read([Text(ENGLISH), Text(GERMAN), Text(ENGLISH)])
    assert [(reading.language, reading.model) for reading in readings] == [
        ("en", "main/1"),
        ("de", "german/1"),
        ("en", "main/1"),
    ]


def test_all_models_in_use_can_be_told() -> None:
    main = EchoEngine("main/1")
    assert models(EngineByLanguage(main, {"de": Shelf(EchoEngine("german/1")).load})) == {
        "": "main/1",
        "de": "german/1",
    }
    assert models(main) == {"": "main/1"}


def test_every_language_that_can_be_detected_can_have_an_engine() -> None:
    texts = (ENGLISH, GERMAN, "x", "注文が届きません", "не работает")
    codes = {guess["lang"] for text in texts for guess in _detector().detect(text, k=200)}
    assert {code for code in codes if len(code) == 2} <= LANGUAGES
    assert len(codes) > 100


def test_common_mistakes_are_no_languages() -> None:
    assert LANGUAGES.isdisjoint({"jp", "cz", "dk", "gr", "german", "EN", "und", ""})
