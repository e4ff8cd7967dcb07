"""What comes due with jobs: a lease that nobody has kept."""

from __future__ import annotations

from sqlmodel import col

from callboard.core.ticks import rows_due
from callboard.jobs import service
from callboard.jobs.models import Job, State

leases = rows_due("jobs", service.lapse, Job.id, Job.leased_until, col(Job.state) == State.CLAIMED)
