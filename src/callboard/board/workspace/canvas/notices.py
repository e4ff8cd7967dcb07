"""The status of a team as a message in a canvas, edited as it changes; coordinators hear where Slack takes none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from callboard.blockers import store as blockers
from callboard.blockers.models import Blocker
from callboard.blocks import markup as m
from callboard.board.workspace import store
from callboard.board.workspace.canvas import messages
from callboard.board.workspace.canvas.messages import Sheet
from callboard.board.workspace.models import KIND, Workspace
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.memory import remembered
from callboard.core.notices import Notice
from callboard.core.outbox import DeliveriesParked, Delivery, Drop, Medium, Message, Priority, Reach
from callboard.locks import store as locks
from callboard.locks.models import Lock
from callboard.locks.models import State as LockState
from callboard.planfile.calendar import over_at
from callboard.plans import service as plans
from callboard.plans.live_plan import header_of
from callboard.tasks import store as tasks
from callboard.tasks.models import State, Task
from callboard.teams import service as teams
from callboard.teams.directory import Directory
from callboard.teams.web import plain


class Place(NamedTuple):
    """The canvas of a team: what its lines are called, and in which channel it is."""

    team: str
    title: str
    channel: str


def places(directory: Directory) -> Iterator[Place]:
    """Every team with a channel that Slack knows."""
    for team in directory.teams.values():
        channel = directory.channel(team.channel) if team.channel else None
        if channel and channel.slack_id:
            yield Place(team.key, messages.called(team.name, directory.plan_name), channel.slack_id)


def show(tx: Tx, directory: Directory, workspace: Workspace) -> None:
    """Give each team its canvas, and write all anew that are there."""
    begun = [] if tx.now >= over(tx, workspace.plan_id) or not workspace.canvases else places(directory)
    outbox.enqueue(tx, [
        CANVAS.post(
            directory, Reach(Medium.CANVAS, place.channel), workspace.subject,
            f"canvas:{workspace.number}:{place.team}:{place.channel}:{place.title}",
            args={"team": place.team, "title": place.title},
        )
        for place in begun
    ])  # fmt: skip
    outbox.touch(tx, KIND, [workspace.number], parked=False)


def over(tx: Tx, plan_id: int) -> datetime:
    return over_at(header_of(plans.live(tx, plan_id)))


def tell_refused(tx: Tx, event: DeliveriesParked) -> None:
    """Tell each coordinator once for each reason."""
    for parked in event.deliveries:
        if parked.kind != CANVAS.kind or parked.error == outbox.UNINSTALLED:
            continue
        directory, error = teams.directory(tx, parked.plan_id), parked.error or ""
        key = f"canvas:{parked.subject_id}:refused:{error}"
        outbox.enqueue(tx, [
            REFUSED.post(directory, directory.reach(person), parked.subject, f"{key}:{person.key}",
                         args={"error": error}, recipient=person.key)
            for person in directory.coordinators
        ])  # fmt: skip


def _canvas(tx: Tx, delivery: Delivery) -> Message | Drop:
    workspace, directory = store.workspace(tx, delivery.subject_id), teams.directory(tx, delivery.plan_id)
    place = Place(delivery.args["team"], delivery.args["title"], delivery.address)
    if workspace is None or not workspace.canvases or place not in places(directory):
        return messages.left(place.title) if delivery.posted_as else Drop("the plan keeps no canvas there any more")
    return status(tx, directory, place)


def status(tx: Tx, directory: Directory, place: Place) -> Message:
    """All lines of a team's canvas as they are now."""
    at = over(tx, directory.plan_id)
    ended = f"{at.astimezone(directory.calendar.zone):%Y-%m-%d %H:%M} {directory.calendar.zone.key}"
    return messages.lines(place.title, _sheet(tx, directory, place.team), ended if tx.now >= at else "")


def _sheet(tx: Tx, directory: Directory, team: str) -> Sheet:
    standing = _standing(tx, directory.plan_id)
    own = [task for task in standing.tasks if task.team == team and task.status != State.DROPPED]
    held = [lock for lock in standing.locks if lock.team == team and lock.state != LockState.WAITING]
    return Sheet(
        done=sum(task.status == State.COMPLETED for task in own), tasks=len(own),
        running=[_task(directory, task) for task in own if task.status == State.IN_PROGRESS],
        blocked=[_task(directory, task) for task in own if task.status == State.BLOCKED],
        blockers=[_blocker(directory, blocker) for blocker in standing.blockers if blocker.team == team],
        locks=[(lock.targets, directory.names_of([lock.holder])) for lock in held],
    )  # fmt: skip


class _Standing(NamedTuple):
    tasks: tuple[Task, ...]
    blockers: tuple[Blocker, ...]
    locks: tuple[Lock, ...]


@remembered(Task, Blocker, Lock)
def _standing(tx: Tx, plan_id: int) -> _Standing:
    """What stands in a plan: asked once for all its teams."""
    return _Standing(
        tuple(tasks.seen(tx, plan_id)), tuple(blockers.open_in(tx, plan_id)), tuple(locks.live(tx, plan_id))
    )


def _task(directory: Directory, task: Task) -> str:
    percent = f"{task.percent} %" if task.percent and task.status == State.IN_PROGRESS else ""
    about = ", ".join(filter(None, (percent, directory.names_of(task.assignees))))
    return f"{task.key} {task.title}" + (f" ({about})" if about else "")


def _blocker(directory: Directory, blocker: Blocker) -> str:
    owner = directory.names_of([blocker.owner or ""])
    about = f"{blocker.severity}, {owner} has it" if owner else f"{blocker.severity}, nobody has it"
    return f"{blocker.number} {plain(directory, blocker.what)} ({about})"


def _refused(tx: Tx, delivery: Delivery) -> Message | Drop:
    error = str(delivery.args["error"])
    parked = [each.address for each in store.refused(tx, delivery.plan_id) if each.error == error]
    if not parked and not delivery.posted_as:
        return Drop("Slack takes it again")
    plan = teams.directory(tx, delivery.plan_id).plan_name
    return messages.refused(error, [m.channel(address) for address in parked], plan)


CANVAS = Notice(
    kind=f"{KIND}.canvas", render=_canvas, editable=True, priority=Priority.DIGEST,
    told="each team in the canvas of its channel, where the plan has `canvases`, edited when its status changes",
)  # fmt: skip
REFUSED = Notice(
    kind=f"{KIND}.refused", render=_refused, editable=True,
    told="the coordinators, once for each reason why Slack takes no canvas, edited when it does again",
)  # fmt: skip
NOTICES = (CANVAS, REFUSED)
