"""What messages and forms show of meetings, read from rows into frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from callboard.core import blocks as b
from callboard.meetings import agendas, service
from callboard.meetings.messages import MeetingView
from callboard.meetings.models import Meeting, State
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.directory import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

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
