"""The gate because of which another is late: whoever hears of the one hears of both, once."""

from __future__ import annotations

from datetime import datetime, timedelta

from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.gates import models, notices, store
from callboard.gates.assessment import Look
from callboard.gates.models import KIND, Gate, Verb, iso
from callboard.gates.plan.order import order_of

AT_LEAST = timedelta(hours=1)
"""How long there is for a gate at least, once what kept it is gone."""


def root(look: Look) -> Gate | None:
    """The gate, due first, for which a gate waits in vain, and which waits for no other."""
    order = order_of(look.document)
    others = {row.key: row for row in store.listed(look.tx, look.gate.plan_id) if not row.settled}
    awaited = order.awaited(look.gate.key) & others.keys()
    return next((row for key, row in others.items() if key in awaited and not order.awaited(key) & others.keys()), None)


def follow(look: Look, cause: Gate, why: list[str]) -> None:
    """A gate comes due while another keeps it: that one's card and pages say so, and nobody is paged for this one."""
    tx, gate = look.tx, look.gate
    models.miss(gate, tx.now, why)
    models.blame(gate, cause.key)
    timeline.record(
        tx, gate.plan_id, gate.subject, Verb.MISSED, change=gate.changes, why=[f"{cause.name} has not passed"]
    )  # fmt: skip
    _show(tx, gate, cause)


def review(look: Look) -> None:
    """Once what kept a late gate is gone, there is as much time for it as the plan had between the two."""
    tx, gate = look.tx, look.gate
    was = next((row for row in store.every_gate(tx, gate.plan_id) if row.key == gate.cause), None)
    now = root(look)
    if now is not None and now.key != gate.cause:
        models.blame(gate, now.key)
    elif now is None:
        models.expect(gate, tx.now + max(_between(was, gate), AT_LEAST))
        notices.record(tx, gate, Verb.EXPECTED, awaited=was.name if was else "", due=iso(gate.expected_at))
    _show(tx, gate, *filter(None, (was, now)))


def _between(first: Gate | None, then: Gate) -> timedelta:
    if first is None or first.due_at is None or then.due_at is None:
        return AT_LEAST
    return then.due_at - first.due_at


def _show(tx: Tx, *gates: Gate) -> None:
    """Draw the cards and pages of these gates anew."""
    tx.session.flush()
    outbox.touch(tx, KIND, [gate.number for gate in gates])


def is_late_again(gate: Gate, now: datetime) -> bool:
    """Whether the time that there was after its cause was gone is over."""
    return gate.expected_at is not None and gate.expected_at <= now and not gate.settled
