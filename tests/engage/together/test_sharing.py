from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engage.together.sharing import Taker, share_out
from engage.together.tables import Sharing

numbers = st.integers(0, 30)
teams = st.lists(st.tuples(numbers, numbers, numbers), max_size=8).map(
    lambda rows: [Taker(place, *row) for place, row in enumerate(rows)]
)
ways = st.sampled_from([Sharing.TURNS, Sharing.LEAST])


@given(numbers, teams, ways)
def test_everything_goes_out_within_the_limits(count: int, takers: list[Taker], way: Sharing) -> None:
    given_to = Counter(share_out(count, takers, way))
    room = {taker.user_id: max(taker.most - taker.open, 0) for taker in takers}
    assert all(given_to[user_id] <= room[user_id] for user_id in given_to)
    assert given_to.total() == min(count, sum(room.values()))


@given(numbers, teams)
def test_turns_differ_by_one_among_those_with_room(count: int, takers: list[Taker]) -> None:
    given_to = Counter(share_out(count, takers, Sharing.TURNS))
    with_room = [given_to[t.user_id] for t in takers if t.open + given_to[t.user_id] < t.most]
    most = max((given_to[t.user_id] for t in takers), default=0)
    assert all(most - number <= 1 for number in with_room)


@given(numbers, teams)
def test_the_fewest_open_get_more_until_all_are_level(count: int, takers: list[Taker]) -> None:
    given_to = Counter(share_out(count, takers, Sharing.LEAST))
    after = {t.user_id: t.open + given_to[t.user_id] for t in takers}
    with_room = [after[t.user_id] for t in takers if after[t.user_id] < t.most]
    got = [after[user_id] for user_id in given_to]
    assert not got or not with_room or max(got) - min(with_room) <= 1


def test_turns_go_on_where_they_stopped_and_off_is_off() -> None:
    takers = [Taker(1, 0, 9, 5), Taker(2, 0, 9, 4), Taker(3, 0, 9, 0)]
    assert share_out(4, takers, Sharing.TURNS) == [3, 2, 1, 3]
    assert share_out(4, takers, Sharing.OFF) == []
