"""What a coordinator finds who reads a plan as everybody in it: what will or may go wrong, where, why, what to write.

report: what a finding says, and how it is read
scene: what every family looks at
schedule: the earliest moment at which a task or a gate can be done
rungs: a rung of a ladder, or a turn on call, with nobody on it, or with the same people as the one below
channels: what is said where nobody reads it, or is there to hear it
deputies: somebody stands in who is away at the same time
appointments: somebody in two places at once, asleep, or away from what they lead
deadlines: what is due before it can be done
quorums: signatures, votes and polls that an absence breaks
bottlenecks: one person on every path
questions: what nobody can answer, or nobody did
holds: what nothing lifts, and freezes without a way in
decisions: a NO-GO that leads nowhere
measures: what is to be computed and cannot be
rescues: rollbacks, emergencies and run-books that can't do what they promise
noise: what one person hears in an hour, a day and a night
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from callboard.planfile.calendar import plan_window
from callboard.planfile.report import Checked
from callboard.planfile.timetable import timetable
from callboard.planfile.yaml_tree import without_pauses
from callboard.rehearsal.findings import (
    appointments,
    bottlenecks,
    channels,
    deadlines,
    decisions,
    deputies,
    holds,
    measures,
    noise,
    questions,
    quorums,
    rescues,
    rungs,
)
from callboard.rehearsal.findings.report import Finding, Kind, as_text, in_order, summary
from callboard.rehearsal.findings.scene import Scene, begun
from callboard.rehearsal.transcript import Line
from callboard.teams.plan.directory import drafted

__all__ = ["FAMILIES", "Finding", "Kind", "as_text", "find", "in_order", "summary"]

FAMILIES: tuple[Callable[[Scene], Iterator[Finding]], ...] = (
    rungs.found, channels.found, deputies.found, appointments.found, deadlines.found, quorums.found,
    bottlenecks.found, questions.found, holds.found, decisions.found, measures.found, rescues.found, noise.found,
)  # fmt: skip


def find(
    checked: Checked,
    lines: Sequence[Line] = (),
    *,
    now: datetime | None = None,
    passed: Iterable[str] = (),
    options: str = "",
) -> list[Finding]:
    """All that will or may go wrong with a plan that has no errors, from `now` on; and what a rehearsal showed.

    `passed` are the gates that have passed by then, `options` are those of the rehearsal. A plan with errors has none.
    """
    scene = None if checked.errors else _scene(checked, now)
    if scene is None:
        return []
    scene.lines, scene.passed, scene.options = lines, frozenset(passed), options
    with without_pauses():
        found = [finding for family in FAMILIES for finding in family(scene)]
        told = {each.line for each in found if each.kind is not Kind.NOTE}
        return in_order([*found, *(each for each in channels.unheard(scene) if each.line not in told)])


def _scene(checked: Checked, now: datetime | None) -> Scene | None:
    """A plan that could be read, from now on; None for another."""
    document = checked.document
    table, directory, window, first = timetable(document), drafted(document), plan_window(document), begun(document)
    if table is None or directory is None or window is None or first is None:
        return None
    begin = max(first, now or first)
    return Scene(document, table, directory, (begin, max(begin, window[1])))
