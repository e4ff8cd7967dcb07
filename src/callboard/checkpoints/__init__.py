"""Checkpoints, cadences and meetings: moments at which the plan is looked at."""

from callboard.capability import Capability
from callboard.checkpoints.plan import CADENCES, CHECKPOINTS, MEETINGS

capability = Capability(name="checkpoints", sections=(CHECKPOINTS, CADENCES, MEETINGS))
