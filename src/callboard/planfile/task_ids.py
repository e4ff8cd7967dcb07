"""What the ids of tasks say: ranges such as `O-1..O-6`, and the kind that a prefix stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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


def split_id(key: str) -> tuple[str, str] | None:
    """The prefix and the number of an id; None where it has no number."""
    found = NUMBERED.fullmatch(key)
    return (found[1], found[2]) if found else None


def parse_range(text: str) -> Range:
    """Read a range. Raises ValueError with a sentence."""
    left, _, right = (part.strip() for part in text.partition(".."))
    first, last = split_id(left), split_id(right)
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


ATOM, MOLECULE, TISSUE = "atom", "molecule", "tissue"
GIVEN_KINDS = {"ATOM": ATOM, "MOLECULE": MOLECULE, "TISSUE": TISSUE}
"""The kinds that every plan has, by prefix; `task_kinds` adds to these."""


def kinds_by_prefix(body: Mapping[str, Any]) -> dict[str, str]:
    """The kind that each prefix stands for in a plan."""
    written = body.get("task_kinds")
    own = written if isinstance(written, Mapping) else {}
    return GIVEN_KINDS | {str(prefix): kind for prefix, kind in own.items() if isinstance(kind, str)}


def task_kind(key: str, task: Mapping[str, Any], by_prefix: Mapping[str, str]) -> str:
    """The kind of a task as it is written."""
    if isinstance(task.get("kind"), str):
        return str(task["kind"])
    several = MOLECULE if task.get("lead_team") or task.get("support_teams") else ATOM
    return kind_of_prefix(key, by_prefix) or several


def kind_of_prefix(key: str, by_prefix: Mapping[str, str]) -> str:
    """The kind that an id stands for: `ATOM` is the prefix of ATOM-001 and of ATOM1, and not of ATOMIC-1."""
    fitting = [prefix for prefix in by_prefix if key.startswith(prefix) and _ends(prefix, key)]
    return by_prefix[max(fitting, key=len)] if fitting else ""


def _ends(prefix: str, key: str) -> bool:
    return not (prefix[-1:].isalpha() and key[len(prefix) :][:1].isalpha())
