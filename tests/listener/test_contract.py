"""The contract, over every registered connector."""

from collections.abc import Callable, Iterator

import pytest

from listener.connectors import CONNECTORS
from tests.conftest import FakeClock
from tests.listener.contract import CASES, stand_in_class
from tests.listener.standins import StandIn

NAMES = {case.__name__ for case in CASES}


@pytest.fixture
def stand_in(network: str, clock: FakeClock) -> Iterator[StandIn]:
    with stand_in_class(network)(clock) as server:
        yield server


@pytest.mark.parametrize("network", CONNECTORS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_contract(case: Callable[[StandIn], None], stand_in: StandIn) -> None:
    if case.__name__ in stand_in.not_applicable:
        assert stand_in.not_applicable[case.__name__], "a case that does not apply needs its reason"
        return
    case(stand_in)


@pytest.mark.parametrize("network", CONNECTORS)
def test_only_known_cases_are_declared_as_not_applicable(network: str) -> None:
    assert set(stand_in_class(network).not_applicable) <= NAMES
