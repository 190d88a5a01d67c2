"""Mastodon, and every server that speaks its client API (Pleroma, GoToSocial, snac …), through Mastodon.py."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from listener.connector import ConnectorError, Cursor, Field, Health, Page, RateState, Setup
from listener.cursor import Sweep
from listener.http import (
    USER_AGENT,
    malformed_error,
    rate_state,
    safe_base_url,
    status_error,
    timeout_error,
    unreachable_error,
)
from listener.markup import first_link, plain_text
from listener.mention import Account, Post
from listener.query import QueryError, for_bluesky, hashtags

LABEL = "Mastodon"
PAGE_SIZE = 40
FIRST_LOOK = timedelta(days=7)
"""How far back the first run reads."""
HASHTAGS, MENTIONS, SEARCH = "hashtags", "mentions", "search"
NOTIFICATION_TYPES = ("mention", "quote")
SITE_FIELDS = frozenset({"website", "web", "site", "homepage", "home", "blog", "url", "www"})
UNSEEABLE = frozenset({401, 403, 404, 410})
"""Answers for a thread that is gone, or that we may not see."""
T = TypeVar("T")
Json = Mapping[str, Any]
Sweeping = Generator[tuple[list[Post], Sweep], None, Sweep]
"""Pages of posts, each with the place behind it; returns the last place."""


class MastodonConnector:
    """Hears hashtags (needs no account), mentions of our account, or a full-text search.

    Listings are read newest first (see Sweep), each hashtag and search with a place of its own in the cursor. A run
    always reads the newest page whole: posts from other servers arrive late and out of order, and edits show there.
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
            for posts, sweep in self._read(stream, Sweep.load(places[stream])):
                places = {**places, stream: sweep.dump()}
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
        named = [tag.strip().lstrip("#").lower() for tag in given if tag.strip(" #")]
        return list(dict.fromkeys(named)) or (hashtags(self._setup.query) if self._setup.query else [])

    def _searches(self) -> list[str]:
        """Mastodon's search language has what Bluesky's has: words, phrases, no OR."""
        try:
            return for_bluesky(self._setup.query) if self._setup.query else []
        except QueryError as error:
            raise _bad_option(error.message, error.remedy) from None

    def _read(self, stream: str, sweep: Sweep) -> Sweeping:
        if sweep.under_way:
            sweep = yield from self._sweep(stream, sweep)
        return (yield from self._sweep(stream, sweep))

    def _sweep(self, stream: str, sweep: Sweep) -> Sweeping:
        horizon = self._setup.clock() - FIRST_LOOK
        while True:
            found = self._ask(stream, sweep.page or None, (sweep.since if sweep.page else None) or None)
            with self._instance.reading():
                ids = [str(item["id"]) for item in found]
                statuses = [status for item in found if (status := self._status(item))]
                posts = self._posts(statuses)
                first_run_done = not sweep.since and any(_moment(item["created_at"]) < horizon for item in found)
            ended = not ids or sweep.since in ids or first_run_done or ids[-1] == sweep.page
            sweep = sweep.advance(ids[0] if ids else "", "" if ended else ids[-1])
            yield posts, sweep
            if ended:
                return sweep

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
            found = api.search_v2(
                stream, result_type="statuses", resolve=False, max_id=max_id, min_id=since_id, limit=PAGE_SIZE
            )
            return found["statuses"]
        return api.timeline_hashtag(stream, max_id=max_id, since_id=since_id, limit=PAGE_SIZE)

    def _status(self, item: Json) -> Json | None:
        """The status in an item of the listing; None for notifications of other kinds."""
        if self._mode != MENTIONS:
            return item
        status: Json | None = item["status"] if item["type"] in NOTIFICATION_TYPES else None
        return status

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


class Instance:
    """One server, seen by the account of an access token, or by nobody in particular."""

    def __init__(self, setup: Setup) -> None:
        insecure = setup.options.get("insecure", "").lower() == "true"
        self.base_url = safe_base_url(setup.options.get("base_url", ""), insecure=insecure)
        self.host = urlsplit(self.base_url).netloc
        self.has_token = bool(setup.secrets.get("access_token"))
        self.rate: RateState | None = None
        self._setup = setup
        self._status = 0
        """Of the last answer."""
        self._headers: Mapping[str, str] = {}

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
        except MastodonError as error:
            raise self._explain(error) from error
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise malformed_error(LABEL) from error

    def own_account(self) -> Account:
        """Whose token this is."""
        return self.call(lambda api: to_account(api.account_verify_credentials(), self.host))

    def thread_of(self, status: Json) -> tuple[str, str]:
        """URIs of the thread's first status and of the one answered; empty as far as we cannot see them."""
        try:
            above: list[Json] = self.call(lambda api: list(api.status_context(str(status["id"]))["ancestors"]))
        except ConnectorError:
            if self._status in UNSEEABLE:
                return "", ""
            raise
        parents = [str(other["uri"]) for other in above if str(other["id"]) == str(status["in_reply_to_id"])]
        roots = [str(other["uri"]) for other in above if not other.get("in_reply_to_id")]
        return (roots[0] if roots else ""), (parents[0] if parents else "")

    @cached_property
    def _api(self) -> Any:
        import requests
        from mastodon import Mastodon

        class Api(Mastodon):
            def timeline_is_available(self, *args: Any, **kwargs: Any) -> bool:
                """The library would ask the instance first, each time; the answer itself says as much."""
                return True

        session = requests.Session()
        session.max_redirects = 0  # an address that we checked must not lead to another one
        session.hooks["response"].append(self._remember)
        api = Api(
            api_base_url=self.base_url,
            ratelimit_method="throw",
            version_check_mode="none",
            mastodon_version="4.0.0",  # any: else the library asks before its first search
            request_timeout=self._setup.timeout_s,
            session=session,
            user_agent=USER_AGENT,
        )
        # Not given above, where the library would take the name of a file for its content.
        api.access_token = self._setup.secrets.get("access_token") or None
        return api

    def _remember(self, response: Any, *args: Any, **kwargs: Any) -> None:
        self._status, self._headers = response.status_code, response.headers
        self.rate = rate_state(response.headers, self._setup.clock) or self.rate

    def _explain(self, error: Exception) -> ConnectorError:
        import requests

        cause = error.__context__
        if isinstance(cause, requests.TooManyRedirects):
            return _bad_option(
                f"{self.base_url} leads to another address: {self._headers.get('Location', 'unknown')}.",
                "Enter the address that it leads to.",
            )
        if isinstance(cause, requests.Timeout):
            return timeout_error(LABEL)
        if isinstance(cause, requests.RequestException):
            return unreachable_error(LABEL)
        return self._refusal(error) if self._status >= 400 else malformed_error(LABEL)

    def _refusal(self, error: Exception) -> ConnectorError:
        said = str(error.args[3] or "") if len(error.args) > 3 else ""
        refused = status_error(self._status, self._headers, self._setup.clock, label=self.host, detail=said)
        if not self.has_token and self._status in {401, 403, 422}:
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
