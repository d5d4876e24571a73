"""What everybody who reads in the benchmark can do."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from benchmarks.banking77 import Examples

SEED = 7
THRESHOLD = 0.7
"""The score from which a peer's answer would be used without asking; our own default, too."""


class Answer(NamedTuple):
    """The likeliest topic of a text, how likely, and whether that is sure enough to be used."""

    topic: str
    score: float
    sure: bool
    known: float = math.nan
    """How likely it is on any topic, where somebody tells; otherwise the score stands for it."""


class Competitor(Protocol):
    """Learns topics from examples and reads texts.

    `read` gives the likeliest topic and not all 77: no figure needs more, and making fastText
    rank them all would slow it down for nothing.
    """

    name: str

    def fit(self, examples: Examples) -> None:
        """Learn from texts and topics' names."""
        ...

    def read(self, texts: Sequence[str]) -> list[Answer]:
        """Return one answer for each text, in order."""
        ...
