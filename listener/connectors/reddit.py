"""Reddit, through praw: search, the comments of subreddits, and the inbox of an account.

praw fetches tokens and builds requests. Listings are read as the raw JSON that Reddit sends: praw's objects ask the
network again, unseen, for every attribute that is missing.
"""

import html
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from config.clock import Clock
from listener.connector import ConnectorError, Cursor, Field, Health, Page, RateState, Setup
from listener.cursor import Sweep
from listener.http import malformed_error, safe_base_url, status_error
from listener.mention import Account, Post
from listener.query import QueryError, for_reddit

if TYPE_CHECKING:
    import requests

T = TypeVar("T")
OAUTH_URL, REDDIT_URL = "https://oauth.reddit.com", "https://www.reddit.com"
PAGE_SIZE = 100
LISTING_DEPTH = 1000
"""About how many items a listing of Reddit reaches back."""
NEARLY_ALL = 900
"""A listing that ends behind so many items was cut off by Reddit."""
INBOX = ("message/mentions", "message/comments", "message/selfreply")
"""Where we were named, where our comments were answered, where our submissions were."""
GONE = frozenset({"[deleted]", "[removed]"})
RATE_HEADERS = ("x-ratelimit-remaining", "x-ratelimit-used", "x-ratelimit-reset")
"""Kept from prawcore, which would sleep for minutes."""


class RedditConnector:
    """Reads submissions that match the query, or all comments of some subreddits, or answers to our account.

    What was edited or removed lately is told again while it stands on a page that is read.
    """

    network: ClassVar[str] = "reddit"
    label: ClassVar[str] = "Reddit"
    keyless: ClassVar[bool] = False
    options: ClassVar[tuple[Field, ...]] = (
        Field(
            "mode",
            "What to read",
            "search: submissions that match the query. comments: comments of the subreddits that match it. "
            "inbox: mentions of your account and answers to it.",
            default="search",
        ),
        Field("subreddits", "Subreddits", "Separated by commas, without r/.", default="all"),
        Field("user_agent", "User agent", "Reddit asks for platform:app:version (by /u/name). Empty: made for you."),
        Field("base_url", "API address", "Of a stand-in server; empty for Reddit."),
        Field("insecure", "Allow plain http and private networks", "true or false", default="false"),
    )
    secrets: ClassVar[tuple[Field, ...]] = (
        Field("client_id", "Client id", "From reddit.com/prefs/apps, an app of the type script.", required=True),
        Field("client_secret", "Client secret", required=True),
        Field("username", "User name", "Needed to answer, and for the inbox."),
        Field("password", "Password"),
    )

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._mode = setup.options.get("mode") or "search"
        if self._mode not in {"search", "comments", "inbox"}:
            raise _bad_option(f"Reddit has no mode {self._mode!r}.", "Choose search, comments or inbox.")
        self._subreddits = _subreddits(setup.options.get("subreddits") or "all")
        check_access(setup)
        if self._mode == "inbox" and not may_write(setup):
            raise _bad_option("The inbox belongs to an account.", "Enter its user name and password.")

    @cached_property
    def _api(self) -> "RedditApi":
        return RedditApi(self._setup)

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """Every new post, newest first; with several listings, one after the other."""
        listings = self._listings()
        saved = cursor.get("listings") or {}
        progress = {listing.key: Progress.load(saved.get(listing.key) or {}) for listing in listings}
        for listing in listings:
            resumed, more = True, True
            while more:
                before = progress[listing.key]
                found = read_listing(self._api.get(listing.path, listing.params(before)), self._setup.own_account)
                after = found.after if found.after != before.sweep.page else ""
                more = bool(after) and not before.reached(found.names)
                progress[listing.key] = before.advanced(found.names, after if more else "")
                yield Page(
                    posts=self._wanted(found, before),
                    cursor={"listings": {key: made.dump() for key, made in progress.items()}},
                    rate=self._api.rate,
                    gap="" if more else before.gap(found.names, resumed=resumed),
                )
                resumed = False

    def _wanted(self, found: "Listed", before: "Progress") -> tuple[Post, ...]:
        """New posts, and older ones that changed."""
        posts = (
            post
            for name, post in zip(found.names, found.posts, strict=True)
            if before.is_new(name) or post.edited_at or post.deleted
        )
        if self._mode != "inbox":
            return tuple(posts)
        return tuple(replace(post, addressed=True) for post in posts)

    def _listings(self) -> "list[Listing]":
        where = "+".join(self._subreddits)
        if self._mode == "inbox":
            return [Listing(path) for path in INBOX]
        if self._mode == "comments":
            return [Listing(f"r/{where}/comments")]
        if not self._setup.query:
            raise _bad_option("A search needs a query.", "Give the brand a query.")
        try:
            queries = for_reddit(self._setup.query)
        except QueryError as error:
            raise ConnectorError(error.message, code="bad_query", permanent=True, remedy=error.remedy) from error
        return [Listing(f"r/{where}/search", query, everywhere=where == "all") for query in queries]

    def check(self) -> Health:
        """Ask Reddit who we are, or, without an account, for one submission."""
        if may_write(self._setup):
            account = self._api.own_account()
            return Health(account, f"Connected to Reddit as u/{account.handle}.")
        read_listing(self._api.get(f"r/{'+'.join(self._subreddits)}/new", {"limit": 1}), None)
        warning = "Without a user name and password Hearken can listen on Reddit, not answer."
        return Health(None, "Reddit accepts the app.", (warning,))


# --- talking to Reddit -------------------------------------------------------------------------------------------


class RedditApi:
    """praw as a fetcher of tokens and builder of requests: it neither waits nor tries again."""

    def __init__(self, setup: Setup) -> None:
        import praw

        from listener.sessions import NetworkSession

        self._clock = setup.clock
        self._session = NetworkSession(
            RedditConnector.label,
            setup.clock,
            lambda response: refusal(response, setup.clock),
            timeout_s=setup.timeout_s,
            hidden_headers=RATE_HEADERS,
        )
        base_url = _base_url(setup)
        secrets = {name: value.strip() for name, value in setup.secrets.items()}
        writes = may_write(setup)
        # All is given, so that neither a praw.ini nor the environment can add to it or lead elsewhere.
        self._reddit = praw.Reddit(
            "DEFAULT",
            requestor_kwargs={"session": self._session},
            client_id=secrets["client_id"],
            client_secret=secrets["client_secret"],
            username=secrets["username"] if writes else None,
            password=setup.secrets["password"] if writes else None,
            refresh_token=None,
            redirect_uri=None,
            user_agent=user_agent(setup),
            oauth_url=base_url or OAUTH_URL,
            reddit_url=base_url or REDDIT_URL,
            check_for_updates=False,
            check_for_async=False,
        )

    @property
    def rate(self) -> RateState | None:
        """The allowance that the last answer spoke of."""
        return self._session.rate

    def get(self, path: str, params: Mapping[str, Any]) -> Any:
        """Read. Raises ConnectorError."""
        return self._call(method="GET", path=path, params=dict(params))

    def post(self, path: str, form: Mapping[str, str]) -> Any:
        """Write. Raises ConnectorError."""
        return self._call(method="POST", path=path, data=dict(form))

    def own_account(self) -> Account:
        """The account whose user name and password we have."""
        return understood(_read_me, self.get("api/v1/me", {}))

    def _call(self, **request: Any) -> Any:
        import prawcore

        self._stop_at_the_limit()
        try:
            return self._reddit.request(**request)
        except prawcore.exceptions.RequestException as error:
            if isinstance(error.original_exception, ConnectorError):
                raise error.original_exception from None
            raise malformed_error(RedditConnector.label) from error
        except prawcore.exceptions.OAuthException as error:
            raise _login_error(error.error) from error
        except (prawcore.exceptions.PrawcoreException, AttributeError, KeyError, TypeError, ValueError) as error:
            raise malformed_error(RedditConnector.label) from error

    def _stop_at_the_limit(self) -> None:
        """Rather than run into a 429, which Reddit may hold against the app."""
        rate, now = self.rate, self._clock()
        if rate and rate.remaining == 0 and rate.reset_at and rate.reset_at > now:
            raise ConnectorError(
                "The allowance of requests that Reddit gives is used up.",
                code="rate_limited",
                retry_after=(rate.reset_at - now).total_seconds(),
                remedy="Nothing to do: Hearken waits and goes on by itself.",
            )


def may_write(setup: Setup) -> bool:
    """Whether the secrets are those of an account, not of an app alone."""
    return all((setup.secrets.get(name) or "").strip() for name in ("username", "password"))


def user_agent(setup: Setup) -> str:
    """Who we are, in the form that Reddit demands."""
    given = (setup.options.get("user_agent") or "").strip()
    name = (setup.secrets.get("username") or "").strip()
    return given or f"{sys.platform}:hearken:0.1 " + (f"(by /u/{name})" if name else "(self-hosted)")


def check_access(setup: Setup) -> None:
    """Raise ConnectorError if the secrets or the address cannot work."""
    if not all((setup.secrets.get(name) or "").strip() for name in ("client_id", "client_secret")):
        raise ConnectorError(
            "Reddit needs a client id and a client secret.",
            code="no_credentials",
            permanent=True,
            remedy="Make an app of the type script on reddit.com/prefs/apps and copy both.",
        )
    _base_url(setup)


def _base_url(setup: Setup) -> str:
    given = (setup.options.get("base_url") or "").strip().rstrip("/")
    return safe_base_url(given, insecure=setup.options.get("insecure", "").lower() == "true") if given else ""


def refusal(response: "requests.Response", clock: Clock) -> ConnectorError:
    """What an answer other than 2xx means, by its status."""
    if 300 <= response.status_code < 400:
        return ConnectorError(
            "Reddit knows no such subreddit.",
            code=f"http_{response.status_code}",
            permanent=True,
            remedy="Check the subreddits of this source.",
        )
    detail = _explanation(response)
    return status_error(response.status_code, response.headers, clock, label=RedditConnector.label, detail=detail)


def _explanation(response: "requests.Response") -> str:
    try:
        body = response.json()
    except ValueError:
        return ""
    return str(body.get("explanation") or body.get("reason") or "") if isinstance(body, dict) else ""


def _login_error(code: str) -> ConnectorError:
    if code == "invalid_grant":
        remedy = "Check user name and password; an account with two-factor login cannot be used by a script app."
    else:
        remedy = "Check client id and client secret, and that the app is of the type script."
    return ConnectorError("Reddit refused the login.", code=code or "no_login", permanent=True, remedy=remedy)


def _bad_option(message: str, remedy: str) -> ConnectorError:
    return ConnectorError(message, code="bad_option", permanent=True, remedy=remedy)


def _subreddits(text: str) -> list[str]:
    names = [name.strip().removeprefix("r/") for name in text.split(",") if name.strip()]
    wrong = [name for name in names if not re.fullmatch(r"\w{2,24}", name, re.ASCII)]
    if wrong or not names:
        raise _bad_option(
            f"{', '.join(wrong) or text!r} is no subreddit.", "Write the names with commas between them."
        )
    return names


# --- how far we have read ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listing:
    """One newest-first listing of Reddit."""

    path: str
    query: str = ""
    everywhere: bool = False

    @property
    def key(self) -> str:
        """Its name in the cursor."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def params(self, progress: "Progress") -> dict[str, str | int]:
        """The query parameters of the next page."""
        params: dict[str, str | int] = {"limit": PAGE_SIZE}
        if self.query:
            params |= {"q": self.query, "sort": "new", "type": "link", "t": "all"}
            params["restrict_sr"] = "false" if self.everywhere else "true"
        if progress.sweep.page:
            params["after"] = progress.sweep.page
        return params


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a listing has been read. Names are Reddit's fullnames, such as `t1_abc`."""

    sweep: Sweep = field(default_factory=Sweep)
    seen: int = 0
    """Items of the sweep in hand."""

    @classmethod
    def load(cls, saved: Mapping[str, Any]) -> "Progress":
        """From a stored cursor."""
        return cls(Sweep.load(saved), int(saved.get("seen") or 0))

    def dump(self) -> dict[str, Any]:
        """For storing: only what is set."""
        return {**self.sweep.dump(), **({"seen": self.seen} if self.seen else {})}

    def is_new(self, name: str) -> bool:
        """Whether no earlier sweep has heard it."""
        return not self.sweep.since or age_rank(name) > age_rank(self.sweep.since)

    def reached(self, names: tuple[str, ...]) -> bool:
        """Whether these lead down to where the last sweep began."""
        return any(not self.is_new(name) for name in names)

    def advanced(self, names: tuple[str, ...], next_page: str) -> "Progress":
        """After a page with these names."""
        newest = max(names, key=age_rank, default="")
        return Progress(self.sweep.advance(newest, next_page), self.seen + len(names) if next_page else 0)

    def gap(self, names: tuple[str, ...], *, resumed: bool) -> str:
        """What is missing when a sweep ends with these names, in words.

        `resumed`: this was the first page after a break, whose place may have sunk below the end of the listing.
        """
        cut_off = self.seen + len(names) >= NEARLY_ALL or (resumed and self.sweep.under_way and not names)
        if not self.sweep.since or self.reached(names) or not cut_off:
            return ""
        return f"Reddit lists only the newest {LISTING_DEPTH} items: older ones since the last run are missing."


def age_rank(name: str) -> int:
    """A number that is higher for what came later: Reddit counts its ids up, in base 36. Raises ValueError."""
    return int(name.rpartition("_")[2], 36)


# --- reading an answer -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a listing, understood."""

    posts: tuple[Post, ...]
    names: tuple[str, ...]
    after: str


def read_listing(body: Any, own: Account | None) -> Listed:
    """The posts of a page. Raises ConnectorError (malformed)."""
    return understood(_read_listing, body, own)


def understood(read: Callable[..., T], *args: Any) -> T:
    """What `read` makes of an answer. Raises ConnectorError (malformed) where it makes nothing of it."""
    try:
        return read(*args)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise malformed_error(RedditConnector.label) from error


def _read_listing(body: Any, own: Account | None) -> Listed:
    things = [thing["data"] for thing in body["data"]["children"] if thing["kind"] in {"t1", "t3"}]
    posts = tuple(read_post(thing, own) for thing in things)
    return Listed(
        posts=posts,
        names=tuple(post.external_id for post in posts),
        after=str(body["data"].get("after") or ""),
    )


def read_post(thing: Mapping[str, Any], own: Account | None) -> Post:
    """A submission (t3) or comment (t1)."""
    name = str(thing["name"])
    age_rank(name)  # a name that cannot be ranked is found out here
    is_comment = name.startswith("t1_")
    gone = _is_gone(thing)
    edited = thing.get("edited")
    return Post(
        external_id=name,
        author=_read_author(thing),
        text="" if gone else _read_text(thing),
        created_at=datetime.fromtimestamp(float(thing["created_utc"]), UTC),
        url=_read_url(thing),
        thread=_thread(thing) if is_comment else name,
        in_reply_to=str(thing.get("parent_id") or "") if is_comment else "",
        likes=max(0, int(thing.get("score") or 0)),
        shares=int(thing.get("num_crossposts") or 0),
        replies=0 if is_comment else int(thing.get("num_comments") or 0),
        edited_at=datetime.fromtimestamp(float(edited), UTC) if edited and edited is not True else None,
        addressed=own is not None and _addresses(thing, own),
        deleted=gone,
        reply_ref={"locked": True} if thing.get("locked") or thing.get("archived") else {},
    )


def _is_gone(thing: Mapping[str, Any]) -> bool:
    return thing.get("body", thing.get("selftext")) in GONE or bool(thing.get("removed_by_category"))


def _read_author(thing: Mapping[str, Any]) -> Account:
    name = str(thing.get("author") or "[deleted]")
    if name in GONE:
        return Account("[deleted]", "[deleted]")
    return Account(str(thing.get("author_fullname") or name), name, url=f"{REDDIT_URL}/user/{name}")


def _read_text(thing: Mapping[str, Any]) -> str:
    if "body" in thing:
        return html.unescape(str(thing["body"]))
    linked = "" if thing.get("is_self", True) else str(thing.get("url") or "")
    parts = (str(thing["title"]), str(thing.get("selftext") or ""), linked)
    return html.unescape("\n\n".join(part for part in parts if part))


def _read_url(thing: Mapping[str, Any]) -> str:
    path = str(thing.get("permalink") or thing.get("context") or "").partition("?")[0]
    if path:
        return REDDIT_URL + path
    _, _, link = _thread(thing).rpartition("_")
    return f"{REDDIT_URL}/comments/{link}/_/{thing['id']}/" if link else ""


def _thread(thing: Mapping[str, Any]) -> str:
    """The submission that a comment stands under; in the inbox only its address tells."""
    if thing.get("link_id"):
        return str(thing["link_id"])
    in_context = re.search(r"/comments/(\w+)/", str(thing.get("context") or ""))
    return f"t3_{in_context[1]}" if in_context else ""


def _addresses(thing: Mapping[str, Any], own: Account) -> bool:
    is_top_level = "parent_id" in thing and thing["parent_id"] == thing.get("link_id")
    answers_us = is_top_level and str(thing.get("link_author")).lower() == own.handle.lower()
    named = re.search(rf"(?<![\w/])/?u/{re.escape(own.handle)}(?![\w-])", _read_text(thing), re.IGNORECASE)
    return bool(answers_us or named)


def _read_me(body: Mapping[str, Any]) -> Account:
    name = str(body["name"])
    return Account(
        external_id=f"t2_{body['id']}",
        handle=name,
        name=name,
        url=f"{REDDIT_URL}/user/{name}",
        avatar_url=html.unescape(str(body.get("icon_img") or "")).partition("?")[0],
        created_at=datetime.fromtimestamp(float(body["created_utc"]), UTC) if body.get("created_utc") else None,
    )
