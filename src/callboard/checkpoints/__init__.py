"""Checkpoints: moments at which tasks, measures and gates are held against what was expected, and leads are asked.

expectations: what is expected, how that stands now and at the checkpoint before, and by how much it is missed
measures: how many questions were answered, in standups and at checkpoints
"""

from callboard.capability import Capability
from callboard.checkpoints import due, measures, notices, service, slack, store
from callboard.checkpoints.models import KIND
from callboard.checkpoints.plan import CHECKPOINTS
from callboard.core.ticks import again
from callboard.escalation.service import StepsDue
from callboard.gates.models import GateSettled
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.tasks.models import TaskChanged

capability = Capability(
    name="checkpoints",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(due.checkpoints, due.inquiries),
    notices=notices.NOTICES,
    pages={KIND: notices.PAGE},
    called={KIND: store.name_of},
    answers={KIND: slack.ANSWER},
    measures={"answer_rate": measures.answer_rate},
    sections=(CHECKPOINTS,),
    subscriptions=(
        (PlanApplied, again(store.CHECKPOINTS)),
        (PlanEdited, again(store.CHECKPOINTS)),
        (PlanApplied, service.on_plan_changed),
        (PlanEdited, service.on_plan_changed),
        (GateSettled, service.gate_settled),
        (TaskChanged, lambda tx, event: service.recheck(tx, event.plan_id, event.key)),
        (StepsDue, service.show_steps),
    ),
)
