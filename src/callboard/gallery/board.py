"""Reports in pictures: in Slack, and as mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlmodel import select

from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.board import due
from callboard.board.models import Report
from callboard.conflicts.models import Conflict, State
from callboard.gallery.stage import Screen, Stage
from callboard.tasks import service as tasks


def screens(stage: Stage) -> Iterator[Screen]:
    """The first evening of the example."""
    tx, who = stage.tx, stage.asker("omega-lead")
    tasks.complete(tx, who, "O-4")
    tasks.progress(tx, who, "O-1", 75)
    tasks.progress(tx, who, "O-3", 40)
    blockers.raise_blocker(tx, who, Raised(what="mongo refuses TLS", team="omega", blocks="O-1"))
    tx.session.add_all(_collisions(stage))
    stage.later(timedelta(hours=9), due.reports)
    report = tx.session.exec(select(Report)).one()
    yield stage.sent("report.sent", "The report of the day", report.subject)
    yield stage.sent("report.sent", "The same by mail, as plain text", report.subject, medium="apprise")


def _collisions(stage: Stage) -> Iterator[Conflict]:
    """One that is open, and one that is over and was judged worth telling."""
    now = stage.tx.now
    for state, verdicts in ((State.OPEN, {}), (State.OVER, {"omega-lead": True})):
        yield Conflict(
            plan_id=stage.plan_id, repository="harbor", one="omega/auth", other="sigma/menu", kind="merge",
            degree="medium", state=state, files=["src/auth.py"], verdicts=verdicts, pushed_at=now, found_at=now,
        )  # fmt: skip
