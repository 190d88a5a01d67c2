"""X (api.x.com, version 2): recent search, and the mentions of an account. tweepy signs and sends, we page and read.

Names of fields follow X's own OpenAPI description, version 2.167 (`post.fields`, `referenced_posts`); answers in the
older words (`referenced_tweets`, `retweet_count`) are read as well.
"""

import html
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from config.clock import Clock
from listener.connector import ConnectorError, Cursor, Field, Health, Page, RateState, Setup
from listener.cursor import Sweep
from listener.http import USER_AGENT, malformed_error, safe_base_url, status_error
from listener.mention import Account, Post
from listener.query import Query, QueryError, for_x
from listener.query.searches import X_LENGTH

if TYPE_CHECKING:
    import requests

T = TypeVar("T")
BASE_URL = "https://api.x.com"
SITE = "https://x.com"
USER_KEYS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
POST_READ_USD, USER_READ_USD = 0.005, 0.010
DEAREST_POST_USD = 3 * POST_READ_USD + USER_READ_USD
"""A post, its author, and the post it answers and the one it quotes."""
PAGE_SIZE = 100
SEARCH_WINDOW = timedelta(days=7)
"""How far back recent search reaches."""
CLOCK_SKEW = timedelta(minutes=10)
NO_REPOSTS = " -is:retweet"
MENTIONS_DEPTH = 800
"""How many mentions of an account X lists."""
SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
POST_FIELDS = "created_at,conversation_id,lang,public_metrics,entities,note_post"
POST_EXPANSIONS = "author_id,referenced_posts"
USER_FIELDS = "created_at,description,entities,name,profile_image_url,public_metrics,url,username"
REMEDIES = {
    "client-forbidden": "Attach the app to a project in X's developer console.",
    "unsupported-authentication": "Enter the four user keys: a bearer token is not enough for this.",
    "64": "The account is suspended: ask X for help, then run the source again.",
    "326": "The account is locked: log in on x.com and unlock it, then run the source again.",
}
"""What to do about a refusal, by the type or number that X gives it."""


class XConnector:
    """Reads posts about a brand, or posts that mention an account, newest first."""

    network: ClassVar[str] = "x"
    label: ClassVar[str] = "X"
    keyless: ClassVar[bool] = False
    options: ClassVar[tuple[Field, ...]] = (
        Field(
            "mode",
            "What to read",
            "search: posts that match the query. mentions: posts that name your account.",
            default="search",
        ),
        Field("account", "Your handle", "Without @. Needed for mentions with a bearer token alone."),
        Field(
            "monthly_budget_usd",
            "Monthly budget in US dollars",
            "Reading stops before it is passed. Empty: no limit. X charges about $0.015 a post.",
        ),
        Field("base_url", "API address", default=BASE_URL),
        Field("insecure", "Allow plain http and private networks", "true or false", default="false"),
    )
    secrets: ClassVar[tuple[Field, ...]] = (
        Field("bearer_token", "Bearer token", "Enough to listen."),
        Field("consumer_key", "API key", "The four keys together let Hearken answer, too."),
        Field("consumer_secret", "API key secret"),
        Field("access_token", "Access token"),
        Field("access_token_secret", "Access token secret"),
    )

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._mode = setup.options.get("mode") or "search"
        if self._mode not in {"search", "mentions"}:
            raise _bad_option(f"X has no mode {self._mode!r}.", "Choose search or mentions.")
        self._handle = (setup.options.get("account") or "").strip().removeprefix("@")
        if self._handle and not re.fullmatch(r"\w{1,15}", self._handle, re.ASCII):
            raise _bad_option(f"{self._handle!r} is no handle on X.", "Write it as it stands on the profile.")
        self._budget_usd = _dollars(setup.options.get("monthly_budget_usd") or "")
        check_access(setup)

    @cached_property
    def _api(self) -> "XApi":
        return XApi(self._setup)

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """Every new post, newest first; with several searches, one after the other."""
        searches = self._searches()
        saved = cursor.get("searches") or {}
        progress = {search.key: Progress.load(saved.get(search.key) or {}) for search in searches}
        spending = Spending.load(cursor, self._setup.clock())
        for search in searches:
            token = ""
            while True:
                before = progress[search.key]
                answer = self._read(search, before, token, spending)
                now = self._setup.clock()
                progress[search.key] = before.after(answer.ids, more=bool(answer.next_token), now=now)
                spending = spending.plus(answer.cost_usd)
                yield Page(
                    posts=answer.posts,
                    cursor={"searches": {key: made.dump() for key, made in progress.items()}, **spending.dump()},
                    rate=self._api.rate,
                    gap="" if answer.next_token else search.gap(before, len(answer.ids), now),
                    cost_usd=answer.cost_usd,
                )
                if not answer.next_token or answer.next_token == token:
                    break
                token = answer.next_token

    def _searches(self) -> "list[Search]":
        if self._mode == "search":
            if not self._setup.query:
                raise _bad_option("A search needs a query.", "Give the brand a query.")
            return [recent_search(query) for query in _queries(self._setup.query)]
        return [mentions_of(self._setup.own_account or self._own_account())]

    def _read(self, search: "Search", progress: "Progress", token: str, spending: "Spending") -> "Answer":
        now = self._setup.clock()
        if search.out_of_reach(progress.sweep.page, now):
            return Answer((), ())
        size = self._page_size(search, spending, now)
        body = self._api.get(search.route, search.params(progress.sweep, token, size, now))
        return read_answer(body, self._setup.own_account, everything_addressed=self._mode == "mentions")

    def _page_size(self, search: "Search", spending: "Spending", now: datetime) -> int:
        """As many posts as the budget allows even if each comes at the highest price."""
        if self._budget_usd is None:
            return PAGE_SIZE
        affordable = int((self._budget_usd - spending.spent) / DEAREST_POST_USD)
        if affordable < search.smallest_page:
            raise ConnectorError(
                f"This month's budget of ${self._budget_usd:g} for reading X is used up.",
                code="budget_spent",
                retry_after=(month_end(now) - now).total_seconds(),
                remedy="Raise the budget of this source, or wait for the next month.",
            )
        return min(PAGE_SIZE, affordable)

    def check(self) -> Health:
        """Ask X who we are."""
        warnings = []
        if self._budget_usd is None:
            warnings.append("No monthly budget is set: X charges for every post read.")
        if not self._api.has_user_keys:
            warnings.append("With a bearer token alone Hearken can listen on X, not answer.")
        if not self._api.has_user_keys and not self._handle and self._mode == "search":
            self._api.get("/2/usage/tweets", {})  # free of charge, unlike looking up an account
            return Health(None, "X accepts the bearer token.", tuple(warnings))
        account = self._own_account()
        return Health(account, f"Connected to X as @{account.handle}.", tuple(warnings))

    def _own_account(self) -> Account:
        if self._api.has_user_keys:
            body = self._api.get("/2/users/me", {"user.fields": USER_FIELDS}, as_user=True)
        elif self._handle:
            body = self._api.get(f"/2/users/by/username/{self._handle}", {"user.fields": USER_FIELDS})
        else:
            raise _bad_option("X does not tell whose account a bearer token belongs to.", "Enter your handle.")
        if "data" not in body:
            raise _bad_option(f"X knows no account @{self._handle}.", "Check the handle.")
        return _understood(read_account, body["data"])


def _queries(query: Query) -> list[str]:
    """The query in X's words. Reposts are left out: each would be charged, and the post itself counts them."""
    try:
        found = for_x(query, X_LENGTH - len("()") - len(NO_REPOSTS))
    except QueryError as error:
        raise ConnectorError(error.message, code="bad_query", permanent=True, remedy=error.remedy) from error
    return [f"({part}){NO_REPOSTS}" for part in found]


# --- talking to X ------------------------------------------------------------------------------------------------


class XApi:
    """tweepy as a signer of requests: it neither waits nor tries again, and it goes where the source says."""

    def __init__(self, setup: Setup) -> None:
        import tweepy

        from listener.sessions import NetworkSession

        logging.getLogger("tweepy").setLevel(logging.INFO)  # at DEBUG it writes the tokens into the log
        secrets = {name: value.strip() for name, value in setup.secrets.items()}
        self.has_user_keys = has_user_keys(setup)
        self._has_bearer = bool(secrets.get("bearer_token"))
        self._session = NetworkSession(
            XConnector.label,
            setup.clock,
            lambda response: refusal(response, setup.clock),
            timeout_s=setup.timeout_s,
            base_url=_base_url(setup),
        )
        self._client: tweepy.Client = tweepy.Client(
            secrets.get("bearer_token") or None, *(secrets.get(key) or None for key in USER_KEYS)
        )
        self._client.session = self._session
        self._client.user_agent = USER_AGENT

    @property
    def rate(self) -> RateState | None:
        """The allowance that the last answer spoke of."""
        return self._session.rate

    def get(self, route: str, params: Mapping[str, Any], *, as_user: bool = False) -> dict[str, Any]:
        """Read; with the bearer token, which has the larger allowance, unless there is none or `as_user`."""
        return self._call("GET", route, params=dict(params), user_auth=as_user or not self._has_bearer)

    def post(self, route: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Write, as the user."""
        return self._call("POST", route, json=dict(body), user_auth=True)

    def _call(self, method: str, route: str, **request: Any) -> dict[str, Any]:
        response = self._client.request(method, route, **request)
        try:
            body = response.json()
        except ValueError:
            raise malformed_error(XConnector.label) from None
        if not isinstance(body, dict):
            raise malformed_error(XConnector.label)
        return body


def has_user_keys(setup: Setup) -> bool:
    """Whether all four keys of a user are there, as writing demands."""
    return all((setup.secrets.get(key) or "").strip() for key in USER_KEYS)


def check_access(setup: Setup) -> None:
    """Raise ConnectorError if the secrets or the address cannot work."""
    if not (has_user_keys(setup) or (setup.secrets.get("bearer_token") or "").strip()):
        raise ConnectorError(
            "X needs a bearer token or all four keys.",
            code="no_credentials",
            permanent=True,
            remedy="Copy them from your app in X's developer console.",
        )
    _base_url(setup)


def _base_url(setup: Setup) -> str:
    given = (setup.options.get("base_url") or "").strip().rstrip("/")
    if given in {"", BASE_URL}:
        return BASE_URL
    return safe_base_url(given, insecure=setup.options.get("insecure", "").lower() == "true")


def refusal(response: "requests.Response", clock: Clock) -> ConnectorError:
    """What an answer other than 2xx means, by its status and the type or number X gives the problem."""
    problem = _problem(response)
    kinds = _kinds(problem)
    status = response.status_code
    if status == 429 and "usage-capped" in kinds:
        return _capped(problem, clock())
    if status == 402:
        return ConnectorError(
            "The credits of the X developer account are used up.",
            code="credits_spent",
            permanent=True,
            remedy="Buy credits in X's developer console, then run this source again.",
        )
    detail = str(problem.get("detail") or problem.get("title") or "")
    error = status_error(status, response.headers, clock, label=XConnector.label, detail=detail)
    if status == 400 and _names(problem, {"since_id", "until_id"}):
        error.permanent = False  # an id at the edge of the window: minutes later we leave it out ourselves
    error.remedy = next((REMEDIES[kind] for kind in kinds if kind in REMEDIES), error.remedy)
    return error


def _problem(response: "requests.Response") -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _errors(problem: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    errors = problem.get("errors")
    return (
        [problem, *(error for error in errors if isinstance(error, dict))] if isinstance(errors, list) else [problem]
    )


def _kinds(problem: Mapping[str, Any]) -> set[str]:
    """The last part of each problem's type, and each error's number."""
    errors = _errors(problem)
    return {str(error.get("type", "")).rpartition("/")[2] for error in errors} | {
        str(error["code"]) for error in errors if "code" in error
    }


def _names(problem: Mapping[str, Any], parameters: set[str]) -> bool:
    return any(
        error.get("parameter") in parameters or parameters & set(error.get("parameters") or ())
        for error in _errors(problem)
    )


def _capped(problem: Mapping[str, Any], now: datetime) -> ConnectorError:
    daily = problem.get("period") == "Daily"
    end = _midnight(now) + timedelta(days=1) if daily else month_end(now)
    return ConnectorError(
        f"X gives this developer account no more posts until {end:%-d %B %Y}: its {'daily' if daily else 'monthly'} "
        "usage cap is reached.",
        code="usage_capped",
        retry_after=(end - now).total_seconds(),
        remedy="Raise the cap in X's developer console and run this source again, or wait.",
    )


def _bad_option(message: str, remedy: str) -> ConnectorError:
    return ConnectorError(message, code="bad_option", permanent=True, remedy=remedy)


def _dollars(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not 0 <= amount < 1e9:
        raise _bad_option(f"{text!r} is no sum of money.", "Write the budget as a number of dollars, such as 50.")
    return amount


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def month_end(now: datetime) -> datetime:
    """The first moment of the next month."""
    return (_midnight(now).replace(day=1) + timedelta(days=32)).replace(day=1)


# --- how far we have read ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Search:
    """One newest-first listing of X."""

    key: str
    """Its name in the cursor."""
    route: str
    query: str = ""
    smallest_page: int = 5
    token_name: str = "pagination_token"  # noqa: S105 - a parameter's name
    window: timedelta | None = None
    """How far back it reaches; None: as far as `depth`."""
    depth: int | None = None

    def params(self, sweep: Sweep, token: str, size: int, now: datetime) -> dict[str, Any]:
        """The query parameters of the next page. A token leads on within one run, an id also after a crash."""
        params: dict[str, Any] = {"query": self.query, "sort_order": "recency"} if self.query else {}
        params |= {
            "max_results": size,
            "post.fields": POST_FIELDS,
            "expansions": POST_EXPANSIONS,
            "user.fields": USER_FIELDS,
        }
        if sweep.since and not self.out_of_reach(sweep.since, now):
            params["since_id"] = sweep.since
        if token:
            params[self.token_name] = token
        elif sweep.page:
            params["until_id"] = sweep.page
        return params

    def out_of_reach(self, post_id: str, now: datetime) -> bool:
        """Whether X would refuse this id as too old."""
        return (
            bool(self.window and post_id) and moment_of(post_id) < now - (self.window or SEARCH_WINDOW) + CLOCK_SKEW
        )

    def gap(self, before: "Progress", count: int, now: datetime) -> str:
        """What is missing when a sweep ends here, having stood at `before` and `count` posts more; in words."""
        if self.window and before.swept and now - before.swept > self.window:
            return f"X gives only the last seven days: posts from before {now - self.window:%-d %B} may be missing."
        if self.depth and before.sweep.since and before.seen + count >= self.depth:
            return f"X gives only the newest {self.depth} mentions: older ones since the last run are missing."
        return ""


def recent_search(query: str) -> Search:
    """Posts of the last seven days."""
    return Search(
        key=query,
        route="/2/tweets/search/recent",
        query=query,
        smallest_page=10,
        token_name="next_token",  # noqa: S106 - a parameter's name
        window=SEARCH_WINDOW,
    )


def mentions_of(account: Account) -> Search:
    """Posts that name an account."""
    route = f"/2/users/{account.external_id}/mentions"
    return Search(key=f"@{account.external_id}", route=route, depth=MENTIONS_DEPTH)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has been read."""

    sweep: Sweep = field(default_factory=Sweep)
    began: datetime | None = None
    """When the sweep in hand began."""
    swept: datetime | None = None
    """When the last whole sweep began: all up to then was heard."""
    seen: int = 0
    """Posts of the sweep in hand."""

    @classmethod
    def load(cls, saved: Mapping[str, Any]) -> "Progress":
        """From a stored cursor."""
        began, swept = (datetime.fromisoformat(saved[key]) if saved.get(key) else None for key in ("began", "swept"))
        return cls(Sweep.load(saved), began, swept, int(saved.get("seen") or 0))

    def dump(self) -> dict[str, Any]:
        """For storing: only what is set."""
        moments = {"began": self.began, "swept": self.swept}
        found = {name: moment.isoformat() for name, moment in moments.items() if moment}
        return {**self.sweep.dump(), **found, **({"seen": self.seen} if self.seen else {})}

    def after(self, ids: Iterable[str], *, more: bool, now: datetime) -> "Progress":
        """After a page with these ids. An empty page with more behind it is X's way, and moves nothing."""
        in_order = sorted(ids, key=int)
        began = self.began or now
        if not more:
            newest = in_order[-1] if in_order else ""
            return Progress(self.sweep.advance(newest, ""), swept=began)
        if not in_order:
            return replace(self, began=began)
        sweep = self.sweep.advance(in_order[-1], in_order[0])
        return Progress(sweep, began, self.swept, self.seen + len(in_order))


@dataclass(frozen=True, slots=True)
class Spending:
    """What this month's reading cost so far, in US dollars."""

    month: str
    spent: float = 0.0

    @classmethod
    def load(cls, cursor: Cursor, now: datetime) -> "Spending":
        """From a stored cursor; a new month begins at nothing."""
        month = f"{now:%Y-%m}"
        return cls(month, float(cursor.get("spent") or 0) if cursor.get("month") == month else 0.0)

    def dump(self) -> dict[str, Any]:
        """For storing."""
        return {"month": self.month, "spent": self.spent}

    def plus(self, cost_usd: float) -> "Spending":
        """With one more page."""
        return replace(self, spent=round(self.spent + cost_usd, 6))


def moment_of(post_id: str) -> datetime:
    """When a post was made, as its id tells."""
    return datetime.fromtimestamp(((int(post_id) >> 22) + SNOWFLAKE_EPOCH_MS) / 1000, UTC)


# --- reading an answer -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of X, understood."""

    posts: tuple[Post, ...]
    ids: tuple[str, ...]
    """Ids as X lists and pages them: those of the newest version of each post."""
    next_token: str = ""
    cost_usd: float = 0.0


def read_answer(body: Mapping[str, Any], own: Account | None, *, everything_addressed: bool = False) -> Answer:
    """The posts of a page, and what it cost. Raises ConnectorError (malformed)."""
    return _understood(_read_answer, body, own, everything_addressed)


def _understood(read: Callable[..., T], *args: Any) -> T:
    try:
        return read(*args)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise malformed_error(XConnector.label) from error


def _read_answer(body: Mapping[str, Any], own: Account | None, everything_addressed: bool) -> Answer:
    data = list(body.get("data") or ())
    includes = body.get("includes") or {}
    accounts = {user["id"]: read_account(user) for user in includes.get("users") or ()}
    referenced = {post["id"]: post for post in includes.get("posts") or includes.get("tweets") or ()}
    in_order = sorted(data, key=lambda item: int(item["id"]))
    by_id = {first_version(item): _read_post(item, accounts, referenced, own) for item in in_order}  # newest version
    posts = reversed(by_id.values())
    if everything_addressed:
        posts = (replace(post, addressed=True) for post in posts)
    return Answer(
        posts=tuple(posts),
        ids=tuple(str(int(item["id"])) for item in data),
        next_token=str((body.get("meta") or {}).get("next_token") or ""),
        cost_usd=(len(data) + len(referenced)) * POST_READ_USD + len(accounts) * USER_READ_USD,
    )


def _read_post(
    item: Mapping[str, Any], accounts: Mapping[str, Account], referenced: Mapping[str, Any], own: Account | None
) -> Post:
    id_, versions = first_version(item), _versions(item)
    made = moment_of(item["id"]) if "created_at" not in item else _moment(item["created_at"])
    author_id = str(item.get("author_id") or "unknown")
    author = accounts.get(author_id) or Account(author_id, "", url=f"{SITE}/i/user/{author_id}")
    metrics = item.get("public_metrics") or {}
    answered = replied_to(item)
    return Post(
        external_id=id_,
        author=author,
        text=full_text(item),
        created_at=moment_of(id_) if len(versions) > 1 else made,
        url=post_url(id_, author.handle),
        thread=str(item.get("conversation_id") or ""),
        in_reply_to=first_version(referenced[answered]) if answered in referenced else answered,
        lang="" if item.get("lang") in {None, "und"} else str(item["lang"]),
        likes=int(metrics.get("like_count") or 0),
        shares=int(metrics.get("repost_count") or metrics.get("retweet_count") or 0)
        + int(metrics.get("quote_count") or 0),
        replies=int(metrics.get("reply_count") or 0),
        edited_at=made if len(versions) > 1 else None,
        addressed=own is not None and _addresses(item, referenced, own),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _versions(item: Mapping[str, Any]) -> list[str]:
    return list(item.get("edit_history_post_ids") or item.get("edit_history_tweet_ids") or [item["id"]])


def first_version(item: Mapping[str, Any]) -> str:
    """The id a post was born with: every edit gives it another one."""
    return str(min(_versions(item), key=int))


def _references(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(item.get("referenced_posts") or item.get("referenced_tweets") or ())


def replied_to(item: Mapping[str, Any]) -> str:
    """Id of the post that this one answers; empty if it answers none."""
    return next((str(other["id"]) for other in _references(item) if other["type"] == "replied_to"), "")


def full_text(item: Mapping[str, Any]) -> str:
    """The whole text, entities decoded, X's short links replaced by what they stand for."""
    whole = item.get("note_post") or item.get("note_tweet") or item
    text = html.unescape(str(whole["text"]))
    for link in (whole.get("entities") or {}).get("urls") or ():
        text = text.replace(link["url"], link.get("expanded_url") or link["url"])
    return text


def _addresses(item: Mapping[str, Any], referenced: Mapping[str, Any], own: Account) -> bool:
    handle = own.handle.lower()
    entities = item.get("entities") or {}
    named = entities.get("mentions") or ()
    links = [str(link.get("expanded_url") or "").lower() for link in entities.get("urls") or ()]
    quoted = any(other["type"] == "quoted" for other in _references(item))
    others = [referenced[other["id"]] for other in _references(item) if other["id"] in referenced]
    return (
        any(str(name.get("username") or "").lower() == handle or name.get("id") == own.external_id for name in named)
        or item.get("in_reply_to_user_id") == own.external_id
        or any(other.get("author_id") == own.external_id for other in others)
        or (
            quoted and any(re.match(rf"https://(x|twitter)\.com/{re.escape(handle)}/status/", link) for link in links)
        )
    )


def post_url(post_id: str, handle: str) -> str:
    """Where people see a post."""
    return f"{SITE}/{handle or 'i'}/status/{post_id}"


def read_account(user: Mapping[str, Any]) -> Account:
    """An account as X describes it."""
    handle = str(user["username"])
    links = ((user.get("entities") or {}).get("url") or {}).get("urls") or [{}]
    return Account(
        external_id=str(user["id"]),
        handle=handle,
        name=html.unescape(str(user.get("name") or "")),
        followers=(user.get("public_metrics") or {}).get("followers_count"),
        url=f"{SITE}/{handle}",
        website=str(links[0].get("expanded_url") or user.get("url") or ""),
        bio=html.unescape(str(user.get("description") or "")),
        avatar_url=str(user.get("profile_image_url") or ""),
        created_at=_moment(user["created_at"]) if user.get("created_at") else None,
    )
