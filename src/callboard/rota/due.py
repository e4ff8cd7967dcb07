"""Hand-overs: each is told at its instant; of several that were missed the last one."""

from __future__ import annotations

from datetime import datetime, timedelta

from callboard.core import ticks
from callboard.core.db import Tx
from callboard.plans import service as plans
from callboard.rota import notices
from callboard.rota.events import TurnBegan
from callboard.rota.stints import stints
from callboard.teams import service as teams
from callboard.teams.plan.turns import rotations

HAND_OVERS = "hand-overs"


def _attend(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Tell of the turns that began since, and return when the next one begins."""
    directory, plan = teams.directory(tx, plan_id), plans.plan(tx, plan_id)
    coming: list[datetime] = []
    over = directory.ends_at or plan.to_at
    for team, rotation in rotations(plans.live(tx, plan_id)).items():
        span = max(rotation.every, timedelta(days=1))
        known = list(stints(directory, rotation, (since, max(tx.now, plan.from_at) + 2 * span)))
        begun = [each for each in known if max(since, plan.from_at) <= each.at <= tx.now and each.at > since]
        if begun and begun[-1].at <= over and team in directory.teams:
            last = begun[-1]
            notices.tell(tx, directory, team, last, notices.before(directory, last, team, tx, last.at), last.at)
            if last.acting:
                tx.publish(TurnBegan(plan_id, team, last.acting.key, last.at))
        coming += [each.at for each in known if each.at > tx.now][:1] or [tx.now + span]
    return min((at for at in coming if at <= over), default=None)


again = ticks.again(HAND_OVERS)
hand_overs = ticks.watch(HAND_OVERS, _attend)
