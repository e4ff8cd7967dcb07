"""Cadences: people are asked again and again how it goes, only about what is news to nobody, and answer by a click."""

from callboard.cadences import due, notices, service, slack
from callboard.cadences.plan import CADENCES
from callboard.capability import Capability
from callboard.core.ticks import again
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.tasks.models import TaskChanged

capability = Capability(
    name="cadences",
    interactions=slack.interactions,
    due=(due.requests, due.cadences),
    notices=notices.NOTICES,
    sections=(CADENCES,),
    subscriptions=(
        (PlanApplied, again(due.CADENCES)),
        (PlanEdited, again(due.CADENCES)),
        (TaskChanged, lambda tx, event: service.heard(tx, event.plan_id, event.key)),
    ),
)
