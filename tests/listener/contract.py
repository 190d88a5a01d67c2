"""What every connector must do, whatever its network. Run over all of them by test_contract.py."""

import inspect
import json
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from listener.connector import Connector, ConnectorError, Cursor, Page
from listener.connectors import connector_class
from listener.mention import Post
from tests.listener.standins import Sample, StandIn

SPECIAL_TEXT = "kestova 🚲 <b>not bold</b> & “naïve” مرحبا 東京 e\u0301t\u00e9 &amp;"


def stand_in_class(network: str) -> type[StandIn]:
    """The stand-in of a network. Raises ModuleNotFoundError where nobody wrote one."""
    module = import_module(f"tests.listener.standins.{network}")
    found = [
        item
        for item in vars(module).values()
        if inspect.isclass(item) and issubclass(item, StandIn) and getattr(item, "network", "") == network
    ]
    assert len(found) == 1, (
        f"tests/listener/standins/{network}.py needs exactly one StandIn with network = {network!r}"
    )
    return found[0]


def connect(stand_in: StandIn) -> Connector:
    """A fresh connector, as after a restart."""
    return connector_class(stand_in.network)(stand_in.setup())


def pages(stand_in: StandIn, cursor: Cursor) -> Iterator[Page]:
    """Pages from a cursor that went through the database, that is through JSON."""
    return connect(stand_in).fetch(json.loads(json.dumps(dict(cursor))))


def ids(posts: list[Post] | tuple[Post, ...]) -> list[str]:
    """External ids, in the order heard."""
    return [post.external_id for post in posts]


def posts_of(found: list[Page]) -> list[Post]:
    """All posts of some pages."""
    return [post for page in found for post in page.posts]


def expected(stand_in: StandIn, samples: list[Sample]) -> list[str]:
    """Sorted ids that the posts of samples must carry."""
    return sorted(stand_in.external_id(sample) for sample in samples)


def error_of(stand_in: StandIn, cursor: Cursor | None = None) -> ConnectorError:
    """The error that a fetch ends with."""
    with pytest.raises(ConnectorError) as caught:
        list(pages(stand_in, cursor or {}))
    return caught.value


# The tests. Each takes a stand-in that holds nothing yet.


def hears_every_page(stand_in: StandIn) -> None:
    """All posts of several pages arrive, once each, with what they say, when and by whom."""
    samples = {stand_in.external_id(sample): sample for sample in stand_in.post(8)}
    heard = posts_of(list(pages(stand_in, {})))
    assert sorted(ids(heard)) == sorted(samples)
    for post in heard:
        sample = samples[post.external_id]
        assert post.text == stand_in.expected_text(sample)
        assert post.created_at == sample.created_at
        assert post.author.handle.startswith(sample.handle)
        assert post.author.external_id


def an_empty_network_is_one_empty_page(stand_in: StandIn) -> None:
    """Nothing to hear is no error, and leaves a usable cursor."""
    found = list(pages(stand_in, {}))
    assert found
    assert posts_of(found) == []
    added = stand_in.post(2)
    assert sorted(ids(posts_of(list(pages(stand_in, found[-1].cursor))))) == expected(stand_in, added)


def a_post_on_two_pages_loses_none(stand_in: StandIn) -> None:
    """Where pages overlap, all posts arrive and the fetch ends."""
    samples = stand_in.post(8)
    stand_in.repeats = True
    heard = ids(posts_of(list(pages(stand_in, {}))))
    assert sorted(set(heard)) == expected(stand_in, samples)


def posts_of_one_moment_are_all_heard(stand_in: StandIn) -> None:
    """Posts that share their second are neither lost nor heard again."""
    samples = stand_in.post(8, apart_s=0)
    found = list(pages(stand_in, {}))
    assert sorted(set(ids(posts_of(found)))) == expected(stand_in, samples)
    assert posts_of(list(pages(stand_in, found[-1].cursor))) == []
    added = stand_in.post(2, apart_s=0)
    heard = ids(posts_of(list(pages(stand_in, found[-1].cursor))))
    assert sorted(set(heard)) == expected(stand_in, added)


def a_second_fetch_hears_nothing_new(stand_in: StandIn) -> None:
    """From the last cursor on there is nothing, until there is."""
    stand_in.post(8)
    first = list(pages(stand_in, {}))
    second = list(pages(stand_in, first[-1].cursor))
    assert second
    assert posts_of(second) == []
    added = stand_in.post(4)
    third = list(pages(stand_in, second[-1].cursor))
    assert sorted(ids(posts_of(third))) == expected(stand_in, added)


def any_cursor_resumes(stand_in: StandIn) -> None:
    """After a crash behind any page, the rest arrives and nothing twice."""
    samples = stand_in.post(8)
    found = list(pages(stand_in, {}))
    for done in range(len(found)):
        before = ids(posts_of(found[: done + 1]))
        after = ids(posts_of(list(pages(stand_in, found[done].cursor))))
        assert sorted(before + after) == expected(stand_in, samples)


def a_rate_limit_halfway_loses_nothing(stand_in: StandIn) -> None:
    """429 on a later page: what came before is kept, the rest follows from its cursor."""
    samples = stand_in.post(8)
    stand_in.answer_next(stand_in.rate_limited(90), after=1)
    kept: list[Page] = []
    with pytest.raises(ConnectorError) as caught:
        for page in pages(stand_in, {}):
            kept.append(page)  # noqa: PERF402 - what came before the error counts
    assert caught.value.code == "rate_limited"
    rest = list(pages(stand_in, kept[-1].cursor if kept else {}))
    assert sorted(set(ids(posts_of(kept + rest)))) == expected(stand_in, samples)


def a_rate_limit_says_how_long(stand_in: StandIn) -> None:
    """429 passes, and carries the wait that the network asks for."""
    stand_in.post(1)
    stand_in.answer_next(stand_in.rate_limited(90))
    error = error_of(stand_in)
    assert (error.code, error.permanent) == ("rate_limited", False)
    if stand_in.says_how_long:
        assert error.retry_after == pytest.approx(90, abs=2)
    else:
        assert error.retry_after is None


def revoked_credentials_stop_the_source(stand_in: StandIn) -> None:
    """401 is permanent and says what to do, in a fetch and in a check."""
    stand_in.post(1)
    stand_in.refuses_credentials = True
    error = error_of(stand_in)
    assert error.permanent
    assert error.remedy
    with pytest.raises(ConnectorError) as caught:
        connect(stand_in).check()
    assert caught.value.permanent


def a_broken_server_passes(stand_in: StandIn) -> None:
    """500 is tried again, and the next fetch hears everything."""
    samples = stand_in.post(2)
    stand_in.fail_next(500)
    assert not error_of(stand_in).permanent
    assert sorted(ids(posts_of(list(pages(stand_in, {}))))) == expected(stand_in, samples)


def a_malformed_answer_passes(stand_in: StandIn) -> None:
    """An answer that makes no sense is an error of its own, never an empty page."""
    samples = stand_in.post(2)
    stand_in.malformed = True
    error = error_of(stand_in)
    assert (error.code, error.permanent) == ("malformed", False)
    stand_in.malformed = False
    assert sorted(ids(posts_of(list(pages(stand_in, {}))))) == expected(stand_in, samples)


def no_answer_passes(stand_in: StandIn) -> None:
    """A network that does not answer in time is tried again."""
    stand_in.slow = True
    error = error_of(stand_in)
    assert (error.code, error.permanent) == ("timeout", False)


def no_connection_passes(stand_in: StandIn) -> None:
    """A network that cannot be reached is tried again."""
    stand_in.close()
    error = error_of(stand_in)
    assert (error.code, error.permanent) == ("unreachable", False)


def text_arrives_as_written(stand_in: StandIn) -> None:
    """Emoji, right-to-left, accents and what looks like markup arrive as people wrote them."""
    (sample,) = stand_in.post(1, text=SPECIAL_TEXT)
    (post,) = posts_of(list(pages(stand_in, {})))
    assert post.text == stand_in.expected_text(sample)


def a_check_answers(stand_in: StandIn) -> None:
    """A healthy source says so in one line."""
    stand_in.post(1)
    assert connect(stand_in).check().message


CASES: tuple[Callable[[StandIn], None], ...] = (
    hears_every_page,
    an_empty_network_is_one_empty_page,
    a_post_on_two_pages_loses_none,
    posts_of_one_moment_are_all_heard,
    a_second_fetch_hears_nothing_new,
    any_cursor_resumes,
    a_rate_limit_halfway_loses_nothing,
    a_rate_limit_says_how_long,
    revoked_credentials_stop_the_source,
    a_broken_server_passes,
    a_malformed_answer_passes,
    no_answer_passes,
    no_connection_passes,
    text_arrives_as_written,
    a_check_answers,
)
