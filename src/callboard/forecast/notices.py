"""The message about a forecast: coordinators hear when a gate has become much less likely, once a day at most."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.forecast import messages, store
from callboard.forecast.models import Course, Forecast
from callboard.plans import service as plans
from callboard.teams.directory import Directory, working_from


def tell_fell(tx: Tx, directory: Directory, course: Course, fell: Sequence[tuple[Forecast, float]]) -> None:
    """One message to each coordinator for all gates that fell, when their day begins."""
    args = {"before": {row.key: before for row, before in fell}}
    day = tx.now.astimezone(directory.calendar.zone).date()
    outbox.enqueue(tx, [
        FELL.post(
            directory, directory.reach(person), course.subject, f"forecast:{course.number}:{day}:{person.key}",
            args=args, recipient=person.key, not_before=working_from(directory, person, tx.now),
        ) for person in directory.coordinators if fell and person.present(tx.now)
    ])  # fmt: skip


def _fell(tx: Tx, delivery: Delivery) -> Message | Drop:
    course, before = store.numbered(tx, delivery.subject_id), delivery.args["before"]
    if course is None:
        return Drop("the plan is gone")
    now = {row.key: row for row in store.newest(tx, course.plan_id) if row.chance is not None}
    rows_now = [(now[key], share) for key, share in before.items() if key in now and (now[key].chance or 0.0) < share]
    if not rows_now:
        return Drop("it is as likely as before again")
    return messages.fell(plans.live(tx, course.plan_id), rows_now)


FELL = Notice(
    kind="forecast.fell", told="coordinators, when a gate has become much less likely in time: once a day at most",
    render=_fell, priority=Priority.PROMPT, folds=True, see="/plan forecast", ahead=rows(Course),
)  # fmt: skip
NOTICES = (FELL,)
