"""What the components write on a document, as spaCy's `doc._` attributes."""

from spacy.tokens import Doc

ATTRIBUTES = (
    "language",
    "brand",
    "competitors",
    "handles",
    "topics",
    "known",
    "confident",
    "kind",
    "sentiment",
    "urgency",
    "urgency_reasons",
)

for _name in ATTRIBUTES:
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=None)
