from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy.orm import Session

from config.database import Database
from config.errors import InvalidInputError, NotFoundError
from nlp import layers
from nlp.analyser import Analyser
from nlp.layer import LEARNT, Part, from_bytes
from nlp.layers import Learnt
from nlp.learning import Figures
from nlp.reading import Question
from nlp.tables import LayerState, LearntLayer
from tests.factories import START
from tests.nlp.test_layer import PARTS, PLAIN
from tests.statements import statements

FIGURES = {question: Figures("kept", 30, 0, 20) for question in LEARNT}
MODEL = PLAIN.name


def add(session: Session, *, kept: bool = True, model: str = MODEL, parts: dict[Question, Part] = PARTS) -> int:
    return layers.add(session, model, FIGURES, parts if kept else {}, kept=kept, now=START).version


def test_a_kept_version_takes_effect_and_a_refused_one_does_not(database: Database) -> None:
    with database.write() as session:
        assert layers.in_force(session, MODEL) == 0
        first = add(session)
        refused = add(session, kept=False)
        assert layers.in_force(session, MODEL) == first
        second = add(session)
        assert layers.in_force(session, MODEL) == second
    with database.read() as session:
        rows = layers.all_versions(session)
        assert [(row.version, row.state, row.in_force) for row in rows] == [
            (second, LayerState.KEPT, True),
            (refused, LayerState.REFUSED, False),
            (first, LayerState.KEPT, False),
        ]
        assert rows[0].figures["intent"]["right_after"] == 20
        assert from_bytes(layers.get(session, first).weights).keys() == PARTS.keys()


def test_a_person_goes_back_and_later_versions_wait_until_the_newest_is_chosen(database: Database) -> None:
    with database.write() as session:
        first, second = add(session), add(session)
        layers.use(session, MODEL, first)
        assert layers.in_force(session, MODEL) == first
        third = add(session)
        assert layers.in_force(session, MODEL) == first
        layers.use(session, MODEL, 0)
        assert layers.in_force(session, MODEL) == 0
        layers.use(session, MODEL, third)
        fourth = add(session)
        assert layers.in_force(session, MODEL) == fourth > third > second


def test_what_was_refused_or_is_anothers_or_unknown_is_not_used(database: Database) -> None:
    with database.write() as session:
        first, refused, others = add(session), add(session, kept=False), add(session, model="other/1")
        for version, said in ((refused, "was refused"), (others, "made for other/1")):
            with pytest.raises(InvalidInputError, match=said):
                layers.use(session, MODEL, version)
        with pytest.raises(NotFoundError, match="no version 99"):
            layers.use(session, MODEL, 99)
        assert (layers.in_force(session, MODEL), layers.in_force(session, "other/1")) == (first, others)


def test_the_analyser_follows_what_is_in_force(database: Database) -> None:
    plain, learnt = Analyser(PLAIN), Learnt()
    with database.write() as session:
        assert learnt.over(session, plain) is plain
        add(session, model="other/1")
        assert learnt.over(session, plain) is plain
        first = add(session)
        found = learnt.over(session, plain)
        assert found.engine.name == f"{MODEL}+{first}"
        layers.use(session, MODEL, 0)
        assert learnt.over(session, plain) is plain


def test_looking_is_one_small_query_and_builds_nothing_anew(database: Database) -> None:
    plain, learnt = Analyser(PLAIN), Learnt()
    with database.write() as session:
        add(session)
    with database.read() as session:
        found = learnt.over(session, plain)
    with database.read() as session, statements(database) as asked:
        assert learnt.over(session, plain) is found
    [(sql, _)] = asked
    assert "in_force" in sql and "weights" not in sql


def test_when_it_was_tried_last(database: Database) -> None:
    with database.write() as session:
        assert layers.last_made(session, MODEL) is None
        add(session)
        later = START + timedelta(days=1)
        layers.add(session, MODEL, FIGURES, {}, kept=False, now=later)
        assert layers.last_made(session, MODEL) == later
        assert layers.last_made(session, "other/1") is None


def test_weights_hold_nothing_but_numbers(database: Database) -> None:
    with database.write() as session:
        row = session.get_one(LearntLayer, add(session))
        for kept in from_bytes(row.weights).values():
            assert np.isfinite(kept.gate).all() and np.isfinite(kept.shift).all()
