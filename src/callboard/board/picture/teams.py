"""Teams as they stood: their lights, and how far pairs of them fit together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from callboard.blockers import plan as blocker_plan
from callboard.board.picture import lights
from callboard.board.picture.counts import Count, Row
from callboard.board.picture.matters import blocker_row
from callboard.board.picture.parts import Blocker, Gate, Light, Pair
from callboard.board.picture.scene import Scene
from callboard.board.picture.work import Work, tally
from callboard.gates.plan.items import gates_of
from callboard.gates.plan.types import tasks_in
from callboard.planfile import task_sets
from callboard.tasks.models import SETTLED, State

MISSED = "missed"


def team_lights(
    scene: Scene, works: Mapping[str, Work], blockers: Sequence[Blocker], gates: Iterable[Gate]
) -> tuple[Light, ...]:
    """The light of each team, in the order of the plan."""
    own: dict[str, list[Work]] = defaultdict(list)
    for work in works.values():
        own[work.part.owner].append(work)
    missed = _missed_gates(scene, works, gates)
    return tuple(_light(scene, key, own[key], blockers, missed.get(key, ())) for key in scene.directory.teams)


def _light(scene: Scene, team: str, works: Sequence[Work], blockers: Sequence[Blocker], missed: Sequence[Row]) -> Light:
    written = scene.document.of(blocker_plan.section)
    gravest = list(written.severities)[-1] if written and len(written.severities) > 1 else ""
    own = [blocker for blocker in blockers if blocker.team == team]
    here = tally(works)
    troubles = lights.Troubles(
        tasks=here.total, late=here.late, blocked=here.blocked, gates=Count(tuple(missed)),
        critical=Count(tuple(blocker_row(each) for each in own if each.severity == gravest)),
        blockers=Count(tuple(blocker_row(each) for each in own if each.severity != gravest)),
        silent=Count(tuple(_silent(scene, team))), people=Count(tuple(_people(scene, team, present=None))),
        away=Count(tuple(_people(scene, team, present=False))),
    )  # fmt: skip
    colour, reasons = lights.light(troubles)
    return Light(
        team=team, name=scene.directory.teams[team].name, colour=colour, reasons=reasons, tasks=here,
        blockers=Count(tuple(map(blocker_row, own))),
    )  # fmt: skip


def _people(scene: Scene, team: str, *, present: bool | None) -> Iterator[Row]:
    part = scene.directory.teams[team]
    for person in scene.directory.named(dict.fromkeys((*part.leads, *part.members))):
        there = person.present(scene.at)
        if present in (None, there):
            why = "vacant" if person.vacant else "there" if there else "no Slack account" if person.lost else "away"
            yield Row(kind="person", key=person.key, name=person.name, state=why, team=team)


def _silent(scene: Scene, team: str) -> Iterator[Row]:
    """Who missed their last check-in."""
    part = scene.directory.teams[team]
    members = {*part.leads, *part.members}
    for each in (scene.state.things.get("check-in") or {}).values():
        if each["verb"] == MISSED and each["person"] in members:
            name = scene.person(each["person"])
            yield Row(kind="check-in", key=each["person"], name=name, state=f"missed {each['day']}", team=team)


def _missed_gates(scene: Scene, works: Mapping[str, Work], gates: Iterable[Gate]) -> dict[str, list[Row]]:
    """The late gates that wait for tasks of a team, by team."""
    found: dict[str, list[Row]] = defaultdict(list)
    written = gates_of(scene.document)
    for gate in gates:
        if gate.late:
            row = Row(kind="gate", key=gate.key, name=gate.name, state=gate.state, at=gate.due)
            keys = tasks_in(scene.document, written[gate.key].criteria)
            for team in dict.fromkeys(
                works[key].part.owner for key in keys if key in works and works[key].status not in SETTLED
            ):
                found[team].append(row)
    return found


def pairs(scene: Scene, works: Mapping[str, Work]) -> tuple[Pair, ...]:
    """Each two teams that work on the same task, with the points at which they meet there.

    A point counts for the team that it names with each other team of its task. Tasks of the whole system do not count:
    all teams meet there.
    """
    points: dict[tuple[str, str], list[Row]] = defaultdict(list)
    order = {team: place for place, team in enumerate(scene.directory.teams)}
    for work in works.values():
        meets = work.part.components or work.part.support_teams or work.part.points
        if not meets or work.kind == task_sets.TISSUE or work.status == State.DROPPED:
            continue
        teams = sorted({team for team in _teams(scene, work, works) if team in order}, key=order.__getitem__)
        for two in combinations(teams, 2):
            points[two] += _points(work, two)
    return tuple(
        _pair(scene, two, rows) for two, rows in sorted(points.items(), key=lambda item: [order[t] for t in item[0]])
    )


def _teams(scene: Scene, work: Work, works: Mapping[str, Work]) -> Iterator[str]:
    yield from work.part.teams
    members = task_sets.members(scene.document, work.part.components) if work.part.components else ()
    yield from (works[key].part.owner for key in members if key in works)


def _points(work: Work, two: tuple[str, str]) -> Iterator[Row]:
    own = [point for point in work.points if point[1] in two]
    for name, team, status in own:
        yield Row(kind="point", key=work.key, name=name, state=status, team=team)
    if not own:
        yield work.row


def _pair(scene: Scene, teams: tuple[str, str], rows: Sequence[Row]) -> Pair:
    done = [row for row in rows if row.state == State.COMPLETED]
    failed = [row for row in rows if row.state.startswith(State.BLOCKED)]
    begun = done or any(not row.state.startswith(State.NOT_STARTED) for row in rows)
    state = (
        State.BLOCKED if failed else State.COMPLETED if len(done) == len(rows)
        else State.IN_PROGRESS if begun else State.NOT_STARTED
    )  # fmt: skip
    return Pair(
        teams=teams, names=(scene.team(teams[0]), scene.team(teams[1])), state=state.value, points=Count(tuple(rows)),
        done=Count(tuple(done)), failed=Count(tuple(failed)),
    )  # fmt: skip
