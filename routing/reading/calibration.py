"""From scores to honest numbers: chances that hold, and a threshold that keeps a promise.

All of it is learned from predictions for examples that were left out of training.
"""

from math import exp, lgamma, log, log1p
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DOUBT = 0.1
"""The promise of `threshold` may fail for one roster in ten: the chance that the held-out examples
were luckier than the posts to come."""
_GRID = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5)
_TEMPERATURES = np.geomspace(0.3, 12, 60)
_USUAL = 10.0
_LITTLE = 1e-6


def softmax(scores: Array) -> Array:
    """Return chances along the last axis."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def best_sharpening(scores: Array, classes: npt.NDArray[np.int64]) -> float:
    """Return the factor for scores (n, classes) that makes the right classes likeliest.

    Temperature scaling (Guo et al. 2017, “On Calibration of Modern Neural Networks”), drawn
    towards 1, which is usual here, where there are few examples.
    """

    def surprise(factor: float) -> float:
        chances = softmax(scores * factor)[np.arange(len(classes)), classes]
        unheard_of = _USUAL * float(np.log(factor)) ** 2
        return float(-np.log(np.maximum(chances, 1e-12)).sum()) + unheard_of

    return float(min(_TEMPERATURES, key=surprise))


class Curve(NamedTuple):
    """A map from a raw chance to one that holds: beta calibration.

    Kull, Silva Filho & Flach 2017, “Beta calibration”: a logistic regression on ln p and
    -ln(1 - p), which unlike temperature alone can be right at both ends.
    """

    yes: float = 1.0
    no: float = 1.0
    shift: float = 0.0

    @classmethod
    def of(cls, chances: Array, right: Flags) -> "Curve":
        """Return the curve for raw chances (n,) and whether each came true.

        A little trust in the raw chance (see `logistic`) keeps it tame when there are few.
        """
        found = logistic(_logs(chances), right, prior=(1.0, 1.0, 0.0))
        return cls(max(found[0], 0.0), max(found[1], 0.0), found[2])

    def __call__(self, chances: Array) -> Array:
        """Return the chances as they come true."""
        return _squash(_logs(chances) @ np.array([self.yes, self.no]) + self.shift)


def _logs(chances: Array) -> Array:
    kept = np.clip(chances, _LITTLE, 1 - _LITTLE)
    return np.column_stack([np.log(kept), -np.log1p(-kept)])


def _squash(scores: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -40, 40))))


def logistic(
    features: Array, right: Flags, prior: tuple[float, ...], trust: float = 1.0
) -> tuple[float, ...]:
    """Return the weights (features, then the shift) of a logistic regression, by Newton's method.

    `prior` are the weights to keep to, as strongly as `trust` says, where examples are few.
    """
    inputs = np.column_stack([features, np.ones(len(features))])
    wanted = np.array(prior)

    def loss(weights: Array) -> float:
        scores = inputs @ weights
        misfit = np.logaddexp(0, scores) - right * scores
        return float(misfit.sum() + trust / 2 * ((weights - wanted) ** 2).sum())

    weights = wanted
    for _ in range(50):
        chances = _squash(inputs @ weights)
        slope = inputs.T @ (chances - right) + trust * (weights - wanted)
        bend = (inputs * (chances * (1 - chances))[:, None]).T @ inputs
        step = np.linalg.solve(bend + trust * np.eye(len(weights)), slope)
        # A full step can overshoot where the curve is flat; half of one, or less, never does.
        size = next(
            (s for s in 0.5 ** np.arange(20) if loss(weights - s * step) <= loss(weights)), 0
        )
        weights = weights - size * step
        if float(np.abs(size * step).max()) < 1e-8:
            break
    return tuple(weights.tolist())


def threshold(sure: Array, right: Flags, most_wrong: float) -> float | None:
    """Return the lowest sureness above which at most `most_wrong` of decisions are wrong.

    With a chance of at least 1 - DOUBT this holds for posts like the held-out ones (n,): “Learn
    then Test” (Angelopoulos, Bates, Candès, Jordan & Lei 2021), each threshold of a fixed grid
    tested with an exact binomial p-value for the share of wrong ones above it, and a Bonferroni
    correction for their number. None: there are too few examples, or too many mistakes, for the
    promise.
    """
    kept = [
        value
        for value in _GRID
        if _luck(int((~right[sure >= value]).sum()), int((sure >= value).sum()), most_wrong)
        <= DOUBT / len(_GRID)
    ]
    return min(kept, default=None)


def needed(most_wrong: float) -> int:
    """Return how many decisions without a mistake it takes to promise `most_wrong`."""
    return int(np.ceil(log(DOUBT / len(_GRID)) / log1p(-most_wrong)))


def _luck(wrong: int, count: int, share: float) -> float:
    """Return the chance of at most `wrong` among `count` when each is wrong with `share`."""
    if share <= 0 or count == 0:
        return 1.0
    each = (
        exp(
            lgamma(count + 1) - lgamma(k + 1) - lgamma(count - k + 1)
            + k * log(share) + (count - k) * log1p(-share)
        )
        for k in range(wrong + 1)
    )  # fmt: skip
    return min(1.0, sum(each))
