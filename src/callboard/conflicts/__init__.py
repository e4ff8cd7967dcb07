"""Conflicts between branches of different teams: degrees, and how fast they are dealt with."""

from callboard.capability import Capability

capability = Capability(name="conflicts", sections=())
