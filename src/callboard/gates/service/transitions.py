"""What follows when something changed: gates pass, are missed, no-go or in doubt, and signatures fall."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from callboard import blocks as b
from callboard.core import outbox
from callboard.core.calendar import Wall
from callboard.core.errors import Refused
from callboard.core.timeline import BOT
from callboard.escalation import service as escalation
from callboard.gates import models, notices, store
from callboard.gates.assessment import signatures
from callboard.gates.assessment.look import Look
from callboard.gates.events import GateDoubted, GateMissed, GatePassed
from callboard.gates.models import KIND, Gate, Mark, State
from callboard.planfile.frame import placed, timetable
from callboard.planfile.times import show_span
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.teams.service import Concern

if TYPE_CHECKING:
    from callboard.core.db import Tx

EVERYBODY = ("#coordination",)


def passed(tx: Tx, look: Look, actor: str) -> None:
    """Everything holds and everybody has signed: what it held goes on."""
    gate = look.gate
    gate.passed_on = {**signatures.signed(look.readings), "rule": gate.rule}
    late = tx.now - gate.due_at if gate.due_at and tx.now > gate.due_at else None
    models.settle(gate, State.PASSED, actor, tx.now)
    signed = [one.person for one in look.standing]
    notices.record(tx, gate, "passed", actor=actor, people=signed, late=show_span(_whole(late)) if late else "")
    _let_go(tx, look, actor, "it has passed")
    if gate.decision or look.part.announce:
        announce(tx, look, "go" if gate.decision else "passed")
    tx.publish(GatePassed(gate.plan_id, gate.key, gate))


def waived(tx: Tx, look: Look, actor: str) -> None:
    """Somebody let it go by an exception record."""
    models.settle(look.gate, State.WAIVED, actor, tx.now)
    _let_go(tx, look, actor, "it was waived")
    tx.publish(GatePassed(look.gate.plan_id, look.gate.key, look.gate, waived=True))


def missed(tx: Tx, look: Look) -> None:
    """Its time has come and it has not passed: that is said, told and escalated, and what waits stays on hold."""
    gate, part = look.gate, look.part.if_missed
    models.miss(gate, tx.now, why_not(look))
    tx.session.add(gate)
    say = part.say if part else ""
    late = tx.now - gate.due_at if gate.due_at else timedelta()
    notices.record(tx, gate, "missed", why=gate.outcome, consequence=say, late=show_span(_whole(late)))
    key, args = f"missed:{gate.attempt}:{_due(gate)}", {"what": "missed", "why": gate.outcome, "consequence": say}
    if part and part.escalate:
        climb(tx, look, part.escalate)
    paged = escalation.told(tx, gate.subject)
    unpaged = [one for one in look.tally.missing if one.key not in paged]
    notices.tell(tx, gate.subject, look.directory, unpaged, key, **args)
    if part and part.tell:
        notices.announce(tx, gate.subject, look.directory, part.tell, key, **args)
    tx.publish(GateMissed(gate.plan_id, gate.key, gate, part.emergency if part else ""))


def no_go(tx: Tx, look: Look, why: list[str], actor: str = BOT) -> None:
    """The decision is no-go: what failed, when it is tried again, and what that shifts; all are told."""
    gate, part = look.gate, look.part.if_no_go
    models.miss(gate, tx.now, why)
    tx.session.add(gate)
    notices.record(tx, gate, "no-go", actor=actor, why=why, attempt=gate.attempt)
    for signature in look.standing:
        models.end(signature, Mark.VOID, tx.now, ["the decision was no-go: the next attempt asks anew"])
        tx.session.add(signature)
    shifted, next_at = _shifted(tx, look) if part and part.again else ([], None)
    say = part.say if part else ""
    args = {"why": why, "consequence": say, "shifted": shifted, "next": next_at.isoformat() if next_at else ""}
    announce(tx, look, "no-go", **args)
    if part and part.tell:
        notices.announce(tx, gate.subject, look.directory, part.tell, f"no-go:{gate.attempt}", what="no-go", **args)
    if look.part.if_missed and look.part.if_missed.escalate:
        climb(tx, look, look.part.if_missed.escalate)
    tx.publish(GateMissed(gate.plan_id, gate.key, gate, _emergency(look)))


def why_not(look: Look) -> list[str]:
    """What keeps a gate from passing, in the order in which its card shows it."""
    found = [f"{one.says}: {one.stands}" for one in look.lacking]
    for slot in look.tally.slots:
        if not slot.met:
            vacant = [one.name for one in slot.missing if one.vacant]
            names = ", ".join(look.directory.called(one) for one in slot.missing if not one.vacant)
            seats = f"the seat {', '.join(vacant)} is vacant" if vacant else ""
            found.append(f"not signed by {slot.says}: {'; '.join(filter(None, (names, seats))) or 'nobody can'}")
    return [*found, *(f"{look.directory.called(one.person)} said no: {one.reason}" for one in look.rejections)]


def announce(tx: Tx, look: Look, what: str, **args: object) -> None:
    """Tell the result to whoever the plan names, and of a decision to the channel of the whole plan."""
    part, gate = look.part.announce, look.gate
    whom = [
        *(part.to if part else ()),
        *(EVERYBODY if gate.decision and look.directory.channel("coordination") else ()),
    ]
    mail = part.mail if part else ()
    said = {"what": what, "say": part.say if part else "", **args}
    notices.announce(
        tx, gate.subject, look.directory, list(dict.fromkeys(whom)), f"{what}:{gate.attempt}", mail=mail, **said
    )


def climb(tx: Tx, look: Look, policy: str) -> None:
    """Page by a policy of the plan until somebody has it; one that the plan has no more pages nobody."""
    teams = look.work.teams
    signers = tuple(one.key for one in look.tally.missing if not one.vacant)
    concern = Concern(team=_team(look), teams=teams, assignees=signers)
    with suppress(Refused):
        digest = escalation.digest(tx, look.directory, policy)
        escalation.start(tx, look.gate.plan_id, look.gate.subject, digest, concern)


def _team(look: Look) -> str | None:
    """The team concerned: that of whoever must sign, else the first that works on it."""
    for person in look.tally.missing:
        for team in look.directory.teams_of(person)[:1]:
            return team.key
    return next(iter(look.work.teams), None)


def _let_go(tx: Tx, look: Look, actor: str, reason: str) -> None:
    tx.session.add(look.gate)
    escalation.end(tx, look.gate.subject)
    tx.session.flush()
    holds.lift(tx, look.gate.plan_id, by=look.gate.key, actor=actor, reason=reason)


def _shifted(tx: Tx, look: Look) -> tuple[list[str], datetime | None]:
    """Move the dates that the plan names, and where its due does not follow from them, the gate; in words, and when."""
    part, gate = look.part.if_no_go, look.gate
    table = timetable(look.document)
    if part is None or part.again is None or table is None or gate.due_at is None:
        return [], None
    later = part.again
    while gate.due_at + later <= tx.now:
        later += part.again
    again = gate.due_at + later
    values: dict[tuple[str | int, ...], str] = {}
    said: list[str] = []
    for name in part.shift:
        found = placed(table, table.dates[name])
        if found:
            values["dates", name] = _written(look, found[0] + later, found[1])
            said.append(f"`{name}`: {b.date(found[0] + later, 'both')}, was {b.date(found[0], 'both')}")
    models.try_again(gate)
    tx.session.flush()
    with suppress(Refused):
        reason = f"{gate.name} was no-go"
        if values:
            plans.edit_all(tx, gate.plan_id, values, author=BOT, reason=reason)
        if gate.due_at < again:
            text = _written(look, again, table.calendar.zone.key)
            plans.edit(tx, gate.plan_id, ("gates", gate.key, "due"), text, author=BOT, reason=reason)
        return said, gate.due_at
    return [], None


def _written(look: Look, at: datetime, zone: str) -> str:
    """An instant as a plan file has it, in the zone in which the moment was written."""
    local = at.astimezone(ZoneInfo(zone))
    own = None if zone == look.directory.timezone else ZoneInfo(zone)
    return str(Wall(local.date(), local.time().replace(tzinfo=None, second=0, microsecond=0), own))


def _emergency(look: Look) -> str:
    return look.part.if_missed.emergency if look.part.if_missed else ""


def _due(gate: models.Gate) -> str:
    return gate.due_at.isoformat() if gate.due_at else ""


def _whole(span: timedelta) -> timedelta:
    return timedelta(seconds=int(span.total_seconds()))


def reconsider(tx: Tx, plan_id: int, concerns: Callable[[Gate], bool] = lambda _: True, *, actor: str = BOT) -> None:
    """Look again at the gates of a plan that something concerns."""
    for gate in store.gates(tx, plan_id):
        if concerns(gate):
            look_again(tx, gate.id or 0, actor=actor)


def look_again(tx: Tx, gate_id: int, *, actor: str = BOT) -> None:
    """Do what follows from how a gate stands now."""
    gate = store.gate(tx, gate_id, lock=True)
    if gate is None or gate.gone or gate.state == State.WAIVED:
        return
    look = Look(tx, gate)
    if gate.state == State.PASSED:
        _doubt(tx, look)
        return
    if _void(tx, look):
        look = Look(tx, gate)
    was, gate.state = gate.state, _state(look)
    tx.session.add(gate)
    if _passes(look):
        passed(tx, look, actor)
    elif gate.shown:
        outbox.touch(tx, KIND, [gate_id])
    holds_now = gate.state == State.READY != was or (gate.state == State.FAILED and not gate.decision)
    if holds_now and not look.lacking and look.tally.missing:
        _call_signers(tx, look, late=gate.state == State.FAILED)


def drop(tx: Tx, look: Look, why: str) -> None:
    """Take away every signature that a gate has, because it asks for something else now."""
    for signature in look.standing:
        _end(tx, look, signature, [why])


def _state(look: Look) -> str:
    if look.gate.state == State.FAILED:
        return State.FAILED
    return State.PENDING if look.lacking else State.READY


def _passes(look: Look) -> bool:
    """A decision that was no-go stays no-go until its next attempt; any other gate may still pass late."""
    return look.complete and not (look.gate.decision and look.gate.state == State.FAILED)


def _void(tx: Tx, look: Look) -> bool:
    """Let fall what was signed on something else than what is there now."""
    found = [(one, signatures.changed(one.signed, look.readings)) for one in look.standing if one.verdict == "yes"]
    fallen = [(one, why) for one, why in found if why]
    for signature, why in fallen:
        _end(tx, look, signature, why)
    return bool(fallen)


def _end(tx: Tx, look: Look, signature: models.Signature, why: list[str]) -> None:
    gate, directory = look.gate, look.directory
    models.end(signature, Mark.VOID, tx.now, why)
    gate.changes += 1
    tx.session.add(signature)
    notices.record(tx, gate, "voided", to=signature.person, why=why)
    whom = directory.named([signature.person])
    notices.tell(tx, gate.subject, directory, whom, f"void:{signature.id}", what="void", why=why)


def _call_signers(tx: Tx, look: Look, *, late: bool) -> None:
    """Everything holds: whoever must sign is asked to, once for each time it became so; late, for what holds now."""
    missing = [one for one in look.tally.missing if not one.vacant]
    key = f"ready:late:{look.content}"
    if not late:
        look.gate.changes += 1
        key = f"ready:{look.gate.changes}"
        notices.record(tx, look.gate, "ready", people=[one.key for one in missing])
    notices.tell(tx, look.gate.subject, look.directory, missing, key, what="ready")


def _doubt(tx: Tx, look: Look) -> None:
    """It has passed and stays so; what changed since is flagged for those who signed and who coordinate."""
    gate, found = look.gate, signatures.changed(look.gate.passed_on, look.readings)
    fresh = [sentence for sentence in found if sentence not in gate.doubt]
    if found != gate.doubt:
        gate.doubt = found
        gate.changes += 1
        tx.session.add(gate)
        notices.record(tx, gate, "doubted" if found else "cleared", why=fresh)
    if fresh:
        signed = [one.person for one in look.standing]
        whom = [*look.directory.named(signed), *look.directory.coordinators]
        notices.tell(tx, gate.subject, look.directory, whom, f"doubt:{gate.changes}", what="doubt", why=fresh)
        tx.publish(GateDoubted(gate.plan_id, gate.key, gate))
