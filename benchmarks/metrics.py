"""What figures are made of. Each is defined here, with its source, and nowhere else."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BINS = 15
"""As in Guo et al. 2017."""
Z_95 = 1.959964
"""Two-sided 95 % of the normal distribution."""


class Bin(NamedTuple):
    """The posts whose score fell between two bounds: how sure and how right they were."""

    count: int
    score: float
    accuracy: float


class Share(NamedTuple):
    """A share of `of` cases with its 95 % interval; `value` is NaN when there are none."""

    count: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """Return the share itself."""
        return self.count / self.of if self.of else math.nan


class Point(NamedTuple):
    """When the surest `coverage` of posts is answered, `risk` of those answers is wrong."""

    coverage: float
    risk: float


def reliability(scores: Floats, right: Flags, bins: int = BINS) -> tuple[Bin, ...]:
    """Return `bins` bins of equal width over 0 to 1; each includes its upper bound."""
    place = np.clip(np.ceil(scores * bins).astype(int) - 1, 0, bins - 1)
    found = []
    for number in range(bins):
        here = place == number
        count = int(here.sum())
        found.append(
            Bin(count, float(scores[here].mean()), float(right[here].mean()))
            if count
            else Bin(0, math.nan, math.nan)
        )
    return tuple(found)


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Return the mean gap between score and accuracy, each bin weighing as much as it holds.

    Guo et al. 2017, “On Calibration of Modern Neural Networks”, equation 3: 0.05 says that a
    score is 5 points off on average.
    """
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.score - each.accuracy) for each in bins if each.count) / total


def auroc(known: Floats, unknown: Floats) -> float:
    """Return how often a known post's score is above an unknown one's; a tie counts half.

    The area under the ROC curve, as the Mann-Whitney U statistic: 0.5 is chance, 1 is perfect.
    """
    ordered = np.sort(unknown)
    below = np.searchsorted(ordered, known, side="left")
    not_above = np.searchsorted(ordered, known, side="right")
    return float((below + not_above).sum() / 2 / (len(known) * len(unknown)))


def share(count: int, of: int) -> Share:
    """Return `count` of `of` with the 95 % interval of Wilson 1927, which stays within 0 to 1."""
    if not of:
        return Share(0, 0, 0.0, 1.0)
    rate, z2 = count / of, Z_95**2
    middle = (rate + z2 / (2 * of)) / (1 + z2 / of)
    half = Z_95 / (1 + z2 / of) * math.sqrt(rate * (1 - rate) / of + z2 / (4 * of**2))
    return Share(count, of, max(0.0, middle - half), min(1.0, middle + half))


def risk_coverage(scores: Floats, right: Flags, most: int = 500) -> tuple[Point, ...]:
    """Return a point for each different score, from the surest post to all of them.

    Posts with the same score are answered together, as no threshold tells them apart. When there
    are more points than `most`, some in between are left out.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    wrong = np.cumsum(~right[order])
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    if len(last) > most:
        last = last[np.linspace(0, len(last) - 1, most).round().astype(int)]
    total = len(scores)
    return tuple(Point(float((n + 1) / total), float(wrong[n] / (n + 1))) for n in last)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that `percent` of all are not above (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)]
