"""Answers to a poll: GO, GO with a condition, NO-GO. One before its turn is kept, and read in turn."""

from __future__ import annotations

from typing import Any

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.gates import notices, outcome, rights
from callboard.gates.assessment import Look
from callboard.gates.models import Verb, polls
from callboard.gates.models.polls import Answer, Stand
from callboard.gates.notices import polls as told
from callboard.gates.outcome import polls as course
from callboard.gates.service.changes import open_gate
from callboard.teams.directory import OBSERVER, Asker, Person

LONGEST = 300


def seat(look: Look, asker: Asker, for_person: str = "") -> str:
    """Whose seat the asker answers for, if the poll asks that; else empty. Raises Refused with who may."""
    if not look.written.poll:
        return ""
    own = rights.seat(look, asker, for_person)
    return own if any(own == person.key for slot in look.polled for person in slot.people) else ""


def may_answer(tx: Tx, asker: Asker, key: str, asked: str, *, go: bool) -> tuple[Look, str]:
    """The decision as the asker would answer its poll, and for whom. `asked` is the question that a button brings.

    Raises Refused with who may, and where that question is over.
    """
    look = open_gate(tx, asker, key)
    for_seat = seat(look, asker)
    if not for_seat:
        raise Refused(f"{m.escape(look.gate.name)} has no poll that asks you. See `/gate show {look.gate.key}`.")
    number = rights.answers(look, asker, for_seat, go=go)
    poll = look.poll
    if poll and asked and asked != look.question(number):
        raise Refused(_since(look, number, asked))
    return look, for_seat


def _since(look: Look, number: int, asked: str) -> str:
    """What has happened to a question since its button was drawn."""
    before, now = asked.split("."), look.question(number).split(".")
    name, again = m.escape(look.gate.name), f"Answer the newest page, or type `/gate go {look.gate.key}`."
    if before[0] != now[0]:
        return f"That was an earlier poll of {name}, and it is over. Your click did nothing. {again}"
    if before[3] != now[3]:
        return f"What you vouch for has changed since that page. Your click did nothing. {again}"
    return f"You were asked anew since that page. Your click did nothing. {again}"


def answer(
    look: Look, asker: Asker, for_seat: str, *, go: bool, why: str = "", condition: str = "",
    owner: Person | None = None,
) -> Look:  # fmt: skip
    """Answer for a voice: at once where it was asked, or had answered; else the answer waits for its turn."""
    tx, gate = look.tx, look.gate
    number = rights.answers(look, asker, for_seat, go=go)
    poll = look.poll
    if poll is None:
        raise LookupError(gate.key)
    if condition:
        _may_depend(look, condition, owner)
    given = Answer(
        go=go, by=asker.person.key, seat=for_seat, at=tx.now.isoformat(), why=why, condition=m.unescape(condition),
        owner=(owner or asker.person).key if condition else "", content=look.vouched if go else "",
    )  # fmt: skip
    if poll.roles[number].stand == Stand.WAITING:
        polls.keep(poll, number, given)
        gate.changes += 1
        _record(look, asker, Verb.POLL_EARLY, number, turn=number, answer=polls.digest(given))
    else:
        course.hear(look, number, given)
    tx.session.flush()
    if go:
        outcome.look_again(tx, gate.number, actor=asker.person.key)
    elif poll.roles[number].stand == Stand.NO_GO:
        outcome.no_go(Look(tx, gate), asker.person.key)
    return Look(tx, gate)


def _may_depend(look: Look, condition: str, owner: Person | None) -> None:
    """A condition has an owner who can tick it, and time until the decision is due."""
    if len(condition) > LONGEST:
        raise Refused(f"Say the condition in {LONGEST} characters: somebody ticks it as one criterion.")
    if owner and (owner.vacant or OBSERVER in owner.roles):
        raise Refused(f"{look.directory.called(owner)} can't tick it. Name somebody else.")
    due = look.gate.due_at
    if due and due <= look.tx.now:
        raise Refused(f"The decision is due since {m.date(due, 'both')}: no condition now. Answer GO or NO-GO.")


def take_back(look: Look, asker: Asker) -> bool:
    """Forget what the asker answered before their turn; whether there was something."""
    poll = look.poll
    for number, voice in enumerate(poll.roles if poll else ()):
        if poll and voice.early and voice.early.by == asker.person.key:
            polls.keep(poll, number, None)
            look.gate.changes += 1
            _record(look, asker, Verb.POLL_UNREAD, number, turn=number)
            look.tx.session.flush()
            return True
    return False


def _record(look: Look, asker: Asker, verb: Verb, number: int, **facts: Any) -> None:
    name = look.directory.spoken_of(look.poll.roles[number].role) if look.poll else ""
    notices.record(look.tx, look.gate, verb, actor=asker.person.key, voice=name, **facts)
    if look.poll:
        told.show(look.tx, look.poll)
