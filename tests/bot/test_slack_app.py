"""Pressing, typing and filling in, over both of Slack's entrances and the real slack-bolt."""

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest
import requests
from aiohttp import web
from ruamel.yaml import YAML

from bot.actions import Outcome
from bot.cards import Action, Button, Card, Form, Link
from bot.ports import Address, Delivery, SettingsError
from bot.slack.app import PATH, build_app, http_handler, start_socket_mode
from bot.slack.handlers import COMMAND, HANDLERS, TOO_SLOW, WENT_WRONG
from bot.slack.messenger import SCOPES, SlackMessenger
from routing.company import Expert
from tests.card_samples import NOW, ROSTER, cards, form
from tests.slack_server import (
    Entrance,
    HttpEntrance,
    LoopThread,
    Member,
    Message,
    SlackServer,
    SocketEntrance,
    refused,
)

ROOT = Path(__file__).parents[2]
POST = "x:1992837465102938475"


@dataclass
class FakeActions:
    """What people may do with one post that Ada has: the rules of bot.actions, in memory.

    Ada may do everything once, Mona is a manager and may reassign, nobody else may do anything.
    `slow` is how long each takes; `broken` has each fail.
    """

    slow: float = 0
    broken: bool = False
    done: list[tuple[str, str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def perform(self, action: Action, value: str, by: Address, now: datetime) -> Outcome:
        self._take_time(now)
        if by.id != "U0ADA":
            return Outcome("refused", "It is Ada Lindqvist's. <!channel>", POST)
        with self._lock:
            if (action, value, by.id) in self.done:
                return Outcome("already", "That is done already; nothing changed.", POST)
            self.done.append((action, value, by.id))
        return Outcome("done", "It is yours.", POST)

    def reassign_form(self, value: str, by: Address, now: datetime) -> Form | Outcome:
        self._take_time(now)
        if by.id != "U0MONA":
            return Outcome("refused", "Only community managers can do this.", POST)
        return form()

    def reassign(self, value: str, expert: str, reason: str, by: Address, now: datetime) -> Outcome:
        self._take_time(now)
        if expert == "cem":
            return Outcome("refused", "Cem Aydın is away until Monday.", POST)
        self.done.append((expert, reason, by.id))
        return Outcome("done", "Bo has it now.", POST)

    def expert_choices(self, value: str, typed: str, by: Address, limit: int) -> list[Expert]:
        assert (value, by.surface) == (f"{POST}/0", "slack")
        return [e for e in ROSTER.experts if typed.lower() in e.name.lower()][:limit]

    def lookup(self, query: str, now: datetime) -> Card:
        self._take_time(now)
        self.asked.append(query)
        return cards()["lookup"]

    def _take_time(self, now: datetime) -> None:
        assert now == NOW
        time.sleep(self.slow)
        if self.broken:
            raise RuntimeError("the database is on fire")


@dataclass
class Office:
    """A workspace with people in it, and the bot behind one of the entrances."""

    server: SlackServer
    entrance: Entrance
    actions: FakeActions
    shown: list[str]
    ada: Member
    bo: Member
    mona: Member

    def card(self, to: str = "U0ADA", card: Card | None = None) -> Message:
        """Have a card sent, and return it as it lies there."""
        address = Address("slack", to)
        sent = Delivery(f"{POST}/1", POST, 1, address, card or cards()["expert, offered"])
        SlackMessenger(self.server.bot_token, self.server.url).send(sent)
        return self.server.messages(to)[-1]

    def told(self, member: Member) -> Message:
        """Wait for what only this member is told."""
        self.server.wait(lambda: self.server.ephemeral(member.id))
        return self.server.ephemeral(member.id)[-1]

    def wait(self, condition: object) -> None:
        """Wait until a function returns something."""
        deadline = time.monotonic() + 5
        while not condition():  # type: ignore[operator]
            assert time.monotonic() < deadline, "it didn't happen"
            time.sleep(0.01)


@contextmanager
def bot_behind(
    entrance: str, server: SlackServer, actions: FakeActions, shown: list[str], secret: str
) -> Iterator[Entrance]:
    thread = LoopThread()
    app = build_app(
        bot_token=server.bot_token,
        signing_secret=secret,
        base_url=server.url,
        actions=actions,
        now=lambda: NOW,
        push=shown.append,
    )
    if entrance == "socket":
        connection = thread.run(start_socket_mode(app, server.app_token, server.url))
        yield SocketEntrance(server)
        thread.run(connection.close_async())
    else:
        site = web.Application()
        site.router.add_post(PATH, http_handler(app))
        runner = web.AppRunner(site, access_log=None)
        thread.run(listen(runner))
        yield HttpEntrance(server, f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}")
        thread.run(runner.cleanup())
    thread.stop()


async def listen(runner: web.AppRunner) -> None:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()


@contextmanager
def open_office(entrance: str, secret: str | None = None) -> Iterator[Office]:
    with SlackServer() as server:
        ada, bo, mona = (server.add_user(f"U0{name}") for name in ("ADA", "BO", "MONA"))
        server.add_channel("C0DESK")
        server.add_channel("C0ANY")
        actions, shown = FakeActions(), list[str]()
        secret = server.signing_secret if secret is None else secret
        secret = "" if entrance == "socket" else secret
        with bot_behind(entrance, server, actions, shown, secret) as door:
            yield Office(server, door, actions, shown, ada, bo, mona)


@pytest.fixture(params=["http", "socket"])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    with open_office(request.param) as office:
        yield office


@pytest.fixture
def http_office() -> Iterator[Office]:
    with open_office("http") as office:
        yield office


@pytest.fixture
def socket_office() -> Iterator[Office]:
    with open_office("socket") as office:
        yield office


def at_the_door(office: Office, **changes: object) -> HttpEntrance:
    """The entrance over HTTP, with something wrong about it."""
    assert isinstance(office.entrance, HttpEntrance)
    return HttpEntrance(office.server, office.entrance.url, **changes)  # type: ignore[arg-type]


# ---- buttons


def test_every_action_is_handled() -> None:
    assert set(HANDLERS) == set(Action)


def test_every_button_arrives(office: Office) -> None:
    buttons = tuple(Button(action, action.title(), f"{POST}/1") for action in Action)
    card = office.card(card=Card("t", "s", buttons=buttons))
    performed = [action for action in Action if action is not Action.REASSIGN]
    for action in performed:
        assert office.ada.press(office.entrance, card, action.title()).status == 200
    office.mona.press(office.entrance, card, "Reassign")
    office.wait(lambda: len(office.actions.done) == len(performed))
    assert sorted(office.actions.done) == sorted((a, f"{POST}/1", "U0ADA") for a in performed)
    office.server.wait(lambda: office.server.view_of("U0MONA"))


def test_the_second_of_two_equal_buttons_arrives(office: Office) -> None:
    buttons = (Button(Action.ACCEPT, "One", "x:1/1"), Button(Action.ACCEPT, "Two", "x:1/2"))
    card = office.card(card=Card("t", "s", buttons=buttons))
    office.ada.press(office.entrance, card, "Two")
    office.wait(lambda: office.actions.done)
    assert office.actions.done == [(Action.ACCEPT, "x:1/2", "U0ADA")]


def test_when_it_is_done_the_card_is_the_feedback(office: Office) -> None:
    answer = office.ada.press(office.entrance, office.card(), "Take it")
    assert (answer.status, answer.body) == (200, {})
    office.wait(lambda: office.shown)
    assert office.shown == [POST]
    assert office.server.ephemeral("U0ADA") == []
    assert len(office.server.messages("U0ADA")) == 1


def test_who_is_refused_is_told_alone_and_the_card_stays(office: Office) -> None:
    card = office.card("C0DESK")
    before = card.words
    office.bo.press(office.entrance, card, "Take it")
    told = office.told(office.bo)
    assert told.words == "It is Ada Lindqvist's. <!channel>"
    assert told.text == "It is Ada Lindqvist's. &lt;!channel&gt;"
    assert office.server.ephemeral("U0ADA") == []
    assert [message.words for message in office.server.messages("C0DESK")] == [before]
    assert office.shown == []


def test_a_double_click_does_it_once(office: Office) -> None:
    card = office.card()
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda _: office.ada.press(office.entrance, card, "Take it"), range(2))
        )
    assert [answer.status for answer in answers] == [200, 200]
    assert "already" in office.told(office.ada).words
    assert office.actions.done == [(Action.ACCEPT, f"{POST}/1", "U0ADA")]


def test_two_people_press_at_once(office: Office) -> None:
    card = office.card("C0DESK")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda m: m.press(office.entrance, card, "Take it"), (office.ada, office.bo)))
    office.told(office.bo)
    office.wait(lambda: office.shown)
    assert office.actions.done == [(Action.ACCEPT, f"{POST}/1", "U0ADA")]
    assert office.server.ephemeral("U0ADA") == []


def test_slack_is_answered_before_the_work_is_done(office: Office) -> None:
    office.ada.press(office.entrance, office.card(), "Pass")
    office.wait(lambda: office.shown)
    office.actions.slow = 1
    started = time.monotonic()
    assert office.ada.press(office.entrance, office.card(), "Take it").status == 200
    assert time.monotonic() - started < 0.8
    office.wait(lambda: len(office.shown) == 2)


def test_what_fails_is_told_and_logged(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.actions.broken = True
    office.ada.press(office.entrance, office.card(), "Take it")
    assert office.told(office.ada).words == WENT_WRONG
    assert "The Slack button accept failed" in caplog.text
    assert "Zürich" not in caplog.text


def test_opening_a_page_is_acknowledged_and_nothing_else(office: Office) -> None:
    card = office.card(card=Card("t", "s", links=(Link("Open the post", "https://x.com/1"),)))
    assert office.ada.press(office.entrance, card, "Open the post").status == 200
    assert office.actions.done == []
    assert office.server.ephemeral("U0ADA") == []


def test_a_button_of_another_version_is_answered(office: Office) -> None:
    card = office.card()
    pressed = next(b for b in card.buttons if b["text"]["text"] == "Take it")
    pressed["action_id"] = "publish"
    assert office.ada.press(office.entrance, card, "Take it").status == 200
    assert office.actions.done == []


def test_who_we_are_is_asked_once(office: Office) -> None:
    for _ in range(3):
        office.ada.press(office.entrance, office.card(), "Take it")
    assert len(office.server.called("auth.test")) == 1


# ---- the dialogue for reassigning


def test_reassigning(office: Office) -> None:
    card = office.card("C0DESK", cards()["desk, offered"])
    office.mona.press(office.entrance, card, "Reassign")
    view = office.server.wait(lambda: office.server.view_of("U0MONA"))
    assert view.view["private_metadata"] == f"{POST}/0"

    everyone = office.mona.search(office.entrance, "expert", "")
    assert [option["value"] for option in everyone] == ["ada", "bo", "cem"]
    assert everyone[0]["description"]["text"] == "Roaming lead"
    assert [o["value"] for o in office.mona.search(office.entrance, "expert", "tanaka")] == ["bo"]
    assert office.mona.search(office.entrance, "expert", "nobody of this name") == []

    office.mona.submit(office.entrance, reason=" ")
    assert set(view.errors) == {"expert", "reason"}
    office.mona.submit(office.entrance, expert="bo")
    assert set(view.errors) == {"reason"}
    office.mona.submit(office.entrance, expert="cem", reason="He wrote the tariff.")
    assert view.errors == {"expert": "Cem Aydın is away until Monday."}
    assert view.open
    assert office.shown == []

    office.mona.submit(office.entrance, expert="bo", reason=" He wrote the tariff. ")
    assert not view.open
    assert office.actions.done == [("bo", "He wrote the tariff.", "U0MONA")]
    office.wait(lambda: office.shown)
    assert office.shown == [POST]


def test_who_may_not_reassign_is_told(office: Office) -> None:
    card = office.card("C0DESK", cards()["desk, offered"])
    office.bo.press(office.entrance, card, "Reassign")
    assert office.told(office.bo).words == "Only community managers can do this."
    assert office.server.views == []


def test_a_dialogue_that_comes_too_late_is_told(office: Office) -> None:
    office.server.fail("views.open", refused("expired_trigger_id"))
    card = office.card("C0DESK", cards()["desk, offered"])
    office.mona.press(office.entrance, card, "Reassign")
    assert office.told(office.mona).words == TOO_SLOW


def test_a_slow_outcome_closes_the_dialogue_and_is_told_later(office: Office) -> None:
    card = office.card("C0DESK", cards()["desk, offered"])
    office.mona.press(office.entrance, card, "Reassign")
    office.server.wait(lambda: office.server.view_of("U0MONA"))
    office.actions.slow = 2.3
    answer = office.mona.submit(office.entrance, expert="cem", reason="He wrote the tariff.")
    assert (answer.status, answer.body) == (200, {})
    office.server.wait(lambda: office.server.messages("U0MONA"))
    assert office.server.messages("U0MONA")[0].words == "Cem Aydın is away until Monday."


def test_a_dialogue_stays_open_when_reassigning_fails(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    card = office.card("C0DESK", cards()["desk, offered"])
    office.mona.press(office.entrance, card, "Reassign")
    view = office.server.wait(lambda: office.server.view_of("U0MONA"))
    office.actions.broken = True
    office.mona.submit(office.entrance, expert="bo", reason="He wrote the tariff.")
    assert view.errors == {"expert": WENT_WRONG}
    assert "Reassigning from Slack failed" in caplog.text


# ---- /expert


def test_a_lookup_is_answered_to_the_asker_alone(office: Office) -> None:
    office.bo.type_command(office.entrance, "  roaming <charges> ")
    told = office.told(office.bo)
    assert "Ada Lindqvist" in told.words
    assert office.actions.asked == ["roaming <charges>"]
    assert office.server.messages("C0ANY") == []
    assert office.server.ephemeral("U0ADA") == []


@pytest.mark.parametrize("typed", ["", "   ", "help", "HELP"])
def test_without_a_question_there_is_help(http_office: Office, typed: str) -> None:
    http_office.bo.type_command(http_office.entrance, typed)
    assert f"{COMMAND} roaming charges" in http_office.told(http_office.bo).words
    assert http_office.actions.asked == []


def test_a_failed_lookup_is_told(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.actions.broken = True
    office.bo.type_command(office.entrance, "roaming")
    assert office.told(office.bo).words == WENT_WRONG
    assert "/expert failed" in caplog.text


# ---- the entrances


def test_an_event_is_answered_however_often_it_is_repeated(office: Office) -> None:
    assert office.ada.event(office.entrance, "message").status == 200
    for retry in (1, 2, 3):
        assert office.ada.event(office.entrance, "message", retry=retry).status == 200
    assert office.actions.done == []
    assert office.server.posted == []


def test_a_repeated_press_changes_nothing(office: Office) -> None:
    card = office.card()
    office.ada.press(office.entrance, card, "Take it")
    office.wait(lambda: office.shown)
    office.ada.press(office.entrance, card, "Take it", retry=1)
    office.told(office.ada)
    assert len(office.actions.done) == 1


@pytest.mark.parametrize(
    "wrong", [{"secret": "guessed"}, {"seconds_ago": 301}, {"seconds_ago": -301}]
)
def test_a_wrong_signature_or_an_old_one_is_refused(
    http_office: Office, wrong: dict[str, object]
) -> None:
    door = at_the_door(http_office, **wrong)
    card = http_office.card()
    assert http_office.ada.press(door, card, "Take it").status == 401
    assert http_office.ada.type_command(door, "roaming").status == 401
    assert http_office.ada.event(door, "message").status == 401
    time.sleep(0.1)
    assert http_office.actions.done == []
    assert http_office.actions.asked == []


def test_without_a_signing_secret_nothing_is_let_in() -> None:
    """The library takes an empty secret, with which anybody could sign."""
    with open_office("http", secret="") as office:
        office.server.signing_secret = ""
        door = at_the_door(office)
        assert office.ada.press(door, office.card(), "Take it").status == 401
        assert office.actions.done == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b"payload=%7B", "application/x-www-form-urlencoded"),
        (b"payload=[]", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "text/plain"),
        (b"x", "text/plain; charset=nonsense"),
        (b"ssl_check=1", "application/x-www-form-urlencoded"),
    ],
)
def test_rubbish_at_the_door_is_turned_away(
    http_office: Office, body: bytes, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = at_the_door(http_office).url
    answer = requests.post(url, data=body, headers={"Content-Type": kind}, timeout=3)
    assert answer.status_code in {400, 401} or body == b"ssl_check=1"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_slack_may_ask_whether_the_address_is_ours(http_office: Office) -> None:
    body = '{"type": "url_verification", "challenge": "abc"}'
    answer = at_the_door(http_office).send(body, {"Content-Type": "application/json"})
    assert (answer.status, answer.body) == (200, {"challenge": "abc"})


def test_a_connection_that_slack_ends_is_made_again(socket_office: Office) -> None:
    socket_office.server.disconnect_sockets()
    socket_office.wait(lambda: len(socket_office.server.called("apps.connections.open")) == 2)
    socket_office.wait(lambda: socket_office.server.connections == 1)
    socket_office.ada.press(socket_office.entrance, socket_office.card(), "Take it")
    socket_office.wait(lambda: socket_office.shown)


def test_a_refused_app_token_is_a_setting(caplog: pytest.LogCaptureFixture) -> None:
    thread = LoopThread()
    with SlackServer() as server:
        app = build_app(
            bot_token=server.bot_token,
            signing_secret="",
            base_url=server.url,
            actions=FakeActions(),
            now=lambda: NOW,
            push=str,
        )
        with pytest.raises(SettingsError, match="SLACK_APP_TOKEN"):
            thread.run(start_socket_mode(app, "xapp-wrong", server.url))
    thread.stop()


# ---- the manifest


def test_the_manifest_is_one_that_slack_takes() -> None:
    manifest = YAML(typ="safe").load(ROOT / "slack-manifest.yaml")
    assert set(manifest["oauth_config"]["scopes"]["bot"]) >= SCOPES
    assert manifest["features"]["slash_commands"][0]["command"] == COMMAND
    assert manifest["settings"]["interactivity"]["is_enabled"]
    assert "event_subscriptions" not in manifest["settings"], "nobody reads along"
    for line in (ROOT / "slack-manifest.yaml").read_text().splitlines():
        if "https://YOUR-HOST" in line:
            assert line.endswith(PATH)


def test_the_manifest_fits_slacks_schema() -> None:
    schema_file = ROOT.parent / "shared" / "data" / "slack" / "manifest.schema.2.0.0.json"
    if not schema_file.exists():
        pytest.skip("Slack's manifest schema isn't here (../shared/data/slack)")
    schema = YAML(typ="safe").load(schema_file)
    manifest = YAML(typ="safe").load(ROOT / "slack-manifest.yaml")
    problems = jsonschema.Draft7Validator(schema).iter_errors(manifest)
    assert [problem.message for problem in problems] == []
