"""The buttons of locks, and the forms that they open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.core.errors import Refused
from callboard.locks import rights, service, store
from callboard.locks.messages import card
from callboard.locks.messages.card import LockView
from callboard.locks.models import Lock
from callboard.locks.service import Taken
from callboard.locks.slack import wishes
from callboard.locks.slack.wishes import asker
from callboard.planfile.times import parse_span
from callboard.slack.answers import Answer, Done, Errors, Modal, Say
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams import service as teams
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

HOURS = (("1 hour", "1h"), ("2 hours", "2h"), ("4 hours", "4h"), ("8 hours", "8h"), ("1 day", "1d"), ("3 days", "3d"))
GONE = "That lock is not there any more. `/lock list` shows those that are."
Press = Callable[["Tx", Asker, Lock, int], Answer]
Submit = Callable[["Tx", Asker, Request, int, int], Answer]


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
    return b.section(b.clip(f"{card.head(view)}\n{card.state(view)}", b.TEXT))


def _carried(view: LockView) -> dict[str, Any]:
    return {"number": view.number, "changes": view.changes}


def _of(tx: Tx, request: Request, number: int) -> tuple[Asker, Lock]:
    """Who asks, in the plan of the lock they ask about; one of another workspace does not exist for them."""
    lock = store.find(tx, number)
    if lock is None:
        raise Refused(GONE)
    directory = teams.directory(tx, lock.plan_id)
    if directory.workspace not in ("", request.workspace):
        raise Refused(GONE)
    return asker(tx, replace(request, plan=directory.plan_key)), lock


def _button(press: Press) -> Callable[[Tx, Request], Answer]:
    def pressed(tx: Tx, request: Request) -> Answer:
        number, _, changes = request.value.rpartition(":")
        return press(tx, *_of(tx, request, int(number)), int(changes))

    return pressed


def _form(submit: Submit) -> Callable[[Tx, Request], Answer]:
    def submitted(tx: Tx, request: Request) -> Answer:
        number = int(request.private["number"])
        return submit(tx, _of(tx, request, number)[0], request, number, int(request.private["changes"]))

    return submitted


def _said(tx: Tx, lock: Lock) -> Answer:
    return Say(card.answer(card.lock_view(tx, lock)))


def _release(tx: Tx, who: Asker, lock: Lock, changes: int) -> Answer:
    return wishes.released(tx, who, lock.number, changes)


def _take(tx: Tx, who: Asker, lock: Lock, changes: int) -> Answer:
    return _said(tx, service.take(tx, who, lock.number, changes))


def _agree(tx: Tx, who: Asker, lock: Lock, changes: int) -> Answer:
    made = service.agree(tx, who, lock.number, changes)
    return Say(f"You agree to lock {made.number}. {card.state(card.lock_view(tx, made))}")


def _ask_keep(tx: Tx, who: Asker, lock: Lock, changes: int) -> Answer:
    rights.mine(who, rights.known(tx, who, lock.number, changes), "keep it")
    return Modal(keep(card.lock_view(tx, lock)))


def _ask_decline(tx: Tx, who: Asker, lock: Lock, changes: int) -> Answer:
    rights.known(tx, who, lock.number, changes)
    return Modal(decline(card.lock_view(tx, lock)))


def choose_more(tx: Tx, request: Request) -> Answer:
    """Do what was chosen in the menu behind the dots: `hand:12:3`."""
    verb, number, changes = request.value.split(":")
    who, lock = _of(tx, request, int(number))
    if verb == "wait":
        return wishes.locked(tx, who, service.again(tx, who, lock.number), wait=True)
    rights.known(tx, who, lock.number, int(changes))
    form = {"hand": hand, "break": break_open}[verb]
    return Modal(form(card.lock_view(tx, lock)))


def wait_in_line(tx: Tx, request: Request) -> Answer:
    """Wait for what was refused."""
    return wishes.typed(tx, request, request.value, wait=True)


def submit_ask(tx: Tx, request: Request) -> Answer:
    """Lock what the form says."""
    private = request.private
    who = asker(tx, replace(request, plan=private.get("plan"), channel=private.get("channel", "")))
    try:
        wish = wishes.wish(tx, who, request.values.get("targets") or "")
        until = request.values.get("until")
        wish = replace(wish, reason=(request.values.get("reason") or "").strip(), until=until or wish.until)
        lock = service.acquire(tx, who, wish, wait="wait" in (request.values.get("wait") or []))
    except Refused as refused:
        hint = " Tick *Wait in line* to be told when it is free." if isinstance(refused, Taken) else ""
        return Errors({"targets": b.clip(f"{refused.sentence}{hint}", 1000)})
    return _said(tx, lock)


def _submit_keep(tx: Tx, who: Asker, request: Request, number: int, changes: int) -> Answer:
    span: timedelta = parse_span(request.values["span"])
    service.renew(tx, who, number, span, expected=changes)
    return Done()


def _submit_hand(tx: Tx, who: Asker, request: Request, number: int, changes: int) -> Answer:
    to = who.directory.by_slack(request.values.get("to") or "")
    if to is None:
        return Errors({"to": f"They are not in {who.directory.plan_name}: pick somebody of the plan."})
    try:
        service.hand_over(tx, who, number, to, changes)
    except Refused as refused:
        return Errors({"to": wishes.plain(refused.sentence)})
    return Done()


def _submit_break(tx: Tx, who: Asker, request: Request, number: int, changes: int) -> Answer:
    service.break_open(tx, who, number, request.values.get("reason") or "", changes)
    return Done()


def _submit_decline(tx: Tx, who: Asker, request: Request, number: int, changes: int) -> Answer:
    service.decline(tx, who, number, request.values.get("reason") or "", changes)
    return Done()


interactions = (
    Interaction("button", "lock.release", _button(_release)),
    Interaction("button", "lock.take", _button(_take)),
    Interaction("button", "lock.agree", _button(_agree)),
    Interaction("button", "lock.decline", _button(_ask_decline), reads=True),
    Interaction("button", "lock.keep", _button(_ask_keep), reads=True),
    Interaction("button", "lock.more", choose_more),
    Interaction("button", "lock.line", wait_in_line),
    Interaction("modal", "lock.ask", submit_ask),
    Interaction("modal", "lock.keep", _form(_submit_keep)),
    Interaction("modal", "lock.hand", _form(_submit_hand)),
    Interaction("modal", "lock.break", _form(_submit_break)),
    Interaction("modal", "lock.decline", _form(_submit_decline)),
)
