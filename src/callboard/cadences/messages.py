"""How status requests read: short, and answered with one click. All text in views is Slack's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.cadences.models import GATE, PHASE, PLAN, TASK, TEAM, How, State, StatusRequest
from callboard.checkpoints.expectations import so_far
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.words import joined
from callboard.plans import service as plans
from callboard.tasks import service as tasks
from callboard.tasks.models import Task, is_overdue
from callboard.teams import service as teams

AS_PLANNED, BEHIND, PERCENT, BLOCKED = "status.as_planned", "status.behind", "status.percent", "status.blocked"
SECTIONS = {TEAM: "teams", PHASE: "phases", GATE: "gates"}
STEPS = (10, 25, 50, 75, 90, 100)


@dataclass(frozen=True, kw_only=True)
class ItemView:
    """One thing that is asked about: a task, or without `task` a team, a phase, a gate or the plan."""

    item: str
    name: str
    so_far: str
    reply: str
    task: Task | None = None
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class RequestView:
    """What somebody is asked. `who` is a mention."""

    row: StatusRequest
    who: str
    items: tuple[ItemView, ...]

    @property
    def left(self) -> list[ItemView]:
        """What is not answered yet."""
        return [item for item in self.items if not item.reply]


def ask(view: RequestView) -> Message:
    left, number = view.left, view.row.number
    done = [f":white_check_mark: {item.name}: {_reply(item)}" for item in view.items if item.reply]
    if not left:
        thanks = "Thank you, that is all for now."
        return Message(text=thanks, blocks=[b.section("\n".join(done)), b.context(thanks)])
    head = ":wave: How is it going?" if len(left) == 1 else f":wave: How are these {len(left)} going?"
    if view.row.state == State.SILENT:
        head = f":zzz: No answer by {m.date(view.row.closes_at, 'both')}. You can still answer."
    planned = b.actions(b.button("All as planned", AS_PLANNED, f"{number}:0", style="primary"))
    rows = [block for item in left for block in (b.section(_line(item)), _row(number, item, alone=len(left) == 1))]
    return Message(
        text=f"How is it going? {', '.join(item.item.partition(':')[2] for item in left)}",
        blocks=[
            b.section(head), *([planned] if len(left) > 1 else []), *rows,
            *([b.context(*done[: b.CONTEXT])] if done else []),
        ],
    )  # fmt: skip


def silent(views: Sequence[RequestView]) -> Message:
    """What a lead reads of people who did not answer twice."""
    names = joined(view.who for view in views)
    things = joined(item.name for view in views for item in view.left)
    text = (
        f":speech_balloon: I asked {names} twice about {m.clip(things, 1500)}, and got no answer. They may be busy, or "
        "stuck: please ask them. I ask again tomorrow, or once they answer."
    )
    return Message(text=f"Asked twice, no answer: {m.clip(things, 200)}", blocks=[b.section(text)])


def _line(item: ItemView) -> str:
    due = f", due {m.date(item.task.due_at, 'both')}" if item.task and item.task.due_at else ""
    late = " :warning: late" if item.late else ""
    return f"{m.bold(item.name)}: {item.so_far}{due}{late}" if item.so_far else m.bold(item.name)


def _row(number: int, item: ItemView, *, alone: bool) -> dict[str, Any]:
    value = f"{number}:0:{item.item}"
    label = "As planned" if item.task else "On track"
    planned = b.button(label, AS_PLANNED, value, style="primary" if alone else None)
    blocked = b.button("Blocked", BLOCKED, value, style="danger")
    if item.task is None:
        return b.actions(planned, b.button("Behind", BEHIND, value), blocked)
    steps = [
        (f"{step}%" if step < STEPS[-1] else "Done", f"{number}:{item.task.changes}:{step}:{item.item}")
        for step in STEPS
        if step > item.task.percent
    ]
    return b.actions(planned, b.select(PERCENT, steps, placeholder="How far?"), blocked)


def _reply(item: ItemView) -> str:
    return (
        f"{item.so_far}, no answer needed"
        if item.reply == How.HEARD
        else "done"
        if item.reply == "100%"
        else item.reply
    )


def view(tx: Tx, row: StatusRequest) -> RequestView:
    who = teams.directory(tx, row.plan_id).called(row.person)
    return RequestView(row=row, who=who, items=tuple(_item(tx, row, item) for item in row.items))


def _item(tx: Tx, row: StatusRequest, item: str) -> ItemView:
    kind, _, key = item.partition(":")
    reply = str(row.replies.get(item, ""))
    if kind == TASK and (rows := tasks.tasks(tx, row.plan_id, [key])):
        task = rows[0]
        return ItemView(
            item=item, name=f"{task.key} {m.escape(task.title)}", so_far=so_far(task), task=task,
            reply=reply or (How.HEARD if tasks.settled(task) else ""), late=is_overdue(task, tx.now),
        )  # fmt: skip
    if kind == PLAN:
        name = teams.directory(tx, row.plan_id).plan_name
    else:
        part = (plans.live(tx, row.plan_id).values.get(SECTIONS.get(kind, "")) or {}).get(key)
        name = getattr(part, "name", "") or key
    return ItemView(item=item, name=m.escape(name), so_far=_rolled(tx, row.plan_id, kind, key), reply=reply)


def _rolled(tx: Tx, plan_id: int, kind: str, key: str) -> str:
    """How far a team or a phase is with its tasks."""
    own = [task for task in tasks.seen(tx, plan_id) if key in task.teams or (kind == PHASE and key == task.phase)]
    if kind not in (TEAM, PHASE) or not own:
        return ""
    whole = tasks.rolled(key, own, tx.now)
    late = f", {whole.overdue} late" if whole.overdue else ""
    return f"{whole.percent}%, {whole.completed} of {whole.total} tasks completed{late}"
