"""What every view needs from the app it runs in."""

from datetime import datetime
from typing import cast

from flask import current_app
from flask_login import current_user

from config.clock import Clock
from config.database import Database
from config.settings import Settings
from engage.tables import User


def database() -> Database:
    """The database of this app."""
    return cast(Database, current_app.extensions["hearken"])


def settings() -> Settings:
    """The settings in force."""
    return cast(Settings, current_app.extensions["hearken_settings"])


def now() -> datetime:
    """Now, by the app's clock."""
    return cast(Clock, current_app.extensions["hearken_clock"])()


def me() -> User:
    """The person who is logged in; only for views that require a login."""
    return cast(User, current_user.user)
