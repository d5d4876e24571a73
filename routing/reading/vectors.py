"""Vectors for texts and words: wordllama's static sub-word vectors, 256 numbers each.

The 16 MB model is in the wheel, so nothing is downloaded; a text's vector is the mean of its
sub-words' vectors, which is why each word's share of a score can be told.
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
    return wordllama.WordLlama.load(
        cache_dir=Path(wordllama.__file__).parent, disable_download=True
    )


def embed(texts: Sequence[str]) -> Floats:
    """Return an array of shape (len(texts), 256), rows of length 1; a text without words is 0."""
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    vectors: Floats = _model().embed([text or " " for text in texts], norm=False)
    vectors = np.nan_to_num(vectors)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


@lru_cache(maxsize=50_000)
def _word(word: str) -> bytes:
    return bytes(embed([word])[0].tobytes())


def embed_words(words: Sequence[str]) -> Floats:
    """Return an array of shape (len(words), 256); remembered, as words come again and again."""
    return np.frombuffer(b"".join(_word(word) for word in words), dtype=np.float32).reshape(
        -1, DIMENSIONS
    )
