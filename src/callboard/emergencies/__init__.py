"""Emergencies, and what triggers them."""

from callboard.capability import Capability
from callboard.emergencies.plan import EMERGENCIES, TRIGGERS

capability = Capability(name="emergencies", sections=(EMERGENCIES, TRIGGERS))
