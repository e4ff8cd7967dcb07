"""The plan at a glance in one message: phases, gates, what is late and why, who must act, what is next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from callboard import blocks as b
from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.board.picture import drawn
from callboard.board.picture.parts import Colour, Light, Pair
from callboard.checkpoints.expectations import so_far
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.words import complete, counted, few_lines, joined, waits_wait
from callboard.emergencies import messages as emergency_words
from callboard.emergencies import store as emergencies
from callboard.escalation import service as escalation
from callboard.escalation.service import RungState
from callboard.gates import store as gates
from callboard.gates.assessment import Look, looks
from callboard.gates.models import State as GateState
from callboard.planfile.header import HEADER
from callboard.planfile.names import name_of
from callboard.planfile.sections import Document
from callboard.planfile.timetable import span_of, timetable
from callboard.planning import chapters
from callboard.plans import service as plans
from callboard.plans.plan import PHASES
from callboard.runbooks.messages import news
from callboard.tasks import service as tasks
from callboard.tasks.models import State, Task, is_overdue, is_stuck
from callboard.teams.directory import Asker, Directory

MOST, MOST_GATES, ALL = 6, 5, 100
LIGHTS = complete(Colour, {
    Colour.GREEN: ":large_green_circle:", Colour.YELLOW: ":large_yellow_circle:", Colour.RED: ":red_circle:",
    Colour.BLACK: ":black_circle:",
})  # fmt: skip
MORE = "Figures: `/plan kpi` · Charts: `/plan chart burndown` · All that comes: `/plan calendar`"


def status(tx: Tx, asker: Asker) -> Message:
    """How the plan stands now, for one reader."""
    directory, plan_id = asker.directory, asker.directory.plan_id
    live, rows = plans.live(tx, plan_id), tasks.seen(tx, plan_id)
    listed = gates.listed(tx, plan_id)
    settled = sum(gate.settled for gate in listed)
    near = looks(tx, [gate for gate in listed if not gate.settled][:MOST_GATES])
    whole = tasks.rolled("", rows, tx.now)
    head = (
        f"{m.bold(m.escape(directory.plan_name))}: {_day(tx, live)}{whole.percent}% done. "
        f"{whole.completed} of {counted(whole.total, 'task')} completed, "
        f"{settled} of {counted(len(listed), 'gate')} passed."
    )
    ahead, seen = chapters.of(tx, directory, asker.person), drawn.picture(tx, plan_id)
    shown = {
        "Emergencies": emergency_words.listed(directory, emergencies.open_in(tx, plan_id)),
        "Run-books": news.standing(tx, plan_id),
        "Phases": list(_phases(tx, live, rows)),
        "Teams": [_light(light) for light in seen.lights],
        "Where teams meet": [_pair(pair) for pair in seen.pairs],
        "Gates": [_gate(tx, look) for look in near],
        "Late, and why": list(_late(tx, live, directory, rows, near)),
        "Who must act": list(_actors(tx, directory, rows, near)),
        "Next": ahead.get("Next", []),
    }
    paragraphs = [
        "\n".join([m.bold(title), *(f"• {line}" for line in few_lines(lines, MOST))])
        for title, lines in shown.items() if lines
    ]  # fmt: skip
    if not shown["Late, and why"]:
        paragraphs.append(":white_check_mark: Nothing is late.")
    blocks = [b.section(head), *(b.section(m.clip(text, fit.PARAGRAPH)) for text in paragraphs), b.context(MORE)]
    return Message(f"{m.escape(directory.plan_name)}: {whole.percent}% done", blocks)


def _light(light: Light) -> str:
    why = f": {m.escape(joined(reason.words for reason in light.reasons))}" if light.reasons else ""
    return f"{LIGHTS[light.colour]} {m.escape(light.name)} {light.colour}{why}"


def _pair(pair: Pair) -> str:
    names = m.escape(" and ".join(pair.names))
    return f"{names}: {pair.state}, {pair.done.number} of {counted(pair.points.number, 'point')}"


def _day(tx: Tx, live: Document) -> str:
    """`day 9 of 56, `; empty before and after the plan."""
    header = live.of(HEADER)
    if header is None:
        return ""
    dates = [wall.day for moment in header.dates.values() if (wall := header.timetable.known(moment))]
    today, last = tx.now.astimezone(header.timezone).date(), max([header.to.day, *dates])
    days = (last - header.from_.day).days + 1
    number = (today - header.from_.day).days + 1
    return f"day {number} of {days}, " if 1 <= number <= days else ""


def _phases(tx: Tx, live: Document, rows: Sequence[Task]) -> Iterator[str]:
    moments = timetable(live)
    for key, part in (live.of(PHASES) or {}).items():
        own = [task for task in rows if task.phase == key]
        span = span_of(moments, part.from_, part.to)
        if span is None:
            continue
        begin, end = span
        whole = tasks.rolled(key, own, tx.now)
        done = f"{whole.completed} of {counted(whole.total, 'task')}, {whole.percent}%" if own else "no tasks"
        over = end <= tx.now
        late = ":warning: " if own and whole.percent < ALL and over else ""
        when = f"until {m.date(end, 'both')}" if not over else f"was to end {m.date(end, 'both')}" if late else "over"
        when = f"from {m.date(begin, 'both')}" if begin > tx.now else when
        weight = f" ({m.escape(part.priority)})" if part.priority else ""
        runs = begin <= tx.now < end
        staff = f", {_at_work(own)} of {part.staff} people at work" if part.staff and runs else ""
        yield f"{late}{m.escape(part.name)}{weight}: {done}, {when}{staff}"


def _at_work(tasks: Sequence[Task]) -> int:
    """How many people have begun any of these tasks, and are not done with it."""
    return len({person for task in tasks if task.status == State.IN_PROGRESS for person in task.assignees})


def _gate(tx: Tx, look: Look) -> str:
    gate = look.gate
    due = f", due {m.date(gate.due_at, 'both')}" if gate.due_at and gate.due_at > tx.now else ""
    again = f", attempt {gate.attempt} after NO-GO" if gate.decision and gate.attempt > 1 else ""
    return f"{m.escape(gate.name)}: {gate.word}{again}, {look.met}{due}"


def _late(
    tx: Tx, live: Document, directory: Directory, rows: Sequence[Task], near: Sequence[Look]
) -> Iterator[str]:  # fmt: skip
    for look in near:
        gate = look.gate
        if gate.state == GateState.FAILED or (gate.due_at and gate.due_at <= tx.now):
            lacking = f": {look.lacking[0].says}" if look.lacking else ": not signed"
            was = f", was due {m.date(gate.due_at, 'both')}" if gate.due_at else ""
            yield f"{m.escape(gate.name)}{was}{lacking}"
    waits = tasks.late_waiting(tx, directory.plan_id, rows)
    waiting = set(chain.from_iterable(waits.values()))
    for task in rows:
        if is_overdue(task, tx.now) and task.key not in waiting:
            was = f", was due {m.date(task.due_at, 'both')}" if task.due_at else ""
            silent = f", no update since {m.date(task.moved_at, 'both')}" if (
                is_stuck(task, tx.now) and task.moved_at) else ""  # fmt: skip
            yield f"{m.escape(task.called)}{was}: {so_far(task)}{silent}"
    for by, keys in waits.items():
        yield f"{joined(keys, MOST)} {waits_wait(keys)} for {m.escape(name_of(live, by))}"


def _paged_last(tx: Tx, directory: Directory, blocker: Blocker) -> str:
    """Who was paged last for a blocker that nobody has; its lead where nobody was."""
    ladder = escalation.ladder(tx, blocker.subject)
    paged = [rung.whom for rung in ladder.rungs if rung.state == RungState.PAGED] if ladder else []
    leads = directory.leads_of(blocker.team or "") if blocker.team in directory.teams else []
    return joined(paged[-1], word="or") if paged else directory.one_of(leads) or "somebody"


def _actors(tx: Tx, directory: Directory, rows: Sequence[Task], near: Sequence[Look]) -> Iterator[str]:
    for blocker in blockers.open_ones(tx, directory.plan_id):
        what = m.clip(blocker.what.split("\n")[0], 80)
        who = directory.called(blocker.owner) if blocker.owner else _paged_last(tx, directory, blocker)
        verb = "has" if blocker.owner else "must take"
        yield f"{who} {verb} blocker {blocker.number}: {what}"
    for look in near:
        if not look.lacking and look.unsigned:
            yield f"{directory.one_of(look.unsigned)} must sign {m.escape(look.gate.name)}"
    late: dict[str, list[str]] = {}
    for task in rows:
        if is_overdue(task, tx.now):
            people = directory.named(task.assignees) or directory.leads_of(task.team)
            late.setdefault(joined(map(directory.called, people)) or "Nobody", []).append(task.key)
    yield from (f"{who}: {joined(keys, MOST)} overdue" for who, keys in late.items())
