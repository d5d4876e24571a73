"""Links that aren't on the company's list."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from routing.model import Severity
from routing.policy.rule import Draft, Rule, Span

_LINK = re.compile(r"\bhttps?://[^\s<>\"')\]]+", re.IGNORECASE)


def _allowed(link: str, sites: tuple[str, ...]) -> bool:
    try:
        host = (urlsplit(link).hostname or "").rstrip(".")
    except ValueError:  # such as an unfinished IPv6 address
        return False
    return any(host == site.lower() or host.endswith("." + site.lower()) for site in sites)


def _spans(draft: Draft) -> Iterator[Span]:
    for match in _LINK.finditer(draft.text):
        if not _allowed(match[0], draft.links):
            yield match.span()


RULE = Rule(
    id="listed-links",
    severity=Severity.ADVICE,
    says="This link isn't on the company's list.",
    instead="Link to a page of ours, or say what the page says in your own words.",
    spans=_spans,
    accepts=("It is all on our coverage map.", "Look at the map and tell me what you see."),
    rejects=("See https://bit.ly/3xyz for details.", "Try http://kestrel.example.evil.test/map"),
)
