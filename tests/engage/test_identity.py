import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.identity import Kind, Link, Point, decide, is_shared, normalise, points_of, words

SITE = Point("website", "", "example.org/ada")
MAIL = Point("email", "", "ada@example.org")
HANDLE = Point("handle", "x", "ada")


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("email", " Ada@Example.ORG ", "ada@example.org"),
        ("email", "mailto:ada@example.org", "ada@example.org"),
        ("email", "ada@localhost", ""),
        ("email", "@ada@social.example", ""),
        ("email", "ada at example.org", ""),
        ("website", "https://www.Example.org/Ada/", "example.org/ada"),
        ("website", "example.org", "example.org"),
        ("website", "http://example.org:80/?from=x#top", "example.org"),
        ("website", "http://example.org:8080", "example.org:8080"),
        ("website", "https://Bücher.example", "xn--bcher-kva.example"),
        ("website", "javascript:alert(1)", ""),
        ("website", "https://[::1", ""),
        ("website", "https://example.org:port", ""),
        ("website", "my homepage", ""),
        ("phone", "+46 (31) 123-45 67", "+46311234567"),
        ("phone", "0046 31 1234567", "+46311234567"),
        ("phone", "031 123456", "031123456"),
        ("phone", "call me", ""),
        ("phone", "12345", ""),
        ("handle", "@Ada@Social.example", "ada@social.example"),
    ],
)
def test_normalise(kind: str, given: str, expected: str) -> None:
    assert normalise(kind, given) == expected


@given(st.sampled_from(list(Kind)), st.text(max_size=400))
def test_normalising_takes_any_text_and_changes_nothing_the_second_time(kind: Kind, text: str) -> None:
    once = normalise(kind, text)
    assert len(once) <= 300
    assert normalise(kind, once) == once


@pytest.mark.parametrize(
    "site",
    [
        "linktr.ee/ada",
        "facebook.com/ada",
        "m.facebook.com/ada",
        "wordpress.com",
        "medium.com/ada",
        "social.example/@ada",
    ],
)
def test_what_many_share_is_no_identity(site: str) -> None:
    assert is_shared(site)
    assert points_of(network="x", handle="", website=site, bio="") == ()


@pytest.mark.parametrize("site", ["ada.wordpress.com", "example.org", "notfacebook.com", "x.company"])
def test_what_one_person_has_is_an_identity(site: str) -> None:
    assert not is_shared(site)


def test_a_profile_gives_handle_website_and_mails() -> None:
    found = points_of(
        network="x",
        handle="@Ada",
        website="https://www.example.org/ada/",
        bio="Write to Ada@example.org, or ada@example.org.",
    )
    assert found == (HANDLE, SITE, MAIL)


def test_a_handle_in_a_description_is_no_mail() -> None:
    assert points_of(network="x", handle="", website="", bio="I moved to @ada@social.example") == ()


def test_nothing_known_links_nowhere() -> None:
    assert decide([HANDLE, SITE, MAIL], {}) is None
    assert decide([HANDLE], {HANDLE: set()}) is None
    assert decide([], {SITE: {1}}) is None


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        (SITE, "same website example.org/ada"),
        (MAIL, "same e-mail ada@example.org"),
        (HANDLE, "same handle @ada on x"),
    ],
)
def test_what_one_contact_has_links_with_the_reason(point: Point, reason: str) -> None:
    link = decide([HANDLE, SITE, MAIL], {point: {7}})
    assert link is not None
    assert (link.contact_id, link.reason) == (7, reason)
    assert 0.5 < link.score <= 1


def test_the_strongest_point_gives_the_reason() -> None:
    assert decide([SITE, MAIL, HANDLE], {SITE: {7}, MAIL: {7}, HANDLE: {7}}) == Link(7, "same handle @ada on x", 1.0)


def test_what_is_ambiguous_stays_separate() -> None:
    assert decide([SITE], {SITE: {7, 8}}) is None
    assert decide([SITE, MAIL], {SITE: {7}, MAIL: {8}}) is None
    assert decide([SITE, MAIL], {SITE: {7, 8}, MAIL: {7, 8}}) is None


def test_a_sure_point_settles_what_an_ambiguous_one_allows() -> None:
    assert decide([SITE, MAIL], {SITE: {7, 8}, MAIL: {7}}) == Link(7, "same e-mail ada@example.org", 0.95)
    assert decide([SITE, MAIL], {SITE: {8, 9}, MAIL: {7}}) is None


def test_a_phone_number_alone_links_nobody() -> None:
    phone = Point("phone", "", "+46311234567")
    assert decide([phone], {phone: {7}}) is None


def test_points_in_words() -> None:
    assert words(HANDLE) == "handle @ada on x"
    assert words(Point("phone", "", "031123456")) == "phone number 031123456"
