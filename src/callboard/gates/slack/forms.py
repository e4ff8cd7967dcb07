"""What somebody fills in who signs, rejects or waives a gate; it says what that does."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from typing import Any

from callboard import blocks as b
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import counted, few_lines, joined
from callboard.gates import service as gates
from callboard.gates.assessment import Look
from callboard.gates.criteria.facts import Reading
from callboard.gates.messages import CardView, card, freed, of_gate, of_look
from callboard.gates.plan.poll import PolledSignOff
from callboard.gates.quorum import ALL, Given, Slot
from callboard.gates.rights import NotReady
from callboard.slack.answers import Answer, Modal
from callboard.teams.directory import Asker, Directory
from callboard.teams.old_buttons import changes_since

MOST_LINES, MOST_MARKS, READ = 40, 200, "I looked at these criteria"


class Offer(Refused):
    """A refusal with a button for what can be done instead."""

    def __init__(self, sentence: str, *buttons: b.Block) -> None:
        super().__init__(sentence)
        self.shown = [b.actions(*buttons)]


def confirmation(tx: Tx, asker: Asker, key: str, for_person: str = "", expected: int | None = None) -> Answer:
    """The form that says exactly what is signed, and what that does; before it is ready, an offer to ask then."""
    try:
        look, seat = gates.may_sign(tx, asker, key, for_person)
    except NotReady as early:
        raise Offer(early.sentence, b.button(card.ASK, "gate.ask", of_gate(tx, early.gate).value)) from None
    view, go = of_look(look), look.gate.decision
    whose = f", for {look.directory.called(seat)}" if seat != asker.person.key else ""
    since = changes_since(tx, asker, look.gate, expected)
    blocks = [
        *([b.context(f"Since this button was shown: {since}.")] if since else []),
        b.section("\n".join([f"{view.name}: {card.plain_state(view)}{whose}", *_covered(view)])),
        *(card.in_pieces(list(map(view.line, view.readings))) or [b.section("This gate has no criteria.")]),
        b.divider(),
        b.section("\n• ".join([f"*If you {'say GO' if go else 'sign'}:*", *effects(look, asker, seat)])),
        forms.checkboxes_input("Confirm", "read", [(READ, "yes")], optional=False, focus=True),
    ]
    named = seat if whose else ""
    return form(view, "sign", "GO" if go else "Sign", blocks, content=look.content, **{"for": named})


def _covered(view: CardView) -> list[str]:
    met = counted(len(view.readings), "met criterion", "met criteria")
    lines = [f"You sign {met}. If one changes, your signature is void."] if view.readings else []
    return [*lines, *([f"Wanted, not required: {joined(view.wanting)}."] if view.wanting else [])]


def _must_sign(directory: Directory, slot: Slot) -> str:
    seat = m.escape(slot.seat(directory))
    how = f"as {seat}" if slot.count == 1 or slot.part.count == ALL else f"({seat})"
    return f"{slot.awaited(directory) or 'somebody'} must sign {how}"


def effects(look: Look, asker: Asker, seat: str) -> list[str]:
    """What a signature leads to that is given now."""
    directory, decision, announced = look.directory, look.gate.decision, look.part.announce
    slots = look.tally_of([*look.given, Given(seat, asker.person.key, look.tx.now)]).slots
    voices = [slot for slot in look.tally.of(seat) if isinstance(slot.part, PolledSignOff)]
    if voices:
        return [f"It is GO for {m.escape(voices[0].says)}. `/gate withdraw {look.gate.key}` takes it back."]
    needed = [_must_sign(directory, slot) for slot in slots if not slot.met]
    others = [no.person for no in look.rejections if no.person != asker.person.key]
    needed += [f"{directory.called(person)} must sign or withdraw their no" for person in others]
    if needed:
        return [f"It does not {'decide' if decision else 'pass'} yet. Still needed:", *needed]
    waiting = freed(look)
    audience = joined(_spoken_of(directory, word) for word in (*announced.to, *announced.mail)) if announced else ""
    return [
        "It is *GO*, and that is final." if decision else "The gate passes at once.",
        *([f"No longer on hold: {joined(waiting)}."] if waiting else []),
        *([f"Announced to {audience}."] if audience else []),
    ]


def _spoken_of(directory: Directory, word: str) -> str:
    return m.channel(directory.address(word)) if word.startswith("#") else m.escape(directory.spoken_of(word))


def rejection(look: Look, for_person: str = "") -> Answer:
    """The form that asks why somebody says no."""
    view, decision = of_look(look), look.gate.decision
    shut = "The gate stays shut until you sign or withdraw."
    effect = "The decision is NO-GO at once. Everybody is told." if decision else shut
    why = forms.text_input("Why", "reason", multiline=True, placeholder="What has to change")
    whose = [b.context(f"For {look.directory.called(for_person)}")] if for_person else []
    return form(
        view, "reject", "NO-GO" if decision else "Reject", [b.section(effect), *whose, why], **{"for": for_person}
    )


def waiver(look: Look, why: str = "") -> Answer:
    """The form of an exception record."""
    view = of_look(look)
    lacking = few_lines(list(map(view.line, view.lacking)), MOST_LINES) or ["All criteria are met; signatures are not."]
    blocks = [
        *card.in_pieces([f"You let {view.name} go without this:", *lacking]),
        forms.text_input("Why", "why", multiline=True, initial=why),
        forms.text_input("Risk of adding", "adding", multiline=True, hint="What may go wrong if work starts now"),
        forms.text_input("Risk of cutting", "cutting", multiline=True, hint="What goes wrong if it waits"),
        forms.datetime_input("Until when", "until", optional=True, hint="From then on it must be met after all"),
    ]
    return form(view, "waive", "Waive", blocks, lacking=_marks(view.lacking))


def more_lacking(look: Look, shown: Collection[str]) -> list[str]:
    """What a gate lacks that the form of its waiver did not show, a line for each criterion."""
    view = of_look(look)
    marked = zip(view.lacking, _marks(view.lacking), strict=False)
    return [view.line(reading) for reading, mark in marked if mark not in shown]


def _marks(readings: Sequence[Reading]) -> list[str]:
    """What a form carries along of criteria: as much as Slack lets it."""
    return [f"{zlib.crc32(reading.key.encode()):x}" for reading in readings[:MOST_MARKS]]


def form(view: CardView, verb: str, word: str, blocks: list[b.Block], **carried: Any) -> Modal:
    gate = view.gate
    private = {"number": gate.id, "changes": gate.changes, "attempt": gate.attempt, **carried}
    return Modal(forms.modal(f"{word}: {gate.key}", blocks, callback_id=f"gate.{verb}", submit=word, private=private))
