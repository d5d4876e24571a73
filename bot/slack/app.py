"""The Slack app, and the two entrances to it: HTTP, and Socket Mode, which needs no public address.

What is done about a press or a command stands in `handlers.py`.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import ClientError, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import Action
from bot.ports import SettingsError
from bot.slack.handlers import COMMAND, HANDLERS, Actions, Surface
from bot.slack.render import OPEN_LINK

PATH = "/slack/events"
"""Where Slack sends everything when it doesn't use Socket Mode; so slack-manifest.yaml says."""
CALL_TIMEOUT = 10
"""Seconds for a call to Slack's API from a handler."""
_SLACKS_TROUBLE = frozenset({"fatal_error", "internal_error", "request_timeout"})


def build_app(
    *,
    bot_token: str,
    signing_secret: str,
    base_url: str,
    actions: Actions,
    now: Callable[[], datetime],
    push: Callable[[str], object],
) -> AsyncApp:
    """Return the app for both entrances; `push` shows the changed cards of a post.

    Without a signing secret (Socket Mode needs none) nothing is let in over HTTP: an empty secret
    would be one that everybody knows.
    """
    logger = logging.getLogger(__name__)
    # Below WARNING the library logs whole requests, names and messages included.
    bolt_logger = logging.getLogger("slack_bolt.direct_dial")
    bolt_logger.setLevel(logging.WARNING)
    app = AsyncApp(
        name="direct-dial",
        logger=bolt_logger,
        client=AsyncWebClient(token=bot_token, base_url=base_url, timeout=CALL_TIMEOUT),
        signing_secret=signing_secret or secrets.token_hex(32),
        raise_error_for_unhandled_request=True,
    )
    surface = Surface(actions, now, push, logger)
    buttons = "|".join(HANDLERS)
    app.action(re.compile(rf"^({buttons})(:\d+)?$"))(
        ack=surface.acknowledge, lazy=[surface.pressed]
    )
    app.action(re.compile(rf"^{OPEN_LINK}:\d+$"))(surface.acknowledge)
    app.options("expert")(surface.suggest)
    app.view(Action.REASSIGN.value)(surface.submitted)
    app.command(COMMAND)(ack=surface.acknowledge, lazy=[surface.asked])
    app.error(surface.failed)
    return app


def http_handler(app: AsyncApp) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the handler for `POST /slack/events`: events, buttons, lists and commands alike."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            asked = await to_bolt_request(request)
        except (AttributeError, LookupError, TypeError, ValueError):
            # It is read before its signature is checked, and anybody may send anything.
            return web.Response(status=400, text="This is no request of Slack's.")
        return await to_aiohttp_response(await app.async_dispatch(asked))

    return handle


class SocketMode:
    """A connection through which Slack sends everything, so that no public address is needed."""

    def __init__(self, app: AsyncApp, app_token: str, base_url: str) -> None:
        self._handler = AsyncSocketModeHandler(
            app, app_token, web_client=AsyncWebClient(base_url=base_url, timeout=CALL_TIMEOUT)
        )

    async def start(self) -> None:
        """Connect, and stay connected until `close_async`.

        While Slack can't be reached it keeps trying, and doesn't return. Raises SettingsError
        when Slack refuses the token.
        """
        client = self._handler.client
        try:
            client.wss_uri = await client.issue_new_wss_url()
        except SlackApiError as error:
            code = str(error.response.get("error"))
            if error.response.status_code == 200 and code not in _SLACKS_TROUBLE:
                await self.close_async()
                raise SettingsError(
                    f"Slack refuses SLACK_APP_TOKEN ({code}): make an app-level token (xapp-…) "
                    "with the scope connections:write."
                ) from error
        except (ClientError, OSError) as error:
            client.logger.warning("Slack can't be reached yet (%s); trying again", error)
        await self._handler.connect_async()  # type: ignore[no-untyped-call]

    async def close_async(self) -> None:
        """Disconnect, and wait until nothing of it runs any more."""
        client = self._handler.client
        running = (client.message_processor, client.current_session_monitor)
        tasks = [task for task in (*running, client.message_receiver) if task is not None]
        await self._handler.close_async()  # type: ignore[no-untyped-call]
        await asyncio.gather(*tasks, return_exceptions=True)


async def start_socket_mode(app: AsyncApp, app_token: str, base_url: str) -> SocketMode:
    """Return a connection that is up; raises SettingsError when Slack refuses the token."""
    connection = SocketMode(app, app_token, base_url)
    await connection.start()
    return connection
