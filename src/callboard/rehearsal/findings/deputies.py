"""Deputies: somebody stands in who is away at the same time, or whose seat is empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from callboard.core.words import joined
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import FEW, Scene
from callboard.teams.directory import Person


def found(scene: Scene) -> Iterator[Finding]:
    """For each person with deputies: the first time when they and all of them are away."""
    for person in scene.directory.people.values():
        deputies = [other for other in scene.directory.named(person.deputies) if other.key != person.key]
        if not deputies or person.vacant:
            continue
        if all(deputy.vacant for deputy in deputies):
            yield scene.fault(
                ("people", person.key, "deputies"), f"Nobody stands in for {person.name}.",
                f"The seat {joined([each.name for each in deputies], FEW)} is vacant.",
                "Fill the seat, or name another deputy.",
            )  # fmt: skip
        elif at := _both_away(scene, person, deputies):
            yield _alone(scene, person, deputies, at)


def _both_away(scene: Scene, person: Person, deputies: list[Person]) -> datetime | None:
    for stretch in scene.stretches:
        if not any(each.present(stretch.at) for each in (person, *deputies)):
            return stretch.at
    return None


def _alone(scene: Scene, person: Person, deputies: list[Person], at: datetime) -> Finding:
    acting = scene.directory.standing_in(person, at)
    names = joined([each.name for each in deputies], FEW)
    who = f"{acting.name} is paged for them then, but can't sign for them." if acting else "Nobody acts for them then."
    return scene.fault(
        ("people", person.key, "deputies"), f"{person.name} and {names} are away at the same time.",
        f"On {scene.shown(at)} the deputy is away, too. {who}",
        "Name a second deputy, or move one of the absences.", at,
    )  # fmt: skip
