"""How glad or angry words are: VADER's lexicon and rules (Hutto & Gilbert 2014), made for posts.

Its lexicon and word lists are used; its own analyser takes 70 µs a post, as it looks at each letter
for emoji and at each word for every rule. Here rules are only tried at words that say something.
Left out are its rules for idioms and, as nobody writes to a company about them, a few words; what
comes after “but” counts more by its place, where VADER takes the first word of the same value.
"""

import math
from collections.abc import Sequence

from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    C_INCR,
    N_SCALAR,
    NEGATE,
    SentimentIntensityAnalyzer,
)

_NEGATIONS = frozenset(NEGATE)
_FADES = (1.0, 0.95, 0.9)
"""What a booster one, two or three words before is worth."""
_NORMAL = 15
_NOT_HERE = ("no", "please", "help", "number", "share", "credit", "like", "free", "join", "charges")
"""Words of the lexicon that say nothing of how somebody feels who writes to a company."""


class Lexicon:
    """VADER's words and emoji with their value, from about -4 to 4."""

    def __init__(self) -> None:
        vader = SentimentIntensityAnalyzer()
        self.words: dict[str, float] = dict(vader.lexicon)
        for word in _NOT_HERE:
            self.words.pop(word, None)
        self.signs: dict[str, float] = {
            emoji: sum(self.words.get(word, 0.0) for word in description.split())
            for emoji, description in vader.emojis.items()
        }
        self._all = self.words | {sign: value for sign, value in self.signs.items() if value}

    def values(self, written: Sequence[str], words: Sequence[str], *, english: bool) -> list[float]:
        """Return what each word is worth where it stands; `words` are those written, in lower case.

        Of other languages only signs are known, such as emoji.
        """
        known = self._all if english else self.signs
        values = [known.get(word, 0.0) for word in words]
        if not english or not any(values):
            return values
        loud = _some_are_capitals(written)
        return [
            value and _in_its_place(value, place, written, words, loud=loud, known=known)
            for place, value in enumerate(values)
        ]


def compound(values: Sequence[float], words: Sequence[str]) -> float:
    """Return one figure from -1 to 1; exclamation and question marks make it stronger."""
    if "but" in words:
        turn = words.index("but")
        values = [v * (0.5 if n < turn else 1.5) for n, v in enumerate(values)]
    total = sum(values)
    if not total:
        return 0.0
    asks = words.count("?")
    emphasis = min(words.count("!"), 4) * 0.292
    emphasis += 0.96 if asks > 3 else asks * 0.18 if asks > 1 else 0.0
    total += math.copysign(emphasis, total)
    return round(total / math.sqrt(total * total + _NORMAL), 3)


def _some_are_capitals(written: Sequence[str]) -> bool:
    words = [word for word in written if word[0].isalpha()]
    capitals = sum(map(str.isupper, words))
    return 0 < capitals < len(words)


def _in_its_place(
    value: float,
    place: int,
    written: Sequence[str],
    words: Sequence[str],
    *,
    loud: bool,
    known: dict[str, float],
) -> float:
    """Return what a word is worth after what stands before it: boosters and negations."""
    if loud and written[place].isupper():
        value += math.copysign(C_INCR, value)
    for back, fade in enumerate(_FADES, start=1):
        if back > place:
            break
        before = words[place - back]
        if before in ".!?,;:":
            break
        if before in known:
            continue
        boost = BOOSTER_DICT.get(before, 0.0)
        if boost:
            value += math.copysign(1.0, value) * boost * fade
        elif before in _NEGATIONS or before == "no" or "n't" in before:
            value *= N_SCALAR
    return value
