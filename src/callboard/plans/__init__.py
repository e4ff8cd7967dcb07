"""Plan files: reading, checking and applying them, their versions, and the plans that run."""

from callboard.capability import Capability
from callboard.planfile.frame import FRAME
from callboard.plans import due
from callboard.plans.plan import PHASES
from callboard.plans.service import adopt, any_homeless, is_plan_key

__all__ = ["adopt", "any_homeless", "capability", "is_plan_key"]

capability = Capability(name="plans", sections=(FRAME, PHASES), due=(due.phases_begin,))
