"""A network for testing how sources are set up; its options are its knobs."""

from collections.abc import Iterator
from typing import ClassVar

from listener.connector import ConnectorError, Cursor, Field, Health, Page, Setup
from listener.mention import Account

ENTRY = "tests.engage.standin:StandIn"


class StandIn:
    """Hears nothing; its check says what the token tells it to."""

    network: ClassVar[str] = "standin"
    label: ClassVar[str] = "Stand-in"
    options: ClassVar[tuple[Field, ...]] = (
        Field("base_url", "Server", "Where it is.", required=True),
        Field("mode", "Mode", default="search"),
        Field("insecure", "Allow plain http", default="false"),
    )
    secrets: ClassVar[tuple[Field, ...]] = (
        Field("token", "Token", "From its settings.", required=True),
        Field("extra", "Second token"),
    )
    keyless: ClassVar[bool] = False

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        if setup.options["mode"] == "impossible":
            raise ConnectorError("There is no such mode.", code="bad_option", permanent=True, remedy="Choose search.")
        if setup.options["mode"] == "far":
            raise ConnectorError("The host cannot be found.", code="unreachable")

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """One empty page."""
        yield Page((), cursor)

    def check(self) -> Health:
        """The account that the token names."""
        token = self.setup.secrets["token"]
        if token == "revoked":
            raise ConnectorError(
                "Stand-in refused the request (status 401).",
                code="http_401",
                permanent=True,
                remedy="Enter new credentials for this source.",
            )
        return Health(Account("1", token), "Stand-in answers.", ("It is slow today.",))
