"""Emergencies: declared at a level of the plan, everybody told at once, led by a commander until somebody ends them.

audience: whom a level tells at once, who is paged after that, and who can't be told
halts: what may not go on while one lasts: gates, locks, changes of branches
report: what happened, as Markdown
evidence: what the timeline has of emergencies, against their rows
triggers: what Callboard does by itself when something happens, once for each cause
"""

from callboard.capability import Capability
from callboard.conflicts.models import ConflictFound, ConflictTurned
from callboard.emergencies import due, evidence, notices, store, subscriptions
from callboard.emergencies.models import KIND
from callboard.emergencies.plan import EMERGENCIES, TRIGGERS
from callboard.emergencies.slack import buttons, commands
from callboard.emergencies.triggers import conditions
from callboard.emergencies.triggers.notices import NOTICES
from callboard.emergencies.triggers.slack import command
from callboard.emergencies.triggers.subscriptions import SUBSCRIPTIONS
from callboard.escalation.pages import HolderAway
from callboard.escalation.service import StepsDue
from callboard.gates.models import EmergencyCalled, GateSettled
from callboard.plans.models import HoldLifted, PlanApplied, PlanEdited
from callboard.teams.models import PersonAway

capability = Capability(
    name="emergencies",
    commands=(commands.command, command),
    interactions=buttons.INTERACTIONS,
    due=(due.emergencies, conditions.due),
    notices=(*notices.NOTICES, *NOTICES),
    pages={KIND: notices.PAGE},
    weights={KIND: store.weight},
    answers={KIND: buttons.ANSWER},
    evidence=evidence.differences,
    sections=(EMERGENCIES, TRIGGERS),
    subscriptions=(
        (ConflictFound, subscriptions.on_conflict),
        (ConflictTurned, subscriptions.on_turned),
        (EmergencyCalled, subscriptions.on_called),
        (GateSettled, subscriptions.on_gate_settled),
        (StepsDue, notices.on_steps_due),
        (HolderAway, notices.on_holder_away),
        (PersonAway, subscriptions.on_person_away),
        (HoldLifted, subscriptions.on_hold_lifted),
        (PlanApplied, subscriptions.on_plan_changed),
        (PlanEdited, subscriptions.on_plan_changed),
        *SUBSCRIPTIONS,
    ),
)
