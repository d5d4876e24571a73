"""Texts → how likely each topic is, and whether it is any of them: trained on a few examples each.

Two views are added up. The *meaning*: kernel ridge regression on static sub-word vectors, which
knows that “abroad” is near “roaming”. The *wording*: a linear model on words and pieces of words,
which knows what only this company says. Then what was learned from held-out examples makes the
sums honest (`calibration.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from routing.reading import kernel
from routing.reading.calibration import Curve, softmax
from routing.reading.vectors import DIMENSIONS, unit, word_vectors
from routing.reading.wording import Vocabulary, as_written, words

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]
Classes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SHARPNESS = 2.0
WORDING = 0.5
"""How much the wording counts beside the meaning, both scaled to the same spread. On Banking77 the
accuracy hardly moves between 0.3 and 0.6, with ten examples a topic and with all."""
KNOWN = np.array([1.0, 0.5, 1.0, 0.5])
"""How much each sign counts in telling our topics from others: the best score, its lead, how well
the topic's words cover the post's, the logarithm of the length. Fixed, as fitting them on topics
pretended to be unknown did worse (Banking77, every second topic left out: AUROC 0.874 against
0.880)."""
FOLDS = 6
_USUAL_LENGTH = 60.0
"""Of the sum of a short post's word vectors, and how many words it has: so that what a word speaks
for can be said once and for all posts."""
_USUAL_WORDS = 10
_MOST_WORDS = 20_000
"""Words remembered at once, about 2.5 kB each with 77 topics."""


@dataclass(frozen=True)
class Learned:
    """Everything that training finds out; arrays and numbers, so that it can be kept in a file."""

    vocabulary: Vocabulary
    wording: Floats
    """(features, topics): what each feature adds to each topic."""
    wording_shift: Floats
    examples: Floats
    """(examples, 256), rows of length 1."""
    weights: Floats
    """(examples, topics): the kernel regression's solution."""
    topic_words: tuple[str, ...]
    said_of: Flags
    """(topic words, topics): which topic's examples have which word."""
    spread: tuple[float, float] = (1.0, 1.0)
    """Of the scores by meaning and by wording."""
    sharpening: float = 1.0
    curve: Curve = field(default_factory=Curve)
    signs_mean: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    signs_spread: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)
    known: tuple[float, ...] = (1.0, 0.0)
    """Slope and shift from the sum of signs to the chance that it is one of our topics."""


class Guesses(NamedTuple):
    """What is thought of n texts."""

    chances: Array
    """(n, topics): how likely each topic is if it is any of ours; rows add up to 1."""
    known: Array
    """(n,): how likely it is that it is any of ours, where as many posts are as aren't."""


class HeldOut(NamedTuple):
    """Guesses about examples by models that hadn't seen them, to learn from and to judge by."""

    places: Classes
    """(m,): which of the training texts they are."""
    classes: Classes
    ours: Guesses
    """By models that hadn't seen the example, but others of its topic."""
    strange: Guesses
    """By models that hadn't seen any example of its topic: to them it was unknown."""


class _Table:
    """What each word adds, worked out once and then only looked up and added."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self._topic_vectors = unit(word_vectors(learned.topic_words))
        topics = learned.weights.shape[1]
        self._places: dict[str, int] = {}
        self._vectors = np.zeros((0, DIMENSIONS), np.float32)
        self._wording = np.zeros((0, topics), np.float32)
        self._cover = np.zeros((0, topics), np.float32)
        self._square = np.zeros(0, np.float32)
        self._small: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._small_places: dict[str, int] = {}
        self._lean = np.zeros((0, topics), np.float32)
        self._direction = learned.examples.T @ learned.weights
        pairs = [(a, b, place) for a, b, place in learned.vocabulary.pairs()]
        for first, second, _ in pairs:
            for word in (first, second):
                self._small_places.setdefault(word, len(self._small_places))
        self._step = len(self._small_places) + 1
        keys = np.array(
            [self._small_places[a] * self._step + self._small_places[b] for a, b, _ in pairs],
            dtype=np.int64,
        )
        order = np.argsort(keys)
        self._pair_keys = keys[order]
        self._pair_places = np.array([place for _, _, place in pairs], dtype=np.int64)[order]

    def look_up(self, texts: Sequence[Sequence[str]]) -> npt.NDArray[np.int64]:
        """Return the rows of all words, one text after the other."""
        new = list(dict.fromkeys(w for text in texts for w in text if w not in self._places))
        if new:
            if len(self._places) + len(new) > _MOST_WORDS and self._places:
                self._forget()
                new = list(dict.fromkeys(word for text in texts for word in text))
            self._learn(new)
        places = self._places
        return np.array([places[word] for text in texts for word in text], dtype=np.int64)

    def _forget(self) -> None:
        self._places = {}
        self._vectors, self._wording = self._vectors[:0], self._wording[:0]
        self._cover, self._square, self._small = self._cover[:0], self._square[:0], self._small[:0]
        self._lean = self._lean[:0]

    def _learn(self, new: list[str]) -> None:
        learned = self._learned
        vectors = word_vectors(new)
        wording = np.zeros((len(new), learned.wording.shape[1]), np.float32)
        square = np.zeros(len(new), np.float32)
        for row, word in enumerate(new):
            at, values = learned.vocabulary.of_word(word)
            wording[row] = values @ learned.wording[at]
            square[row] = values @ values
        cover = best_of_each(unit(vectors) @ self._topic_vectors.T, learned.said_of)
        lean = vectors @ self._direction * SHARPNESS / (_USUAL_LENGTH * learned.spread[0])
        length = np.sqrt(np.maximum(square, 1e-9))[:, None] * _USUAL_WORDS**0.5
        lean += WORDING * wording / (length * learned.spread[1])
        small = [self._small_places.get(word.lower(), self._step - 1) for word in new]
        for number, word in enumerate(new, start=len(self._places)):
            self._places[word] = number
        self._vectors = np.vstack([self._vectors, vectors])
        self._wording = np.vstack([self._wording, wording])
        self._cover = np.vstack([self._cover, cover])
        self._lean = np.vstack([self._lean, lean - lean.mean(axis=1, keepdims=True)])
        self._square = np.concatenate([self._square, square])
        self._small = np.concatenate([self._small, np.array(small, dtype=np.int64)])

    def vectors(self, rows: npt.NDArray[np.int64], starts: npt.NDArray[np.int64]) -> Floats:
        """Return the texts' vectors, shape (texts, 256)."""
        return unit(np.add.reduceat(self._vectors[rows], starts, axis=0))

    def wording(self, rows: npt.NDArray[np.int64], starts: npt.NDArray[np.int64]) -> Floats:
        """Return the scores by wording, shape (texts, topics)."""
        learned = self._learned
        scores = np.add.reduceat(self._wording[rows], starts, axis=0)
        square = np.add.reduceat(self._square[rows], starts)
        if len(self._pair_keys):
            small = self._small[rows]
            keys = small[:-1] * self._step + small[1:]
            found = np.minimum(np.searchsorted(self._pair_keys, keys), len(self._pair_keys) - 1)
            within = np.ones(len(keys), bool)
            within[starts[1:] - 1] = False
            here = np.flatnonzero((self._pair_keys[found] == keys) & within)
            places = self._pair_places[found[here]]
            text = np.searchsorted(starts, here, side="right") - 1
            np.add.at(
                scores, text, learned.vocabulary.telling[places, None] * learned.wording[places]
            )
            np.add.at(square, text, learned.vocabulary.telling[places] ** 2)
        length = np.sqrt(np.maximum(square, 1e-9))
        return np.asarray(scores / length[:, None] + learned.wording_shift)

    def coverage(
        self, rows: npt.NDArray[np.int64], starts: npt.NDArray[np.int64], topics: Classes
    ) -> Array:
        """Return how well each text's words are covered by those of a topic's examples, 0 to 1."""
        counts = np.diff(np.append(starts, len(rows)))
        heavy = np.linalg.norm(self._vectors[rows], axis=1)
        covered = self._cover[rows, np.repeat(topics, counts)] * heavy
        return np.asarray(
            np.add.reduceat(covered, starts) / np.maximum(np.add.reduceat(heavy, starts), 1e-9),
            dtype=np.float64,
        )

    def leans(self, said: Sequence[str]) -> Floats:
        """Return how much each word speaks for each topic rather than others, (words, topics)."""
        return self._lean[[self._places[word] for word in said]]


def best_of_each(near: Floats, said_of: Flags) -> Floats:
    """Return for each row the highest nearness to a word of each topic, (rows, topics)."""
    best = np.zeros((len(near), said_of.shape[1]), np.float32)
    for topic in range(said_of.shape[1]):
        if said_of[:, topic].any():
            best[:, topic] = near[:, said_of[:, topic]].max(axis=1)
    return np.maximum(best, 0.0)


class Classifier:
    """Guesses what texts are about, with what has been learned."""

    def __init__(self, learned: Learned) -> None:
        self.learned = learned
        self.topics = learned.weights.shape[1]
        self._table = _Table(learned)

    def guess(self, texts: Sequence[str]) -> Guesses:
        """Return chances for each text; one without a letter may be anything, and isn't ours."""
        chances = np.full((len(texts), self.topics), 1 / self.topics)
        known = np.zeros(len(texts))
        said = [words(as_written(text)) for text in texts]
        spoken = [at for at, text in enumerate(texts) if any(map(str.isalpha, text)) and said[at]]
        if spoken:
            with threadpool_limits(limits=1):
                scores, signs = self._read([said[at] for at in spoken])
            chances[spoken] = chances_of(scores, self.learned)
            known[spoken] = known_of(signs, self.learned)
        return Guesses(chances, known)

    def signs(self, texts: Sequence[str]) -> Array:
        """Return the signs of being ours for texts with words, (n, 4)."""
        said = [found for text in texts if (found := words(as_written(text)))]
        return self._read(said)[1] if said else np.zeros((0, len(KNOWN)))

    def _read(self, said: Sequence[Sequence[str]]) -> tuple[Array, Array]:
        rows = self._table.look_up(said)
        starts = np.cumsum([0, *(len(text) for text in said[:-1])])
        learned = self.learned
        near = kernel.nearness(self._table.vectors(rows, starts), learned.examples, SHARPNESS)
        scores = add_views(
            near @ learned.weights, self._table.wording(rows, starts), learned.spread
        )
        covered = self._table.coverage(rows, starts, scores.argmax(axis=1))
        return scores, signs_of(scores, covered, np.array([len(text) for text in said]))

    def leans(self, said: Sequence[str]) -> Floats:
        """Return how much each of a text's words speaks for each topic, (words, topics).

        The first step away from a text without the word: exact for the wording, a straight line
        for the meaning, whose curve a single word hardly bends.
        """
        self._table.look_up([said])
        return self._table.leans(said)


def add_views(meaning: Floats, wording: Floats, spread: tuple[float, float]) -> Array:
    """Return the sum of both views' scores, each centred for each text and scaled."""
    a = meaning - meaning.mean(axis=1, keepdims=True)
    b = wording - wording.mean(axis=1, keepdims=True)
    return np.asarray(a / spread[0] + WORDING * b / spread[1], dtype=np.float64)


def signs_of(scores: Array, covered: Array, lengths: npt.NDArray[np.int64]) -> Array:
    """Return the four signs of `KNOWN` for each text, (n, 4)."""
    best = np.sort(scores, axis=1)[:, ::-1]
    lead = best[:, 0] - best[:, 1] if scores.shape[1] > 1 else np.zeros(len(scores))
    return np.column_stack([best[:, 0], lead, covered, np.log1p(lengths)])


def chances_of(scores: Array, learned: Learned) -> Array:
    """Return calibrated chances (n, topics) from scores."""
    chances = softmax(scores * learned.sharpening)
    if chances.shape[1] == 1:
        return chances
    best = chances.argmax(axis=1)
    every = np.arange(len(chances))
    raw = chances[every, best]
    right = learned.curve(raw)
    chances *= ((1 - right) / np.maximum(1 - raw, 1e-12))[:, None]
    chances = np.minimum(chances, right[:, None])
    chances[every, best] = right
    return chances


def known_of(signs: Array, learned: Learned) -> Array:
    """Return the chance of being one of our topics, (n,)."""
    total = ((signs - np.array(learned.signs_mean)) / np.array(learned.signs_spread)) @ KNOWN
    slope, shift = learned.known
    return np.asarray(1 / (1 + np.exp(-np.clip(slope * total + shift, -40, 40))))
