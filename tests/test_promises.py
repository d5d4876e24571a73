"""The promises of the README that are not the subject of another test.

“No post is lost and none is dialled twice” is in tests/journeys/test_crash.py; “every decision says
why” and “when unsure, ask a person” are in tests/routing and tests/bot/test_pipeline.py.
"""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import tweepy
from ruamel.yaml import YAML

from bot.cards import Action, Card, composer_link, expert_card
from bot.pipeline import Watched
from bot.ports import Store
from bot.sources import jsonl, x
from bot.sources.x import Settings
from bot.storage import migrate
from bot.storage.database import connect
from bot.storage.store import SqlStore
from routing.assignment import offer
from routing.decide import decide
from routing.model import Assigned, Author, Post, ReplyMode, Situation
from tests.fakes import FakeSource
from tests.memory_store import MemoryStore
from tests.office import ANNA, CEM, MAYA, MINUTE, NOW, Office, about_roaming, reader, roster
from tests.x_server import TOKEN, XServer

ROOT = Path(__file__).parents[1]
READING = ("get_", "search_")


def sources() -> Iterator[Path]:
    yield from (ROOT / "bot" / "sources").glob("*.py")


@pytest.mark.parametrize("source", [jsonl.JsonLines, x.X], ids=lambda source: source.__name__)
def test_a_source_has_no_method_that_writes(source: type) -> None:
    assert [name for name in vars(source) if not name.startswith("_")] == ["fetch"]


def test_the_x_source_only_ever_gets() -> None:
    with XServer() as server:
        source = x.open_source(
            Settings(mentions_of="KestrelHelp", search="kestrel"),
            {"X_BEARER_TOKEN": TOKEN, "X_API_URL": server.url},
        )
        server.add_user("KestrelHelp")
        # The server knows GET alone; whatever writes would be refused, and the source complain.
        page = source.fetch(None)
        assert server.requests
        assert page.problems == ()


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: path.name)
def test_no_source_calls_anything_that_publishes(path: Path) -> None:
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    of_tweepy = {name for name in called if hasattr(tweepy.Client, name)}
    assert not {name for name in of_tweepy if not name.startswith(("__", *READING))}
    assert not called & {"post", "put", "patch"}


def card() -> tuple[Card, Assigned]:
    post = about_roaming()
    decision = decide(post, reader().read_one(post), roster(), Situation(), NOW)
    assert isinstance(decision, Assigned)
    assignment = offer(post.key, 1, decision.expert, decision.topic, NOW, timedelta(hours=1))
    return expert_card(post, decision, assignment, roster(), NOW), decision


def test_a_person_sends_in_the_platforms_own_composer() -> None:
    shown, decision = card()
    link = composer_link(about_roaming(), decision.guidance)
    assert link in shown.links
    assert link is not None
    assert link.url.startswith("https://x.com/intent/tweet?in_reply_to=1")
    assert decision.guidance.reply_mode is ReplyMode.OWN_ACCOUNT
    assert not [button for button in shown.buttons if "send" in button.label.lower()]


def test_what_colleagues_say_stays_and_the_card_says_so() -> None:
    manifest = YAML(typ="safe", pure=True).load((ROOT / "slack-manifest.yaml").read_text())
    assert "event_subscriptions" not in manifest["settings"]
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == {
        "chat:write",
        "commands",
        "im:write",
        "im:history",
        "channels:history",
        "groups:history",
    }
    reading = [
        path.name
        for path in (ROOT / "bot" / "slack").glob("*.py")
        if "conversations_history" in path.read_text()
    ]
    assert reading == ["messenger.py"], "it looks for its own cards, and nowhere else"
    assert "stays in the company" in card()[0].footer


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    sql = SqlStore(connect(request.getfixturevalue(name)))
    migrate.upgrade(sql.engine)
    yield sql
    sql.close()


def label_all_there_is_to_label(office: Office, platform: str) -> list[str]:
    """Have people do with three posts whatever says a topic; return the keys."""
    answered, moved, dismissed = (f"{platform}:{n}" for n in (1, 2, 3))
    office.actions.perform(Action.RESOLVE, f"{answered}/1", ANNA, NOW)
    office.actions.reassign(f"{moved}/0", "cem", "it is about her bill", MAYA, NOW)
    office.actions.perform(Action.RESOLVE, f"{moved}/1", CEM, NOW)
    office.actions.perform(Action.DISMISS, f"{dismissed}/0", MAYA, NOW)
    return [answered, moved, dismissed]


def three_posts(platform: str, url: str) -> list[Post]:
    texts = ("@KestrelHelp why is roaming so dear?", "Kestrel zzyzx qwrt?", "Kestrel qwrt zzyzx?")
    author = Author("sue")
    return [Post(platform, str(n), said, author, url) for n, said in enumerate(texts, start=1)]


@pytest.mark.parametrize(
    ("platform", "url", "trains"),
    [
        ("x", "https://x.com/sue/status/1", False),
        ("X", "", False),
        ("twitter", "", False),
        ("export", "https://twitter.com/sue/status/1", False),
        ("forum", "https://forum.example/1", True),
    ],
)
def test_no_model_is_trained_on_what_was_said_on_x(
    store: Store, platform: str, url: str, trains: bool
) -> None:
    office = Office(store=store)
    # Not even from a source that would let models be trained on everything it has.
    watched = Watched("all", FakeSource(*three_posts(platform, url)), MINUTE, may_train=True)
    office.pipeline.ingest(watched, NOW)
    office.receive()
    keys = label_all_there_is_to_label(office, platform)
    with store.transaction() as tx:
        evidence, training = tx.examples(), tx.training_examples()
        tx.use_examples(evidence, NOW)
        in_use = [e.label.post_key for e in tx.examples() if e.learned_at]
    assert [(e.label.post_key, e.label.topic, e.label.by) for e in evidence] == [
        (keys[0], "roaming", "anna"),
        (keys[1], "billing", "maya"),
        (keys[2], "", "maya"),
    ]
    assert {e.source for e in evidence} == {"all"}
    assert [e.label.post_key for e in training] == in_use == (keys if trains else [])
