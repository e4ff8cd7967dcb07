"""Zones: which paths belong to which team, alone, jointly or by section."""

from callboard.capability import Capability

capability = Capability(name="zones", sections=())
