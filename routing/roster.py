"""experts.yaml text → Roster; every mistake at once, each with file, line and column.

A community manager edits the file without help, so a message names the place, says what is wrong
and what would be right. The structure is checked by the classes of `company.py`; what refers to
something else in the file is checked here, also where the structure has mistakes already.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from routing.company import Roster
from routing.errors import RosterError

Path = tuple[str | int, ...]
_MAX_NODES = 2_000_000
"""Far above 10,000 experts; below what aliases that repeat each other would unfold to."""


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
    _values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    _keys: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def describe(self, problem: Problem) -> str:
        """Return `FILE:LINE:COL: path: what is wrong; what would be right`."""
        line, column = self._place(problem)
        return f"{self.name}:{line}:{column}: {_spell(problem.path)}: {problem.what}"

    def in_order(self, problems: list[Problem]) -> tuple[str, ...]:
        """Return the problems as sentences, in the order of the file, each once."""
        unique = dict.fromkeys(sorted(problems, key=self._place))
        return tuple(self.describe(problem) for problem in unique)

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
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = " ".join(str(error.problem or error.context).split())
        raise RosterError(
            (
                f"{name}:{line}:{column}: YAML: {what}; "
                "check the indentation, quotes and colons here and in the line above",
            )
        ) from None
    except YAMLError as error:
        what = " ".join(str(error).split())
        raise RosterError((f"{name}:1:1: YAML: {what}; save the file as UTF-8 text",)) from None
    if node is None:
        raise RosterError((f"{name}:1:1: the file is empty; it needs at least topics and experts",))
    if not isinstance(node, MappingNode):
        raise RosterError(
            (
                f"{name}:1:1: the file is not a mapping; "
                "start with keys such as company:, topics: and experts:",
            )
        )
    builder = _Builder(file, yaml)
    file.data = builder.build(node, (), ())
    if builder.problems:
        raise RosterError(file.in_order(builder.problems))
    return file


def load(text: str, name: str = "experts.yaml") -> tuple[Roster, RosterFile]:
    """Return the roster and its file; raises RosterError with every mistake at once."""
    file = parse(text, name)
    problems = list(_references(file.data))
    try:
        roster = Roster.model_validate(file.data)
    except ValidationError as error:
        problems += explain(error, file.data)
        raise RosterError(file.in_order(problems)) from None
    if problems:
        raise RosterError(file.in_order(problems))
    return roster, file


def explain(error: ValidationError, data: Any, here: Path = ()) -> list[Problem]:
    """Return pydantic's errors about `data`, which stands at `here` in the file, in words."""
    return [
        Problem((*here, *problem.path), problem.what, problem.at_key)
        for problem in (_in_words(details, data) for details in error.errors())
    ]


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
        self.problems: list[Problem] = []
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
            key = key_node.value if isinstance(key_node, ScalarNode) else str(key_node)
            here = (*path, key)
            mark = key_node.start_mark
            if key in result:
                self.problems.append(
                    Problem(here, f"“{key}” stands here twice; keep one of the two", at_key=True)
                )
            self.file._keys[here] = (mark.line + 1, mark.column + 1)  # noqa: SLF001
            result[key] = self.build(value_node, here, parents)
        return result

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        try:
            return self.yaml.constructor.construct_object(node)
        except (YAMLError, ValueError, OverflowError):
            self.problems.append(
                Problem(path, f"“{node.value}” can't be read; put it in quotes if it is text")
            )
            return node.value


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
    "int_type": "this must be a whole number; write it without quotes",
    "int_parsing": "this must be a whole number; write it in digits",
    "int_from_float": "this must be a whole number; write it without a fraction",
    "float_type": "this must be a number; write it in digits",
    "float_parsing": "this must be a number; write it in digits",
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


def _in_words(details: ErrorDetails, data: Any) -> Problem:
    """Turn one of pydantic's errors into a sentence that a community manager understands."""
    path = tuple(part for part in details["loc"] if part != "[key]")
    at_key = "[key]" in details["loc"]
    kind, context, value = details["type"], details.get("ctx", {}), details["input"]
    if kind == "missing":
        return Problem(path[:-1], f"the key “{path[-1]}” is missing; add “{path[-1]}: …”")
    if kind == "extra_forbidden":
        known = [name for name in _keys_at(path[:-1]) if name not in _siblings(data, path)]
        return Problem(
            path, f"unknown key “{path[-1]}”; {did_you_mean(str(path[-1]), known)}", True
        )
    if kind in _KIND_OF_MISTAKE:
        return Problem(path, _KIND_OF_MISTAKE[kind])
    if kind in ("enum", "literal_error"):
        known = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return Problem(path, f"“{value}” is not allowed here; {did_you_mean(str(value), known)}")
    if kind == "string_pattern_mismatch":
        right = (
            "use a language code of two or three letters such as en"
            if "{2,3}" in str(context["pattern"])
            else "use lower-case letters, digits, - and _ such as roaming-abroad"
        )
        return Problem(path, f"“{value}” can't be used here; {right}", at_key)
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = context.get("ge", context.get("le"))
        side = "at least" if kind.startswith("greater") else "at most"
        return Problem(path, f"{value} is out of range; it must be {side} {limit}")
    if kind == "value_error":
        return Problem(path, str(context["error"]))
    return Problem(path, f"{details['msg'][:1].lower()}{details['msg'][1:]}; see the README")


def _siblings(data: Any, path: Path) -> set[str]:
    for part in path[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return set()
    return set(data) if isinstance(data, dict) else set()


def _keys_at(path: Path) -> list[str]:
    """Return the keys that are known at a path, by walking the JSON Schema."""
    schema = Roster.model_json_schema(by_alias=True)
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
