"""Tasks: the work of a plan, in groups, kinds, areas and priorities."""

from callboard.capability import Capability
from callboard.tasks.plan import AREAS, KINDS, PRIORITIES, TASKS, TYPES

capability = Capability(name="tasks", sections=(KINDS, PRIORITIES, AREAS, TASKS, TYPES))
