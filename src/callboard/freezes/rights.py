"""Who may ask for an exception from a freeze, and who may decide about it. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from callboard.blocks import markup
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import only
from callboard.freezes import store
from callboard.freezes.models import Freeze, FreezeException, State
from callboard.freezes.plan import ExceptionsPart, FreezePart
from callboard.gates import quorum
from callboard.gates.models import YES
from callboard.gates.quorum import Given, Tally, Work
from callboard.gates.rights import no_observer
from callboard.planfile.paths import slug
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.old_buttons import refuse_old


def part_of(tx: Tx, freeze: Freeze) -> FreezePart | None:
    written: Mapping[str, FreezePart] = teams.document(tx, freeze.plan_id).values.get("freezes") or {}
    return written.get(freeze.like or freeze.key)


def way_out(tx: Tx, freeze: Freeze) -> str:
    """Who can let somebody change what is frozen, and what to type."""
    directory = teams.directory(tx, freeze.plan_id)
    coordinator = directory.one_of(directory.coordinating(tx.now)) or "a coordinator"
    if freeze.live:
        return f"Only its commander or {coordinator} can end it: `/emergency end`."
    try:
        signs = asks(tx, freeze, "").sign_off
    except Refused:
        setter = directory.one_of(directory.coordinators) or "a coordinator"
        return f"Only {setter} can move its end: `/plan set {freeze.key} to TIME because WHY`."
    work = Work(teams.document(tx, freeze.plan_id))
    signers = [person for slot in quorum.tally(directory, signs, work, (), tx.now).slots for person in slot.people]
    may = directory.one_of(signers) or coordinator
    return f"Only {may} can let something through. Ask: `/gate exception {freeze.key} WHAT`."


def allows(tx: Tx, freeze: Freeze) -> ExceptionsPart:
    """What the plan says of exceptions from a freeze. Raises Refused where there are none, or none is needed."""
    part, name, end = part_of(tx, freeze), markup.escape(freeze.name), markup.date(freeze.to_at, "both")
    if freeze.live:
        raise Refused(f"{name} allows no exceptions. It lasts until the emergency is over.")
    if part is None:
        raise Refused(f"{name} has left the plan. Nobody needs an exception.")
    if tx.now >= freeze.to_at:
        raise Refused(f"{name} ended {end}. Nobody needs an exception.")
    if part.exceptions is None:
        raise Refused(f"{name} allows no exceptions. It ends {end}.")
    return part.exceptions


def asks(tx: Tx, freeze: Freeze, item: str) -> ExceptionsPart:
    """How to ask for an exception. Raises Refused where none is possible, or it is too late, or asked for already."""
    part, name = allows(tx, freeze), markup.escape(freeze.name)
    latest = freeze.from_at + part.ask_within if part.ask_within else None
    if latest and tx.now > latest:
        raise Refused(f"You could ask for exceptions from {name} until {markup.date(latest, 'both')}.")
    for row in store.exceptions(tx, freeze) if item else ():
        if slug(row.item) == slug(item) and row.state != State.DENIED:
            raise Refused(f"Exception {row.number} for `{row.item}` is already {row.state}.")
    return part


def decides(tx: Tx, asker: Asker, row: FreezeException, expected: int | None) -> None:
    """Raise Refused for whoever may not decide, or has; for what is decided; and for an old button."""
    number, me = row.number, asker.person.key
    if row.state != State.ASKED:
        when = markup.date(row.settled_at, "both") if row.settled_at else ""
        raise Refused(f"Exception {number} for `{row.item}` was {row.state} {when}. That is final.")
    if freeze := store.freeze(tx, row.freeze_id):
        allows(tx, freeze)
    hint = f"To decide it: `/gate grant {number}` or `/gate deny {number} why`."
    refuse_old(tx, asker, row, f"Exception {number}", expected, hint)
    no_observer(asker, "decide about an exception")
    if me == row.by:
        raise Refused("You asked for this exception, so only somebody else can sign it.")
    slots = tally(tx, row).slots
    barred = {key for slot in slots for key in quorum.excluded(asker.directory, slot.part, _work(tx, row))}
    signers = [person for slot in slots for person in slot.people]
    if me in barred or all(person.key != me for person in signers):
        raise Refused(f"{only(asker.directory.one_of(signers))} can decide about exception {number}.")
    if me in row.votes:
        raise Refused(f"You have already signed exception {number}. Nobody signs twice.")


def tally(tx: Tx, row: FreezeException) -> Tally:
    freeze = store.freeze(tx, row.freeze_id)
    part = part_of(tx, freeze) if freeze else None
    parts = part.exceptions.sign_off if part and part.exceptions else ()
    given = [
        Given(person, person, datetime.fromisoformat(vote["at"]))
        for person, vote in row.votes.items() if vote["verdict"] == YES
    ]  # fmt: skip
    return quorum.tally(teams.directory(tx, row.plan_id), parts, _work(tx, row), given, tx.now)


def _work(tx: Tx, row: FreezeException) -> Work:
    return Work(teams.document(tx, row.plan_id), reporters=(row.by,))
