"""The test before the day: everybody whom run-books name gets a test page in every way, and answers with one click.

day: whom the run-books of a plan and their policies name
evidence: what the timeline has of preflights and test pages, against their rows
rehearsal: what will or may go wrong with the plan as it stands, found in a process of its own
"""

from callboard.capability import Capability
from callboard.core.outbox import DeliveriesParked
from callboard.plans.models import PlanAdopted, PlanApplied, PlanEdited
from callboard.preflight import due, evidence, notices, slack
from callboard.preflight.models import TestPage
from callboard.preflight.plan import PREFLIGHT, REHEARSAL
from callboard.preflight.rehearsal import notices as rehearsal_notices
from callboard.preflight.rehearsal import slack as rehearsal

capability = Capability(
    name="preflight",
    commands=(slack.command, rehearsal.command),
    interactions=slack.INTERACTIONS,
    notices=(*notices.NOTICES, *rehearsal_notices.NOTICES),
    answers={TestPage.subjects: slack.ANSWER},
    evidence=evidence.differences,
    sections=(PREFLIGHT, REHEARSAL),
    due=(due.planned, due.open_ones),
    subscriptions=(
        (PlanApplied, due.again),
        (PlanEdited, due.again),
        (PlanAdopted, due.again),
        (DeliveriesParked, notices.on_parked),
    ),
)
