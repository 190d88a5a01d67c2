"""Bluesky: searches, or what mentions, answers and quotes our account."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar

from listener.bluesky_session import LABEL, SECRETS, SERVER_OPTIONS, BlueskyApi, Json, reading
from listener.connector import ConnectorError, Cursor, Field, Health, Page, Setup
from listener.cursor import Sweep
from listener.mention import Account, Post
from listener.overlap import OVERLAP, Seen
from listener.query import QueryError, for_bluesky

SITE = "https://bsky.app"
SEARCH, MENTIONS = "search", "mentions"
POST_TYPE = "app.bsky.feed.post"
REASONS = ("mention", "reply", "quote")
PAGE_SIZE = 100
PROFILES_AT_ONCE = 25
FIRST_LOOK = timedelta(days=7)
"""How far back the first run reads."""
INSTANT = timedelta(milliseconds=1)
"""The finest step between two moments in a search."""
NO_HANDLE = "handle.invalid"
"""What Bluesky shows for everybody whose handle does not check out."""


class BlueskyConnector:
    """Reads the newest posts first. A search goes down by moments, for its cursor counts hits and these shift."""

    network: ClassVar[str] = "bluesky"
    label: ClassVar[str] = LABEL
    options: ClassVar[tuple[Field, ...]] = (
        Field("mode", "Listen to", "search, or mentions (and answers and quotes of your account)", default=SEARCH),
        *SERVER_OPTIONS,
    )
    secrets: ClassVar[tuple[Field, ...]] = SECRETS
    keyless: ClassVar[bool] = False

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._api = BlueskyApi(setup)
        self._mode = setup.options.get("mode") or SEARCH
        self._streams = self._choose_streams()
        self._profiles: dict[str, Json] = {}

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """Everything new in every search, or among the notifications."""
        places: dict[str, Any] = {stream: cursor.get(stream, {}) for stream in self._streams}
        for stream in self._streams:
            for posts, place in self._read(stream, Place.load(places[stream])):
                places = {**places, stream: place.dump()}
                yield Page(tuple(posts), places, self._api.rate)

    def check(self) -> Health:
        """Whether handle and password work now, and whose they are."""
        self._api.log_in_anew()
        profile = self._api.query("app.bsky.actor.getProfile", {"actor": self._did})
        with reading():
            account = to_account(profile, profile)
        self._ask(self._streams[0], "", self._setup.clock() - OVERLAP)
        return Health(account, f"Bluesky answers, as @{account.handle}.")

    def _choose_streams(self) -> list[str]:
        if self._mode == MENTIONS:
            return [MENTIONS]
        if self._mode != SEARCH:
            raise _bad_option(f"Bluesky has no mode {self._mode!r}.", "Choose search or mentions.")
        if self._setup.query is None:
            raise _bad_option("There is nothing to search for.", "Give the brand a query.")
        try:
            return for_bluesky(self._setup.query)
        except QueryError as error:
            raise _bad_option(error.message, error.remedy) from None

    @cached_property
    def _did(self) -> str:
        return self._api.call(lambda session: session.did)

    def _read(self, stream: str, place: "Place") -> "Reading":
        if place.sweep.under_way:
            place = yield from self._sweep(stream, place)
        return (yield from self._sweep(stream, place))

    def _sweep(self, stream: str, place: "Place") -> "Reading":
        now = self._setup.clock()
        while True:
            answer = self._ask(stream, place.sweep.page, place.bound(now))
            with reading():
                items = [_item(view) for view in self._views(answer)]
                news = place.news(items, now)
            self._learn_profiles(item.view["author"]["did"] for item in news)
            with reading():
                posts = [self._post(item) for item in news]
                place = place.behind(items, str(answer.get("cursor") or ""), now, by_moment=self._mode == SEARCH)
            yield posts, place
            if not place.sweep.under_way:
                return place

    def _ask(self, stream: str, page: str, since: datetime) -> Json:
        until, _, cursor = page.partition("|")
        if self._mode == MENTIONS:
            params = {"reasons": list(REASONS), "limit": PAGE_SIZE, "cursor": cursor or None}
            return self._api.query("app.bsky.notification.listNotifications", params)
        params = {
            "q": stream,
            "sort": "latest",
            "since": _iso(since),
            "until": until or None,
            "cursor": cursor or None,
            "limit": PAGE_SIZE,
        }
        return self._api.query("app.bsky.feed.searchPosts", params)

    def _views(self, answer: Json) -> list[Json]:
        if self._mode == SEARCH:
            return list(answer["posts"])
        return [
            view
            for view in answer["notifications"]
            if view["reason"] in REASONS and view["record"].get("$type") == POST_TYPE
        ]

    def _learn_profiles(self, dids: Iterable[str]) -> None:
        """Posts come with the author's name only; followers and the rest take another question."""
        wanted = list(dict.fromkeys(did for did in dids if did not in self._profiles))
        for start in range(0, len(wanted), PROFILES_AT_ONCE):
            actors = wanted[start : start + PROFILES_AT_ONCE]
            answer = self._api.query("app.bsky.actor.getProfiles", {"actors": actors})
            with reading():
                self._profiles |= {profile["did"]: profile for profile in answer["profiles"]}

    def _post(self, item: "Item") -> Post:
        author = item.view["author"]
        own = self._setup.own_account
        addressed = self._mode == MENTIONS or (own is not None and _addresses(item.view["record"], own.external_id))
        profile = self._profiles.get(author["did"]) or author
        return to_post(item, to_account(author, profile), addressed)


@dataclass(frozen=True, slots=True)
class Item:
    """A post in a listing, as Bluesky shows it, with the moment that the listing is ordered by."""

    uri: str
    moment: datetime
    view: Json


@dataclass(frozen=True, slots=True)
class Place:
    """How far a listing was heard. `sweep` counts in moments; its page is `moment|cursor`, each possibly empty."""

    sweep: Sweep
    seen: Seen

    @classmethod
    def load(cls, cursor: Cursor) -> "Place":
        """From a stored cursor."""
        return cls(Sweep.load(cursor), Seen.load(cursor))

    def dump(self) -> dict[str, Any]:
        """For storing."""
        return {**self.sweep.dump(), **self.seen.dump()}

    def bound(self, now: datetime) -> datetime:
        """Nothing older is asked for. The index runs late, so the last minutes are read again."""
        return datetime.fromisoformat(self.sweep.since) - OVERLAP if self.sweep.since else now - FIRST_LOOK

    def news(self, items: Sequence[Item], now: datetime) -> list[Item]:
        """What a page holds that was not heard yet, each post once."""
        bound = self.bound(now)
        unheard = [item for item in items if item.moment >= bound and item.uri not in self.seen]
        return list({item.uri: item for item in unheard}.values())

    def behind(self, items: Sequence[Item], cursor: str, now: datetime, *, by_moment: bool) -> "Place":
        """The place after a page. `by_moment`: the listing can be entered at any moment."""
        oldest = min((item.moment for item in items), default=None)
        newest = max((item.moment for item in items), default=None)
        ended = not cursor or (oldest is not None and oldest < self.bound(now))
        page = "" if ended else self._next_page(oldest, cursor) if by_moment else f"|{cursor}"
        if page == self.sweep.page:  # a server that sends the same page for ever
            page = ""
        sweep = self.sweep.advance(_iso(newest) if newest else "", page)
        return Place(sweep, self._seen_behind(items, oldest, sweep))

    def _next_page(self, oldest: datetime | None, cursor: str) -> str:
        until = self.sweep.page.partition("|")[0]
        lower = _iso(oldest + INSTANT) if oldest else until
        return f"{lower}|" if lower != until and (not until or lower < until) else f"{until}|{cursor}"

    def _seen_behind(self, items: Sequence[Item], oldest: datetime | None, sweep: Sweep) -> Seen:
        latest = sweep.top or sweep.since
        if oldest is None or not latest:
            return self.seen
        recent = datetime.fromisoformat(latest) - OVERLAP
        heard = [(item.uri, item.moment) for item in items]
        edge = [(uri, moment) for uri, moment in heard if moment == oldest]
        if sweep.under_way:  # the next page begins with this one's edge
            return self.seen.add(heard, since=recent).add(edge, since=oldest)
        return self.seen.add(heard, since=recent).since(recent)


Reading = Generator[tuple[list[Post], Place], None, Place]
"""Pages of posts, each with the place behind it; returns the last place."""


def to_post(item: Item, author: Account, addressed: bool) -> Post:
    """A post with what an answer to it needs: it must name the post and the thread's first post, by uri and cid."""
    view, record = item.view, item.view["record"]
    reply = record.get("reply") or {}
    root = reply.get("root") or {"uri": view["uri"], "cid": view["cid"]}
    closed = bool((view.get("viewer") or {}).get("replyDisabled"))
    return Post(
        external_id=item.uri,
        author=author,
        text=shown_text(record),
        created_at=item.moment,
        url=post_url(item.uri, author.handle),
        thread=str(root["uri"]),
        in_reply_to=str((reply.get("parent") or {}).get("uri") or ""),
        lang=str(next(iter(record.get("langs") or ()), "")),
        likes=int(view.get("likeCount") or 0),
        shares=int(view.get("repostCount") or 0) + int(view.get("quoteCount") or 0),
        replies=int(view.get("replyCount") or 0),
        addressed=addressed,
        reply_ref={
            "uri": item.uri,
            "cid": str(view["cid"]),
            "root_uri": str(root["uri"]),
            "root_cid": str(root["cid"]),
            **({"closed": True} if closed else {}),
        },
    )


def to_account(author: Json, profile: Json) -> Account:
    """An account, as a post shows it and as its profile says."""
    handle = str(author["did"] if author["handle"] == NO_HANDLE else author["handle"])
    created = _moment(profile.get("createdAt"))
    return Account(
        external_id=str(author["did"]),
        handle=handle,
        name=str(author.get("displayName") or ""),
        followers=profile.get("followersCount"),
        url=f"{SITE}/profile/{handle}",
        website=str(profile.get("website") or ""),
        bio=str(profile.get("description") or ""),
        avatar_url=str(author.get("avatar") or ""),
        created_at=created,
    )


def post_url(uri: str, profile: str) -> str:
    """Where people read a post; `profile` is the author's handle or DID."""
    return f"{SITE}/profile/{profile}/post/{uri.rpartition('/')[2]}"


def shown_text(record: Json) -> str:
    """The text, with links in full: Bluesky's app shortens them and keeps the address beside the text, by bytes."""
    text = str(record["text"]).encode()
    for start, end, uri in sorted(_links(record), reverse=True):
        shown = text[start:end].decode(errors="replace")
        if _shortens(shown, uri):
            text = text[:start] + uri.encode() + text[end:]
        elif shown != uri:
            text = text[:end] + f" ({uri})".encode() + text[end:]
    return text.decode(errors="replace")


def _links(record: Json) -> Iterator[tuple[int, int, str]]:
    for facet in record.get("facets") or ():
        for feature in facet["features"]:
            if str(feature.get("$type")).endswith("#link"):
                yield facet["index"]["byteStart"], facet["index"]["byteEnd"], str(feature["uri"])


def _shortens(shown: str, uri: str) -> bool:
    beginning = shown.removesuffix("...").removesuffix("…")
    return bool(beginning) and beginning.rstrip("/") in uri


def _addresses(record: Json, did: str) -> bool:
    """Whether a post mentions, answers or quotes an account."""
    features = [feature for facet in record.get("facets") or () for feature in facet["features"]]
    embed = record.get("embed") or {}
    quoted = (embed.get("record") or {}).get("record") or embed.get("record") or {}
    parent = (record.get("reply") or {}).get("parent") or {}
    ours = f"at://{did}/"
    return any(feature.get("did") == did for feature in features) or any(
        str(ref.get("uri")).startswith(ours) for ref in (quoted, parent)
    )


def _item(view: Json) -> Item:
    """Bluesky orders by when a post says it was written, but never later than when it was seen first."""
    seen, written = _moment(view["indexedAt"]), _moment(view["record"].get("createdAt"))
    if seen is None:
        raise ValueError(f"not a moment: {view['indexedAt']!r}")
    in_notifications = "reason" in view
    return Item(str(view["uri"]), seen if in_notifications or written is None else min(seen, written), view)


def _moment(value: Any) -> datetime | None:
    """A moment in UTC; None where people's programs wrote none."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bad_option(message: str, remedy: str) -> ConnectorError:
    return ConnectorError(message, code="bad_options", permanent=True, remedy=remedy)
