"""The spaCy pipeline of a roster, and the reader that runs posts through it."""

from collections.abc import Iterable, Iterator
from typing import cast

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from routing.company import Roster
from routing.model import Post, Reading
from routing.reading.language import LanguageComponent, said_by_platform
from routing.reading.matching import MatchingComponent
from routing.reading.social import tidy
from routing.reading.tone import ToneComponent
from routing.reading.topics import TopicsComponent

BATCH = 128
"""Posts read at once: one matrix product for all."""
COMPONENTS = (LanguageComponent, MatchingComponent, TopicsComponent, ToneComponent)
"""Importing a component registers its spaCy factory."""

_ATTRIBUTES = (
    "language",
    "brand",
    "competitors",
    "handles",
    "topics",
    "known",
    "confident",
    "kind",
    "sentiment",
    "urgency",
    "urgency_reasons",
)


def build_pipeline(roster: Roster) -> Language:
    """Return a pipeline that has learned the roster's topics; under a second for 12 x 10 examples.

    It is made of a blank multi-language tokenizer and four factories, so that
    `nlp.pipe_names`, `nlp.replace_pipe` and `nlp.select_pipes` work as in any spaCy pipeline.
    """
    for name in _ATTRIBUTES:
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)
    nlp = spacy.blank("xx")
    nlp.add_pipe("direct_dial_language")
    matching = cast("MatchingComponent", nlp.add_pipe("direct_dial_matching"))
    matching.use(roster)
    topics = cast(
        "TopicsComponent",
        nlp.add_pipe("direct_dial_topics", config={"threshold": roster.policy.confidence}),
    )
    topics.learn(roster.topics)
    nlp.add_pipe("direct_dial_tone")
    return nlp


class Reader:
    """Reads posts with the pipeline of one roster."""

    def __init__(self, roster: Roster) -> None:
        self.nlp = build_pipeline(roster)

    def read(
        self, posts: Iterable[Post], batch_size: int = BATCH
    ) -> Iterator[tuple[Post, Reading]]:
        """Yield each post with its reading, in order, as a stream.

        Nothing comes out before `batch_size` posts have gone in, or all: 1 is for who waits for
        each, at two thirds of the speed.
        """
        pairs = ((tidy(post.text), post) for post in posts)
        for doc, post in self.nlp.pipe(pairs, as_tuples=True, batch_size=batch_size):
            yield post, _reading(doc, post)

    def read_one(self, post: Post) -> Reading:
        """Return the reading of a single post."""
        return next(reading for _, reading in self.read([post]))


def _reading(doc: Doc, post: Post) -> Reading:
    said = doc._
    return Reading(
        language=said_by_platform(post.language) or said.language,
        kind=said.kind,
        sentiment=said.sentiment,
        urgency=said.urgency,
        urgency_reasons=said.urgency_reasons,
        topics=said.topics,
        known=said.known,
        confident=said.confident,
        brand=said.brand,
        competitors=said.competitors,
        handles=said.handles,
    )
