"""The forms of blockers: to raise one, to close it, to say something, to hand it on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from callboard.blockers import messages
from callboard.blockers.models import Settings
from callboard.blockers.views import CardView
from callboard.core import blocks as b


def raise_form(
    settings: Settings,
    teams: Sequence[tuple[str, str]],
    *,
    what: str = "",
    team: str | None = None,
    private: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The form for a new blocker."""
    severities = [(name.capitalize(), name) for name in settings.severities]
    usual = list(settings.severities)[(len(settings.severities) - 1) // 2]
    inputs = [
        b.text_input(
            "What is blocked?",
            "what",
            multiline=True,
            initial=what,
            max_length=3000,
            placeholder="mongo refuses TLS from staging",
        ),
        b.select_input("How bad is it?", "severity", severities, initial=usual),
    ]
    if settings.categories:
        inputs.append(
            b.select_input("What kind?", "category", [(c.capitalize(), c) for c in settings.categories], optional=True)
        )
    if teams:
        inputs.append(b.select_input("Which team?", "team", teams, initial=team, optional=True))
    inputs += [
        b.user_input("Whom does it wait for?", "waits_for", optional=True),
        b.text_input("What does it hold up?", "blocks", optional=True, max_length=300),
    ]
    return b.modal("Raise a blocker", inputs, callback_id="blocker.raise", submit="Raise it", private=private)


def resolve_form(view: CardView, settings: Settings) -> dict[str, Any]:
    """The form that closes a blocker: what helped, and the plan's checklist."""
    inputs = [
        b.section(f"{b.bold(f'Blocker {view.number}')}  {b.clip(view.what, 300)}"),
        b.text_input("What helped?", "outcome", multiline=True, optional=True, max_length=2000),
    ]
    if settings.checklist:
        boxes = [(item, str(k)) for k, item in enumerate(settings.checklist[:10])]
        inputs.append(b.checkboxes_input("Checklist", "checklist", boxes))
    return b.modal("Resolve blocker", inputs, callback_id="blocker.resolve", submit="Resolve", private=_carried(view))


def note_form(view: CardView) -> dict[str, Any]:
    """The form in which something is said about a blocker."""
    inputs = [b.text_input("What is new?", "note", multiline=True, max_length=2000)]
    return b.modal(
        f"Blocker {view.number}", inputs, callback_id="blocker.note", submit="Say it", private=_carried(view)
    )


def reassign_form(view: CardView) -> dict[str, Any]:
    """The form in which a blocker is handed on."""
    inputs = [b.user_input("Who takes it?", "to")]
    return b.modal(
        f"Hand on blocker {view.number}",
        inputs,
        callback_id="blocker.reassign",
        submit="Hand it on",
        private=_carried(view),
    )


def act_form(view: CardView) -> dict[str, Any]:
    """A blocker with its buttons, where Slack takes no slash commands."""
    return b.modal(
        f"Blocker {view.number}", list(messages.card(view).blocks), callback_id="blocker.seen", close="Close"
    )


def _carried(view: CardView) -> dict[str, Any]:
    return {"number": view.number, "changes": view.changes}
