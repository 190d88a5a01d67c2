"""Who is who: what a profile gives away, and whether that is enough to call two accounts one person. Pure.

A wrong link costs more than a missing one, so only what belongs to exactly one contact links by itself, and nothing
that many people share (a link list, a social network, a blog platform) counts.
"""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

MAX_VALUE = 300


class Kind(StrEnum):
    """Ways to know somebody again."""

    EMAIL = "email"
    WEBSITE = "website"
    PHONE = "phone"
    HANDLE = "handle"


class Point(NamedTuple):
    """One way to know somebody again, normalised."""

    kind: str
    network: str
    """Of a handle; empty for the others."""
    value: str


@dataclass(frozen=True, slots=True)
class Link:
    """A contact that an author belongs to."""

    contact_id: int
    reason: str
    """For people: `same e-mail ada@example.com`."""
    score: float
    """How sure this is, in 0–1."""


STRENGTH = {Kind.HANDLE: 1.0, Kind.EMAIL: 0.95, Kind.WEBSITE: 0.9}
"""What links by itself, and how sure that is. A phone number is shared by households and offices."""
WORDS = {Kind.EMAIL: "e-mail", Kind.WEBSITE: "website", Kind.PHONE: "phone number", Kind.HANDLE: "handle"}

_SHARED = """
about.me amazon.co.uk amazon.com amazon.de apple.com bandcamp.com beacons.ai behance.net bio.link bio.site
bit.ly blogger.com bsky.app bsky.social buymeacoffee.com campsite.bio cash.app discord.com discord.gg
docs.google.com drive.google.com ebay.com etsy.com facebook.com fb.com fb.me flickr.com flow.page forms.gle
github.com gitlab.com gofundme.com goo.gl google.com instagram.com ko-fi.com linkedin.com linkin.bio linktr.ee
lnk.bio lnk.to mastodon.social medium.com meta.com mstdn.social news.ycombinator.com onlyfans.com patreon.com
paypal.com paypal.me pinterest.com quora.com reddit.com rumble.com sites.google.com snapchat.com solo.to
soundcloud.com spotify.com stackoverflow.com steamcommunity.com t.co t.me taplink.cc telegram.me threads.com
threads.net tiktok.com tinyurl.com twitch.tv twitter.com venmo.com vimeo.com vk.com wa.me whatsapp.com
wikipedia.org x.com xing.com yelp.com youtu.be youtube.com
"""
SHARED = frozenset(_SHARED.split())
"""Hosts that belong to everybody, with all their subdomains: a page there proves nothing."""

_PLATFORMS = """
blogspot.com cargo.site carrd.co dev.to ghost.io github.io gitlab.io herokuapp.com myshopify.com neocities.org
netlify.app notion.site pages.dev square.site squarespace.com strikingly.com substack.com tumblr.com vercel.app
webflow.io weebly.com wixsite.com wordpress.com write.as
"""
PLATFORMS = frozenset(_PLATFORMS.split())
"""Hosts that give everybody a subdomain: ada.wordpress.com is a person's, wordpress.com is not."""

EMAIL = re.compile(  # not @ada@example.social, which is a handle
    r"(?<![@\w.+-])[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}"
)
PHONE_DIGITS = re.compile(r"[0-9]{6,15}")
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")


def normalise(kind: str, value: str) -> str:
    """The value as it is stored and compared; empty where it is no such thing.

    E-mails and handles in lower case, handles without @, websites as host and path without www, phones as digits with
    the leading + where one was given.
    """
    return _NORMALISERS[Kind(kind)](value.strip())[:MAX_VALUE]


def points_of(*, network: str, handle: str, website: str, bio: str) -> tuple[Point, ...]:
    """What an author's profile says of who this is: the handle, the website, e-mails in the description."""
    found = [Point("handle", network, _handle(handle))] if handle else []
    if website:
        site = normalise(Kind.WEBSITE, website)
        if site and not is_shared(site):
            found.append(Point("website", "", site))
    if "@" in bio:
        found += [Point("email", "", address) for address in dict.fromkeys(EMAIL.findall(bio.lower()))]
    return tuple(found)


def decide(points: Sequence[Point], known: Mapping[Point, Set[int]]) -> Link | None:
    """The contact that these points lead to; None where they lead to none, or to more than one.

    `known` names the contacts that have each point. The strongest point gives the reason.
    """
    owners = [(point, known[point]) for point in points if known.get(point) and point.kind in STRENGTH]
    if not owners:
        return None
    common = set.intersection(*(set(ids) for _, ids in owners))
    single = [point for point, ids in owners if len(ids) == 1]
    if len(common) != 1 or not single:
        return None
    best = max(single, key=lambda point: STRENGTH[Kind(point.kind)])
    return Link(common.pop(), f"same {words(best)}"[:300], STRENGTH[Kind(best.kind)])


def words(point: Point) -> str:
    """A point for people: `website example.org`, `handle @ada on mastodon`."""
    if point.kind == Kind.HANDLE:
        return f"handle @{point.value} on {point.network}"
    return f"{WORDS[Kind(point.kind)]} {point.value}"


def is_shared(site: str) -> bool:
    """Whether a normalised website lies on a host that many people share, so that it says nothing of who this is."""
    host = site.partition("/")[0].partition(":")[0]
    if host in PLATFORMS or host in SHARED or "/@" in site:
        return True
    parent = host.partition(".")[2]
    while parent:
        if parent in SHARED:
            return True
        parent = parent.partition(".")[2]
    return False


def _handle(value: str) -> str:
    return value.strip().lstrip("@").lower()[:MAX_VALUE]


def _email(value: str) -> str:
    found = value.lower().removeprefix("mailto:")
    return found if len(found) <= 254 and EMAIL.fullmatch(found) else ""


def _website(value: str) -> str:
    try:
        parts = urlsplit(value if "://" in value else f"https://{value}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host if host.isascii() else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme not in {"http", "https"} or not HOST.fullmatch(host):
        return ""
    shown_port = f":{port}" if port not in {None, 80, 443} else ""
    return host.removeprefix("www.") + shown_port + parts.path.rstrip("/").lower()


def _phone(value: str) -> str:
    digits = re.sub(r"[\s()./–-]", "", value.lower().removeprefix("tel:"))
    plus = "+" if digits.startswith(("+", "00")) else ""
    digits = digits.removeprefix("+").removeprefix("00") if plus else digits
    return plus + digits if PHONE_DIGITS.fullmatch(digits) else ""


_NORMALISERS = {Kind.EMAIL: _email, Kind.WEBSITE: _website, Kind.PHONE: _phone, Kind.HANDLE: _handle}
