"""What people press, type and fill in, handed to `actions`. No decision is made here.

Slack wants an answer within three seconds, so each handler acknowledges first and then works in a
thread. The card itself is the feedback; a sentence is only said, to the person alone, when what
they asked for didn't happen.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.actions import Outcome
from bot.cards import Action, Card, Form, Section
from bot.ports import Address
from bot.slack.render import OPTIONS, render, render_form, render_notice, render_options
from routing.company import Expert

COMMAND = "/expert"
ANSWER_WITHIN = 2.0
"""Seconds that a dialogue is kept open for the outcome; Slack gives up after three:
docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response"""
WENT_WRONG = "Something went wrong here. Please look at the card again before you try once more."
TOO_SLOW = "That took too long for Slack to open the dialogue; please press the button again."
HELP = Card(
    title="Who knows about it?",
    summary=f"Type {COMMAND} and what you need somebody for, such as {COMMAND} roaming charges.",
    sections=(
        Section(
            f"Type {COMMAND} and a few words",
            (
                f"{COMMAND} roaming charges",
                f"{COMMAND} my phone was stolen",
                "A topic, a customer's own words or a colleague's name will do.",
            ),
        ),
    ),
    footer="Only you see the answer.",
)
_LATE_TRIGGER = frozenset({"expired_trigger_id", "exchanged_trigger_id", "trigger_expired"})


class Actions(Protocol):
    """What people may do; `bot.actions.Actions` does it."""

    def perform(self, action: Action, value: str, by: Address, now: datetime) -> Outcome:
        """Do what a button asks for."""
        ...

    def reassign_form(self, value: str, by: Address, now: datetime) -> Form | Outcome:
        """Return the dialogue for moving a post, or why there is none."""
        ...

    def reassign(self, value: str, expert: str, reason: str, by: Address, now: datetime) -> Outcome:
        """Move a post to an expert."""
        ...

    def expert_choices(self, value: str, typed: str, by: Address, limit: int) -> list[Expert]:
        """Return experts to choose from."""
        ...

    def lookup(self, query: str, now: datetime) -> Card:
        """Return who knows about a query."""
        ...


class Press(NamedTuple):
    """A button that was pressed."""

    action: Action
    value: str
    by: Address
    trigger: str
    """What Slack wants to see before it opens a dialogue; good for three seconds."""


class Surface:
    """The handlers, joined to what they hand on to."""

    def __init__(
        self,
        actions: Actions,
        now: Callable[[], datetime],
        push: Callable[[str], object],
        logger: logging.Logger,
    ) -> None:
        self.actions = actions
        self.now = now
        self.push = push
        self.logger = logger

    async def acknowledge(self, ack: AsyncAck) -> None:
        """Say that it arrived."""
        await ack()

    async def pressed(
        self,
        body: dict[str, Any],
        action: dict[str, Any],
        client: AsyncWebClient,
        respond: AsyncRespond,
    ) -> None:
        """Do what a button asks for, and tell whoever pressed it when it didn't happen."""
        press = Press(
            Action(action["action_id"].partition(":")[0]),
            action.get("value", ""),
            _who(body["user"]["id"]),
            body.get("trigger_id", ""),
        )
        try:
            outcome = await HANDLERS[press.action](self, press, client)
            if outcome is None:
                return
            if outcome.status != "done":
                await _tell(respond, outcome.message)
            await self.show_changes(outcome)
        except Exception:
            self.logger.exception("The Slack button %s failed", press.action)
            await _tell(respond, WENT_WRONG)

    async def perform(self, press: Press, client: AsyncWebClient) -> Outcome | None:  # noqa: ARG002
        """Hand a press to `actions`."""
        return await asyncio.to_thread(
            self.actions.perform, press.action, press.value, press.by, self.now()
        )

    async def open_form(self, press: Press, client: AsyncWebClient) -> Outcome | None:
        """Open the dialogue for reassigning."""
        form = await asyncio.to_thread(
            self.actions.reassign_form, press.value, press.by, self.now()
        )
        if not isinstance(form, Form):
            return form
        try:
            await client.views_open(trigger_id=press.trigger, view=render_form(form))
        except SlackApiError as error:
            if error.response["error"] not in _LATE_TRIGGER:
                raise
            return Outcome("refused", TOO_SLOW, press.value)
        return None

    async def suggest(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Answer a searchable list with experts; here the acknowledgement is the answer."""
        experts = await asyncio.to_thread(
            self.actions.expert_choices,
            body["view"]["private_metadata"],
            body.get("value") or "",
            _who(body["user"]["id"]),
            OPTIONS,
        )
        await ack({"options": render_options(experts)})

    async def submitted(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient
    ) -> None:
        """Reassign, and keep the dialogue open with the reason when it didn't happen.

        Slack closes it on the acknowledgement, so the outcome is waited for, but not so long that
        Slack gives up; a later one is told in the conversation with the app.
        """
        filled = _filled(view)
        missing = {
            name: words
            for name, words in (
                ("expert", "Choose who should answer."),
                ("reason", "Say why in a sentence; the expert sees it."),
            )
            if not filled.get(name)
        }
        if missing:
            await ack(response_action="errors", errors=missing)
            return
        by = _who(body["user"]["id"])
        work = asyncio.ensure_future(
            asyncio.to_thread(
                self._reassign, view["private_metadata"], filled["expert"], filled["reason"], by
            )
        )
        in_time, _ = await asyncio.wait({work}, timeout=ANSWER_WITHIN)
        if not in_time:
            await ack()
        outcome = await work
        if outcome.status == "done":
            await ack()
        elif in_time:
            await ack(response_action="errors", errors={"expert": outcome.message})
        else:
            text, blocks = render_notice(outcome.message)
            await client.chat_postMessage(channel=by.id, text=text, blocks=blocks)
        await self.show_changes(outcome)

    async def asked(self, command: dict[str, Any], respond: AsyncRespond) -> None:
        """Answer `/expert`, to the person who asked alone."""
        query = (command.get("text") or "").strip()
        try:
            card = HELP
            if query.lower() not in {"", "help"}:
                card = await asyncio.to_thread(self.actions.lookup, query, self.now())
            text, blocks = render(card)
            await respond(text=text, blocks=blocks, response_type="ephemeral", unfurl_links=False)
        except Exception:
            self.logger.exception("%s failed", COMMAND)
            await _tell(respond, WENT_WRONG)

    async def show_changes(self, outcome: Outcome) -> None:
        """Have changed cards shown. What fails here is shown later by the worker."""
        if outcome.status == "refused":
            return
        try:
            await asyncio.to_thread(self.push, outcome.post_key)
        except Exception:
            self.logger.exception("Changed cards couldn't be shown at once")

    async def failed(self, error: Exception) -> BoltResponse | None:
        """Keep a line about what no handler expected; never what people wrote."""
        if isinstance(error, BoltUnhandledRequestError):
            # An event nobody asked for, or a button of an older version: nothing to repeat.
            self.logger.info("Slack sent something that has no handler")
            return BoltResponse(status=200, body="")
        self.logger.error("A handler for Slack failed", exc_info=error)
        return None

    def _reassign(self, value: str, expert: str, reason: str, by: Address) -> Outcome:
        try:
            return self.actions.reassign(value, expert, reason, by, self.now())
        except Exception:
            self.logger.exception("Reassigning from Slack failed")
            return Outcome("refused", WENT_WRONG, value)


HANDLERS: Mapping[Action, Callable[[Surface, Press, AsyncWebClient], Awaitable[Outcome | None]]]
HANDLERS = {
    Action.ACCEPT: Surface.perform,
    Action.DECLINE: Surface.perform,
    Action.RESOLVE: Surface.perform,
    Action.DISMISS: Surface.perform,
    Action.REASSIGN: Surface.open_form,
}
"""What each button does; a test sees that every Action is here."""


def _who(user_id: str) -> Address:
    return Address("slack", user_id)


async def _tell(respond: AsyncRespond, message: str) -> None:
    """Say something to the person alone, and leave the card as it is."""
    text, blocks = render_notice(message)
    await respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=False)


def _filled(view: Mapping[str, Any]) -> dict[str, str]:
    """Return what was filled in, by the names of the inputs."""
    filled = {}
    for name, elements in view["state"]["values"].items():
        for element in elements.values():
            chosen = element.get("selected_option") or {}
            filled[name] = str(chosen.get("value") or element.get("value") or "").strip()
    return filled
