"""A roster's examples → a classifier, and what it gets right on examples it hasn't seen."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from routing.reading import kernel, linear
from routing.reading.calibration import Curve, best_sharpening, logistic, softmax
from routing.reading.classifier import (
    FOLDS,
    KNOWN,
    SECOND_KNOWN,
    SECOND_WORDING,
    SHARPNESS,
    WORDING,
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
    side_by_side,
    signs_of,
    sum_of,
)
from routing.reading.encoder import Encoder
from routing.reading.vectors import unit, word_vectors
from routing.reading.wording import Vocabulary, as_written, words

_LEAST_SPREAD = (0.5, 0.5, 0.1, 0.3, 0.07)
"""Of the signs of being ours: a handful of examples that happen to agree must not look like a law;
about half of what 770 examples of Banking77 show."""
MOST_LOST = 0.0015
"""Share of held-out examples that may be lost by not asking the second classifier about all."""


class Texts:
    """Training texts with everything that is worked out about them once.

    `classes` (n,) are their topics' numbers; `examples` (n,) tells which are a customer's words,
    as against names, descriptions and phrases: only those are ever held out.
    """

    def __init__(
        self, texts: Sequence[str], classes: Classes, examples: Flags, topics: int
    ) -> None:
        self.classes, self.examples, self.topics = classes, examples, topics
        self.written = [as_written(text) for text in texts]
        self.said = [words(text) for text in self.written]
        self.words = tuple(dict.fromkeys(word for text in self.said for word in text))
        place = {word: at for at, word in enumerate(self.words)}
        self.word_places = [[place[word] for word in text] for text in self.said]
        self.word_vectors = word_vectors(self.words)
        self.vectors = unit(
            np.stack([self.word_vectors[at].sum(axis=0) for at in self.word_places])
        )
        self.vocabulary = Vocabulary.of(self.written)
        self.features = _sparse(self.vocabulary, self.written)

    def encoded(self, encoder: Encoder) -> "Texts":
        """Return the same texts with an encoder's vectors beside the static ones."""
        other = copy(self)
        other.vectors = side_by_side(encoder.encode(self.written), self.vectors)
        return other

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


def train(
    texts: Texts, strangers: Sequence[str], encoder: Encoder | None = None
) -> tuple[Learned, HeldOut]:
    """Return what the texts teach, and the guesses about each example when it was held out.

    `strangers` are texts on none of the topics. With an encoder a second classifier is learned,
    and when to ask it. The same texts always give the same result.
    """
    with threadpool_limits(limits=1):  # threads that wait for each other are ten times slower
        exams = _exams(texts)
        everything = _Wording(texts, np.arange(len(texts)), np.arange(texts.topics))
        first, by_first = _learn(_Fit(texts, everything), exams, strangers)
        if encoder is None:
            return first, by_first
        fit = _Fit(texts.encoded(encoder), everything)
        second, by_second = _learn(fit, exams, strangers, first, encoder)
    limit = worth_asking(by_first, by_second)
    return replace(first, second=second, limit=limit), HeldOut(
        by_first.places,
        by_first.classes,
        by_first.ours.where(by_first.ours.sure < limit, by_second.ours),
        by_first.strange.where(by_first.strange.sure < limit, by_second.strange),
    )


def worth_asking(first: HeldOut, second: HeldOut) -> float:
    """Return the sureness of the first classifier from which on it needn't ask the second.

    The lowest at which, by the second's own chances for the held-out examples, at most MOST_LOST
    of all are lost by keeping the first one's guess. Counting which came out right would be a
    matter of luck: of 770 examples the 0.2 % that may be lost are not even two.
    """
    chances = second.ours.chances
    every = np.arange(len(chances))
    lost = chances.max(axis=1) - chances[every, first.ours.chances.argmax(axis=1)]
    sure = first.ours.sure
    order = np.argsort(-sure, kind="stable")
    most = MOST_LOST * len(order)
    kept = order[: int(np.searchsorted(np.cumsum(lost[order]), most, side="right"))]
    return float(sure[kept].min(initial=1.0))


def _learn(
    fit: "_Fit",
    exams: "Sequence[_Exam]",
    strangers: Sequence[str],
    first: Learned | None = None,
    encoder: Encoder | None = None,
) -> tuple[Learned, HeldOut]:
    texts = fit.texts
    ours, strange = _held_out(texts, exams)
    learned = Learned(
        vocabulary=texts.vocabulary,
        wording=fit.wording.weights,
        wording_shift=fit.wording.shift,
        examples=texts.vectors,
        weights=fit.weights,
        topic_words=texts.words,
        said_of=fit.wording.said_of,
        spread=(_spread(ours.meaning), _spread(ours.wording)),
        wording_counts=WORDING if first is None else SECOND_WORDING,
        signs_count=KNOWN if first is None else SECOND_KNOWN,
    )
    ours_scores, strange_scores = ours.scores(learned), strange.scores(learned)
    learned = _calibrated(learned, ours_scores, texts.classes[ours.rows])
    ours_signs = ours.signs(ours_scores, texts)
    strange_signs = strange.signs(strange_scores, texts)
    reader = learned if first is None else replace(first, second=learned)
    far_signs = Classifier(reader, encoder).signs(strangers)
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
    """Return it with the chance of being ours learned from signs of held-out texts, (n, 5) each."""
    if not len(ours):
        return learned
    spread = np.maximum(ours.std(axis=0), _LEAST_SPREAD)
    learned = replace(
        learned,
        signs_mean=tuple(ours.mean(axis=0).tolist()),
        signs_spread=tuple(spread.tolist()),
    )
    total = sum_of(np.vstack([ours, strange]), learned)
    from_here = np.arange(len(total)) < len(ours)
    # Each side counts the same, however many there are.
    known = logistic(total[:, None], from_here, prior=(1.0, 0.0))
    even = float(np.log(len(strange) / len(ours)))
    return replace(learned, known=(known[0], known[1] + even))


class _Seen:
    """Scores of held-out texts by each view, (m, topics); topics the model didn't know are -inf."""

    def __init__(self, texts: Texts) -> None:
        self._rows: list[Classes] = []
        self._meaning: list[Floats] = []
        self._wording: list[Floats] = []
        self._kept: list[tuple[Classes, Flags]] = []
        self._nearest: list[Array] = []
        self._topics = texts.topics

    def add(self, fit: "_Fit", out: Classes) -> None:
        """Score the rows `out`, which the fit hasn't seen."""
        meaning, wording, nearest = fit.scores(out)
        for views, scores in ((self._meaning, meaning), (self._wording, wording)):
            wide = np.full((len(out), self._topics), np.nan, np.float32)
            wide[:, fit.wording.topics] = scores
            views.append(wide)
        self._rows.append(out)
        self._nearest.append(nearest)
        self._kept.append((out, fit.wording.said_of))

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
        scores = add_views(filled[0], filled[1], learned.spread, learned.wording_counts)
        scores[unknown] = -np.inf
        return scores

    def signs(self, scores: Array, texts: Texts) -> Array:
        """Return the signs of being ours, (m, 5)."""
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
        return signs_of(scores, covered, lengths, np.concatenate([np.zeros(0), *self._nearest]))


class _Wording:
    """The wording fitted on some of the texts, which are on some of the topics.

    It is the same whatever the meaning is taken from, so it is only fitted once.
    """

    def __init__(self, texts: Texts, rows: Classes, topics: Classes) -> None:
        self._texts = texts
        self.rows, self.topics = rows, topics
        place = np.zeros(texts.topics, np.int64)
        place[topics] = np.arange(len(topics))
        self.classes = place[texts.classes[rows]]
        self.weights, self.shift = linear.fit(texts.features[rows], self.classes, len(topics))

    @cached_property
    def said_of(self) -> Flags:
        """Return which words occur in which topic's texts, (words, all topics)."""
        return self._texts.said_of(self.rows)

    def scores(self, out: Classes) -> Floats:
        """Return the scores of other rows, (out, topics)."""
        return np.asarray(self._texts.features[out] @ self.weights + self.shift)


class _Fit:
    """Both views fitted on the same texts."""

    def __init__(self, texts: Texts, wording: _Wording) -> None:
        self.texts, self.wording = texts, wording
        rows, topics = wording.rows, len(wording.topics)
        targets = np.full((len(rows), topics), -1 / max(topics, 2), np.float32)
        targets[np.arange(len(rows)), wording.classes] += 1
        self.weights = kernel.solve(texts.vectors[rows], targets, SHARPNESS)

    def scores(self, out: Classes) -> tuple[Floats, Floats, Array]:
        """Return other rows' scores by meaning and by wording, and the nearest cosine."""
        vectors = self.texts.vectors
        near = kernel.nearness(vectors[out], vectors[self.wording.rows], SHARPNESS)
        nearest = kernel.nearest(near, SHARPNESS)
        return near @ self.weights, self.wording.scores(out), nearest


class _Exam(NamedTuple):
    """Some texts left out, to be guessed by who has only seen the rest."""

    rest: _Wording
    ours: Classes
    """Examples of topics of which others were seen."""
    strange: Classes
    """Examples of topics of which nothing was seen."""


def _held_out(texts: Texts, exams: Sequence[_Exam]) -> tuple[_Seen, _Seen]:
    """Return scores of every example by a model without it, and by one without its topic."""
    ours, strange = _Seen(texts), _Seen(texts)
    for exam in exams:
        fit = _Fit(texts, exam.rest)
        ours.add(fit, exam.ours)
        strange.add(fit, exam.strange)
    return ours, strange


def _exams(texts: Texts) -> list[_Exam]:
    """Return what is left out in turn: examples, and topics.

    With enough topics each fit leaves out every FOLDS-th with all its texts, and a share of the
    examples of the others: two exams at the price of one.
    """
    if texts.few_topics:
        nothing = range(texts.topics, texts.topics + FOLDS)
        turns = [*((absent, fold) for fold, absent in enumerate(nothing))]
        if texts.topics > 2:
            turns += [(topic, -2) for topic in range(texts.topics)]
        group = np.arange(texts.topics)
    else:
        turns = [(fold, fold) for fold in range(1 if len(texts) > linear.FEW else FOLDS)]
        group = np.arange(texts.topics) % FOLDS
    exams = []
    for without, fold in turns:
        absent = group[texts.classes] == without
        out = texts.folds == fold
        rest = _Wording(texts, np.flatnonzero(~absent & ~out), np.flatnonzero(group != without))
        exams.append(
            _Exam(rest, np.flatnonzero(out & ~absent), np.flatnonzero(absent & texts.examples))
        )
    return exams


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
