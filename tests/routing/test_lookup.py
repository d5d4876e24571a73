"""`/expert …`: by topic, by free text, by name, with typos."""

import pytest

from routing.company import Roster
from routing.lookup import Found, lookup
from routing.reading.pipeline import Reader
from tests.builders import FRIDAY


@pytest.fixture
def ask(kestrel: Roster, reader: Reader) -> "Ask":
    return Ask(kestrel, reader)


class Ask:
    """Looks up at FRIDAY."""

    def __init__(self, roster: Roster, reader: Reader) -> None:
        self.roster, self.reader = roster, reader

    def __call__(self, query: str, limit: int = 10) -> Found:
        return lookup(query, self.roster, self.reader, FRIDAY, limit)


@pytest.mark.parametrize("query", ["roaming", "Roaming abroad", "ROAMING", "raoming", " roaming\n"])
def test_by_topic(ask: Ask, query: str) -> None:
    found = ask(query)

    assert [match.expert for match in found.matches] == [
        "lena.vogt",
        "tom.okafor",
        "camille.durand",
    ]
    assert {match.topic for match in found.matches} == {"roaming"}
    assert found.matches[0].why == "topic Roaming abroad"
    assert found.query == query.strip()


def test_by_phrase_of_a_topic(ask: Ask) -> None:
    assert ask("PAC code").matches[0].expert == "marek.nowak"
    assert ask("Rufnummernmitnahme").matches[0].topic == "porting"


def test_by_free_text(ask: Ask) -> None:
    found = ask("customer asks about roaming charges in Switzerland")

    assert found.matches[0].topic == "roaming"
    assert found.matches[0].why.startswith("told by “")


@pytest.mark.parametrize(
    "query", ["Javier Ruiz", "javier.ruiz", "@javier.ruiz", "Javier", "Ruiz", "Javer Ruis"]
)
def test_by_name_with_typos(ask: Ask, query: str) -> None:
    match = ask(query).matches[0]

    assert (match.expert, match.name, match.why) == ("javier.ruiz", "Javier Ruiz", "by name")
    assert (match.topic, match.level) == ("billing", 3)
    assert (match.slack, match.teams) == ("U07KM0JAVI1", "javier.ruiz@kestrel.example")
    assert match.languages == ("es", "en")


def test_an_accent_may_be_left_out(ask: Ask) -> None:
    assert ask("Hugo Lefevre").matches[0].expert == "hugo.lefevre"
    assert ask("Elodie").matches[0].expert == "elodie.marchand"


def test_who_is_on_duty_comes_first_among_equals(ask: Ask) -> None:
    matches = ask("network outage").matches

    assert [match.expert for match in matches if match.level == 3] == [
        "jonas.brandt",
        "aoife.byrne",
    ]
    assert [match.on_duty for match in matches if match.level == 3] == [True, False]
    assert matches[1].duty == "off duty, back Sun at 22:00 (Europe/Dublin)"


def test_the_standing_is_shown_as_a_lookup_dials_nobody(ask: Ask) -> None:
    assert {match.standing for match in ask("sustainability").matches} == {"in_training", "direct"}


def test_the_limit(ask: Ask) -> None:
    assert len(ask("outage", limit=2).matches) == 2


@pytest.mark.parametrize("query", ["", "   ", "@", "?!", "\x00\ud800", "🦅"])
def test_what_nobody_knows_about_gets_the_topics_there_are(ask: Ask, query: str) -> None:
    found = ask(query)

    assert found.matches == ()
    assert len(found.nearest_topics) == 5
    assert set(found.nearest_topics) <= {topic.title for topic in ask.roster.topics}


def test_a_very_long_query(ask: Ask) -> None:
    assert ask("roaming charges abroad " * 3_000).matches[0].topic == "roaming"


def test_the_same_query_gets_the_same_answer(ask: Ask) -> None:
    assert ask("billing") == ask("billing")
