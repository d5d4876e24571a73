"""The spaCy pipeline of a roster, and the reader that runs posts through it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import cast
from zipfile import BadZipFile

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from routing.company import Roster
from routing.model import Post, Reading
from routing.reading.extensions import notes
from routing.reading.language import LanguageComponent, said_by_platform
from routing.reading.matching import MatchingComponent
from routing.reading.social import tidy
from routing.reading.tone import ToneComponent
from routing.reading.topics import Forecast, TopicsComponent

BATCH = 128
"""Posts read at once: one matrix product for all."""
COMPONENTS = (LanguageComponent, MatchingComponent, TopicsComponent, ToneComponent)
"""Importing a component registers its spaCy factory."""

FORMAT = 1
"""Counts up whenever what is learned from the same roster changes, or how it is kept."""
_KEPT = 4
"""Pipelines kept in a cache folder: those of the rosters used last."""


def build_pipeline(roster: Roster, learned: Iterable[tuple[str, str]] = ()) -> Language:
    """Return a pipeline that has learned the roster's topics; about a second for 77 x 10 examples.

    It is made of a blank multi-language tokenizer and four factories, so that `nlp.pipe_names`,
    `nlp.replace_pipe`, `nlp.select_pipes` and `nlp.to_disk` work as in any spaCy pipeline.
    `learned` are more examples than the roster has: pairs of text and topic id.
    """
    nlp = spacy.blank("xx")
    nlp.add_pipe("direct_dial_language")
    matching = cast("MatchingComponent", nlp.add_pipe("direct_dial_matching"))
    matching.use(roster)
    policy = roster.policy
    how = {
        "tier": roster.reading,
        "confidence": policy.confidence,
        "misroute_target": policy.misroute_target,
    }
    topics = cast("TopicsComponent", nlp.add_pipe("direct_dial_topics", config=how))
    topics.learn(roster.topics, learned)
    nlp.add_pipe("direct_dial_tone")
    return nlp


def content_key(roster: Roster, learned: Sequence[tuple[str, str]] = ()) -> str:
    """Return what tells two pipelines apart: a hash of all that goes into one."""
    company, policy = roster.company, roster.policy
    content = [
        FORMAT,
        [metadata.version(name) for name in ("spacy", "wordllama", "numpy")],
        roster.reading,
        [company.name, company.brand_words, company.competitors, sorted(company.handles.items())],
        [[t.id, t.name, t.description, t.phrases, t.examples] for t in roster.topics],
        [policy.confidence, policy.misroute_target],
        learned,
    ]
    return sha256(json.dumps(content).encode()).hexdigest()[:32]


def load_or_build(roster: Roster, learned: Sequence[tuple[str, str]], cache: Path) -> Language:
    """Return the pipeline kept in `cache` for this content, or build it and keep it there.

    A folder that can't be written only costs the time to learn again at the next start.
    """
    folder = cache / content_key(roster, learned)
    # Not there, or damaged: then it is built anew.
    with suppress(OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
        return spacy.load(folder)
    nlp = build_pipeline(roster, learned)
    with suppress(OSError):
        _keep(nlp, folder)
    return nlp


def _keep(nlp: Language, folder: Path) -> None:
    """Write the pipeline beside its place and move it there, so that nobody reads half of one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".") as beside:
        nlp.to_disk(Path(beside) / "whole")
        if folder.exists():
            rmtree(folder)
        (Path(beside) / "whole").rename(folder)
    kept = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in kept[_KEPT:]:
        rmtree(old, ignore_errors=True)


class Reader:
    """Reads posts with the pipeline of one roster.

    `learned`: more examples than the roster has, pairs of text and topic id; `cache`: a folder in
    which what has been learned is kept for the next start.
    """

    def __init__(
        self,
        roster: Roster,
        learned: Sequence[tuple[str, str]] = (),
        cache: Path | None = None,
    ) -> None:
        if cache is None:
            self.nlp = build_pipeline(roster, learned)
        else:
            self.nlp = load_or_build(roster, learned, cache)
        self._topics = cast("TopicsComponent", self.nlp.get_pipe("direct_dial_topics"))

    @property
    def forecast(self) -> Forecast:
        """Return what held-out examples say about the posts to come."""
        return self._topics.forecast

    def read(
        self, posts: Iterable[Post], batch_size: int = BATCH
    ) -> Iterator[tuple[Post, Reading]]:
        """Yield each post with its reading, in order, as a stream.

        Nothing comes out before `batch_size` posts have gone in, or all: 1 is for who waits for
        each, at two thirds of the speed.
        """
        pairs = ((tidy(post.text), post) for post in posts)
        for doc, post in self.nlp.pipe(pairs, as_tuples=True, batch_size=batch_size):
            yield post, _reading(doc, post, self._topics.needed)

    def read_one(self, post: Post) -> Reading:
        """Return the reading of a single post."""
        return next(reading for _, reading in self.read([post]))


def _reading(doc: Doc, post: Post, needed: float) -> Reading:
    said = notes(doc)
    return Reading(
        language=said_by_platform(post.language) or said["language"],
        kind=said["kind"],
        sentiment=said["sentiment"],
        urgency=said["urgency"],
        urgency_reasons=said["urgency_reasons"],
        topics=said["topics"],
        known=said["known"],
        confident=said["confident"],
        needed=needed,
        brand=said["brand"],
        competitors=said["competitors"],
        handles=said["handles"],
    )
