"""The fake Slack refuses what Slack refuses: a fake that takes everything would prove nothing."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack.render import render_form
from tests.card_samples import form
from tests.slack_rules import message_problems
from tests.slack_server import SlackServer, rate_limited, refused

PLAIN = {"type": "plain_text", "text": "Hello"}


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as server:
        server.add_user("U0ADA")
        server.add_channel("C0DESK")
        server.add_channel("C0OLD", "archived")
        server.add_channel("C0ELSE", "not_joined")
        yield server


@pytest.fixture
def slack(server: SlackServer) -> WebClient:
    return WebClient(server.bot_token, server.url, retry_handlers=[])


def code(caught: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(caught.value.response["error"])


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "header", "text": PLAIN | {"text": "x" * 151}}],
        [{"type": "header", "text": PLAIN | {"text": " "}}],
        [{"type": "section", "text": PLAIN | {"text": "x" * 3001}}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": "<!channel>"}}],
        [{"type": "context", "elements": [PLAIN] * 11}],
        [{"type": "actions", "elements": []}],
        [
            {
                "type": "actions",
                "elements": [{"type": "button", "action_id": "a", "text": PLAIN}] * 2,
            }
        ],
        [
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "action_id": "a", "text": PLAIN, "url": "javascript:x"}
                ],
            }
        ],
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}],
        [{"type": "divider"}] * 51,
        [{"type": "something"}],
    ],
)
def test_bad_blocks_are_refused(slack: WebClient, blocks: list[dict[str, Any]]) -> None:
    with pytest.raises(SlackApiError) as caught:
        slack.chat_postMessage(channel="C0DESK", text="Hello", blocks=blocks)
    assert code(caught) == "invalid_blocks"
    assert caught.value.response["response_metadata"]["messages"]


def test_a_message_that_is_too_long_as_a_whole_is_refused() -> None:
    block = {"type": "section", "text": PLAIN | {"text": "x" * 2900}}
    assert message_problems("Hello", [block] * 4) == []
    assert message_problems("Hello", [block] * 5) == ["msg_blocks_too_long"]


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0NONE", "channel_not_found"),
        ("C0OLD", "is_archived"),
        ("C0ELSE", "not_in_channel"),
    ],
)
def test_channels_are_checked(slack: WebClient, channel: str, error: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        slack.chat_postMessage(channel=channel, text="Hello")
    assert code(caught) == error


@pytest.mark.parametrize(("token", "error"), [("xoxb-wrong", "invalid_auth"), ("", "not_authed")])
def test_tokens_are_checked(server: SlackServer, token: str, error: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        WebClient(token, server.url, retry_handlers=[]).auth_test()
    assert code(caught) == error


def test_triggers_are_checked(server: SlackServer, slack: WebClient) -> None:
    view = render_form(form())
    trigger = server.trigger("U0ADA")
    slack.views_open(trigger_id=trigger, view=view)
    late = server.trigger("U0ADA")
    server.age_triggers(3.1)
    for used, error in (
        (trigger, "exchanged_trigger_id"),
        (late, "expired_trigger_id"),
        ("made-up", "invalid_trigger_id"),
    ):
        with pytest.raises(SlackApiError) as caught:
            slack.views_open(trigger_id=used, view=view)
        assert code(caught) == error


def test_failures_come_in_order_and_end(server: SlackServer, slack: WebClient) -> None:
    server.fail("chat.postMessage", rate_limited(3), refused("is_archived"))
    with pytest.raises(SlackApiError) as first:
        slack.chat_postMessage(channel="C0DESK", text="Hello")
    with pytest.raises(SlackApiError) as second:
        slack.chat_postMessage(channel="C0DESK", text="Hello")
    slack.chat_postMessage(channel="C0DESK", text="Hello")
    assert first.value.response.status_code == 429
    assert first.value.response.headers["Retry-After"] == "3"
    assert (code(first), code(second)) == ("ratelimited", "is_archived")
    assert len(server.posted) == 1


def test_many_messages_are_kept_in_order_with_their_times(
    server: SlackServer, slack: WebClient
) -> None:
    started = time.monotonic()
    for number in range(500):
        slack.chat_postMessage(channel="C0DESK", text=f"Message {number}")
    kept = server.messages("C0DESK")
    assert [message.text for message in kept] == [f"Message {number}" for number in range(500)]
    times = [message.at for message in kept]
    assert times == sorted(times)
    assert times[0] > started
    assert len({message.ts for message in kept}) == 500


def test_a_stopped_server_starts_again_where_it_was(server: SlackServer, slack: WebClient) -> None:
    slack.chat_postMessage(channel="C0DESK", text="Before")
    server.stop()
    server.start()
    slack.chat_postMessage(channel="C0DESK", text="After")
    assert [message.text for message in server.messages("C0DESK")] == ["Before", "After"]
