"""What has been learned, as files: arrays in numpy's own format, the rest as JSON."""

import json
from pathlib import Path

import numpy as np

from routing.reading.calibration import Curve
from routing.reading.classifier import Learned
from routing.reading.wording import Vocabulary

_ARRAYS, _REST = "learned.npz", "learned.json"


def save(folder: Path, learned: Learned) -> None:
    """Write it into an existing folder."""
    np.savez(
        folder / _ARRAYS,
        telling=learned.vocabulary.telling,
        wording=learned.wording,
        wording_shift=learned.wording_shift,
        examples=learned.examples,
        weights=learned.weights,
        said_of=learned.said_of,
    )
    rest = {
        "features": learned.vocabulary.features,
        "topic_words": learned.topic_words,
        "spread": learned.spread,
        "sharpening": learned.sharpening,
        "curve": learned.curve,
        "signs_mean": learned.signs_mean,
        "signs_spread": learned.signs_spread,
        "known": learned.known,
    }
    (folder / _REST).write_text(json.dumps(rest))


def load(folder: Path) -> Learned:
    """Read it; raises OSError, KeyError or ValueError when the files aren't whole."""
    rest = json.loads((folder / _REST).read_text())
    with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
        return Learned(
            vocabulary=Vocabulary(rest["features"], arrays["telling"]),
            wording=arrays["wording"],
            wording_shift=arrays["wording_shift"],
            examples=arrays["examples"],
            weights=arrays["weights"],
            said_of=arrays["said_of"],
            topic_words=tuple(rest["topic_words"]),
            spread=tuple(rest["spread"]),
            sharpening=rest["sharpening"],
            curve=Curve(*rest["curve"]),
            signs_mean=tuple(rest["signs_mean"]),
            signs_spread=tuple(rest["signs_spread"]),
            known=tuple(rest["known"]),
        )
