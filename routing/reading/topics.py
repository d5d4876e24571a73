"""Which topics a post is about: the spaCy component around the classifier, and the phrases."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from spacy.lang.de.stop_words import STOP_WORDS as DE
from spacy.lang.en.stop_words import STOP_WORDS as EN
from spacy.lang.es.stop_words import STOP_WORDS as ES
from spacy.language import Language
from spacy.tokens import Doc

from routing.company import Topic
from routing.model import Evidence, TopicScore
from routing.reading import (
    encoder,
    learned_file,
)
from routing.reading.background import BACKGROUND
from routing.reading.calibration import threshold
from routing.reading.classifier import Classifier, HeldOut
from routing.reading.extensions import notes
from routing.reading.said import said
from routing.reading.social import tidy, without_handles
from routing.reading.training import Texts, train
from routing.reading.wording import as_written, words

PHRASE_SCORE = 0.9
"""A phrase settles it (that is what it is for); the rest of the score still orders topics."""
SHOWN = 0.05
"""Topics below this score aren't worth a line."""
STRANGERS = 20
"""One post in so many is reckoned to be on a topic that nobody wrote down, when it is worked out
how sure one must be. With more of them fewer automatic routes are right than was promised."""
_FILE = "topics.json"
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
_MOST_SENTENCES = 8
Chances = npt.NDArray[np.float64]
_STOP_WORDS = frozenset(EN | DE | ES)


class Forecast(NamedTuple):
    """What held-out examples say about the posts to come."""

    needed: float | None
    """How sure of a topic one must be; None: not even certainty would keep the promise."""
    examples: int
    automatic: int
    """How many of the held-out examples would be dialled without asking a person."""
    wrong: int
    """And how many of those would go to a wrong topic."""


def forecast(held_out: HeldOut, confidence: float, misroute_target: float | None) -> Forecast:
    """Return how sure one must be, and what comes of it.

    For a promise the examples are mixed with some that pretend to be on an unknown topic, one in
    `STRANGERS`, for which every route is wrong.
    """
    best = held_out.ours.chances.max(axis=1, initial=0.0)
    sure = best * held_out.ours.known
    right = held_out.ours.chances.argmax(axis=1) == held_out.classes
    needed: float | None = confidence
    if misroute_target is not None:
        strange = held_out.strange.chances.max(axis=1, initial=0.0) * held_out.strange.known
        count = min(len(strange), round(len(sure) / (STRANGERS - 1)))
        some = strange[np.linspace(0, len(strange) - 1, count).astype(int)]
        mixed = np.concatenate([sure, some])
        fine = np.concatenate([right, np.zeros(count, bool)])
        needed = threshold(mixed, fine, misroute_target)
    if needed is None:
        return Forecast(None, len(sure), 0, 0)
    automatic = sure >= needed
    return Forecast(needed, len(sure), int(automatic.sum()), int((automatic & ~right).sum()))


@Language.factory(
    "direct_dial_topics",
    assigns=["doc._.topics", "doc._.known", "doc._.confident"],
    requires=["doc.spans"],
    default_config={"confidence": 0.7, "misroute_target": None, "tier": "fast"},
)
class TopicsComponent:
    """Sets `doc._.topics`, by falling score; `doc._.known`; and `doc._.confident`.

    `confidence`: how sure of a topic one must be to act on it alone; sureness is the topic's score
    times the chance that the post is on any of the topics. `misroute_target`, in its place: the
    share of automatic routes that may be wrong, from which learning works out how sure that is.
    `tier`: `fast`, or `best`, which asks a sentence encoder about what the words leave open.
    """

    def __init__(
        self,
        nlp: Language,  # noqa: ARG002 - spaCy calls it so
        name: str,
        confidence: float,
        misroute_target: float | None,
        tier: str,
    ) -> None:
        self.name = name
        self._encoder = encoder.load() if tier == "best" else None
        self.confidence, self.misroute_target = confidence, misroute_target
        self.topics: tuple[str, ...] = ()
        self.forecast = Forecast(confidence, 0, 0, 0)
        self._classifier: Classifier | None = None

    def learn(self, topics: Sequence[Topic], more: Iterable[tuple[str, str]] = ()) -> HeldOut:
        """Train on what the roster says about each topic, and `more` pairs of text and topic id.

        Returns the guesses about each example when it was held out; the same examples always
        give the same model.
        """
        texts, strangers = _texts(topics, more), [tidy(text) for text in BACKGROUND]
        learned, held_out = train(texts, strangers, self._encoder)
        self.topics = tuple(topic.id for topic in topics)
        self.forecast = forecast(held_out, self.confidence, self.misroute_target)
        self._classifier = Classifier(learned, self._encoder)
        return held_out

    @property
    def needed(self) -> float:
        """Return how sure of a topic one must be; where nothing would do, phrases still settle."""
        return PHRASE_SCORE if self.forecast.needed is None else self.forecast.needed

    def __call__(self, doc: Doc) -> Doc:
        """Process one document, as spaCy's components do."""
        return next(self.pipe(iter([doc])))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Process a stream in batches: a few matrix products for each."""
        if self._classifier is None:
            raise ValueError("nothing has been learned yet: call learn() or load from disk")
        docs = iter(stream)
        while batch := list(islice(docs, batch_size)):
            texts = [as_written(_without_names(doc)) for doc in batch]
            settled = [bool(doc.spans.get("phrases")) for doc in batch]
            read = self._read(texts, settled)
            for doc, text, (chances, known) in zip(batch, texts, read, strict=True):
                numbers = np.flatnonzero(chances >= SHOWN).tolist() if known > 0 else []
                self._set(doc, text, {number: float(chances[number]) for number in numbers}, known)
                yield doc

    def _read(
        self, texts: Sequence[str], settled: Sequence[bool]
    ) -> Iterator[tuple[Chances, float]]:
        """Yield the chances (topics,) and `known` of each text, its sentences read where it helps.

        A text on two topics shares its chances between them. Where no phrase has `settled` it and
        the whole is on no topic for sure, each sentence that is has its own chance for that topic.
        """
        assert self._classifier is not None  # noqa: S101 - pipe() has looked
        chances, known = self._classifier.guess(texts)
        unsure = chances.max(axis=1) * known < self.needed
        parts = [
            (number, part)
            for number, text in enumerate(texts)
            if unsure[number] and not settled[number]
            for part in _sentences(text)
        ]
        if parts:
            sure, ours = self._classifier.guess([part for _, part in parts], quickly=True)
            for (number, _), row, known_part in zip(parts, sure, ours, strict=True):
                best = row.argmax()
                if row[best] * known_part >= self.needed:
                    chances[number, best] = max(chances[number, best], row[best])
                    known[number] = max(known[number], known_part)
        yield from zip(chances, known.tolist(), strict=True)

    def _set(self, doc: Doc, text: str, scores: dict[int, float], ours: float) -> None:
        phrases = self._phrases(doc)
        for number in phrases:
            scores[number] = PHRASE_SCORE + (1 - PHRASE_SCORE) * scores.get(number, 0.0)
        carried = self._carried(text, list(scores))
        found = [
            TopicScore(
                self.topics[number],
                round(score, 3),
                (
                    *(Evidence(told, 1.0, "phrase") for told in phrases.get(number, ())),
                    *words_there,
                ),
            )
            for (number, score), words_there in zip(scores.items(), carried, strict=True)
        ]
        if len(found) > 1:
            found.sort(key=lambda topic: (-topic.score, topic.id))
        known = 1.0 if phrases else round(ours, 3)
        found_out = notes(doc)
        found_out["topics"] = tuple(found)
        found_out["known"] = known
        found_out["confident"] = bool(found) and self._is_sure(found[0], known)

    def _phrases(self, doc: Doc) -> dict[int, list[str]]:
        """Return for each topic the phrases that settle it, as they are written here."""
        spans = doc.spans.get("phrases", ())
        if not spans:
            return {}
        found: dict[int, set[str]] = {}
        for span in spans:
            found.setdefault(self.topics.index(span.label_), set()).add(span.text)
        return {number: sorted(there, key=str.lower) for number, there in found.items()}

    def _is_sure(self, topic: TopicScore, known: float) -> bool:
        if self.forecast.needed is None:
            return any(told.how == "phrase" for told in topic.evidence)
        # A score that no word can be named for would be a decision without a reason.
        return bool(topic.evidence) and topic.score * known >= self.forecast.needed

    def _carried(self, text: str, topics: Sequence[int]) -> list[tuple[Evidence, ...]]:
        """Return for each topic the three words that carried it most: their share of the score."""
        assert self._classifier is not None  # noqa: S101 - pipe() has looked
        spoken = list(dict.fromkeys(words(text)))[:100]
        if not spoken or not topics:
            return [()] * len(topics)
        leans = self._classifier.leans(spoken)
        telling = [row for row, word in enumerate(spoken) if _tells(word)]
        return [_strongest(spoken, leans[:, topic].tolist(), telling) for topic in topics]

    def to_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> None:  # noqa: ARG002
        """Keep what has been learned in a folder; spaCy's `nlp.to_disk` calls this."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        if self._classifier is not None:
            learned_file.save(folder, self._classifier.learned)
        said_so = {"topics": self.topics, "forecast": self.forecast}
        (folder / _FILE).write_text(json.dumps(said_so), encoding="utf-8")

    def from_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> "TopicsComponent":  # noqa: ARG002
        """Take what has been learned from a folder; raises ValueError when it can't be read."""
        folder = Path(path)
        said_so = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        self.topics, self.forecast = tuple(said_so["topics"]), Forecast(*said_so["forecast"])
        if self.topics:
            self._classifier = Classifier(learned_file.load(folder), self._encoder)
        return self


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text that has several; those of a word or two say too little."""
    if _SENTENCE_END.search(text) is None:
        return []
    return [part for part in _SENTENCE_END.split(text)[:_MOST_SENTENCES] if part.count(" ") > 1]


@lru_cache(maxsize=20_000)
def _tells(word: str) -> bool:
    """Return whether a word can be given as a reason."""
    return len(word) > 2 and word.lower() not in _STOP_WORDS and not word.isnumeric()


def _strongest(
    spoken: Sequence[str], leans: Sequence[float], telling: Sequence[int]
) -> tuple[Evidence, ...]:
    """Return up to three of the `telling` words with their share of all that speaks for it."""
    least = 0.1 * sum(lean for lean in leans if lean > 0)
    strong = [(leans[row], row) for row in telling if leans[row] > max(least, 0.0)]
    strong.sort(key=lambda pair: -pair[0])
    return tuple(
        Evidence(spoken[row], round(lean * 0.1 / least, 2), "words") for lean, row in strong[:3]
    )


def _texts(topics: Sequence[Topic], more: Iterable[tuple[str, str]]) -> Texts:
    place = {topic.id: number for number, topic in enumerate(topics)}
    rows: list[tuple[str, int, bool]] = []
    for number, topic in enumerate(topics):
        about = [text for text in (topic.name, topic.description, *topic.phrases) if text]
        rows += [(text, number, False) for text in about]
        rows += [(text, number, True) for text in topic.examples]
        if not about and not topic.examples:
            rows.append((topic.id, number, False))
    rows += [(text, place[topic], True) for text, topic in more if topic in place]
    return Texts(
        [without_handles(tidy(text)) for text, _, _ in rows],
        np.array([number for _, number, _ in rows]),
        np.array([example for _, _, example in rows]),
        len(topics),
    )


def _without_names(doc: Doc) -> str:
    """Return the text without what names us or a competitor: that says whom, not what about."""
    names = doc.spans.get("names", ())
    if not names:
        return said(doc)
    named = {place for span in names for place in range(span.start, span.end)}
    return without_handles("".join(t.text_with_ws for t in doc if t.i not in named))
