"""What the components write on a document, found as spaCy's `doc._` attributes.

They are kept in one dictionary: setting and getting each through `doc._` takes a tenth of all
reading time, so the components use `notes(doc)`; `doc._.kind` and its like are for everybody else.
"""

from functools import partial
from typing import Any

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
_NOTES = "direct_dial"


def notes(doc: Doc) -> dict[str, Any]:
    """Return what the components have written so far."""
    found: dict[str, Any] | None = doc.user_data.get(_NOTES)
    if found is None:
        found = doc.user_data[_NOTES] = {}
    return found


def _get(doc: Doc, name: str) -> Any:
    return notes(doc).get(name)


def _set(doc: Doc, value: Any, name: str) -> None:
    notes(doc)[name] = value


for _name in ATTRIBUTES:
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, getter=partial(_get, name=_name), setter=partial(_set, name=_name))
