"""Whatever is shown or read is not older than what was answered, shown or read before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.chaos.checks import Finding
from tests.chaos.checks.operations import BECOMES, EFFECTS, ICONS, token
from tests.chaos.evidence import Evidence, Row
from tests.chaos.history import FAIL, OK, Op

Subject = tuple[str, int]


@dataclass(frozen=True)
class Look:
    """Somebody saw a subject in a state: that of a blocker, or how often a task was changed."""

    op: Op
    sees: str | int


def reads_are_recent(evidence: Evidence) -> Finding:
    """In the order of the timeline, each look finds a place that is not before any place that was surely known."""
    found, sure = Finding(), _sure(evidence)
    for subject, looks in _looks(evidence).items():
        states = _states(subject[0], evidence.about.get(subject, ()))
        known = sorted((at, place + 1) for at, place in sure.get(subject, ()))
        for look, wrong in _behind(sorted(looks, key=lambda look: look.op.invoked), states, known):
            sentence = f"{' '.join(map(str, subject))} was shown as {look.sees} to {look.op.by} after {wrong}"
            found.look(right=not wrong, wrong=sentence)
    return found


def _behind(
    looks: Sequence[Look], states: Sequence[str | int | None], known: list[tuple[float, int]]
) -> Iterator[tuple[Look, str]]:
    """Each look, and what was known before it where it shows something older."""
    floor, waiting = 0, list(known)
    for look in looks:
        for at, place in waiting:
            if at < look.op.invoked:
                floor = max(floor, place)
        waiting = [(at, place) for at, place in waiting if at >= look.op.invoked]
        shown = next((place for place in range(floor, len(states)) if states[place] == look.sees), None)
        yield look, "" if shown is not None else f"{states[floor : floor + 1]}"
        if shown is not None:
            waiting.append((look.op.completed, shown))


def _looks(evidence: Evidence) -> Mapping[Subject, list[Look]]:
    looks = defaultdict(list)
    for op in evidence.ops:
        if op.type != OK:
            continue
        if op.f == "show" and (state := _shown(op)):
            looks["blocker", op.about].append(Look(op, state))
        for key, sees in op.value.get("sees", {}).items():
            number = int(key) if key.isdigit() else evidence.numbers.get(("task", key))
            if number is not None:
                looks["blocker" if key.isdigit() else "task", number].append(Look(op, sees))
    return looks


def _shown(op: Op) -> str:
    return next((state for icon, state in ICONS.items() if str(op.value.get("said", "")).startswith(icon)), "")


def _states(kind: str, entries: Sequence[Row]) -> list[str | int | None]:
    """How it stands before the first entry, and after each."""
    states: list[str | int | None] = [None if kind == "blocker" else 0]
    for entry in entries:
        after = BECOMES.get(entry["verb"]) if kind == "blocker" else entry["facts"].get("change")
        states.append(states[-1] if after is None else after)
    return states


def _sure(evidence: Evidence) -> Mapping[Subject, list[tuple[float, int]]]:
    """When somebody was surely told of an entry, and its place: it is known by its words, or there is no other such."""
    by_token = {op.token: op.completed for op in evidence.ops if op.type == OK and op.token}
    asked = Counter(_deed(evidence, op) for op in evidence.ops if op.f in EFFECTS and op.type != FAIL)
    told = {_deed(evidence, op): op.completed for op in evidence.ops if op.f in EFFECTS and op.type == OK}
    sure = defaultdict(list)
    for subject, entries in evidence.about.items():
        if subject[0] not in ("blocker", "task"):
            continue
        happened = Counter((entry["verb"], entry["actor"]) for entry in entries)
        for place, entry in enumerate(entries):
            deed = (subject, entry["verb"], entry["actor"])
            is_only = asked[deed] == 1 and happened[entry["verb"], entry["actor"]] == 1
            at = by_token.get(token(entry["said"])) or (told.get(deed) if is_only else None)
            if at is not None:
                sure[subject].append((at, place))
    return sure


def _deed(evidence: Evidence, op: Op) -> tuple[Any, str, str]:
    kind, verbs = EFFECTS[op.f]
    return (kind, evidence.numbers.get((kind, str(op.about)), op.about)), verbs[0], op.by
