"""The errors that a person reads, and the hint that ends many of them."""

import difflib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

MOST_COMPARED = 3_000
FEW = 12
MOST_OFFERED = 3
LONG, SHUFFLED = 6, 4
TELLING = 3
"""Letters from which on an edit leaves something to recognise; two that are swapped do."""


class Refused(Exception):
    """A verb was refused. The sentence says what is wrong, since when and what to do instead.

    `shown` is what is to be seen below it.
    """

    shown: Sequence[dict[str, Any]] = ()

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Unfit(Refused):
    """What somebody wrote or chose does not do: a form says so at the field that holds it."""

    def __init__(self, sentence: str, given: object) -> None:
        super().__init__(sentence)
        self.given = given


class WhichPlan(Refused):
    """Several plans could be meant; `choices` are their (key, name)."""

    def __init__(self, sentence: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(sentence)
        self.choices = tuple(choices)


class Unknown(Refused):
    """A word that names nothing; see `unknown`."""


def edits(one: str, other: str) -> int:
    """How many letters to insert, delete, replace or swap with their neighbour to get from one to the other."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != wanted))
            if row > 1 < column and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, above = above, line
    return above[-1]


def near(word: str, known: Iterable[str]) -> list[str]:
    """The nearest known words for which this one may be mistyped: one edit away, two where both are long.

    So are the same letters in another order. What only lacks `un` in front means the opposite, and is not offered.
    """
    found, letters = [], set(word)
    for candidate in itertools.islice(known, MOST_COMPARED):
        shorter, longer = sorted((word, candidate), key=len)
        allowed = 2 if len(shorter) >= LONG else 1
        swapped = sorted(word) == sorted(candidate)
        if len(longer) - len(shorter) > allowed or longer == f"un{shorter}" or (len(longer) < TELLING and not swapped):
            continue
        if len(letters.symmetric_difference(candidate)) > 2 * allowed:
            continue
        distance = edits(word, candidate)
        if distance <= allowed or (len(word) >= SHUFFLED and swapped):
            found.append((distance, candidate))
    least = min(found, default=(0, ""))[0]
    return [candidate for distance, candidate in found if distance == least]


def did_you_mean(
    word: str, known: Iterable[str], alike: float = 0.6, typed: Mapping[str, str] = MappingProxyType({})
) -> str:
    """End a sentence about an unknown word: the nearest known word, or the first of those there are.

    `alike`, from 0 to 1, is how near it must be; `typed` what is to be written for a known word that can't be.
    """
    known = list(itertools.islice(known, MOST_COMPARED))
    words = list(dict.fromkeys(typed.get(each, each) for each in known))
    lower = {each.lower(): typed.get(each, each) for each in known}
    wanted = word.lower()[:60]
    meant = near(wanted, lower) or difflib.get_close_matches(wanted, lower, 1, alike)
    if meant:
        return f"did you mean {_or(dict.fromkeys(f'`{lower[each]}`' for each in meant[:MOST_OFFERED]))}?"
    if not words:
        return "none exists yet"
    return f"write one of {', '.join(f'`{word}`' for word in words[:FEW])}{', ...' if len(words) > FEW else ''}"


def unknown(
    sentence: str, word: str, known: Iterable[str], more: str = "", typed: Mapping[str, str] = MappingProxyType({})
) -> Unknown:
    """Refuse an unknown word: a sentence without its end, then what may be meant, then where to find `more`."""
    hint = did_you_mean(word, known, typed=typed)
    return Unknown(f"{sentence}; {hint if hint.endswith('?') else f'{hint}.'} {more}".rstrip())


def _or(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
