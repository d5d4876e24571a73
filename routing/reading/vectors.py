"""Vectors for words: wordllama's static sub-word vectors, 256 numbers each.

The 16 MB model is in the wheel, so nothing is downloaded. A text's vector is the sum of its words'
vectors, which is why each word's share of a score can be told.
"""

import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
DIMENSIONS = 256


@lru_cache(maxsize=1)
def _model() -> Any:
    # Importing wordllama calls logging.basicConfig, which would take the log format away from
    # whoever runs us; a root logger that has a handler is left alone.
    keep = logging.NullHandler()
    logging.getLogger().addHandler(keep)
    try:
        import wordllama  # noqa: PLC0415
    finally:
        logging.getLogger().removeHandler(keep)
    model = wordllama.WordLlama.load(
        cache_dir=Path(wordllama.__file__).parent, disable_download=True
    )
    model.tokenizer.no_padding()
    return model


def word_vectors(words: Sequence[str]) -> Floats:
    """Return an array of shape (len(words), 256): for each word the sum of its sub-words' vectors.

    The lengths carry meaning: a rare word's vector is up to ten times as long as that of “the”.
    """
    model = _model()
    sums = np.zeros((len(words), DIMENSIONS), dtype=np.float32)
    for row, pieces in enumerate(
        model.tokenizer.encode_batch(list(words), add_special_tokens=False)
    ):
        sums[row] = model.embedding[pieces.ids].sum(axis=0)
    return sums


def unit(vectors: Floats) -> Floats:
    """Return the rows at length 1; rows of zeros stay so."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
