"""The web process: health checks, and Slack's entrance over HTTP or Socket Mode."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot import bootstrap
from bot.pipeline import Pipeline
from bot.ports import SettingsError, StoreError
from bot.settings import Settings
from bot.slack.app import PATH, build_app, http_handler, start_socket_mode


def run(pipeline: Pipeline, settings: Settings) -> None:
    """Serve until SIGTERM; raises SettingsError when Slack's entrance isn't set up."""
    asyncio.run(_serve(pipeline, settings))


async def _serve(pipeline: Pipeline, settings: Settings) -> None:
    app_token = settings.slack_app_token.get_secret_value()
    signing_secret = settings.slack_signing_secret.get_secret_value()
    if not app_token and not signing_secret:
        raise SettingsError(
            "Slack's entrance isn't set up: set SLACK_APP_TOKEN (Socket Mode, no public address "
            "needed) or SLACK_SIGNING_SECRET (HTTP)"
        )
    bolt = build_app(
        bot_token=settings.slack_bot_token.get_secret_value(),
        signing_secret=signing_secret,
        base_url=settings.slack_api_url,
        actions=bootstrap.actions_of(pipeline),
        now=bootstrap.now,
        push=lambda post_key: pipeline.show_changes(post_key, bootstrap.now),
    )
    site = web.Application(client_max_size=1_000_000)
    site.router.add_get("/healthz", _health(pipeline))
    if signing_secret:
        site.router.add_post(PATH, http_handler(bolt))
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        await runner.cleanup()
        raise SettingsError(
            f"Port {settings.port} can't be opened ({error.strerror}); set PORT to a free one"
        ) from None
    socket = await start_socket_mode(bolt, app_token, settings.slack_api_url) if app_token else None
    try:
        await _until_stopped()
    finally:
        if socket is not None:
            await socket.close_async()
        await runner.cleanup()


def _health(pipeline: Pipeline) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def health(_request: web.Request) -> web.Response:
        """Answer 200 with the queue's counts, or 503 when the database is away."""
        try:
            counts = await asyncio.to_thread(_counts, pipeline)
        except StoreError:
            return web.json_response({"status": "database unreachable"}, status=503)
        return web.json_response({"status": "ok", **counts})

    return health


def _counts(pipeline: Pipeline) -> dict[str, int]:
    with pipeline.store.transaction() as tx:
        return dict(tx.counts())


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
