"""What the roster names, found word by word: brand, handles, competitors, topic phrases."""

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span

from routing.company import Roster
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
        named: dict[str, dict[str, None]] = {BRAND: {}, COMPETITOR: {}}
        doc.spans["names"] = self._names(doc, as_spans=True)
        for span in doc.spans["names"]:
            named[span.label_][span.text] = None
        doc._.handles = handles(doc.text)
        for handle in doc._.handles:
            if handle.lower() in self._own_handles:
                named[BRAND][f"@{handle}"] = None
        doc._.brand = tuple(named[BRAND])
        doc._.competitors = tuple(named[COMPETITOR])
        doc.spans["phrases"] = _longest(self._phrases(doc, as_spans=True))
        return doc


def _longest(spans: list[Span]) -> list[Span]:
    """Leave out spans of a topic that lie within a longer one of the same topic."""
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
