"""The forms of gates: the confirmation before signing, ticking, rejecting, waiving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from callboard import blocks as b
from callboard.gates.messages.card import HOLDS, OPEN, plain_state
from callboard.gates.messages.snapshot import CardView, CriterionView

MOST_LINES = 40


def confirm(
    view: CardView, content: str, triggers: Sequence[str], for_person: str = "", seat: str = ""
) -> dict[str, Any]:
    """What somebody sees before they sign: what holds, what does not, and what exactly their signature triggers."""
    word = "GO" if view.decision else "Sign"
    whose = f" for {seat}" if for_person else ""
    open_ones = view.lacking
    there = len(view.criteria) - len(open_ones)
    said = f"{there} of {len(view.criteria)} criteria {'holds' if there == 1 else 'hold'}."
    if open_ones:
        said += (
            " You sign for what holds now; your signature falls when any of that changes. What does not hold is not "
            "covered by it, and the gate does not pass before it does."
        )
    if view.wanting:
        said += f" It goes on without {', '.join(view.wanting)}."
    blocks = [
        b.section(f"{b.bold(b.escape(view.name))}: {plain_state(view)}{whose}\n{said}"),
        *(b.section(text) for text in _pieces([_line(one) for one in view.criteria])),
        b.divider(),
        b.section("*If you do:*\n" + "\n".join(f"• {one}" for one in triggers)),
    ]
    private = {**_carried(view), "content": content, "for": for_person}
    return b.modal(f"{word}: {view.key}", blocks, callback_id="gate.sign", submit=word, private=private)


def tick(view: CardView) -> dict[str, Any]:
    """Which criterion somebody has looked at, and what shows it."""
    offered = [(b.clip(one.says, 70), str(one.number)) for one in view.criteria if one.number and not one.holds]
    blocks = [
        b.select_input("What have you looked at?", "which", offered),
        b.text_input("What shows it", "evidence", optional=True, placeholder="A link, a file, a run"),
    ]
    return b.modal(f"Tick: {view.key}", blocks, callback_id="gate.tick", submit="Tick", private=_carried(view))


def reject(view: CardView) -> dict[str, Any]:
    """Why somebody says no."""
    word = "NO-GO" if view.decision else "Reject"
    effect = (
        "The decision is NO-GO at once, and all are told."
        if view.decision
        else "The gate cannot pass until you take this back, or sign."
    )
    blocks = [b.section(effect), b.text_input("Why", "reason", multiline=True, placeholder="What has to be different")]
    return b.modal(f"{word}: {view.key}", blocks, callback_id="gate.reject", submit=word, private=_carried(view))


def waive(view: CardView, why: str = "") -> dict[str, Any]:
    """The exception record."""
    lacking = "\n".join(_line(one) for one in view.lacking[:MOST_LINES]) or "Everything holds; it waits for signatures."
    blocks = [
        b.section(f"{b.bold(b.escape(view.name))} goes through although this does not hold:\n{b.clip(lacking, 2500)}"),
        b.text_input("Why", "why", multiline=True, initial=why),
        b.text_input("Risk of adding", "adding", multiline=True, hint="What may go wrong because it goes on now"),
        b.text_input("Risk of cutting", "cutting", multiline=True, hint="What goes wrong if it waits"),
        b.datetime_input("Until when", "until", optional=True, hint="From then on it has to hold after all"),
    ]
    return b.modal(f"Waive: {view.key}", blocks, callback_id="gate.waive", submit="Waive", private=_carried(view))


def _carried(view: CardView) -> dict[str, str]:
    return {"plan": view.plan_key, "gate": view.key}


def _line(one: CriterionView) -> str:
    return f"{HOLDS if one.holds else OPEN}  {b.clip(one.says, 300)}: {b.clip(one.stands, 600)}"


def _pieces(lines: Sequence[str]) -> list[str]:
    pieces: list[str] = []
    for line in lines:
        if pieces and len(pieces[-1]) + len(line) + 1 <= b.TEXT:
            pieces[-1] += f"\n{line}"
        else:
            pieces.append(line)
    return pieces or ["It asks for nothing but signatures."]
