"""Tasks: the work of a plan, in groups, kinds, areas and priorities."""

from callboard.capability import Capability

capability = Capability(name="tasks", sections=())
