"""The forms of locks: to ask for one, to hand it over, to break it, to decline."""

from __future__ import annotations

from typing import Any

from callboard.core import blocks as b
from callboard.locks import messages
from callboard.locks.views import LockView

HOURS = (("1 hour", "1h"), ("2 hours", "2h"), ("4 hours", "4h"), ("8 hours", "8h"), ("1 day", "1d"), ("3 days", "3d"))


def ask(usual: str, targets: str = "", private: dict[str, Any] | None = None) -> dict[str, Any]:
    """The form for a new lock."""
    hint = "src/api/**, *.css, README.md#Backend, or a thing such as staging; several with spaces between them."
    inputs = [
        b.text_input("What?", "targets", initial=targets, placeholder="src/api/**", hint=hint, max_length=1000),
        b.text_input("What for?", "reason", placeholder="refactoring", max_length=300),
        b.datetime_input(
            "Until when?", "until", optional=True, hint=f"Left empty: {usual}, and longer while you work."
        ),
        b.checkboxes_input("Where it is taken", "wait", [("Wait in line", "wait")]),
    ]
    return b.modal("Lock something", inputs, callback_id="lock.ask", submit="Lock it", private=private)


def keep(view: LockView) -> dict[str, Any]:
    """The form in which a lock is kept longer."""
    inputs = [_about(view), b.select_input("How much longer, from now?", "span", HOURS, initial="4h")]
    return b.modal("Keep it", inputs, callback_id="lock.keep", submit="Keep it", private=_carried(view))


def hand(view: LockView) -> dict[str, Any]:
    """The form in which a lock is handed over."""
    inputs = [_about(view), b.user_input("Who has it from now on?", "to")]
    return b.modal("Hand it over", inputs, callback_id="lock.hand", submit="Hand it over", private=_carried(view))


def break_open(view: LockView) -> dict[str, Any]:
    """The form in which a lock is broken."""
    why = b.text_input("Why?", "reason", multiline=True, hint="The holder reads it.", max_length=500)
    inputs = [_about(view), why]
    return b.modal("Break a lock", inputs, callback_id="lock.break", submit="Break it", private=_carried(view))


def decline(view: LockView) -> dict[str, Any]:
    """The form in which consent is refused."""
    inputs = [_about(view), b.text_input("Why not?", "reason", multiline=True, optional=True, max_length=500)]
    return b.modal("Decline", inputs, callback_id="lock.decline", submit="Decline", private=_carried(view))


def _about(view: LockView) -> dict[str, Any]:
    return b.section(b.clip(f"{messages.head(view)}\n{messages.state(view)}", b.TEXT))


def _carried(view: LockView) -> dict[str, Any]:
    return {"number": view.number, "changes": view.changes}
