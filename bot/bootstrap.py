"""Joins the real parts. The only teller of the time."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from bot.actions import Actions
from bot.dialling import Dialler
from bot.pipeline import Pipeline, Watched
from bot.ports import Messenger, SettingsError, Source, Telemetry
from bot.settings import Settings, secrets
from bot.slack.messenger import SlackMessenger
from bot.storage.store import SqlStore, connect
from routing.company import Roster, Watch
from routing.errors import RosterError
from routing.reading.pipeline import Reader
from routing.roster import Problem, RosterFile, did_you_mean, explain, load

OWN_SOURCES = {"x": "bot.sources.x", "jsonl": "bot.sources.jsonl"}


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class LoadedRoster:
    """A roster and the file it came from, for messages about it."""

    roster: Roster
    file: RosterFile


def load_roster(path: Path) -> LoadedRoster:
    """Read a roster, what it watches included; raises RosterError with every mistake at once."""
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        raise RosterError(
            (f"{path}:1:1: file: there is no such file; copy experts.yaml from the project",)
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RosterError(
            (f"{path}:{line}:1: file: this isn't UTF-8 text; save the file as UTF-8",)
        ) from None
    except OSError as error:
        raise RosterError(
            (f"{path}:1:1: file: it can't be read ({error.strerror}); check its path and rights",)
        ) from None
    roster, file = load(text, str(path))
    problems = [
        problem
        for number, watch in enumerate(roster.watch)
        for problem in _source_problems(number, watch)
    ]
    if problems:
        raise RosterError(file.in_order(problems))
    return LoadedRoster(roster, file)


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


def describe(roster: Roster, path: Path) -> str:
    """Return what a roster has, as one line of counts."""
    standings = Counter(expert.standing.level.value for expert in roster.experts)
    on_board = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in standings.items())
    parts = (
        _count(len(roster.topics), "topic"),
        f"{_count(len(roster.experts), 'expert')} ({on_board})",
        _count(len(roster.managers), "manager"),
        _count(len(roster.watch), "source"),
    )
    return f"{path}: nothing wrong: {', '.join(parts)}."


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


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
    return [Watched(_name(watch), _open_source(watch), watch.every) for watch in roster.watch]


def join(
    store: SqlStore, roster: Roster, messengers: Mapping[str, Messenger], telemetry: Telemetry
) -> Pipeline:
    """Return the pipeline of one process."""
    dialler = Dialler(roster, Reader(roster), frozenset(messengers), telemetry)
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


def _module(watch: Watch) -> ModuleType:
    return import_module(OWN_SOURCES.get(watch.source, watch.source))


def _open_source(watch: Watch) -> Source:
    module = _module(watch)
    found = secrets(module.SECRETS)
    source: Source = module.open_source(module.Settings(**watch.settings), found)
    return source


def _source_problems(number: int, watch: Watch) -> list[Problem]:
    here = ("watch", number)
    try:
        module = _module(watch)
        settings: Any = module.Settings
    except (ImportError, ValueError, AttributeError):
        known = sorted(OWN_SOURCES)
        return [
            Problem(
                (*here, "source"),
                f"there is no source “{watch.source}”; {did_you_mean(watch.source, known)}",
            )
        ]
    try:
        settings(**watch.settings)
    except ValidationError as error:
        return explain(error, watch.settings, here)
    return []
