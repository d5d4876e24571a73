"""A roster's examples → a classifier, and what it gets right on examples it hasn't seen."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from routing.reading import kernel, linear
from routing.reading.calibration import Curve, best_sharpening, logistic, softmax
from routing.reading.classifier import (
    FOLDS,
    KNOWN,
    SHARPNESS,
    Array,
    Classes,
    Classifier,
    Flags,
    Floats,
    Guesses,
    HeldOut,
    Learned,
    add_views,
    chances_of,
    known_of,
    signs_of,
)
from routing.reading.vectors import unit, word_vectors
from routing.reading.wording import Vocabulary, as_written, words

_LEAST_SPREAD = (0.5, 0.5, 0.1, 0.3)
"""Of the signs of being ours: a handful of examples that happen to agree must not look like a law;
about half of what 770 examples of Banking77 show."""


class Texts:
    """Training texts with everything that is worked out about them once.

    `classes` (n,) are their topics' numbers; `examples` (n,) tells which are a customer's words,
    as against names, descriptions and phrases: only those are ever held out.
    """

    def __init__(
        self, texts: Sequence[str], classes: Classes, examples: Flags, topics: int
    ) -> None:
        self.classes, self.examples, self.topics = classes, examples, topics
        written = [as_written(text) for text in texts]
        self.said = [words(text) for text in written]
        self.words = tuple(dict.fromkeys(word for text in self.said for word in text))
        place = {word: at for at, word in enumerate(self.words)}
        self.word_places = [[place[word] for word in text] for text in self.said]
        self.word_vectors = word_vectors(self.words)
        self.vectors = unit(
            np.stack([self.word_vectors[at].sum(axis=0) for at in self.word_places])
        )
        self.vocabulary = Vocabulary.of(written)
        self.features = _sparse(self.vocabulary, written)

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.said)

    @cached_property
    def word_nearness(self) -> Floats:
        """Return the cosine of each word to each, (words, words)."""
        each = unit(self.word_vectors)
        return np.asarray(each @ each.T)

    def said_of(self, rows: npt.NDArray[np.int64]) -> Flags:
        """Return which words occur in which topic's texts among `rows`, (words, topics)."""
        found = np.zeros((len(self.words), self.topics), bool)
        for row in rows.tolist():
            found[self.word_places[row], self.classes[row]] = True
        return found

    @property
    def few_topics(self) -> bool:
        """Whether leaving out some of the topics leaves too few to tell from each other."""
        return self.topics < FOLDS

    @cached_property
    def folds(self) -> Classes:
        """Return in which fold each example is held out, -1 for never; topics are spread evenly.

        Where whole topics are left out too, a topic's examples are in the other folds.
        """
        fold = np.full(len(self), -1)
        for topic in range(self.topics):
            here = np.flatnonzero((self.classes == topic) & self.examples)
            turn = np.arange(len(here))
            fold[here] = (
                turn % FOLDS if self.few_topics else (topic + 1 + turn % (FOLDS - 1)) % FOLDS
            )
        return fold


def train(texts: Texts, strangers: Sequence[str]) -> tuple[Learned, HeldOut]:
    """Return what the texts teach, and the guesses about each example when it was held out.

    `strangers` are texts on none of the topics. The same texts always give the same result.
    """
    with threadpool_limits(limits=1):  # threads that wait for each other are ten times slower
        return _train(texts, strangers)


def _train(texts: Texts, strangers: Sequence[str]) -> tuple[Learned, HeldOut]:
    ours, strange = _held_out(texts)
    everything = np.arange(len(texts))
    fit = _Fit(texts, everything, np.arange(texts.topics))
    learned = Learned(
        vocabulary=texts.vocabulary,
        wording=fit.wording,
        wording_shift=fit.shift,
        examples=texts.vectors,
        weights=fit.weights,
        topic_words=texts.words,
        said_of=fit.said_of,
        spread=(_spread(ours.meaning), _spread(ours.wording)),
    )
    ours_scores, strange_scores = ours.scores(learned), strange.scores(learned)
    learned = _calibrated(learned, ours_scores, texts.classes[ours.rows])
    ours_signs = ours.signs(ours_scores, texts)
    strange_signs = strange.signs(strange_scores, texts)
    far_signs = Classifier(learned).signs(strangers)
    learned = _with_known(learned, ours_signs, np.vstack([strange_signs, far_signs]))
    return learned, HeldOut(
        ours.rows,
        texts.classes[ours.rows],
        Guesses(chances_of(ours_scores, learned), known_of(ours_signs, learned)),
        Guesses(chances_of(strange_scores, learned), known_of(strange_signs, learned)),
    )


def _calibrated(learned: Learned, scores: Array, classes: Classes) -> Learned:
    learned = replace(learned, sharpening=best_sharpening(scores, classes))
    if len(classes) == 0 or scores.shape[1] == 1:
        return learned
    chances = softmax(scores * learned.sharpening)
    right = chances.argmax(axis=1) == classes
    return replace(learned, curve=Curve.of(chances.max(axis=1), right))


def _with_known(learned: Learned, ours: Array, strange: Array) -> Learned:
    """Return it with the chance of being ours learned from signs of held-out texts, (n, 4) each."""
    if not len(ours):
        return learned
    mean, spread = ours.mean(axis=0), np.maximum(ours.std(axis=0), _LEAST_SPREAD)
    total = (np.vstack([ours, strange]) - mean) / spread @ KNOWN
    from_here = np.arange(len(total)) < len(ours)
    # Each side counts the same, however many there are.
    known = logistic(total[:, None], from_here, prior=(1.0, 0.0))
    even = float(np.log(len(strange) / len(ours)))
    return replace(
        learned,
        signs_mean=tuple(mean.tolist()),
        signs_spread=tuple(spread.tolist()),
        known=(known[0], known[1] + even),
    )


class _Seen:
    """Scores of held-out texts by each view, (m, topics); topics the model didn't know are -inf."""

    def __init__(self, texts: Texts) -> None:
        self._rows: list[Classes] = []
        self._meaning: list[Floats] = []
        self._wording: list[Floats] = []
        self._kept: list[tuple[Classes, Flags]] = []
        self._topics = texts.topics

    def add(self, fit: "_Fit", out: Classes) -> None:
        """Score the rows `out`, which the fit hasn't seen."""
        for views, scores in zip((self._meaning, self._wording), fit.scores(out), strict=True):
            wide = np.full((len(out), self._topics), np.nan, np.float32)
            wide[:, fit.topics] = scores
            views.append(wide)
        self._rows.append(out)
        self._kept.append((out, fit.said_of))

    @property
    def rows(self) -> Classes:
        return np.concatenate([np.zeros(0, np.int64), *self._rows])

    @property
    def meaning(self) -> Floats:
        return np.vstack([np.zeros((0, self._topics), np.float32), *self._meaning])

    @property
    def wording(self) -> Floats:
        return np.vstack([np.zeros((0, self._topics), np.float32), *self._wording])

    def scores(self, learned: Learned) -> Array:
        """Return the sum of both views."""
        unknown = np.isnan(self.meaning)
        filled = [
            np.where(unknown, np.nanmean(view, axis=1, keepdims=True), view) if len(view) else view
            for view in (self.meaning, self.wording)
        ]
        scores = add_views(filled[0], filled[1], learned.spread)
        scores[unknown] = -np.inf
        return scores

    def signs(self, scores: Array, texts: Texts) -> Array:
        """Return the signs of being ours, (m, 4)."""
        covered = np.zeros(len(scores))
        number = 0
        heavy = np.linalg.norm(texts.word_vectors, axis=1)
        for out, said_of in self._kept:
            for row in out.tolist():
                here = texts.word_places[row]
                theirs = np.flatnonzero(said_of[:, scores[number].argmax()])
                if here and len(theirs):
                    near = texts.word_nearness[np.ix_(here, theirs)].max(axis=1)
                    covered[number] = np.maximum(near, 0) @ heavy[here] / heavy[here].sum()
                number += 1
        lengths = np.array([len(texts.said[row]) for row in self.rows.tolist()], dtype=np.int64)
        return signs_of(scores, covered, lengths)


class _Fit:
    """Both views fitted on some of the texts, which are on some of the topics."""

    def __init__(self, texts: Texts, rows: Classes, topics: Classes) -> None:
        self.topics = topics
        self._texts, self._rows = texts, rows
        place = np.zeros(texts.topics, np.int64)
        place[topics] = np.arange(len(topics))
        classes = place[texts.classes[rows]]
        targets = np.full((len(rows), len(topics)), -1 / max(len(topics), 2), np.float32)
        targets[np.arange(len(rows)), classes] += 1
        self.weights = kernel.solve(texts.vectors[rows], targets, SHARPNESS)
        self.wording, self.shift = linear.fit(texts.features[rows], classes, len(topics))

    @cached_property
    def said_of(self) -> Flags:
        """Return which words occur in which topic's texts, (words, all topics)."""
        return self._texts.said_of(self._rows)

    def scores(self, out: Classes) -> tuple[Floats, Floats]:
        """Return the scores of other rows by meaning and by wording, (out, topics) each."""
        texts = self._texts
        near = kernel.nearness(texts.vectors[out], texts.vectors[self._rows], SHARPNESS)
        return near @ self.weights, np.asarray(texts.features[out] @ self.wording + self.shift)


def _held_out(texts: Texts) -> tuple[_Seen, _Seen]:
    """Return scores of every example by a model without it, and by one without its topic.

    With enough topics each fit leaves out every FOLDS-th with all its texts, and a share of the
    examples of the others: two exams at the price of one.
    """
    ours, strange = _Seen(texts), _Seen(texts)
    if texts.few_topics:
        nothing = range(texts.topics, texts.topics + FOLDS)
        exams = [*((absent, fold) for fold, absent in enumerate(nothing))]
        if texts.topics > 2:
            exams += [(topic, -2) for topic in range(texts.topics)]
        group = np.arange(texts.topics)
    else:
        exams = [(fold, fold) for fold in range(1 if len(texts) > linear.FEW else FOLDS)]
        group = np.arange(texts.topics) % FOLDS
    for without, fold in exams:
        absent = group[texts.classes] == without
        out = texts.folds == fold
        fit = _Fit(texts, np.flatnonzero(~absent & ~out), np.flatnonzero(group != without))
        ours.add(fit, np.flatnonzero(out & ~absent))
        strange.add(fit, np.flatnonzero(absent & texts.examples))
    return ours, strange


def _sparse(vocabulary: Vocabulary, texts: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    starts, places, values = vocabulary.rows(texts)
    return csr_matrix((values, places, starts), shape=(len(texts), len(vocabulary)))


def _spread(scores: Floats) -> float:
    """Return how far scores (n, topics) lie from their text's mean; nan for topics not known.

    0.2 is usual, and no roster shows less than 0.02.
    """
    if not len(scores):
        return 0.2
    return max(float(np.nanstd(scores - np.nanmean(scores, axis=1, keepdims=True))), 0.02)
