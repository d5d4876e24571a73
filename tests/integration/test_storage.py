"""Migrations and versions on real databases; what a person is told when one is missing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from bot.ports import StoreError
from bot.storage import migrate
from bot.storage.database import connect
from bot.storage.store import SqlStore
from bot.storage.tables import HEAD, metadata
from routing.model import Post


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


def test_the_newest_migration_is_the_one_the_tables_name() -> None:
    assert migrate.newest() == HEAD


def test_upgrading_gives_exactly_the_tables(url: str) -> None:
    engine = connect(url)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    migrate.upgrade(engine)
    engine.dispose()


def test_downgrading_takes_everything_away_and_upgrading_brings_it_back(url: str) -> None:
    engine = connect(url)
    migrate.upgrade(engine)
    migrate.downgrade(engine)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrate.upgrade(engine)
    SqlStore(engine).check_version()
    engine.dispose()


def test_times_are_utc_whatever_the_session_says(postgres_url: str) -> None:
    engine = connect(postgres_url)
    migrate.upgrade(engine)
    store = SqlStore(engine)
    with engine.begin() as connection:
        connection.execute(text("SET TIME ZONE 'Asia/Kolkata'"))
    at = datetime.fromisoformat("2026-11-20T10:00:00+01:00")
    with store.transaction() as tx:
        tx.add_posts([Post("x", "1", "hi", posted_at=at)], at)
        (post,) = tx.take_new_posts(1)
    assert post.posted_at == at
    assert post.posted_at is not None
    assert post.posted_at.tzinfo is UTC
    store.close()


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Post("x", "1", "hi", posted_at=datetime(2026, 11, 20))  # noqa: DTZ001


def test_a_database_without_tables_says_what_to_run(url: str) -> None:
    store = SqlStore(connect(url))
    with pytest.raises(StoreError, match="run: direct-dial migrate"):
        store.check_version()
    with pytest.raises(StoreError, match="run: direct-dial migrate"), store.transaction() as tx:
        tx.busy_experts()
    store.close()


def test_a_newer_database_is_left_alone(url: str) -> None:
    engine = connect(url)
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        SqlStore(engine).check_version()
    with pytest.raises(StoreError, match="newer version"):
        migrate.upgrade(engine)
    engine.dispose()


def test_an_unreachable_database_is_one_sentence_without_the_password() -> None:
    store = SqlStore(connect("postgres://dial:s3cret@127.0.0.1:1/dial"))
    with pytest.raises(StoreError, match="can't be reached") as caught:
        store.check_version()
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nonsense", "can't be read"),
        ("mysql://root@localhost/dial", "isn't supported"),
        ("", "can't be read"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_a_wrong_address_is_explained(address: str, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        connect(address)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "experts.yaml").write_text("company: {name: Kestrel}\n" * 100)
    engine = connect(f"sqlite:///{tmp_path}/experts.yaml")
    with pytest.raises(StoreError, match="point DATABASE_URL at a file of Direct Dial's own"):
        migrate.upgrade(engine)
    engine.dispose()


def test_two_transactions_take_different_posts(postgres_url: str) -> None:
    engine = connect(postgres_url)
    migrate.upgrade(engine)
    store = SqlStore(engine)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    with store.transaction() as tx:
        tx.add_posts([Post("x", str(n), "hi") for n in range(4)], now)
    with store.transaction() as one, store.transaction() as two:
        first = {post.key for post in one.take_new_posts(2)}
        second = {post.key for post in two.take_new_posts(2)}
    assert len(first) == len(second) == 2
    assert not first & second
    store.close()
