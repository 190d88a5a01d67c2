"""A conversation and two people of the team."""

import pytest

from config.database import Database
from engage.tables import User
from tests.flow import add_brand, add_user, flow, post


@pytest.fixture
def people(database: Database) -> tuple[User, User]:
    """Gwen and Hal of support; Ada's conversation is number 1."""
    with database.write() as session:
        add_brand(session)
        pair = add_user(session), add_user(session, "Hal")
    flow(database, post("1"))
    return pair
