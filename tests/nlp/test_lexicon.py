import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.foreign import DOUBTFUL_SENTIMENT
from nlp.lexicon import LexiconEngine
from nlp.reading import UNKNOWN_LANGUAGE, Intent, Judgement, Sentiment
from nlp.text import clean

ENGINE = LexiconEngine()


def judge(text: str, language: str = "en") -> Judgement:
    return ENGINE.judge([clean(text)], [language])[0]


def likeliest_intent(text: str, language: str = "en") -> Intent:
    chances = judge(text, language).intent
    return max(chances, key=chances.__getitem__)


@given(st.text(st.characters(exclude_categories=()), max_size=200), st.sampled_from(["en", "de", UNKNOWN_LANGUAGE]))
def test_any_text_gets_chances_that_add_up(text: str, language: str) -> None:
    judged = judge(text, language)
    assert set(judged.sentiment) == set(Sentiment)
    assert set(judged.intent) == set(Intent)
    assert sum(judged.sentiment.values()) == pytest.approx(1)
    assert sum(judged.intent.values()) == pytest.approx(1)
    assert min(*judged.sentiment.values(), *judged.intent.values()) > 0
    assert 0 < judged.urgency < 1


def test_a_batch_changes_nothing() -> None:
    texts = ["the app is broken", "thank you for the help", "wie lange noch?", ""]
    languages = ["en", "en", "de", UNKNOWN_LANGUAGE]
    together = ENGINE.judge(texts, languages)
    assert together == [ENGINE.judge([text], [language])[0] for text, language in zip(texts, languages, strict=True)]
    assert ENGINE.judge(texts[::-1], languages[::-1]) == together[::-1]


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("Die App ist kaputt, ich will mein Geld zurück", "de", Intent.COMPLAINT),
        ("Wie lange dauert der Versand?", "de", Intent.QUESTION),
        ("Vielen Dank für die schnelle Hilfe bei der Lieferung", "de", Intent.PRAISE),
        ("Toujours pas de réponse, je veux un remboursement", "fr", Intent.COMPLAINT),
        ("Merci beaucoup, le service est parfait", "fr", Intent.PRAISE),
        ("La aplicación no funciona desde ayer, qué vergüenza", "es", Intent.COMPLAINT),
        ("¿Cuándo abre la tienda?", "es", Intent.QUESTION),
        ("Il mio pacco è in ritardo, voglio un rimborso", "it", Intent.COMPLAINT),
        ("O aplicativo não funciona, quero reembolso", "pt", Intent.COMPLAINT),
        ("De app werkt niet meer, heel teleurstellend", "nl", Intent.COMPLAINT),
        ("Heute scheint die Sonne über Graz", "de", Intent.OTHER),
        ("アプリが動きません", "ja", Intent.OTHER),
    ],
)
def test_other_languages_are_read_with_doubt(text: str, language: str, intent: Intent) -> None:
    assert likeliest_intent(text, language) is intent
    assert judge(text, language).sentiment == DOUBTFUL_SENTIMENT
    assert max(judge(text, language).intent.values()) < 0.7


def test_what_cannot_wait_is_urgent_in_other_languages_too() -> None:
    assert judge("Mein Konto wurde gehackt, dringend", "de").urgency > judge("Danke, alles super", "de").urgency + 0.2


def test_shouting_is_more_urgent() -> None:
    assert judge("MY PARCEL IS STILL NOT HERE").urgency > judge("my parcel is still not here").urgency


def test_one_engine_does_not_touch_what_another_judged() -> None:
    first = judge("Bonjour", "fr")
    first.sentiment[Sentiment.NEGATIVE] = 1.0
    assert judge("Bonjour", "fr").sentiment == DOUBTFUL_SENTIMENT
