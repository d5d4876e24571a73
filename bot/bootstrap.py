"""Joins the real parts. The only teller of the time."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.actions import Actions
from bot.dialling import Dialler
from bot.learning import learned
from bot.pipeline import Pipeline, Watched
from bot.ports import Messenger, SettingsError, Source, Telemetry
from bot.roster_file import module_of
from bot.settings import Settings, secrets
from bot.slack.messenger import SlackMessenger
from bot.storage.database import connect
from bot.storage.store import SqlStore
from routing.company import Roster, Watch
from routing.errors import RosterError
from routing.reading.pipeline import Reader
from routing.roster import did_you_mean


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def open_store(settings: Settings) -> SqlStore:
    """Return the store; raises StoreError when it isn't there or isn't of this version."""
    store = SqlStore(connect(settings.database_url.get_secret_value()))
    store.check_version()
    return store


def check_against_store(roster: Roster, path: Path, settings: Settings) -> None:
    """Raise RosterError for open assignments that name somebody who is gone."""
    store = open_store(settings)
    try:
        with store.transaction() as tx:
            busy = tx.busy_experts()
    finally:
        store.close()
    gone = [expert for expert in busy if expert not in roster.expert_by_id]
    if gone:
        known = sorted(roster.expert_by_id)
        raise RosterError(
            tuple(
                f"{path}:1:1: experts: “{expert}” has open assignments but is gone; "
                f"put them back until those are closed, or {did_you_mean(expert, known)}"
                for expert in gone
            )
        )


def open_slack(settings: Settings) -> SlackMessenger:
    """Return a messenger whose token Slack has accepted; raises SettingsError."""
    token = settings.slack_bot_token.get_secret_value()
    if not token:
        raise SettingsError(
            "No chat platform is set up: set SLACK_BOT_TOKEN (the README says how), "
            "or try it in the terminal: direct-dial demo"
        )
    messenger = SlackMessenger(token, settings.slack_api_url)
    messenger.check()
    return messenger


def open_sources(roster: Roster) -> list[Watched]:
    """Return what the roster watches; raises SettingsError for a secret that isn't set."""
    return [_open(watch) for watch in roster.watch]


def join(
    store: SqlStore,
    roster: Roster,
    messengers: Mapping[str, Messenger],
    telemetry: Telemetry,
    cache: Path | None = None,
) -> Pipeline:
    """Return the pipeline of one process, which reads with the examples in use."""
    reader = Reader(roster, learned(store, roster), cache)
    dialler = Dialler(roster, reader, frozenset(messengers), telemetry)
    return Pipeline(store, messengers, dialler)


def actions_of(pipeline: Pipeline) -> Actions:
    """Return the actions on the same store and roster."""
    return Actions(pipeline.store, pipeline.dialler)


def _name(watch: Watch) -> str:
    """Return a name that stays the same when the entries of the file change places."""
    if watch.name:
        return watch.name
    said = ",".join(f"{key}={value}" for key, value in sorted(watch.settings.items()))
    return f"{watch.source}({said})"


def _open(watch: Watch) -> Watched:
    module = module_of(watch.source)
    settings = module.Settings(**watch.settings)
    source: Source = module.open_source(settings, secrets(module.SECRETS))
    # Both have to say so; a company's own module that doesn't speak of it doesn't allow it.
    allowed = (getattr(module, "MAY_TRAIN", False), getattr(settings, "may_train", True))
    may_train = all(said is True for said in allowed)
    return Watched(_name(watch), source, watch.every, may_train=may_train)
