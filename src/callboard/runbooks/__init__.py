"""Run-books and rollbacks: timed steps with a leading team."""

from callboard.capability import Capability
from callboard.runbooks.plan.sections import ROLLBACKS, RUNBOOKS

capability = Capability(name="runbooks", sections=(RUNBOOKS, ROLLBACKS))
