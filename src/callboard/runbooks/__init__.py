"""Run-books and rollbacks: timed steps with a leading team."""

from callboard.capability import Capability

capability = Capability(name="runbooks", sections=())
