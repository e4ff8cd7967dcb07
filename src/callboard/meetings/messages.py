"""How meetings read: the card with the agenda and then the minutes, and the question for minutes; kudos and awards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callboard import blocks as b
from callboard.blockers import service as blockers
from callboard.blocks import markup as m
from callboard.checkpoints.expectations import so_far
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.ticks import MOMENT
from callboard.core.words import counted, few_lines, joined
from callboard.gates import store as gates
from callboard.meetings import service, store
from callboard.meetings.models import Award, Kudos, Meeting, State
from callboard.meetings.plan import MeetingPart
from callboard.planfile.names import name_of
from callboard.planfile.paths import slug
from callboard.planfile.task_sets import in_ranges
from callboard.planfile.times import show_span
from callboard.plans import store as plan_rows
from callboard.tasks import service as tasks
from callboard.tasks.models import completed_since, is_overdue
from callboard.teams import service as teams
from callboard.teams.directory import Directory

RECORD = "meeting.record"
AWARD, GIVE = "award.give", "give"
FEW, MOST_RUNG = 6, 20
A_WEEK = timedelta(days=7)
ABOUT = {
    "progress": re.compile(r"progress|status|review|demo|completed|day|metrics|wins|phases|coordinated", re.IGNORECASE),
    "late": re.compile(r"late|priorit|tasks|week|adjust|timeline", re.IGNORECASE),
    "blockers": re.compile(r"block|dependenc|risk|issue|conflict|critical|help|integration", re.IGNORECASE),
    "gates": re.compile(r"gate|go.?/?.?(or )?no-?go|readiness|window|deploy|sign-?off", re.IGNORECASE),
    "lessons": re.compile(r"retrospective|lessons|went well|improve|learned", re.IGNORECASE),
}
"""What of the plan's state goes beside a point of the agenda, by the words in its title."""

LATE, SOON = ":warning:", "Due within a week:"


@dataclass(frozen=True, kw_only=True)
class MeetingView:
    """A meeting as it stands. `people` are mentions, few enough to ring; `leads` and `by` are names.

    Each point of the `agenda` is its title and how long it may take, with the lines there are to say about it.
    """

    row: Meeting
    leads: str
    people: str
    by: str
    link: str
    outputs: tuple[str, ...]
    agenda: tuple[str, ...]
    actions: tuple[str, ...]

    @property
    def name(self) -> str:
        return m.escape(self.row.name)


def card(view: MeetingView) -> Message:
    """The agenda before the meeting, the minutes after it."""
    if view.row.state == State.RECORDED:
        return _minutes(view)
    leads = f", led by {view.leads}" if view.leads else ""
    link = f"  {m.link('Join', view.link)}" if view.link else ""
    times = f"{m.date(view.row.at)} to {m.date(view.row.ends_at)}"
    shown = [b.section(f":spiral_calendar_pad: {m.bold(view.name)}  {times}{leads}{link}")]
    shown += [b.section(m.clip(point, m.TEXT)) for point in view.agenda]
    shown += [b.context(text) for text in (expected(view), view.people) if text]
    return Message(text=f"{view.name} begins soon: agenda", blocks=[*shown, _button(view)])


def expected(view: MeetingView) -> str:
    return f"Expected results: {', '.join(view.outputs)}" if view.outputs else ""


def over(view: MeetingView, *, last: bool = False) -> Message:
    """The question for the minutes; `last` where nobody answered it the last times."""
    if view.row.state == State.RECORDED:
        icon, ended, text = ":white_check_mark:", "", f"{view.by} wrote the minutes."
    else:
        icon, ended, text = ":memo:", " is over", "What was decided, and who does what?"
        if last:
            text += " Nobody wrote the last minutes either, so I stop asking until somebody does: `/meeting record`"
    sign = "." if ended else ":"
    shown = [b.section(f"{icon} {m.bold(view.name)}{ended}{sign} {text}"), _button(view)]
    return Message(text=f"{view.name}{ended}{sign} {text}", blocks=shown)


def praised(directory: Directory, kudos: Kudos) -> Message:
    """What whoever is praised reads."""
    by, plan = directory.called(kudos.by), m.escape(directory.plan_name)
    team = f" to {m.escape(directory.teams[kudos.to].name)}" if kudos.to in directory.teams else ""
    if kudos.withdrawn_at:
        return Message(text=f"{by} withdrew kudos{team or ' that you had'} in {plan}.")
    return Message(text=f":clap: Kudos{team} from {by} in {plan}: {kudos.text}")


def awarded(directory: Directory, award: Award) -> Message:
    """What everybody reads when a team gets an award."""
    by, team = directory.called(award.by), m.escape(directory.spoken_of(award.to))
    if award.withdrawn_at:
        return Message(text=f"{by} withdrew an award of {team}: {m.escape(award.title)}.")
    why = f" for {award.text}" if award.text else ""
    return Message(text=f":trophy: {m.bold(f'{team}: {m.escape(award.title)}')}{why}. Award by {by}")


def to_award(directory: Directory, left: Sequence[tuple[str, str]], *, given: int) -> Message:
    """The titles that nobody has given when the plan is over, a menu for each team."""
    plan = m.escape(directory.plan_name)
    if not left:
        return Message(text=f":trophy: All {given} awards of {plan} are given. `/plan award` lists them.")
    text = f":trophy: {plan} is over. {counted(len(left), 'award')} can still be given:"
    shown = [b.section(text)]
    for team, name in {key: directory.spoken_of(key) for key, _ in left}.items():
        titles = [title for key, title in left if key == team]
        options = [(title, f"{GIVE}:{directory.plan_id}:0:{team}/{slug(title)}") for title in titles]
        lines = [m.bold(m.escape(name)), *(f"• {m.escape(title)}" for title in titles)]
        shown.append(b.section("\n".join(lines), accessory=b.select(AWARD, options, placeholder="Give an award")))
    return Message(text=text, blocks=[*shown, b.context("With a reason: `/plan award TEAM TITLE for ...`")])


def _minutes(view: MeetingView) -> Message:
    row = view.row
    chapters = (("Decided", row.decisions), ("To do", view.actions), ("Learned", row.lessons))
    texts = ["\n• ".join([f"*{title}*", *lines]) for title, lines in chapters if lines]
    texts += [f"*Notes*\n{row.notes}"] if row.notes else []
    texts = texts or ["Nothing decided"]
    head = b.section(f":memo: {m.bold(view.name)}  {m.date(row.at, 'both')}, minutes by {view.by}")
    shown = [head, *(b.section(m.clip(text, m.TEXT)) for text in texts), _button(view)]
    return Message(text=f"{view.name}: minutes", blocks=shown)


def _button(view: MeetingView) -> dict[str, Any]:
    label = "Change the minutes" if view.row.state == State.RECORDED else "Write the minutes"
    value = f"{view.row.number}:{view.row.changes}"
    return b.actions(b.button(label, RECORD, value, style="primary" if view.row.state == State.OVER else None))


def meeting(tx: Tx, row: Meeting) -> MeetingView:
    directory, part = teams.directory(tx, row.plan_id), service.written(tx, row.plan_id).get(row.key)
    people = directory.named(row.people)
    return MeetingView(
        row=row, leads=m.escape(joined(map(directory.name, row.leads))), by=m.escape(directory.names_of([row.by])),
        people=" ".join(map(directory.called, people)) if len(people) <= MOST_RUNG else f"{len(people)} people",
        link=part.link if part else "", outputs=tuple(map(m.escape, part.outputs)) if part else (),
        agenda=tuple(agenda(tx, row, part)) if part and row.state != State.RECORDED else (),
        actions=tuple(_actions(tx, directory, row)),
    )  # fmt: skip


def agenda(tx: Tx, row: Meeting, part: MeetingPart) -> Iterator[str]:
    """The points that the plan names, each with what it is about; at the end, trouble that no point is about."""
    state = {name: tuple(lines) for name, lines in _state(tx, row).items()}
    used: set[str] = set()
    if not part.agenda:
        yield _point("Progress", state["progress"])
    for point in part.agenda:
        about = [name for name, words in ABOUT.items() if words.search(point.title) and name not in used][:1]
        used.update(about)
        yield _point(m.escape(point.title), [line for name in about for line in state[name]], point.lasts)
    signs = (("late", LATE), ("due soon", SOON))
    late = " or ".join(word for word, sign in signs if any(line.startswith(sign) for line in state["late"]))
    for name, title in (("late", late.capitalize()), ("blockers", "Open blockers")):
        if name not in used and state[name]:
            yield _point(title, state[name])


def _point(title: str, lines: Iterable[str], lasts: timedelta | None = None) -> str:
    return "\n".join([f"{m.bold(title)} ({show_span(lasts)})" if lasts else m.bold(title), *lines])


def _state(tx: Tx, row: Meeting) -> dict[str, Iterable[str]]:
    last = store.latest(tx, row.plan_id, row.key, row.at - MOMENT)
    directory = teams.directory(tx, row.plan_id)
    ahead = [gate for gate in gates.listed(tx, row.plan_id) if not gate.settled]
    return {
        "progress": _progress(tx, row, last),
        "late": _late(tx, directory, row.at),
        "blockers": few_lines([*_blockers(tx, directory)], FEW),
        "gates": few_lines([f"{m.escape(gate.name)}: {gate.word}{_due(gate.due_at, 'both')}" for gate in ahead], FEW),
        "lessons": few_lines([learned.text for learned in service.lessons(tx, row.plan_id)], FEW),
    }


def _progress(tx: Tx, row: Meeting, last: Meeting | None) -> Iterator[str]:
    """How much is completed, and what of it lately."""
    since, when = (last.at, "since last time") if last else (row.at - A_WEEK, "in the last 7 days")
    rows, applied_at = tasks.seen(tx, row.plan_id), plan_rows.applied_at(tx, row.plan_id)
    whole = tasks.rolled("", rows, tx.now)
    done = [task.key for task in rows if completed_since(task, since, applied_at)]
    lately = f"{len(done)} {when}: {joined(in_ranges(done, FEW))}" if done else f"none {when}"
    if whole.total:
        yield f"{whole.percent}%, {whole.completed} of {whole.total} tasks completed; {lately}"


def _late(tx: Tx, directory: Directory, at: datetime) -> Iterator[str]:
    rows = tasks.seen(tx, directory.plan_id)
    late = [row for row in rows if is_overdue(row, tx.now)]
    document, held = teams.document(tx, directory.plan_id), tasks.held(tx, directory.plan_id)
    named = [f"{row.title} ({directory.names_of(row.assignees) or 'nobody'})" for row in late]
    waits = [f", waits for {m.escape(name_of(document, by))}" if (by := held(row)) else "" for row in late]
    lines = [
        f"{LATE} {row.key} {m.escape(name)}: {so_far(row)}{wait}"
        for row, name, wait in zip(late, named, waits, strict=True)
    ]
    yield from few_lines(lines, FEW)
    coming = [row.key for row in rows if not tasks.settled(row) and row.due_at and tx.now < row.due_at <= at + A_WEEK]
    if coming:
        yield f"{SOON} {joined(in_ranges(coming, FEW))}"


def _blockers(tx: Tx, directory: Directory) -> Iterator[str]:
    for row in blockers.open_ones(tx, directory.plan_id):
        owner = directory.names_of([row.owner or ""]) or "nobody"
        yield f":octagonal_sign: blocker {row.number}: {m.clip(row.what, 150)} ({m.escape(owner)} has it)"


def _actions(tx: Tx, directory: Directory, row: Meeting) -> Iterator[str]:
    rows = {task.key: task for task in tasks.tasks(tx, row.plan_id, row.actions)} if row.actions else {}
    for key in row.actions:
        if task := rows.get(key):
            who = m.escape(directory.names_of(task.assignees)) or "nobody yet"
            yield f"{key} {m.escape(task.title)} ({who}{_due(task.due_at, 'day')}): {task.status}"
        else:
            yield f"{key}: no longer in the plan"


def _due(at: datetime | None, style: Any) -> str:
    return f", due {m.date(at, style)}" if at else ""
