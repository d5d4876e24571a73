"""What the roster names, found word by word: brand, handles, competitors, topic phrases."""

from collections.abc import Iterable

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span

from routing.company import Roster
from routing.reading.said import text_of
from routing.reading.social import handles, tidy

BRAND, COMPETITOR = "brand", "competitor"


@Language.factory(
    "direct_dial_matching",
    assigns=["doc.spans", "doc._.brand", "doc._.competitors", "doc._.handles"],
)
class MatchingComponent:
    """Sets the spans `phrases` (labelled with a topic) and `names`; brand, competitors, handles."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self._nlp = nlp
        self._names = PhraseMatcher(nlp.vocab, attr="LOWER")
        self._phrases = PhraseMatcher(nlp.vocab, attr="LOWER")
        self._own_handles: frozenset[str] = frozenset()

    def use(self, roster: Roster) -> None:
        """Take the words to look for from a roster."""
        company = roster.company
        brand = [*company.brand_words, *([company.name] if company.name else [])]
        for label, words in ((BRAND, brand), (COMPETITOR, company.competitors)):
            if words:
                self._names.add(label, [self._nlp.make_doc(tidy(word)) for word in words])
        for topic in roster.topics:
            if topic.phrases:
                docs = [self._nlp.make_doc(tidy(text)) for text in topic.phrases]
                self._phrases.add(topic.id, docs)
        self._own_handles = frozenset(
            handle.lower().removeprefix("@")
            for handles_there in company.handles.values()
            for handle in handles_there
        )

    def __call__(self, doc: Doc) -> Doc:
        """Process one document, as spaCy's components do."""
        names = self._names(doc, as_spans=True)
        doc.spans["names"] = names
        doc.spans["phrases"] = _longest(self._phrases(doc, as_spans=True))
        named = handles(text_of(doc))
        ours = [f"@{handle}" for handle in named if handle.lower() in self._own_handles]
        found = doc._
        found.handles = named
        found.brand = _distinct([*(s.text for s in names if s.label_ == BRAND), *ours])
        found.competitors = _distinct(s.text for s in names if s.label_ == COMPETITOR)
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
