"""The verbs of who is on call: to see it, and to give a turn to somebody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.plans import service as plans
from callboard.rota import notices, rights
from callboard.rota.events import TurnBegan
from callboard.rota.messages import Duty
from callboard.rota.stints import Stint, around
from callboard.teams import service as teams
from callboard.teams.directory import Asker, Directory, Person
from callboard.teams.plan.turns import Rotation, rotations
from callboard.teams.rights import refuse_lost

LONGEST = timedelta(days=14)
SHORTEST = timedelta(minutes=1)


def duties(tx: Tx, directory: Directory, team: str = "") -> list[Duty]:
    """Who is on call for a team, or for each that has a rotation. Raises Refused for none, with what to write."""
    known = rotations(plans.live(tx, directory.plan_id))
    if team:
        known = {team: _rotation(directory, known, team)}
    elif not known:
        raise Refused(
            "Nobody takes turns in this plan. A coordinator can set it up in the plan file: "
            "`on_call: {TEAM: {rotation: [one, two], every: 1w, from: 2026-03-30 09:00}}`"
        )
    return [Duty(directory.teams[key], *around(directory, each, tx.now)) for key, each in known.items()]


def team_called(directory: Directory, word: str) -> str:
    """The key of a team that is meant by its key or name. Raises Refused."""
    found = [key for key, team in directory.teams.items() if m.means(word, key, team.name)]
    if not found:
        wanted = m.unescape(word).strip(" `")
        raise unknown(f"There is no team `{m.clip(m.escape(wanted), 40)}`", wanted, directory.teams)
    return found[0]


def give(tx: Tx, asker: Asker, team: str, to: Person, until: datetime, reason: str) -> Stint:
    """Give somebody the turn of a team from now on until an instant: a live change of the plan. Raises Refused."""
    directory, plan_id = asker.directory, asker.directory.plan_id
    rotation = _rotation(directory, rotations(plans.live(tx, plan_id)), team)
    now, _ = around(directory, rotation, tx.now)
    holder = (now.acting or now.holder) if now else None
    rights.may_give(asker, team, rotation, holder, to, tx.now)
    _refuse_absent(directory, to, tx.now)
    until = until.replace(second=0, microsecond=0)
    if until - tx.now < SHORTEST:
        raise Refused(f"{m.date(until, 'both')} is over. Say until when: `until 18:00`, `for 2h` or `tomorrow 9:00`.")
    if until - tx.now > LONGEST:
        raise Refused("That is more than two weeks. Change the rotation in the plan file instead.")
    if now and now.acting == to and now.until >= until:
        raise Refused(f"{directory.called(to)} is on call already, until {m.date(now.until, 'both')}.")
    at = tx.now.replace(second=0, microsecond=0)
    item = {
        "key": f"{to.key}-{tx.now:%Y%m%d-%H%M%S}",
        "person": to.key,
        "from": _wall(directory, at),
        "until": _wall(directory, until),
    }
    written: Any = plans.live(tx, plan_id).body["on_call"][team]
    overrides = [*(written.get("overrides") or ()), item | ({"because": reason} if reason else {})]
    plans.edit(tx, plan_id, ("on_call", team, "overrides"), overrides, author=asker.person.key, reason=reason)
    after = teams.directory(tx, plan_id)
    made, _ = around(after, rotations(plans.live(tx, plan_id))[team], tx.now)
    if made is None:
        raise Refused("This turn could not be given. Try again in a minute.")
    notices.tell(tx, after, team, made, holder if holder != made.acting else None, at)
    if made.acting and made.acting != holder:
        tx.publish(TurnBegan(plan_id, team, made.acting.key, tx.now))
    return made


def _rotation(directory: Directory, known: dict[str, Rotation], team: str) -> Rotation:
    if team in known:
        return known[team]
    name, leads = m.escape(directory.teams[team].name), directory.one_of(directory.leads_of(team))
    raise Refused(
        f"Nobody of {name} takes turns: I page the lead, {leads or 'who is not named yet'}. "
        "A coordinator can set it up in the plan file: "
        f"`on_call: {{{team}: {{rotation: [one, two], every: 1w, from: 2026-03-30 09:00}}}}`"
    )


def _refuse_absent(directory: Directory, to: Person, now: datetime) -> None:
    if to.vacant:
        raise Refused(f"The seat {m.escape(to.name)} is vacant. Choose somebody else.")
    refuse_lost([to])
    if days := to.absence(now):
        raise Refused(f"{directory.called(to)} is away {days}. Choose somebody else.")
    if directory.reach(to) is None:
        raise Refused(f"I can't reach {m.escape(to.name)}. Choose somebody else.")


def _wall(directory: Directory, at: datetime) -> str:
    return f"{at.astimezone(directory.calendar.zone):%Y-%m-%d %H:%M}"
