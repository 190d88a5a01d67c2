"""Stand-ins: small HTTP servers on 127.0.0.1 that answer as a network does, with knobs.

tests/listener/test_contract.py runs one list of tests over every registered connector and takes the stand-in of
network `abc` from tests/listener/standins/abc.py. A registered connector without one fails the test.

How to add one. Write standins/<network>.py with one class of any name that inherits `StandIn`:

    class AbcStandIn(StandIn):
        network = "abc"

        def setup(self) -> Setup:                         # what the connector is given to reach this server
            return self.make_setup(options={"base_url": self.url}, secrets={"token": "good"})

        def answer(self, request: Request) -> Answer:     # one healthy answer of the network
            found = self.listed(newest_first=True)        # the samples, as the network orders them
            ...                                           # cut by self.page_size, go on from request.query["cursor"]
            return Answer.of_json({"posts": [...], "next": ...})

The base handles the knobs before `answer` is asked, so `answer` only knows good days. Override where the network
differs: `external_id` (the id that `Post` must carry for a sample), `expected_text`, `rate_limited` (how the network
says how long to wait; `says_how_long = False` if it doesn't), `unauthorised`, `is_login` (requests that the knobs
leave alone, such as fetching a token), `not_applicable` (test name -> reason, for cases that this network cannot
have: declared, never skipped silently). Be strict in `answer`: where a request is not what the network documents,
`return Answer(400)`. With `repeats` set, each page begins with the last post of the page before, as happens when
posts arrive meanwhile.
"""

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from listener.connector import Setup
from listener.query import parse

BEGINNING = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
PATIENCE_S = 8.0
"""How long a connector waits for an answer: long enough for a busy machine."""
SHORT_PATIENCE_S = 0.3
"""The same for a stand-in that is slow, which never answers before it is closed."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A post that the stand-in holds. A higher number is newer; numbers may share a moment."""

    number: int
    text: str
    created_at: datetime
    handle: str = "ada"


@dataclass(frozen=True, slots=True)
class Request:
    """What the connector asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes
    raw_query: str = ""
    """As sent, for parameters that come several times."""

    @property
    def form(self) -> dict[str, str]:
        """A body sent as a form."""
        return {name: values[-1] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the stand-in says."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> "Answer":
        """A JSON answer."""
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})


class StandIn(ABC):
    """A network on loopback. Use as a context manager; leaving it raises what went wrong inside `answer`."""

    network: ClassVar[str]
    says_how_long: ClassVar[bool] = True
    """Whether the network tells how long to wait after a 429."""
    not_applicable: ClassVar[Mapping[str, str]] = {}
    """Names of contract tests that make no sense here, each with the reason."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.samples: list[Sample] = []
        self.page_size = 3
        self.repeats = False
        self.malformed = False
        """Every answer is cut off in the middle."""
        self.slow = False
        """No answer comes."""
        self.refuses_credentials = False
        self.requests: list[Request] = []
        self._failures: list[Answer] = []
        self._healthy_left = 0
        self._closed = threading.Event()
        self._errors: list[BaseException] = []
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    # What a network's own stand-in says.

    @abstractmethod
    def setup(self) -> Setup:
        """What the connector is given to listen for `kestova` here."""

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """The network's answer on a good day."""

    def external_id(self, sample: Sample) -> str:
        """The id that the Post of a sample must carry."""
        return str(sample.number)

    def expected_text(self, sample: Sample) -> str:
        """The text that the Post of a sample must carry."""
        return sample.text

    def rate_limited(self, seconds: int) -> Answer:
        """The network's 429 that asks to wait for so long."""
        return Answer(429, headers={"Retry-After": str(seconds)})

    def unauthorised(self) -> Answer:
        """The network's answer to credentials that are revoked."""
        return Answer.of_json({"error": "unauthorized"}, 401)

    def is_login(self, request: Request) -> bool:
        """Whether a request only logs in; knobs other than `slow` and `refuses_credentials` leave it alone."""
        return False

    # What the tests turn.

    @property
    def url(self) -> str:
        """Address of this server, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def make_setup(
        self, *, options: Mapping[str, str] | None = None, secrets: Mapping[str, str] | None = None
    ) -> Setup:
        """A Setup with the clock, the query and the patience of these tests."""
        return Setup(
            options=options or {},
            secrets=secrets or {},
            query=parse("kestova"),
            clock=self.clock,
            timeout_s=SHORT_PATIENCE_S if self.slow else PATIENCE_S,
        )

    def post(self, count: int, *, apart_s: float = 60, text: str = "") -> list[Sample]:
        """Add samples, each newer than all before by `apart_s` seconds. Returns the added ones."""
        return [self._next_sample(apart_s, text) for _ in range(count)]

    def _next_sample(self, apart_s: float, text: str) -> Sample:
        last = self.samples[-1] if self.samples else Sample(1000, "", BEGINNING)
        number = last.number + 1
        moment = last.created_at + timedelta(seconds=apart_s)
        sample = Sample(number, text or f"My kestova no. {number} squeaks", moment, f"ada{number % 3}")
        self.samples.append(sample)
        return sample

    def listed(self, *, newest_first: bool) -> list[Sample]:
        """All samples in the network's order."""
        return self.samples[::-1] if newest_first else list(self.samples)

    def fail_next(
        self, status: int, headers: Mapping[str, str] | None = None, body: bytes = b"", after: int = 0
    ) -> None:
        """Answer a coming request with this status, `after` so many healthy ones."""
        self.answer_next(Answer(status, body, headers or {}), after=after)

    def answer_next(self, answer: Answer, after: int = 0) -> None:
        """Answer a coming request so, `after` so many healthy ones."""
        self._failures.append(answer)
        self._healthy_left = after

    def close(self) -> None:
        """Stop serving: from now on the address is unreachable. May be called twice."""
        if not self._closed.is_set():
            self._closed.set()
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def __enter__(self) -> "StandIn":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if self._errors and error is None:
            raise self._errors[0]

    def _respond(self, request: Request) -> Answer | None:
        self.requests.append(request)
        if self.slow:
            self._closed.wait()
            return None
        if self.refuses_credentials:
            return self.unauthorised()
        if self.is_login(request):
            return self.answer(request)
        if self._failures and not self._healthy_left:
            return self._failures.pop(0)
        self._healthy_left = max(0, self._healthy_left - 1)
        answer = self.answer(request)
        return Answer(answer.status, _spoilt(answer.body), answer.headers) if self.malformed else answer

    def _respond_safely(self, request: Request) -> Answer | None:
        try:
            return self._respond(request)
        except Exception as error:  # told at the end, by __exit__: this is a server's thread
            self._errors.append(error)
            return Answer(500)


def _spoilt(body: bytes) -> bytes:
    return b'{"<' + body[: len(body) // 2]


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for all answers

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The connector hung up; that is what some tests are about."""


def _handler_of(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            answer = stand_in._respond_safely(
                Request(
                    method=self.command,
                    path=parts.path,
                    query={
                        name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()
                    },
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(size),
                    raw_query=parts.query,
                )
            )
            if answer is None:
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - http.server asks for these names

        def log_message(self, format: str, *args: Any) -> None:
            """Tests speak through their asserts."""

    return Handler
