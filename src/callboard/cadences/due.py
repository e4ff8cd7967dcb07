"""What comes due with cadences: people are asked, and those of whom nothing is heard twice are spoken of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.cadences import models, notices, service, store
from callboard.cadences.models import KIND, State, StatusRequest
from callboard.core import outbox, timeline, watches
from callboard.core.ticks import rows_due
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx


def _close(tx: Tx, numbers: Sequence[int]) -> None:
    """Nothing was heard until the next one: it is stale; after a second time the lead hears of it, once."""
    told: dict[tuple[int, str], list[StatusRequest]] = defaultdict(list)
    for number in numbers:
        one = store.request(tx, number, lock=True)
        if one is None or one.state != State.WAITING or one.next_at is None or one.next_at > tx.now:
            continue
        models.fall_silent(one)
        tx.session.add(one)
        tx.session.flush()
        timeline.record(tx, one.plan_id, one.subject, "not answered", person=one.person)
        outbox.touch(tx, KIND, [one.number])
        directory = teams.directory(tx, one.plan_id)
        if _second(tx, one) and one.person in directory.people:
            for lead in directory.leads_over(one.person, tx.now):
                told[one.plan_id, lead.key].append(one)
    for (plan_id, key), ones in told.items():
        directory = teams.directory(tx, plan_id)
        notices.silent(tx, directory, directory.people[key], ones)


def _second(tx: Tx, one: StatusRequest) -> bool:
    latest = store.of_person(tx, one.plan_id, one.person, 3)
    states = [each.state == State.SILENT for each in latest if each.at <= one.at]
    return states[:2] == [True, True] and states[2:] != [True]


requests = rows_due("status requests", _close, StatusRequest.id, StatusRequest.next_at)
cadences = watches.work(store.CADENCES, service.attend)
