"""Banking77: 13,083 questions to a bank on 77 topics, split by its authors into train and test.

Casanueva et al. 2020, “Efficient Intent Detection with Dual Sentence Encoders”, CC BY 4.0. It
stands beside this repository and is not part of it, as the licences differ.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "banking77"
SOURCE = "github.com/PolyAI-LDN/task-specific-datasets, folder banking_data"


class Labelled(NamedTuple):
    """A text and the topic it is about."""

    text: str
    topic: str


@dataclass(frozen=True, slots=True)
class Banking77:
    """Texts to learn from and texts to be read, in file order; topics are identifiers."""

    train: tuple[Labelled, ...]
    test: tuple[Labelled, ...]
    names: dict[str, str]
    """What people call each topic; topics in alphabetical order."""

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "Banking77":
        """Read `train.jsonl` and `test.jsonl`; raises FileNotFoundError when they are missing."""
        rows = {
            part: [
                json.loads(line)
                for line in (folder / f"{part}.jsonl").read_text("utf-8").splitlines()
            ]
            for part in ("train", "test")
        }
        said = sorted({row["topic"] for row in rows["train"]}, key=identifier)
        return cls(
            train=tuple(Labelled(row["text"], identifier(row["topic"])) for row in rows["train"]),
            test=tuple(Labelled(row["text"], identifier(row["topic"])) for row in rows["test"]),
            names={identifier(name): name.replace("_", " ").rstrip("?") for name in said},
        )

    def examples(self, each: int | None = None, topics: Iterable[str] | None = None) -> "Examples":
        """Return the first `each` training texts of each topic (all for None), in file order."""
        wanted = self.names if topics is None else set(topics)
        return Examples(
            texts=tuple(first_of_each((r for r in self.train if r.topic in wanted), each)),
            names={topic: name for topic, name in self.names.items() if topic in wanted},
        )


@dataclass(frozen=True, slots=True)
class Examples:
    """What everybody learns from: texts, and the names of their topics."""

    texts: tuple[Labelled, ...]
    names: dict[str, str]

    def with_names(self) -> tuple[Labelled, ...]:
        """Return the texts and, as one more example each, the names: a roster has them too."""
        return (*self.texts, *(Labelled(name, topic) for topic, name in self.names.items()))


def identifier(name: str) -> str:
    """Return the topic's id as a roster allows it: lower case, without question marks."""
    return re.sub(r"[^a-z0-9_.-]", "", name.lower())


def first_of_each(rows: Iterable[Labelled], each: int | None) -> list[Labelled]:
    """Return the first `each` rows of every topic, in order; all of them for None."""
    seen: Counter[str] = Counter()
    kept = []
    for row in rows:
        seen[row.topic] += 1
        if each is None or seen[row.topic] <= each:
            kept.append(row)
    return kept


def every_second(topics: Iterable[str], first: int) -> tuple[str, ...]:
    """Return the topics at `first`, `first` + 2 … in alphabetical order."""
    return tuple(sorted(topics))[first::2]
