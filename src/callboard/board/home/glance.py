"""The plan in a few lines: phases, the next gates, how each team is doing, what runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
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
from callboard.tasks.models import ALL, State, Task, is_overdue, rolled, settled
from callboard.teams import service as teams

GATES, TEAMS, PHASES_SHOWN = 3, 15, 8


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
    opened = blockers.open_ones(reader.tx, reader.plan_id)
    every = list(reader.scene.tasks.values())
    return Glance(
        percent=rolled("", every, reader.tx.now).percent, phases=list(_phases(reader)), gates=list(_gates(reader)),
        teams=list(_teams(reader, opened)), runs=list(_runs(reader)),
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
            when = f", begins {m.date(begins[0], 'both')}" if begins else ""
            yield f":white_small_square: {m.escape(part.name)}{done}{when}"


def _gates(reader: Reader) -> Iterator[str]:
    """Those that are late, and the next ones."""
    waiting = [gate for gate in gates.listed(reader.tx, reader.plan_id) if not gate.settled]
    first = sorted(waiting, key=lambda gate: (gate.due_at is None, gate.due_at or reader.tx.now, gate.number))[:GATES]
    for view in in_list(looks(reader.tx, first)):
        name = f"{gate_words.LIGHTS[Gating(view.gate.state)]} {m.bold(m.escape(view.gate.name))}"
        yield f"{name}: {gate_words.state(view)}"


def _teams(reader: Reader, opened: Sequence[Blocker]) -> Iterator[str]:
    every = reader.scene.tasks.values()
    for team in list(reader.who.directory.teams.values())[:TEAMS]:
        own = [task for task in every if team.key in task.teams and not settled(task)]
        light, words = stands(own, [each for each in opened if each.team == team.key], reader)
        yield f"{light} {m.bold(m.escape(team.name))}: {words}"


def stands(own: Sequence[Task], opened: Sequence[Blocker], reader: Reader) -> tuple[str, str]:
    """How a team is doing, as a light and in words: on track, or what is wrong."""
    late = sum(is_overdue(task, reader.tx.now) for task in own)
    stopped = sum(task.status == State.BLOCKED for task in own)
    wrong = [
        *([f"{counted(len(opened), 'open blocker')}{_untaken(opened)}"] if opened else []),
        *([f"{counted(stopped, 'task')} blocked"] if stopped else []),
        *([f"{counted(late, 'task')} late"] if late else []),
    ]
    if not wrong:
        to_go = f", {counted(len(own), 'task')} to go" if own else ""
        return ":large_green_circle:", f"on track{to_go}"
    return (":red_circle:" if opened else ":large_yellow_circle:"), joined(wrong)


def _untaken(opened: Sequence[Blocker]) -> str:
    untaken = sum(blocker.owner is None for blocker in opened)
    if not untaken:
        return ""
    return f" that nobody has{f' ({untaken})' if untaken < len(opened) else ''}"


def _runs(reader: Reader) -> Iterator[str]:
    for run in runs.open_runs(reader.tx, reader.plan_id):
        shown = run_words.view(reader.tx, run)
        begun = run.state == Running.RUNNING
        said = run_words.now_line(shown).text if begun else ""
        yield said or f"{run_words.LIGHTS[Running(run.state)]} {run_words.headline(shown)}"
