"""How a text is worded: its words, pairs of neighbours, and pieces of three to five letters.

The part of reading that knows nothing but the roster's own examples: it catches product names,
codes and misspellings that no vector was ever made for.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
PIECES = (3, 4, 5)
"""Letters in a piece; on Banking77 2 to 4 and 4 to 6 do as well, within half a point."""
WHOLE = 2.0
"""A whole word or pair counts this much more than one of its pieces, of which there are many."""

_WORD = re.compile(r"\w+(?:['’]\w+)*|[?!]")


def words(text: str) -> list[str]:
    """Return the words in order, and ? and !, which tell a question from a complaint."""
    return _WORD.findall(text)


def as_written(text: str) -> str:
    """Return the text, in small letters where it shouts: capitals elsewhere tell names apart."""
    return text.lower() if text.isupper() else text


def pieces(word: str) -> list[str]:
    """Return the word's pieces, its ends marked by spaces."""
    marked = f" {word} "
    return [marked[at : at + n] for n in PIECES for at in range(len(marked) - n + 1)]


class Vocabulary:
    """The features that occur in the examples, and how telling each is (inverse frequency)."""

    def __init__(self, features: Sequence[str], telling: Floats) -> None:
        self.features = list(features)
        self.telling = telling
        self._place = {feature: place for place, feature in enumerate(self.features)}

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Vocabulary":
        """Return the vocabulary of some texts."""
        seen: Counter[str] = Counter()
        for text in texts:
            seen.update({feature for group in _groups(text) for feature in group})
        count = np.array(list(seen.values()))
        telling = np.log((1 + len(texts)) / (1 + count)) + 1
        whole = np.array([WHOLE if feature[0] in "=+" else 1.0 for feature in seen])
        return cls(list(seen), (telling * whole).astype(np.float32))

    def __len__(self) -> int:
        """Return how many features there are."""
        return len(self.features)

    def of_word(self, word: str) -> tuple[list[int], Floats]:
        """Return the places and values of a word's features, those that are known."""
        return self._known(_of_word(word))

    def place_of_pair(self, first: str, second: str) -> int | None:
        """Return the place of a pair of neighbours, if it is known."""
        return self._place.get(_pair(first, second))

    def pairs(self) -> Iterator[tuple[str, str, int]]:
        """Return the pairs that are known, with their places."""
        for place, feature in enumerate(self.features):
            if feature[0] == "+":
                first, _, second = feature[1:].partition(" ")
                yield first, second, place

    def rows(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], ...]:
        """Return the features of texts as a sparse matrix: row starts, places, values.

        A row's length is taken from its words one by one, as if no two shared a piece: this way a
        word counts the same wherever it stands, and its share can be worked out once.
        """
        starts, places, values = [0], [], []
        for text in texts:
            row: Counter[int] = Counter()
            square = 0.0
            for group in _groups(text):
                at, value = self._known(group)
                square += float(value @ value)
                for place, number in zip(at, value.tolist(), strict=True):
                    row[place] += number
            places += list(row)
            values += [value / square**0.5 for value in row.values()]
            starts.append(len(places))
        return np.array(starts), np.array(places, dtype=np.int64), np.array(values)

    def _known(self, group: list[str]) -> tuple[list[int], Floats]:
        found = Counter(
            place for feature in group if (place := self._place.get(feature)) is not None
        )
        at = list(found)
        return at, self.telling[at] * np.array(list(found.values()), dtype=np.float32)


def _of_word(word: str) -> list[str]:
    word = word.lower()
    return [f"={word}", *pieces(word)]


def _pair(first: str, second: str) -> str:
    return f"+{first.lower()} {second.lower()}"


def _groups(text: str) -> Iterator[list[str]]:
    found = words(text)
    for word in found:
        yield _of_word(word)
    for first, second in pairwise(found):
        yield [_pair(first, second)]
