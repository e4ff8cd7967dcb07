"""The test before the day: everybody whom run-books name gets a test page in every way, and answers with one click.

day: whom the run-books of a plan and their policies name
"""

from callboard.capability import Capability
from callboard.plans.models import PlanAdopted, PlanApplied, PlanEdited
from callboard.preflight import due, notices, slack
from callboard.preflight.plan import PREFLIGHT

capability = Capability(
    name="preflight",
    commands=(slack.command,),
    interactions=slack.INTERACTIONS,
    notices=notices.NOTICES,
    sections=(PREFLIGHT,),
    due=(due.planned, due.open_ones),
    subscriptions=((PlanApplied, due.again), (PlanEdited, due.again), (PlanAdopted, due.again)),
)
