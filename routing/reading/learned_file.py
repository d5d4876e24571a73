"""What has been learned, as files: arrays in numpy's own format, the rest as JSON."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from routing.reading.calibration import Curve
from routing.reading.classifier import Learned
from routing.reading.wording import Vocabulary

_ARRAYS, _REST = "learned.npz", "learned.json"
_SECOND = "second-"


def save(folder: Path, learned: Learned) -> None:
    """Write it into an existing folder."""
    np.savez(
        folder / _ARRAYS,
        telling=learned.vocabulary.telling,
        wording=learned.wording,
        wording_shift=learned.wording_shift,
        said_of=learned.said_of,
    )
    rest = {
        "features": learned.vocabulary.features,
        "topic_words": learned.topic_words,
        "limit": learned.limit,
        "second": learned.second is not None,
    }
    (folder / _REST).write_text(json.dumps(rest))
    _save_meaning(folder, "", learned)
    if learned.second is not None:
        _save_meaning(folder, _SECOND, learned.second)


def load(folder: Path) -> Learned:
    """Read it; raises OSError, KeyError or ValueError when the files aren't whole."""
    rest = json.loads((folder / _REST).read_text())
    with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
        words: dict[str, Any] = {
            "vocabulary": Vocabulary(rest["features"], arrays["telling"]),
            "wording": arrays["wording"],
            "wording_shift": arrays["wording_shift"],
            "said_of": arrays["said_of"],
            "topic_words": tuple(rest["topic_words"]),
        }
    first = Learned(**words, **_meaning(folder, ""))
    if not rest["second"]:
        return first
    second = Learned(**words, **_meaning(folder, _SECOND))
    return replace(first, second=second, limit=float(rest["limit"]))


def _save_meaning(folder: Path, name: str, learned: Learned) -> None:
    """Write what a second classifier doesn't share with the first."""
    np.savez(folder / f"{name}meaning.npz", examples=learned.examples, weights=learned.weights)
    rest = {
        "spread": learned.spread,
        "wording_counts": learned.wording_counts,
        "sharpening": learned.sharpening,
        "curve": learned.curve,
        "signs_count": learned.signs_count,
        "signs_mean": learned.signs_mean,
        "signs_spread": learned.signs_spread,
        "known": learned.known,
    }
    (folder / f"{name}meaning.json").write_text(json.dumps(rest))


def _meaning(folder: Path, name: str) -> dict[str, Any]:
    rest = json.loads((folder / f"{name}meaning.json").read_text())
    with np.load(folder / f"{name}meaning.npz", allow_pickle=False) as arrays:
        found = {"examples": arrays["examples"], "weights": arrays["weights"]}
    return found | {
        "spread": tuple(rest["spread"]),
        "wording_counts": rest["wording_counts"],
        "sharpening": rest["sharpening"],
        "curve": Curve(*rest["curve"]),
        "signs_count": tuple(rest["signs_count"]),
        "signs_mean": tuple(rest["signs_mean"]),
        "signs_spread": tuple(rest["signs_spread"]),
        "known": tuple(rest["known"]),
    }
