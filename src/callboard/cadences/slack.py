"""The buttons of status requests, and the form that says what is in the way."""

from __future__ import annotations

from typing import Any

from callboard.blocks import forms
from callboard.cadences import messages, service, store
from callboard.cadences.models import StatusRequest
from callboard.slack.answers import Answer, Done, Modal
from callboard.teams.slack import About, Click

ABOUT = About[StatusRequest](store.request, service.GONE, lambda tx, row: messages.ask(messages.view(tx, row)))


def _as_planned(click: Click[StatusRequest]) -> Answer:
    service.as_planned(click.tx, click.asker, click.row.number, click.rest)
    return Done()


def _behind(click: Click[StatusRequest]) -> Answer:
    service.behind(click.tx, click.asker, click.row.number, click.rest)
    return Done()


def _percent(click: Click[StatusRequest]) -> Answer:
    percent, _, item = click.rest.partition(":")
    service.progress(click.tx, click.asker, click.row.number, item, int(percent), click.changes)
    return Done()


def form(number: int, item: str) -> dict[str, Any]:
    """What is in the way, and whom it waits for."""
    inputs = [
        forms.text_input(
            "What is in the way?", "what", multiline=True, max_length=2000, placeholder="mongo refuses TLS"
        ),
        forms.user_input("Whom does it wait for?", "waits_for", optional=True),
    ]
    private = {"number": number, "item": item}
    return forms.modal("Blocked", inputs, callback_id=messages.BLOCKED, submit="Raise", private=private)


def _raise(click: Click[StatusRequest]) -> Answer:
    person, item = click.person("waits_for"), str(click.request.private["item"])
    what = click.values.get("what") or ""
    service.blocked(click.tx, click.asker, click.row.number, item, what, person.key if person else None)
    return Done()


interactions = (
    ABOUT.button(messages.AS_PLANNED, _as_planned),
    ABOUT.button(messages.BEHIND, _behind),
    ABOUT.button(messages.PERCENT, _percent),
    ABOUT.button(
        messages.BLOCKED,
        lambda click: Modal(form(service.mine(click.tx, click.asker, click.row.number).number, click.rest)),
    ),
    ABOUT.form(messages.BLOCKED, _raise),
)
