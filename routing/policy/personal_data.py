"""Personal data asked for, or repeated, where everybody reads it."""

import re
from collections.abc import Iterator

from routing.model import Severity
from routing.policy.rule import Draft, Rule, Span
from routing.reading.personal import PersonalKind, find

_ASKED = re.compile(
    r"\b(?:send|tell|give|post|share|reply\s+with|what(?:'s| is)|confirm|dm|can\s+i\s+have)\b"
    r"[^.?!\n]{0,40}?\b(?:account|customer|phone|mobile|card|contract)\s+(?:number|no\.?)"
    r"|\b(?:send|tell|give|post|share|reply\s+with|what(?:'s| is)|confirm|can\s+i\s+have)\b"
    r"[^.?!\n]{0,40}?"
    r"\byour\s+(?:e-?mail|home\s+address|address|date\s+of\s+birth|password|pin|postcode)\b"
    r"|\b(?:wie\s+(?:ist|lautet)|schick\w*|nenn\w*|sag\w*|gib|schreib\w*)\b[^.?!\n]{0,40}?"
    r"\b(?:kundennummer|rufnummer|telefonnummer|vertragsnummer|anschrift|geburtsdatum|passwort)\b"
    r"|\b(?:envoie\w*|envoyez|donne\w*|indique\w*|quel(?:le)?\s+est)\b[^.?!\n]{0,40}?"
    r"\b(?:num[ée]ro\s+(?:de\s+(?:client|compte|téléphone|contrat))|adresse|date\s+de\s+naissance"
    r"|mot\s+de\s+passe)\b"
    r"|\b(?:env[ií]a\w*|manda\w*|dinos|danos|dime|cu[áa]l\s+es)\b[^.?!\n]{0,40}?"
    r"\b(?:n[úu]mero\s+de\s+(?:cliente|cuenta|tel[ée]fono|contrato)|direcci[óo]n"
    r"|fecha\s+de\s+nacimiento|contraseña)\b",
    re.IGNORECASE,
)
_IN_PRIVATE = re.compile(
    r"\b(?:direct|private)\s+message|\bDMs?\b|\bin\s+private|\bprivately\b"
    r"|\bdirektnachricht|\bprivat\w*|\bmessage\s+priv[ée]|\ben\s+priv[ée]"
    r"|\bmensaje\s+(?:privado|directo)|\b(?:por|en)\s+privado",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"(?<![\w+-])(?!\d{4}-\d\d-\d\d\b)\+?\d(?:[ -]?\d){9,18}\b")
"""Of a customer, a contract, a parcel: nobody but the company can tell these from each other."""


def _repeated(text: str) -> Iterator[Span]:
    # Addresses are let through: those that a reply names are the company's own, such as a shop's.
    found = {(data.start, data.end) for data in find(text) if data.kind is not PersonalKind.ADDRESS}
    found |= {match.span() for match in _LONG_NUMBER.finditer(text)}
    start = end = 0
    for next_start, next_end in sorted(found):
        if next_start >= end:
            if end:
                yield start, end
            start = next_start
        end = max(end, next_end)
    if end:
        yield start, end


def _spans(draft: Draft) -> Iterator[Span]:
    text = draft.text.replace("’", "'")
    if not _IN_PRIVATE.search(text):
        yield from (match.span() for match in _ASKED.finditer(text))
    yield from _repeated(text)


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
        "Schick uns deine Kundennummer bitte als Direktnachricht.",
        "Hi @ada@social.example, data is deleted after 30 days.",
        "We answer from 08:00 to 18:00, until 2026-12-24.",
    ),
    rejects=(
        "What is your customer number?",
        "Please reply with your date of birth.",
        "Wie lautet deine Kundennummer?",
        "Envoyez-nous votre numéro de client.",
        "Dinos tu número de teléfono y te llamamos.",
        "Is tom@example.com still your address?",
        "I tried to call you on +49 170 1234567.",
        "Is (030) 901820 the best number for you?",
        "We'll pay it back to DE89 3704 0044 0532 0130 00.",
        "We've written to tom at example dot com.",
    ),
)
