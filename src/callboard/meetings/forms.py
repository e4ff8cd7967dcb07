"""The form that takes what came of a meeting."""

from __future__ import annotations

from typing import Any

from callboard.core import blocks as b
from callboard.meetings.messages import MeetingView

LONGEST = 2800


def record(plan: str, view: MeetingView, *, retrospective: bool) -> dict[str, Any]:
    """Decisions, actions, lessons and notes, each line one of them."""
    hint = "One on each line: who, what, and if you like by when. Each becomes a task."
    more = [b.context("Tasks already: " + ", ".join(view.actions))] if view.actions else []
    asks = "What went well, what could be better?" if retrospective else "Learned"
    inputs = [
        *([b.context(f"To come out of it: {', '.join(view.outputs)}")] if view.outputs else []),
        _lines("Decided", "decisions", "\n".join(view.decisions)),
        b.text_input(
            "To do", "actions", multiline=True, optional=True, max_length=LONGEST, hint=hint,
            placeholder="Person A: write the runbook, by 2026-03-30",
        ),
        *more,
        _lines(asks, "lessons", "\n".join(view.lessons)),
        b.text_input("Notes", "notes", multiline=True, optional=True, initial=view.notes, max_length=LONGEST),
    ]  # fmt: skip
    private = {"plan": plan, "number": view.number, "changes": view.changes}
    return b.modal(view.name, inputs, callback_id="meeting.record", submit="Write it down", private=private)


def _lines(label: str, block: str, initial: str) -> dict[str, Any]:
    return b.text_input(
        label, block, multiline=True, optional=True, initial=initial, max_length=LONGEST, placeholder="One on each line"
    )
