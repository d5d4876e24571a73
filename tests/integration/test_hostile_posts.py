"""Whatever a stranger writes goes the whole way unharmed: read, decided, stored, shown."""

import io
import itertools
import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.console import Console

from bot import console
from bot.dialling import Dialler
from bot.pipeline import Delivered, Pipeline
from bot.ports import Delivery, Receipt
from bot.slack import render as slack
from bot.storage import migrate
from bot.storage.database import connect
from bot.storage.store import SqlStore
from routing.model import Author, Post
from tests.card_samples import HOSTILE_TEXTS
from tests.office import NOW, Notes, reader, roster
from tests.slack_rules import message_problems

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=400)
NASTY = st.sampled_from(sorted(HOSTILE_TEXTS.values()))
TEXTS = ANYTHING | NASTY | st.tuples(NASTY, ANYTHING).map("".join)
IDS = itertools.count()


class RendersEverything:
    """Shows each card in every format there is, and complains of what a platform would refuse."""

    def send(self, delivery: Delivery) -> Receipt:
        text, blocks = slack.render(delivery.card)
        assert not message_problems(text, blocks)
        json.dumps(blocks, ensure_ascii=False).encode()
        terminal = io.StringIO()
        Console(file=terminal, width=100).print(console.render(delivery.card))
        terminal.getvalue().encode()
        return Receipt("D1", delivery.id)

    def update(self, delivery: Delivery) -> None:
        self.send(delivery)

    def find(self, delivery: Delivery) -> Receipt | None:
        return None


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqlStore]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('hostile')}/test.db"
    else:
        url = request.getfixturevalue("postgres").format("postgres")
    sql = SqlStore(connect(url))
    migrate.upgrade(sql.engine)
    yield sql
    migrate.downgrade(sql.engine)
    sql.close()


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=TEXTS, handle=ANYTHING, name=ANYTHING, url=ANYTHING)
@example(
    text="@KestrelHelp roaming? <!channel> \x00\ud800" + "x" * 100_000, handle="a", name="", url=""
)
@example(
    text="@KestrelHelp roaming?", handle="h" * 5_000, name="\u202e\x00", url="javascript:alert(1)"
)
def test_whatever_is_written_goes_the_whole_way(
    store: SqlStore, text: str, handle: str, name: str, url: str
) -> None:
    notes = Notes()
    dialler = Dialler(roster(), reader(), frozenset({"slack"}), notes)
    pipeline = Pipeline(store, {"slack": RendersEverything()}, dialler)
    post = Post("x", f"hostile-{next(IDS)}", "Kestrel roaming? " + text, Author(handle, name), url)
    with store.transaction() as tx:
        tx.add_posts([post], NOW)
    while pipeline.route(10, NOW):
        pass
    while pipeline.deliver_one(NOW) is not Delivered.NOTHING_DUE:
        pass
    with store.transaction() as tx:
        assert tx.post(post.key) == post
        decision = tx.decision(post.key)
        assert decision is not None
        assert decision.reasons
        assert all(delivery.receipt for delivery in tx.deliveries(post.key))
    assert notes.troubles == []
