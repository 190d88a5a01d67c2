import socket
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.language import decide, detect
from nlp.reading import UNKNOWN_LANGUAGE


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("my parcel is late and nobody answers the phone", "en"),
        ("MY PARCEL IS LATE AND NOBODY ANSWERS", "en"),
        ("ich warte seit drei Wochen auf meine Bestellung", "de"),
        ("mon colis est perdu depuis une semaine", "fr"),
        ("la aplicación no funciona desde ayer", "es"),
        ("quando arriva il mio pacco per favore", "it"),
        ("o meu pedido ainda não chegou", "pt"),
        ("de app werkt niet op mijn telefoon", "nl"),
        ("注文が届きません", "ja"),
        ("не работает приложение", "ru"),
        ("التطبيق لا يعمل منذ الصباح", "ar"),
        ("@wiegehtes @schoenertag https://beispiel.example/und/so/weiter my parcel is late again #kaputt", "en"),
        ("", UNKNOWN_LANGUAGE),
        ("ok", UNKNOWN_LANGUAGE),
        ("😀😀😀😀😀😀", UNKNOWN_LANGUAGE),
        ("@kestova https://example.com #kestova", UNKNOWN_LANGUAGE),
        ("12345 67890", UNKNOWN_LANGUAGE),
        ("\x00\ud83d", UNKNOWN_LANGUAGE),
    ],
)
def test_detect(text: str, language: str) -> None:
    assert detect([text], [""]) == [language]


@pytest.mark.parametrize(
    ("guesses", "hint", "few_words", "language"),
    [
        ([("de", 0.9), ("en", 0.1)], "en", False, "de"),
        ([("de", 0.6), ("nl", 0.3)], "nl-BE", False, "nl"),
        ([("de", 0.6), ("nl", 0.3)], "pt_BR", False, "de"),
        ([("de", 0.6), ("nl", 0.01)], "nl", False, "de"),
        ([("de", 0.6)], "", True, UNKNOWN_LANGUAGE),
        ([("en", 0.6)], "", True, "en"),
        ([("en", 0.4)], "", False, UNKNOWN_LANGUAGE),
        ([("en", 0.4)], "en", False, "en"),
        ([("nds", 0.9)], "", False, UNKNOWN_LANGUAGE),
        ([("nds", 0.6)], "nds", False, UNKNOWN_LANGUAGE),
        ([], "en", False, UNKNOWN_LANGUAGE),
    ],
)
def test_decide(guesses: Sequence[tuple[str, float]], hint: str, few_words: bool, language: str) -> None:
    assert decide(guesses, hint, few_words) == language


@given(st.text(st.characters(exclude_categories=()), max_size=400), st.text(max_size=8))
def test_any_text_has_a_short_code(text: str, hint: str) -> None:
    [language] = detect([text], [hint])
    assert language == UNKNOWN_LANGUAGE or (len(language) == 2 and language.islower())


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    from nlp.language import _detector

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    _detector.cache_clear()
    assert detect(["where is my parcel, please"], [""]) == ["en"]
