"""The contract, over every registered connector."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from listener.connectors import CONNECTORS
from tests.conftest import FakeClock
from tests.listener.contract import CASES, stand_in_class
from tests.listener.standins import StandIn

NAMES = {case.__name__ for case in CASES}


def _declared(network: str) -> Mapping[str, str]:
    try:
        return stand_in_class(network).not_applicable
    except ModuleNotFoundError:
        return {}  # every test of this network then fails for want of its stand-in


APPLICABLE = [
    pytest.param(network, case, id=f"{network}-{case.__name__}")
    for network in CONNECTORS
    for case in CASES
    if case.__name__ not in _declared(network)
]


@pytest.fixture
def stand_in(network: str, clock: FakeClock) -> Iterator[StandIn]:
    with stand_in_class(network)(clock) as server:
        yield server


@pytest.mark.parametrize(("network", "case"), APPLICABLE)
def test_contract(case: Callable[[StandIn], None], stand_in: StandIn) -> None:
    case(stand_in)


@pytest.mark.parametrize("network", CONNECTORS)
def test_what_does_not_apply_is_declared_with_a_reason(network: str) -> None:
    declared = stand_in_class(network).not_applicable
    assert set(declared) <= NAMES
    assert all(declared.values())
