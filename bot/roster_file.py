"""experts.yaml from disk, what it watches included; without loading what reads posts."""

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from routing.company import Roster, Watch
from routing.errors import RosterError
from routing.roster import Problem, RosterFile, did_you_mean, explain, load

OWN_SOURCES = {"x": "bot.sources.x", "jsonl": "bot.sources.jsonl"}


def load_roster(path: Path) -> Roster:
    """Read a roster, what it watches included; raises RosterError with every mistake at once."""
    return load_with_lines(path)[0]


def load_with_lines(path: Path) -> tuple[Roster, RosterFile]:
    """Read a roster as `load_roster` does, and where in the file each part of it stands."""
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
    return load(text, str(path), also=_source_problems)


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


def module_of(source: str) -> ModuleType:
    """Return the module of a source, by its short name or its dotted path."""
    return import_module(OWN_SOURCES.get(source, source))


def _source_problems(data: Any) -> Iterator[Problem]:
    """Yield what is wrong with the settings of the sources, as each source sees it."""
    entries = data.get("watch")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        source = entry.get("source") if isinstance(entry, dict) else None
        here = ("watch", number)
        if not isinstance(source, str) or not source:
            # The roster itself says that it is missing; here is who may be meant.
            for key in entry if isinstance(entry, dict) else ():
                if (did := did_you_mean(key, ["source"])).startswith("did"):
                    yield Problem((*here, key), f"unknown key “{key}”; {did}", at_key=True)
            continue
        try:
            settings: Any = module_of(source).Settings
        except (ImportError, ValueError, AttributeError):
            did = did_you_mean(source, sorted(OWN_SOURCES))
            yield Problem((*here, "source"), f"there is no source “{source}”; {did}")
            continue
        own = {key: value for key, value in entry.items() if key not in Watch.model_fields}
        try:
            settings(**own)
        except ValidationError as error:
            known = [*Watch.model_fields, *settings.model_fields]
            yield from explain(error, own, here, known)
