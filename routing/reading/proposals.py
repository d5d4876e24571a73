"""Words that may be worth a phrase: they came up in posts on one topic, and nowhere else.

A person decides: what is proposed only counts once a community manager has written it into
experts.yaml. That is why posts may be looked at that no model is trained on.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from spacy.lang.de.stop_words import STOP_WORDS as DE
from spacy.lang.en.stop_words import STOP_WORDS as EN
from spacy.lang.es.stop_words import STOP_WORDS as ES
from spacy.lang.fr.stop_words import STOP_WORDS as FR

from routing.company import Roster
from routing.model import LabelledExample
from routing.reading.comparison import without_personal_data
from routing.reading.social import fingerprint, tidy, without_handles

LEAST = 3
"""Posts in which something has to come up."""
LUCK = 0.01
"""How likely it may be that a word came up on one topic alone by luck."""
MOST, MOST_OF_TOPIC = 10, 3
_STOP_WORDS = frozenset(EN | DE | ES | FR)
_TOKEN = re.compile(r"\w+(?:['’-]\w+)*|\S")
_WORD = re.compile(r"[^\W\d_]{2,30}(?:['’-][^\W\d_]{1,30})*")
_SHORTEST = 4
"""Letters of a word that stands alone: shorter ones are seldom about anything."""


class Proposal(NamedTuple):
    """A phrase for a topic, and in how many posts on it the words came up."""

    topic: str
    phrase: str
    posts: int


def propose(examples: Iterable[LabelledExample], roster: Roster) -> tuple[Proposal, ...]:
    """Return words that posts on one topic share and nothing else has, the likeliest first.

    Handles, links, numbers and personal data are never among them, nor are names that the roster
    has. Posts in the same words count once: they may be one person's. Nothing is proposed that
    luck explains: with nearly all posts on one topic, most words come up there alone.
    """
    seen: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    posts: dict[str, set[str]] = defaultdict(set)
    for text, topic in _told(examples, roster):
        said = fingerprint(text)
        posts[topic].add(said)
        for term in _terms(text):
            seen[term][topic].add(said)
    total = sum(len(those) for those in posts.values())
    taken = [f" {term} " for term in _taken(roster)]
    of_roster = {said for those in _roster_texts(roster).values() for said in those}
    found: list[tuple[float, Proposal, frozenset[str]]] = []
    for term, topics in seen.items():
        if len(topics) > 1 or any(f" {term} " in known or known in f" {term} " for known in taken):
            continue
        ((topic, where),) = topics.items()
        new = where - of_roster
        luck = (len(posts[topic]) / total) ** len(where)
        if topic in roster.topic_by_id and len(new) >= LEAST and luck <= LUCK:
            found.append((luck, Proposal(topic, term, len(new)), frozenset(where)))
    return tuple(_best(found))


def _told(examples: Iterable[LabelledExample], roster: Roster) -> Iterator[tuple[str, str]]:
    for topic in roster.topics:
        for text in topic.examples:
            yield _plain(text), topic.id
    for example in examples:
        yield _plain(example.text), example.label.topic


def _roster_texts(roster: Roster) -> dict[str, set[str]]:
    return {
        topic.id: {fingerprint(_plain(text)) for text in topic.examples} for topic in roster.topics
    }


def _plain(text: str) -> str:
    return without_handles(tidy(without_personal_data(text)))


def _terms(text: str) -> Iterator[str]:
    """Yield the words and pairs of words that may be a phrase, in small letters."""
    found = _TOKEN.findall(text.lower())
    telling = [bool(_WORD.fullmatch(word)) and word not in _STOP_WORDS for word in found]
    for word, tells in zip(found, telling, strict=True):
        if tells and len(word) >= _SHORTEST:
            yield word
    for pair, both in zip(pairwise(found), pairwise(telling), strict=True):
        if all(both) and max(map(len, pair)) >= _SHORTEST:
            yield " ".join(pair)


def _taken(roster: Roster) -> Iterator[str]:
    """Yield what is a phrase already, and names: those say whom a post is about, not what."""
    company = roster.company
    handles = (handle.removeprefix("@") for there in company.handles.values() for handle in there)
    people = (person.name for person in (*roster.experts, *roster.managers))
    names = (company.name, *company.brand_words, *company.competitors, *handles, *people)
    phrases = (phrase for topic in roster.topics for phrase in topic.phrases)
    for known in (*names, *phrases):
        if known:
            yield " ".join(_TOKEN.findall(tidy(known).lower()))


def _best(found: list[tuple[float, Proposal, frozenset[str]]]) -> Iterator[Proposal]:
    """Yield the best few; of words that came up in the same posts only the longest."""
    told: dict[str, list[frozenset[str]]] = defaultdict(list)
    count = 0
    for _, proposal, where in sorted(found, key=lambda f: (f[0], -len(f[1].phrase), f[1])):
        there = told[proposal.topic]
        if len(there) < MOST_OF_TOPIC and where not in there and count < MOST:
            there.append(where)
            count += 1
            yield proposal
