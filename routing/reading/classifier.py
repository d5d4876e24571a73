"""Texts → how likely each topic is, and whether it is any of them: trained on a few examples each.

Two views are added up. The *meaning*: kernel ridge regression on static sub-word vectors, which
knows that “abroad” is near “roaming”. The *wording*: a linear model on words and pieces of words,
which knows what only this company says. Then what was learned from held-out examples makes the
sums honest (`calibration.py`).

With a sentence encoder (`encoder.py`) there is a second classifier of the same making, whose
meaning is the encoder's. It knows better and takes twenty times as long, so it is only asked where
the first is unsure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from routing.reading import kernel
from routing.reading.calibration import Curve, softmax
from routing.reading.encoder import Encoder
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
KNOWN = (1.0, 0.5, 1.0, 0.5, 0.0)
"""How much each sign counts in telling our topics from others: the best score, its lead, how well
the topic's words cover the post's, the logarithm of the length, the cosine of the nearest example.
Fixed, as fitting them on topics pretended to be unknown did worse (Banking77, every second topic
left out: AUROC 0.874 against 0.880)."""
SECOND_KNOWN = (1.0, 0.5, 0.5, 0.5, 0.5)
"""The same for the second classifier, whose cosines say more than the first's; chosen on topics of
the training file pretended to be unknown (AUROC 0.851 with the cosine, 0.847 with `KNOWN`)."""
STATIC = 0.5
"""Length of the static vector beside the encoder's, which is 1: words the encoder has no idea of
still count. On Banking77 0.4 to 0.7 do the same, and none at all 0.5 to 1 point worse."""
SECOND_WORDING = 0.3
"""How much the wording counts beside the encoder's meaning. On Banking77 with ten examples a topic
the accuracy of each of three draws stays within 0.4 points from 0 to 0.5."""
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
    wording_counts: float = WORDING
    sharpening: float = 1.0
    curve: Curve = field(default_factory=Curve)
    signs_count: tuple[float, ...] = KNOWN
    signs_mean: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0)
    signs_spread: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0, 1.0)
    known: tuple[float, ...] = (1.0, 0.0)
    """Slope and shift from the sum of signs to the chance that it is one of our topics."""
    second: "Learned | None" = None
    """The same from an encoder's vectors, where there is one; its words are the first one's."""
    limit: float = 0.0
    """Texts of which the first is less sure than this go to the second."""


class Guesses(NamedTuple):
    """What is thought of n texts."""

    chances: Array
    """(n, topics): how likely each topic is if it is any of ours; rows add up to 1."""
    known: Array
    """(n,): how likely it is that it is any of ours, where as many posts are as aren't."""

    @property
    def sure(self) -> Array:
        """Return how sure the best topic is, (n,): that it is ours and this one."""
        return np.asarray(self.chances.max(axis=1) * self.known)

    def where(self, chosen: Flags, other: "Guesses") -> "Guesses":
        """Return these guesses, with the other ones where `chosen` says so."""
        return Guesses(
            np.where(chosen[:, None], other.chances, self.chances),
            np.where(chosen, other.known, self.known),
        )


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


@cache
def _controller() -> ThreadpoolController:
    """Return what limits BLAS to one thread; looking for its libraries takes a millisecond.

    Threads that wait for each other make small products ten times slower.
    """
    return ThreadpoolController()


class Classifier:
    """Guesses what texts are about, with what has been learned.

    `encoder` must be the one it was learned with; without it nothing is sent on to the second.
    """

    def __init__(self, learned: Learned, encoder: Encoder | None = None) -> None:
        self.learned = learned
        self.topics = learned.weights.shape[1]
        self._encoder = encoder
        self._table = _Table(learned)

    def guess(self, texts: Sequence[str], *, quickly: bool = False) -> Guesses:
        """Return chances for each text; one without a letter may be anything, and isn't ours.

        `quickly`: without asking the encoder, whatever is unsure.
        """
        chances = np.full((len(texts), self.topics), 1 / self.topics)
        known = np.zeros(len(texts))
        written = [as_written(text) for text in texts]
        said = [words(text) for text in written]
        spoken = [at for at, text in enumerate(texts) if any(map(str.isalpha, text)) and said[at]]
        if spoken:
            with _controller().limit(limits=1):
                guesses = self._guess(
                    [written[at] for at in spoken], [said[at] for at in spoken], quickly=quickly
                )
            chances[spoken], known[spoken] = guesses
        return Guesses(chances, known)

    def _guess(
        self, texts: Sequence[str], said: Sequence[Sequence[str]], *, quickly: bool
    ) -> Guesses:
        learned, second = self.learned, self.learned.second
        read = _Words(self._table, said)
        guesses = read.guesses(learned, read.vectors)
        if second is None or self._encoder is None or quickly:
            return guesses
        unsure = np.flatnonzero(guesses.sure < learned.limit).tolist()
        if unsure:
            some = _Words(self._table, [said[at] for at in unsure])
            encoded = self._encoder.encode([texts[at] for at in unsure])
            better = some.guesses(second, side_by_side(encoded, some.vectors))
            guesses.chances[unsure], guesses.known[unsure] = better
        return guesses

    def signs(self, texts: Sequence[str]) -> Array:
        """Return the signs of being ours for texts with words, (n, 5): the second one's, if any."""
        written = [text for text in map(as_written, texts) if words(text)]
        if not written:
            return np.zeros((0, len(KNOWN)))
        read = _Words(self._table, [words(text) for text in written])
        if self.learned.second is None or self._encoder is None:
            return read.read(self.learned, read.vectors)[1]
        vectors = side_by_side(self._encoder.encode(written), read.vectors)
        return read.read(self.learned.second, vectors)[1]

    def leans(self, said: Sequence[str]) -> Floats:
        """Return how much each of a text's words speaks for each topic, (words, topics).

        The first step away from a text without the word: exact for the wording, a straight line
        for the meaning, whose curve a single word hardly bends.
        """
        self._table.look_up([said])
        return self._table.leans(said)


class _Words:
    """The words of some texts, each looked up in the table."""

    def __init__(self, table: _Table, said: Sequence[Sequence[str]]) -> None:
        self._table = table
        self._rows = table.look_up(said)
        self._lengths = np.array([len(text) for text in said], dtype=np.int64)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self.vectors = table.vectors(self._rows, self._starts)

    def read(self, learned: Learned, vectors: Floats) -> tuple[Array, Array]:
        """Return scores (n, topics) and signs (n, 5) of texts with these vectors."""
        near = kernel.nearness(vectors, learned.examples, SHARPNESS)
        wording = self._table.wording(self._rows, self._starts)
        scores = add_views(near @ learned.weights, wording, learned.spread, learned.wording_counts)
        covered = self._table.coverage(self._rows, self._starts, scores.argmax(axis=1))
        return scores, signs_of(scores, covered, self._lengths, kernel.nearest(near, SHARPNESS))

    def guesses(self, learned: Learned, vectors: Floats) -> Guesses:
        """Return what is thought of texts with these vectors."""
        scores, signs = self.read(learned, vectors)
        return Guesses(chances_of(scores, learned), known_of(signs, learned))


def side_by_side(encoded: Floats, static: Floats) -> Floats:
    """Return the encoder's vectors with the static ones beside them, as unit vectors."""
    return unit(np.hstack([encoded, STATIC * static]))


def add_views(
    meaning: Floats, wording: Floats, spread: tuple[float, float], wording_counts: float = WORDING
) -> Array:
    """Return the sum of both views' scores, each centred for each text and scaled."""
    a = meaning - meaning.mean(axis=1, keepdims=True)
    b = wording - wording.mean(axis=1, keepdims=True)
    return np.asarray(a / spread[0] + wording_counts * b / spread[1], dtype=np.float64)


def signs_of(
    scores: Array, covered: Array, lengths: npt.NDArray[np.int64], nearest: Array
) -> Array:
    """Return the signs of `KNOWN` for each text, (n, 5)."""
    best = np.sort(scores, axis=1)[:, ::-1]
    lead = best[:, 0] - best[:, 1] if scores.shape[1] > 1 else np.zeros(len(scores))
    return np.column_stack([best[:, 0], lead, covered, np.log1p(lengths), nearest])


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
    slope, shift = learned.known
    total = sum_of(signs, learned)
    return np.asarray(1 / (1 + np.exp(-np.clip(slope * total + shift, -40, 40))))


def sum_of(signs: Array, learned: Learned) -> Array:
    """Return the weighted sum of signs, each on its usual scale, (n,)."""
    scaled = (signs - np.array(learned.signs_mean)) / np.array(learned.signs_spread)
    return np.asarray(scaled @ np.array(learned.signs_count))
