"""Looks over an installation: what is wrong with it, and how that is mended."""

from callboard.doctor.findings import Finding, State
from callboard.doctor.round import examine

__all__ = ["Finding", "State", "examine"]
