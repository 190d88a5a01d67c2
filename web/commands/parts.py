"""What commands work with, made when first asked for."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from config.database import Database
from config.errors import HearkenError
from config.logs import set_up_logs
from config.secrets import Vault
from config.settings import Settings, load_settings
from nlp.load import check_engines

if TYPE_CHECKING:
    from engage.pipeline import Pipeline


class Parts:
    """Settings, database, vault and flow, each made when a command first asks for it."""

    def __init__(self, data: Path | None) -> None:
        self.data = data

    @cached_property
    def settings(self) -> Settings:
        """All settings, checked, with a data folder that is there."""
        settings = load_settings(self.data)
        if settings.analysers:
            check_engines(settings.analysers)
        set_up_logs(settings.log_level)
        try:
            settings.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HearkenError(
                f"The data folder {settings.data} cannot be made: {error.strerror}.", "Choose another with --data."
            ) from None
        return settings

    @cached_property
    def database(self) -> Database:
        """The database; a brand-new one gets its schema, an old or newer one is refused."""
        database = Database(self.settings.url)
        if database.is_empty():
            database.migrate()
        database.check_version()
        return database

    @cached_property
    def vault(self) -> Vault:
        """What seals credentials."""
        return Vault.in_folder(self.settings.data)

    @cached_property
    def pipeline(self) -> "Pipeline":
        """The flow."""
        from engage.pipeline import Pipeline

        return Pipeline(self.database, self.settings, self.vault)


pass_parts = click.make_pass_decorator(Parts)
as_json = click.option("--json", "json_", is_flag=True, help="One JSON value instead of text.")
