"""The plan in a few lines: phases, the next gates, how each team is doing, what runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callboard.blockers.models import Blocker
from callboard.blockers.plan import settings
from callboard.blocks import markup as m
from callboard.board.home.duties import Reader
from callboard.core.words import counted, joined
from callboard.emergencies import messages as emergency_words
from callboard.emergencies import store as emergencies
from callboard.gates import store as gates
from callboard.gates.assessment import looks
from callboard.gates.messages import card as gate_words
from callboard.gates.messages import in_list
from callboard.gates.models import State as Gating
from callboard.planfile.timetable import placed, timetable
from callboard.plans.plan import PHASES
from callboard.runbooks import messages as run_words
from callboard.runbooks import store as runs
from callboard.runbooks.models import State as Running
from callboard.tasks.models import ALL, State, Task, is_overdue, rolled
from callboard.teams import service as teams
from callboard.teams.directory import Team

GATES, TEAMS, FINE = 3, 15, ":large_green_circle:"
FEW, SHARE = 2, 4
"""A team is critical with more late tasks than `FEW` when they are at least one in `SHARE`."""


@dataclass(frozen=True, kw_only=True)
class Glance:
    """Lines in Slack's markup, by what they are about."""

    percent: int
    phases: Sequence[str]
    gates: Sequence[str]
    teams: Sequence[str]
    runs: Sequence[str]
    emergencies: Sequence[str]


def of(reader: Reader) -> Glance:
    every = list(reader.scene.tasks.values())
    return Glance(
        percent=rolled("", every, reader.tx.now).percent, phases=list(_phases(reader)), gates=list(_gates(reader)),
        teams=list(_teams(reader)), runs=list(_runs(reader)),
        emergencies=emergency_words.listed(reader.who.directory, emergencies.open_in(reader.tx, reader.plan_id)),
    )  # fmt: skip


def _phases(reader: Reader) -> Iterator[str]:
    """The phases with how far each is, from the one before the present on."""
    document, now = teams.document(reader.tx, reader.plan_id), reader.tx.now
    table = timetable(document)
    for key, part in (document.of(PHASES) or {}).items():
        begins, ends = (placed(table, part.from_, opening=True), placed(table, part.to)) if table else (None, None)
        whole = rolled("", (task for task in reader.scene.tasks.values() if task.phase == key), now)
        done = f", {whole.percent}%" if whole.total else ""
        if ends and ends[0] <= now:
            late = bool(whole.total) and whole.percent < ALL
            left = f": {whole.total - whole.completed} of {counted(whole.total, 'task')} not done" if late else ""
            yield f"{':warning:' if late else ':white_check_mark:'} {m.escape(part.name)}{done}{left}"
        elif begins and begins[0] <= now:
            until = f", until {m.date(ends[0], 'both')}" if ends else ""
            yield f":arrow_forward: {m.bold(m.escape(part.name))}{done}{until}"
        else:
            early = done if whole.percent else ""
            when = f", begins {m.date(begins[0], 'both')}" if begins else ""
            yield f":white_small_square: {m.escape(part.name)}{early}{when}"


def _gates(reader: Reader) -> Iterator[str]:
    """Those that are late, and the next ones."""
    waiting = [gate for gate in gates.listed(reader.tx, reader.plan_id) if not gate.settled]
    first = sorted(waiting, key=lambda gate: (gate.due_at is None, gate.due_at or reader.tx.now, gate.number))[:GATES]
    for view in in_list(looks(reader.tx, first)):
        name = f"{gate_words.LIGHTS[Gating(view.gate.state)]} {m.bold(m.escape(view.gate.name))}"
        yield f"{name}: {gate_words.state(view)}"


def _teams(reader: Reader) -> Iterator[str]:
    every = reader.scene.tasks.values()
    for team in list(reader.who.directory.teams.values())[:TEAMS]:
        own = [task for task in every if team.key in task.teams and task.status != State.DROPPED]
        yield stands(reader, team, own, [blocker for blocker in reader.opened if blocker.team == team.key])


def stands(reader: Reader, team: Team, own: Sequence[Task], opened: Sequence[Blocker]) -> str:
    """How a team is doing: a light, its word, and what makes it so."""
    now, gravest = reader.tx.now, list(settings(reader.tx, reader.plan_id).severities)[-1]
    people = reader.who.directory.members_of(team.key)
    late, blocked = sum(is_overdue(task, now) for task in own), sum(task.status == State.BLOCKED for task in own)
    critical = sum(blocker.severity == gravest for blocker in opened)
    wrong = [
        *([f"{counted(critical, 'critical blocker')} open"] if critical else []),
        *([f"{counted(len(opened) - critical, 'blocker')} open"] if len(opened) > critical else []),
        *([f"{counted(blocked, 'task')} blocked"] if blocked else []),
        *([f"{late} of {counted(len(own), 'task')} late"] if late else []),
    ]
    name = m.bold(m.escape(team.name))
    if people and not any(person.present(now) for person in people):
        return f":black_circle: {name}: offline, nobody is there"
    if critical or (late > FEW and late * SHARE >= len(own)):
        return f":red_circle: {name}: critical, {joined(wrong)}"
    return f":large_yellow_circle: {name}: minor delays, {joined(wrong)}" if wrong else f"{FINE} {name}: on track"


def _runs(reader: Reader) -> Iterator[str]:
    for run in runs.open_runs(reader.tx, reader.plan_id):
        shown = run_words.view(reader.tx, run)
        begun = run.state == Running.RUNNING
        said = run_words.now_line(shown).text if begun else ""
        yield said or f"{run_words.LIGHTS[Running(run.state)]} {run_words.headline(shown)}"
