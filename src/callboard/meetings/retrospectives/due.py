"""What comes due: phases end and people are asked; who has said nothing is reminded once; then it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from callboard.core import outbox, ticks, timeline
from callboard.core.db import Tx
from callboard.core.ticks import rows_due
from callboard.meetings.retrospectives import models, notices, service, store
from callboard.meetings.retrospectives.models import RETROSPECTIVE, SEAT, Retrospective, Verb
from callboard.meetings.retrospectives.occasions import Scene
from callboard.teams import service as teams


def _attend(tx: Tx, plan_id: int, _since: datetime) -> datetime | None:
    """Ask about what is over, once for all phases that are looked back on alike; when to look next."""
    scene = Scene(tx, plan_id)
    alike = sorted(scene.over(), key=lambda each: repr(each.part))
    for _, occasions in groupby(alike, key=lambda each: repr(each.part)):
        service.begin(tx, plan_id, list(occasions))
    return min((at for at in scene.next_at() if at > tx.now), default=None)


def _move_on(tx: Tx, numbers: Sequence[int]) -> None:
    for number in numbers:
        row = store.retrospective(tx, number, lock=True)
        if row is None or row.next_at is None or row.next_at > tx.now:
            continue
        directory, seats = teams.directory(tx, row.plan_id), store.seats(tx, number)
        reminds = models.move_on(row, tx.now)
        tx.session.add(row)
        tx.session.flush()
        if reminds:
            notices.remind(tx, directory, row, [seat for seat in seats if seat.answered_at is None])
            continue
        timeline.record(tx, row.plan_id, row.subject, Verb.CLOSED, change=row.changes)
        notices.closed(tx, directory, row)
        outbox.touch(tx, RETROSPECTIVE, [number])
        outbox.touch(tx, SEAT, [seat.number for seat in seats])


ends = ticks.watch(store.WATCH, _attend)
moves = rows_due("retrospectives open", _move_on, Retrospective.id, Retrospective.next_at)
