"""The verbs of installations: a workspace comes, goes and comes back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog

from callboard.core import outbox, timeline
from callboard.core.courier.outcomes import AGAIN_AFTER
from callboard.core.db import Tx
from callboard.core.outbox import addresses
from callboard.core.timeline import Subject
from callboard.installations import store
from callboard.installations.models import CHANGED, ENDED, INSTALLATIONS, Installation
from callboard.plans import service as plans

log = structlog.get_logger()


def install(tx: Tx, installation: Installation) -> None:
    """Keep an installation, in the place of an earlier one. What waits is sent where it is still true."""
    former = store.of(tx, installation.team_id, lock=True)
    had_ended = former is not None and former.ended_at is not None
    values = installation.model_dump()
    keeping = tx.insert(INSTALLATIONS).values(**values)
    tx.connection.execute(keeping.on_conflict_do_update(index_elements=["team_id"], set_=values))
    tx.session.expire_all()
    waiting = addresses.resume(tx, installation.team_id)
    if had_ended:
        _tell(tx, installation.team_id, "is in Slack again", waiting=waiting)
    log.info("workspace.installed", workspace=installation.team_id, waiting=waiting)
    tx.nudge(CHANGED)


def end(tx: Tx, team_id: str, why: str, said_at: datetime | None = None) -> bool:
    """End an installation; whether there was one. Its plans stay; what waits is kept until it is installed again.

    What Slack said before the present installation is about an earlier one.
    """
    installation = store.of(tx, team_id, lock=True)
    if installation is None or installation.ended_at is not None:
        return False
    if said_at is not None and said_at < installation.installed_at.replace(microsecond=0):
        return False
    installation.ended_at, installation.ended_by, installation.sealed = tx.now, why, ""
    tx.session.add(installation)
    tx.session.flush()
    kept = addresses.park_all(tx, team_id, outbox.UNINSTALLED, tx.now + AGAIN_AFTER)
    _tell(tx, team_id, "left Slack", why=ENDED.get(why, why), waiting=kept)
    log.error("workspace.ended", workspace=team_id, name=installation.name, why=why, waiting=kept)
    tx.nudge(CHANGED)
    return True


def _tell(tx: Tx, team_id: str, verb: str, **facts: Any) -> None:
    """Put it on the timeline of every plan that runs there."""
    for plan in plans.running(tx, team_id):
        timeline.record(tx, plan.id, Subject("plan", plan.id), verb, **facts)
