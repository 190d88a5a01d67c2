"""Reading a newest-first listing: whatever arrives and whenever we are killed, everything is heard in the end."""

from hypothesis import given
from hypothesis import strategies as st

from listener.cursor import Sweep

PAGE = 3


def test_a_sweep_survives_being_stored() -> None:
    sweep = Sweep("10", "42", "17")
    assert Sweep.load(sweep.dump()) == sweep


def test_an_empty_page_leaves_the_bottom_where_it_was() -> None:
    assert Sweep(since="10").advance("", "") == Sweep(since="10")


def test_the_top_is_left_behind_only_with_the_last_page() -> None:
    first = Sweep(since="10").advance("42", "40")
    assert first == Sweep("10", "42", "40") and first.under_way
    assert first.advance("39", "") == Sweep(since="42")


class Listing:
    """A network that lists newest first, below `page` and above `since`."""

    def __init__(self) -> None:
        self.posts: list[int] = []

    def page(self, sweep: Sweep) -> tuple[list[int], str]:
        below = int(sweep.page or 10**9)
        found = sorted((p for p in self.posts if int(sweep.since or 0) < p < below), reverse=True)
        page = found[:PAGE]
        return page, str(page[-1]) if len(found) > PAGE else ""


@given(st.lists(st.one_of(st.integers(1, 10), st.just("page"), st.just("killed")), max_size=60))
def test_nothing_is_lost_and_nothing_is_heard_twice_in_a_sweep(events: list[int | str]) -> None:
    """Numbers: so many posts arrive. `page`: a page is saved. `killed`: the page was fetched and lost unsaved."""
    listing, stored, heard = Listing(), {}, []
    for event in [*events, *["page"] * 200]:
        if isinstance(event, int):
            newest = max(listing.posts, default=0)
            listing.posts += range(newest + 1, newest + 1 + event)
            continue
        sweep = Sweep.load(stored)
        page, next_page = listing.page(sweep)
        if event == "page":
            heard += page
            stored = sweep.advance(str(page[0]) if page else "", next_page).dump()
    assert sorted(heard) == listing.posts
