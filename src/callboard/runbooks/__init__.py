"""Run-books and rollbacks: timed steps that teams lead."""

from callboard.capability import Capability
from callboard.runbooks.plan import ROLLBACKS, RUNBOOKS

capability = Capability(name="runbooks", sections=(RUNBOOKS, ROLLBACKS))
