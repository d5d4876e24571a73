"""Reaching a database: its address, its engine, and what its errors mean for a person."""

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from bot.ports import StoreError

BUSY_TIMEOUT_SECONDS = 10
"""How long SQLite waits for another writer: longer than any batch takes."""
CONNECT_TIMEOUT_SECONDS = 4
"""PostgreSQL that doesn't answer is told of within the time a worker has to stop (5 s)."""


def database_url(address: str) -> URL:
    """Return the URL that SQLAlchemy wants; raises StoreError in words.

    Accepts `postgres://` and `postgresql://`, as hosting services hand them out.
    """
    try:
        url = make_url(address)
    except ArgumentError:
        raise StoreError(
            "DATABASE_URL can't be read; write it as sqlite:///direct-dial.db "
            "or postgresql://user:password@host/name"
        ) from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreError(
            "DATABASE_URL names no file; write it as sqlite:///direct-dial.db, as nothing would "
            "be kept otherwise"
        )
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise StoreError(
            f"DATABASE_URL names {url.drivername}, which isn't supported; use sqlite or postgresql"
        )
    return url


def connect(address: str) -> Engine:
    """Return an engine that begins every transaction the same way; connects on first use."""
    url = database_url(address)
    try:
        if url.drivername == "sqlite":
            engine = create_engine(
                url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}
            )
            _set_up_sqlite(engine)
            return engine
        return create_engine(
            url,
            pool_pre_ping=True,
            hide_parameters=True,  # an error's message would quote posts and people in the log
            connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS},
        )
    except NoSuchModuleError as error:
        raise StoreError(f"DATABASE_URL can't be used: {error}") from None


def _set_up_sqlite(engine: Engine) -> None:
    # The driver's own transaction handling begins too late for readers that go on to write;
    # this is SQLAlchemy's documented way to take it over.
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def shown(url: URL) -> str:
    """Return an address without anything secret: neither the password nor the query's values."""
    return url.set(query={}).render_as_string(hide_password=True)


def in_words(error: DBAPIError, url: URL) -> StoreError:
    """Return what a driver's error means for a person; the password never shows."""
    where = shown(url)
    detail = " ".join(str(error.orig).split())
    missing_table = "no such table" in detail or "UndefinedTable" in type(error.orig).__name__
    if missing_table:
        return StoreError(f"The database {where} has no tables yet; run: direct-dial migrate")
    if url.drivername == "sqlite":
        return StoreError(
            f"The database {where} can't be used ({detail}); "
            "point DATABASE_URL at a file of Direct Dial's own, or one that isn't there yet"
        )
    if isinstance(error, OperationalError):
        return StoreError(
            f"The database {where} can't be reached ({detail}); "
            "check DATABASE_URL and that it is running"
        )
    return StoreError(f"The database {where} refused what was asked of it ({detail})")
