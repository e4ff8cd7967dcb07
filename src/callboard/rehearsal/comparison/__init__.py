"""Two plans in the same rehearsal: what a change of the plan file does to gates, people, odds and findings.

noise: messages and pages of people, in an hour, on a day and at night
outcome: what comes of one plan
words: how a difference is read, as text and as Markdown
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import eq
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from callboard.rehearsal.comparison.noise import Noise
from callboard.rehearsal.comparison.outcome import GateOutcome, Outcome
from callboard.rehearsal.findings import Finding, Kind
from callboard.rehearsal.play import Miss

T = TypeVar("T")
LITTLE = 0.03
"""Chances that differ by less are alike: they are counted in runs that chance decides."""
COUNTS = re.compile(r"\b(?:\d{1,9}|a) (time|page|message|question)s?(?: of \d{1,9})?\b")
"""Counts of what somebody heard, which are others in every rehearsal."""


@dataclass(frozen=True)
class Change(Generic[T]):
    """Something by its name, as it was and as it is; None where it was not there, or is not."""

    name: str
    before: T | None
    after: T | None


@dataclass(frozen=True)
class Difference:
    """What differs. `other` are findings that only have other counts now, `all` is the noise of everybody together.

    `missed` and `met` are the lines of the script that do not come true any more, and that do now.
    """

    plan: Outcome
    new: Sequence[Finding]
    other: Sequence[Finding]
    gone: Sequence[Finding]
    gates: Sequence[Change[GateOutcome]]
    people: Sequence[Change[Noise]]
    all: Change[Noise]
    missed: Sequence[Miss]
    met: Sequence[Miss]
    zone_was: ZoneInfo

    @property
    def is_none(self) -> bool:
        parts = (self.new, self.other, self.gone, self.gates, self.people, self.missed, self.met)
        return not any(parts)

    @property
    def faults(self) -> int:
        """How many things will go wrong that did not before."""
        return sum(finding.kind == Kind.FAULT for finding in self.new)


def difference(before: Outcome, after: Outcome) -> Difference:
    """What differs between two plans that were rehearsed in the same way."""
    new, other, gone = _findings(before.findings, after.findings)
    left = {key: name if key in after.noise else f"{name}, who left" for key, name in before.names.items()}
    gate_names = {key: gate.name for key, gate in {**before.gates, **after.gates}.items()}
    return Difference(
        after, new, other, gone,
        gates=list(_changes(before.gates, after.gates, gate_names, alike)),
        people=list(_changes(before.noise, after.noise, {**left, **after.names}, eq)),
        all=Change("All together", _sum(before.noise), _sum(after.noise)),
        missed=[miss for miss in after.misses if miss not in before.misses],
        met=[miss for miss in before.misses if miss not in after.misses],
        zone_was=before.zone,
    )  # fmt: skip


def _changes(
    before: Mapping[str, T], after: Mapping[str, T], names: Mapping[str, str], same: Callable[[T, T], bool]
) -> Iterator[Change[T]]:
    """In the order of the plan as it is; what is gone comes last. Two of one name go by their keys, too."""
    twice = Counter(names.values())
    names = {key: f"{name} ({key})" if twice[name] > 1 else name for key, name in names.items()}
    for key in (*after, *(key for key in before if key not in after)):
        change = Change(names.get(key, key), before.get(key), after.get(key))
        if change.before is None or change.after is None or not same(change.before, change.after):
            yield change


def alike(before: GateOutcome, after: GateOutcome) -> bool:
    """Whether nobody sees a difference between two outcomes of a gate."""
    return replace(before, name="", chance=None) == replace(after, name="", chance=None) and as_likely(before, after)


def as_likely(before: GateOutcome, after: GateOutcome) -> bool:
    if before.chance is None or after.chance is None:
        return before.chance == after.chance
    return abs(before.chance - after.chance) < LITTLE


def _sum(noise: Mapping[str, Noise]) -> Noise:
    every = noise.values()
    return Noise(*(sum(getattr(each, name) for each in every) for name in ("messages", "pages", "at_night")))


def _findings(
    before: Sequence[Finding], after: Sequence[Finding]
) -> tuple[Sequence[Finding], Sequence[Finding], Sequence[Finding]]:
    """What is new, what only has other counts now, what is gone. A fault with other counts is a new one."""
    was, now = {(each.kind, each.what) for each in before}, {(each.kind, each.what) for each in after}
    gone = [each for each in before if (each.kind, each.what) not in now]
    new, other = list[Finding](), list[Finding]()
    for each in (each for each in after if (each.kind, each.what) not in was):
        like = next((old for old in gone if _without_counts(old) == _without_counts(each)), None)
        if like is None or each.kind == Kind.FAULT:
            new.append(each)
        else:
            gone.remove(like)
            other.append(each)
    return new, other, gone


def _without_counts(finding: Finding) -> tuple[Kind, str]:
    return finding.kind, COUNTS.sub(r"\1", finding.what)
