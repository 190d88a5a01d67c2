"""Mastodon, and every server that speaks its client API (Pleroma, GoToSocial, snac …), through Mastodon.py."""

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from listener.connector import ConnectorError, Cursor, Field, Health, Page, RateState, Setup
from listener.cursor import Sweep
from listener.http import (
    USER_AGENT,
    malformed_error,
    safe_base_url,
    status_error,
)
from listener.markup import first_link, plain_text
from listener.mention import Account, Post
from listener.overlap import OVERLAP, Seen
from listener.query import QueryError, for_bluesky, hashtags

if TYPE_CHECKING:
    import requests

LABEL = "Mastodon"
PAGE_SIZE = 40
FIRST_LOOK = timedelta(days=7)
"""How far back the first run reads."""
EDITS_LOOK = timedelta(days=1)
"""How recent an edit must be for a known post to be handed on again."""
HASHTAGS, MENTIONS, SEARCH = "hashtags", "mentions", "search"
NOTIFICATION_TYPES = ("mention", "quote")
SITE_FIELDS = frozenset({"website", "web", "site", "homepage", "home", "blog", "url", "www"})
UNSEEABLE = frozenset({"http_401", "http_403", "http_404", "http_410"})
"""Answers for a thread that is gone, or that we may not see."""
MEMBERS_ONLY = frozenset({401, 403, 422})
T = TypeVar("T")
Json = Mapping[str, Any]


class MastodonConnector:
    """Hears hashtags (needs no account), mentions of our account, or a full-text search.

    Listings are read newest first, each hashtag and search with a Place of its own in the cursor. A run always begins
    with the newest page whole: posts from other servers arrive late and out of order, and edits show there.
    """

    network: ClassVar[str] = "mastodon"
    label: ClassVar[str] = LABEL
    options: ClassVar[tuple[Field, ...]] = (
        Field("base_url", "Instance", "The server to listen on, such as https://mastodon.social", required=True),
        Field("mode", "Listen to", "hashtags, mentions (of your account) or search", default=HASHTAGS),
        Field("hashtags", "Hashtags", "Separated by commas; empty takes them from the query"),
        Field("insecure", "Allow plain http", "true for a test server without https"),
    )
    secrets: ClassVar[tuple[Field, ...]] = (
        Field(
            "access_token",
            "Access token",
            "For mentions, search and answers; made on the instance under Preferences → Development",
        ),
    )
    keyless: ClassVar[bool] = True

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._mode = setup.options.get("mode") or HASHTAGS
        self._instance = Instance(setup)
        self._streams = self._choose_streams()

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """Everything new in every hashtag or search, or among the notifications."""
        places: dict[str, Any] = {stream: cursor.get(stream, {}) for stream in self._streams}
        for stream in self._streams:
            for posts, place in self._read(stream, Place.load(places[stream])):
                places = {**places, stream: place.dump()}
                yield Page(tuple(posts), places, self._instance.rate)

    def check(self) -> Health:
        """Whether the instance answers what `fetch` will ask, and whose token this is."""
        account = self._instance.own_account() if self._instance.has_token else None
        self._ask(self._streams[0], None, None)
        who = f"as @{account.handle}" if account else "without an account"
        warnings = (
            ("Search only finds posts whose authors allow it, and only where the instance offers full text search.",)
            if self._mode == SEARCH
            else ()
        )
        return Health(account, f"{self._instance.host} answers, {who}.", warnings)

    def _choose_streams(self) -> list[str]:
        if self._mode not in {HASHTAGS, MENTIONS, SEARCH}:
            raise _bad_option(f"Mastodon has no mode {self._mode!r}.", "Choose hashtags, mentions or search.")
        if self._mode != HASHTAGS and not self._instance.has_token:
            raise _bad_option(f"The mode {self._mode} needs an account.", "Enter an access token.")
        found = {HASHTAGS: self._hashtags, MENTIONS: lambda: [MENTIONS], SEARCH: self._searches}[self._mode]()
        if not found:
            raise _bad_option("There is no hashtag to listen to.", "Fill in the option hashtags.")
        return found

    def _hashtags(self) -> list[str]:
        given = self._setup.options.get("hashtags", "").split(",")
        named = [bare for tag in given if (bare := re.sub(r"\W", "", tag).lower())]
        return list(dict.fromkeys(named)) or (hashtags(self._setup.query) if self._setup.query else [])

    def _searches(self) -> list[str]:
        """Mastodon's search language has what Bluesky's has: words, phrases, no OR."""
        try:
            return for_bluesky(self._setup.query) if self._setup.query else []
        except QueryError as error:
            raise _bad_option(error.message, error.remedy) from None

    def _read(self, stream: str, place: "Place") -> "Reading":
        if place.sweep.under_way:
            place = yield from self._sweep(stream, place)
        return (yield from self._sweep(stream, place))

    def _sweep(self, stream: str, place: "Place") -> "Reading":
        now = self._setup.clock()
        while True:
            page = place.sweep.page
            items = self._items(stream, page, place.sweep.since if page else "")
            with self._instance.reading():
                posts = self._posts([item.status for item in place.news(items, now) if item.status])
            place = place.behind(items, now)
            yield posts, place
            if not place.sweep.under_way:
                return place

    def _items(self, stream: str, max_id: str, since_id: str) -> list["Item"]:
        with self._instance.reading():
            return [self._item(entry) for entry in self._ask(stream, max_id or None, since_id or None)]

    def _item(self, entry: Json) -> "Item":
        status: Json | None = entry
        if self._mode == MENTIONS:
            status = entry["status"] if entry["type"] in NOTIFICATION_TYPES else None
        edited = status.get("edited_at") if status else None
        return Item(str(entry["id"]), _moment(entry["created_at"]), status, _moment(edited) if edited else None)

    def _ask(self, stream: str, max_id: str | None, since_id: str | None) -> list[Json]:
        found = self._instance.call(lambda api: self._listing(api, stream, max_id, since_id))
        if not isinstance(found, list):
            raise malformed_error(LABEL)
        return found

    def _listing(self, api: Any, stream: str, max_id: str | None, since_id: str | None) -> Any:
        if self._mode == MENTIONS:
            types = list(NOTIFICATION_TYPES)
            return api.notifications(types=types, max_id=max_id, since_id=since_id, limit=PAGE_SIZE)
        if self._mode == SEARCH:
            asked = {"result_type": "statuses", "resolve": False, "exclude_unreviewed": False}
            found = api.search_v2(stream, **asked, max_id=max_id, min_id=since_id, limit=PAGE_SIZE)
            return found["statuses"]
        return api.timeline_hashtag(stream, max_id=max_id, since_id=since_id, limit=PAGE_SIZE)

    def _posts(self, statuses: list[Json]) -> list[Post]:
        uris = {str(status["id"]): str(status["uri"]) for status in statuses}
        own = self._setup.own_account
        posts = []
        for status in statuses:
            addressed = self._mode == MENTIONS or (own is not None and _mentions(status, own, self._instance.host))
            parent = str(status.get("in_reply_to_id") or "")
            thread = "" if parent else str(status["uri"])
            parent_uri = uris.get(parent, "")
            if parent and addressed:
                thread, parent_uri = self._instance.thread_of(status)
            posts.append(to_post(status, self._instance, addressed, thread, parent_uri))
        return posts


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a listing, with the listing's own id for it."""

    id: str
    moment: datetime
    status: Json | None
    """None in notifications of other kinds."""
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """How far a listing was heard: all of it from `sweep.since` down, and what is `seen` of it further up."""

    sweep: Sweep
    seen: Seen

    @classmethod
    def load(cls, cursor: Cursor) -> "Place":
        """From a stored cursor."""
        return cls(Sweep.load(cursor), Seen.load(cursor))

    def dump(self) -> dict[str, Any]:
        """For storing."""
        return {**self.sweep.dump(), **self.seen.dump()}

    def news(self, items: Sequence[Item], now: datetime) -> list[Item]:
        """What a page holds that was not heard yet, or was edited lately."""
        ids = [item.id for item in items]
        unheard = ids.index(self.sweep.since) if self.sweep.since in ids else len(ids)
        return [
            item
            for number, item in enumerate(items)
            if (number < unheard and item.id not in self.seen)
            or (item.edited_at is not None and item.edited_at >= now - EDITS_LOOK)
        ]

    def behind(self, items: Sequence[Item], now: datetime) -> "Place":
        """The place after a page. Late posts may still join what is younger than OVERLAP: it is read again."""
        settled = now - OVERLAP
        top = next((item.id for item in items if item.moment < settled), "")
        seen = self.seen.add(((item.id, item.moment) for item in items), since=settled)
        ended = self._ends_with(items, now)
        sweep = self.sweep.advance(top, "" if ended else items[-1].id)
        return Place(sweep, seen.since(settled) if ended else seen)

    def _ends_with(self, items: Sequence[Item], now: datetime) -> bool:
        if not items or items[-1].id == self.sweep.page:
            return True
        if not self.sweep.since:
            return all(item.moment < now - FIRST_LOOK for item in items)
        return any(item.id == self.sweep.since for item in items)


Reading = Generator[tuple[list[Post], Place], None, Place]
"""Pages of posts, each with the place behind it; returns the last place."""


class Instance:
    """One server, seen by the account of an access token, or by nobody in particular."""

    def __init__(self, setup: Setup) -> None:
        insecure = setup.options.get("insecure", "").lower() == "true"
        self.base_url = safe_base_url(setup.options.get("base_url", ""), insecure=insecure)
        self.host = urlsplit(self.base_url).netloc
        self.has_token = bool(setup.secrets.get("access_token"))
        self._setup = setup

    @property
    def rate(self) -> RateState | None:
        """The allowance that the instance last spoke of."""
        found: RateState | None = self._api.session.rate
        return found

    def call(self, ask: Callable[[Any], T]) -> T:
        """The answer of `ask`, which is handed a Mastodon.py client. Raises ConnectorError."""
        with self.reading():
            return ask(self._api)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A block in which errors of the library, the connection and of unexpected answers become ConnectorErrors."""
        from mastodon import MastodonError

        try:
            yield
        except (MastodonError, LookupError, TypeError, ValueError, AttributeError) as error:
            met = error.__context__
            raise met if isinstance(met, ConnectorError) else malformed_error(LABEL) from error

    def own_account(self) -> Account:
        """Whose token this is."""
        return self.call(lambda api: to_account(api.account_verify_credentials(), self.host))

    def thread_of(self, status: Json) -> tuple[str, str]:
        """URIs of the thread's first status and of the one answered; empty as far as we cannot see them."""
        try:
            above: list[Json] = self.call(lambda api: list(api.status_context(str(status["id"]))["ancestors"]))
        except ConnectorError as error:
            if error.code in UNSEEABLE:
                return "", ""
            raise
        parents = [str(other["uri"]) for other in above if str(other["id"]) == str(status["in_reply_to_id"])]
        roots = [str(other["uri"]) for other in above if not other.get("in_reply_to_id")]
        return (roots[0] if roots else ""), (parents[0] if parents else "")

    @cached_property
    def _api(self) -> Any:
        from mastodon import Mastodon

        from listener.sessions import NetworkSession

        class Api(Mastodon):
            def timeline_is_available(self, *args: Any, **kwargs: Any) -> bool:
                """The library would ask the instance first, each time; the answer itself says as much."""
                return True

            def verify_minimum_version(self, *args: Any, **kwargs: Any) -> bool:
                """Other servers count versions of their own."""
                return True

        api = Api(
            api_base_url=self.base_url,
            ratelimit_method="throw",
            version_check_mode="none",
            session=NetworkSession(LABEL, self._setup.clock, self._refusal, timeout_s=self._setup.timeout_s),
            user_agent=USER_AGENT,
        )
        # Not given above, where the library would take the name of a file for its content.
        api.access_token = self._setup.secrets.get("access_token") or None
        return api

    def _refusal(self, response: "requests.Response") -> ConnectorError:
        status, headers = response.status_code, response.headers
        if status < 400:
            return _bad_option(
                f"{self.base_url} leads to another address: {headers.get('Location', 'unknown')}.",
                "Enter the address that it leads to.",
            )
        refused = status_error(status, headers, self._setup.clock, label=LABEL, detail=_said(response))
        if not self.has_token and status in MEMBERS_ONLY:
            refused.remedy = "This instance shows its timelines to members only: enter an access token."
        return refused


def to_post(status: Json, instance: Instance, addressed: bool, thread: str, in_reply_to: str) -> Post:
    """A status as a post. Its id is the `uri`, which is the same on every instance; answering needs the local id."""
    author = to_account(status["account"], instance.host)
    warning, content = str(status.get("spoiler_text") or ""), plain_text(status["content"])
    edited = status.get("edited_at")
    return Post(
        external_id=str(status["uri"]),
        author=author,
        text=f"{warning}\n\n{content}" if warning else content,
        created_at=_moment(status["created_at"]),
        url=str(status.get("url") or status["uri"]),
        thread=thread,
        in_reply_to=in_reply_to,
        lang=str(status.get("language") or ""),
        likes=int(status.get("favourites_count") or 0),
        shares=int(status.get("reblogs_count") or 0),
        replies=int(status.get("replies_count") or 0),
        edited_at=_moment(edited) if edited else None,
        addressed=addressed,
        reply_ref={
            "id": str(status["id"]),
            "instance": instance.base_url,
            "visibility": str(status.get("visibility") or "public"),
        },
    )


def to_account(account: Json, host: str) -> Account:
    """An account; its handle always names the server, `host` for the instance's own people."""
    acct = str(account["acct"])
    created = account.get("created_at")
    return Account(
        external_id=str(account.get("uri") or account["url"]),
        handle=acct if "@" in acct else f"{acct}@{host}",
        name=str(account.get("display_name") or ""),
        followers=account.get("followers_count"),
        url=str(account.get("url") or ""),
        website=_website(account.get("fields") or ()),
        bio=plain_text(str(account.get("note") or "")),
        avatar_url=str(account.get("avatar") or ""),
        created_at=_moment(created) if created else None,
    )


def _website(fields: Any) -> str:
    """A site that is the person's own: one the instance verified, else one they call so."""
    links = [(field, first_link(str(field["value"]))) for field in fields]
    verified = [link for field, link in links if link and field.get("verified_at")]
    named = [link for field, link in links if link and str(field["name"]).strip().lower() in SITE_FIELDS]
    return next(iter(verified + named), "")


def _said(response: "requests.Response") -> str:
    try:
        return str(response.json()["error"])
    except (ValueError, LookupError, TypeError):
        return ""


def _mentions(status: Json, own: Account, host: str) -> bool:
    handles = {str(mention["acct"]).lower() for mention in status.get("mentions") or ()}
    return own.handle.lower() in {handle if "@" in handle else f"{handle}@{host}" for handle in handles}


def _moment(value: Any) -> datetime:
    """A moment that Mastodon.py has parsed. Raises TypeError where it could not."""
    if not isinstance(value, datetime):
        raise TypeError(f"not a moment: {value!r}")
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _bad_option(message: str, remedy: str) -> ConnectorError:
    return ConnectorError(message, code="bad_options", permanent=True, remedy=remedy)
