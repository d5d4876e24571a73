"""What the roster names, found word by word: brand, handles, competitors, topic phrases."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span

from routing.company import Roster
from routing.reading.extensions import notes
from routing.reading.said import text_of
from routing.reading.social import handles, tidy

BRAND, COMPETITOR = "brand", "competitor"
_FILE = "words.json"


@dataclass(frozen=True)
class _Words:
    brand: Sequence[str] = ()
    competitors: Sequence[str] = ()
    handles: Sequence[str] = ()
    """Our own, without the @, in small letters."""
    phrases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """For each topic the words that settle it."""


@Language.factory(
    "direct_dial_matching",
    assigns=["doc.spans", "doc._.brand", "doc._.competitors", "doc._.handles"],
)
class MatchingComponent:
    """Sets the spans `phrases` (labelled with a topic) and `names`; brand, competitors, handles."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self._nlp = nlp
        self._take(_Words())

    def use(self, roster: Roster) -> None:
        """Take the words to look for from a roster."""
        company = roster.company
        handles_of_all = (at for there in company.handles.values() for at in there)
        self._take(
            _Words(
                brand=(*company.brand_words, *([company.name] if company.name else [])),
                competitors=company.competitors,
                handles=tuple(at.lower().removeprefix("@") for at in handles_of_all),
                phrases={topic.id: topic.phrases for topic in roster.topics if topic.phrases},
            )
        )

    def _take(self, words: "_Words") -> None:
        self._words = words
        self._own_handles = frozenset(words.handles)
        self._names = self._matcher({BRAND: words.brand, COMPETITOR: words.competitors})
        self._phrases = self._matcher(words.phrases)

    def _matcher(self, texts: Mapping[str, Sequence[str]]) -> PhraseMatcher:
        matcher = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        for label, those in texts.items():
            if those:
                matcher.add(label, [self._nlp.make_doc(tidy(text)) for text in those])
        return matcher

    def to_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> None:  # noqa: ARG002
        """Keep the words in a folder; spaCy's `nlp.to_disk` calls this."""
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / _FILE).write_text(json.dumps(asdict(self._words)), encoding="utf-8")

    def from_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> "MatchingComponent":  # noqa: ARG002
        """Take the words from a folder."""
        self._take(_Words(**json.loads((Path(path) / _FILE).read_text(encoding="utf-8"))))
        return self

    def __call__(self, doc: Doc) -> Doc:
        """Process one document, as spaCy's components do."""
        names = self._names(doc, as_spans=True)
        doc.spans["names"] = names
        doc.spans["phrases"] = _longest(self._phrases(doc, as_spans=True))
        named = handles(text_of(doc))
        ours = [f"@{handle}" for handle in named if handle.lower() in self._own_handles]
        found = notes(doc)
        found["handles"] = named
        found["brand"] = _distinct([*(s.text for s in names if s.label_ == BRAND), *ours])
        found["competitors"] = _distinct(s.text for s in names if s.label_ == COMPETITOR)
        return doc


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _longest(spans: list[Span]) -> list[Span]:
    """Leave out spans of a topic that lie within a longer one of the same topic."""
    if len(spans) < 2:
        return spans
    return [
        span
        for span in spans
        if not any(
            other.label == span.label
            and other.start <= span.start
            and span.end <= other.end
            and len(other) > len(span)
            for other in spans
        )
    ]
