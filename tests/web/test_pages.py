import re

import pytest

from config.settings import Settings
from engage.tables import Role
from tests.conftest import FakeClock
from tests.factories import make_brand
from tests.web.site import Site

TITLE = re.compile(r"<title>(.*) · Hearken</title>")
BAR = re.compile(r'id="topbar-title">(.*?)</span>')


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "All open"),
        ("/influencers/", "Influencers"),
        ("/contacts/", "Contacts"),
        ("/sources/", "Sources"),
        ("/people/", "People"),
        ("/analytics/", "Analytics"),
        ("/brands/1", "Brand"),
    ],
)
def test_a_small_screen_names_the_page_as_its_title_does(
    settings: Settings, clock: FakeClock, path: str, name: str
) -> None:
    site = Site(settings, clock)
    with site.database.write() as session:
        make_brand(session)
    page = site.browser(Role.ADMIN).get(path).text
    assert TITLE.findall(page) == BAR.findall(page) == [name]
