"""Run-books and rollbacks: timed steps that teams lead.

documents: somebody's document, and the run-book that it is
"""

from callboard.capability import Capability
from callboard.runbooks.plan import ROLLBACKS, RUNBOOKS

capability = Capability(name="runbooks", sections=(RUNBOOKS, ROLLBACKS))
