"""Standups: who is asked what, when, and where the digest goes."""

from callboard.capability import Capability

capability = Capability(name="standups", sections=())
