"""Emergencies, what triggers them, and what monitoring tells."""

from callboard.capability import Capability

capability = Capability(name="emergencies", sections=())
