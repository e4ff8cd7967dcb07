"""Emergencies, what triggers them, and alerts from monitoring."""

from callboard.capability import Capability
from callboard.emergencies.plan import ALERTS, EMERGENCIES, TRIGGERS

capability = Capability(name="emergencies", sections=(EMERGENCIES, TRIGGERS, ALERTS))
