import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.database import Database
from engage import names
from tests.factories import make_author


def test_a_slip_of_the_pen_is_forgiven(database: Database) -> None:
    with database.write() as session:
        bea = make_author(session, "bea_m", name="Beatrix Moss").id
        make_author(session, "cem", name="Cem Yildiz")
        for number in range(30):
            make_author(session, f"u{number}", name=f"Beatle Fan {number}")
    with database.read() as session:
        for typed in ("beatrx", "baetrix", "Beatrixx", "beatrix mos", "beetrix"):
            assert names.alike(session, typed.split())[:1] == [bea], typed
        for typed in ("quetzal", "be", "", "beatrix yildiz"):
            assert names.alike(session, typed.split()) == [], typed


@pytest.mark.parametrize(("word", "pieces"), [("bea", ["bea", "bea"]), ("beatrix", ["beat", "rix"])])
def test_pieces(word: str, pieces: list[str]) -> None:
    assert names.pieces_of(word) == pieces


@given(st.text("abcdefgh", min_size=6, max_size=20), st.data())
def test_one_wrong_letter_leaves_a_piece_whole(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    wrong = word[:place] + "z" + word[place + 1 :]
    assert any(piece in word for piece in names.pieces_of(wrong))
