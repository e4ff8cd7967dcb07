"""Holds: what waits for itself by people, what begins too late, freezes without a way in, and holds nobody lifted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from callboard.core.words import is_are, joined
from callboard.freezes.plan import FreezePart
from callboard.gates import quorum
from callboard.gates.plan.measures import API, MEASURES
from callboard.gates.plan.order import order_of
from callboard.gates.plan.types import MeasuredPart, TickPart, walk
from callboard.gates.quorum import Work
from callboard.planfile.sections import Path
from callboard.plans.plan import PHASES
from callboard.rehearsal.findings.quorums import signs
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import FEW, Scene
from callboard.runbooks.plan.schedule import own_day, timed
from callboard.teams.directory import Person

WAITS, FREED = ("teams.waits",), ("teams.lifted", "teams.brief", "task.free")
"""The kinds of messages that say what a team waits for, and that it may go on."""


def found(scene: Scene) -> Iterator[Finding]:
    """Gates that wait for those who wait for them; phases; blocked tasks; run-books; freezes; a rehearsal's holds."""
    for key in scene.gates:
        if "/" not in key:
            yield from _each_other(scene, key)
    yield from _phases(scene)
    yield from _blocked(scene)
    yield from _runbooks(scene)
    for key, part in (scene.document.values.get("freezes") or {}).items():
        yield from _freeze(scene, key, part)
    yield from _still_held(scene)


def _each_other(scene: Scene, key: str) -> Iterator[Finding]:
    """Whoever ticks or reports something for a gate may work before it has passed."""
    held = {team for team in scene.directory.teams if key in _before(scene, team)}
    measures = scene.document.of(MEASURES) or {}
    for path, part in walk(scene.gates[key].criteria, ("gates", key, "criteria")) if held else ():
        people: Sequence[Person] = ()
        what = ""
        if isinstance(part, TickPart) and part.by:
            people, what = scene.seats(part.by), f"the tick `{part.tick}`"
        elif isinstance(part, MeasuredPart) and (measure := measures.get(part.measure)) and API not in measure.by:
            people, what = scene.seats(measure.by), measure.name or part.measure
        teams = {team.key for person in people for team in scene.directory.teams_of(person)}
        if people and all(_of_held(scene, person, held) for person in people):
            names = joined([scene.team(team) for team in scene.directory.teams if team in teams & held], FEW)
            yield scene.fault(
                path, f"{scene.key(key)} and {names} wait for each other.",
                f"{names} may not begin before it has passed, and it needs {what} from them.",
                "Let somebody else do this, or let the team begin earlier.", scene.due(key),
            )  # fmt: skip


def _before(scene: Scene, team: str) -> set[str]:
    """The gates that a team waits for, directly or through gates."""
    direct = [each for each in scene.awaited(team) if each in scene.gates]
    return {*direct, *(other for each in direct for other in order_of(scene.document).awaited(each))}


def _of_held(scene: Scene, person: Person, held: set[str]) -> bool:
    teams = {team.key for team in scene.directory.teams_of(person)}
    return bool(teams) and teams <= held and not person.roles


def _phases(scene: Scene) -> Iterator[Finding]:
    """A phase begins when what it needs is there, and does not end before."""
    for key, part in (scene.document.of(PHASES) or {}).items():
        begin, end = scene.instant(part.from_, opening=True), scene.instant(part.to)
        for each in scene.awaited(key):
            due = scene.due(each) if each in {**scene.gates, **scene.tasks} else None
            if due and begin and end and due > begin and scene.is_ahead(end):
                late = due >= end
                yield scene.fault(
                    ("phases", key, "needs"), f"{part.name} is over before it may begin."
                    if late else f"{part.name} can't begin on time.",
                    f"It {'ends' if late else 'begins'} {scene.shown(end if late else begin)}, and waits for "
                    f"{scene.key(each)}, due {scene.shown(due)}.", "Move one of them.", due,
                )  # fmt: skip


def _blocked(scene: Scene) -> Iterator[Finding]:
    for key, part in scene.tasks.items():
        if part.status == "blocked":
            yield scene.risk(
                ("tasks", key, "status"), f"{scene.key(key)} is blocked, and nobody is on it.",
                "The file says so, without a blocker that climbs.", "Raise the blocker: `/task block`, or start it.",
            )  # fmt: skip


def _runbooks(scene: Scene) -> Iterator[Finding]:
    """A run-book is on its day after all that it needs."""
    for key, part in (scene.document.values.get("runbooks") or {}).items():
        times = [one.at for one in timed(scene.table, part) if one.at]
        begin = min(times, default=None)
        for each in scene.awaited(key) if begin and own_day(scene.table, part) else ():
            due = scene.due(each) if each in {**scene.gates, **scene.tasks} else None
            if begin and due and due > begin and scene.is_ahead(due):
                yield scene.fault(
                    ("runbooks", key, "needs"), f"The run-book {part.name or key} begins before it may.",
                    f"It begins {scene.shown(begin)}, and waits for {scene.key(each)}, due {scene.shown(due)}.",
                    "Move one of them.", begin,
                )  # fmt: skip


def _freeze(scene: Scene, key: str, part: FreezePart) -> Iterator[Finding]:
    """While changes are frozen, a fix that is needed gets in."""
    begin, end = scene.instant(part.from_, opening=True), scene.instant(part.to)
    path: Path = ("freezes", key)
    if begin is None or end is None or not scene.is_ahead(end):
        return
    if part.exceptions is None or not part.exceptions.sign_off:
        needed = _needed(scene, begin, end)
        made = scene.fault if needed else scene.risk
        yield made(
            path, f"Nothing gets in while `{key}` is frozen, not even a fix.",
            f"Nobody can let a change in from {scene.shown(begin)} to {scene.shown(end)}"
            f"{f', and {joined(needed, FEW)} is then' if needed else ''}.",
            "Say who lets a fix in: `exceptions: {sign_off: [{role: coordinator}]}`.", begin,
        )  # fmt: skip
        return
    for number, sign_off in enumerate(part.exceptions.sign_off):
        people = quorum.signers(scene.directory, sign_off, Work(scene.document))
        for stretch in scene.stretches:
            if stretch.until <= begin or stretch.at >= end:
                continue
            if people and not any(signs(scene, person, stretch.at) for person in people):
                at = max(begin, stretch.at)
                yield scene.fault(
                    (*path, "exceptions", "sign_off", number),
                    f"Nobody can let a fix in while `{key}` is frozen.",
                    f"{scene.names(people)} {is_are(people)} away from {scene.shown(at)}.",
                    "Name a deputy, or somebody else.", at,
                )  # fmt: skip
                break


def _needed(scene: Scene, begin: datetime, end: datetime) -> list[str]:
    """What changes files while a freeze lasts: tasks with files that are due then, and steps that may be taken back."""
    tasks = [
        scene.key(key) for key, part in scene.tasks.items()
        if part.files and (due := scene.due(key)) and begin < due <= end
    ]  # fmt: skip
    steps = [
        f"the step {one.step.title}" for part in (scene.document.values.get("runbooks") or {}).values()
        for one in timed(scene.table, part) if one.at and begin <= one.at < end and one.step.if_failed
    ]  # fmt: skip
    return [*tasks, *steps]


def _still_held(scene: Scene) -> Iterator[Finding]:
    """Where a rehearsal told that something waits, and nothing after it that it may go on."""
    freed = {line.to: line.at for line in scene.lines if line.kind in FREED}
    told: set[str] = set()
    for line in scene.lines:
        if line.kind in WAITS and line.to not in told and freed.get(line.to, line.at) <= line.at:
            told.add(line.to)
            team = next((key for key, each in scene.directory.teams.items() if each.channel == line.to), "")
            path: Path = ("teams", team, "needs") if team else ("teams",)
            yield scene.played(
                path, f"{scene.team(team) if team else line.to} still waits at the end.",
                f"Told: {next(iter(line.text.splitlines()), line.kind)[:120]}",
                "See why what it waits for did not pass: `/gate show`.", line.at,
            )  # fmt: skip
