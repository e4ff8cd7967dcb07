"""Who may do what with a gate, with a sentence for whoever may not. Reads only."""

from __future__ import annotations

from collections.abc import Iterable

from callboard.core.errors import Refused
from callboard.gates.assessment.look import Look
from callboard.gates.assessment.readings import key_of
from callboard.gates.assessment.signatures import Slot, stale
from callboard.gates.models import Signature
from callboard.gates.plan import sign_offs
from callboard.gates.plan.measures import API, MeasurePart
from callboard.gates.plan.types import TickPart, walk
from callboard.teams import recipients
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, OBSERVER
from callboard.teams.service import Asker, Concern, Directory, Person


def signs(seen: Look, asker: Asker, for_person: str = "") -> str:
    """Whose seat the asker signs for. Raises Refused with who may sign, and why they may not."""
    seat = _seat(seen, asker, for_person)
    _not_twice(seen, asker, seat)
    if seen.gate.decision and seen.lacking:
        raise Refused(
            f"{seen.gate.name} is a no-go as it stands, so nobody can say GO: "
            f"{'; '.join(f'{one.says}: {one.stands}' for one in seen.lacking)}."
        )
    return seat


def rejects(seen: Look, asker: Asker, for_person: str = "") -> str:
    """Whose seat the asker says no for: whoever could sign may."""
    return _seat(seen, asker, for_person)


def ticks(seen: Look, asker: Asker, part: TickPart) -> str | None:
    """For whom the asker ticks, where it is not for themselves. Raises Refused with who may."""
    no_observer(asker, "tick")
    allowed = _meant(seen.directory, part.by, Concern(teams=seen.work.teams, assignees=seen.work.people))
    if not part.by or asker.person.key in allowed:
        return None
    for key, person in allowed.items():
        if asker.person.key in person.deputies:
            return key
    raise Refused(f"That is for {_either(seen.directory, allowed.values())} to tick: {part.tick}.")


def reports(asker: Asker, measure: str, part: MeasurePart, *, by_api: bool) -> None:
    """Raise Refused for whoever may not report a measure."""
    no_observer(asker, "report")
    if part.computed:
        raise Refused(f"`{measure}` is computed: nobody reports it.")
    if not part.by or (by_api and API in part.by):
        return
    allowed = _meant(asker.directory, [one for one in part.by if one != API], Concern())
    if asker.person.key not in allowed:
        machine = " or a program with a token" if API in part.by else ""
        raise Refused(
            f"`{measure}` is reported by {_either(asker.directory, allowed.values()) or 'nobody here'}{machine}."
        )


def looks_after(seen: Look, asker: Asker) -> None:
    """Raise Refused for whoever only looks on."""
    no_observer(asker, "take")
    del seen


def no_observer(asker: Asker, what: str) -> None:
    """Raise Refused for whoever only looks on."""
    person, directory = asker.person, asker.directory
    if OBSERVER in person.roles and not directory.has_role(person, COORDINATOR):
        role = directory.role_name(OBSERVER)
        raise Refused(
            f"You follow {directory.plan_name} as {role}: to {what} takes somebody whom the plan names for it."
        )


def waits_for(seen: Look, asker: Asker) -> bool:
    """Whether the asker can do something that a gate waits for."""
    me = asker.person.key
    signed = {one.person for one in seen.standing if one.verdict == "yes"}
    if not seen.lacking and me not in signed and any(person.key == me for person in seen.tally.missing):
        return True
    open_ones = [one for _, one in walk(seen.part.criteria) if isinstance(one, TickPart) and one.by]
    concern = Concern(teams=seen.work.teams, assignees=seen.work.people)
    return any(
        key_of(one) not in seen.facts.ticks and me in _meant(seen.directory, one.by, concern) for one in open_ones
    )


def coordinators(directory: Directory) -> str:
    """Who coordinates a plan."""
    return _either(directory, directory.coordinators) or "the coordinator, whom this plan does not name,"


def _seat(seen: Look, asker: Asker, for_person: str) -> str:
    """The seat that the asker signs for: their own, or that of somebody whose deputy they are and who is named."""
    directory, me = seen.directory, asker.person
    no_observer(asker, "sign")
    seat = teams.acting(directory, me, for_person) or me.key if for_person else me.key
    slots = seen.tally.of(seat)
    barred = [slot for slot in slots if me.key in sign_offs.excluded(directory, slot.part, seen.work)]
    if slots and len(barred) < len(slots):
        return seat
    if barred or _barred(seen, me.key):
        raise Refused(
            f"You did the work that {seen.gate.name} is about, or reported it, so somebody else has to sign: "
            f"{_who(seen)}."
        )
    deputy_of = [one for one in seen.tally.missing if me.key in one.deputies]
    if deputy_of and not for_person:
        other = directory.called(deputy_of[0])
        raise Refused(
            f"{seen.gate.name} asks for {other}, not for you. You are their deputy: `/gate sign {seen.gate.key} for` "
            f"{other} signs for them, and says so."
        )
    whose = "you" if seat == me.key else directory.called(directory.people[seat])
    raise Refused(f"{seen.gate.name} does not ask {whose} to sign. {_who(seen)} can.")


def _barred(seen: Look, person: str) -> bool:
    return any(person in sign_offs.excluded(seen.directory, slot.part, seen.work) for slot in seen.tally.slots)


def _not_twice(seen: Look, asker: Asker, seat: str) -> None:
    """Nobody signs twice or in two roles; for one seat nobody else signs as well."""
    slots = seen.tally.of(seat)
    for one in seen.standing:
        if one.verdict != "yes" or not _counts(seen, slots, one):
            continue
        if one.person == asker.person.key:
            role = "" if one.seat == one.person else f", for {seen.directory.called(one.seat)}"
            raise Refused(f"You have signed {seen.gate.name} already{role}: nobody signs twice or in two roles.")
        if one.seat == seat:
            whose = seen.directory.called(seat)
            raise Refused(f"{seen.directory.called(one.person)} has signed {seen.gate.name} for {whose} already.")


def _counts(seen: Look, slots: Iterable[Slot], signature: Signature) -> bool:
    """Whether a signature is fresh enough for one of the sign-offs."""
    return any(not stale(slot.part, signature.at, seen.tx.now) for slot in (*slots, *seen.tally.of(signature.seat)))


def _who(seen: Look) -> str:
    everybody = [one for slot in seen.tally.slots for one in slot.people]
    people = [one for one in seen.tally.missing if not one.vacant] or everybody
    return _either(seen.directory, people) or "Nobody whom the plan names"


def _meant(directory: Directory, words: Iterable[str], concern: Concern) -> dict[str, Person]:
    return {person.key: person for person in recipients.seats(directory, words, concern)}


def _either(directory: Directory, people: Iterable[Person]) -> str:
    few = list(dict.fromkeys(directory.called(person) for person in people))
    return f"{', '.join(few[:-1])} or {few[-1]}" if len(few) > 1 else "".join(few)
