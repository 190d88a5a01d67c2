import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.answers.personal import Kind, find, is_iban, passes_luhn


def kinds(text: str, mask: str = "") -> list[str]:
    return [datum.kind for datum in find(text, mask)]


def with_check_digit(digits: str) -> str:
    return next(digits + end for end in "0123456789" if passes_luhn(digits + end))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("my card is 4111 1111 1111 1111 thanks", Kind.CARD),
        ("5500-0000-0000-0004", Kind.CARD),
        ("write to bea.olm+shop@mail.example.org please", Kind.EMAIL),
        ("call +49 30 1234567", Kind.PHONE),
        ("call (030) 123 45 67 today", Kind.PHONE),
        ("0171 2345678", Kind.PHONE),
        ("IBAN DE89 3704 0044 0532 0130 00", Kind.IBAN),
        ("pay GB29NWBK60161331926819 NOW", Kind.IBAN),
        ("order #A-10293 is late", Kind.ORDER),
        ("my order number is 4457812", Kind.ORDER),
        ("Bestellnummer: 4457-8812", Kind.ORDER),
    ],
)
def test_personal_data_is_found(text: str, kind: Kind) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "It costs 1,299.00 or 12.50 a month",
        "We open on 2026-11-02 and close on 12.11.2026",
        "4111 1111 1111 1112 fails its check digit",
        "DE89 3704 0044 0532 0130 01 fails its check",
        "version 3.11.4 of 2026",
        "see https://shop.example/order/4457812?mail=a@b.example",
        "your order is late, in order to help we need more",
        "@bea on Mastodon, room 1234567",
        "call 24/7, 100 000 people did",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert kinds(text) == []


def test_a_brand_has_its_own_order_numbers() -> None:
    assert kinds("about NV-20491B", "NV-#####@") == [Kind.ORDER]
    assert kinds("about NV-2049", "NV-#####@") == []


@given(st.text(alphabet="0123456789", min_size=14, max_size=14), st.sampled_from(["", " ", "-"]))
def test_every_card_number_is_found_with_any_grouping(digits: str, gap: str) -> None:
    number = with_check_digit("4" + digits)
    grouped = gap.join(number[place : place + 4] for place in range(0, 16, 4))
    found = find(f"it is {grouped}, thanks")
    assert [(datum.kind, datum.text) for datum in found] == [(Kind.CARD, grouped)]


@given(st.text(alphabet="0123456789", min_size=18, max_size=18))
def test_every_german_iban_is_found_and_one_wrong_digit_is_not(account: str) -> None:
    check = 98 - int(account + "131400") % 97
    iban = f"DE{check:02}{account}"
    assert is_iban(iban)
    assert Kind.IBAN in kinds(f"pay to {iban}.")
    wrong = iban[:-1] + str((int(iban[-1]) + 1) % 10)
    assert not is_iban(wrong)


@given(st.text(max_size=400))
def test_any_text_can_be_looked_at_and_pieces_do_not_overlap(text: str) -> None:
    found = find(text)
    assert all(text[datum.start : datum.end] == datum.text for datum in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
