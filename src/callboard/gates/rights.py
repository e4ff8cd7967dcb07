"""Who may do what with a gate, with a sentence for whoever may not. Reads only."""

from __future__ import annotations

from collections.abc import Iterable

from callboard import blocks
from callboard.core.errors import Refused
from callboard.gates import quorum
from callboard.gates.assessment import Look
from callboard.gates.criteria import key_of
from callboard.gates.models import State
from callboard.gates.plan.measures import API, MeasurePart
from callboard.gates.plan.types import TickPart, of_kind
from callboard.gates.quorum import Slot
from callboard.teams import recipients
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, OBSERVER, Asker, Directory, Person
from callboard.teams.old_buttons import refuse_old
from callboard.teams.service import Concern


def may_change(look: Look, asker: Asker, expected: int | None) -> None:
    """Raise Refused where a gate is closed, or had not changed `expected` times when a button was drawn."""
    gate = look.gate
    refuse_old(look.tx, asker, gate, gate.name, expected, f"See `/gate show {gate.key}`.")
    if gate.state == State.FAILED and gate.decision:
        raise Refused(f"{gate.name} was no-go: {'; '.join(gate.outcome) or 'it failed'}. No next attempt is planned.")
    if gate.settled:
        when = blocks.date(gate.settled_at, "both") if gate.settled_at else ""
        if gate.decision:
            raise Refused(f"{gate.name} is GO since {when}. This is final. If something is wrong, raise a blocker.")
        done = "passed" if gate.state == State.PASSED else "was waived"
        by = look.directory.called(gate.settled_by)
        raise Refused(f"{gate.name} {done} {when} (by {by}) and is closed. If something is wrong, raise a blocker.")


def signs(look: Look, asker: Asker, for_person: str = "") -> str:
    """Whose seat the asker signs for. Raises Refused with who may sign, and why they may not."""
    for_seat = seat(look, asker, for_person)
    _not_twice(look, asker, for_seat)
    if look.gate.decision and look.lacking:
        lacking = "; ".join(reading.line for reading in look.lacking)
        raise Refused(f"Nobody can say GO to {look.gate.name} yet ({look.met}): {lacking}.")
    return for_seat


def waives(look: Look, asker: Asker) -> None:
    """Raise Refused for whoever may not waive a gate, and for a decision."""
    if not asker.directory.has_role(asker.person, COORDINATOR):
        only = asker.directory.one_of(asker.directory.coordinators) or "a coordinator, whom the plan does not name,"
        raise Refused(f"Only {only} can waive a gate. You can sign or reject it.")
    if look.gate.decision:
        raise Refused("Nobody can waive a go/no-go. You can waive the gates that keep it from GO.")


def ticks(look: Look, asker: Asker, part: TickPart) -> str | None:
    """For whom the asker ticks, where it is not for themselves. Raises Refused with who may."""
    no_observer(asker, "tick it")
    allowed = _allowed(look, part)
    if not part.by or asker.person.key in allowed:
        return None
    for key, person in allowed.items():
        if asker.person.key in person.deputies:
            return key
    raise Refused(f"Only {look.directory.one_of(allowed.values())} can tick that: {part.tick}.")


def reports(asker: Asker, measure: str, part: MeasurePart, *, by_api: bool) -> None:
    """Raise Refused for whoever may not report a measure."""
    no_observer(asker, "report it")
    if part.computed:
        raise Refused(f"Nobody reports `{measure}`: I compute it.")
    if not part.by or (by_api and API in part.by):
        return
    allowed = _meant(asker.directory, [word for word in part.by if word != API], Concern())
    if asker.person.key not in allowed:
        programs = ["a program with a token"] if API in part.by else []
        only = " or ".join(filter(None, [asker.directory.one_of(allowed.values()), *programs]))
        raise Refused(f"Only {only} can report `{measure}`." if only else f"Nobody in this plan reports `{measure}`.")


def no_observer(asker: Asker, what: str) -> None:
    """Raise Refused for whoever only looks on."""
    person, directory = asker.person, asker.directory
    if OBSERVER in person.roles and not directory.has_role(person, COORDINATOR):
        raise Refused(f"You follow {directory.plan_name} as {directory.role_name(OBSERVER)}, so you can't {what}.")


def waits_for(look: Look, asker: Asker) -> bool:
    """Whether a gate waits for the asker to sign or to tick."""
    me = asker.person.key
    has_signed = me in {given.by for given in look.given}
    if not look.lacking and not has_signed and any(person.key == me for person in look.tally.missing):
        return True
    unticked = [part for part in of_kind(TickPart, look.part.criteria) if key_of(part) not in look.facts.ticks]
    return any(part.by and me in _allowed(look, part) for part in unticked)


def seat(look: Look, asker: Asker, for_person: str = "") -> str:
    """The seat that the asker speaks for: their own, or that of somebody whose deputy they are and who is named."""
    directory, gate, me = look.directory, look.gate, asker.person
    no_observer(asker, "sign")
    own = teams.acting(directory, me, for_person) or me.key if for_person else me.key
    slots = look.tally.of(own)
    if any(not _barred(look, slot, me) for slot in slots):
        return own
    everybody = [person for slot in look.tally.slots for person in slot.people]
    who = directory.one_of(look.unsigned or everybody) or "nobody in this plan"
    if slots or any(_barred(look, slot, me) for slot in look.tally.slots):
        raise Refused(f"You did the work of {gate.name}, or reported it, so only somebody else can sign: {who}.")
    deputy_of = [person for person in look.tally.missing if me.key in person.deputies]
    if deputy_of and not for_person:
        other = directory.called(deputy_of[0])
        raise Refused(
            f"Only {who} can sign {gate.name}. You are {other}'s deputy: `/gate sign {gate.key} for` {other} signs "
            "in their name."
        )
    whose = "you" if own == me.key else directory.called(own)
    raise Refused(f"{gate.name} does not ask {whose} to sign. Only {who} can.")


def _barred(look: Look, slot: Slot, person: Person) -> bool:
    return person.key in quorum.excluded(look.directory, slot.part, look.work)


def _not_twice(look: Look, asker: Asker, seat: str) -> None:
    """Nobody signs twice or in two roles; for one seat nobody else signs as well."""
    name, called, slots = look.gate.name, look.directory.called, look.tally.of(seat)
    for given in look.given:
        if all(slot.part.stale(given.at, look.tx.now) for slot in (*slots, *look.tally.of(given.seat))):
            continue
        if given.by == asker.person.key:
            role = "" if given.seat == given.by else f" for {called(given.seat)}"
            raise Refused(f"You have already signed {name}{role}. Nobody signs twice or in two roles.")
        if given.seat == seat:
            raise Refused(f"{called(given.by)} has already signed {name} for {called(seat)}.")


def _allowed(look: Look, part: TickPart) -> dict[str, Person]:
    return _meant(look.directory, part.by, Concern(teams=look.work.teams, assignees=look.work.people))


def _meant(directory: Directory, words: Iterable[str], concern: Concern) -> dict[str, Person]:
    return {person.key: person for person in recipients.seats(directory, words, concern)}
