"""Ranges of numbered ids: `O-1..O-6`, `ATOM-001..ATOM-012`, `O-1..6`; both ends included."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBERED = re.compile(r"(.*?)([0-9]{1,15})", re.DOTALL)
EXAMPLE = "write it like O-1..O-6"


@dataclass(frozen=True)
class Range:
    """The ids of one prefix from a first to a last number. With `width`, numbers have so many digits: 001."""

    prefix: str
    first: int
    last: int
    width: int = 1

    def spells(self, digits: str) -> bool:
        """Whether the number of an id is written as the ends are."""
        return len(digits) == self.width or (len(digits) > self.width and not digits.startswith("0"))

    def write(self, number: int) -> str:
        """A number as in these ids."""
        return f"{number:0{self.width}d}"


def split(key: str) -> tuple[str, str] | None:
    """The prefix and the number of an id; None where it has no number."""
    found = NUMBERED.fullmatch(key)
    return (found[1], found[2]) if found else None


def parse(text: str) -> Range:
    """Read a range. Raises ValueError with a sentence."""
    left, _, right = (part.strip() for part in text.partition(".."))
    first, last = split(left), split(right)
    if first is None or last is None:
        raise ValueError(f"`{text}` is no range of tasks, which ends in numbers on both sides: {EXAMPLE}")
    if last[0] not in ("", first[0]):
        raise ValueError(f"`{text}` goes from {first[0]} to {last[0]}: a range keeps to one of them, {EXAMPLE}")
    width = max(len(digits) if digits.startswith("0") else 1 for digits in (first[1], last[1]))
    made = Range(first[0], int(first[1]), int(last[1]), width)
    begin, end = (f"{made.prefix}{made.write(number)}" for number in (made.first, made.last))
    if made.first > made.last:
        raise ValueError(f"`{text}` is written backwards: write {end}..{begin}")
    if (first[1], last[1]) != (made.write(made.first), made.write(made.last)):
        raise ValueError(f"the ends of `{text}` have leading zeros in different ways: write {begin}..{end}")
    return made
