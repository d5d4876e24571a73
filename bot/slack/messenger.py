"""Shows cards in Slack, and translates everything Slack may answer into a DeliveryError."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPException
from time import monotonic
from typing import Any, NamedTuple

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.cards import short
from bot.ports import Address, Delivery, DeliveryError, Receipt, SettingsError
from bot.slack.render import render

SLACK_API = "https://slack.com/api/"
TIMEOUT = 3.5
"""Seconds for one send, update or look, however many calls it takes: a worker that is told to stop
has 5 seconds, and finishes the delivery in hand."""
METADATA_EVENT = "direct_dial_delivery"
HISTORY_PAGE = 200
"""Slack recommends no more than 200: docs.slack.dev/reference/methods/conversations.history"""
HISTORY_PAGES = 10
LOOK_BACK = timedelta(days=7)
"""How far behind the newest message a delivery is looked for."""
RETRY_AFTER = timedelta(seconds=30)
"""When Slack says that there were too many calls, but not for how long to wait."""
RETRY_AFTER_REFUSED_TOKEN = timedelta(seconds=60)

SCOPES = frozenset({"chat:write", "commands", "im:write", "im:history"})
"""What the app can't do without; slack-manifest.yaml asks for these and says why."""

# https://docs.slack.dev/reference/methods/chat.postMessage#errors, …/chat.update#errors,
# …/conversations.open#errors, …/conversations.history#errors
_UNREACHABLE = {
    "cannot_dm_bot": "{address} is a bot in Slack, and bots can't be written to",
    "cant_update_message": "Slack doesn't let the app change its message at {address}",
    "channel_is_limited_access": "The app may not write in the Slack channel {address}",
    "channel_not_found": "Slack knows no channel {address}, or the app isn't in it",
    "edit_window_closed": "Slack doesn't let the message at {address} be changed any more",
    "is_archived": "The Slack channel {address} is archived",
    "message_not_found": "The message at {address} is gone from Slack",
    "not_in_channel": "The app isn't in the Slack channel {address}; invite it there",
    "posting_to_channel_denied": "The app may not write in the Slack channel {address}",
    "restricted_action": "The workspace doesn't let the app write at {address}",
    "restricted_action_read_only_channel": "The Slack channel {address} is read-only",
    "user_disabled": "The Slack member {address} is deactivated",
    "user_not_found": "Slack knows no member {address}",
    "user_not_visible": "The Slack member {address} can't be seen by the app",
    "users_not_found": "Slack knows no member {address}",
}
_REFUSED_TOKEN = frozenset(
    {
        "access_denied",
        "account_inactive",
        "ekm_access_denied",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "token_expired",
        "token_revoked",
    }
)
_OUR_MISTAKE = frozenset(
    {
        "invalid_arguments",
        "invalid_array_arg",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_form_data",
        "invalid_json",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "json_not_object",
        "metadata_must_be_sent_from_app",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
    }
)
_TOO_MANY = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})


class _Operation(NamedTuple):
    """One send, update or look: the calls it makes share the time there is."""

    token: str
    base_url: str
    ends: float
    logger: logging.Logger

    @property
    def slack(self) -> WebClient:
        """A client for the next call. It never tries again by itself, which could send twice."""
        left = self.ends - monotonic()
        if left <= 0:
            raise TimeoutError("it takes too long")
        return WebClient(
            token=self.token,
            base_url=self.base_url,
            timeout=left,  # type: ignore[arg-type]  # goes to urllib, which takes a float
            retry_handlers=[],
            logger=self.logger,
        )


class SlackMessenger:
    """A Messenger for Slack: people by member id (U…, W…), channels by channel id (C…, G…).

    Each message carries its delivery's id as metadata, so that a send with an unclear outcome can
    be looked up in the conversation before it is tried again.
    """

    def __init__(self, token: str, base_url: str = SLACK_API, timeout: float = TIMEOUT) -> None:
        if not base_url.startswith(("https://", "http://")):
            raise SettingsError(f"The address of Slack's API, “{base_url}”, is not a web address.")
        self._token = token
        self._base_url = base_url
        self._timeout = timeout
        self._direct: dict[str, str] = {}
        # The SDK logs each failed call as an error of its own; here each becomes an exception.
        self._logger = logging.getLogger(f"{__name__}.client")
        self._logger.setLevel(logging.CRITICAL)

    def send(self, delivery: Delivery) -> Receipt:
        """Post the card; raises DeliveryError."""
        with _translated(delivery.address):
            operation = self._begin()
            channel = self._channel(operation, delivery.address)
            posted = operation.slack.chat_postMessage(
                channel=channel, unfurl_links=False, unfurl_media=False, **_content(delivery)
            )
            return Receipt(str(posted["channel"]), str(posted["ts"]))

    def update(self, delivery: Delivery) -> None:
        """Show the card in place of an earlier one; raises DeliveryError."""
        if delivery.receipt is None:
            raise DeliveryError("Nothing was sent yet that could be changed.", permanent=True)
        with _translated(delivery.address):
            self._begin().slack.chat_update(
                channel=delivery.receipt.channel,
                ts=delivery.receipt.message,
                link_names=False,
                **_content(delivery),
            )

    def find(self, delivery: Delivery) -> Receipt | None:
        """Look through the conversation's latest messages for the delivery; raises DeliveryError.

        Some 2,000 messages, and no more than seven days back from the newest.
        """
        with _translated(delivery.address):
            operation = self._begin()
            channel = self._channel(operation, delivery.address)
            cursor, newest = "", 0.0
            for _ in range(HISTORY_PAGES):
                page = operation.slack.conversations_history(
                    channel=channel,
                    cursor=cursor or None,
                    include_all_metadata=True,
                    limit=HISTORY_PAGE,
                )
                messages: list[dict[str, Any]] = page.get("messages") or []
                for message in messages:
                    newest = newest or float(message["ts"])
                    if newest - float(message["ts"]) > LOOK_BACK.total_seconds():
                        return None
                    if _delivery_id(message) == delivery.id:
                        return Receipt(channel, str(message["ts"]))
                cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
                if not cursor:
                    return None
            return None

    def check(self) -> str:
        """Return who we are in Slack; raises SettingsError saying what is wrong with the token."""
        try:
            answer = self._begin().slack.auth_test()
        except SlackApiError as error:
            raise SettingsError(_what_is_wrong(error.response)) from error
        except (OSError, HTTPException, SlackClientError, ValueError) as error:
            raise SettingsError(
                f"Slack can't be reached at {self._base_url}: {_reason(error)}. "
                "Check the network and SLACK_API_URL, and start again."
            ) from error
        granted = _header(answer.headers, "x-oauth-scopes")
        lacking = SCOPES - {scope.strip() for scope in granted.split(",")}
        if granted and lacking:
            raise SettingsError(
                f"The Slack app lacks the scopes {', '.join(sorted(lacking))}: update it from "
                "slack-manifest.yaml and install it in the workspace again."
            )
        return f"{answer.get('user', 'the app')} in {answer.get('team', 'Slack')}"

    def _begin(self) -> _Operation:
        ends = monotonic() + self._timeout
        return _Operation(self._token, self._base_url, ends, self._logger)

    def _channel(self, operation: _Operation, address: Address) -> str:
        """Return the channel behind an address; for a member, the conversation with the app."""
        if address.id[:1] not in {"U", "W"}:
            return address.id
        if address.id not in self._direct:
            opened = operation.slack.conversations_open(users=address.id)
            self._direct[address.id] = str(opened["channel"]["id"])
        return self._direct[address.id]


def _content(delivery: Delivery) -> dict[str, Any]:
    """Return what posting and changing have in common.

    `mrkdwn` and `parse` keep Slack from finding markup, names and links in the notification text;
    without `parse`, chat.update would (docs.slack.dev/reference/methods/chat.update).
    """
    text, blocks = render(delivery.card)
    return {
        "text": text,
        "blocks": blocks,
        "mrkdwn": False,
        "parse": "none",
        "metadata": {
            "event_type": METADATA_EVENT,
            "event_payload": {"delivery_id": delivery.id},
        },
    }


def _delivery_id(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA_EVENT:
        return ""
    return str((metadata.get("event_payload") or {}).get("delivery_id", ""))


@contextmanager
def _translated(address: Address) -> Iterator[None]:
    try:
        yield
    except SlackApiError as error:
        raise _refusal(error.response, address) from error
    except (OSError, HTTPException, SlackClientError, ValueError) as error:
        raise DeliveryError(
            f"Slack can't be reached: {_reason(error)}.", permanent=False
        ) from error


def _refusal(response: Any, address: Address) -> DeliveryError:
    code = str(response.get("error") or "an unknown error")
    if response.status_code == 429 or code in _TOO_MANY:
        wait = _header(response.headers, "retry-after")
        after = timedelta(seconds=int(wait)) if wait.isdecimal() else RETRY_AFTER
        return DeliveryError(
            "Slack asks us to send more slowly.", permanent=False, retry_after=after
        )
    if response.status_code >= 500:
        return DeliveryError(
            f"Slack has trouble of its own (HTTP {response.status_code}).", permanent=False
        )
    if code in _REFUSED_TOKEN:
        # Not the address's fault: nobody else could be reached either.
        return DeliveryError(
            _what_is_wrong(response), permanent=False, retry_after=RETRY_AFTER_REFUSED_TOKEN
        )
    if code in _UNREACHABLE:
        said = _UNREACHABLE[code].format(address=address.id)
        return DeliveryError(f"{said} ({code}).", permanent=True)
    if code in _OUR_MISTAKE:
        detail = "; ".join((response.get("response_metadata") or {}).get("messages") or [])
        why = f"{code}: {short(detail, 200)}" if detail else code
        return DeliveryError(
            f"Slack doesn't take the card, which is a mistake in Direct Dial ({why}).",
            permanent=True,
        )
    return DeliveryError(f"Slack answers “{short(code, 100)}”.", permanent=False)


def _what_is_wrong(response: Any) -> str:
    """Return a sentence about a refused token, for whoever set it."""
    code = str(response.get("error") or "an unknown error")
    if code == "missing_scope":
        return (
            f"The Slack app lacks the scope {response.get('needed') or '?'}: update it from "
            "slack-manifest.yaml and install it in the workspace again."
        )
    if code == "not_authed":
        return "SLACK_BOT_TOKEN is empty: copy the Bot User OAuth Token (xoxb-…) of the Slack app."
    if code in {"account_inactive", "token_revoked", "token_expired"}:
        return (
            f"SLACK_BOT_TOKEN doesn't work any more ({code}): install the Slack app in the "
            "workspace again and copy its new Bot User OAuth Token."
        )
    if code in _REFUSED_TOKEN:
        return (
            f"Slack refuses SLACK_BOT_TOKEN ({code}): copy the Bot User OAuth Token (xoxb-…) of "
            "the Slack app."
        )
    return f"Slack can't say who we are: it answers “{short(code, 100)}”."


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
        return "it takes too long"
    said = short(str(getattr(error, "reason", "") or error or type(error).__name__), 150)
    return said.rstrip(".")
