"""Migrations and versions on real databases; what a person is told when one is missing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from bot.ports import Event, StoreError
from bot.storage import migrate
from bot.storage.database import connect
from bot.storage.store import SqlStore
from bot.storage.tables import HEAD, metadata
from routing.assignment import offer
from routing.model import Ignored, Label, LabelKind, Post


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


FIRST_POST = """
INSERT INTO posts (key, platform, id, text, author, author_key, url, in_reply_to, repost_of,
    quotes, language, fingerprint, received_at, state, failure)
VALUES ('forum:1', 'forum', '1', 'hi', '{}', '', '', '', '', '', 'en', '', '2026-11-20 10:00:00',
    'new', '')
"""


def test_what_is_there_stays_when_labels_come_and_go(url: str) -> None:
    engine = connect(url)
    migrate.upgrade(engine, "0001")
    now = datetime(2026, 11, 20, 10, tzinfo=UTC)
    label = Label("forum:1", "roaming", LabelKind.CONFIRMATION, "anna", now)
    event = Event("forum:1", 1, now, "anna", "resolve")
    assignment = offer("forum:1", 1, "anna", "roaming", now, timedelta(hours=1))
    decision = Ignored("forum:1", ("our own post",))
    store = SqlStore(engine)
    with engine.begin() as connection:
        connection.execute(text(FIRST_POST))
    with store.transaction() as tx:
        tx.save_decision(decision, now)
        tx.add_assignment(assignment)
        tx.record(event)
    for _ in range(2):
        migrate.upgrade(engine)
        store.check_version()
        with store.transaction() as tx:
            assert tx.events("forum:1") == [event]
            assert tx.assignments("forum:1") == [assignment]
            assert tx.decision("forum:1") == decision
            assert tx.examples() == []
            tx.keep_label(label)
            (example,) = tx.examples()
            assert (example.text, example.source, example.may_train) == ("hi", "", False)
            assert tx.training_examples() == []
        migrate.downgrade(engine, "0001")
    store.close()


def test_a_post_that_is_deleted_takes_its_example_with_it(url: str) -> None:
    engine = connect(url)
    migrate.upgrade(engine)
    store = SqlStore(engine)
    now = datetime(2026, 11, 20, 10, tzinfo=UTC)
    with store.transaction() as tx:
        tx.add_posts([Post("forum", "1", "hi")], now, "our forum", may_train=True)
        tx.keep_label(Label("forum:1", "roaming", LabelKind.CONFIRMATION, "anna", now))
        read = tx.training_examples()
        assert len(read) == 1
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM posts WHERE key = 'forum:1'"))
        assert connection.execute(text("SELECT count(*) FROM labels")).scalar() == 0
    with store.transaction() as tx:
        tx.use_examples(read, now)
        assert tx.examples() == []
    store.close()


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
