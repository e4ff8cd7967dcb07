"""How a gate reads: its card, and lists of gates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from callboard import blocks as b
from callboard.core.outbox import Message
from callboard.core.words import few, joined
from callboard.escalation.service import Ladder, Rung
from callboard.gates.messages.snapshot import CardView, CriterionView, SlotView, WaiverView

LIGHTS = {
    "pending": ":white_circle:",
    "ready": ":large_yellow_circle:",
    "passed": ":large_green_circle:",
    "failed": ":red_circle:",
    "waived": ":large_blue_circle:",
}
HOLDS, OPEN = ":white_check_mark:", ":white_small_square:"
LISTED = 40
FEW, SEVERAL, MANY = 5, 8, 20
LINES = 25


def card(view: CardView) -> Message:
    """The one card of a gate, edited in place."""
    blocks = [
        b.section(f"{LIGHTS[view.state]} {b.bold(b.escape(title(view)))}\n{state(view)}"),
        *([b.context(*about)] if (about := _about(view)) else []),
        *(b.section(text) for text in in_pieces([_criterion(one) for one in view.criteria])),
        *_signed(view),
        *_notes(view),
        *_buttons(view),
    ]
    return Message(text=f"{b.escape(view.name)}: {plain_state(view)}", blocks=blocks)


def title(view: CardView) -> str:
    """What a gate is called, and what it is typed as."""
    return f"{view.name} ({view.key})"


def plain_state(view: CardView) -> str:
    """How a gate stands, in a few words."""
    if not view.decision:
        return "late" if view.state == "failed" else view.state
    return {"passed": "GO", "failed": "NO-GO", "ready": "waiting for the votes", "pending": "a no-go as it stands"}.get(
        view.state, view.state
    )


def state(view: CardView) -> str:
    """How a gate stands, and what is next."""
    match view.state:
        case "passed":
            doubt = "  :warning: *in doubt*" if view.doubt else ""
            return f"*{'GO' if view.decision else 'Passed'}* {when(view.settled_at)}, with {view.settled_by}{doubt}"
        case "waived":
            return f"*Waived* by {view.settled_by}, {when(view.settled_at)}"
        case "failed" if view.decision:
            return f"*NO-GO* {when(view.missed_at)}"
        case "failed":
            return f"*Not passed by its time*, {when(view.due_at)}: what waits for it stays on hold"
        case "ready":
            return f"Everything holds.{_awaited(view)}{left(view)}"
    lacking, every = len(view.lacking), len(view.criteria)
    verb = "does" if lacking == 1 else "do"
    as_it_stands = "*A no-go as it stands*: " if view.decision else ""
    return f"{as_it_stands}{lacking} of {every} criteria {verb} not hold yet.{left(view)}"


def listed(head: str, views: Sequence[CardView], empty: str) -> list[dict[str, Any]]:
    """A list of gates; long lists say how many more there are."""
    if not views:
        return [b.section(empty)]
    rows = [b.section(one_line(view)) for view in views[:LISTED]]
    more = [b.context(f"and {len(views) - LISTED} more")] if len(views) > LISTED else []
    return [b.section(b.bold(head)), *rows, *more]


def one_line(view: CardView) -> str:
    """A gate in a list."""
    due = f"  ·  due {when(view.due_at)}" if view.due_at and view.state in ("pending", "ready", "failed") else ""
    how = state(view)
    return f"{LIGHTS[view.state]} *{view.key}*  {b.escape(view.name)}  ·  {how}{'' if 'Due' in how else due}"


def waiver(view: WaiverView) -> str:
    """An exception record."""
    until = f", until {when(view.until_at)}" if view.until_at else ""
    risks = [f"risk of adding: {view.risk_of_adding}", f"risk of cutting: {view.risk_of_cutting}"]
    return f":large_blue_circle: Waived by {view.by}{until}: {view.why} ({'; '.join(risks)})"


def _about(view: CardView) -> list[str]:
    said = left(view) if view.state in ("pending", "ready") else ""
    due = [] if said else [f"Due {when(view.due_at)}"] if view.due_at else ["No due time"]
    attempt = [f"Attempt {view.attempt}"] if view.decision and view.attempt > 1 else []
    about = [b.escape(b.clip(view.about, 300))] if view.about else []
    holds = [f"Holds {few(view.held, FEW)}"] if view.held else []
    wants = [f"Goes on without {', '.join(view.wanting[:FEW])}, and hears of it"] if view.wanting else []
    return [*due, *attempt, *about, *holds, *wants]


def _criterion(one: CriterionView) -> str:
    number = f" ({one.number})" if one.number and not one.holds else ""
    return f"{HOLDS if one.holds else OPEN}{number}  {b.clip(one.says, 300)}: {b.clip(one.stands, 600)}"


def _signed(view: CardView) -> list[dict[str, Any]]:
    lines = [_slot(slot, view) for slot in view.slots]
    lines += [f":no_entry: {who} says no: {b.clip(reason, 500)}" for who, reason in view.rejections]
    head = "*The vote*" if view.decision else "*Signatures*"
    return [b.section("\n".join([head, *lines]))] if lines else []


def _slot(slot: SlotView, view: CardView) -> str:
    mark = HOLDS if slot.met else OPEN
    voice = "GO from" if view.decision else "signed by"
    signed = ", ".join(f"{who} {b.date(at)}" for who, at in slot.signed)
    waits = "waits for" if view.is_open else "not signed by"
    missing = "" if slot.met else f"{waits} {' or '.join(slot.missing) or 'nobody'}"
    due = f", due {when(slot.due_at)}" if slot.due_at and not slot.met else ""
    vacant = " (a seat is vacant)" if slot.vacant and not slot.met else ""
    voiced = f"{voice} {signed}" if signed else ""
    between = "; " if signed and missing else ""
    return f"{mark}  {b.escape(slot.says)}: {voiced}{between}{missing}{due}{vacant}"


def _notes(view: CardView) -> list[dict[str, Any]]:
    notes = [waiver(view.waiver)] if view.waiver else []
    if view.doubt:
        notes.append(f":warning: *In doubt*, changed since it passed: {b.clip('; '.join(view.doubt), 1500)}")
    if view.state == "failed" and view.decision and view.outcome:
        notes.append(f"What failed: {b.clip('; '.join(view.outcome), 1500)}")
    if view.state == "failed" and view.if_missed:
        notes.append(f"What follows: {b.escape(view.if_missed)}")
    if view.owner:
        notes.append(f"{view.owner} has it.")
    elif view.ladder and view.state == "failed" and view.ladder.next_at:
        notes.append(_ladder(view.ladder))
    return [b.context(*notes)] if notes else []


def _ladder(ladder: Ladder) -> str:
    paged = [who for rung in ladder.rungs if rung.state == "paged" for who in rung.whom]
    following: Rung | None = next((rung for rung in ladder.rungs if rung.state == "next"), None)
    then = f" If nobody has it by {when(ladder.next_at)}, {', '.join(following.whom)} is paged." if following else ""
    return f"Paged: {joined(paged) or 'nobody yet'}.{then}"


def _buttons(view: CardView) -> list[dict[str, Any]]:
    if not view.is_open:
        return []
    value = value_of(view)
    tick = (
        [b.button("Tick...", "gate.tick", value)] if any(one.number and not one.holds for one in view.criteria) else []
    )
    sign = b.button("GO..." if view.decision else "Sign...", "gate.sign", value, style="primary")
    reject = b.button("NO-GO..." if view.decision else "Reject...", "gate.reject", value, style="danger")
    signing = [sign, reject] if view.slots else []
    options = [("What happened", f"history:{value}")]
    options += [("Take my signature back", f"withdraw:{value}")] if view.slots else []
    options += [] if view.decision else [("Waive it", f"waive:{value}")]
    return [b.actions(*signing, *tick, b.overflow("gate.more", options))]


def value_of(view: CardView) -> str:
    """What a button carries: the plan, the gate, and how it stood when the button was drawn."""
    return f"{view.plan_key}/{view.key}:{view.changes}"


def left(view: CardView) -> str:
    """When it is due, where that is to come."""
    if view.due_at is None:
        return ""
    return f" Due {when(view.due_at)}." if view.due_at > view.now else ""


def _awaited(view: CardView) -> str:
    """What is left where all criteria hold."""
    if view.rejections:
        back = "to take that back, or to sign"
        return f" But {joined([who for who, _ in view.rejections])} said no: it waits for them {back}."
    who = joined([name for slot in view.slots for name in slot.missing])
    return f" {'The vote is open: it' if view.decision else 'It'} waits for {who or 'signatures'}."


def bullets(lines: Sequence[str], key: str, most: int = SEVERAL) -> str:
    """The first few of some lines, one below the other, and where the others are."""
    shown = lines if len(lines) <= most + 1 else lines[:most]
    more = f"\n• and {len(lines) - most} more: `/gate show {key}`" if len(shown) < len(lines) else ""
    return "".join(f"\n• {b.clip(line, 300)}" for line in shown) + more


def when(at: datetime | None) -> str:
    """A day and time that each reader sees in their own zone."""
    return b.date(at, "both") if at else "some time"


def in_pieces(lines: Sequence[str]) -> list[str]:
    """Lines in as few texts as Slack takes."""
    pieces: list[str] = []
    for line in lines:
        if pieces and len(pieces[-1]) + len(line) + 1 <= b.TEXT:
            pieces[-1] += f"\n{line}"
        else:
            pieces.append(b.clip(line, b.TEXT))
    return pieces
