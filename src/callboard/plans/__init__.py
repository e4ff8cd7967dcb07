"""Plans that run: their versions, phases and holds.

live_plan: the plan as it stands, and changes that people make to it
holds: what may not go on, and who holds it
"""

from callboard.capability import Capability
from callboard.planfile.header import HEADER
from callboard.plans import holds
from callboard.plans.plan import PHASES
from callboard.plans.service import adopt, any_homeless, is_plan_key

__all__ = ["adopt", "any_homeless", "capability", "is_plan_key"]

capability = Capability(name="plans", sections=(HEADER, PHASES), due=(holds.phases_begin,))
