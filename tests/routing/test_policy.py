"""Every rule keeps its own examples, and findings point at the very words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.model import Finding, Severity
from routing.policy import RULES, check
from routing.policy.rule import Draft, Rule

LINKS = ("kestrel.example",)


def marked(text: str, links: tuple[str, ...] = LINKS) -> list[tuple[str, str]]:
    return [(f.clause, text[f.start : f.end]) for f in check(Draft(text, links))]


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule in RULES for text in rule.accepts]
)
def test_what_a_rule_accepts(rule: Rule, text: str) -> None:
    assert list(rule.check(Draft(text, LINKS))) == []


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule in RULES for text in rule.rejects]
)
def test_what_a_rule_rejects(rule: Rule, text: str) -> None:
    findings = list(rule.check(Draft(text, LINKS)))

    assert findings
    for finding in findings:
        assert 0 <= finding.start < finding.end <= len(text)
        assert (finding.clause, finding.severity) == (rule.id, rule.severity)
        assert finding.message.endswith(".")
        assert finding.instead


def test_every_rule_has_its_own_name_and_examples_of_both_kinds() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.accepts and rule.rejects for rule in RULES)


def test_findings_come_in_the_order_of_the_text() -> None:
    text = "See https://elsewhere.test. I promise. What's your account number?"

    assert marked(text) == [
        ("listed-links", "https://elsewhere.test."),
        ("no-promises", "I promise"),
        ("no-personal-data", "What's your account number"),
    ]


def test_curly_quotes_are_quotes() -> None:
    assert marked("Don’t worry, we’ll refund you.") == [("no-promises", "we’ll refund")]


@pytest.mark.parametrize(
    ("link", "fine"),
    [
        ("https://kestrel.example/roaming", True),
        ("https://status.kestrel.example", True),
        ("HTTPS://KESTREL.EXAMPLE/a", True),
        ("www.kestrel.example", True),
        ("kestrel.example/map", True),
        ("https://kestrel.example.evil.test", False),
        ("https://notkestrel.example", False),
        ("https://kestrel.example@evil.test/", False),
        ("https://evil.test\\@kestrel.example/", False),
        ("https://[::1", False),
        ("bit.ly/3xyz", False),
    ],
)
def test_which_links_are_the_company_s(link: str, fine: bool) -> None:
    clauses = [clause for clause, _ in marked(f"See {link} for more")]

    assert ("listed-links" not in clauses) is fine


def test_a_site_may_be_listed_as_it_is_copied_from_a_browser() -> None:
    assert marked("See https://kestrel.example/map", ("https://kestrel.example/",)) == []


def test_without_a_list_every_link_is_pointed_out() -> None:
    assert marked("See https://kestrel.example", ()) != []


@pytest.mark.parametrize(
    "text",
    [
        "Opening hours from 2026-12-24 to 2026-12-31, 08:00-18:00.",
        "It costs 6.99 a day, 60.00 a month, and 1,000 customers use it.",
        "Hi @ada@social.example and @tom.okafor, thanks.",
        "Forward it to 7726 or text PAC to 65075.",
    ],
)
def test_numbers_and_handles_that_are_not_personal(text: str) -> None:
    assert marked(text) == []


def test_what_is_asked_for_in_private_is_fine_but_what_is_repeated_is_not() -> None:
    text = "Send us a DM with your account number, 0170 1234567 is what we have."

    assert marked(text) == [("no-personal-data", "0170 1234567")]


def test_a_finding_says_what_to_do_instead() -> None:
    (finding,) = check(Draft("I promise.", LINKS))

    assert finding == Finding(
        "no-promises",
        Severity.BLOCK,
        0,
        9,
        "Don't promise a refund, a date or an outcome in public: you can't see the account.",
        "Say what happens next: “Send us a message and we'll look at your bill with you.”",
    )


@given(st.text(max_size=400))
def test_no_text_breaks_a_rule_s_check(text: str) -> None:
    assert all(0 <= f.start < f.end <= len(text) for f in check(Draft(text, LINKS)))


def test_a_long_text_is_checked_in_linear_time() -> None:
    for piece in ("send ", "we will ", "a.b", "1 ", "wie ist ", "https://"):
        check(Draft(piece * 5_000, LINKS))
