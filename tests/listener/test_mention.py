from hypothesis import given
from hypothesis import strategies as st

from listener.mention import storable


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_becomes_storable(text: str) -> None:
    stored = storable(text)
    assert "\x00" not in stored
    assert stored.encode().decode() == stored
    assert storable(stored) == stored


@given(st.text())
def test_sound_text_stays_as_it_is(text: str) -> None:
    assert storable(text) == text.replace("\x00", "")


def test_halves_that_belong_together_are_joined() -> None:
    assert storable("\ud83d\ude80 \ud83d") == "🚀 �"
