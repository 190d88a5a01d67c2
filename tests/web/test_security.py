import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

import web
from config.database import Database
from config.errors import (
    ConflictError,
    DatabaseVersionError,
    HearkenError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    StorageError,
)
from config.settings import Settings
from engage.tables import Role
from listener.tables import Brand
from tests.conftest import FakeClock
from tests.factories import make_author, make_brand, make_conversation, make_mention
from tests.web.site import Site
from web import create_app
from web.errors import status_of
from web.icons import ICONS

WEB = Path(web.__file__).parent


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    with site.database.write() as session:
        make_brand(session)
        conversation = make_conversation(session, session.get_one(Brand, 1), make_author(session))
        make_mention(session, conversation)
    yield site
    site.database.engine.dispose()


@pytest.fixture
def careful(site: Site) -> Flask:
    """An app that shows its errors as people would see them."""
    app = create_app(site.settings, site.database, site.clock)

    @app.get("/raise/<name>")
    def fail(name: str) -> str:
        kinds = {"ours": ConflictError("It changed.", "Look again."), "busy": OperationalError("x", {}, Exception())}
        raise kinds.get(name, ZeroDivisionError("secret detail"))

    app.view_functions["fail"] = fail
    return app


def test_every_page_forbids_what_is_inline_evaluated_or_from_elsewhere(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    for path in ("/", "/c/1", "/login", "/c/999", "/static/css/app.css"):
        with agent.get(path) as answer:
            policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "img-src 'self' data:" in policy
        assert "unsafe" not in policy
        assert "http" not in policy


def test_templates_hold_nothing_that_the_policy_forbids() -> None:
    for template in WEB.rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"\son[a-z]+=", text), template
        assert not re.search(r"\sstyle=", text), template
        assert "<style" not in text, template
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), template
        assert not re.search(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="(?:https?:)?//', text), template
        assert "| safe" not in text, template


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    used = {
        name for page in WEB.rglob("*.html") for name in re.findall(r'icon\("([a-z0-9-]+)"', page.read_text("utf-8"))
    }
    assert used
    assert used <= ICONS, used - ICONS


def test_the_usual_headers(site: Site) -> None:
    headers = site.browser().get("/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_behind_https_cookies_and_browsers_keep_to_it(settings: Settings, clock: FakeClock) -> None:
    site = Site(settings.model_copy(update={"public_url": "https://hearken.example"}), clock)
    answer = site.stranger().get("/login", base_url="https://hearken.example")
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    cookie = answer.headers["Set-Cookie"]
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    site.database.engine.dispose()


def test_no_post_without_a_token(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    posts = [
        rule
        for rule in site.app.url_map.iter_rules()
        if "POST" in (rule.methods or set()) and rule.endpoint.startswith(("inbox.", "appearance."))
    ]
    assert len(posts) >= 10
    for rule in posts:
        path = re.sub(r"<any[^>]*>", "retry", re.sub(r"<int:\w+>", "1", rule.rule))
        refused = agent.client.post(path, data={"version": 1, "status": "closed", "note": "x", "text": "x"})
        assert refused.status_code == 400, path
        assert "too old" in refused.text


def test_a_token_in_the_header_is_enough_for_htmx(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    page = agent.get("/").text
    token = re.search(r"hx-headers='\{\"X-CSRFToken\": \"([^\"]+)\"\}'", page)
    assert token
    answer = agent.client.post(
        "/c/1/note", data={"note": "x"}, headers={"HX-Request": "true", "X-CSRFToken": token[1]}
    )
    assert answer.status_code == 200


def test_nothing_is_shown_to_strangers(site: Site) -> None:
    stranger = site.stranger()
    for path in ("/", "/c/1", "/lines", "/refresh"):
        assert "/login" in stranger.get(path).headers["Location"]
    assert stranger.get("/refresh", headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith("/login")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInputError("x"), 422),
        (NotFoundError("x"), 404),
        (NotAllowedError("x"), 403),
        (ConflictError("x"), 409),
        (StorageError("x"), 507),
        (DatabaseVersionError("x"), 503),
        (HearkenError("x"), 502),
    ],
)
def test_each_error_has_its_status(error: HearkenError, status: int) -> None:
    assert status_of(error) == status


def test_errors_are_a_calm_page_or_a_message_in_place(site: Site, careful: Flask) -> None:
    client = careful.test_client()
    client.set_cookie("hearken", site.browser().client.get_cookie("hearken").value)  # type: ignore[union-attr]
    page = client.get("/raise/ours")
    assert (page.status_code, "It changed." in page.text, "To the inbox" in page.text) == (409, True, True)
    part = client.get("/raise/ours", headers={"HX-Request": "true"})
    assert part.text.startswith('<div class="notice notice-error" role="alert"')
    fault = client.get("/raise/fault")
    assert fault.status_code == 500
    assert "secret detail" not in fault.text
    assert client.get("/raise/busy").status_code == 503
    assert "There is nothing at this address." in client.get("/nowhere").text


def test_the_theme_is_kept_in_a_cookie_and_leads_nowhere_else(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert 'data-theme="auto"' in agent.get("/").text
    back = agent.post("/appearance", {"theme": "dark"}, headers={"Referer": "https://evil.example/"})
    assert back.headers["Location"] == "/"
    assert 'data-theme="dark"' in agent.get("/").text
    back = agent.post("/appearance", headers={"Referer": "http://localhost/c/1"})
    assert back.headers["Location"] == "/c/1"
    assert 'data-theme="auto"' in agent.get("/").text
    assert agent.post("/appearance", {"theme": "pink"}).status_code == 422


def test_an_app_does_not_start_on_an_older_database(settings: Settings) -> None:
    Database(settings.url).engine.dispose()
    with pytest.raises(DatabaseVersionError):
        create_app(settings)


def test_the_session_key_is_made_once_and_kept_to_ourselves(site: Site) -> None:
    path = site.settings.data / "session.key"
    assert path.stat().st_mode & 0o777 == 0o600
    again = create_app(site.settings, site.database)
    assert again.config["SECRET_KEY"] == site.app.config["SECRET_KEY"]
