"""Locks: how long they last and when their holders are reminded."""

from callboard.capability import Capability

capability = Capability(name="locks", sections=())
