"""What planning does when a plan, its people or its sealed timeline change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core.seal import HeadDue
from callboard.planning import notices
from callboard.planning.models import Briefed
from callboard.plans.events import HoldLifted, PlanAdopted, PlanApplied, PlanEdited
from callboard.teams.events import ChannelsSeen, PeopleLinked

if TYPE_CHECKING:
    from callboard.core.db import Tx


def on_plan_changed(tx: Tx, event: PlanApplied | PlanEdited | PlanAdopted | PeopleLinked) -> None:
    """Greet who is new or can be reached now, and say what changed to the others."""
    notices.catch_up(tx, event.plan_id)


def on_hold_lifted(tx: Tx, event: HoldLifted) -> None:
    """A team that waited begins; while a plan is applied, only at the end of that."""
    if event.kind == Briefed.TEAM and event.free and not event.by_plan:
        notices.catch_up(tx, event.plan_id)


def on_channels_seen(tx: Tx, event: ChannelsSeen) -> None:
    """Say which channels the bot must still be invited to."""
    notices.tell_closed_channels(tx, event.plan_id)


def on_head_due(tx: Tx, head: HeadDue) -> None:
    """Publish the head of the timeline."""
    notices.tell_head(tx, head)
