"""A fake Slack: a server on this machine that speaks the Web API, Socket Mode and interactions.

It stands where slack.com would, for the real slack_sdk and slack_bolt: set the API's address to
`SlackServer.url`. It keeps what a workspace keeps (members, channels, messages, dialogues), refuses
what Slack refuses (`slack_rules.py`), and fails in the ways Slack fails, when it is told to. What
people do is done by `Member`, over HTTP (signed) or Socket Mode, as Slack would send it.

It can't show what a client draws, and its limits are the documented ones.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import itertools
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Self, TypeVar
from urllib.parse import urlencode

import requests
from aiohttp import WSMsgType, web

from tests.slack_rules import message_problems, option_problems, texts, view_problems

T = TypeVar("T")
TRIGGER_SECONDS = 3.0
ANSWER_SECONDS = 3.0
RESPONSE_URL_USES = 5
ALL_SCOPES = "chat:write,commands,im:write,im:history,channels:history,groups:history"


class LoopThread:
    """An event loop in a thread of its own, for servers and bots beside a test."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], timeout: float = 30) -> T:
        """Run something there and return what came of it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def stop(self) -> None:
        """Cancel what still runs and end the thread."""
        self.run(self._cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    async def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.loop.shutdown_default_executor()


@dataclass
class Message:
    """A message in a channel; ephemeral ones have the one member who sees them."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    at: float
    metadata: dict[str, Any] | None = None
    user: str = "UBOT"
    edits: int = 0
    only_for: str = ""

    @property
    def words(self) -> str:
        """Everything that is to be read in it."""
        return "\n".join(texts(self.blocks)) or self.text

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The buttons in it."""
        rows = [block["elements"] for block in self.blocks if block["type"] == "actions"]
        return [button for row in rows for button in row]


@dataclass
class View:
    """A dialogue that is open."""

    id: str
    user: str
    view: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)
    open: bool = True


@dataclass(frozen=True)
class Call:
    """A call of the Web API; `at` is a monotonic time."""

    method: str
    at: float
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """How the next call of a method fails.

    `processed`: the call has its effect first, which is what makes an outcome unclear.
    """

    how: Literal["answer", "drop", "hang"] = "answer"
    status: int = 200
    error: str = "internal_error"
    retry_after: int | None = None
    processed: bool = False
    more: tuple[tuple[str, Any], ...] = ()


def rate_limited(seconds: int) -> Failure:
    """HTTP 429 with Retry-After."""
    return Failure(status=429, error="ratelimited", retry_after=seconds)


def refused(error: str, **more: Any) -> Failure:
    """An error code of Slack's."""
    return Failure(error=error, more=tuple(more.items()))


def broken(status: int = 500) -> Failure:
    """An error page of a proxy, which is no JSON."""
    return Failure(status=status, error="")


def dropped(*, processed: bool) -> Failure:
    """The connection ends without an answer."""
    return Failure("drop", processed=processed)


def hanging(*, processed: bool) -> Failure:
    """No answer for as long as anybody waits."""
    return Failure("hang", processed=processed)


class _RefusalError(Exception):
    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.body = {"ok": False, "error": error, **more}


@dataclass
class _Trigger:
    user: str
    at: float
    used: bool = False


@dataclass
class _Reply:
    channel: str
    user: str
    ts: str = ""
    uses: int = 0


class SlackServer:
    """The fake. `start` and `stop` it, or use it as a context manager."""

    def __init__(self) -> None:
        self.bot_token = "xoxb-test"
        self.app_token = "xapp-test"
        self.signing_secret = "signing-secret"
        self.scopes = ALL_SCOPES
        self.users: dict[str, Literal["active", "disabled", "bot"]] = {}
        self.channels: dict[str, Literal["joined", "not_joined", "archived"]] = {}
        self.calls: list[Call] = []
        self.views: list[View] = []
        self.port = 0
        self._messages: dict[str, list[Message]] = defaultdict(list)
        self._ephemeral: list[Message] = []
        self._direct: dict[str, str] = {}
        self._failures: dict[str, deque[Failure]] = defaultdict(deque)
        self._triggers: dict[str, _Trigger] = {}
        self._replies: dict[str, _Reply] = {}
        self._sockets: list[web.WebSocketResponse] = []
        self._envelopes: dict[str, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._last_ts = 0.0
        self._thread: LoopThread | None = None
        self._runner: web.AppRunner | None = None
        self._changed = threading.Condition()

    # ---- running it

    @property
    def url(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self.port}/api/"

    def start(self) -> Self:
        """Listen on a free port."""
        self._thread = LoopThread()
        self._thread.run(self._listen())
        return self

    def stop(self) -> None:
        """Close every connection and end."""
        if self._thread is not None and self._runner is not None:
            self._thread.run(self._close())
            self._thread.stop()
            self._thread = self._runner = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _listen(self) -> None:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/response/{key}", self._response_url)
        app.router.add_get("/link", self._socket)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _close(self) -> None:
        for socket in list(self._sockets):
            await socket.close()
        assert self._runner is not None
        await self._runner.cleanup()

    # ---- what a test sets up and looks at

    def add_user(
        self, user: str, state: Literal["active", "disabled", "bot"] = "active"
    ) -> "Member":
        """Add a member to the workspace."""
        self.users[user] = state
        return Member(self, user)

    def add_channel(
        self, channel: str, state: Literal["joined", "not_joined", "archived"] = "joined"
    ) -> None:
        """Add a channel, with the bot in it."""
        self.channels[channel] = state

    def fail(self, method: str, *failures: Failure) -> None:
        """Have the next calls of a method fail, one after the other."""
        self._failures[method].extend(failures)

    def direct(self, user: str) -> str:
        """The id of the conversation between a member and the bot."""
        return self._direct.setdefault(user, f"D{user[1:]}")

    def messages(self, where: str) -> list[Message]:
        """The messages in a channel, or in the conversation with a member, oldest first."""
        return list(self._messages[self.direct(where) if where in self.users else where])

    @property
    def posted(self) -> list[Message]:
        """Every message there is, in the order of posting."""
        return sorted((m for ms in self._messages.values() for m in ms), key=lambda m: m.ts)

    def ephemeral(self, user: str) -> list[Message]:
        """What only this member sees, oldest first."""
        return [message for message in self._ephemeral if message.only_for == user]

    def view_of(self, user: str) -> View | None:
        """The dialogue a member has open."""
        return next((view for view in self.views[::-1] if view.user == user and view.open), None)

    def delete(self, message: Message) -> None:
        """Have a message gone, as when somebody deleted it."""
        self._messages[message.channel].remove(message)

    def called(self, method: str) -> list[Call]:
        """The calls of a method."""
        return [call for call in self.calls if call.method == method]

    def wait(self, for_what: Any, timeout: float = 10) -> Any:
        """Wait until a function returns something, and return it."""
        with self._changed:
            found = self._changed.wait_for(for_what, timeout)
        assert found, "it didn't happen"
        return found

    def disconnect_sockets(self) -> None:
        """End the Socket Mode connections, as Slack does every few hours."""
        assert self._thread is not None
        self._thread.run(self._say_goodbye())

    async def _say_goodbye(self) -> None:
        for socket in list(self._sockets):
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})

    @property
    def connections(self) -> int:
        """How many Socket Mode connections there are."""
        return len(self._sockets)

    # ---- the Web API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        self.calls.append(Call(method, time.monotonic(), arguments))
        failure = self._failures[method].popleft() if self._failures[method] else None
        body: dict[str, Any] = {}
        if failure is None or failure.processed:
            body = self._answer(method, arguments, request)
        self._notify()
        if failure is not None:
            return await _fail(failure, request)
        return web.json_response(body, headers={"X-OAuth-Scopes": self.scopes})

    def _answer(
        self, method: str, arguments: dict[str, Any], request: web.Request
    ) -> dict[str, Any]:
        name = method.replace(".", "_")
        handler = getattr(self, f"_api_{name}", None)
        said = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = arguments.get("token") or said
        if handler is None or not token:
            return {"ok": False, "error": "not_authed" if handler else "unknown_method"}
        if token != (self.app_token if method.startswith("apps.") else self.bot_token):
            return {"ok": False, "error": "invalid_auth"}
        try:
            return {"ok": True, **handler(arguments)}
        except _RefusalError as refusal:
            return refusal.body

    def _api_auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "url": "https://kestrel.slack.com/",
            "team": "Kestrel",
            "user": "direct-dial",
            "team_id": "T1",
            "user_id": "UBOT",
            "bot_id": "B1",
            "is_enterprise_install": False,
        }

    def _api_apps_connections_open(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"url": f"ws://127.0.0.1:{self.port}/link?ticket={next(self._numbers)}"}

    def _api_conversations_open(self, arguments: dict[str, Any]) -> dict[str, Any]:
        user = str(arguments.get("users", ""))
        state = self.users.get(user)
        if state is None:
            raise _RefusalError("user_not_found")
        if state != "active":
            raise _RefusalError("user_disabled" if state == "disabled" else "cannot_dm_bot")
        return {"channel": {"id": self.direct(user)}}

    def _api_conversations_history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._conversation(arguments, writing=False)
        messages = self._messages[channel][::-1]
        limit = int(arguments.get("limit") or 100)
        start = 0
        if cursor := str(arguments.get("cursor") or ""):
            try:
                start = int(base64.b64decode(cursor).decode().removeprefix("next:"))
            except (binascii.Error, ValueError):
                raise _RefusalError("invalid_cursor") from None
        page = messages[start : start + limit]
        more = start + limit < len(messages)
        following = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
        with_metadata = str(arguments.get("include_all_metadata", "0")).lower() in {"1", "true"}
        return {
            "messages": [_shown(message, with_metadata) for message in page],
            "has_more": more,
            "response_metadata": {"next_cursor": following},
        }

    def _api_chat_postMessage(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        channel = self._conversation(arguments)
        text, blocks = _content(arguments)
        message = Message(channel, self._ts(), text, blocks, time.monotonic(), _metadata(arguments))
        self._messages[channel].append(message)
        return {"channel": channel, "ts": message.ts, "message": _shown(message, True)}

    def _api_chat_update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._conversation(arguments)
        message = next(
            (m for m in self._messages[channel] if m.ts == str(arguments.get("ts"))), None
        )
        if message is None:
            raise _RefusalError("message_not_found")
        if message.user != "UBOT":
            raise _RefusalError("cant_update_message")
        message.text, message.blocks = _content(arguments)
        message.metadata = _metadata(arguments) or message.metadata
        message.edits += 1
        return {"channel": channel, "ts": message.ts, "text": message.text}

    def _api_chat_postEphemeral(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        channel = self._conversation(arguments)
        text, blocks = _content(arguments)
        user = str(arguments.get("user"))
        if user not in self.users:
            raise _RefusalError("user_not_in_channel")
        message = Message(channel, self._ts(), text, blocks, time.monotonic(), only_for=user)
        self._ephemeral.append(message)
        return {"message_ts": message.ts}

    def _api_views_open(self, arguments: dict[str, Any]) -> dict[str, Any]:
        trigger = self._triggers.get(str(arguments.get("trigger_id")))
        if trigger is None:
            raise _RefusalError("invalid_trigger_id")
        if trigger.used:
            raise _RefusalError("exchanged_trigger_id")
        if time.monotonic() - trigger.at > TRIGGER_SECONDS:
            raise _RefusalError("expired_trigger_id")
        view = arguments["view"]
        view = json.loads(view) if isinstance(view, str) else view
        if problems := view_problems(view):
            raise _RefusalError("invalid_arguments", response_metadata={"messages": problems})
        trigger.used = True
        opened = View(f"V{next(self._numbers)}", trigger.user, view)
        self.views.append(opened)
        return {"view": {"id": opened.id, **view}}

    def _conversation(self, arguments: dict[str, Any], *, writing: bool = True) -> str:
        channel = str(arguments.get("channel", ""))
        if channel in self.users:
            return self.direct(channel)
        if channel in self._direct.values():
            return channel
        state = self.channels.get(channel)
        if state is None:
            raise _RefusalError("channel_not_found")
        if state == "not_joined":
            raise _RefusalError("not_in_channel")
        if state == "archived" and writing:
            raise _RefusalError("is_archived")
        return channel

    def _ts(self) -> str:
        self._last_ts = max(_clock(), self._last_ts + 0.000_001)
        return f"{self._last_ts:.6f}"

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    # ---- what people do

    def trigger(self, user: str) -> str:
        """A new trigger id, with which a dialogue can be opened for three seconds."""
        key = f"trigger.{next(self._numbers)}"
        self._triggers[key] = _Trigger(user, time.monotonic())
        return key

    def age_triggers(self, seconds: float) -> None:
        """Have time pass for the triggers there are."""
        for trigger in self._triggers.values():
            trigger.at -= seconds

    def response_url(self, channel: str, user: str, ts: str = "") -> str:
        """An address to which an answer to a press or a command can be sent."""
        key = str(next(self._numbers))
        self._replies[key] = _Reply(channel, user, ts)
        return f"http://127.0.0.1:{self.port}/response/{key}"

    async def _response_url(self, request: web.Request) -> web.Response:
        reply = self._replies.get(request.match_info["key"])
        body = await request.json()
        if reply is None or reply.uses >= RESPONSE_URL_USES:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        reply.uses += 1
        text, blocks = str(body.get("text", "")), body.get("blocks") or []
        if problems := message_problems(text, blocks):
            return web.Response(status=400, text=f"invalid_blocks {problems}")
        private = body.get("response_type", "ephemeral") == "ephemeral"
        original = next((m for m in self._messages[reply.channel] if m.ts == reply.ts), None)
        if original is not None and body.get("replace_original"):
            original.text, original.blocks = text, blocks
        else:
            message = Message(reply.channel, self._ts(), text, blocks, time.monotonic())
            if private:
                message.only_for = reply.user
                self._ephemeral.append(message)
            else:
                self._messages[reply.channel].append(message)
        self._notify()
        return web.Response(text="ok")

    # ---- Socket Mode

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self._sockets) + 1,
                "connection_info": {"app_id": "A1"},
                "debug_info": {"host": "here", "approximate_connection_time": 18060},
            }
        )
        self._sockets.append(socket)
        self._notify()
        try:
            async for received in socket:
                if received.type is WSMsgType.TEXT:
                    answer = json.loads(received.data)
                    waiting = self._envelopes.pop(answer.get("envelope_id", ""), None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(answer.get("payload"))
        finally:
            self._sockets.remove(socket)
            self._notify()
        return socket

    async def send_envelope(self, kind: str, payload: dict[str, Any], retry: int) -> "Answer":
        """Send a payload through one of the connections and wait for its acknowledgement."""
        number = next(self._numbers)
        waiting = asyncio.get_running_loop().create_future()
        self._envelopes[f"E{number}"] = waiting
        envelope = {
            "type": kind,
            "envelope_id": f"E{number}",
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if retry:
            envelope |= {"retry_attempt": retry, "retry_reason": "timeout"}
        await self._sockets[number % len(self._sockets)].send_json(envelope)
        try:
            payload = await asyncio.wait_for(waiting, ANSWER_SECONDS)
        except TimeoutError:
            return Answer(0)
        return Answer(200, payload or {})

    def send_over_socket(self, kind: str, payload: dict[str, Any], retry: int = 0) -> "Answer":
        """The same, from the test's thread."""
        assert self._thread is not None
        self.wait(lambda: self._sockets)
        return self._thread.run(self.send_envelope(kind, payload, retry))


@dataclass(frozen=True)
class Answer:
    """What the bot answered within three seconds; status 0 when it didn't."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)


class Entrance(Protocol):
    """The way on which Slack reaches the bot."""

    def deliver(self, kind: str, payload: dict[str, Any], retry: int = 0) -> Answer:
        """Hand over a payload: `interactive`, `slash_commands` or `events_api`."""
        ...


@dataclass(frozen=True)
class SocketEntrance:
    """Through a Socket Mode connection."""

    server: SlackServer

    def deliver(self, kind: str, payload: dict[str, Any], retry: int = 0) -> Answer:
        return self.server.send_over_socket(kind, payload, retry)


@dataclass(frozen=True)
class HttpEntrance:
    """To the bot's public address, signed; wrongly, when a test asks for it."""

    server: SlackServer
    url: str
    secret: str = ""
    seconds_ago: int = 0

    def deliver(self, kind: str, payload: dict[str, Any], retry: int = 0) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if kind == "events_api":
            headers = {"Content-Type": "application/json"}
            body = json.dumps(payload)
        elif kind == "slash_commands":
            body = urlencode(payload)
        else:
            body = urlencode({"payload": json.dumps(payload)})
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        return self.send(body, headers)

    def send(self, body: str, headers: dict[str, str]) -> Answer:
        """Sign a body and post it."""
        stamp = str(int(_clock()) - self.seconds_ago)
        secret = (self.secret or self.server.signing_secret).encode()
        digest = hmac.new(secret, f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
        try:
            answer = requests.post(
                self.url, data=body.encode(), headers=headers | signed, timeout=ANSWER_SECONDS
            )
        except requests.Timeout:
            return Answer(0)
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return Answer(answer.status_code, answer.json() if is_json else {})


@dataclass(frozen=True)
class Member:
    """Somebody in the workspace, who presses, types and fills in."""

    server: SlackServer
    id: str

    def press(
        self, entrance: Entrance, message: Message, label: str, *, trigger: str = "", retry: int = 0
    ) -> Answer:
        """Press the button with this label."""
        button = next(b for b in message.buttons if b["text"]["text"] == label)
        payload = self._payload("block_actions", trigger) | {
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": message.channel,
                "is_ephemeral": False,
            },
            "channel": {"id": message.channel, "name": "directmessage"},
            "message": _shown(message, False),
            "state": {"values": {}},
            "response_url": self.server.response_url(message.channel, self.id, message.ts),
            "actions": [
                {
                    "action_id": button["action_id"],
                    "block_id": "B1",
                    "text": button["text"],
                    "type": "button",
                    "action_ts": message.ts,
                }
                | ({"value": button["value"]} if "value" in button else {})
            ],
        }
        return entrance.deliver("interactive", payload, retry)

    def event(self, entrance: Entrance, kind: str, *, retry: int = 0) -> Answer:
        """Cause an event, such as a message in a channel; Slack repeats what isn't answered."""
        payload = {
            "type": "event_callback",
            "token": "legacy",
            "team_id": "T1",
            "api_app_id": "A1",
            "event_id": "Ev1",
            "event_time": int(_clock()),
            "event": {"type": kind, "user": self.id, "text": "hello", "channel": "C0ANY"},
            "authorizations": [{"team_id": "T1", "user_id": "UBOT", "is_bot": True}],
        }
        return entrance.deliver("events_api", payload, retry)

    def type_command(self, entrance: Entrance, text: str, channel: str = "C0ANY") -> Answer:
        """Type `/expert` and a text."""
        payload = {
            "token": "legacy",
            "team_id": "T1",
            "team_domain": "kestrel",
            "channel_id": channel,
            "channel_name": "general",
            "user_id": self.id,
            "user_name": self.id.lower(),
            "command": "/expert",
            "text": text,
            "api_app_id": "A1",
            "is_enterprise_install": "false",
            "response_url": self.server.response_url(channel, self.id),
            "trigger_id": self.server.trigger(self.id),
        }
        return entrance.deliver("slash_commands", payload)

    def search(self, entrance: Entrance, name: str, typed: str) -> list[dict[str, Any]]:
        """Type into a searchable list of the open dialogue and return its options."""
        view = self._view()
        block = next(b for b in view.view["blocks"] if b.get("block_id") == name)
        payload = self._payload("block_suggestion") | {
            "action_id": block["element"]["action_id"],
            "block_id": name,
            "value": typed,
            "view": self._view_payload(view, {}),
            "container": {"type": "view", "view_id": view.id},
        }
        answer = entrance.deliver("interactive", payload)
        assert answer.status == 200, answer
        options = answer.body["options"]
        assert not option_problems(options)
        return list(options)

    def submit(self, entrance: Entrance, **filled: str) -> Answer:
        """Fill in the open dialogue and send it; it closes unless the answer has errors."""
        view = self._view()
        values: dict[str, Any] = {}
        for block in view.view["blocks"]:
            if block["type"] != "input":
                continue
            element, value = block["element"], filled.get(block["block_id"])
            if element["type"] == "external_select":
                option = {"text": {"type": "plain_text", "text": "–"}, "value": value}
                state = {"selected_option": option if value else None}
            else:
                state = {"value": value}  # type: ignore[dict-item]
            values[block["block_id"]] = {
                element["action_id"]: {"type": element["type"], **state},
            }
        payload = self._payload("view_submission") | {
            "view": self._view_payload(view, values),
            "response_urls": [],
        }
        answer = entrance.deliver("interactive", payload)
        if answer.status == 200:
            view.errors = answer.body.get("errors", {})
            view.open = bool(view.errors)
            known = {block.get("block_id") for block in view.view["blocks"]}
            assert set(view.errors) <= known, "an error for an input that isn't there"
        return answer

    def _view(self) -> View:
        view = self.server.view_of(self.id)
        assert view is not None, "no dialogue is open"
        return view

    def _payload(self, kind: str, trigger: str = "") -> dict[str, Any]:
        return {
            "type": kind,
            "user": {"id": self.id, "username": self.id.lower(), "team_id": "T1"},
            "api_app_id": "A1",
            "token": "legacy",
            "trigger_id": trigger or self.server.trigger(self.id),
            "team": {"id": "T1", "domain": "kestrel"},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _view_payload(self, view: View, values: dict[str, Any]) -> dict[str, Any]:
        return {"id": view.id, "team_id": "T1", **view.view, "state": {"values": values}}


def _clock() -> float:
    """Slack's own clock, which signatures and message times are made with."""
    return time.time()  # noqa: TID251


async def _arguments(request: web.Request) -> dict[str, Any]:
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        text = await request.text()
        return arguments | (json.loads(text) if text else {})
    return arguments | dict(await request.post())


async def _fail(failure: Failure, request: web.Request) -> web.StreamResponse:
    if failure.how == "hang":
        await asyncio.sleep(600)
    if failure.how == "drop":
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    if not failure.error:
        return web.Response(status=failure.status, text="<html>Bad gateway</html>")
    headers = {"Retry-After": str(failure.retry_after)} if failure.retry_after is not None else {}
    body = {"ok": False, "error": failure.error, **dict(failure.more)}
    return web.json_response(body, status=failure.status, headers=headers)


def _content(arguments: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    text = str(arguments.get("text") or "")
    blocks = arguments.get("blocks") or []
    blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
    if not text.strip() and not blocks:
        raise _RefusalError("no_text")
    if problems := message_problems(text, blocks):
        code = "msg_blocks_too_long" if "msg_blocks_too_long" in problems else "invalid_blocks"
        raise _RefusalError(code, response_metadata={"messages": problems})
    return text, blocks


def _metadata(arguments: dict[str, Any]) -> dict[str, Any] | None:
    metadata = arguments.get("metadata")
    metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
    if metadata is None:
        return None
    if not isinstance(metadata.get("event_type"), str):
        raise _RefusalError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise _RefusalError("invalid_metadata_format")
    return dict(metadata)


def _shown(message: Message, with_metadata: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "type": "message",
        "user": message.user,
        "bot_id": "B1",
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    }
    if with_metadata and message.metadata:
        shown["metadata"] = message.metadata
    return shown
