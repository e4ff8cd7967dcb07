"""Jobs: work that programs create, claim and complete, by the task types of a plan."""

from callboard.capability import Capability
from callboard.jobs import due

capability = Capability(name="jobs", due=(due.leases,))
