"""Which topics a post is about: a linear model over static vectors, and the roster's phrases.

Multinomial logistic regression, one class for each topic and one for “none of them”. The scores
are made honest by temperature scaling (Guo et al. 2017, “On Calibration of Modern Neural
Networks”) on predictions for examples that were left out of training.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt
from spacy.lang.de.stop_words import STOP_WORDS as DE
from spacy.lang.en.stop_words import STOP_WORDS as EN
from spacy.lang.es.stop_words import STOP_WORDS as ES
from spacy.language import Language
from spacy.tokens import Doc
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from routing.company import Topic
from routing.model import Evidence, TopicScore
from routing.reading.background import BACKGROUND
from routing.reading.social import tidy, without_handles
from routing.reading.vectors import DIMENSIONS, embed, embed_words

PHRASE_SCORE = 0.9
"""A phrase settles it (that is what it is for); the rest of the score still orders topics."""
SHOWN = 0.05
"""Topics below this score aren't worth a line."""
_FOLDS = 4
_STEPS = 100
"""More doesn't help: on Banking77 with 10 examples a topic, 0.799 with 100 and 0.796 with 300."""
_RIDGE = 2e-3
_SCALE = 4.0
"""Vectors of length 1 are this much longer for the model, so that the ridge doesn't drown them. On
Banking77 with 10 examples a topic the accuracy hardly moves between 2 and 14 (0.796 to 0.784)."""
_STOP_WORDS = frozenset(EN | DE | ES)

Array = npt.NDArray[np.float64]
Classes = npt.NDArray[np.int64]


@Language.factory(
    "direct_dial_topics",
    assigns=["doc._.topics", "doc._.confident"],
    requires=["doc.spans"],
    default_config={"threshold": 0.5},
)
class TopicsComponent:
    """Sets `doc._.topics`, by falling score, and `doc._.confident`."""

    def __init__(self, nlp: Language, name: str, threshold: float) -> None:  # noqa: ARG002 - spaCy calls it so
        self.name = name
        self.threshold = threshold
        self._ids: tuple[str, ...] = ()
        self._weights: Array = np.zeros((DIMENSIONS, 1))
        self._bias: Array = np.zeros(1)
        self._temperature = 1.0

    def learn(self, topics: Sequence[Topic]) -> None:
        """Train on what the roster says about each topic; deterministic, under a second."""
        texts, labels = [], []
        for number, topic in enumerate(topics):
            about = (topic.name, topic.description, *topic.phrases, *topic.examples)
            said = [text for text in about if text]
            texts += [without_handles(tidy(text)) for text in said or [topic.id]]
            labels += [number] * (len(said) or 1)
        none = len(topics)
        texts += BACKGROUND
        labels += [none] * len(BACKGROUND)
        vectors, classes = embed(texts).astype(np.float64), np.array(labels)
        self._ids = tuple(topic.id for topic in topics)
        # Threads that wait for each other make this ten times slower on a machine with other work.
        with threadpool_limits(limits=1):
            self._weights, self._bias, self._temperature = _train(vectors, classes, none + 1)

    def __call__(self, doc: Doc) -> Doc:
        """Process one document, as spaCy's components do."""
        return next(self.pipe(iter([doc])))

    def pipe(self, stream: Iterator[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Process a stream in batches: one matrix product for each."""
        while docs := list(islice(stream, batch_size)):
            texts = [_without_names(doc) for doc in docs]
            scores = _softmax(self._logits(embed(texts).astype(np.float64)) / self._temperature)
            for doc, row, text in zip(docs, scores, texts, strict=True):
                says_something = any(letter.isalpha() for letter in text)
                self._set(doc, row if says_something else np.zeros_like(row))
                yield doc

    def _logits(self, vectors: Array) -> Array:
        return np.asarray(vectors @ self._weights + self._bias)

    def _set(self, doc: Doc, row: Array) -> None:
        phrases: dict[str, list[str]] = {}
        for span in doc.spans.get("phrases", ()):
            phrases.setdefault(span.label_, []).append(span.text)
        found = []
        for number, topic in enumerate(self._ids):
            score = float(row[number])
            if topic in phrases:
                score = PHRASE_SCORE + (1 - PHRASE_SCORE) * score
            if score >= SHOWN:
                evidence = tuple(
                    Evidence(words, 1.0, "phrase")
                    for words in sorted(set(phrases.get(topic, ())), key=str.lower)
                )
                found.append(
                    TopicScore(topic, round(score, 3), evidence + self._words(doc, number))
                )
        found.sort(key=lambda topic: (-topic.score, topic.id))
        doc._.topics = tuple(found)
        # A score that no word can be named for would be a decision without a reason.
        sure = bool(found) and found[0].score >= self.threshold
        doc._.confident = sure and bool(found[0].evidence)

    def _words(self, doc: Doc, number: int) -> tuple[Evidence, ...]:
        """Return the three words that carried a topic most: each one's share of the score."""
        names = _named(doc)
        words = list(
            dict.fromkeys(
                token.text
                for token in doc
                if len(token) > 2
                and token.is_alpha
                and token.lower_ not in _STOP_WORDS
                and token.i not in names
            )
        )[:100]
        if not words:
            return ()
        direction = self._weights[:, number] - self._weights.mean(axis=1)
        shares = embed_words(words) @ direction / max(float(np.linalg.norm(direction)), 1e-9)
        best = sorted(zip(shares.tolist(), words, strict=True), key=lambda w: (-w[0], w[1]))[:3]
        return tuple(
            Evidence(word, round(share, 2), "words") for share, word in best if share > 0.1
        )


def _named(doc: Doc) -> set[int]:
    """Return the places of tokens that name us or a competitor: they say whom, not what about."""
    return {place for span in doc.spans.get("names", ()) for place in range(span.start, span.end)}


def _without_names(doc: Doc) -> str:
    names = _named(doc)
    return without_handles("".join(t.text_with_ws for t in doc if t.i not in names))


def _softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def _train(vectors: Array, classes: Classes, count: int) -> tuple[Array, Array, float]:
    """Return weights (256, count), bias (count,) and temperature.

    Beside the model for all examples, one for each fold is fitted without it; how sure those are
    of what they haven't seen tells the temperature.
    """
    fold = np.arange(len(classes)) % _FOLDS
    keep = np.vstack([np.ones(len(classes), bool), *(fold != n for n in range(_FOLDS))])
    weights = _fit(vectors, classes, count, keep)
    unseen, inputs = np.zeros((len(classes), count)), _with_one(vectors)
    for number in range(_FOLDS):
        unseen[fold == number] = inputs[fold == number] @ weights[number + 1]
    return weights[0, :-1] * _SCALE, weights[0, -1], _temperature(unseen, classes)


def _with_one(vectors: Array) -> Array:
    return np.hstack([vectors * _SCALE, np.ones((len(vectors), 1))])


def _fit(vectors: Array, classes: Classes, count: int, keep: npt.NDArray[np.bool_]) -> Array:
    """Return weights (models, 257, count), one model for each row of `keep`, the bias last.

    Accelerated gradient descent. Every class weighs the same, however many examples it has. All
    models go through the same two matrix products, as many small ones would wait for each other.
    """
    inputs = _with_one(vectors)
    models, size = len(keep), inputs.shape[1]
    here = np.stack([np.bincount(classes[kept], minlength=count) for kept in keep])
    share = np.where(keep, 1 / (np.maximum(here, 1)[:, classes] * count), 0.0).T  # (n, models)
    target = np.eye(count)[classes][:, None, :]
    longest = max(float(np.linalg.norm(inputs * np.sqrt(row)[:, None], 2)) for row in share.T)
    step = 1 / (0.5 * longest**2 + _RIDGE)
    weights = previous = np.zeros((size, models * count))
    for number in range(_STEPS):
        ahead = weights + number / (number + 3) * (weights - previous)
        chances = _softmax((inputs @ ahead).reshape(-1, models, count))
        error = ((chances - target) * share[:, :, None]).reshape(-1, models * count)
        previous, weights = weights, ahead - step * (inputs.T @ error + _RIDGE / count * ahead)
    return np.asarray(weights.reshape(size, models, count).transpose(1, 0, 2))


def _temperature(logits: Array, classes: Classes) -> float:
    """Return the temperature that makes the classes likeliest.

    Every class weighs the same, and the scores are hardly sharpened: with a handful of examples
    everything left out looks easy, and nobody should be dialled on the strength of that.
    """
    share = 1 / np.bincount(classes)[classes]

    def surprise(temperature: float) -> float:
        chances = _softmax(logits / temperature)[np.arange(len(classes)), classes]
        return float(-(share * np.log(np.maximum(chances, 1e-12))).sum())

    return float(min(np.geomspace(0.8, 3.2, 29), key=surprise))
