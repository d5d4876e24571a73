"""A document's text, put together once for all components.

spaCy joins `doc.text` from its tokens each time, which takes as long as finding all names in it.
"""

from spacy.tokens import Doc

from routing.reading.social import without_handles

_TEXT, _SAID = "direct_dial_text", "direct_dial_said"


def text_of(doc: Doc) -> str:
    """Return `doc.text`."""
    text = doc.user_data.get(_TEXT)
    if text is None:
        text = doc.user_data[_TEXT] = doc.text
    return str(text)


def said(doc: Doc) -> str:
    """Return what a post says, without whom it says it to."""
    words = doc.user_data.get(_SAID)
    if words is None:
        words = doc.user_data[_SAID] = without_handles(text_of(doc))
    return str(words)
