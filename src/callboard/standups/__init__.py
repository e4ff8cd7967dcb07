"""Standups: who is asked what, when, and where the digest goes."""

from callboard.capability import Capability
from callboard.standups.plan import STANDUPS

capability = Capability(name="standups", sections=(STANDUPS,))
