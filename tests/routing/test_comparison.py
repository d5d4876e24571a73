"""Two models judged on the same examples, neither of which has seen what it is judged on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from routing.company import Roster
from routing.model import Evidence, Post, Reading, TopicScore
from routing.reading.comparison import (
    FOLDS,
    TRAININGS,
    Automatic,
    Change,
    Comparison,
    Pair,
    Strangers,
    compare,
    to_learn,
)
from routing.reading.social import fingerprint
from tests.builders import a_labelled, a_reading, a_roster, a_topic

ROSTER = a_roster(
    topics=(
        a_topic("roaming", examples=[f"roaming {n}" for n in range(10)]),
        a_topic("billing", examples=[f"billing {n}" for n in range(10)]),
    )
)


@dataclass
class Parrot:
    """Reads a post as the topic whose examples share a word with it; remembers what it learned."""

    texts: dict[str, str]
    asked: list[str] = field(default_factory=list)

    def read(self, posts: Iterable[Post]) -> Iterable[tuple[Post, Reading]]:
        for post in posts:
            self.asked.append(post.text)
            words = set(post.text.split())
            near = [t for text, t in self.texts.items() if words & set(text.split())]
            best = max(sorted(set(near)), key=near.count, default="")
            scores = (TopicScore(best, 0.9, (Evidence("a", 1.0, "words"),)),) if best else ()
            yield post, a_reading(confident=bool(best), topics=scores)


@dataclass
class School:
    """Trains parrots, and remembers each."""

    parrots: list[Parrot] = field(default_factory=list)

    def __call__(self, roster: Roster, more: Sequence[Pair]) -> Parrot:
        texts = {text: topic.id for topic in roster.topics for text in topic.examples}
        self.parrots.append(Parrot(texts | dict(more)))
        return self.parrots[-1]


def test_nobody_is_asked_what_they_have_seen_and_both_are_asked_the_same() -> None:
    school, told = School(), list[int]()
    more = [("Roaming 3!", "roaming"), ("day pass", "roaming"), ("day pass too", "roaming")]
    compare(ROSTER, [("my bill", "billing")], more, ["hello"], school, told.append)
    assert told == list(range(1, TRAININGS + 1))
    for parrot in school.parrots:
        seen = {fingerprint(text) for text in parrot.texts}
        assert not seen & {fingerprint(text) for text in parrot.asked}
    befores, afters = school.parrots[::2], school.parrots[1::2]
    assert [p.asked for p in befores] == [p.asked for p in afters]
    asked = [text for parrot in befores for text in parrot.asked]
    wanted = [text for topic in ROSTER.topics for text in topic.examples]
    assert sorted(asked) == sorted([*wanted, "my bill", *(text for text, _ in more), "hello"])
    assert not any("day pass" in parrot.texts for parrot in befores)
    assert not any("hello" in parrot.texts for parrot in school.parrots)
    assert sum("my bill" in parrot.texts for parrot in befores) == FOLDS - 1


def test_what_the_new_model_knows_and_the_old_one_does_not_is_counted() -> None:
    more = [(f"pass {n}a", "roaming") for n in range(10)]
    found = compare(ROSTER, [], more, ["pass along please", "zzyzx"], School())
    assert found.changes == (Change("roaming", 20, 10, 20), Change("billing", 10, 10, 10))
    assert (found.accuracy_before, found.accuracy_after) == (0.75, 1.0)
    assert found.strangers == Strangers(2, 0, 1)
    assert (found.before, found.after) == (Automatic(20, 0), Automatic(30, 0))
    assert found.objections == ()


def test_a_route_to_a_wrong_topic_is_counted_as_one() -> None:
    more = [(f"billing please {n}a", "roaming") for n in range(2)]
    found = compare(ROSTER, [], more, [], School())
    assert found.before == Automatic(22, 2)


def judged(*changes: Change, strangers: Strangers = Strangers()) -> tuple[str, ...]:  # noqa: B008
    return Comparison(changes, strangers, Automatic(), Automatic()).objections


def test_as_good_is_good_enough() -> None:
    assert judged(Change("a", 10, 8, 8), Change("b", 3, 2, 2)) == ()
    assert judged(Change("a", 10, 7, 8), Change("b", 10, 8, 7)) == ()


def test_worse_on_average_over_the_topics_is_worse() -> None:
    (said,) = judged(Change("many", 100, 90, 92), Change("few", 10, 9, 8))
    assert said.startswith("it reads 86.0% instead of 90.0% right")


def test_no_topic_pays_for_the_others() -> None:
    gain = Change("a", 10, 0, 10)
    assert judged(gain, Change("b", 10, 9, 6)) == ("b would lose 3 of 10",)
    assert judged(gain, Change("b", 10, 9, 7)) == (), "two are luck"
    assert judged(gain, Change("b", 100, 90, 75)) == (), "a sixth of many is weighed as a whole"


def test_nor_are_many_more_posts_routed_that_are_none_of_ours() -> None:
    gain = Change("a", 10, 0, 10)
    assert judged(gain, strangers=Strangers(10, 0, 2)) == ()
    (said,) = judged(gain, strangers=Strangers(10, 0, 3))
    assert said == "3 more posts that are none of ours would be routed"


def test_nor_are_many_more_routed_to_a_wrong_topic() -> None:
    def said(before: int, after: int) -> tuple[str, ...]:
        found = (Automatic(100, before), Automatic(100, after))
        return Comparison((Change("a", 10, 0, 10),), Strangers(), *found).objections

    assert said(1, 3) == said(20, 24) == ()
    assert said(1, 4) == ("3 more examples would be routed to a wrong topic",)


def test_only_what_is_allowed_and_on_a_topic_of_the_roster_is_learned_once() -> None:
    examples = [
        a_labelled("My bill, call 0171 1234567!", "billing"),
        a_labelled("my BILL call", "billing"),
        a_labelled("from x", "billing", platform="x", may_train=False),
        a_labelled("none of ours", ""),
        a_labelled("gone", "faxes"),
    ]
    assert to_learn(examples, ROSTER) == [("My bill, call  !", "billing")]
