"""What a reply may say. To add a rule, write a module like its siblings and name it in RULES."""

from routing.model import Finding
from routing.policy import links, personal_data, promises
from routing.policy.rule import Draft, Rule

RULES: tuple[Rule, ...] = (promises.RULE, personal_data.RULE, links.RULE)


def check(draft: Draft) -> tuple[Finding, ...]:
    """Return every place where the draft breaks a rule, in the order of the text."""
    findings = (finding for rule in RULES for finding in rule.check(draft))
    return tuple(sorted(findings, key=lambda finding: (finding.start, finding.end)))
