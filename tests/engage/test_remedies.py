import pytest

from engage.channel import ChannelError
from engage.remedies import GONE, LOST_ACCESS, remedy_of
from listener.http import status_error
from tests.conftest import FakeClock


@pytest.mark.parametrize(
    ("status", "says", "lost"),
    [(401, "Reconnect", True), (403, "right to write", True), (404, GONE, False), (410, GONE, False)],
)
def test_words_for_a_source_become_words_for_a_writer(status: int, says: str, lost: bool) -> None:
    error = ChannelError.of(status_error(status, {}, FakeClock(), label="X"))
    assert says in remedy_of(error) and (error.code in LOST_ACCESS) is lost


def test_what_the_channel_says_itself_stays() -> None:
    error = ChannelError("no", code="http_403", permanent=True, remedy="Open the post on X and answer there.")
    assert remedy_of(error) == error.remedy
