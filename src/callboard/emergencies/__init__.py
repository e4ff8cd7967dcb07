"""Emergencies, what triggers them, and alerts from monitoring.

triggers: what Callboard does by itself when something happens, once for each cause
"""

from callboard.capability import Capability
from callboard.emergencies.plan import ALERTS, EMERGENCIES, TRIGGERS
from callboard.emergencies.subscriptions import SUBSCRIPTIONS
from callboard.emergencies.triggers import conditions, notices

capability = Capability(
    name="emergencies",
    due=(conditions.due,),
    notices=notices.NOTICES,
    sections=(EMERGENCIES, TRIGGERS, ALERTS),
    subscriptions=SUBSCRIPTIONS,
)
