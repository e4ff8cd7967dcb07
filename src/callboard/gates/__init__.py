"""Gates: criteria and signatures that work waits for, and the go/no-go.

quorum: who must sign, who has signed, and whether everybody can, when nobody signs twice
criteria: how the criteria of a gate stand, from facts
signatures: who is asked for a signature, what it is bound to, and when it is void
outcome: when a gate passes, is missed, no-go or in doubt, who hears of it, and when it is tried again
assessment: one gate looked at: its facts, its criteria, and who has signed
"""

from callboard.blockers.models import BlockerChanged
from callboard.branches.models import BranchesSeen
from callboard.capability import Capability
from callboard.core.measures import MeasuresMoved
from callboard.escalation.service import StepsDue
from callboard.gates import due, notices, slack, store, subscriptions
from callboard.gates.models import KIND
from callboard.gates.models.polls import POLL
from callboard.gates.plan import GATES
from callboard.gates.plan.measures import MEASURES
from callboard.gates.service import evidence
from callboard.gates.slack import commands, polls
from callboard.plans.models import HoldLifted, PlanApplied, PlanEdited
from callboard.tasks.models import TaskChanged
from callboard.teams.models import AccountChanged, PersonAway

capability = Capability(
    name="gates",
    evidence=evidence.differences,
    commands=(commands.command,),
    interactions=(*slack.INTERACTIONS, *polls.INTERACTIONS),
    due=(due.gates,),
    notices=notices.NOTICES,
    pages={KIND: notices.PAGE},
    called={KIND: store.name_of},
    answers={KIND: slack.ANSWER, POLL: polls.ANSWER},
    sections=(MEASURES, GATES),
    subscriptions=(
        (TaskChanged, subscriptions.on_task_changed),
        (BlockerChanged, subscriptions.on_blocker_changed),
        (HoldLifted, subscriptions.on_hold_lifted),
        (PersonAway, subscriptions.on_person_away),
        (AccountChanged, subscriptions.on_account_changed),
        (PlanApplied, subscriptions.on_plan_changed),
        (PlanEdited, subscriptions.on_plan_changed),
        (StepsDue, subscriptions.on_steps_due),
        (MeasuresMoved, subscriptions.on_measures_moved),
        (BranchesSeen, subscriptions.on_measures_moved),
    ),
)
