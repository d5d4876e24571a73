"""What Slack's answers mean for a delivery, over the real SDK."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports import Address, Delivery, DeliveryError, Receipt, SettingsError
from bot.slack.messenger import SlackMessenger
from tests.card_samples import cards
from tests.slack_server import (
    Failure,
    SlackServer,
    broken,
    dropped,
    hanging,
    rate_limited,
    refused,
)

ADA = Address("slack", "U0ADA")
DESK = Address("slack", "C0DESK")


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as server:
        server.add_user("U0ADA")
        server.add_channel("C0DESK")
        yield server


@pytest.fixture
def messenger(server: SlackServer) -> SlackMessenger:
    return SlackMessenger(server.bot_token, server.url)


def delivery(to: Address = ADA, name: str = "x:1/1") -> Delivery:
    return Delivery(name, "x:1", 1, to, cards()["expert, offered"])


def error_of(messenger: SlackMessenger, to: Address = ADA) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        messenger.send(delivery(to))
    return caught.value


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("conversations.open", "user_disabled"),
        ("conversations.open", "user_not_found"),
        ("conversations.open", "users_not_found"),
        ("conversations.open", "cannot_dm_bot"),
        ("chat.postMessage", "channel_not_found"),
        ("chat.postMessage", "is_archived"),
        ("chat.postMessage", "not_in_channel"),
        ("chat.postMessage", "restricted_action"),
    ],
)
def test_unreachable_addresses_are_permanent(
    server: SlackServer, messenger: SlackMessenger, method: str, code: str
) -> None:
    server.fail(method, refused(code))
    error = error_of(messenger)
    assert error.permanent
    assert f"({code})." in str(error)
    assert "U0ADA" in str(error)


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
def test_a_card_that_slack_refuses_is_our_mistake(
    server: SlackServer, messenger: SlackMessenger, code: str
) -> None:
    detail = {"messages": ["[ERROR] must be less than 151 characters"]}
    server.fail("chat.postMessage", refused(code, response_metadata=detail))
    error = error_of(messenger)
    assert error.permanent
    assert "mistake in Direct Dial" in str(error)
    assert "151" in str(error)


@pytest.mark.parametrize(
    "code", ["invalid_auth", "not_authed", "account_inactive", "token_revoked", "missing_scope"]
)
def test_a_refused_token_is_nobodys_address(
    server: SlackServer, messenger: SlackMessenger, code: str
) -> None:
    server.fail("chat.postMessage", refused(code, needed="chat:write"))
    error = error_of(messenger)
    assert not error.permanent
    assert error.retry_after == timedelta(seconds=60)
    assert ("chat:write" if code == "missing_scope" else "SLACK_BOT_TOKEN") in str(error)


@pytest.mark.parametrize(("said", "wait"), [(17, 17), (None, 30)])
def test_too_many_calls_wait_as_long_as_slack_says(
    server: SlackServer, messenger: SlackMessenger, said: int | None, wait: int
) -> None:
    server.fail("chat.postMessage", replace(rate_limited(0), retry_after=said))
    error = error_of(messenger)
    assert (error.permanent, error.retry_after) == (False, timedelta(seconds=wait))
    assert len(server.called("chat.postMessage")) == 1


@pytest.mark.parametrize(
    "failure",
    [
        broken(500),
        broken(502),
        broken(200),
        refused("internal_error"),
        refused("something_new"),
        Failure(status=503, error="service_unavailable"),
        dropped(processed=False),
        dropped(processed=True),
    ],
)
def test_trouble_on_the_way_passes(
    server: SlackServer, messenger: SlackMessenger, failure: Failure
) -> None:
    server.fail("chat.postMessage", failure)
    error = error_of(messenger)
    assert not error.permanent
    assert error.retry_after is None
    assert "\n" not in str(error)
    assert str(error).endswith(".")
    assert len(server.called("chat.postMessage")) == 1, "the SDK tried again by itself"


def test_one_operation_ends_in_time_however_many_calls_it_makes(server: SlackServer) -> None:
    messenger = SlackMessenger(server.bot_token, server.url, timeout=0.4)
    server.fail("chat.postMessage", hanging(processed=True))
    started = time.monotonic()
    error = error_of(messenger)
    assert time.monotonic() - started < 1
    assert (error.permanent, str(error)) == (False, "Slack can't be reached: it takes too long.")
    assert messenger.find(delivery()) is not None
    assert len(server.messages("U0ADA")) == 1


def test_nobody_listening(server: SlackServer, messenger: SlackMessenger) -> None:
    server.stop()
    error = error_of(messenger)
    assert not error.permanent
    assert str(error).startswith("Slack can't be reached: ")


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_an_update_that_can_never_work(
    server: SlackServer, messenger: SlackMessenger, code: str
) -> None:
    receipt = messenger.send(delivery())
    server.fail("chat.update", refused(code))
    with pytest.raises(DeliveryError, match=code) as caught:
        messenger.update(replace(delivery(), receipt=receipt))
    assert caught.value.permanent


def test_what_is_sent(server: SlackServer, messenger: SlackMessenger) -> None:
    receipt = messenger.send(delivery())
    sent = server.called("chat.postMessage")[0].arguments
    assert receipt == Receipt("D0ADA", server.messages("U0ADA")[0].ts)
    assert sent["channel"] == "D0ADA"
    assert sent["metadata"] == {
        "event_type": "direct_dial_delivery",
        "event_payload": {"delivery_id": "x:1/1"},
    }
    quiet = {name: sent[name] for name in ("unfurl_links", "unfurl_media", "mrkdwn", "parse")}
    assert quiet == {
        "unfurl_links": False,
        "unfurl_media": False,
        "mrkdwn": False,
        "parse": "none",
    }


def test_the_conversation_with_a_person_is_opened_once(
    server: SlackServer, messenger: SlackMessenger
) -> None:
    for number in range(3):
        messenger.send(delivery(name=f"x:{number}/1"))
    messenger.send(delivery(DESK))
    assert len(server.called("conversations.open")) == 1


def test_a_delivery_is_found_pages_back(server: SlackServer, messenger: SlackMessenger) -> None:
    wanted = messenger.send(delivery(DESK))
    for number in range(450):
        messenger.send(delivery(DESK, f"x:{number}/9"))
    assert messenger.find(delivery(DESK)) == wanted
    assert len(server.called("conversations.history")) == 3
    assert messenger.find(delivery(DESK, "x:nowhere/1")) is None


def test_nothing_older_than_a_week_is_looked_through(
    server: SlackServer, messenger: SlackMessenger
) -> None:
    messenger.send(delivery(DESK))
    old = server.messages("C0DESK")[0]
    old.ts = f"{float(old.ts) - 8 * 86_400:.6f}"
    messenger.send(delivery(DESK, "x:2/1"))
    assert messenger.find(delivery(DESK)) is None
    assert messenger.find(delivery(DESK, "x:2/1")) is not None


def test_a_failed_look_is_an_error_and_no_answer(
    server: SlackServer, messenger: SlackMessenger
) -> None:
    server.fail("conversations.history", broken(500), refused("not_in_channel"))
    with pytest.raises(DeliveryError) as passing:
        messenger.find(delivery(DESK))
    with pytest.raises(DeliveryError) as lasting:
        messenger.find(delivery(DESK))
    assert (passing.value.permanent, lasting.value.permanent) == (False, True)


def test_check_says_who_we_are(messenger: SlackMessenger) -> None:
    assert messenger.check() == "direct-dial in Kestrel"


@pytest.mark.parametrize(
    "code", ["invalid_auth", "not_authed", "account_inactive", "token_revoked", "strange_thing"]
)
def test_check_says_what_is_wrong_with_the_token(
    server: SlackServer, messenger: SlackMessenger, code: str
) -> None:
    server.fail("auth.test", refused(code))
    with pytest.raises(SettingsError) as caught:
        messenger.check()
    said = str(caught.value)
    assert ("SLACK_BOT_TOKEN" in said) == (code != "strange_thing")
    assert said.endswith(".")
    assert "\n" not in said


def test_check_says_which_scopes_are_lacking(
    server: SlackServer, messenger: SlackMessenger
) -> None:
    server.scopes = "chat:write,commands"
    with pytest.raises(SettingsError, match="lacks the scopes im:history, im:write"):
        messenger.check()


def test_check_says_that_slack_is_away(server: SlackServer, messenger: SlackMessenger) -> None:
    server.stop()
    with pytest.raises(SettingsError, match="can't be reached at http://127"):
        messenger.check()


def test_an_address_that_is_none() -> None:
    with pytest.raises(SettingsError, match="file:///etc/passwd"):
        SlackMessenger("xoxb-test", "file:///etc/passwd")
