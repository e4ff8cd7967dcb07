"""What comes due with emergencies: updates that are asked for, and the time to resolve them."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.ticks import rows_due
from callboard.emergencies import models, notices, service, store
from callboard.emergencies.models import Emergency, Verb
from callboard.emergencies.plan import COMMANDER, part_of
from callboard.teams import service as teams


def turn(tx: Tx, numbers: Sequence[int]) -> None:
    """Their clocks have run out: the update is asked for, reminded of or missed, or they are not resolved in time."""
    for emergency in store.numbered(tx, numbers):
        if not emergency.is_open or emergency.wake_at is None or emergency.wake_at > tx.now:
            continue
        every, directory = part_of(emergency).update_every, teams.directory(tx, emergency.plan_id)
        if models.run_over(emergency, tx.now):
            service.changed(tx, emergency, Verb.OVERDUE, timeline.BOT)
            notices.tell_overdue(tx, directory, emergency)
        commander = next(iter(directory.acting(directory.named([emergency.roles.get(COMMANDER, "")]), tx.now)), None)
        asked = models.ask(emergency, every, tx.now) if every else None
        if directory.ends_at and directory.ends_at <= tx.now and directory.ends_at > emergency.declared_at:
            emergency.update_at, asked = None, None  # the plan is over: nobody is asked any more
        aloud = every is not None and models.is_aloud(emergency, every)
        told = asked == Verb.MISSED and aloud
        if asked and told:
            service.changed(tx, emergency, asked, timeline.BOT)
        if asked and commander and aloud:
            notices.ask(tx, directory, emergency, commander, asked)
            if not told:
                service.record(tx, emergency, asked, timeline.BOT, to=commander.key)
        models.set_wake(emergency, every)


emergencies = rows_due("emergencies", turn, Emergency.id, Emergency.wake_at)
