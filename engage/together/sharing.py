"""Who is given what waits. Pure: people and a number in, names in order out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engage.together.tables import Sharing


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who is here and may be given conversations."""

    user_id: int
    open: int
    """How many open ones they have."""
    most: int
    """No more than so many are given."""
    turn: int
    """The number of the latest turn they had."""


def share_out(count: int, takers: Sequence[Taker], sharing: Sharing) -> list[int]:
    """Whom each of `count` conversations goes to, in their order; shorter where everybody has enough."""
    if sharing is Sharing.OFF:
        return []
    free = {taker.user_id: taker for taker in takers if taker.open < taker.most}
    turn = max((taker.turn for taker in takers), default=0)
    given: list[int] = []
    while free and len(given) < count:
        turn += 1
        chosen = min(free.values(), key=_least if sharing is Sharing.LEAST else _turn)
        given.append(chosen.user_id)
        now = replace(chosen, open=chosen.open + 1, turn=turn)
        if now.open < now.most:
            free[now.user_id] = now
        else:
            del free[now.user_id]
    return given


def _turn(taker: Taker) -> tuple[int, int]:
    return taker.turn, taker.user_id


def _least(taker: Taker) -> tuple[int, int, int]:
    return taker.open, taker.turn, taker.user_id
