import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InvalidInputError
from engage.answers.render import VARIABLES, check_variables, first_name, gaps, render

VALUES = dict.fromkeys(VARIABLES, "") | {"contact.first_name": "Bea", "case.id": "12"}


def test_variables_are_put_in() -> None:
    rendered = render("Hi {{ contact.first_name }}, this is case {{case.id}}.", VALUES)
    assert (rendered.text, rendered.gaps) == ("Hi Bea, this is case 12.", ())


def test_what_is_not_known_stays_a_gap() -> None:
    rendered = render("{{contact.company}} and {{secret.key}}", VALUES)
    assert rendered.gaps == ("{{contact.company}}", "{{secret.key}}")
    assert gaps(rendered.text) == ["{{contact.company}}", "{{secret.key}}"]


def test_nothing_is_evaluated() -> None:
    text = "{{ 7*7 }} {% if x %} {{contact.__class__}} ${x} %s {0}"
    assert render(text, VALUES).text == text


def test_an_unknown_variable_is_refused_with_the_known_ones() -> None:
    check_variables("{{contact.name}} {{fill.in}}")
    with pytest.raises(InvalidInputError, match=r"\{\{contact\.nam\}\}") as caught:
        check_variables("{{contact.nam}}")
    assert "contact.name" in caught.value.remedy


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_value_never_becomes_a_variable(value: str, around: str) -> None:
    around = around.replace("{", "").replace("}", "")
    rendered = render(f"{around}{{{{contact.name}}}}{around}", {"contact.name": value, "case.id": "12"})
    assert not rendered.gaps or rendered.gaps == ("{{contact.name}}",)
    if not rendered.gaps:
        assert gaps(rendered.text) == []
        assert "{" not in rendered.text


@given(st.text(max_size=200))
def test_text_without_variables_stays_as_it_is(text: str) -> None:
    if not gaps(text):
        assert render(text, VALUES).text == text


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Bea Olm", "Bea"),
        ("Anne-Marie Duval", "Anne-Marie"),
        ("bea_2009", ""),
        ("NORVIK", ""),
        ("", ""),
        ("xX bea", ""),
        ("Zoë", "Zoë"),
    ],
)
def test_a_first_name_is_one_or_nothing(name: str, first: str) -> None:
    assert first_name(name) == first
