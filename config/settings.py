"""Settings: the environment (HEARKEN_…), then hearken.toml in the data folder, then the defaults here.

The only module that reads the environment.
"""

import os
import re
from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from config.errors import SettingsError

DEFAULT_DATA = Path("data")
OUR_PREFIX = "HEARKEN_"
KNOWN_DATABASES = ("postgresql://", "postgres://", "postgresql+psycopg://", "sqlite:///")
NOT_SETTINGS = {"HEARKEN_TEST_ALL"}
INFLUENCE_WEIGHTS = {
    "reach": 20.0,
    "engagement": 10.0,
    "resonance": 25.0,
    "relevance": 10.0,
    "recency": 10.0,
    "position": 25.0,
}


class Settings(BaseSettings):
    """Everything that can be set; `docs/settings.md` explains each for users."""

    model_config = SettingsConfigDict(env_prefix=OUR_PREFIX, extra="forbid")

    data: Path = DEFAULT_DATA
    """Folder of the database, the secrets and the logs."""
    database_url: str = ""
    """SQLAlchemy URL of PostgreSQL; empty means SQLite in the data folder."""
    broker_url: str = ""
    """Redis URL; set, the listener only enqueues and Celery workers do the work."""
    host: str = "127.0.0.1"
    port: int = Field(8470, ge=1, le=65535)
    threads: int = Field(64, ge=4, le=1024)
    """Threads of the web process; each open browser tab holds one for live updates."""
    public_url: str = ""
    """The address people reach Hearken at, when behind a proxy, such as https://hearken.example."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    rules_file: Path | None = None
    """A routing rules file (TOML) that replaces the built-in one."""
    analyser: str = "onnx"
    """Name of the reading engine, one of nlp/load.py."""
    analysers: Annotated[dict[str, str], NoDecode] = {}
    """Language (ISO 639-1 code) -> name of the engine that reads its texts instead; nlp/load.py checks both."""
    approval_required: bool = False
    """Agents' replies wait for a manager's approval."""
    undo_send_s: int = Field(10, ge=0, le=120)
    """Seconds for which a reply waits before it is sent, and can be pulled back; 0: it is sent at once."""
    default_interval: int = Field(120, ge=5, le=86400)
    """Seconds between two polls of a source that does not set its own interval."""
    smtp_host: str = ""
    """The mail server that takes our mails; empty: none are sent."""
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str = "Hearken <hearken@localhost>"
    """Whom our mails are from."""
    influence_weights: dict[str, float] = Field(default_factory=lambda: dict(INFLUENCE_WEIGHTS))
    """How much each part counts in the score of an influencer, relative to the others."""

    @field_validator("database_url")
    @classmethod
    def _know_the_database(cls, value: str) -> str:
        if value and not value.startswith(KNOWN_DATABASES):
            raise ValueError("Hearken works with PostgreSQL: write it as postgresql://user:password@host/name")
        return value

    @field_validator("analysers", mode="before")
    @classmethod
    def _pair_languages(cls, value: Any) -> Any:
        """The environment has `de=transformers:/models/german,es=lexicon`; names may hold commas themselves."""
        if not isinstance(value, str):
            return value
        pairs = [pair.strip().partition("=") for pair in re.split(r",(?=\s*[a-z]{2}=)", value) if pair.strip()]
        if not all(language and name for language, _, name in pairs):
            raise ValueError("write a language's code and the name of an engine: de=transformers:/models/german")
        return {language: name for language, _, name in pairs}

    @field_validator("influence_weights")
    @classmethod
    def _know_the_parts(cls, value: dict[str, float]) -> dict[str, float]:
        if unknown := value.keys() - INFLUENCE_WEIGHTS.keys():
            raise ValueError(f"there is no part {min(unknown)}; known are {', '.join(INFLUENCE_WEIGHTS)}")
        weights = INFLUENCE_WEIGHTS | value
        if not all(0 <= weight < inf for weight in weights.values()) or not sum(weights.values()):
            raise ValueError("weights are numbers from 0 up, and one at least is above 0")
        return weights

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before the environment before hearken.toml."""
        folder = Path(init_settings().get("data") or os.environ.get("HEARKEN_DATA") or DEFAULT_DATA)
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=folder / "hearken.toml"),
        )

    @property
    def url(self) -> str:
        """The database URL in force, with the driver that Hearken uses."""
        if not self.database_url:
            return f"sqlite:///{self.data / 'hearken.db'}"
        scheme, _, rest = self.database_url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else self.database_url

    @property
    def address(self) -> str:
        """Where people reach us: the beginning of every link in a mail."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def secure_cookies(self) -> bool:
        """Cookies only travel over https where people reach us by https."""
        return self.public_url.startswith("https://")


def load_settings(data: Path | None = None) -> Settings:
    """Read and check all settings.

    Raises SettingsError naming the key (and where it came from) on a bad or unknown value.
    """
    _refuse_unknown_variables()
    try:
        settings = Settings(data=data) if data else Settings()
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            raise SettingsError(
                f"There is no setting {key}, which stands in hearken.toml.",
                f"Known ones: {', '.join(sorted(Settings.model_fields))}.",
            ) from None
        raise SettingsError(
            f"Setting {key} (HEARKEN_{key.upper()}, or {key} in hearken.toml) is wrong: {first['msg']}.",
            "docs/settings.md lists every setting.",
        ) from None
    except ValueError as error:  # a hearken.toml that is not TOML
        raise SettingsError(f"hearken.toml cannot be read: {error}.", "Mend or remove the file.") from None
    return settings


def _refuse_unknown_variables() -> None:
    """A misspelt HEARKEN_… variable would otherwise be ignored in silence."""
    known = {OUR_PREFIX + name.upper() for name in Settings.model_fields} | NOT_SETTINGS
    for name in os.environ:
        if name.startswith(OUR_PREFIX) and name not in known:
            raise SettingsError(
                f"There is no setting {name}.", f"Known ones: {', '.join(sorted(known - NOT_SETTINGS))}."
            )
