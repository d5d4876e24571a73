"""What a community manager could do better with the examples and phrases of experts.yaml.

Whether an example misleads is asked of models that were trained without it: what they take it for
is what a customer's post in the same words would be taken for. Advice, never a mistake: the roster
works as it is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import spacy
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from routing.company import Roster, Topic
from routing.reading.background import BACKGROUND
from routing.reading.matching import MatchingComponent
from routing.reading.social import fingerprint, tidy, without_handles
from routing.reading.training import Texts, train

ENOUGH, VERY_FEW = 10, 5
"""Examples of a topic: with fewer than `VERY_FEW` nothing can be said of each, as leaving one out
leaves next to nothing."""
CLEARLY = 2.0
"""How many times as likely another topic must be before an example is said to read like it."""
OVERLAP = 0.1
"""The share of two topics' examples that are taken for the other's, from which the topics overlap
rather than this or that example stands wrong."""
ALIKE = 85
"""Similarity, 0 to 100, from which two sentences may be the same one."""
_NAMED = 8
"""Topics, or quotations, that one sentence names."""
_ROWS = 500
"""Examples compared with all others at once."""


class Advice(IntEnum):
    """What a finding is about, the most useful first."""

    IN_TWO_TOPICS = 1
    NO_EXAMPLES = 2
    VERY_FEW = 3
    PHRASE_MISLEADS = 4
    OVERLAP = 5
    READS_LIKE = 6
    FEW = 7
    PHRASES_MEET = 8
    TWICE = 9


class Place(NamedTuple):
    """Where something stands in the roster: which topic, which of its lists, which of the list."""

    topic: int
    field: str
    number: int

    @property
    def path(self) -> tuple[str | int, ...]:
        """Return the path in the file; see `roster.RosterFile`."""
        return ("topics", self.topic, self.field, self.number)


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence: what could be better, and what to do; and where that is."""

    advice: Advice
    sentence: str
    places: tuple[Place, ...] = ()
    weight: float = 0.0
    """How much it matters among those of its kind."""


class _Example(NamedTuple):
    place: Place
    text: str
    words: str
    """What stays the same when only capitals and punctuation change."""


class _Guess(NamedTuple):
    """What models that hadn't seen an example took it for."""

    example: _Example
    taken_for: int
    own: float
    other: float
    """The chances of its own topic and of the likeliest other one."""

    @property
    def topics(self) -> frozenset[int]:
        """Return its own topic and the one it was taken for."""
        return frozenset((self.example.place.topic, self.taken_for))

    @property
    def is_clear(self) -> bool:
        """Whether it clearly prefers another topic."""
        return self.own < 0.5 and self.other >= CLEARLY * self.own


def look_at(roster: Roster) -> tuple[Finding, ...]:
    """Return what could be better about a roster's examples, the most useful first."""
    topics = roster.topics
    examples = [
        _Example(Place(number, "examples", at), text, fingerprint(text))
        for number, topic in enumerate(topics)
        for at, text in enumerate(topic.examples)
    ]
    phrases = _Phrases(roster)
    repeated, misplaced = _repeated(examples, topics)
    guesses = [
        guess
        for guess in _guesses(topics, examples)
        if guess.example.place not in misplaced
        and len(topics[guess.example.place.topic].examples) >= VERY_FEW
    ]
    overlaps, pairs = _overlaps(guesses, topics)
    apart = [guess for guess in guesses if guess.is_clear and guess.topics not in pairs]
    strays = _strays(apart, topics, examples)
    found = [
        *repeated,
        *_too_few(topics),
        *phrases.findings(examples),
        *overlaps,
        *_misread(strays, phrases, topics),
    ]
    return tuple(sorted(found, key=lambda f: (f.advice, -f.weight, f.places)))


def _guesses(topics: Sequence[Topic], examples: Sequence[_Example]) -> list[_Guess]:
    """Return what each example was taken for when it was held out; of very many, every sixth."""
    about = [
        (text, number)
        for number, topic in enumerate(topics)
        for text in (topic.name, topic.description, *topic.phrases)
        if text
    ]
    bare = set(range(len(topics))) - {n for _, n in about} - {e.place.topic for e in examples}
    about += [(topics[number].id, number) for number in sorted(bare)]
    texts = [text for text, _ in about] + [example.text for example in examples]
    classes = [number for _, number in about] + [example.place.topic for example in examples]
    known = Texts(
        [without_handles(tidy(text)) for text in texts],
        np.array(classes),
        np.arange(len(texts)) >= len(about),
        len(topics),
    )
    _, held_out = train(known, [tidy(text) for text in BACKGROUND])
    guesses = []
    for row, chances in zip(held_out.places.tolist(), held_out.ours.chances, strict=True):
        example = examples[row - len(about)]
        own = float(chances[example.place.topic])
        others = np.delete(chances, example.place.topic)
        other = float(others.max()) if len(others) else 0.0
        guesses.append(_Guess(example, int(chances.argmax()), own, other))
    return guesses


def _repeated(
    examples: Sequence[_Example], topics: Sequence[Topic]
) -> tuple[list[Finding], set[Place]]:
    """Return sentences that stand twice, and the places of those that stand in two topics."""
    found, misplaced = [], set()
    for one, other in _alike([example.words for example in examples]):
        a, b = examples[one], examples[other]
        both = (a.place, b.place)
        if a.place.topic != b.place.topic:
            misplaced |= set(both)
            here, there = topics[a.place.topic].id, topics[b.place.topic].id
            what = f"“{_quote(a.text)}” is an example of {here} and of {there}"
            if a.words != b.words:
                what = (
                    f"“{_quote(a.text)}” ({here}) and “{_quote(b.text)}” ({there}) say nearly "
                    "the same"
                )
            do = "keep the one that stands where such posts should go"
            found.append(Finding(Advice.IN_TWO_TOPICS, f"{what}: {do}.", both))
        elif a.words == b.words:
            what = f"“{_quote(a.text)}” stands twice in {topics[a.place.topic].id}"
            do = "put another sentence in place of one of them"
            found.append(Finding(Advice.TWICE, f"{what}: {do}.", both))
    return found, misplaced


def _alike(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of texts that are the same or nearly so; a bounded part at once."""
    for start in range(0, len(texts), _ROWS):
        part = texts[start : start + _ROWS]
        rest = texts[start:]
        near = process.cdist(part, rest, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.uint8)
        for one, other in np.argwhere(near >= ALIKE).tolist():
            if one < other and part[one] and _say_the_same(part[one], rest[other]):
                yield start + one, start + other


def _say_the_same(text: str, other: str) -> bool:
    """Whether two similar texts differ by no more than added words or slips of the pen.

    “How do I get a virtual card” is not “How do I get an actual card”, however alike they look.
    """
    ours, theirs = text.split(), other.split()
    only_ours = [word for word in ours if word not in theirs]
    only_theirs = [word for word in theirs if word not in ours]
    fewer, more = sorted((only_ours, only_theirs), key=len)
    return all(any(OSA.distance(word, its) <= 1 < len(word) - 2 for its in more) for word in fewer)


def _too_few(topics: Sequence[Topic]) -> Iterator[Finding]:
    """Yield a sentence for topics without examples, with very few and with few."""
    counts = [(topic.id, len(topic.examples)) for topic in topics]
    ten = "about ten sentences as customers write them"
    none = [name for name, count in counts if count == 0]
    if none:
        has = "has no examples" if len(none) == 1 else "have no examples"
        yield Finding(Advice.NO_EXAMPLES, f"{_listed(none)} {has}: write {ten}.", weight=len(none))
    very = [f"{name} ({count})" for name, count in counts if 0 < count < VERY_FEW]
    if very:
        has = "has" if len(very) == 1 else "have"
        what = f"{_listed(very)} {has} very few examples, too few to tell posts by"
        yield Finding(Advice.VERY_FEW, f"{what}: write {ten}.", weight=len(very))
    few = [f"{name} ({count})" for name, count in counts if VERY_FEW <= count < ENOUGH]
    if few:
        has = "has" if len(few) == 1 else "have"
        what = f"{_listed(few)} {has} few examples"
        yield Finding(Advice.FEW, f"{what}: ten each make posts surer to be told.", weight=len(few))


class _Phrases:
    """The phrases of all topics, found the way posts are searched for them."""

    def __init__(self, roster: Roster) -> None:
        self._topics = roster.topics
        self._nlp = spacy.blank("xx")
        self._matching = MatchingComponent(self._nlp, "phrases")
        self._matching.use(roster)
        self._number = {topic.id: number for number, topic in enumerate(roster.topics)}
        self._places = {
            (topic.id, tidy(phrase).lower()): Place(number, "phrases", at)
            for number, topic in enumerate(roster.topics)
            for at, phrase in enumerate(topic.phrases)
        }

    def of(self, text: str) -> list[tuple[str, str]]:
        """Return the topics whose phrases are in a text, each with the phrase."""
        doc = self._matching(self._nlp.make_doc(tidy(text)))
        return [(span.label_, span.text) for span in doc.spans["phrases"]]

    def settles(self, example: _Example) -> bool:
        """Whether a phrase of its own topic is in it."""
        own = self._topics[example.place.topic].id
        return any(topic == own for topic, _ in self.of(example.text))

    def findings(self, examples: Iterable[_Example]) -> Iterator[Finding]:
        """Yield a sentence for each phrase that is in other topics' examples."""
        alone: dict[tuple[str, str], list[_Example]] = defaultdict(list)
        beside: dict[tuple[str, str], list[_Example]] = defaultdict(list)
        for example in examples:
            own, here = self._topics[example.place.topic].id, self.of(example.text)
            settled = any(topic == own for topic, _ in here)
            for topic, phrase in here:
                if topic != own:
                    (beside if settled else alone)[topic, phrase.lower()].append(example)
        for (topic, phrase), found in alone.items():
            said = self._written(topic, phrase)
            what = f"“{said}” is a phrase of {topic}, so whoever writes it goes there, also"
            do = "make the phrase longer or take it out, unless such posts belong there"
            yield self._finding(Advice.PHRASE_MISLEADS, (topic, phrase), found, what, do)
        for (topic, phrase), found in beside.items():
            said = self._written(topic, phrase)
            what = f"“{said}”, a phrase of {topic}, stands beside one of another topic in"
            do = "such posts may go either way; make one of the phrases longer if that is wrong"
            yield self._finding(Advice.PHRASES_MEET, (topic, phrase), found, what, do)

    def _written(self, topic: str, phrase: str) -> str:
        """Return a phrase as the roster writes it."""
        place = self._places.get((topic, phrase))
        return self._topics[place.topic].phrases[place.number] if place else phrase

    def _finding(
        self, advice: Advice, key: tuple[str, str], found: Sequence[_Example], what: str, do: str
    ) -> Finding:
        quoted = [f"“{_quote(e.text)}” ({self._topics[e.place.topic].id})" for e in found]
        places = [example.place for example in found]
        if key in self._places:
            places.insert(0, self._places[key])
        sentence = f"{what} {_listed(quoted, 3)}: {do}."
        return Finding(advice, sentence, tuple(places), len(found))


def _overlaps(
    guesses: Sequence[_Guess], topics: Sequence[Topic]
) -> tuple[list[Finding], set[frozenset[int]]]:
    """Return pairs of topics whose examples are taken for each other's, both ways."""
    judged = Counter(guess.example.place.topic for guess in guesses)
    taken: dict[tuple[int, int], list[_Guess]] = defaultdict(list)
    for guess in guesses:
        if guess.taken_for != guess.example.place.topic:
            taken[guess.example.place.topic, guess.taken_for].append(guess)
    found, pairs = [], set()
    for (a, b), there in taken.items():
        back = taken.get((b, a), [])
        both = len(there) + len(back)
        few = min(len(there), len(back)) < 2 or both < OVERLAP * (judged[a] + judged[b])
        if a > b or few:
            continue
        pairs.add(frozenset((a, b)))
        one, other = topics[a].id, topics[b].id
        what = (
            f"{one} and {other} overlap: {len(there)} of {judged[a]} examples of {one} read like "
            f"{other}, such as “{_quote(_worst(there))}”, and {len(back)} of {judged[b]} the other "
            f"way round, such as “{_quote(_worst(back))}”"
        )
        do = "have the examples say what tells the two apart, or make them one topic"
        places = tuple(guess.example.place for guess in (*there, *back))
        found.append(Finding(Advice.OVERLAP, f"{what}: {do}.", places, both))
    return found, pairs


def _worst(guesses: Sequence[_Guess]) -> str:
    return min(guesses, key=lambda guess: guess.own).example.text


def _strays(
    guesses: Iterable[_Guess], topics: Sequence[Topic], examples: Sequence[_Example]
) -> list[_Guess]:
    """Return the guesses that are wrong by themselves.

    An example in the wrong topic also makes those like it, which stand where they should, read
    wrong. So the worst of each two topics is taken out, and the others have to read wrong again.
    """
    guesses = sorted(guesses, key=lambda guess: guess.own - guess.other)
    worst: dict[frozenset[int], _Guess] = {}
    for guess in guesses:
        worst.setdefault(guess.topics, guess)
    first = {guess.example.place for guess in worst.values()}
    if len(first) == len(guesses):
        return guesses
    rest = [example for example in examples if example.place not in first]
    again = {guess.example.place for guess in _guesses(topics, rest) if guess.is_clear}
    return [guess for guess in guesses if guess.example.place in first | again]


def _misread(
    strays: Iterable[_Guess], phrases: _Phrases, topics: Sequence[Topic]
) -> Iterator[Finding]:
    """Yield the examples that read like another topic, and have no phrase that settles it."""
    for guess in strays:
        example, other = guess.example, guess.taken_for
        own = example.place.topic
        if phrases.settles(example):
            continue
        here = topics[own].id
        what = f"“{_quote(example.text)}” ({here}) reads like {topics[other].id}"
        do = f"move it there, reword it to say what it is about, or add more like it to {here}"
        yield Finding(
            Advice.READS_LIKE, f"{what}: {do}.", (example.place,), guess.other - guess.own
        )


def _quote(text: str, limit: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _listed(names: Sequence[str], most: int = _NAMED) -> str:
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
