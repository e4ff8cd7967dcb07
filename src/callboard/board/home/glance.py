"""The plan in a few lines: phases, the next gates, how each team is doing, what runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callboard.blocks import markup as m
from callboard.board.home.overview import Overview
from callboard.board.picture import picture
from callboard.board.picture.parts import Colour
from callboard.core.words import counted, joined
from callboard.emergencies import messages as emergency_words
from callboard.emergencies import store as emergencies
from callboard.forecast import messages as forecast_words
from callboard.forecast import store as forecasts
from callboard.gates import store as gates
from callboard.gates.assessment import looks
from callboard.gates.messages import card as gate_words
from callboard.gates.messages import in_list
from callboard.gates.models import State as Gating
from callboard.planfile.timetable import instant_of, timetable
from callboard.plans.plan import PHASES
from callboard.runbooks import messages as run_words
from callboard.runbooks import store as runs
from callboard.runbooks.messages import news as run_news
from callboard.tasks.models import ALL, rolled
from callboard.teams import service as teams

GATES = 3
LIGHTS = {
    Colour.GREEN: ":large_green_circle:", Colour.YELLOW: ":large_yellow_circle:", Colour.RED: ":red_circle:",
    Colour.BLACK: ":black_circle:",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Glance:
    """Lines in Slack's markup, by what they are about."""

    percent: int
    phases: Sequence[str]
    gates: Sequence[str]
    teams: Sequence[str]
    runs: Sequence[str]
    emergencies: Sequence[str]


def of(overview: Overview) -> Glance:
    every = list(overview.scene.tasks.values())
    return Glance(
        percent=rolled("", every, overview.tx.now).percent, phases=list(_phases(overview)),
        gates=list(_gates(overview)), teams=list(_teams(overview)), runs=list(_runs(overview)),
        emergencies=emergency_words.listed(overview.directory, emergencies.open_in(overview.tx, overview.plan_id)),
    )  # fmt: skip


def _phases(overview: Overview) -> Iterator[str]:
    """The phases with how far each is, from the one before the present on."""
    document, now = teams.document(overview.tx, overview.plan_id), overview.tx.now
    table = timetable(document)
    for key, part in (document.of(PHASES) or {}).items():
        begins, ends = instant_of(table, part.from_, opening=True), instant_of(table, part.to)
        whole = rolled("", (task for task in overview.scene.tasks.values() if task.phase == key), now)
        done = f", {whole.percent}%" if whole.total else ""
        if ends and ends <= now:
            late = bool(whole.total) and whole.percent < ALL
            left = f": {whole.total - whole.completed} of {counted(whole.total, 'task')} not done" if late else ""
            yield f"{':warning:' if late else ':white_check_mark:'} {m.escape(part.name)}{done}{left}"
        elif begins and begins <= now:
            until = f", until {m.date(ends, 'both')}" if ends else ""
            yield f":arrow_forward: {m.bold(m.escape(part.name))}{done}{until}"
        else:
            early = done if whole.percent else ""
            when = f", begins {m.date(begins, 'both')}" if begins else ""
            yield f":white_small_square: {m.escape(part.name)}{early}{when}"


def _gates(overview: Overview) -> Iterator[str]:
    """Those that are late, and the next ones."""
    waiting = [gate for gate in gates.listed(overview.tx, overview.plan_id) if not gate.settled]
    first = sorted(waiting, key=lambda gate: (gate.due_at is None, gate.due_at or overview.tx.now, gate.number))[:GATES]
    odds = {row.key: row for row in forecasts.newest(overview.tx, overview.plan_id) if row.chance is not None}
    for view in in_list(looks(overview.tx, first)):
        name = f"{gate_words.LIGHTS[Gating(view.gate.state)]} {m.bold(m.escape(view.gate.name))}"
        said = odds.get(view.gate.key)
        yield f"{name}: {gate_words.state(view)}{f' · {forecast_words.short(said)}' if said else ''}"


def _teams(overview: Overview) -> Iterator[str]:
    """How each team is doing: its light, the word for it, and what makes it so."""
    for shown in picture(overview.tx, overview.plan_id).lights:
        words = joined(reason.words for reason in shown.reasons)
        why = f", {m.escape(words)}" if words else ""
        yield f"{LIGHTS[shown.colour]} {m.bold(m.escape(shown.name))}: {shown.colour}{why}"


def _runs(overview: Overview) -> Iterator[str]:
    for run in overview.once(runs.open_runs):
        yield run_news.at_a_glance(run_words.view(overview.tx, run))
