"""What a policy rule is: a sentence, examples, and a function that finds where it is broken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from routing.model import Finding, Severity


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply that somebody is about to send, and what the company allows in it."""

    text: str
    links: tuple[str, ...] = ()
    """Sites that may be linked to."""


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Rule:
    """One clause of the policy; `accepts` and `rejects` are what a person reads, and tests."""

    id: str
    severity: Severity
    says: str
    """The rule as one plain sentence: the message of its findings."""
    instead: str
    """A safe wording, or what to do."""
    spans: Callable[[Draft], Iterator[Span]]
    accepts: tuple[str, ...]
    rejects: tuple[str, ...]

    def check(self, draft: Draft) -> Iterator[Finding]:
        """Yield one finding for each place where the draft breaks the rule."""
        for start, end in self.spans(draft):
            yield Finding(self.id, self.severity, start, end, self.says, self.instead)
