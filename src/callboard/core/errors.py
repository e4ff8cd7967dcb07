"""The errors that a person reads, and the hint that ends many of them."""

import difflib
import itertools
from collections.abc import Iterable, Sequence

MOST_COMPARED = 3_000
FEW = 12


class Refused(Exception):
    """A verb was refused. The sentence says what is wrong, since when and what to do instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class WhichPlan(Refused):
    """Several plans could be meant; `choices` are their (key, name)."""

    def __init__(self, sentence: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(sentence)
        self.choices = tuple(choices)


def did_you_mean(word: str, known: Iterable[str], alike: float = 0.6) -> str:
    """End a sentence about an unknown word: the nearest known word, or the first of those there are.

    `alike`, from 0 to 1, is how near it must be.
    """
    words = list(itertools.islice(known, MOST_COMPARED))
    lower = {known.lower(): known for known in words}
    near = difflib.get_close_matches(word.lower()[:60], lower, 1, alike)
    if near:
        return f"did you mean `{lower[near[0]]}`?"
    if not words:
        return "none exists yet"
    return f"write one of {', '.join(f'`{word}`' for word in words[:FEW])}{', ...' if len(words) > FEW else ''}"
