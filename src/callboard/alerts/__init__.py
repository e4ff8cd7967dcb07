"""Alerts: what monitoring reports, as matters that page and resolve, and heartbeats that page when they stop.

early: what fires since before the plan starts, and acts once then
payloads: what Alertmanager, Sentry and others send, read as alerts
rules: which rule of the plan an alert matches, and with which others people hear of it
pages: the blocker of a group: its climb, its line of counts, its end
evidence: what the timeline has of groups and heartbeats, against their rows
"""

from callboard.alerts import due, evidence, notices, plan, slack, store, subscriptions
from callboard.blockers.models import BlockerChanged
from callboard.capability import Capability

capability = Capability(
    name="alerts",
    commands=(slack.command,),
    due=(due.groups, due.heartbeats),
    notices=notices.NOTICES,
    evidence=evidence.differences,
    sections=(plan.ALERTS,),
    sweeps=store.SWEEPS,
    subscriptions=((BlockerChanged, subscriptions.on_blocker_changed),),
)
