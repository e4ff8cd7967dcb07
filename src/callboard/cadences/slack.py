"""The buttons of status requests, and the form that says what is in the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.cadences import messages, service, store
from callboard.core.errors import Refused
from callboard.slack.answers import Answer, Done, Errors, Modal
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams import service as teams
from callboard.teams.service import Asker
from callboard.teams.slack import asker

if TYPE_CHECKING:
    from callboard.core.db import Tx


def _clicked(tx: Tx, request: Request) -> tuple[Asker, int, str]:
    """Who clicked on which request, and what else the button says."""
    number, _, rest = request.value.partition(":")
    one = store.request(tx, int(number))
    directory = teams.directory(tx, one.plan_id) if one else None
    if one is None or directory is None or directory.workspace not in ("", request.workspace):
        raise Refused(service.GONE)
    return asker(tx, replace(request, plan=directory.plan_key)), one.number, rest


def _as_planned(tx: Tx, request: Request) -> Answer:
    service.as_planned(tx, *_clicked(tx, request))
    return Done()


def _behind(tx: Tx, request: Request) -> Answer:
    service.behind(tx, *_clicked(tx, request))
    return Done()


def _percent(tx: Tx, request: Request) -> Answer:
    who, number, rest = _clicked(tx, request)
    percent, changes, item = rest.split(":", 2)
    service.progress(tx, who, number, item, int(percent), int(changes))
    return Done()


def _ask_what(tx: Tx, request: Request) -> Answer:
    who, number, item = _clicked(tx, request)
    service.mine(tx, who, number)
    return Modal(form(who.directory.plan_key, number, item))


def form(plan: str, number: int, item: str) -> dict[str, object]:
    """What is in the way, and whom it waits for."""
    inputs = [
        b.text_input("What is in the way?", "what", multiline=True, max_length=2000, placeholder="mongo refuses TLS"),
        b.user_input("Whom does it wait for?", "waits_for", optional=True),
    ]
    private = {"plan": plan, "number": number, "item": item}
    return b.modal("Blocked", inputs, callback_id="status.blocked", submit="Raise it", private=private)


def _submit(tx: Tx, request: Request) -> Answer:
    private, values = request.private, request.values
    who = asker(tx, replace(request, plan=str(private["plan"])))
    waits_for = who.directory.by_slack(values.get("waits_for") or "")
    if values.get("waits_for") and waits_for is None:
        return Errors({"waits_for": f"They are not in {who.directory.plan_name}: pick somebody of the plan."})
    key = waits_for.key if waits_for else None
    service.blocked(tx, who, int(private["number"]), str(private["item"]), values.get("what") or "", key)
    return Done()


interactions = (
    Interaction("button", messages.AS_PLANNED, _as_planned),
    Interaction("button", messages.BEHIND, _behind),
    Interaction("button", messages.PERCENT, _percent),
    Interaction("button", messages.BLOCKED, _ask_what),
    Interaction("modal", "status.blocked", _submit),
)
