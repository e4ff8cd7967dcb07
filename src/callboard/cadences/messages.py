"""How status requests read in Slack: short, and answered with one click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.cadences.models import GATE, PHASE, PLAN, TASK, TEAM, How, State, StatusRequest
from callboard.checkpoints.expectations import so_far
from callboard.core.outbox import Message
from callboard.plans import service as plans
from callboard.tasks import service as tasks
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx

NAMED = {TEAM: "teams", PHASE: "phases", GATE: "gates"}


AS_PLANNED, BEHIND, PERCENT, BLOCKED = "status.as_planned", "status.behind", "status.percent", "status.blocked"
STEPS = (10, 25, 50, 75, 90, 100)
Block = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ItemView:
    """One thing that is asked about: a task with how far it is and when it is due, or a team."""

    item: str
    called: str
    is_task: bool
    so_far: str
    percent: int
    changes: int
    due_at: datetime | None
    late: bool
    reply: str


@dataclass(frozen=True, kw_only=True)
class RequestView:
    """What somebody is asked. `who` is a mention."""

    number: int
    who: str
    at: datetime
    closes_at: datetime
    state: str
    items: tuple[ItemView, ...]


def ask(view: RequestView) -> Message:
    """What is asked, and what was answered."""
    left = [one for one in view.items if not one.reply]
    said = [f":white_check_mark: {one.called}: {_reply(one)}" for one in view.items if one.reply]
    if not left:
        return Message(
            text="Thank you, that is all for now",
            blocks=[b.section("\n".join(said)), b.context("Thank you, that is all for now.")],
        )
    if view.state == State.SILENT:
        head = f":zzz: Nothing was heard until {b.date(view.closes_at)}; it is shown as stale. A click still helps."
    else:
        head = ":wave: How is it going?" if len(left) == 1 else f":wave: How are these {len(left)} going?"
    whole = (
        [b.actions(b.button("All as planned", AS_PLANNED, f"{view.number}:", style="primary"))] if len(left) > 1 else []
    )
    rows = [block for one in left for block in (b.section(_line(one)), _row(view, one, alone=len(left) == 1))]
    done = [b.context(*said[: b.CONTEXT])] if said else []
    return Message(
        text=f"How is it going? {', '.join(one.item.partition(':')[2] for one in left)}",
        blocks=[b.section(head), *whole, *rows, *done],
    )


def silent(views: Sequence[RequestView]) -> Message:
    """A kind word to a lead."""
    names = ", ".join(dict.fromkeys(one.who for one in views))
    things = ", ".join(dict.fromkeys(item.called for one in views for item in one.items if not item.reply))
    text = (
        f":speech_balloon: Nothing was heard of {names} when I asked twice about {b.clip(things, 1500)}. They may be "
        "deep in work, or stuck: a word from you may help. I ask no more today until something is heard."
    )
    return Message(text=f"Asked twice, and nothing was heard: {b.clip(things, 200)}", blocks=[b.section(text)])


def _line(one: ItemView) -> str:
    due = f", due {b.date(one.due_at, 'both')}" if one.due_at else ""
    late = " :warning: late" if one.late else ""
    return f"{b.bold(one.called)}: {one.so_far}{due}{late}" if one.so_far else b.bold(one.called)


def _row(view: RequestView, one: ItemView, *, alone: bool) -> Block:
    value = f"{view.number}:{one.item}"
    planned = b.button(
        "As planned" if one.is_task else "On track", AS_PLANNED, value, style="primary" if alone else None
    )
    block = b.button("Blocked", BLOCKED, value, style="danger")
    if not one.is_task:
        return b.actions(planned, b.button("Behind", BEHIND, value), block)
    steps = [
        (f"{step}%" if step < STEPS[-1] else "Done", f"{view.number}:{step}:{one.changes}:{one.item}")
        for step in STEPS
        if step > one.percent
    ]
    return b.actions(planned, b.select(PERCENT, steps, placeholder="How far?"), block)


def _reply(one: ItemView) -> str:
    return one.so_far if one.reply == How.HEARD else "done" if one.reply == "100%" else one.reply


def view(tx: Tx, one: StatusRequest) -> RequestView:
    """A request with what it is about, as that stands now."""
    directory = teams.directory(tx, one.plan_id)
    return RequestView(
        number=one.number, who=directory.called(one.person), at=one.at,
        closes_at=one.closes_at, state=one.state, items=tuple(_item(tx, one, item) for item in one.items),
    )  # fmt: skip


def _item(tx: Tx, one: StatusRequest, item: str) -> ItemView:
    kind, _, key = item.partition(":")
    reply = str(one.replies.get(item, ""))
    if kind == TASK and (found := tasks.tasks(tx, one.plan_id, [key])):
        task = found[0]
        return ItemView(
            item=item, called=f"{task.key} {b.escape(task.title)}", is_task=True, so_far=so_far(task),
            percent=task.percent, changes=task.changes, due_at=task.due_at, late=tasks.is_overdue(task, tx.now),
            reply=reply,
        )  # fmt: skip
    if kind == PLAN:
        name = teams.directory(tx, one.plan_id).plan_name
    else:
        written = (plans.live(tx, one.plan_id).values.get(NAMED.get(kind, "")) or {}).get(key)
        name = getattr(written, "name", "") or key
    return ItemView(
        item=item, called=b.escape(name), is_task=False, so_far=_rolled(tx, one.plan_id, kind, key), percent=0,
        changes=0, due_at=None, late=False,
        reply=reply,
    )  # fmt: skip


def _rolled(tx: Tx, plan_id: int, kind: str, key: str) -> str:
    """How far a team or a phase is with its tasks."""
    own = [one for one in tasks.tasks(tx, plan_id) if key in one.teams or (kind == PHASE and key == one.phase)]
    if kind not in (TEAM, PHASE) or not own:
        return ""
    found = tasks.rolled(key, own, tx.now)
    late = f", {found.overdue} late" if found.overdue else ""
    return f"{found.percent}%, {found.completed} of {found.total} tasks completed{late}"
