"""The sample roster and its reader, made once: learning takes a second."""

from pathlib import Path

import pytest

from routing.company import Roster
from routing.reading.pipeline import Reader
from routing.roster import load

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def kestrel() -> Roster:
    return load((ROOT / "experts.yaml").read_text(encoding="utf-8"))[0]


@pytest.fixture(scope="session")
def reader(kestrel: Roster) -> Reader:
    return Reader(kestrel)
