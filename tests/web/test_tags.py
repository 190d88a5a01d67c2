from config.settings import Settings
from engage.tables import Role
from listener.tables import Brand
from tests.conftest import FakeClock
from tests.factories import make_author, make_brand, make_conversation, make_mention
from tests.web.site import Site


def test_tags_are_shown_coloured_and_changed_by_managers(settings: Settings, clock: FakeClock) -> None:
    site = Site(settings, clock)
    with site.database.write() as session:
        make_brand(session)
        talk = make_conversation(session, session.get_one(Brand, 1), make_author(session, "bea"), tags=["<late>"])
        make_mention(session, talk)
    agent, manager = site.browser(Role.AGENT), site.browser(Role.MANAGER)
    assert "&lt;late&gt;" in agent.get("/tags/").text
    form = {"name": "<late>", "colour": "teal", "description": "Parcels"}
    assert agent.post("/tags/1", form).status_code == 403
    assert manager.post("/tags/1", form).status_code == 303
    assert 'class="chip hue hue-teal"' in manager.get("/c/1").text
    assert manager.post("/tags/1", form | {"colour": "pink"}, headers={"HX-Request": "true"}).status_code == 422
    assert "1 conversation" in manager.get("/tags/").text
    site.database.engine.dispose()
