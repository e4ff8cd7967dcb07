"""Locks: how long they last and when their holders are reminded."""

from callboard.capability import Capability
from callboard.locks.plan import LOCKS

capability = Capability(name="locks", sections=(LOCKS,))
