"""Jobs: work that programs create, claim and complete, by the task types of a plan.

claims: which waiting job a worker gets, how long it has it, and how that ends
examiner: the process in which schemas are checked, ended where one takes too long
schemas: parameters against the JSON Schema of their type
"""

from sqlmodel import col

from callboard.capability import Capability
from callboard.core.ticks import rows_due
from callboard.jobs import service, store
from callboard.jobs.models import Job, State

leases = rows_due("jobs", service.lapse, Job.id, Job.leased_until, col(Job.state) == State.CLAIMED)
capability = Capability(name="jobs", due=(leases,), sweeps=store.SWEEPS)
