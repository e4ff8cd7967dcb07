"""What happens on the buttons, forms and shortcuts of blockers, and on what is said in their threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.blockers import plan, service, store
from callboard.blockers.messages import card
from callboard.blockers.messages.card import CardView
from callboard.blockers.models import Blocker, Settings
from callboard.blockers.service import Raised
from callboard.blockers.slack import commands
from callboard.core import outbox
from callboard.core.errors import Refused
from callboard.slack.answers import Answer, Done, Errors, Modal, Say
from callboard.slack.requests import Request
from callboard.slack.routes import Hears, Interaction
from callboard.teams import service as teams
from callboard.teams.service import Asker
from callboard.teams.slack import asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

SNOOZED_BY_BUTTON = timedelta(minutes=30)
Press = Callable[["Tx", Asker, Request, int, int], Answer]


def resolve_form(view: CardView, settings: Settings) -> dict[str, Any]:
    """The form that closes a blocker: what helped, and the plan's checklist."""
    inputs = [
        b.section(f"{b.bold(f'Blocker {view.number}')}  {b.clip(view.what, 300)}"),
        b.text_input("What helped?", "outcome", multiline=True, optional=True, max_length=2000),
    ]
    if settings.checklist:
        boxes = [(item, str(k)) for k, item in enumerate(settings.checklist[:10])]
        inputs.append(b.checkboxes_input("Checklist", "checklist", boxes))
    return b.modal("Resolve blocker", inputs, callback_id="blocker.resolve", submit="Resolve", private=_private(view))


def note_form(view: CardView) -> dict[str, Any]:
    """The form in which something is said about a blocker."""
    inputs = [b.text_input("What is new?", "note", multiline=True, max_length=2000)]
    return b.modal(
        f"Blocker {view.number}", inputs, callback_id="blocker.note", submit="Say it", private=_private(view)
    )


def reassign_form(view: CardView) -> dict[str, Any]:
    """The form in which a blocker is handed on."""
    inputs = [b.user_input("Who takes it?", "to")]
    return b.modal(
        f"Hand on blocker {view.number}",
        inputs,
        callback_id="blocker.reassign",
        submit="Hand it on",
        private=_private(view),
    )


def act_form(view: CardView) -> dict[str, Any]:
    """A blocker with its buttons, where Slack takes no slash commands."""
    return b.modal(f"Blocker {view.number}", list(card.card(view).blocks), callback_id="blocker.seen", close="Close")


def _private(view: CardView) -> dict[str, Any]:
    return {"number": view.number, "changes": view.changes}


def raise_from_message(tx: Tx, request: Request) -> Answer:
    """Open the form with what a message says."""
    return commands.form(tx, request, asker(tx, request), what=request.message_text)


def submit_raise(tx: Tx, request: Request) -> Answer:
    """Open a blocker from the form."""
    who = asker(tx, _as_in(request))
    values = request.values
    if not service.WORD.search(values.get("what") or ""):
        return Errors({"what": "Say in a few words what is blocked."})
    waits_for = who.directory.by_slack(values.get("waits_for") or "")
    if values.get("waits_for") and waits_for is None:
        return Errors(
            {"waits_for": f"They are not in {who.directory.plan_name}: pick somebody of the plan, or leave it empty."}
        )
    raised = Raised(
        what=values["what"],
        severity=values.get("severity"),
        category=values.get("category"),
        team=values.get("team"),
        waits_for=waits_for.key if waits_for else None,
        blocks=values.get("blocks"),
    )
    return commands.raised(tx, who, service.raise_blocker(tx, who, raised))


def _button(press: Press) -> Callable[[Tx, Request], Answer]:
    def pressed(tx: Tx, request: Request) -> Answer:
        number, _, changes = request.value.rpartition(":")
        blocker = store.find(tx, int(number))
        who = _of_plan(tx, request, blocker)
        return press(tx, who, request, int(number), int(changes))

    return pressed


def _press_ack(tx: Tx, who: Asker, _request: Request, number: int, changes: int) -> Answer:
    return Say(f"You have blocker {number}. {commands.what_now(tx, service.acknowledge(tx, who, number, changes))}")


def _press_unack(tx: Tx, who: Asker, _request: Request, number: int, changes: int) -> Answer:
    return Say(
        f"Blocker {number} is given back. {commands.what_now(tx, service.unacknowledge(tx, who, number, changes))}"
    )


def _press_escalate(tx: Tx, who: Asker, _request: Request, number: int, changes: int) -> Answer:
    return Say(f"Blocker {number} went a step up. {commands.what_now(tx, service.escalate(tx, who, number, changes))}")


def _press_reopen(tx: Tx, who: Asker, _request: Request, number: int, changes: int) -> Answer:
    return Say(f"Blocker {number} is open again. {commands.what_now(tx, service.reopen(tx, who, number, changes))}")


def _press_resolve(tx: Tx, who: Asker, _request: Request, number: int, changes: int) -> Answer:
    blocker = service.still(tx, who, number, changes)
    return Modal(resolve_form(card.card_view(tx, blocker), plan.settings(tx, blocker.plan_id)))


def choose_more(tx: Tx, request: Request) -> Answer:
    """Do what was chosen in the menu behind the dots: `snooze:12:3`."""
    verb, number, changes = request.value.split(":")
    who = _of_plan(tx, request, store.find(tx, int(number)))
    expected = int(changes)
    if verb == "snooze":
        until = tx.now + SNOOZED_BY_BUTTON
        service.snooze(tx, who, int(number), until, expected)
        return Say(f"Blocker {number} is snoozed until {b.date(until)}. Longer: `/blocker snooze {number} 2h`.")
    if verb == "withdraw":
        service.withdraw(tx, who, int(number), "", expected)
        return Say(f"Blocker {number} is withdrawn. By mistake? `/blocker reopen {number}`")
    view = card.card_view(tx, service.still(tx, who, int(number), expected))
    return Modal(note_form(view) if verb == "note" else reassign_form(view))


def act_on_thread(tx: Tx, request: Request) -> Answer:
    """Show the blocker in whose thread, or on whose card, the shortcut was chosen: with its buttons."""
    channel, stamp = request.message or ("", "")
    delivery = outbox.posted(tx, channel, request.thread_ts or stamp) or outbox.posted(tx, channel, stamp)
    blocker = store.find(tx, delivery.subject_id) if delivery and delivery.subject_kind == "blocker" else None
    if blocker is None:
        raise Refused("That message belongs to no blocker. Choose the shortcut on a blocker's card or in its thread.")
    _of_plan(tx, request, blocker)
    return Modal(act_form(card.card_view(tx, blocker)))


def submit_resolve(tx: Tx, request: Request) -> Answer:
    """Close it from the form."""
    blocker, who = _carried(tx, request)
    checklist = plan.settings(tx, blocker.plan_id).checklist
    ticked = [checklist[int(k)] for k in request.values.get("checklist") or () if int(k) < len(checklist)]
    service.resolve(tx, who, blocker.number, request.values.get("outcome") or "", ticked, request.private["changes"])
    return Done()


def submit_note(tx: Tx, request: Request) -> Answer:
    """Say something about it from the form."""
    blocker, who = _carried(tx, request)
    service.note(tx, who, blocker.number, request.values["note"])
    return Done()


def submit_reassign(tx: Tx, request: Request) -> Answer:
    """Hand it on from the form."""
    blocker, who = _carried(tx, request)
    person = who.directory.by_slack(request.values.get("to") or "")
    if person is None:
        return Errors({"to": f"They are not in {who.directory.plan_name}: pick somebody of the plan."})
    service.reassign(tx, who, blocker.number, person, request.private["changes"])
    return Done()


def hear_message(tx: Tx, _workspace: str, event: Mapping[str, Any]) -> None:
    """What is said in a card's thread keeps the blocker from being idle."""
    if event.get("thread_ts") and not event.get("bot_id") and not event.get("subtype"):
        service.said_in_thread(tx, event["channel"], event["thread_ts"])


def _as_in(request: Request) -> Request:
    private = request.private
    return replace(
        request,
        plan=private.get("plan"),
        channel=private.get("channel", ""),
        channel_name=private.get("channel_name", ""),
    )


def _of_plan(tx: Tx, request: Request, blocker: Blocker | None) -> Asker:
    """Who asks, in the plan of the blocker they ask about; a blocker of another workspace does not exist for them."""
    if blocker is None:
        raise Refused("That blocker is not there any more. `/blocker list` shows those that are.")
    directory = teams.directory(tx, blocker.plan_id)
    if directory.workspace not in ("", request.workspace):
        raise Refused("That blocker is not there any more. `/blocker list` shows those that are.")
    return asker(tx, replace(request, plan=directory.plan_key))


def _carried(tx: Tx, request: Request) -> tuple[Blocker, Asker]:
    blocker = store.find(tx, int(request.private["number"]))
    who = _of_plan(tx, request, blocker)
    assert blocker is not None  # noqa: S101 - refused above
    return blocker, who


interactions = (
    Interaction("button", "blocker.ack", _button(_press_ack)),
    Interaction("button", "blocker.unack", _button(_press_unack)),
    Interaction("button", "blocker.escalate", _button(_press_escalate)),
    Interaction("button", "blocker.reopen", _button(_press_reopen)),
    Interaction("button", "blocker.resolve", _button(_press_resolve), reads=True),
    Interaction("button", "blocker.more", choose_more),
    Interaction("modal", "blocker.raise", submit_raise),
    Interaction("modal", "blocker.resolve", submit_resolve),
    Interaction("modal", "blocker.note", submit_note),
    Interaction("modal", "blocker.reassign", submit_reassign),
    Interaction(
        "shortcut",
        "blocker.raise",
        raise_from_message,
        reads=True,
        title="Raise a blocker",
        description="Open a blocker with what this message says",
    ),
    Interaction(
        "shortcut",
        "blocker.act",
        act_on_thread,
        reads=True,
        title="Act on this blocker",
        description="Acknowledge, resolve or escalate the blocker this message belongs to",
    ),
)


hears = (Hears("message", hear_message),)
