"""Emergencies, what triggers them, and what monitoring tells."""

from callboard.capability import Capability
from callboard.emergencies.plan import ALERTS, EMERGENCIES, TRIGGERS

capability = Capability(name="emergencies", sections=(EMERGENCIES, TRIGGERS, ALERTS))
