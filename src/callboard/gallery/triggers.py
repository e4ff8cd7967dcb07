"""Triggers in pictures: what the plan's own people are told when one fires, and the list of them."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.emergencies.plan import TriggerPart
from callboard.emergencies.triggers import Cause, consequences
from callboard.emergencies.triggers.models import Trigger
from callboard.emergencies.triggers.notices import TOLD
from callboard.emergencies.triggers.slack import command
from callboard.gallery.stage import Screen, Stage

FAILED = "Integration failed: Sign-in (O-1)."


def screens(stage: Stage) -> Iterator[Screen]:
    """An integration fails, and a measure moves over its limit."""
    _, lead = stage.cast()
    directory = lead.directory
    team = directory.teams_of(lead.person)[0].key
    failed = Trigger("integration", TriggerPart(on="integration failed", escalate="default", tell=("coordinator",)))
    over = Trigger("measure", TriggerPart(on="measure", measure="error_rate", tell=("coordinator",)))
    cause = Cause(
        plan_id=stage.plan_id, on="integration failed", key="point", subject="Sign-in", said=FAILED, team=team
    )
    consequences.start(stage.tx, directory, failed, [cause])
    yield stage.told(TOLD.kind, "An integration has failed, and a blocker climbs", on="integration failed")
    said = "error_rate: 5%, 1% allowed, 4% over."
    moved = Cause(plan_id=stage.plan_id, on="measure", key="error_rate", subject="error_rate", said=said, stands=True)
    consequences.start(stage.tx, directory, over, [moved])
    yield stage.told(TOLD.kind, "A measure has moved over its limit", on="measure")
    yield stage.typed(command, lead.person.slack_id, "triggers", "What each trigger watches, and when it last fired")
