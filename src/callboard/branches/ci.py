"""What CI has reported of commits, as forges tell it: for each commit and check the last word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel, col, select

from callboard.core.db import Instant
from callboard.core.timeline import BigId

if TYPE_CHECKING:
    from callboard.branches.models import Mirror
    from callboard.core.db import Tx

PASSED, FAILED, RUNNING = "passed", "failed", "running"
WORDS = {
    "success": PASSED, "neutral": PASSED, "skipped": PASSED, "failure": FAILED, "failed": FAILED, "error": FAILED,
    "timed_out": FAILED, "canceled": FAILED, "cancelled": FAILED, "action_required": FAILED, "startup_failure": FAILED,
}  # fmt: skip
"""The states of GitHub and GitLab that are an end; in any other it is still running."""
LONGEST = 200


class Report(SQLModel, table=True):
    """How one check of one commit stands."""

    __tablename__ = "ci_reports"
    __table_args__ = (UniqueConstraint("plan_id", "repository", "commit", "name"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    repository: str
    commit: str
    name: str
    state: str
    at: datetime = Field(sa_type=Instant)


def keep(tx: Tx, mirror: Mirror, commit: str, name: str, said: str) -> None:
    """Keep what was reported of a commit; a later word takes the place of the one before."""
    state = WORDS.get(said, RUNNING)
    row = {"plan_id": mirror.plan_id, "repository": mirror.repository, "commit": commit, "name": name[:LONGEST]}
    new = tx.insert(Report).values(**row, state=state, at=tx.now)
    again = new.on_conflict_do_update(index_elements=list(row), set_={"state": state, "at": tx.now})
    tx.connection.execute(again)


def reports(tx: Tx, plan_id: int, repository: str, commit: str) -> Sequence[Report]:
    """What is known of a commit, by the names of the checks."""
    wanted = select(Report).where(Report.plan_id == plan_id, Report.repository == repository, Report.commit == commit)
    return tx.session.exec(wanted.order_by(col(Report.name))).all()
