"""Bringing a database to the tables of this version, and back."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from bot.ports import StoreError
from bot.storage.database import in_words, shown

_MIGRATION_LOCK = 0x6D696772
"""Two releases that start at once migrate one after the other."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """Return the revision of the newest migration."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Create or change the tables; nothing happens when they are up to date."""
    _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Go back to an older version; what the newer one added is lost."""
    _run(engine, command.downgrade, revision)


def _run(engine: Engine, run: Callable[[Config, str], None], revision: str) -> None:
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            run(_config(connection), revision)
    except DBAPIError as error:
        raise in_words(error, engine.url) from error
    except CommandError as error:
        where = shown(engine.url)
        raise StoreError(
            f"The database {where} is of a newer version than this program ({error}); "
            "install the newer Direct Dial, or point DATABASE_URL elsewhere"
        ) from error
