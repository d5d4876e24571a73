"""Finds the phrases of many lists in a list of words, in one pass however many phrases there are.

A phrase is written as words with spaces between them:

    charged/billed twice      either word
    disappoint*               any word that starts so
    not really? work*         a word that may be missing
    the _ street              any one word

Big alternations of regular expressions took half the time of reading a post, as each tries all its
words at every letter. Here phrases are a tree of words, and a post goes down it word by word.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

_REMEMBERED = 50_000
_SHORTEST_BEGINNING = 2
_ANY = "_"


class Found(NamedTuple):
    """A phrase that was found: which list it is on, and where it stands, in words."""

    name: str
    language: str
    start: int
    end: int


class _Node:
    """A place in the tree: what may come next, and the lists a phrase that ends here is on."""

    __slots__ = ("any", "beginnings", "lists", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self.beginnings: dict[str, _Node] = {}
        self.any: _Node | None = None
        self.lists: dict[tuple[str, str], None] = {}

    def grow(self, piece: str) -> "_Node":
        """Return the node behind a word, a beginning or any word; make it if there is none."""
        if piece == _ANY:
            self.any = self.any or _Node()
            return self.any
        if piece.endswith("*"):
            return self.beginnings.setdefault(piece.removesuffix("*"), _Node())
        return self.words.setdefault(piece, _Node())

    def next(self, word: str) -> Iterator["_Node"]:
        """Yield the nodes that a word leads to."""
        if word in self.words:
            yield self.words[word]
        if self.any and word[0].isalnum():
            yield self.any
        if self.beginnings:
            for size in range(_SHORTEST_BEGINNING, len(word) + 1):
                if word[:size] in self.beginnings:
                    yield self.beginnings[word[:size]]


class Phrasebook:
    """Lists of phrases, by name and language; each phrase has a line."""

    def __init__(self, lists: Mapping[str, Mapping[str, str]]) -> None:
        self._root = _Node()
        self.words: set[str] = set()
        """Every word that stands in a phrase as it is."""
        for name, by_language in lists.items():
            for language, phrases in by_language.items():
                for line in phrases.split("\n"):
                    self._add((name, language), line.split())
        # Posts say the same words again and again, and most start no phrase.
        self._first = lru_cache(_REMEMBERED)(lambda word: tuple(self._root.next(word)))

    def find(self, words: Sequence[str]) -> list[Found]:
        """Return the phrases in these words (in lower case), without those within a longer one."""
        found: list[Found] = []
        for start, word in enumerate(words):
            for node in self._first(word):
                if node.lists or _goes_on(node, words, start + 1):
                    found += _walk(node, words, start)
        return found if len(found) < 2 else _outermost(found)

    def _add(self, list_: tuple[str, str], written: list[str]) -> None:
        if not written:
            return
        before = [self._root]
        for piece in written:
            optional, words = piece.endswith("?"), piece.removesuffix("?").split("/")
            self.words.update(words)
            ends = [node.grow(word) for node in before for word in words]
            before = ends + before if optional else ends
        for node in before:
            node.lists[list_] = None


def _goes_on(node: _Node, words: Sequence[str], place: int) -> bool:
    """Whether it is worth a closer look; for nearly all words the answer is no."""
    return place < len(words) and (
        words[place] in node.words or node.any is not None or bool(node.beginnings)
    )


def _walk(first: _Node, words: Sequence[str], start: int) -> Iterable[Found]:
    """Return the longest phrase of each list that starts here."""
    longest: dict[tuple[str, str], int] = {}
    nodes, place = [first], start + 1
    while nodes:
        for node in nodes:
            for list_ in node.lists:
                longest[list_] = place
        if place == len(words):
            break
        nodes = [later for node in nodes for later in node.next(words[place])]
        place += 1
    return [Found(*list_, start, end) for list_, end in longest.items()]


def _outermost(found: Iterable[Found]) -> list[Found]:
    """Leave out what stands within something longer."""
    kept: list[Found] = []
    reach = Found("", "", -1, -1)
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.end > reach.end or (one.start, one.end) == (reach.start, reach.end):
            reach = one
            kept.append(one)
    return kept
