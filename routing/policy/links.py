"""Links that aren't on the company's list."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from routing.model import Severity
from routing.policy.rule import Draft, Rule, Span

_LINK = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"')\]]+"
    r"|(?<![\w@./-])[\w-]{2,}(?:\.[\w-]{2,})*\.[a-z]{2,}/[^\s<>\"')\]]+",  # bit.ly/3xyz
    re.IGNORECASE,
)


def _allowed(link: str, sites: tuple[str, ...]) -> bool:
    link = link.replace("\\", "/")  # as browsers do
    try:
        address = link if "://" in link else f"https://{link}"
        host = (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:  # such as an unfinished IPv6 address
        return False
    hosts = {site.lower().rpartition("://")[2].partition("/")[0] for site in sites}
    return any(host == site or host.endswith(f".{site}") for site in hosts)


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
    accepts=("It is all on our coverage map.", "We are there 24/7, on 2/3 of all days by phone."),
    rejects=(
        "See https://bit.ly/3xyz for details.",
        "Shorter: bit.ly/3xyz",
        "Try http://kestrel.example.evil.test/map",
        "Look at www.elsewhere.test",
    ),
)
