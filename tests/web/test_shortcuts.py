"""One list of shortcuts: no key means two things, and templates name none that is not on it."""

import re
from collections import Counter
from pathlib import Path

import pytest

from config.settings import Settings
from engage.tables import Role
from tests.conftest import FakeClock
from tests.web.site import Site
from web import shortcuts
from web.shortcuts import BY_NAME, GROUPS, PLACES

TEMPLATES = Path(shortcuts.__file__).parent / "templates"
SCRIPTS = Path(shortcuts.__file__).parent / "static" / "js"


def everywhere(pattern: str, folder: Path, kind: str) -> set[str]:
    return {found for path in folder.rglob(kind) for found in re.findall(pattern, path.read_text(encoding="utf-8"))}


def test_each_key_means_one_thing() -> None:
    keys = Counter([shortcut.keys for group in GROUPS.values() for shortcut in group] + list(PLACES.values()))
    assert keys.most_common(1)[0][1] == 1
    begun = {keys.split()[0] for keys in keys if " " in keys}
    assert not begun & set(keys), "the beginning of a place's keys must not be a command"


def test_templates_and_scripts_know_only_these() -> None:
    keys = {shortcut.keys for shortcut in BY_NAME.values()}
    assert everywhere(r'data-key="([^"{]+)"', TEMPLATES, "*.html") <= keys
    assert everywhere(r"""[ (,]key="([^"]+)\"""", TEMPLATES, "*.html") <= keys
    offered = everywhere(r'offer\("(\w+)"', SCRIPTS, "*.js")
    listed = {
        name
        for some in everywhere(r"of \[((?:\"\w+\"[, ]*)+)\]\)", SCRIPTS, "*.js")
        for name in re.findall(r"\w+", some)
    }
    assert set(BY_NAME) == (offered | listed) & set(BY_NAME)
    assert offered <= set(BY_NAME)


def test_no_tooltip_has_a_key_of_its_own() -> None:
    assert not everywhere(r'title="[^"{]*\((?:.|Ctrl\+\w+|Esc)\)"', TEMPLATES, "*.html")


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMIN])
def test_a_page_names_only_places_that_this_person_may_see(settings: Settings, clock: FakeClock, role: Role) -> None:
    site = Site(settings, clock)
    browser = site.browser(role)
    page = browser.get("/account/").text
    places = re.findall(r'<a href="([^"]+)" data-group', page)
    assert "/?queue=mine" in places
    assert ("/people/" in places) is (role is Role.ADMIN)
    for place in places:
        assert browser.get(place, follow_redirects=True).status_code == 200, place
    assert '<dt data-name="close" data-keys="e"><kbd>e</kbd></dt><dd>Close</dd>' in page
    site.database.engine.dispose()
