"""The web application over a fresh database, and browsers without a screen that are logged in."""

import atexit
import re
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.database import Database
from config.settings import Settings
from engage.tables import Role
from engage.users import HASHER
from tests.conftest import FakeClock
from tests.factories import make_user
from web import create_app

FOLDER = tempfile.TemporaryDirectory(prefix="hearken-web-tests-")
atexit.register(FOLDER.cleanup)
PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@cache
def hash_of_password() -> str:
    """Hashing is slow on purpose, so it is done once."""
    return HASHER.hash(PASSWORD)


class Browser:
    """A test client that sends the page's CSRF token with what it posts."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **more: Any) -> TestResponse:
        """Fetch a page."""
        return self.client.get(path, **more)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form as a person would, from a page just loaded."""
        return self.client.post(path, data={"csrf_token": self.token(), **(data or {})}, **more)

    def token(self) -> str:
        """The CSRF token of this session."""
        found = TOKEN.search(self.client.get("/account/", follow_redirects=True).text)
        assert found, "no page with a token"
        return found[1]

    def log_in(self, email: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        """Send the login form."""
        return self.post("/login", {"email": email, "password": password, **more})


@cache
def _template() -> Path:
    """A migrated, empty database to copy; removed with the process."""
    database = Database(f"sqlite:///{Path(FOLDER.name) / 'template.db'}")
    database.migrate()
    database.engine.dispose()
    return Path(FOLDER.name) / "template.db"


class Site:
    """One installation with a person of each role."""

    def __init__(self, settings: Settings, clock: FakeClock) -> None:
        self.clock = clock
        self.settings = settings
        shutil.copy(_template(), settings.data / "hearken.db")
        self.database = Database(settings.url)
        with self.database.write() as session:
            self.people = {
                role: make_user(session, role.value, role=role, password_hash=hash_of_password()) for role in Role
            }
        self.app: Flask = create_app(settings, self.database, clock)
        self.app.testing = True

    def stranger(self) -> Browser:
        """Somebody who is not logged in."""
        return Browser(self.app.test_client())

    def browser(self, role: Role = Role.ADMIN) -> Browser:
        """Somebody of that role, logged in."""
        browser = self.stranger()
        assert browser.log_in(self.people[role].email).status_code == 303
        return browser
