"""Conflicts between branches of different teams: how bad each is, who is told, and how fast it must be resolved.

measures: how many are open, and how long decisions about them take
resolution: how each degree is brought to its end: git merges it, or somebody decides
severity: how bad it is that two branches meet, or that one is in another team's zone
"""

from callboard.branches.models import BranchesSeen, MergeEnded, PullChanged
from callboard.capability import Capability
from callboard.conflicts import measures, notices, resolution, service, slack, store
from callboard.conflicts.models import KIND, Conflict
from callboard.conflicts.plan import CONFLICTS
from callboard.core.ticks import rows_due
from callboard.escalation.service import StepsDue

capability = Capability(
    name="conflicts",
    commands=(slack.command,),
    interactions=slack.interactions,
    due=(rows_due("conflicts", service.run_out, Conflict.id, Conflict.next_at),),
    notices=notices.NOTICES,
    pages={KIND: notices.PAGE},
    weights={KIND: store.weight},
    answers={KIND: slack.ANSWER},
    measures={"file_conflicts": measures.file_conflicts, "decision_time": measures.decision_time},
    sections=(CONFLICTS,),
    subscriptions=(
        (BranchesSeen, service.on_branches_seen),
        (MergeEnded, resolution.on_merge_ended),
        (PullChanged, lambda tx, event: notices.set_status(tx, event.pull)),
        (StepsDue, notices.on_steps_due),
    ),
)
