"""The environment, read once: the only place that looks at it. Secrets don't show in `repr`."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.ports import SettingsError

ENV_FILE = ".env"
EMBEDDED_DATABASE = "sqlite:///direct-dial.db"


class Settings(BaseSettings):
    """What differs from one installation to the next; `.env.example` explains each."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: SecretStr = SecretStr(EMBEDDED_DATABASE)
    direct_dial_roster: Path = Path("experts.yaml")
    reading_cache: Path = Path(".direct-dial")
    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_api_url: str = "https://slack.com/api/"
    host: str = "0.0.0.0"  # noqa: S104 - a web process behind a host's router listens on all
    port: int = Field(default=8080, ge=0, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def database_is_set(self) -> bool:
        """Whether somebody chose a database, rather than taking the embedded default."""
        return "database_url" in self.model_fields_set


def load_settings() -> Settings:
    """Return the settings; raises SettingsError that names every variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{str(e['loc'][0]).upper()}: {e['msg'][:1].lower()}{e['msg'][1:]}"
            for e in error.errors()
        )
        raise SettingsError(f"The environment (or {ENV_FILE}) has a mistake: {wrong}") from None


def secrets(names: Sequence[str]) -> Mapping[str, str]:
    """Return the variables that a source says it needs; one that isn't set is left out."""
    known = {**dotenv_values(ENV_FILE), **os.environ}
    return {name: value for name in names if (value := known.get(name))}
