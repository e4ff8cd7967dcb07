"""What a plan looks like at an instant, folded from its timeline and its versions.

parts: the frozen parts of a picture
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from callboard.board.picture.parts import Count, Phase, PhaseState, Picture, Row, Tally
from callboard.core.db import Tx
from callboard.core.timeline import Entry
from callboard.planfile.timetable import placed, timetable
from callboard.plans import live_plan, store
from callboard.tasks.plan import TASKS


def picture(tx: Tx, plan_id: int, at: datetime | None = None) -> Picture:
    """What a plan looks like now, or looked like then. Raises Refused for a plan that is not here, or was not then."""
    moment, live = at or tx.now, live_plan.document(tx, plan_id)
    columns, table = live_plan.columns(live), timetable(live)
    plan = store.plan(tx, plan_id)
    rows = tuple(
        Row(kind="task", key=key, name=part.title, state=part.status, team=part.owner)
        for key, part in (live.of(TASKS) or {}).items()
    )
    phases = []
    for key, part in (live.values.get("phases") or {}).items():
        begins, ends = placed(table, part.from_, opening=True), placed(table, part.to)
        phases.append(
            Phase(
                key=key, name=part.name, state=PhaseState.AHEAD, begins=begins and begins[0], ends=ends and ends[0],
                tasks=Tally(total=Count(rows)),
            )
        )  # fmt: skip
    last = tx.session.exec(select(func.max(Entry.id)).where(col(Entry.plan_id) == plan_id)).one()
    return Picture(
        plan=columns["key"], name=columns["name"], zone=columns["timezone"], version=plan.version if plan else 0,
        revision=last or 0, at=moment, begins=columns["from_at"], ends=columns["to_at"], tasks=Tally(total=Count(rows)),
        phases=tuple(phases),
    )  # fmt: skip
