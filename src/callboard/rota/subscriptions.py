"""What happens when whoever is on call goes away or comes back, or the plan names another: both hear it."""

from __future__ import annotations

from callboard.core.db import Tx
from callboard.plans import service as plans
from callboard.plans.models import PlanApplied, PlanChanging
from callboard.rota import due, notices
from callboard.rota.events import TurnBegan
from callboard.rota.stints import around
from callboard.teams import service as teams
from callboard.teams.models import PersonAway
from callboard.teams.plan.turns import rotations

BEFORE = "who was on call before a change of the plan"


def on_plan_changing(tx: Tx, event: PlanChanging) -> None:
    """Remember who is on call."""
    directory = teams.directory(tx, event.plan_id)
    found = {
        team: around(directory, each, tx.now)[0] for team, each in rotations(plans.live(tx, event.plan_id)).items()
    }
    tx.local[BEFORE, event.plan_id] = {team: now.acting for team, now in found.items() if now}


def on_plan_applied(tx: Tx, event: PlanApplied) -> None:
    """Whoever is on call at once by a new version hears of it, and whoever was."""
    directory, plan = teams.directory(tx, event.plan_id), plans.plan(tx, event.plan_id)
    before = tx.local.pop((BEFORE, event.plan_id), {})
    for team, rotation in rotations(plans.live(tx, event.plan_id)).items():
        now = around(directory, rotation, tx.now)[0]
        was = before.get(team)
        if was and now and now.acting and now.acting.key != was.key and plan.from_at <= tx.now < plan.to_at:
            notices.tell(tx, directory, team, now, directory.people.get(was.key), tx.now)
            tx.publish(TurnBegan(event.plan_id, team, now.acting.key, tx.now))
    due.again(tx, event)


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
