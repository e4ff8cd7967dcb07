"""The card of a gate, and lists of gates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.words import complete, counted, few, joined
from callboard.escalation.ladder import RungState
from callboard.escalation.models import Why
from callboard.escalation.service import Ladder
from callboard.gates.messages import MET, OPEN, CardView, polls
from callboard.gates.models import Gate, State, Waiver
from callboard.gates.plan.poll import PolledSignOff
from callboard.gates.quorum import Slot
from callboard.teams import hindrances
from callboard.teams.directory import Person

LIGHTS = complete(State, {
    State.PENDING: ":white_circle:", State.READY: ":large_yellow_circle:", State.PASSED: ":large_green_circle:",
    State.FAILED: ":red_circle:", State.WAIVED: ":large_blue_circle:",
})  # fmt: skip
DECISION = complete(State, {
    State.PENDING: "NO-GO so far", State.READY: "open for votes", State.PASSED: "GO", State.FAILED: "NO-GO",
    State.WAIVED: "waived",
})  # fmt: skip
LISTED, FEW, ASK = 40, 5, "Ask me when it is ready"


def card(view: CardView) -> Message:
    """The one card of a gate, edited in place."""
    if view.gate.gone:
        text = f":heavy_multiplication_x: {m.bold(m.escape(f'{view.gate.name} ({view.gate.key})'))} has left the plan."
        return Message(text=text, blocks=[b.section(text)])
    about = [b.context(*lines)] if (lines := _about(view)) else []
    criteria = in_pieces(list(map(view.line, view.readings)))
    blocks = [b.section(head(view)), *about, *criteria, *_signed(view), *_notes(view), *_buttons(view)]
    return Message(text=f"{m.escape(view.gate.name)}: {plain_state(view)}", blocks=blocks)


def in_channel(view: CardView) -> Message:
    """The card as one message holds it; what it leaves out is a command away."""
    whole = card(view)
    return replace(whole, blocks=fit.fitted(whole.blocks, rest=f": `/gate show {view.gate.key}`"))


def head(view: CardView) -> str:
    """What a gate is called and typed as, and how it stands."""
    gate = view.gate
    return f"{LIGHTS[State(gate.state)]} {m.bold(m.escape(f'{gate.name} ({gate.key})'))}\n{state(view)}"


def plain_state(view: CardView) -> str:
    """How a gate stands, in a word or two."""
    gate = view.gate
    return DECISION[State(gate.state)] if gate.decision else gate.word


def state(view: CardView) -> str:
    """How a gate stands, and what is next."""
    gate, settled_by = view.gate, view.directory.called(view.gate.settled_by)
    match State(gate.state):
        case State.PASSED:
            doubt = "  :warning: *in doubt*" if gate.doubt else ""
            return f"*{'GO' if gate.decision else 'Passed'}* {when(gate.settled_at)}{doubt}"
        case State.WAIVED:
            return f"*Waived* by {settled_by}, {when(gate.settled_at)}"
        case State.FAILED if gate.decision:
            return f"*NO-GO* {when(gate.missed_at)}"
        case State.FAILED:
            overdue = f"*Overdue* since {when(gate.due_at)}{_because(view)}."
            return f"{overdue} {view.met.capitalize()}. What waits for it stays on hold."
        case State.READY:
            return f"{view.met.capitalize()}. {_awaited(view)}{left(view)}"
        case State.PENDING:
            polled = f" {view.polled}" if view.polled else ""
            return f"{'*NO-GO so far*: ' if gate.decision else ''}{view.met}.{polled}{left(view)}"


def _because(view: CardView) -> str:
    """Why it is late, where that is another gate; or when it is expected, once that gate has passed."""
    if view.cause:
        return f", because {m.escape(view.cause)} has not passed"
    return f", expected {when(view.gate.expected_at)}" if view.gate.expected_at else ""


def _awaited(view: CardView) -> str:
    if view.rejections:
        who = joined(view.directory.called(no.person) for no in view.rejections)
        return f"{who} said no, and must sign or withdraw that."
    if view.polled:
        return f"{view.polled}{f' Waiting for {view.missing}.' if view.missing else ''}"
    waiting = "Open for votes: waiting" if view.gate.decision else "Waiting"
    return f"{waiting} for {view.missing or 'signatures'}."


def listed(title: str, views: Sequence[CardView], empty: str, count: int) -> list[dict[str, Any]]:
    """A list of the first `LISTED` of so many gates; a long list ends with how many more."""
    if not views:
        return [b.section(empty)]
    more = [b.context(f"and {count - LISTED} more: `/gate mine` shows yours")] if count > LISTED else []
    return [b.section(m.bold(title)), *(b.section(_row(view)) for view in views), *more]


def of_items(view: CardView, items: Sequence[Gate]) -> list[dict[str, Any]]:
    """The items of a gate, each in a line: first those that have not passed."""
    rows = sorted(items, key=lambda item: item.settled)
    lines = [f"{LIGHTS[State(item.state)]} *{item.item}*  {item.state}" for item in rows]
    title = m.bold(f"{m.escape(view.gate.name)}: {sum(item.settled for item in items)} of {len(items)} passed")
    return [b.section(title), *in_pieces(lines)[:LISTED], b.context(f"See one with `/gate show {rows[0].key}`.")]


def _row(view: CardView) -> str:
    gate, stands = view.gate, state(view)
    if view.items:
        what, count, passed = view.items
        about = f"{passed} of {counted(count, what or 'item')} passed"
        begin = f"{stands} " if gate.settled or gate.state == State.FAILED else ""
        stands = f"{begin}{about}. See `/gate list {gate.key}`."
    due = f"  ·  due {when(gate.due_at)}" if gate.due_at and not gate.settled and "Due" not in stands else ""
    return f"{LIGHTS[State(gate.state)]} *{gate.key}*  {m.escape(gate.name)}  ·  {stands}{due}"


def _about(view: CardView) -> list[str]:
    gate, failed = view.gate, view.gate.state == State.FAILED
    due = f"Due {when(gate.due_at)}" if gate.due_at else "No due time"
    return [
        *([due] if gate.settled or not (failed or left(view)) else []),
        *([f"Attempt {gate.attempt}"] if gate.decision and gate.attempt > 1 else []),
        *([m.escape(m.clip(view.part.about, 300))] if view.part.about else []),
        *([f"On hold until then: {few(view.held, FEW)}"] if view.held else []),
        *([f"Wanted, not required: {few(view.wanting, FEW)}"] if view.wanting else []),
        *([f"Also overdue because of it: {m.escape(few(view.late, FEW))}"] if view.late else []),
        *([f"Each item: `/gate list {gate.key}`"] if view.items else []),
    ]


def _signed(view: CardView) -> list[dict[str, Any]]:
    lines = [_slot(slot, due, view) for slot, due in zip(view.slots, view.dues, strict=True) if not _voice(slot, view)]
    lines += polls.lines(view.poll) if view.poll else []
    called = view.directory.called
    lines += [f":no_entry: {called(no.person)} says no: {m.clip(no.reason, 500)}" for no in view.rejections]
    title = "*Votes*" if view.gate.decision else "*Signatures*"
    return in_pieces([title, *lines]) if lines else []


def _voice(slot: Slot, view: CardView) -> bool:
    """Whether the poll has a line for it."""
    return view.poll is not None and isinstance(slot.part, PolledSignOff)


def _slot(slot: Slot, due_at: datetime | None, view: CardView) -> str:
    signed = ", ".join(f"{view.signer(given)} {m.date(given.at)}" for given in slot.given)
    voices = [f"{'GO from' if view.gate.decision else 'signed by'} {signed}"] if signed else []
    if slot.met:
        return f"{MET}  {m.escape(slot.says)}: {'; '.join(voices)}"
    if view.lacking and not view.is_open and not view.gate.settled:
        return f"{OPEN}  {m.escape(slot.says)}: {'; '.join([*voices, 'nobody was asked'])}"
    waiting = "waiting for" if view.is_ready else "to be signed by" if view.is_open else "not signed by"
    missing = f"{waiting} {slot.awaited(view.directory) or 'nobody'}"
    due = f", due {when(due_at)}" if due_at else ""
    vacant = " (vacant seat)" if any(person.vacant for person in slot.missing) else ""
    gone = f". {stranded(view, slot.stranded(view.directory))}" if slot.stranded(view.directory) else ""
    return f"{OPEN}  {m.escape(slot.says)}: {'; '.join([*voices, missing])}{due}{vacant}{gone}"


def stranded(view: CardView, people: Sequence[Person]) -> str:
    """That nobody can give a signature any more, and what to do, in sentences."""
    why = joined(f"{m.escape(person.name)} {hindrances.of_account(person.lost)}" for person in people)
    waive = "" if view.gate.decision else f", or waive it: `/gate waive {view.gate.key} because ...`"
    return f"Nobody can sign that: {why}, and no deputy acts. Name somebody else in the plan file{waive}"


def _notes(view: CardView) -> list[dict[str, Any]]:
    gate = view.gate
    failed = gate.state == State.FAILED
    notes = [_waiver(view, view.waiver)] if view.waiver else []
    if view.stopped:
        notes.append(f":snowflake: *No gate passes now*: {view.stopped}")
    if gate.doubt:
        notes.append(f":warning: *In doubt*. Changed since it passed: {m.clip('; '.join(gate.doubt), 1500)}")
    if failed and gate.decision and gate.outcome:
        notes.append(f"Failed: {m.clip('; '.join(gate.outcome), 1500)}")
    if failed and view.consequence:
        notes.append(f"Consequence: {m.escape(view.consequence)}")
    owner = f"{view.directory.called(gate.owner)} has it." if gate.owner else ""
    if owner or (view.ladder and failed):
        notes.append(_ladder(view.ladder if failed else None, owner))
    return [b.context(*notes)] if notes else []


def _waiver(view: CardView, waiver: Waiver) -> str:
    until = f" until {when(waiver.until_at)}" if waiver.until_at else ""
    risks = f"risk of adding: {waiver.risk_of_adding}; risk of cutting: {waiver.risk_of_cutting}"
    return f":large_blue_circle: Waived by {view.directory.called(waiver.by)}{until}: {waiver.why} ({risks})"


def _ladder(ladder: Ladder | None, owner: str) -> str:
    """Who was paged or has it, and who is paged next."""
    if ladder and ladder.snoozed_until:
        return f"{owner or ladder.receipt} Nobody is paged while gates are stopped.".strip()
    receipt = ladder.receipt if ladder else ""
    return f"{owner or receipt or 'Paged: nobody yet.'}{next_page(ladder)}"


def next_page(ladder: Ladder | None, reader: str = "") -> str:
    """Who is paged next, when and unless what; the `reader` is told that it is them. Empty where nobody is."""
    coming = ladder.next if ladder and ladder.next and ladder.next.whom else None
    if ladder is None or coming is None or ladder.snoozed_until:
        return ""
    paged = {name for rung in ladder.rungs if rung.state == RungState.PAGED for name in rung.whom}
    again = " again" if coming.again or paged.issuperset(coming.whom) else ""
    whom = joined("you" if name == reader else name for name in coming.whom)
    return f" {if_not(coming.why)} by {when(coming.at)}, I page {whom}{again}."


def if_not(why: Why) -> str:
    """What would keep the next page from going out."""
    if why == Why.RESOLUTION:
        return "If it has not passed"
    return "If nothing happens" if why == Why.IDLE else "If nobody takes it"


def _buttons(view: CardView) -> list[dict[str, Any]]:
    if not view.is_open:
        return []
    decision, value = view.gate.decision, view.value
    sign = b.button("GO..." if decision else "Sign...", "gate.sign", value, style="primary")
    ask = b.button(ASK, "gate.ask", value)
    reject = b.button("NO-GO..." if decision else "Reject...", "gate.reject", value, style="danger")
    ticks = any(reading.key in view.numbers for reading in view.lacking)
    options = [("Show history", f"history:{value}")]
    options += [("Withdraw my signature", f"withdraw:{value}")] if view.slots else []
    options += [] if decision else [("Waive...", f"waive:{value}")]
    tick = [b.button("Tick...", "gate.tick", value)] if ticks else []
    first = sign if view.is_ready else ask
    return [b.actions(*([first, reject] if view.slots else []), *tick, b.overflow("gate.more", options))]


def left(view: CardView) -> str:
    """When it is due, unless that is over."""
    due = view.gate.expected_at or view.gate.due_at
    return f" Due {when(due)}." if due and due > view.now else ""


def when(at: datetime | None) -> str:
    """A day and time that each reader sees in their own zone."""
    return m.date(at, "both") if at else "some time"


def in_pieces(lines: Sequence[str]) -> list[dict[str, Any]]:
    """Lines in as few sections as Slack takes."""
    pieces: list[str] = []
    for line in lines:
        if pieces and len(pieces[-1]) + len(line) + 1 <= m.TEXT:
            pieces[-1] += f"\n{line}"
        else:
            pieces.append(m.clip(line, m.TEXT))
    return [b.section(piece) for piece in pieces]
