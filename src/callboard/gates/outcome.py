"""The outcome of a gate: passed, missed, waived, no-go or in doubt; who hears of it; when it is tried again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callboard import blocks as b
from callboard.core import outbox
from callboard.core.calendar import Wall
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.timeline import BOT
from callboard.escalation import service as escalation
from callboard.gates import models, notices, signatures, store
from callboard.gates.assessment import Look
from callboard.gates.models import KIND, Gate, GateSettled, Mark, News, State, Verb, iso
from callboard.gates.plan.types import AnnouncePart, MissedPart, NoGoPart
from callboard.planfile.sections import Path
from callboard.planfile.times import show_span
from callboard.planfile.timetable import placed, timetable
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.tasks.service import arrived
from callboard.teams.service import Concern


def reconsider(tx: Tx, plan_id: int, concerns: Callable[[Gate], bool], *, actor: str = BOT) -> None:
    """Look again at the gates of a plan that something concerns."""
    for gate in store.gates(tx, plan_id):
        if concerns(gate):
            look_again(tx, gate.number, actor=actor)


def look_again(tx: Tx, gate_id: int, *, actor: str = BOT) -> None:
    """Bring a gate to the state that its criteria and signatures now call for."""
    gate = store.gate(tx, gate_id, lock=True)
    if gate is None or gate.gone or gate.state == State.WAIVED:
        return
    look = Look(tx, gate)
    if gate.state == State.PASSED:
        _doubt(look)
        return
    if signatures.void_changed(look):
        look = Look(tx, gate)
    was, failed = gate.state, gate.state == State.FAILED
    gate.state = State.FAILED if failed else State.PENDING if look.lacking else State.READY
    # A decision that was no-go stays no-go until its next attempt; any other gate may still pass late.
    if look.complete and not (failed and gate.decision):
        _pass(look, actor)
    elif gate.shown:
        outbox.touch(tx, KIND, [gate_id])
    is_ready = gate.state == State.READY != was or (gate.state == State.FAILED and not gate.decision)
    if is_ready and not look.lacking and look.tally.missing:
        _call_signers(look, late=failed)


def _pass(look: Look, actor: str) -> None:
    tx, gate = look.tx, look.gate
    gate.passed_on = {**signatures.signed(look.readings), "rule": gate.rule}
    late = _lateness(look)
    models.settle(gate, State.PASSED, actor, tx.now)
    notices.record(tx, gate, Verb.PASSED, actor=actor, people=[row.person for row in look.standing], late=late)
    _let_go(look, actor, "it has passed")
    if gate.decision or look.part.announce:
        announce(look, News.GO if gate.decision else News.PASSED)
    _settled(look)


def waive(look: Look, actor: str) -> None:
    """An exception record lets the gate go."""
    models.settle(look.gate, State.WAIVED, actor, look.tx.now)
    _let_go(look, actor, "it was waived")
    _settled(look)


def _let_go(look: Look, actor: str, reason: str) -> None:
    escalation.end(look.tx, look.gate.subject)
    look.tx.session.flush()
    holds.lift(look.tx, look.gate.plan_id, by=look.gate.key, actor=actor, reason=reason)


def _settled(look: Look) -> None:
    """Tell whoever wants the gate, and look again at all other open gates."""
    tx, plan_id, key = look.tx, look.gate.plan_id, look.gate.key
    arrived(tx, plan_id, key)
    notices.arrived(tx, plan_id, key)
    tx.publish(GateSettled(plan_id, key, look.work.teams))
    reconsider(tx, plan_id, lambda gate: gate.key != key and not gate.settled)


def miss(look: Look) -> None:
    """A gate did not pass by its time: whoever must sign and whoever the plan names hear; what waits stays on hold."""
    tx, gate, part = look.tx, look.gate, look.part.if_missed or MissedPart()
    models.miss(gate, tx.now, why_not(look))
    notices.record(tx, gate, Verb.MISSED, why=gate.outcome, consequence=part.say, late=_lateness(look) or "0s")
    key = f"missed:{gate.attempt}:{iso(gate.due_at)}"
    if part.escalate:
        _climb(look, part.escalate)
    paged = escalation.told(tx, gate.subject)
    unpaged = [person for person in look.tally.missing if person.key not in paged]
    args = {"why": gate.outcome, "consequence": part.say}
    notices.tell(look, unpaged, key, News.MISSED, **args)
    notices.announce(look, part.tell, key, News.MISSED, **args)


def no_go(look: Look, actor: str = BOT) -> None:
    """The decision is no-go: all hear why, when it is tried again, and which dates that moves."""
    tx, gate = look.tx, look.gate
    part, if_missed = look.part.if_no_go or NoGoPart(), look.part.if_missed or MissedPart()
    why = why_not(look)
    models.miss(gate, tx.now, why)
    notices.record(tx, gate, Verb.NO_GO, actor=actor, why=why, attempt=gate.attempt)
    for signature in look.standing:
        models.end(signature, Mark.VOID, tx.now, ["the decision was no-go: the next attempt asks anew"])
    shifted, next_at = _try_again(look)
    args = {"why": why, "consequence": part.say, "shifted": shifted, "next": iso(next_at)}
    announce(look, News.NO_GO, **args)
    notices.announce(look, part.tell, f"no-go:{gate.attempt}", News.NO_GO, **args)
    if if_missed.escalate:
        _climb(look, if_missed.escalate)


def why_not(look: Look) -> list[str]:
    """What keeps a gate from passing, in the order of its card."""
    called = look.directory.called
    reasons = [reading.line for reading in look.lacking]
    for slot in look.tally.slots:
        if not slot.met:
            vacant = ", ".join(person.name for person in slot.missing if person.vacant)
            names = ", ".join(called(person) for person in slot.missing if not person.vacant)
            who = "; ".join(filter(None, (names, f"the seat {vacant} is vacant" if vacant else "")))
            reasons.append(f"not signed by {slot.says}: {who or 'nobody can'}")
    return [*reasons, *(f"{called(no.person)} said no: {no.reason}" for no in look.rejections)]


def announce(look: Look, what: News, **args: object) -> None:
    """Tell whoever the plan names, and of a decision the channel of the whole plan too."""
    part, gate = look.part.announce or AnnouncePart(), look.gate
    everybody = ["#coordination"] if gate.decision and look.directory.channel("coordination") else []
    whom = list(dict.fromkeys([*part.to, *everybody]))
    notices.announce(look, whom, f"{what}:{gate.attempt}", what, part.mail, say=part.say, **args)


def _climb(look: Look, policy: str) -> None:
    """Page by a policy of the plan until somebody has it; one that has left the plan pages nobody."""
    own = (team.key for person in look.tally.missing for team in look.directory.teams_of(person)[:1])
    teams = look.work.teams
    signers = tuple(person.key for person in look.unsigned)
    concern = Concern(team=next(own, next(iter(teams), None)), teams=teams, assignees=signers)
    with suppress(Refused):
        digest = escalation.digest(look.tx, look.directory, policy)
        escalation.start(look.tx, look.gate.plan_id, look.gate.subject, digest, concern)


def _try_again(look: Look) -> tuple[list[str], datetime | None]:
    """Move the dates that the plan names, and the gate where it does not follow from them; in words, and when."""
    part, gate, table = look.part.if_no_go, look.gate, timetable(look.document)
    if part is None or not part.again or table is None or gate.due_at is None:
        return [], None
    later = part.again
    while gate.due_at + later <= look.tx.now:
        later += part.again
    again = gate.due_at + later
    dates = {name: at for name in part.shift if (at := placed(table, table.dates[name]))}
    models.try_again(gate)
    look.tx.session.flush()
    with suppress(Refused):
        _move(look, {name: (at + later, zone) for name, (at, zone) in dates.items()}, again, table.calendar.zone.key)
        moved = [f"`{name}`: {b.date(at + later, 'both')}, was {b.date(at, 'both')}" for name, (at, _) in dates.items()]
        return moved, gate.due_at
    return [], None


def _move(look: Look, dates: Mapping[str, tuple[datetime, str]], again: datetime, zone: str) -> None:
    """Write the new dates into the plan, and when the gate is due."""
    tx, gate, reason = look.tx, look.gate, f"{look.gate.name} was no-go"
    values: dict[Path, str] = {("dates", name): _written(look, *date) for name, date in dates.items()}
    if values:
        plans.edit_all(tx, gate.plan_id, values, author=BOT, reason=reason)
    if gate.due_at and gate.due_at < again:
        due = _written(look, again, zone)
        plans.edit(tx, gate.plan_id, ("gates", gate.key, "due"), due, author=BOT, reason=reason)


def _written(look: Look, at: datetime, zone: str) -> str:
    """An instant as a plan file has it, in the zone in which the moment was written."""
    local = at.astimezone(ZoneInfo(zone))
    own = None if zone == look.directory.timezone else ZoneInfo(zone)
    return str(Wall(local.date(), local.time().replace(tzinfo=None, second=0, microsecond=0), own))


def _lateness(look: Look) -> str:
    """How long ago it was due, as `1h`; empty where it was not."""
    late = look.tx.now - look.gate.due_at if look.gate.due_at else timedelta()
    return show_span(timedelta(seconds=int(late.total_seconds()))) if late > timedelta() else ""


def _call_signers(look: Look, *, late: bool) -> None:
    """Everything is met: whoever must sign is asked, once for each time it became so; late, for what is met now."""
    gate, key = look.gate, f"ready:late:{look.content}"
    if not late:
        gate.changes += 1
        key = f"ready:{gate.changes}"
        notices.record(look.tx, gate, Verb.READY, people=[person.key for person in look.unsigned])
    notices.tell(look, look.unsigned, key, News.READY)


def _doubt(look: Look) -> None:
    """It stays passed; what changed since is flagged for those who signed and who coordinate."""
    tx, gate, changes = look.tx, look.gate, signatures.changed(look.gate.passed_on, look.readings)
    fresh = [change for change in changes if change not in gate.doubt]
    if changes != gate.doubt:
        gate.doubt = changes
        gate.changes += 1
        notices.record(tx, gate, Verb.DOUBTED if changes else Verb.CLEARED, why=fresh)
    if fresh:
        signers = look.directory.named([signature.person for signature in look.standing])
        people = [*signers, *look.directory.coordinators]
        notices.tell(look, people, f"doubt:{gate.changes}", News.DOUBT, why=fresh)
