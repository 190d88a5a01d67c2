from hypothesis import given
from hypothesis import strategies as st

from engage.together.names import named

PEOPLE = {1: "Bo", 2: "Bo Larsen", 3: "Çelik Ayşe", 4: "Bo"}


def test_the_longest_name_behind_an_at_is_meant() -> None:
    assert named("see @Bo Larsen please", PEOPLE) == {2}
    assert named("see @bo, please", PEOPLE) == {1, 4}
    assert named("@ÇELIK ayşe and @Bo Larsen", PEOPLE) == {2, 3}
    assert named("(@Bo)", PEOPLE) == {1, 4}


def test_addresses_longer_words_and_bare_signs_call_nobody() -> None:
    assert named("mail me@Bo", PEOPLE) == set()
    assert named("@Bob and @ Bo and @", PEOPLE) == set()


@given(st.text(), st.dictionaries(st.integers(1, 9), st.text(max_size=5)))
def test_any_text_is_read(text: str, people: dict[int, str]) -> None:
    assert named(text, people) <= set(people)
