"""Promises that only somebody with the customer's account in front of them can make."""

import re
from collections.abc import Iterator

from routing.model import Severity
from routing.policy.rule import Draft, Rule, Span

_PROMISE = re.compile(
    r"\b(?:(?:we|i)(?:'ll| will| can)?\s+(?:guarantee|promise)"
    r"|(?:we|i)(?:'ll| will| shall)\s+(?:\w+\s+)?"
    r"(?:refund|reimburse|compensate|credit|waive|pay\s+you)"
    r"|you(?:'ll| will)\s+(?:get|receive|have)\s+(?:a\s+|your\s+)?(?:full\s+)?"
    r"(?:refund|money\s+back|compensation|credit)"
    r"|(?:it|this|everything)(?:'ll| will)\s+be\s+(?:fixed|working|back|resolved|restored)\s+"
    r"(?:by|before|within|in|today|tomorrow|tonight)"
    r"|(?:wir|ich)\s+(?:garantier|versprech|erstatt)\w*"
    r"|(?:du|sie)\s+(?:bekommst|bekommen|erhältst|erhalten)\s+(?:\w+\s+)?geld\s+zurück"
    r"|(?:je|nous)\s+(?:(?:vous|te|le)\s+)*(?:promet|garanti|rembours)\w*"
    r"|vous\s+serez\s+remboursé\w*"
    r"|(?:te|le|os|les)\s+(?:promet|garantiz|devolver|reembols)\w*)",
    re.IGNORECASE,
)


def _spans(draft: Draft) -> Iterator[Span]:
    for match in _PROMISE.finditer(draft.text.replace("’", "'")):
        yield match.span()


RULE = Rule(
    id="no-promises",
    severity=Severity.BLOCK,
    says="Don't promise a refund, a date or an outcome in public: you can't see the account.",
    instead="Say what happens next: “Send us a message and we'll look at your bill with you.”",
    spans=_spans,
    accepts=(
        "Refunds depend on the plan; here is how it works.",
        "The team is on it. I'll tell you as soon as I know more.",
        "We can check with you whether a credit applies.",
        "We can't promise a date, but I'll keep you posted.",
        "Ob es Geld zurück gibt, sehen wir uns zusammen an.",
    ),
    rejects=(
        "We'll refund you the roaming charges.",
        "Don't worry, it will be fixed by tomorrow.",
        "I promise this won't happen again.",
        "You will get your money back.",
        "Wir erstatten dir die Gebühren.",
        "Nous vous remboursons demain.",
        "Te prometo que mañana funciona.",
    ),
)
