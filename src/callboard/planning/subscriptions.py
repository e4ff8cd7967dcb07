"""What planning does when a plan, its people or its sealed timeline change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core import outbox
from callboard.core.outbox import Post, Priority
from callboard.core.seal import HeadDue
from callboard.core.timeline import Subject
from callboard.planning.briefs import TEAM, catch_up
from callboard.planning.notices import HEAD, tell_closed_channels
from callboard.plans.events import HoldLifted, PlanAdopted, PlanApplied, PlanEdited
from callboard.teams import service
from callboard.teams.events import ChannelsSeen, PeopleLinked

if TYPE_CHECKING:
    from callboard.core.db import Tx


def on_plan_applied(tx: Tx, event: PlanApplied) -> None:
    """Greet who is new, and say what changed to the others."""
    catch_up(tx, event.plan_id)


def on_plan_edited(tx: Tx, event: PlanEdited) -> None:
    """Somebody changed the plan live: who it concerns hears of it."""
    catch_up(tx, event.plan_id)


def on_plan_adopted(tx: Tx, event: PlanAdopted) -> None:
    """The plan has a workspace now: there is somebody to greet."""
    catch_up(tx, event.plan_id)


def on_hold_lifted(tx: Tx, event: HoldLifted) -> None:
    """A team that waited begins. While a plan is applied, the end of that is waited for."""
    if event.kind == TEAM and event.free and not event.by_plan:
        catch_up(tx, event.plan_id)


def on_people_linked(tx: Tx, event: PeopleLinked) -> None:
    """Whom Slack did not know until now can be greeted."""
    catch_up(tx, event.plan_id)


def on_channels_seen(tx: Tx, event: ChannelsSeen) -> None:
    """Say into which channels the bot is yet to be invited."""
    tell_closed_channels(tx, event.plan_id)


def on_head_due(tx: Tx, head: HeadDue) -> None:
    """Post it in the coordination channel, once for each state of the timeline."""
    if not head.plan_id:
        return
    directory = service.directory(tx, head.plan_id)
    address = directory.home_channel()
    if address:
        outbox.enqueue(tx, [
            Post(key=f"head:{head.plan_id}:{head.seq}", plan_id=head.plan_id, workspace=directory.workspace,
                 address=address, kind=HEAD, subject=Subject("plan", head.plan_id), priority=Priority.DIGEST,
                 args={"seq": head.seq, "hash": head.hash}),
        ])  # fmt: skip
