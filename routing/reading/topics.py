"""Which topics a post is about: a linear model over static vectors, and the roster's phrases.

Multinomial logistic regression, one class for each topic and one for “none of them”. The scores
are made honest by temperature scaling (Guo et al. 2017, “On Calibration of Modern Neural
Networks”) on predictions for examples that were left out of training.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from spacy.lang.de.stop_words import STOP_WORDS as DE
from spacy.lang.en.stop_words import STOP_WORDS as EN
from spacy.lang.es.stop_words import STOP_WORDS as ES
from spacy.lang.fr.stop_words import STOP_WORDS as FR
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch

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
_STEPS = 300
_RIDGE = 2e-3
_SCALE = 4.0
"""Vectors of length 1 are this much longer for the model, so that the ridge doesn't drown them. On
Banking77 with 10 examples a topic the accuracy hardly moves between 2 and 14 (0.796 to 0.784)."""
_STOP_WORDS = frozenset(EN | DE | FR | ES)

Array = npt.NDArray[np.float64]


@Language.factory(
    "direct_dial_topics",
    assigns=["doc._.topics", "doc._.confident"],
    requires=["doc.spans"],
    default_config={"threshold": 0.5},
)
class TopicsComponent:
    """Sets `doc._.topics`, by falling score, and `doc._.confident`."""

    def __init__(self, nlp: Language, name: str, threshold: float) -> None:
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
        self._weights, self._bias = _fit(vectors, classes, none + 1)
        self._temperature = _temperature(vectors, classes, none + 1)

    def __call__(self, doc: Doc) -> Doc:
        return next(self.pipe(iter([doc])))

    def pipe(self, stream: Iterator[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Process a stream in batches: one matrix product for each."""
        for docs in minibatch(stream, batch_size):
            texts = [without_handles(doc.text) for doc in docs]
            scores = _softmax(self._logits(embed(texts).astype(np.float64)) / self._temperature)
            for doc, row, text in zip(docs, scores, texts, strict=True):
                self._set(doc, row if text else np.zeros_like(row))
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
        doc._.confident = bool(found) and found[0].score >= self.threshold

    def _words(self, doc: Doc, number: int) -> tuple[Evidence, ...]:
        """Return the three words that carried a topic most: each one's share of the score."""
        words = list(
            dict.fromkeys(
                token.text
                for token in doc
                if len(token) > 2 and token.is_alpha and token.lower_ not in _STOP_WORDS
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


def _softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def _fit(vectors: Array, classes: npt.NDArray[np.int64], count: int) -> tuple[Array, Array]:
    """Return weights (256, count) and bias (count,) by accelerated gradient descent.

    Every class weighs the same, however many examples it has.
    """
    inputs = np.hstack([vectors * _SCALE, np.ones((len(vectors), 1))])
    share = 1 / (np.maximum(np.bincount(classes, minlength=count), 1)[classes] * count)
    target = np.eye(count)[classes]
    step = 1 / (0.5 * float(np.linalg.norm(inputs * np.sqrt(share)[:, None], 2)) ** 2 + _RIDGE)
    weights = previous = np.zeros((inputs.shape[1], count))
    for number in range(_STEPS):
        ahead = weights + number / (number + 3) * (weights - previous)
        error = (_softmax(inputs @ ahead) - target) * share[:, None]
        previous, weights = weights, ahead - step * (inputs.T @ error + _RIDGE / count * ahead)
    return weights[:-1] * _SCALE, weights[-1]


def _temperature(vectors: Array, classes: npt.NDArray[np.int64], count: int) -> float:
    """Return the temperature that makes left-out examples likeliest."""
    fold = np.arange(len(classes)) % _FOLDS
    logits = np.zeros((len(classes), count))
    for number in range(_FOLDS):
        weights, bias = _fit(vectors[fold != number], classes[fold != number], count)
        logits[fold == number] = vectors[fold == number] @ weights + bias
    grid = np.geomspace(0.2, 3.0, 28)

    def surprise(temperature: float) -> float:
        chances = _softmax(logits / temperature)[np.arange(len(classes)), classes]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    return float(min(grid, key=surprise))
