"""What somebody reads who has just done something to a gate: what happened, what is next, how to undo it."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.gates.assessment import Look
from callboard.gates.messages import card, of_gate
from callboard.gates.models import State
from callboard.gates.models.polls import Stand
from callboard.teams.directory import Asker


def how_it_stands(look: Look, done: str = "") -> str:
    """What somebody reads who has just done something to a gate."""
    look.tx.session.flush()
    view = of_gate(look.tx, look.gate)
    return f"{done} {m.escape(look.gate.name)}: {card.state(view)}".strip()


def heard(look: Look, who: Asker) -> str:
    """The same for an answer to a poll; empty where there is none."""
    name = look.directory.spoken_of
    for voice in look.poll.roles if look.poll else ():
        given = voice.answer or voice.early
        if given is None or given.by != who.person.key:
            continue
        condition = f" if {m.escape(given.condition)} ({look.directory.called(given.owner)} ticks it)"
        said = f"{'GO' if given.go else 'NO-GO'} for {m.escape(name(voice.role))}{condition if given.condition else ''}"
        undo = "" if look.gate.settled else f" To take it back: `/gate withdraw {look.gate.key}`."
        if voice.stand == Stand.WAITING:
            return f"Kept: {said}. I read it when it is {m.escape(name(voice.role))}'s turn.{undo}"
        return how_it_stands(look, f"You answered {said}.{undo}\n")
    return ""


def said_no(look: Look, who: Asker) -> str:
    """The same for a no, which ends a decision at once, and a poll in its turn."""
    gate = look.gate
    if gate.decision and gate.missed_at == look.tx.now:
        again = (
            f"Next attempt: {card.when(gate.due_at)}." if gate.state != State.FAILED else "No next attempt is planned."
        )
        return f"You said NO-GO. {m.escape(gate.name)} is NO-GO. {again}"
    return heard(look, who) or how_it_stands(look, "You said no.")
