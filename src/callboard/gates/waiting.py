"""Whether gates wait for each other in circles, by their criteria and their needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from callboard.core.sections import Document, Path, Problem
from callboard.gates.criteria import GatePassedPart, walk
from callboard.gates.parts import GatePart
from callboard.plans import sets


def check(document: Document, gates: Mapping[str, GatePart]) -> Iterator[Problem]:
    """No gate waits for itself, by its criteria or by these and its needs together."""
    asks = {key: _asked(part) for key, part in gates.items()}
    waits = {key: {*asks[key], *(set(sets.texts(part.needs)) & set(gates))} for key, part in gates.items()}
    while circle := _circle(waits):
        steps = [(a, b) for a, b in pairwise(circle) if b in asks.get(a, {})]
        if not steps:
            waits[circle[0]].discard(circle[1])  # needs alone; that is said elsewhere
            continue
        waiting, awaited = min(steps, key=lambda step: document.line(("gates", step[0])))
        waits[waiting].discard(awaited)
        turn = circle.index(waiting)
        around = [*circle[turn:-1], *circle[:turn], waiting]
        sentence = f"this gate waits for itself: {' -> '.join(around)}; take one of these criteria out"
        yield document.error(("gates", waiting, "criteria", *asks[waiting][awaited]), sentence)


def _asked(part: GatePart) -> dict[str, Path]:
    """The other gates that a gate's criteria name, with their places."""
    return {one.gate: (*place, "gate") for place, one in walk(part.criteria) if isinstance(one, GatePassedPart)}


def _circle(waits: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as found:
        return list(reversed(found.args[1]))
    return []
