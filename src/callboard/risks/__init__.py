"""Risks: owners, mitigations, and indicators to watch.

measures: how many are not among the worst
"""

from callboard.capability import Capability
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.risks import measures, subscriptions
from callboard.risks.plan import RISKS

capability = Capability(
    name="risks",
    measures={"calm_risks": measures.calm},
    sections=(RISKS,),
    subscriptions=((PlanApplied, subscriptions.on_plan_changed), (PlanEdited, subscriptions.on_plan_changed)),
)
