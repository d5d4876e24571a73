"""Kind, sentiment and urgency, from cues that can be shown to a person.

`cues` has the words, `phrasebook` finds them, `sentiment` weighs them. Words of a language count in
posts of that language and in those whose language nobody knows; English ones count everywhere.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from routing.model import MAX_URGENCY, UNKNOWN_LANGUAGE, Kind
from routing.reading import (
    cues,
)
from routing.reading.extensions import notes
from routing.reading.phrasebook import Found, Phrasebook
from routing.reading.said import said
from routing.reading.sentiment import Lexicon, compound

WORDS_READ = 500
"""More than any platform's ordinary post has."""
_LONGEST_WORD = 40
"""Words are remembered, and a stranger may write endless ones."""
_REMEMBERED = 50_000
# A smiley, what French and Italian write before an apostrophe, a word, or any other sign.
_TOKEN = re.compile(
    r"[:;=]['-]?[()DPp/](?!\w)|<3|(?:[cdjlmnst]|qu)'(?=\w)|\w+(?:'\w+)*|[^\w\s]", re.IGNORECASE
)
_DOUBLED = re.compile(r"(\w)\1+")
_CAPITALS = re.compile(r"\b[A-ZÄÖÜ]{3,}\b")

_WEIGHT = 1.5
"""What a cue is worth that has no words of the lexicon."""
_ANGRY, _ANGRY_QUESTION, _GLAD = -0.5, -0.7, 0.3
_ALWAYS = frozenset({"en", cues.ANY_LANGUAGE})
_OURS = frozenset(language for lists in cues.CUES.values() for language in lists) - _ALWAYS
_WRONG = frozenset({cues.COMPLAINT, cues.IRONY, cues.SAFETY, cues.MANY, cues.LEAVING})
_SAD = _WRONG - {cues.IRONY}
_POINTS = ((cues.SAFETY, 3), (cues.MANY, 2), (cues.LEAVING, 1), (cues.DEADLINE, 1))


class Tone(NamedTuple):
    """What the tone of a post is."""

    kind: Kind
    sentiment: float
    urgency: int
    urgency_reasons: tuple[str, ...]


class ToneReader:
    """Reads the tone of a text whose language is known or “unknown”."""

    def __init__(self) -> None:
        self._book = Phrasebook(cues.CUES)
        self._lexicon = Lexicon()
        self._usual = lru_cache(_REMEMBERED)(self._as_usual)

    def read(self, text: str, language: str) -> Tone:
        """Return the tone of a tidied text without handles."""
        written = _TOKEN.findall(text)[:WORDS_READ]
        words = [self._usual(word[:_LONGEST_WORD]) for word in written]
        found = [one for one in self._book.find(words) if _counts(one.language, language)]
        cues_found = {one.name for one in found}
        sentiment = self._sentiment(written, words, found, cues_found, language)
        kind = _kind(words, cues_found, sentiment)
        urgency, reasons = _urgency(text, kind, found)
        return Tone(kind, sentiment, urgency, reasons)

    def _sentiment(
        self,
        written: Sequence[str],
        words: Sequence[str],
        found: Sequence[Found],
        cues_found: set[str],
        language: str,
    ) -> float:
        english = language == "en" or language not in _OURS
        values = self._lexicon.values(written, words, english=english)
        for one in found:
            _weigh(values, one)
        if cues.IRONY in cues_found:
            values = [-abs(value) for value in values]
        elif cues.FIXED in cues_found:
            values = [max(value, value / 4) for value in values]
        elif not _WRONG.isdisjoint(cues_found):
            values = [min(value, value / 4) for value in values]
        return compound(values, words)

    def _as_usual(self, word: str) -> str:
        """Return a word in lower case, and without what it was stretched by: “loove” is “love”."""
        word = word.lower()
        if not _DOUBLED.search(word) or self._is_known(word):
            return word
        short = _DOUBLED.sub(r"\1", word)
        return short if self._is_known(short) else word

    def _is_known(self, word: str) -> bool:
        return word in self._book.words or word in self._lexicon.words


@Language.factory(
    "direct_dial_tone",
    assigns=["doc._.kind", "doc._.sentiment", "doc._.urgency", "doc._.urgency_reasons"],
)
class ToneComponent:
    """Sets kind, sentiment, urgency and its reasons. Stands after the language component."""

    def __init__(self, nlp: Language, name: str) -> None:  # noqa: ARG002 - spaCy's signature
        self.name = name
        self._reader = ToneReader()

    def __call__(self, doc: Doc) -> Doc:
        """Process one document, as spaCy's components do."""
        found = notes(doc)
        tone = self._reader.read(said(doc), found.get("language") or UNKNOWN_LANGUAGE)
        found["kind"] = tone.kind
        found["sentiment"] = tone.sentiment
        found["urgency"] = tone.urgency
        found["urgency_reasons"] = tone.urgency_reasons
        return doc


def _counts(cue: str, language: str) -> bool:
    return cue in _ALWAYS or cue == language or language not in _OURS | {"en"}


def _weigh(values: list[float], found: Found) -> None:
    """Have a cue say what its words don't say, or say otherwise: “no complaints” is glad."""
    if found.name == cues.PRAISE:
        sign = 1.0
    elif found.name in _SAD:
        sign = -1.0
    elif found.name == cues.HARMLESS:
        sign = 0.0
    else:
        return
    places = range(found.start, found.end)
    if not sign or sum(values[place] for place in places) * sign <= 0:
        for place in places:
            values[place] = 0.0
        values[found.start] = sign * _WEIGHT


def _kind(words: Sequence[str], found: set[str], sentiment: float) -> Kind:
    asks = "?" in words or "¿" in words or cues.QUESTION in found
    wrong = not _WRONG.isdisjoint(found) and (cues.FIXED not in found or cues.IRONY in found)
    if wrong or sentiment <= _ANGRY:
        wants_no_answer = cues.REPROACH in found or cues.IRONY in found
        wants_no_answer |= sentiment <= _ANGRY_QUESTION
        return Kind.QUESTION if asks and not wants_no_answer else Kind.COMPLAINT
    glad = cues.PRAISE in found or cues.FIXED in found
    if glad and sentiment >= _GLAD and (not asks or cues.RHETORICAL in found):
        return Kind.PRAISE
    return Kind.QUESTION if asks else Kind.OTHER


def _urgency(text: str, kind: Kind, found: Sequence[Found]) -> tuple[int, tuple[str, ...]]:
    """Return the urgency from 0 to 3 and what it was told by, the words quoted."""
    points, reasons = 0, []
    for name, worth in _POINTS:
        first = next((one for one in found if one.name == name), None)
        if first and kind is not Kind.PRAISE:
            points += worth
            reasons.append(f"{name} (“{_quoted(text, first)}”)")
    capitals = list(dict.fromkeys(_CAPITALS.findall(text))) if kind is Kind.COMPLAINT else []
    if len(capitals) >= 3:
        points += 1
        reasons.append(f"angry capitals (“{' '.join(capitals[:3])}”)")
    return min(points, MAX_URGENCY), tuple(reasons)


def _quoted(text: str, found: Found) -> str:
    places = [match.span() for match in _TOKEN.finditer(text)]
    return text[places[found.start][0] : places[found.end - 1][1]]
