"""Zones: which paths belong to which team, alone, jointly or by section."""

from callboard.capability import Capability
from callboard.zones.plan import ZONES

capability = Capability(name="zones", sections=(ZONES,))
