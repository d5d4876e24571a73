"""experts.yaml: what is right loads, what is wrong is named with its place and its remedy."""

import re
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from routing.company import Roster, StandingLevel
from routing.errors import RosterError
from routing.policy import check
from routing.policy.rule import Draft
from routing.roster import json_schema, load

GOOD = """\
topics:
  - id: roaming
    name: Roaming
experts:
  - id: ada
    name: Ada
    topics: {roaming: 2}
"""
LINE = re.compile(r"^experts\.yaml:(\d+):(\d+): (YAML|[^:]+): .+; .+$|^experts\.yaml:1:1: the file")


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(RosterError) as caught:
        load(text)
    return caught.value.problems


def test_a_small_file_is_enough() -> None:
    roster, _ = load(GOOD)

    assert roster.expert_by_id["ada"].standing.level is StandingLevel.IN_TRAINING
    assert roster.expert_by_id["ada"].capacity == 3
    assert roster.experts_on["roaming"] == roster.experts


MISTAKES = [
    # what is written, line:column, path, what is wrong
    ("capacity: many", "8:15", "experts[0].capacity", "this must be a whole number"),
    ("capacity: '2'", "8:15", "experts[0].capacity", "without quotes"),
    ("capacity: true", "8:15", "experts[0].capacity", "this must be a whole number"),
    ("capacity: 1.5", "8:15", "experts[0].capacity", "this must be a whole number"),
    ("capacity: -1", "8:15", "experts[0].capacity", "it must be at least 0"),
    ("capcity: 3", "8:5", "experts[0].capcity", "did you mean “capacity”?"),
    ("title: 12", "8:12", "experts[0].title", "this must be text; put it in quotes"),
    ("title: 2026-01-01", "8:12", "experts[0].title", "this must be text; put it in quotes"),
    ("title: [a]", "8:12", "experts[0].title", "this must be text"),
    ("hours:", "8:5", "experts[0].hours", "this is empty; write something"),
    ("hours: 9-5", "8:12", "experts[0].hours[0]", "“9-5” is not working hours; write days"),
    ("hours: [Mon 09:00-17:00, 5]", "8:30", "experts[0].hours[1]", "“5” is not working hours"),
    ("hours: Mon 09:00-24:00", "8:12", "experts[0].hours[0]", "is not working hours"),
    ("hours: Mon 09:00-09:00", "8:12", "experts[0].hours[0]", "give it a length"),
    ("hours: {Mon: 9}", "8:12", "experts[0].hours", "this must be a list; start each line"),
    ("time_zone: Berlin", "8:16", "experts[0].time_zone", "“Berlin” is not a time zone"),
    ("time_zone: ../../etc/passwd", "8:16", "experts[0].time_zone", "is not a time zone"),
    ("holidays: Germany", "8:15", "experts[0].holidays", "use a country such as DE"),
    ("holidays: DE-XX", "8:15", "experts[0].holidays", "no public holidays are known"),
    ("holidays: MON", "8:15", "experts[0].holidays", "no public holidays are known"),
    ("languages: English", "8:16", "experts[0].languages[0]", "use a language code"),
    ("languages: {en: 1}", "8:16", "experts[0].languages", "this must be a list"),
    ("standing: directt", "8:15", "experts[0].standing.level", "did you mean “direct”?"),
    ("standing: 3", "8:15", "experts[0].standing", "“3” is not a standing; write in_training"),
    ("standing: {untl: 2026-01-01}", "8:16", "experts[0].standing.untl", "did you mean “until”?"),
    ("standing: {until: soon}", "8:23", "experts[0].standing.until", "this must be a date"),
    ("standing: {until: 2026-02-31}", "8:23", "experts[0].standing.until", "can't be read"),
    (
        "standing: {until: 2026-01-01T09:00:00}",
        "8:23",
        "experts[0].standing.until",
        "this must be a date without a time",
    ),
    ("standing: {coach: bob}", "8:23", "experts[0].standing.coach", "no expert or manager “bob”"),
    ("leave: {from: 2026-01-01}", "8:12", "experts[0].leave", "this must be a list"),
    ("leave: [{from: 2026-01-01}]", "8:13", "experts[0].leave[0]", "the key “to” is missing"),
    (
        "leave: [{from: 2026-02-02, to: 2026-02-01}]",
        "8:13",
        "experts[0].leave[0]",
        "ends (2026-02-01) before it starts",
    ),
    ("name: Bea", "8:5", "experts[0].name", "“name” stands here twice; keep one"),
    ("? [a]\n    : 1", "8:7", "experts[0].…", "a key must be one word"),
    ("title: !!python/name:os.system x", "8:12", "experts[0].title", "can't be read"),
]


@pytest.mark.parametrize(("line", "place", "path", "what"), MISTAKES)
def test_a_mistake_of_an_expert(line: str, place: str, path: str, what: str) -> None:
    found = problems(f"{GOOD}    {line}\n")

    assert len(found) == 1
    assert found[0].startswith(f"experts.yaml:{place}: {path}: ")
    assert what in found[0]


ELSEWHERE = [
    ("policy: {confidence: 3}", "8:22: policy.confidence: 3 is out of range; it must be at most 1"),
    ("policy: {confidence: high}", "8:22: policy.confidence: this must be a number"),
    ("policy: {misroute_target: 0}", "policy.misroute_target: 0 is out of range"),
    ("policy: {confidence: 0.8, misroute_target: 0.05}", "keep one of them"),
    ("reading: faster", "did you mean “fast”?"),
    ("policy: {reply_from: brnd}", "did you mean “brand”?"),
    ("escalation: {due: 60}", "8:19: escalation.due: “60” is not a time span; write 30s, 45m"),
    ("escalation: {due: 99999999999d}", "is not a time span"),
    ("escalation: {ladder: [{after: 1h, do: reminder}]}", "did you mean “remind”?"),
    (
        "escalation: {ladder: [{after: 1h, do: remind}, {after: 0m, do: manager}]}",
        "8:13: escalation: the steps of the ladder are out of order",
    ),
    ("company: Kestrel", "8:10: company: this must be keys with values"),
    (
        "company: {desk: {slak: C1}}",
        "8:18: company.desk.slak: unknown key “slak”; did you mean “sl",
    ),
    ("company: {handles: [x]}", "8:20: company.handles: this must be keys with values"),
    ("company: {time_zone: Mars/Base}", "8:22: company.time_zone: “Mars/Base” is not a time zone"),
    ("watch: [{sorce: x}]", "8:9: watch[0]: the key “source” is missing"),
    ("watch: [{source: x, every: soon}]", "8:28: watch[0].every: “soon” is not a time span"),
    ("watch: [{source: a, name: n}, {source: b, name: n}]", "“n” is taken by watch[0] already"),
    ("polcy: {}", "8:1: polcy: unknown key “polcy”; did you mean “policy”?"),
    ("topics: []", "8:1: topics: “topics” stands here twice"),
    ("managers: [{id: Ann B, name: Ann}]", "8:17: managers[0].id: “Ann B” can't be used here"),
]


@pytest.mark.parametrize(("line", "what"), ELSEWHERE)
def test_a_mistake_elsewhere(line: str, what: str) -> None:
    assert any(what in problem for problem in problems(f"{GOOD}{line}\n"))


TOPIC_MISTAKES = [
    (
        "{roaming: 2}",
        "{romaing: 2}",
        "7:14: experts[0].topics.romaing: there is no topic “romaing”",
    ),
    ("{roaming: 2}", "{roaming: 4}", "7:23: experts[0].topics.roaming: 4 is out of range"),
    ("{roaming: 2}", "{roaming: yes}", "7:23: experts[0].topics.roaming: this must be a whole"),
    ("{roaming: 2}", "{}", "5:5: experts[0]: this expert has no topics"),
    ("{roaming: 2}", "[roaming]", "7:13: experts[0].topics: this must be keys with values"),
    ("    name: Ada\n", "", "5:5: experts[0]: the key “name” is missing; add “name: …”"),
    ("id: ada", "id: Ada L", "5:9: experts[0].id: “Ada L” can't be used here; use lower-case"),
    ("experts:", "expert:", "4:1: expert: unknown key “expert”; did you mean “experts”?"),
    ("name: Roaming", "drafts: {english: hi}", "3:14: topics[0].drafts.english: “english” can't"),
    ("name: Roaming", "drafts: {en: 'Hi {name}'}", "nothing is known to put in for “{name}”"),
    ("name: Roaming", "phrases: [a, '']", "3:18: topics[0].phrases[1]: this is empty"),
]


@pytest.mark.parametrize(("right", "wrong", "what"), TOPIC_MISTAKES)
def test_a_mistake_in_what_was_there(right: str, wrong: str, what: str) -> None:
    assert any(what in problem for problem in problems(GOOD.replace(right, wrong)))


NOT_YAML = [
    ("", "experts.yaml:1:1: the file is empty; it needs at least topics and experts"),
    ("# nothing\n", "experts.yaml:1:1: the file is empty"),
    ("- a\n", "experts.yaml:1:1: the file is not a mapping; start with keys"),
    ("hello", "experts.yaml:1:1: the file is not a mapping"),
    ("topics:\n\t- id: x\n", "experts.yaml:2:1: YAML: a tab stands here; indent with spaces"),
    ("a: 1\nb: \x00", "experts.yaml:2:4: YAML: this character can't stand in a text file"),
    ("topics: \udce4", "experts.yaml:1:9: YAML: this character can't stand in a text file"),
    ("a: 'x", "YAML: found unexpected end of stream; check the indentation"),
    ("a: b: c", "experts.yaml:1:5: YAML: mapping values are not allowed here"),
    ("a: *b", "YAML: found undefined alias 'b'"),
    ("a: &a [*a]", "experts.yaml:1:4: a[0]: this alias repeats itself; write it out"),
    (f"{GOOD}---\na: 1\n", "expected a single document in the stream but found another document"),
    ("a: " + "[" * 500 + "]" * 500, "nested too deeply"),
]


@pytest.mark.parametrize(("text", "what"), NOT_YAML)
def test_what_is_not_a_roster_at_all(text: str, what: str) -> None:
    (found,) = problems(text)

    assert what in found


def test_aliases_that_multiply_are_stopped() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{c}: &{c} [{', '.join([f'*{p}'] * 12)}]" for p, c in zip("abcdef", "bcdefg", strict=True)
    ]

    (found,) = problems("\n".join(lines))

    assert "this alias repeats itself" in found


def test_an_alias_that_is_used_twice_is_fine() -> None:
    text = GOOD.replace("name: Ada", "name: Ada\n    languages: &spoken [en, de]")
    text += "  - {id: bea, name: Bea, topics: {roaming: 1}, languages: *spoken}\n"

    roster, _ = load(text)

    assert roster.expert_by_id["bea"].languages == ("en", "de")


def test_no_is_norwegian_and_yes_is_a_word() -> None:
    roster, _ = load(f"{GOOD}    languages: [no]\n    title: yes\n")

    assert roster.expert_by_id["ada"].languages == ("no",)
    assert roster.expert_by_id["ada"].title == "yes"


def test_a_byte_order_mark_does_no_harm() -> None:
    assert load(f"\ufeff{GOOD}")[0].expert_by_id


def test_every_mistake_is_reported_at_once_in_the_order_of_the_file() -> None:
    text = """\
topics:
  - id: roaming
    exmples: [a]
experts:
  - id: ada
    nam: Ada
    topics: {romaing: 2}
    capacity: x
    standing: {levl: direct, coach: zed}
    capacity: 3
polcy: {}
"""

    found = problems(text)

    assert [problem.split(": ")[1] for problem in found] == [
        "topics[0].exmples",
        "experts[0]",
        "experts[0].nam",
        "experts[0].topics.romaing",
        "experts[0].standing.levl",
        "experts[0].standing.coach",
        "experts[0].capacity",
        "polcy",
    ]


def test_a_list_is_not_called_empty_because_its_entries_have_mistakes() -> None:
    assert not any("list is empty" in problem for problem in problems(f"{GOOD}    capacity: x\n"))
    nobody = GOOD.partition("experts")[0] + "experts: []\n"
    assert any("list is empty" in problem for problem in problems(nobody))


def test_ids_and_addresses_belong_to_one_person() -> None:
    twin = "  - {id: ada, name: B, topics: {roaming: 1}, slack: U1, teams: a@kestrel.example}\n"
    first = "    slack: U1\n    teams: a@kestrel.example\n"

    found = problems(GOOD + first + twin)

    assert [problem.split(": ")[1] for problem in found] == [
        "experts[1].id",
        "experts[1].slack",
        "experts[1].teams",
    ]
    assert "“ada” is taken by experts[0] already" in found[0]


def test_long_and_odd_values_are_cut_in_messages() -> None:
    (found,) = problems(f"{GOOD}    time_zone: {'x' * 500}\n")

    assert len(found) < 220
    (found,) = problems(f'{GOOD}    time_zone: "a\\nb"\n')
    assert "\n" not in found


@pytest.mark.parametrize(
    "text",
    [f"{GOOD}    {line}\n" for line, *_ in MISTAKES]
    + [f"{GOOD}{line}\n" for line, _ in ELSEWHERE]
    + [text for text, _ in NOT_YAML],
)
def test_the_form_of_a_message(text: str) -> None:
    for problem in problems(text):
        assert LINE.match(problem)
        assert not re.search(r"function-|\[key\]|Traceback|pydantic|Node\(", problem)


@settings(max_examples=60, deadline=None)
@given(st.text() | st.text(alphabet="abc:-[]{}&*!|>'\"%@#? \n\t"))
def test_no_text_breaks_the_loader(text: str) -> None:
    with suppress(RosterError):
        roster, _ = load(text)
        assert roster.topics


def test_the_sample_roster_is_one_that_a_company_could_use(kestrel: Roster) -> None:
    assert len(kestrel.topics) >= 14
    assert len(kestrel.experts) >= 16
    assert len(kestrel.managers) == 2
    assert {expert.standing.level for expert in kestrel.experts} == set(StandingLevel)
    assert any(topic.restricted and not topic.drafts for topic in kestrel.topics)
    assert all(len(topic.examples) >= 10 for topic in kestrel.topics)
    assert [watch.settings for watch in kestrel.watch] == [
        {"path": "examples/posts.jsonl", "follow": False}
    ]


def test_the_drafts_of_the_sample_roster_keep_its_policy_and_fit(kestrel: Roster) -> None:
    drafts = [draft for topic in kestrel.topics for draft in topic.drafts.values()]
    assert drafts
    for draft in drafts:
        written = draft.replace("{author}", "@fifteen_letters")
        assert len(written) <= 280, written
        assert check(Draft(written, kestrel.policy.links)) == ()


def test_the_schema_describes_the_sample_roster() -> None:
    root = Path(__file__).parents[2]
    schema = root / "experts.schema.json"
    first_line = (root / "experts.yaml").read_text(encoding="utf-8").splitlines()[0]

    assert first_line == f"# yaml-language-server: $schema={schema.name}"
    data = YAML(typ="safe", pure=True).load(
        # Editors read dates as text; the schema asks for strings.
        re.sub(r"(\d{4}-\d\d-\d\d)", r'"\1"', (root / "experts.yaml").read_text(encoding="utf-8"))
    )
    jsonschema.validate(data, json_schema())
    with pytest.raises(jsonschema.ValidationError, match="capcity"):
        jsonschema.validate(
            {**data, "experts": [{**data["experts"][0], "capcity": 3}]}, json_schema()
        )
