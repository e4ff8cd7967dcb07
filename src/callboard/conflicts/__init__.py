"""Conflicts between branches of different teams: degrees, and how fast they are dealt with."""

from callboard.capability import Capability
from callboard.conflicts.plan import CONFLICTS

capability = Capability(name="conflicts", sections=(CONFLICTS,))
