"""Who may do what with an emergency, with the sentence for whoever may not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.emergencies import store
from callboard.emergencies.models import Emergency
from callboard.emergencies.plan import COMMANDER
from callboard.planfile.times import show_span
from callboard.teams import service as teams
from callboard.teams.directory import Asker, Directory, Person
from callboard.teams.rights import refuse_onlooker

MOST_NAMED = 8
REOPENS = timedelta(hours=1)
"""How long the end of one can be taken back."""
TEAMS = "team members, leads and coordinators"
TO_LIST = "`/emergency list` shows them."


def known(tx: Tx, asker: Asker, number: int | None, *, lock: bool = True, over: bool = False) -> Emergency:
    """The emergency with this number, or the only open one; with `over`, while none is open, the last that was.

    Raises Refused.
    """
    plan_id, plan = asker.directory.plan_id, m.escape(asker.directory.plan_name)
    if number is None:
        found = store.open_in(tx, plan_id) or (store.latest(tx, plan_id, 1) if over else ())
        if not found and over:
            raise Refused(f"There was no emergency in {plan} yet. Declare one: `/emergency 1 what happened`.")
        if not found:
            raise Refused(f"No emergency is open in {plan}. Declare one: `/emergency 1 what happened`.")
        if len(found) > 1:
            numbers = ", ".join(f"{each.number} ({m.clip(each.what, 60)})" for each in found[:MOST_NAMED])
            raise Refused(f"{len(found)} emergencies are open. Type which: {numbers}.")
        number = found[0].number
    emergency = store.find(tx, number, lock=lock)
    if emergency is None or emergency.plan_id != plan_id:
        show = f"/emergency {{}} show {number}"
        other = teams.elsewhere(tx, asker.directory, emergency, f"Emergency {number}", show)
        raise Refused(f"There is no emergency {number} in {plan}.{other} {TO_LIST}")
    return emergency


def still_open(tx: Tx, asker: Asker, number: int | None, *, lock: bool = True) -> Emergency:
    """The same, while it lasts."""
    emergency = known(tx, asker, number, lock=lock)
    if not emergency.is_open:
        when = f", {m.date(emergency.ended_at, 'both')}" if emergency.ended_at else ""
        how = "ended by" if emergency.state == "ended" else "withdrawn as a false alarm by"
        by = asker.directory.called(emergency.ended_by)
        raise Refused(f"Emergency {emergency.number} was {how} {by}{when}. {_again(emergency, tx.now)}")
    return emergency


def reopens(tx: Tx, asker: Asker, number: int | None) -> Emergency:
    """One whose end can be taken back. Raises Refused for what is open, has ended long ago, or has begun anew."""
    emergency = known(tx, asker, number, over=True)
    if emergency.is_open or emergency.ended_at is None:
        raise Refused(f"Emergency {emergency.number} is still open.")
    leads(tx, asker, emergency, "reopen", emergency.ended_by, emergency.by)
    if not _is_fresh(emergency, tx.now):
        ended = f"Emergency {emergency.number} ended {m.date(emergency.ended_at, 'both')}"
        limit = f"It could be reopened for {show_span(REOPENS)}."
        raise Refused(f"{ended}. {limit} {_again(emergency, tx.now)}")
    if emergency.key and (other := store.keyed(tx, emergency.plan_id, emergency.key)):
        raise Refused(f"Emergency {other.number} has the same cause and is open: `/emergency show {other.number}`")
    return emergency


def _is_fresh(emergency: Emergency, now: datetime) -> bool:
    return emergency.ended_at is not None and now <= emergency.ended_at + REOPENS


def _again(emergency: Emergency, now: datetime) -> str:
    """How one that is over goes on, or begins anew."""
    if _is_fresh(emergency, now):
        return f"Not over? `/emergency reopen {emergency.number}`"
    return f"Is it back? `/emergency {emergency.level} {m.clip(emergency.what, 60)}`"


def works(asker: Asker, emergency: Emergency, what: str) -> None:
    """Refuse whoever only follows the plan."""
    refuse_onlooker(asker, f"{what} emergency {emergency.number}", TEAMS)


def may_act(_tx: Tx, asker: Asker, emergency: Emergency) -> None:
    works(asker, emergency, "tick actions of")


def may_decide(_tx: Tx, asker: Asker, emergency: Emergency) -> None:
    works(asker, emergency, "record decisions of")


def may_hand(tx: Tx, asker: Asker, emergency: Emergency) -> None:
    """Whether somebody can hand any role over."""
    leads(tx, asker, emergency, "name the roles of", *emergency.roles.values())


def may_update(tx: Tx, asker: Asker, emergency: Emergency) -> None:
    leads(tx, asker, emergency, "post an update on", emergency.roles.get("scribe"))


def may_end(tx: Tx, asker: Asker, emergency: Emergency) -> None:
    leads(tx, asker, emergency, "end")


def may_withdraw(tx: Tx, asker: Asker, emergency: Emergency) -> None:
    leads(tx, asker, emergency, "withdraw", emergency.by)


def may_change_level(tx: Tx, asker: Asker, emergency: Emergency) -> None:
    leads(tx, asker, emergency, "change the level of")


def able_with(directory: Directory, people: Iterable[Person], now: datetime) -> tuple[Person, ...]:
    """These people and the coordinators, after whoever stands in for them now."""
    every = [*people, *directory.coordinators]
    return tuple(dict.fromkeys([*directory.acting(every, now), *every]))


def leads(tx: Tx, asker: Asker, emergency: Emergency, what: str, *also: str | None) -> None:
    """Only the commander may, coordinators, and whoever is named, by the keys of people; or who stands in for them."""
    commander, directory = emergency.roles.get(COMMANDER), asker.directory
    able = able_with(directory, directory.named(dict.fromkeys(filter(None, (commander, *also)))), tx.now)
    if asker.person in able:
        return
    may = joined(map(directory.called, able), word="or") if able else "its commander"
    free = emergency.is_open and not commander
    vacant = f" Nobody has command: `/emergency take {emergency.number} {COMMANDER}`" if free else ""
    raise Refused(f"Only {may} can {what} emergency {emergency.number}.{vacant}")
