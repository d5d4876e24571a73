"""Direct Dial as a competitor: a roster of the examples, and its reader."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.banking77 import Examples
from benchmarks.competitor import Answer
from routing.company import Roster
from routing.model import Post
from routing.reading.pipeline import Reader


class Tier(NamedTuple):
    """A way Direct Dial can be set up to read."""

    name: str
    settings: Mapping[str, Any] = {}
    """What experts.yaml says to get it: keys beside topics and experts."""
    needs_torch: bool = False


class DirectDial:
    """Reads with a roster made of the examples."""

    def __init__(self, tier: Tier) -> None:
        self.name = tier.name
        self.tier = tier
        self._reader: Reader | None = None

    def fit(self, examples: Examples) -> None:
        """Build the roster's pipeline: from the checked roster to ready."""
        self._reader = Reader(Roster.model_validate(self.roster(examples)))

    def read(self, texts: Sequence[str]) -> list[Answer]:
        """Read posts as the worker does; language, kind, tone and reasons come along."""
        if self._reader is None:
            raise RuntimeError("fit comes first")
        posts = [Post("x", str(number + 1), text) for number, text in enumerate(texts)]
        answers = []
        for _, reading in self._reader.read(posts):
            topic, score = reading.topics[0][:2] if reading.topics else ("", 0.0)
            answers.append(Answer(topic, score, reading.confident, reading.known))
        return answers

    def roster(self, examples: Examples) -> dict[str, Any]:
        """Return what experts.yaml would say; one expert knows everything."""
        texts = defaultdict(list)
        for text, topic in examples.texts:
            texts[topic].append(text)
        return {
            "topics": [
                {"id": topic, "name": name, "examples": texts[topic]}
                for topic, name in examples.names.items()
            ],
            "experts": [{"id": "ada", "name": "Ada", "topics": dict.fromkeys(examples.names, 3)}],
            **self.tier.settings,
        }

    def write_roster(self, examples: Examples, path: Path) -> None:
        """Write the roster as a file; JSON is YAML, too."""
        path.write_text(json.dumps(self.roster(examples)), "utf-8")
