"""Checkpoints, cadences and meetings: moments at which the plan is looked at."""

from callboard.capability import Capability

capability = Capability(name="checkpoints", sections=())
