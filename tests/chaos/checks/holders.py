"""Nobody holds what another has: locks and tasks, by the timeline and by what people were told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import Any

from tests.chaos import company
from tests.chaos.checks import Finding
from tests.chaos.evidence import HEARD_WITHIN, Evidence, Row
from tests.chaos.history import FAIL, OK, Op

BEGINS = {"acquired", "renewed", "handed over"}
ENDS = {"released", "withdrawn", "expired", "broken", "taken", "declined", "missed"}
LASTS = 60.0
"""Seconds that a lock lasts, as everybody asks for it."""


@dataclass
class Held:
    holder: str
    targets: list[str]
    until: datetime | None


def locks_exclude(evidence: Evidence) -> Finding:
    """By the timeline: whoever gets a lock gets nothing that another holds at that instant."""
    found, held = Finding(), dict[int, Held]()
    for entry in evidence.entries:
        if entry["subject_kind"] != "lock":
            continue
        number, facts = entry["subject_id"], entry["facts"]
        if entry["verb"] in BEGINS:
            until = facts.get("until") or facts.get("standing", {}).get("until")
            held[number] = Held(facts["holder"], facts["targets"], datetime.fromisoformat(until) if until else None)
            if entry["verb"] == "acquired":
                rivals = list(_rivals(held, number, entry))
                found.look(right=not rivals, wrong=f"lock {number} of {facts['holder']} clashes with {rivals}")
        elif entry["verb"] in ENDS:
            held.pop(number, None)
    return found


def _rivals(held: dict[int, Held], number: int, entry: Row) -> Iterator[str]:
    own = held[number]
    for other, lock in held.items():
        on = lock.until is None or lock.until > entry["at"]
        if other != number and on and lock.holder != own.holder and _clash(own.targets, lock.targets):
            yield f"lock {other} of {lock.holder}"


def _clash(some: list[str], others: list[str]) -> bool:
    return any(company.clash(one.lstrip("/"), other.lstrip("/")) for one in some for other in others)


def told_holders_exclude(evidence: Evidence) -> Finding:
    """By what people were told: from the answer to whoever has it until they ask to give it back, nobody else does."""
    spans = list(_until_it_was_set(evidence, _lock_spans(evidence))) + list(_task_spans(evidence))
    found = Finding(looked=len(spans))
    by_thing: dict[Any, list[Span]] = {}
    for span in spans:
        by_thing.setdefault(span.place, []).append(span)
    for some in by_thing.values():
        for one, other in combinations(some, 2):
            both = one.begins < other.ends and other.begins < one.ends
            if both and one.holder != other.holder and company.clash(one.thing, other.thing):
                found.wrong.append(f"{one} and {other}")
    return found


@dataclass(frozen=True)
class Span:
    """Somebody surely had something, from one second to another."""

    holder: str
    thing: str
    begins: float
    ends: float

    @property
    def place(self) -> str:
        """Things of different teams never clash."""
        return "/".join(self.thing.split("/")[:2])


def _lock_spans(evidence: Evidence) -> Iterator[Span]:
    ends = dict[int, float]()
    for op in evidence.ops:
        if op.f in ("release", "hand", "renew") and isinstance(op.about, int) and op.type != FAIL:
            ends[op.about] = min(ends.get(op.about, op.invoked), op.invoked)
    for op in evidence.ops:
        if op.f == "lock" and op.type == OK:
            over = min(ends.get(op.about, op.invoked + LASTS), op.invoked + LASTS)
            if over > op.completed:
                yield Span(op.by, op.value["path"], op.completed, over)


def _until_it_was_set(evidence: Evidence, spans: Iterable[Span]) -> Iterator[Span]:
    """A lock ends when a clock says so, which may be sooner once somebody has set it."""
    sets = [(at - evidence.began_at).total_seconds() for at in evidence.sets]
    for span in spans:
        ends = min((at for at in sets if span.begins < at + HEARD_WITHIN.total_seconds()), default=span.ends)
        if span.begins < ends:
            yield replace(span, ends=min(span.ends, ends))


def _task_spans(evidence: Evidence) -> Iterator[Span]:
    ends: dict[tuple[str, str], list[Op]] = {}
    for op in evidence.ops:
        if op.f == "give back" and op.type != FAIL:
            ends.setdefault((op.by, op.about), []).append(op)
    last = max((op.completed for op in evidence.ops), default=0.0)
    for op in evidence.ops:
        if op.f == "claim" and op.type == OK:
            later = (end.invoked for end in ends.get((op.by, op.about), ()) if end.completed > op.completed)
            over = min(later, default=last)
            if over > op.completed:
                yield Span(op.by, str(op.about), op.completed, over)


def tasks_have_one_owner(evidence: Evidence) -> Finding:
    """By the timeline: nobody claims a task that another has."""
    found = Finding()
    for (kind, number), entries in evidence.about.items():
        owners: list[str] = []
        for entry in entries if kind == "task" else ():
            if entry["verb"] == "claimed":
                right = not owners or owners == [entry["actor"]]
                found.look(right=right, wrong=f"{entry['actor']} claimed task {number} of {owners}")
            owners = entry["facts"].get("standing", {}).get("people", owners)
    return found
