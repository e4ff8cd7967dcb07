"""Blockers: what stops somebody's work. Whoever can help is paged, step by step, until somebody takes it.

classes: as what a blocker is proposed, how the votes on that stand, and what counts for which gate
measures: how long until somebody takes one, how long until it is over, how many are over
proposals: how a blocker gets a class: proposed, voted on, taken back
evidence: what the timeline has of blockers, against their rows
"""

from callboard.blockers import evidence, measures, notices, plan, slack, store, subscriptions
from callboard.blockers.models import KIND
from callboard.blockers.slack import buttons
from callboard.capability import Capability
from callboard.escalation.pages import HolderAway
from callboard.escalation.service import StepsDue
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.teams.models import PersonAway

capability = Capability(
    name="blockers",
    evidence=evidence.differences,
    commands=(slack.command,),
    interactions=buttons.interactions,
    hears=buttons.hears,
    notices=notices.NOTICES,
    pages={KIND: notices.PAGE},
    weights={KIND: store.weight},
    answers={KIND: buttons.ANSWER},
    measures={
        "response_time": measures.response_time,
        "resolution_time": measures.resolution_time,
        "closed_blockers": measures.over,
    },
    sections=(plan.section,),
    subscriptions=(
        (StepsDue, notices.on_steps_due),
        (PersonAway, notices.on_person_away),
        (HolderAway, notices.on_holder_away),
        (PlanApplied, subscriptions.on_plan_changed),
        (PlanEdited, subscriptions.on_plan_changed),
    ),
)
