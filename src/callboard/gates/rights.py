"""Who may do what with a gate, with a sentence for whoever may not. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import few_lines, only
from callboard.escalation import service as escalation
from callboard.gates import quorum
from callboard.gates.assessment import Look
from callboard.gates.criteria import key_of
from callboard.gates.criteria.facts import Reading
from callboard.gates.models import Gate, State
from callboard.gates.plan import poll as plan
from callboard.gates.plan.measures import API, MeasurePart
from callboard.gates.plan.types import TickPart, of_kind
from callboard.gates.quorum import Slot
from callboard.plans import holds
from callboard.teams import recipients
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, OBSERVER, Asker, Directory, Person
from callboard.teams.old_buttons import refuse_old
from callboard.teams.rights import looks_on, refuse_onlooker, who_adds
from callboard.teams.service import Concern

MANY = 20
TEAMS = "team members, leads and coordinators"


class NotReady(Refused):
    """Nobody can sign `gate` yet: the sentence lists what is open."""

    def __init__(self, gate: Gate, sentence: str) -> None:
        super().__init__(sentence)
        self.gate = gate


def may_change(look: Look, asker: Asker, expected: int | None) -> None:
    """Raise Refused where a gate is closed, or had not changed `expected` times when a button was drawn."""
    gate = look.gate
    refuse_old(look.tx, asker, gate, gate.name, expected, f"See `/gate show {gate.key}`.")
    if gate.state == State.FAILED and gate.decision:
        why = m.sentence("; ".join(gate.outcome) or "it failed")
        raise Refused(f"{m.escape(gate.name)} was no-go: {why} No next attempt is planned.")
    if gate.settled:
        when = m.date(gate.settled_at, "both") if gate.settled_at else ""
        if gate.decision:
            raise Refused(
                f"{m.escape(gate.name)} is GO since {when}. This is final. If something is wrong, raise a blocker."
            )
        done = "passed" if gate.state == State.PASSED else "was waived"
        by = look.directory.called(gate.settled_by)
        raise Refused(
            f"{m.escape(gate.name)} {done} {when} (by {by}) and is closed. If something is wrong, raise a blocker."
        )


def signs(look: Look, asker: Asker, for_person: str = "", content: str = "") -> str:
    """Whose seat the asker signs for. Raises Refused with who may sign, and why they may not; NotReady too early."""
    for_seat = seat(look, asker, for_person)
    not_frozen(look)
    _not_twice(look, asker, for_seat)
    _no_of_another(look, asker, for_seat)
    if content and content != look.content:
        raise Refused(changed_since(look))
    if look.lacking:
        raise NotReady(look.gate, _not_ready(look, look.lacking))
    return for_seat


def rejects(look: Look, asker: Asker, for_person: str = "") -> str:
    """Whose seat the asker says no for. Raises Refused with who may."""
    for_seat = seat(look, asker, for_person, "reject")
    _no_of_another(look, asker, for_seat)
    return for_seat


def changed_since(look: Look) -> str:
    """That somebody saw something else than they would sign now."""
    gate = look.gate
    return f"{m.escape(gate.name)} has changed since you looked. You did not sign. Try again: `/gate sign {gate.key}`"


def answers(look: Look, asker: Asker, for_seat: str, *, go: bool) -> int:
    """The number of the voice that a seat answers for in the poll. Raises Refused with why it can't answer now."""
    gate, poll, directory = look.gate, look.poll, look.directory
    number = next(n for n, slot in enumerate(look.polled) if for_seat in {person.key for person in slot.people})
    if go and look.unmet:
        raise NotReady(gate, _not_ready(look, look.unmet))
    if poll is None:
        opened = plan.opens(look.document, look.written.poll) if look.written.poll else None
        late = (
            f"You are late: the last poll ended {m.date(gate.missed_at, 'both')} with NO-GO. " if gate.missed_at else ""
        )
        when = f"opens {m.date(opened[0], 'both')}" if opened and opened[0] > look.tx.now else "is not open yet"
        raise Refused(f"{late}The poll of {m.escape(gate.name)} {when}. I ask you when it is your turn.")
    voice, name = poll.roles[number], m.escape(directory.spoken_of(look.polled[number].part.shown()))
    before = voice.answer or voice.early
    if before is None or before.go != go:
        return number
    who = "You" if before.by == asker.person.key else directory.called(before.by)
    at = m.date(datetime.fromisoformat(before.at), "both")
    if voice.early and voice.answer is None:
        raise Refused(f"{who} answered for {name} already, {at}. I read it when it is {name}'s turn.")
    undo = f"To take it back: `/gate withdraw {gate.key}`." if who == "You" else ""
    no = f"You can still say NO-GO: `/gate no-go {gate.key} because ...`." if go and not undo else ""
    raise Refused(f"{who} answered {'GO' if go else 'NO-GO'} for {name} already, {at}. {undo or no}".strip())


def not_frozen(look: Look) -> None:
    """Raise Refused while no gate passes, with who can change that."""
    if reason := holds.frozen(look.tx, look.gate.plan_id, holds.EVERY_GATE):
        raise Refused(f"No gate passes now. {reason}")


def _not_ready(look: Look, open_: Sequence[Reading]) -> str:
    """That nobody can sign yet, and what is open."""
    verb, gate = "say GO to" if look.gate.decision else "sign", look.gate
    lines = few_lines([f"\n• {m.clip(reading.line, 300)}" for reading in open_], MANY)
    more = f"\n{lines.pop()}: `/gate show {gate.key}`" if len(lines) > MANY else ""
    return f"Nobody can {verb} {m.escape(gate.name)} yet ({look.met}). Open:{''.join(lines)}{more}"


def waives(look: Look, asker: Asker) -> None:
    """Raise Refused for whoever may not waive a gate, and for a decision."""
    directory = asker.directory
    coordinates, now = directory.coordinates(asker.person, look.tx.now), directory.coordinating(look.tx.now)
    may = directory.one_of(person for person in now if not person.vacant)
    if look.gate.decision:
        who = "You" if coordinates else only(may)
        raise Refused(f"Nobody can waive a go/no-go. {who} can waive the gates that keep it from GO.")
    if not coordinates and not may:
        raise Refused("Nobody can waive a gate: the plan has no coordinator.")
    if not coordinates:
        raise Refused(f"Only {may} can waive a gate.")
    not_frozen(look)


def ticks(look: Look, asker: Asker, part: TickPart) -> str | None:
    """For whom the asker ticks, where it is not for themselves. Raises Refused with who may."""
    no_observer(asker, "tick it")
    allowed = _allowed(look, part)
    if not part.by:
        refuse_onlooker(asker, "tick that", TEAMS)
    if not part.by or asker.person.key in allowed:
        return None
    for key, person in allowed.items():
        if asker.person.key in person.deputies:
            return key
    raise Refused(f"{only(look.directory.one_of(allowed.values()))} can tick that: {m.escape(part.tick)}.")


def reports(tx: Tx, asker: Asker, measure: str, part: MeasurePart, *, by_api: bool) -> None:
    """Raise Refused for whoever may not report a measure."""
    no_observer(asker, "report it")
    if part.computed:
        raise Refused(f"Nobody reports `{measure}`: I compute it.")
    if not part.by:
        refuse_onlooker(asker, f"report `{measure}`", TEAMS)
    if not part.by or (by_api and API in part.by):
        return
    allowed = _meant(asker.directory, [word for word in part.by if word != API], Concern(), tx.now)
    if asker.person.key not in allowed:
        programs = ["a program with a token"] if API in part.by else []
        may = " or ".join(filter(None, [asker.directory.one_of(allowed.values()), *programs]))
        raise Refused(f"{only(may)} can report `{measure}`.")


def takes(look: Look, asker: Asker) -> None:
    """Raise Refused for whoever only follows the plan and was not paged."""
    gate, directory = look.gate, look.directory
    if looks_on(directory, asker.person):
        may = directory.one_of(dict.fromkeys([*look.tally.missing, *directory.coordinators])) or "a coordinator"
        refuse_onlooker(asker, f"take {m.escape(gate.name)}", may, *escalation.told(look.tx, gate.subject))


def no_observer(asker: Asker, what: str) -> None:
    """Raise Refused for whoever only looks on."""
    person, directory = asker.person, asker.directory
    if OBSERVER in person.roles and not directory.has_role(person, COORDINATOR):
        raise Refused(
            f"You follow {m.escape(directory.plan_name)} as {directory.role_name(OBSERVER)}, so you can't {what}."
        )


def waited_for(look: Look) -> set[str]:
    """Whoever a gate waits for to sign or to tick."""
    unticked = [part for part in of_kind(TickPart, look.part.criteria) if key_of(part) not in look.facts.ticks]
    tick = [key for part in unticked if part.by for key in _allowed(look, part)]
    return {*look.asked, *(() if look.lacking else look.signers), *tick}


def seat(look: Look, asker: Asker, for_person: str = "", verb: str = "sign") -> str:
    """The seat that the asker speaks for: their own, or that of somebody whose deputy they are and who is named."""
    directory, gate, me = look.directory, look.gate, asker.person
    no_observer(asker, verb)
    own = teams.acting(directory, me, for_person) or me.key if for_person else me.key
    slots = look.tally.of(own)
    if any(not _barred(look, slot, me) for slot in slots):
        if own != me.key:
            _stands_in(look, me, own)
        return own
    seats = look.unsigned if verb == "sign" else []
    seats = seats or [person for slot in look.tally.slots for person in slot.people if not person.vacant]
    who = directory.one_of(seats)
    if slots or any(_barred(look, slot, me) for slot in look.tally.slots):
        work = f"You did the work of {m.escape(gate.name)}, or reported it"
        raise Refused(f"{work}, so only somebody else can {verb} it: {who or 'nobody in this plan'}.")
    deputy_of = [person for person in look.tally.missing if me.key in person.deputies]
    if deputy_of and not for_person:
        away = [person for person in deputy_of if me.key in {deputy.key for deputy in look.deputies(person)}]
        other = [*away, *deputy_of][0]
        if verb == "sign":
            return seat(look, asker, other.key)
        _stands_in(look, me, other.key)
        called = directory.called(other)
        raise Refused(f"You stand in for {called}. Say so: `/gate {verb} {gate.key} for` {called}.")
    whose = "you" if own == me.key else directory.called(own)
    raise Refused(f"{m.escape(gate.name)} does not ask {whose} to sign. {only(who)} can {verb} it.")


def _stands_in(look: Look, me: Person, seat: str) -> None:
    """Refuse a deputy while whoever they stand in for is there and has not handed it over."""
    directory, key = look.directory, look.gate.key
    if me.key in {person.key for person in look.deputies(directory.people[seat])}:
        return
    other = directory.called(seat)
    raise Refused(
        f"{other} is not away. You are their deputy and act only while they are away, or once they hand it to you: "
        f"`/gate hand {key} to` {directory.called(me)}."
    )


def hands(look: Look, asker: Asker, to: Person | None) -> None:
    """Raise Refused for whoever has no sign-off to hand over, or not to them; without `to` they take it back."""
    directory, gate, me = look.directory, look.gate, asker.person
    slots = look.tally.of(me.key)
    if not slots:
        seat(look, asker)
    given = next((given for given in look.given if given.seat == me.key), None)
    if given and given.by != me.key:
        raise Refused(f"{directory.called(given.by)} has already signed {m.escape(gate.name)} for you.")
    if given:
        raise Refused(f"You have already signed {m.escape(gate.name)}. Withdraw first: `/gate withdraw {gate.key}`.")
    if to is None:
        call = look.calls.get(me.key)
        if not call or not call.handed_to:
            raise Refused(f"You have not handed your sign-off of {m.escape(gate.name)} to anybody.")
        return
    if to.key not in me.deputies:
        deputies = directory.one_of(directory.named(me.deputies))
        only = f"You can hand it only to {deputies}." if deputies else "The plan names no deputy for you."
        raise Refused(f"{directory.called(to)} is not your deputy. {only} {who_adds([directory])}")
    if all(_barred(look, slot, to) for slot in slots):
        raise Refused(
            f"{directory.called(to)} did the work of {m.escape(gate.name)}, or reported it, so they can't sign it."
        )
    if to.key in {given.by for given in look.given}:
        raise Refused(f"{directory.called(to)} has already signed {m.escape(gate.name)}. Nobody signs twice.")


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


def _no_of_another(look: Look, asker: Asker, seat: str) -> None:
    """A seat has one word: while somebody says no for it, nobody else says anything."""
    name, called = m.escape(look.gate.name), look.directory.called
    for no in look.rejections:
        if no.seat == seat and no.person != asker.person.key:
            role = "" if no.seat == no.person else f" for {called(seat)}"
            raise Refused(f"{called(no.person)} said no to {name}{role}. Only they can withdraw that.")


def _allowed(look: Look, part: TickPart) -> dict[str, Person]:
    concern = Concern(teams=look.work.teams, assignees=look.work.people)
    return _meant(look.directory, part.by, concern, look.tx.now)


def _meant(directory: Directory, words: Iterable[str], concern: Concern, now: datetime) -> dict[str, Person]:
    return {person.key: person for person in recipients.seats(directory, words, concern, now)}
