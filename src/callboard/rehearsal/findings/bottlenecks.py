"""Bottlenecks: one person on every path."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.core.words import counted, joined
from callboard.gates import quorum
from callboard.gates.plan.measures import API, MEASURES
from callboard.gates.plan.types import MeasuredPart, TickPart, tasks_in, walk
from callboard.gates.quorum import Work
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import FEW, Scene
from callboard.teams.directory import COORDINATOR, Person

LONG = 3
"""From so many tasks after each other on, a path is long."""


def found(scene: Scene) -> Iterator[Finding]:
    """Who alone holds the key to gates, who has all of a long path, and who alone coordinates."""
    held: dict[str, list[str]] = {}
    for key in scene.gates:
        if "/" not in key:
            for person in dict.fromkeys(_alone(scene, key)):
                held.setdefault(person, []).append(key)
    single = _single(scene)
    for person, gates in held.items():
        yield _key(scene, person, gates, coordinates=person == single)
    if single and single not in held:
        yield scene.risk(
            ("people", single), f"Nobody stands in for {scene.name(single)}, who alone coordinates.",
            "While they are away nobody lifts holds, waives a gate or orders a rollback.",
            "Name a deputy: `deputies: [...]`.",
        )  # fmt: skip
    yield from _path(scene)


def _key(scene: Scene, person: str, gates: list[str], *, coordinates: bool) -> Finding:
    names = joined([scene.key(key) for key in gates], FEW)
    also = " They alone coordinate, too." if coordinates else ""
    what = f"{names} waits" if len(gates) == 1 else f"{counted(len(gates), 'gate')} wait"
    of = "it" if len(gates) == 1 else names
    return scene.risk(
        ("people", person), f"{what} for {scene.name(person)}, and nobody stands in.",
        f"Only they can sign, tick or report something of {of}.{also}", "Name a deputy: `deputies: [...]`.",
    )  # fmt: skip


def _single(scene: Scene) -> str:
    """The one who coordinates, where nobody stands in for them."""
    people = [person for person in scene.directory.with_role(COORDINATOR) if not person.vacant]
    return people[0].key if len(people) == 1 and _irreplaceable(scene, people[0]) else ""


def _irreplaceable(scene: Scene, person: Person) -> bool:
    return all(deputy.vacant for deputy in scene.directory.named(person.deputies))


def _alone(scene: Scene, key: str) -> Iterator[str]:
    """Those without whom a gate can't pass: nobody else signs, ticks or reports something of it."""
    gate = scene.gates[key]
    about = Work(scene.document, tasks_in(scene.document, gate.criteria), at=scene.due(key))
    asked = [quorum.signers(scene.directory, part, about) for part in gate.sign_off]
    measures = scene.document.of(MEASURES) or {}
    for _, part in walk(gate.criteria):
        if isinstance(part, TickPart) and part.by:
            asked.append(scene.seats(part.by))
        elif isinstance(part, MeasuredPart) and part.measure in measures and API not in measures[part.measure].by:
            asked.append(scene.seats(measures[part.measure].by))
    for people in asked:
        filled = [person for person in people if not person.vacant]
        if len(filled) == 1 and _irreplaceable(scene, filled[0]):
            yield filled[0].key


def _path(scene: Scene) -> Iterator[Finding]:
    """The longest chain of tasks, where one person has all of it."""
    longest: dict[str, list[str]] = {}

    def chain(key: str) -> list[str]:
        if key not in longest:
            longest[key] = [key]
            before = [each for each in scene.awaited(key) if each in scene.tasks and each != key]
            longest[key] = [*max((chain(each) for each in before), key=len, default=[]), key]
        return longest[key]

    keys = max((chain(key) for key in scene.tasks), key=len, default=[]) if len(scene.tasks) < _MOST else []
    people = {scene.tasks[key].people for key in keys}
    if len(keys) >= LONG and len(people) == 1 and len(person := people.pop()) == 1 and person[0] in scene.people:
        yield scene.risk(
            ("people", person[0]), f"{scene.name(person[0])} has every task of the longest path.",
            f"{' -> '.join(keys[:6])}: nothing of it goes on while they are away or busy.",
            "Give some of these tasks a second person.",
        )  # fmt: skip


_MOST = 800
"""Tasks; a longer plan is not followed as deep."""
