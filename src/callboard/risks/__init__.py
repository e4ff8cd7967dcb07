"""Risks: owners, mitigations, and indicators to watch; what becomes of one that happens.

evidence: what the timeline has of risks, against their rows
indicators: how each indicator is now, with the figures
measures: how many are not among the worst
worktime: what part of people's time went into meetings and into an area of the tasks
register: the risks as the plan has them, with what has become of them
"""

from callboard.capability import Capability
from callboard.core.ticks import again
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.risks import due, evidence, measures, notices, service, slack, subscriptions
from callboard.risks.models import RiskChanged
from callboard.risks.plan import RISKS

capability = Capability(
    name="risks",
    commands=(slack.command,),
    interactions=slack.INTERACTIONS,
    due=(due.indicators_due,),
    notices=notices.NOTICES,
    measures={"calm_risks": measures.calm},
    sections=(RISKS,),
    evidence=evidence.differences,
    subscriptions=(
        (PlanApplied, again(service.WATCH)),
        (PlanEdited, again(service.WATCH)),
        (PlanApplied, subscriptions.on_changed),
        (PlanEdited, subscriptions.on_changed),
        (RiskChanged, subscriptions.on_changed),
    ),
)
