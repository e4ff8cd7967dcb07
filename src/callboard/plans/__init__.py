"""Plans that run: their versions, phases and holds.

live_plan: the plan as it stands, and changes that people make to it
recurrence: how something comes again, on days of the week
holds: what may not go on, and who holds it
evidence: what the timeline vouches for: a plan's row and version, and rows of other capabilities
"""

from callboard.capability import Capability
from callboard.planfile.header import HEADER
from callboard.plans import holds
from callboard.plans.plan import PHASES

capability = Capability(name="plans", sections=(HEADER, PHASES), due=(holds.phases_begin,), evidence=holds.differences)
