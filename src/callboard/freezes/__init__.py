"""Freezes: times in which branches take no changes, and exceptions from them.

evidence: what the timeline has of exceptions, against their rows
"""

from callboard.capability import Capability
from callboard.core.ticks import rows_due
from callboard.freezes import evidence, notices, service, slack
from callboard.freezes.models import Freeze
from callboard.freezes.plan import FREEZES

capability = Capability(
    name="freezes",
    evidence=evidence.differences,
    commands=(slack.command,),
    interactions=slack.INTERACTIONS,
    due=(rows_due("freezes", service.turn, Freeze.id, Freeze.wake_at),),
    notices=notices.NOTICES,
    sections=(FREEZES,),
)
