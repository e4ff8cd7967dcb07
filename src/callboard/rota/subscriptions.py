"""What happens when whoever is on call goes away or comes back: who stands in hears it."""

from __future__ import annotations

from callboard.core.db import Tx
from callboard.plans import service as plans
from callboard.rota import due, notices
from callboard.rota.stints import around
from callboard.teams import service as teams
from callboard.teams.models import PersonAway
from callboard.teams.plan.turns import rotations


def stand_in(tx: Tx, event: PersonAway) -> None:
    """Tell whoever is on call from this instant on; later stretches of the absence are hand-overs."""
    directory, plan = teams.directory(tx, event.plan_id), plans.plan(tx, event.plan_id)
    person = directory.people.get(event.person)
    for team, rotation in rotations(plans.live(tx, event.plan_id)).items() if person else ():
        now = around(directory, rotation, tx.now)[0]
        if now and person and now.holder == person and now.acting and plan.from_at <= tx.now < plan.to_at:
            came_back = event.said.startswith("back")
            acting_before = None if came_back or now.acting == person else person
            if came_back or acting_before:
                notices.tell(tx, directory, team, now, acting_before, tx.now)
    due.again(tx, event)
