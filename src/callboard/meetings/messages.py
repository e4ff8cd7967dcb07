"""How meetings read in Slack: the card with the agenda and what came of it, and the question to who leads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.core.outbox import Message
from callboard.meetings import agenda as agendas
from callboard.meetings import service
from callboard.meetings.agenda import Point
from callboard.meetings.models import Meeting, State
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.directory import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

RECORD = "meeting.record"
Block = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class MeetingView:
    """A meeting as it stands. `people` are mentions, few enough to ring; `leads` and `by` are names."""

    number: int
    name: str
    at: datetime
    ends_at: datetime
    state: str
    leads: str
    people: str
    link: str
    outputs: tuple[str, ...]
    agenda: tuple[Point, ...]
    notes: str
    decisions: tuple[str, ...]
    lessons: tuple[str, ...]
    actions: tuple[str, ...]
    by: str
    changes: int


def card(view: MeetingView) -> Message:
    """The agenda before it, what came of it after."""
    if view.state == State.RECORDED:
        return _recorded(view)
    leads = f", led by {view.leads}" if view.leads else ""
    link = f"  <{view.link}|Join>" if view.link else ""
    head = f":spiral_calendar_pad: {b.bold(view.name)}  {b.date(view.at)} to {b.date(view.ends_at)}{leads}{link}"
    shown = [b.section(head), *(b.section(b.clip(_point(point), b.TEXT)) for point in view.agenda)]
    if view.outputs:
        shown.append(b.context(f"To come out of it: {', '.join(view.outputs)}"))
    if view.people:
        shown.append(b.context(view.people))
    return Message(text=f"{view.name} begins soon: the agenda", blocks=[*shown[: b.MESSAGE_BLOCKS - 1], _button(view)])


def over(view: MeetingView) -> Message:
    """Ask what came of it."""
    if view.state == State.RECORDED:
        text = f":white_check_mark: {b.bold(view.name)}: {view.by} has written down what came of it."
        return Message(text=f"{view.name} is written down", blocks=[b.section(text), _button(view)])
    text = f":memo: {b.bold(view.name)} is over. What was decided, and who does what? A line each will do."
    return Message(text=f"{view.name} is over: what came of it?", blocks=[b.section(text), _button(view)])


def _recorded(view: MeetingView) -> Message:
    head = f":memo: {b.bold(view.name)}  {b.date(view.at, 'both')}, written down by {view.by}"
    chapters = (
        ("Decided", view.decisions), ("To do", view.actions), ("Learned", view.lessons),
        ("Notes", (view.notes,) if view.notes else ()),
    )  # fmt: skip
    shown = [b.section(b.clip(_chapter(title, lines), b.TEXT)) for title, lines in chapters if lines]
    return Message(text=f"{view.name}: what came of it", blocks=[b.section(head), *shown, _button(view)])


def _chapter(title: str, lines: tuple[str, ...]) -> str:
    if title == "Notes":
        return f"*{title}*\n{lines[0]}"
    return "\n".join([f"*{title}*", *(f"• {line}" for line in lines)])


def _point(point: Point) -> str:
    lasts = f" ({point.lasts})" if point.lasts else ""
    return "\n".join([f"{b.bold(point.title)}{lasts}", *point.lines])


def _button(view: MeetingView) -> Block:
    recorded = view.state == State.RECORDED
    label = "Change it" if recorded else "Write down what came of it"
    return b.actions(b.button(label, RECORD, str(view.number), style="primary" if view.state == State.OVER else None))


MOST_RUNG = 20


def meeting(tx: Tx, one: Meeting) -> MeetingView:
    """A meeting as it stands now."""
    directory = teams.directory(tx, one.plan_id)
    part = service.written(tx, one.plan_id).get(one.key)
    agenda = agendas.compose(tx, one, part) if part and one.state != State.RECORDED else []
    people = directory.named(one.people)
    return MeetingView(
        number=one.number, name=b.escape(one.name), at=one.at, ends_at=one.ends_at, state=one.state,
        leads=_names(directory, one.leads),
        people=" ".join(map(directory.called, people)) if len(people) <= MOST_RUNG else f"{len(people)} people",
        link=part.link if part else "", outputs=tuple(map(b.escape, part.outputs)) if part else (),
        agenda=tuple(agenda), notes=one.notes, decisions=tuple(one.decisions), lessons=tuple(one.lessons),
        actions=tuple(_actions(tx, directory, one)), by=_names(directory, [one.by] if one.by else []),
        changes=one.changes,
    )  # fmt: skip


def _actions(tx: Tx, directory: Directory, one: Meeting) -> Iterator[str]:
    rows = {row.key: row for row in tasks.tasks(tx, one.plan_id, one.actions)} if one.actions else {}
    for key in one.actions:
        row = rows.get(key)
        if row is None:
            yield f"{key}: not in the plan any more"
        else:
            due = f", due {b.date(row.due_at, 'day')}" if row.due_at else ""
            yield f"{key} {b.escape(row.title)} ({_names(directory, row.assignees) or 'nobody yet'}{due}): {row.status}"


def _names(directory: Directory, keys: Iterable[str]) -> str:
    return ", ".join(b.escape(person.name) for person in directory.named(keys))
