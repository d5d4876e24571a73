"""experts.yaml text → Roster; every mistake at once, each with file, line and column.

A community manager edits the file without help, so a message names the place, says what is wrong
and what would be right. The structure is checked by the classes of `company.py`; what refers to
something else in the file is checked here, also where the structure has mistakes already.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from routing.company import Roster
from routing.errors import RosterError

Path = tuple[str | int, ...]
_MAX_NODES = 400_000
"""Twice what 10,000 experts need; below what aliases that repeat each other would unfold to."""
_LONG_QUOTE = re.compile(r"“([^”]{60})[^”]+”")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake at a path of the file."""

    path: Path
    what: str
    at_key: bool = False


@dataclass
class RosterFile:
    """A roster's text as plain data, and where in the file each part of it stands."""

    name: str
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    """Mistakes of the YAML itself, such as a key that stands twice."""
    _values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    _keys: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def describe(self, problem: Problem) -> str:
        """Return `FILE:LINE:COL: path: what is wrong; what would be right`."""
        line, column = self._place(problem)
        what = _LONG_QUOTE.sub(r"“\1…”", " ".join(problem.what.split()))
        return f"{self.name}:{line}:{column}: {_spell(problem.path)}: {what}"

    def in_order(self, problems: list[Problem]) -> tuple[str, ...]:
        """Return the problems as sentences, in the order of the file, each once."""
        unique = dict.fromkeys(sorted(problems, key=self._place))
        return tuple(self.describe(problem) for problem in unique)

    def line(self, path: Path) -> int:
        """Return the line that a path stands on, or the nearest part of the file around it."""
        return self._place(Problem(path, ""))[0]

    def _place(self, problem: Problem) -> tuple[int, int]:
        path = problem.path
        if problem.at_key and path in self._keys:
            return self._keys[path]
        while path and path not in self._values:
            path = path[:-1]
        return self._values.get(path, (1, 1))


def parse(text: str, name: str = "experts.yaml") -> RosterFile:
    """Read the YAML alone; raises RosterError for what isn't YAML or isn't a mapping."""
    file = RosterFile(name)
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        raise RosterError((_not_yaml(error, name),)) from None
    except ReaderError as error:
        before = text[: error.position].split("\n")
        place = f"{name}:{len(before)}:{len(before[-1]) + 1}"
        right = "take it out, or save the file as UTF-8 text"
        raise RosterError(
            (f"{place}: YAML: this character can't stand in a text file; {right}",)
        ) from None
    except RecursionError:
        raise RosterError((f"{name}:1:1: YAML: nested too deeply; write it flatter",)) from None
    if node is None:
        raise RosterError((f"{name}:1:1: the file is empty; it needs at least topics and experts",))
    if not isinstance(node, MappingNode):
        right = "start with keys such as company:, topics: and experts:"
        raise RosterError((f"{name}:1:1: the file is not a mapping; {right}",))
    builder = _Builder(file, yaml)
    file.data = builder.build(node, (), ())
    return file


def _not_yaml(error: MarkedYAMLError, name: str) -> str:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    what = " ".join(str(error.problem or error.context).split())
    if what.startswith("but ") and error.context:
        what = f"{error.context} {what}"
    right = "check the indentation, quotes and colons here and in the line above"
    if r"'\t'" in what:
        what, right = "a tab stands here", "indent with spaces"
    return f"{name}:{line}:{column}: YAML: {what}; {right}"


def load(
    text: str,
    name: str = "experts.yaml",
    also: Callable[[Any], Iterable[Problem]] = lambda _: (),
) -> tuple[Roster, RosterFile]:
    """Return the roster and its file; raises RosterError with every mistake at once.

    `also` looks at the plain data for what can't be known here: the settings of what is watched.
    """
    file = parse(text, name)
    problems = [*file.problems, *_references(file.data), *also(file.data)]
    known = {problem.path for problem in file.problems}
    try:
        roster = Roster.model_validate(file.data)
    except ValidationError as error:
        problems += [p for p in explain(error, file.data) if p.path not in known]
        raise RosterError(file.in_order(problems)) from None
    if problems:
        raise RosterError(file.in_order(problems))
    return roster, file


def explain(
    error: ValidationError, data: Any, here: Path = (), keys: Sequence[str] = ()
) -> list[Problem]:
    """Return pydantic's errors about `data`, which stands at `here` in the file, in words.

    `keys` are those that are known at `here`, where it isn't a part that `Roster` describes.
    """
    errors = [details for details in error.errors() if not _only_follows(details)]
    if here:
        missing = [str(d["loc"][0]) for d in errors if d["type"] == "missing"]
        known = dict.fromkeys([*keys, *missing])
    else:
        known = None
    return [
        Problem((*here, *problem.path), problem.what, problem.at_key)
        for problem in (_in_words(details, data, known) for details in errors)
    ]


def _only_follows(details: ErrorDetails) -> bool:
    """Whether a list is only called empty because everything in it has mistakes."""
    return details["type"] == "too_short" and bool(details["input"])


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of experts.yaml, for editors."""
    schema = Roster.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def did_you_mean(word: str, known: list[str]) -> str:
    """Return ` did you mean “x”?` for the nearest known word, or what there is to choose from."""
    best = process.extractOne(word.lower(), known, scorer=fuzz.ratio, score_cutoff=60)
    if best:
        return f"did you mean “{best[0]}”?"
    if not known:
        return "there is none yet"
    shown = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
    return f"use one of: {shown}"


class _Builder:
    """Turns nodes into plain data and remembers the place of each."""

    def __init__(self, file: RosterFile, yaml: YAML) -> None:
        self.file = file
        self.yaml = yaml
        self.count = 0

    def build(self, node: Node, path: Path, parents: tuple[int, ...]) -> Any:
        mark = node.start_mark
        self.file._values[path] = (mark.line + 1, mark.column + 1)  # noqa: SLF001 - one concept
        self.count += 1
        if id(node) in parents or self.count > _MAX_NODES:
            raise RosterError(
                self.file.in_order([Problem(path, "this alias repeats itself; write it out")])
            )
        parents = (*parents, id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, path, parents)
        if isinstance(node, SequenceNode):
            return [self.build(item, (*path, n), parents) for n, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        raise TypeError(type(node))

    def _mapping(self, node: MappingNode, path: Path, parents: tuple[int, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            mark = key_node.start_mark
            place = (mark.line + 1, mark.column + 1)
            if not isinstance(key_node, ScalarNode):
                here = (*path, "…")
                self.file._keys[here] = place  # noqa: SLF001
                self._report(here, "a key must be one word; put it in quotes", at_key=True)
                continue
            key = key_node.value
            here = (*path, key)
            if key in result:
                self.file._keys[here] = place  # noqa: SLF001
                self._report(here, f"“{key}” stands here twice; keep one of the two", at_key=True)
            self.file._keys.setdefault(here, place)  # noqa: SLF001
            result[key] = self.build(value_node, here, parents)
            if result[key] is None:  # nothing is there to point at
                self.file._values[here] = place  # noqa: SLF001
        return result

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        try:
            return self.yaml.constructor.construct_object(node)
        except (YAMLError, ValueError, OverflowError):
            self._report(path, f"“{node.value}” can't be read; put it in quotes if it is text")
            return node.value

    def _report(self, path: Path, what: str, *, at_key: bool = False) -> None:
        self.file.problems.append(Problem(path, what, at_key))


def _spell(path: Path) -> str:
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return words.removeprefix(".") or "file"


def _entries(data: Any, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    entries = data.get(key)
    if isinstance(entries, list):
        for number, entry in enumerate(entries):
            if isinstance(entry, dict):
                yield number, entry


def _references(data: Any) -> Iterator[Problem]:
    """Yield what refers to nothing, and ids and addresses that stand for two."""
    ids = {
        key: [entry["id"] for _, entry in _entries(data, key) if isinstance(entry.get("id"), str)]
        for key in ("topics", "experts", "managers")
    }
    for key in ids:
        for field_name in ("id", "slack", "teams"):
            yield from _twice(data, key, field_name)
    yield from _twice(data, "watch", "name")
    people = ids["experts"] + ids["managers"]
    for number, expert in _entries(data, "experts"):
        topics = expert.get("topics")
        for topic in topics if isinstance(topics, dict) else ():
            if topic not in ids["topics"]:
                yield Problem(
                    ("experts", number, "topics", topic),
                    f"there is no topic “{topic}”; {did_you_mean(topic, ids['topics'])}",
                    at_key=True,
                )
        standing = expert.get("standing")
        coach = standing.get("coach") if isinstance(standing, dict) else None
        if isinstance(coach, str) and coach and coach not in people:
            yield Problem(
                ("experts", number, "standing", "coach"),
                f"there is no expert or manager “{coach}”; {did_you_mean(coach, people)}",
            )


def _twice(data: Any, key: str, field_name: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, entry in _entries(data, key):
        value = entry.get(field_name)
        if not isinstance(value, str) or not value:
            continue
        if value in seen:
            yield Problem(
                (key, number, field_name),
                f"“{value}” is taken by {key}[{seen[value]}] already; give each its own",
            )
        else:
            seen[value] = number


_KIND_OF_MISTAKE = {
    "string_type": "this must be text; put it in quotes",
    "string_too_short": "this is empty; write something or take the line out",
    "int_type": "this must be a whole number; write it in digits and without quotes, such as 2",
    "float_type": "this must be a number; write it in digits and without quotes, such as 0.5",
    "tuple_type": "this must be a list; start each line with “- ”",
    "dict_type": "this must be keys with values; write “key: value” lines",
    "mapping_type": "this must be keys with values; write “key: value” lines",
    "model_type": "this must be keys with values; write “key: value” lines",
    "model_attributes_type": "this must be keys with values; write “key: value” lines",
    "too_short": "this list is empty; it needs at least one entry",
    "date_type": "this must be a date; write it as 2026-12-24",
    "date_from_datetime_parsing": "this must be a date; write it as 2026-12-24",
    "date_from_datetime_inexact": "this must be a date without a time; write it as 2026-12-24",
    "time_delta_type": "this must be a time span; write 30s, 45m, 2h or 1d",
}


def _in_words(details: ErrorDetails, data: Any, keys: Iterable[str] | None) -> Problem:
    """Turn one of pydantic's errors into a sentence that a community manager understands."""
    path = tuple(part for part in details["loc"] if part != "[key]")
    at_key = "[key]" in details["loc"]
    last = path[-1] if path else ""
    if details["type"] == "missing":
        return Problem(path[:-1], f"the key “{last}” is missing; add “{last}: …”")
    if details["type"] == "extra_forbidden":
        there = _keys_at(path[:-1]) if keys is None else keys
        known = [name for name in there if name not in _siblings(data, path)]
        right = did_you_mean(str(last), known) if known else "take it out"
        return Problem(path, f"unknown key “{last}”; {right}", at_key=True)
    if details["input"] is None:
        return Problem(path, "this is empty; write something or take the line out")
    return Problem(path, _wrong_value(details), at_key)


def _wrong_value(details: ErrorDetails) -> str:
    kind, context, value = details["type"], details.get("ctx", {}), details["input"]
    if kind in _KIND_OF_MISTAKE:
        return _KIND_OF_MISTAKE[kind]
    match kind:
        case "enum" | "literal_error":
            known = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
            what = f"“{value}” is not allowed here; {did_you_mean(str(value), known)}"
        case "string_pattern_mismatch" if "{2,3}" in str(context["pattern"]):
            right = "use a language code of two or three letters such as en"
            what = f"“{value}” can't be used here; {right}"
        case "string_pattern_mismatch":
            right = "use lower-case letters, digits, - and _ such as roaming-abroad"
            what = f"“{value}” can't be used here; {right}"
        case "greater_than_equal":
            what = f"{value} is out of range; it must be at least {context['ge']:g}"
        case "greater_than":
            what = f"{value} is out of range; it must be more than {context['gt']:g}"
        case "less_than":
            what = f"{value} is out of range; it must be less than {context['lt']:g}"
        case "less_than_equal":
            what = f"{value} is out of range; it must be at most {context['le']:g}"
        case "value_error":
            what = str(context["error"])
        case _:
            what = f"{details['msg'][:1].lower()}{details['msg'][1:]}; see the README"
    return what


def _siblings(data: Any, path: Path) -> set[str]:
    for part in path[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return set()
    return set(data) if isinstance(data, dict) else set()


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    return Roster.model_json_schema(by_alias=True)


def _keys_at(path: Path) -> list[str]:
    """Return the keys that are known at a path, by walking the JSON Schema."""
    schema = _schema()
    definitions = schema["$defs"]

    def resolve(node: dict[str, Any]) -> list[dict[str, Any]]:
        if "$ref" in node:
            return resolve(definitions[node["$ref"].rsplit("/", 1)[-1]])
        return [found for part in node.get("anyOf", ()) for found in resolve(part)] or [node]

    here = [schema]
    for part in path:
        step = []
        for node in here:
            if isinstance(part, int):
                step.append(node.get("items", {}))
            else:
                step.append(node.get("properties", {}).get(part, {}))
        here = [found for node in step for found in resolve(node)]
    return sorted({name for node in here for name in node.get("properties", ())})
