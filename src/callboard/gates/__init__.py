"""Gates: criteria, measures and sign-offs, the go/no-go, and freezes."""

from callboard.capability import Capability
from callboard.gates.plan import FREEZES, GATES, MEASURES

capability = Capability(name="gates", sections=(MEASURES, GATES, FREEZES))
