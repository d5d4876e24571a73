"""Is a model that has learned more at least as good as the one in use? Topic by topic.

Both are judged on the same examples, those of the roster and all that people's acts have labelled,
and neither has seen an example that it is judged on: of `FOLDS` parts of the examples one is left
out in turn, both models learn from what they may of the others, and both read the one left out.
The guesses that training itself makes about held-out examples won't do: each model would be asked
about other examples, by models that had seen other shares of them. The same words are always in
the same part, so that a post which a manager copied into experts.yaml can't be learned by heart.
What is judged is the reading that workers make, phrases and all.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from zlib import crc32

from routing.company import Roster
from routing.model import NONE_OF_OURS, LabelledExample, Post, Reading
from routing.reading import personal
from routing.reading.social import fingerprint

FOLDS = 5
TRAININGS = 2 * FOLDS
MOST_LOST, MOST_LOST_SHARE = 2, 0.2
"""What one topic may lose while the whole gains: one or two of a handful of examples come and go by
luck, more than that would have the experts of one topic pay for everybody else's gain."""

Pair = tuple[str, str]
"""A text and a topic's id, which is `NONE_OF_OURS` for what is none of the company's."""


class Reads(Protocol):
    """Whatever reads posts."""

    def read(self, posts: Iterable[Post]) -> Iterable[tuple[Post, Reading]]:
        """Return each post with its reading, in order."""
        ...


Train = Callable[[Roster, Sequence[Pair]], Reads]
"""From a roster and more examples than it has to a reader; `Reader` itself."""


class Change(NamedTuple):
    """How many of a topic's examples are read right before and after."""

    topic: str
    examples: int
    before: int
    after: int

    @property
    def lost_too_much(self) -> bool:
        """Whether it loses more than luck explains."""
        return _too_many(self.before - self.after, self.examples)


class Strangers(NamedTuple):
    """Posts that people said were none of ours, and how many a topic would be found for."""

    posts: int = 0
    before: int = 0
    after: int = 0

    @property
    def gained_too_much(self) -> bool:
        """Whether more of them would be routed than luck explains."""
        return _too_many(self.after - self.before, self.posts)


class Automatic(NamedTuple):
    """Examples that would be routed without asking a person, and how many to a wrong topic."""

    routed: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What got better and what got worse, on examples that neither model had seen."""

    changes: tuple[Change, ...]
    strangers: Strangers
    before: Automatic
    after: Automatic

    @property
    def accuracy_before(self) -> float:
        """Return the balanced accuracy of the model in use: each topic counts the same."""
        return _mean([change.before / change.examples for change in self.changes])

    @property
    def accuracy_after(self) -> float:
        """Return the balanced accuracy of the new model."""
        return _mean([change.after / change.examples for change in self.changes])

    @property
    def objections(self) -> tuple[str, ...]:
        """Return why the new model is worse, in words; nothing when it isn't.

        It has to do at least as well on average over the topics, without an allowance for luck:
        the one in use costs nothing, and with the next labels there is another try. Beside that no
        topic may lose much, nor may many more posts be routed that are none of ours or to a wrong
        topic: dialling somebody in vain is worse than asking a person. To ask a person more often
        is no objection; it is only told.
        """
        said = []
        if self.accuracy_after < self.accuracy_before - 1e-9:
            percent = f"{self.accuracy_after:.1%} instead of {self.accuracy_before:.1%}"
            said.append(f"it reads {percent} right, each topic counting the same")
        said += [
            f"{change.topic} would lose {change.before - change.after} of {change.examples}"
            for change in self.changes
            if change.lost_too_much
        ]
        if self.strangers.gained_too_much:
            more = self.strangers.after - self.strangers.before
            said.append(f"{more} more posts that are none of ours would be routed")
        wrong = self.after.wrong - self.before.wrong
        if _too_many(wrong, self.before.wrong):
            said.append(f"{wrong} more examples would be routed to a wrong topic")
        return tuple(said)


def to_learn(examples: Iterable[LabelledExample], roster: Roster) -> list[Pair]:
    """Return what a model can learn of examples on the roster's topics, the same words once.

    Whoever calls this hands over only examples that a model may be trained on. What was labelled
    before a topic left the roster is left out, and so is personal data: it says nothing of a topic.
    """
    pairs: dict[tuple[str, str], Pair] = {}
    for example in examples:
        topic = example.label.topic
        if example.may_train and topic in roster.topic_by_id:
            text = without_personal_data(example.text)
            pairs.setdefault((fingerprint(text), topic), (text, topic))
    return list(pairs.values())


def without_personal_data(text: str) -> str:
    """Return the text without the numbers, accounts and addresses of people."""
    for found in reversed(personal.find(text)):
        text = f"{text[: found.start]} {text[found.end :]}"
    return text


def compare(
    roster: Roster,
    used: Sequence[Pair],
    more: Sequence[Pair],
    strangers: Sequence[str],
    train: Train,
    tell: Callable[[int], None] = lambda _: None,
) -> Comparison:
    """Return what came out; `tell` hears after each training how many of `TRAININGS` are done.

    `used` is what the model in use has learned beside the roster, `more` what it hasn't yet;
    `strangers` are texts that were labelled as none of ours. Those train neither model.
    """
    of_roster = [(text, topic.id) for topic in roster.topics for text in topic.examples]
    asked = [*of_roster, *used, *more, *((text, NONE_OF_OURS) for text in strangers)]
    fold = _folds(asked)
    count = _Count(roster)
    for out in range(FOLDS):

        def kept(pairs: Sequence[Pair], out: int = out) -> list[Pair]:
            return [pair for pair in pairs if fold[fingerprint(pair[0])] != out]

        rest = _with_examples(roster, kept(of_roster))
        exam = [pair for pair in asked if fold[fingerprint(pair[0])] == out]
        before = _read(train(rest, kept(used)), exam)
        tell(2 * out + 1)
        after = _read(train(rest, kept([*used, *more])), exam)
        tell(2 * out + 2)
        count.add(exam, before, after)
    return count.result()


def _folds(pairs: Iterable[Pair]) -> dict[str, int]:
    """Return the part that each wording belongs to; every topic is spread evenly over them."""
    topic_of: dict[str, str] = {}
    for text, topic in pairs:
        topic_of.setdefault(fingerprint(text), topic)
    mixed = sorted(topic_of, key=lambda said: (topic_of[said], crc32(said.encode()), said))
    return {said: number % FOLDS for number, said in enumerate(mixed)}


def _with_examples(roster: Roster, pairs: Sequence[Pair]) -> Roster:
    examples: dict[str, list[str]] = defaultdict(list)
    for text, topic in pairs:
        examples[topic].append(text)
    topics = tuple(
        topic.model_copy(update={"examples": tuple(examples[topic.id])}) for topic in roster.topics
    )
    # Not a copy: that would keep what the roster has looked up of the topics that it had.
    said = {key: getattr(roster, key) for key in Roster.model_fields}
    return Roster.model_validate({**said, "topics": topics})


def _read(reader: Reads, exam: Sequence[Pair]) -> list[Reading]:
    posts = (Post("example", str(number), text) for number, (text, _) in enumerate(exam))
    return [reading for _, reading in reader.read(posts)]


class _Count:
    """Counts what two models got right."""

    def __init__(self, roster: Roster) -> None:
        self._right = {topic.id: [0, 0, 0] for topic in roster.topics}
        self._strangers = [0, 0, 0]
        self._routed, self._wrong = [0, 0], [0, 0]

    def add(self, exam: Sequence[Pair], before: list[Reading], after: list[Reading]) -> None:
        for (_, topic), *readings in zip(exam, before, after, strict=True):
            row = self._strangers if topic == NONE_OF_OURS else self._right[topic]
            row[0] += 1
            for turn, reading in enumerate(readings):
                best = reading.topics[0].id if reading.topics else NONE_OF_OURS
                if topic == NONE_OF_OURS:
                    row[1 + turn] += reading.confident
                    continue
                row[1 + turn] += best == topic
                self._routed[turn] += reading.confident
                self._wrong[turn] += reading.confident and best != topic

    def result(self) -> Comparison:
        return Comparison(
            tuple(
                Change(topic, count, before, after)
                for topic, (count, before, after) in self._right.items()
                if count
            ),
            Strangers(*self._strangers),
            Automatic(self._routed[0], self._wrong[0]),
            Automatic(self._routed[1], self._wrong[1]),
        )


def _too_many(number: int, count: int) -> bool:
    return number > MOST_LOST and number > MOST_LOST_SHARE * count


def _mean(shares: Sequence[float]) -> float:
    return sum(shares) / len(shares) if shares else 0.0
