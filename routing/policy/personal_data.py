"""Personal data asked for, or repeated, where everybody reads it."""

import re
from collections.abc import Iterator

from routing.model import Severity
from routing.policy.rule import Draft, Rule, Span

_ASKED = re.compile(
    r"\b(?:send|tell|give|post|share|reply\s+with|what(?:'s| is)|confirm|dm)\b[^.?!\n]{0,40}?"
    r"\b(?:account|customer|phone|mobile|card|contract)\s+(?:number|no\.?)"
    r"|\b(?:send|tell|give|post|share|reply\s+with|what(?:'s| is)|confirm)\b[^.?!\n]{0,40}?"
    r"\byour\s+(?:e-?mail|home\s+address|address|date\s+of\s+birth|password|pin|postcode)\b",
    re.IGNORECASE,
)
_IN_PRIVATE = re.compile(
    r"\b(?:direct|private)\s+message|\bDMs?\b|\bin\s+private|\bprivately\b", re.IGNORECASE
)
_REPEATED = re.compile(
    r"\b[\w.+-]+@[\w-]+\.[a-z]{2,}\b"  # an e-mail address
    r"|(?<![\w+])\+?\d(?:[ -]?\d){9,18}\b",  # a phone, card or account number
    re.IGNORECASE,
)


def _spans(draft: Draft) -> Iterator[Span]:
    text = draft.text.replace("’", "'")
    if not _IN_PRIVATE.search(text):
        yield from (match.span() for match in _ASKED.finditer(text))
    yield from (match.span() for match in _REPEATED.finditer(text))


RULE = Rule(
    id="no-personal-data",
    severity=Severity.BLOCK,
    says="Don't ask for personal data in public, and don't repeat it.",
    instead="Ask for a direct message: “Please send us a direct message, so we can look it up.”",
    spans=_spans,
    accepts=(
        "Please send us a direct message, so we can look it up.",
        "Could you send your customer number in a private message?",
        "Your account is safe; the letter came to everyone on the old plan.",
    ),
    rejects=(
        "What is your customer number?",
        "Please reply with your date of birth.",
        "Is tom@example.com still your address?",
        "I tried to call you on +49 170 1234567.",
    ),
)
