"""Forecasts: how likely each gate and phase is in time, what decides it, what would help, and how right they were.

engine: the runs: pure, with numpy or without
forecaster: has a plan forecast when that is due, in a process of its own
score: how right forecasts were
survey: a plan as it stands, read into what the runs are made of
"""

from callboard.capability import Capability
from callboard.forecast import notices, slack, store, subscriptions
from callboard.gates.models import GateSettled, GateTurned
from callboard.plans.models import PlanApplied

capability = Capability(
    name="forecast",
    commands=(slack.command,),
    notices=notices.NOTICES,
    sweeps=store.SWEEPS,
    subscriptions=(
        (PlanApplied, subscriptions.on_applied),
        (GateSettled, subscriptions.on_gate_settled),
        (GateTurned, subscriptions.on_gate_turned),
    ),
)
