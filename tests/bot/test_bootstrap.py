"""What the roster watches, opened: above all whether models may be trained on what comes in."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from bot import bootstrap
from routing.company import Watch
from tests.builders import a_roster
from tests.fakes import FakeSource


class OwnSettings(BaseModel):
    may_train: Any = True


def own_module(monkeypatch: pytest.MonkeyPatch, **names: object) -> str:
    """Return the dotted path of a company's own source, with these names beside what it needs."""
    module = ModuleType("own_source")
    needed = {"Settings": OwnSettings, "SECRETS": (), "open_source": lambda *_: FakeSource()}
    vars(module).update(needed | names)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__name__


def opened(source: str, **settings: object) -> bool:
    watch = Watch.model_validate({"source": source, **settings})
    (watched,) = bootstrap.open_sources(a_roster(watch=(watch,)))
    return watched.may_train


def test_a_file_may_be_trained_on_unless_its_entry_says_no(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    assert opened("jsonl", path=path) is True
    assert opened("jsonl", path=path, may_train=False) is False


def test_x_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", "token")
    assert opened("x", mentions_of="KestrelHelp") is False


@pytest.mark.parametrize(
    ("names", "settings", "expected"),
    [
        ({}, {}, False),
        ({}, {"may_train": True}, False),
        ({"MAY_TRAIN": True}, {}, True),
        ({"MAY_TRAIN": True}, {"may_train": False}, False),
        ({"MAY_TRAIN": True}, {"may_train": "perhaps"}, False),
        ({"MAY_TRAIN": "perhaps"}, {}, False),
        ({"MAY_TRAIN": False}, {"may_train": True}, False),
    ],
)
def test_a_source_of_ones_own_may_when_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
    names: dict[str, object],
    settings: dict[str, object],
    expected: bool,
) -> None:
    assert opened(own_module(monkeypatch, **names), **settings) is expected
