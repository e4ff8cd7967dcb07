"""The buttons of locks, the forms that they open, and what whoever asks for a lock is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from callboard import blocks as b
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.branches import service as branches
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.locks import messages, notices, paths, plan, pushes, rights, service, store, targets
from callboard.locks.messages import View
from callboard.locks.models import Lock
from callboard.locks.rights import Taken
from callboard.locks.slack import questions
from callboard.locks.targets import Known, Wish
from callboard.planfile.times import parse_span, show_span
from callboard.slack.answers import Answer, Errors, Modal, Say
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams.directory import Asker
from callboard.teams.slack import About, Click, Misfit, Press, asker, own_calendar
from callboard.teams.web import timed
from callboard.zones import service as zones

HOURS = (("1 hour", "1h"), ("2 hours", "2h"), ("4 hours", "4h"), ("8 hours", "8h"), ("1 day", "1d"), ("3 days", "3d"))
FORMS = {
    "keep": ("Keep it", forms.select_input("How much longer, from now?", "span", HOURS, initial="4h")),
    "hand": ("Hand it over", forms.user_input("To whom?", "to")),
    "break": (
        "Break it",
        forms.text_input("Why?", "reason", multiline=True, hint="The holder reads it.", max_length=500),
    ),
    "decline": ("Decline", forms.text_input("Why not?", "reason", multiline=True, optional=True, max_length=500)),
}
REFUSE: Mapping[str, Callable[[Tx, Asker, Lock], object]] = {
    "keep": partial(rights.refuse_others, what="keep"), "hand": rights.refuse_handing,
    "break": rights.refuse_breaking, "decline": lambda _tx, who, lock: rights.agreeing_team(who, lock),
}  # fmt: skip
"""Nobody fills in a form that they can't send."""
NO_WISH = Wish(())
LOCKS: About[Lock] = About(
    store.find, "This lock does not exist any more. `/lock list` shows what is locked.",
    lambda tx, lock: messages.card(notices.view(tx, lock)),
)  # fmt: skip


def open_form(tx: Tx, request: Request, who: Asker, wish: Wish = NO_WISH, *, new: bool = False) -> Answer:
    """The form for a new lock, with what was typed already."""
    rights.judge(tx, who, wish.targets)
    written = " ".join(map(targets.quoted, wish.targets))
    until = wish.until or (tx.now + wish.span if wish.span else None)
    usual = show_span(plan.rules(tx, who.directory.plan_id).expire_after)
    private = {"plan": who.directory.plan_key, "channel": request.channel}
    hint = "src/api/**, *.css, README.md#Backend, or a thing such as staging; several with spaces between them."
    inputs = [
        forms.text_input("What?", "targets", initial=written, placeholder="src/api/**", hint=hint, max_length=1000),
        forms.text_input("What for?", "reason", placeholder="refactoring", max_length=300),
        forms.datetime_input(
            "Until when?", "until", initial=until, optional=True, hint=f"Empty: {usual}, and longer while you work."
        ),
        forms.checkboxes_input("If somebody has it", "wait", [("Wait in line", "wait")]),
    ]
    if branches.repositories(tx, who.directory.plan_id):
        is_new = [("It is new: lock it", "new")]
        inputs.append(forms.checkboxes_input("If no repository has it", "new", is_new, initial=["new"] if new else []))
    return Modal(forms.modal("Lock something", inputs, callback_id="lock.ask", submit="Lock", private=private))


def form(view: View, verb: str) -> dict[str, Any]:
    title, field = FORMS[verb]
    about = b.section(m.clip(f"{messages.head(view.lock)}\n{messages.state(view)}", m.TEXT))
    private = {"number": view.lock.number, "changes": view.lock.changes}
    return forms.modal(title, [about, field], callback_id=f"lock.{verb}", submit=title, private=private)


def read_wish(tx: Tx, who: Asker, text: str) -> Wish:
    """What somebody wants to lock. Raises Refused."""
    return targets.read_wish(text, known(tx, who.directory.plan_id), tx.now, own_calendar(who))


def known(tx: Tx, plan_id: int) -> Known:
    """The repositories and folders that words may mean in a plan."""
    stems = (rule.pattern.stem for rule in zones.standing(tx, plan_id))
    folders = {stem.partition("/")[0] for stem in stems if "/" in stem}
    return Known(branches.repositories(tx, plan_id), folders, paths.mirrored(tx, plan_id))


def typed(tx: Tx, request: Request, text: str, *, wait: bool = False, sure: bool = False) -> Answer:
    """Lock what was typed; without a reason the form asks for it. A path that no repository has is asked about."""
    who = asker(tx, request)
    wish = read_wish(tx, who, text)
    question = None if sure else questions.unknown(tx, who, text, known(tx, who.directory.plan_id))
    question = question or (questions.free(tx, who, wish) if wait else None)
    if question:
        return question
    if not wish.reason:
        return open_form(tx, request, who, wish, new=sure)
    return locked(tx, who, wish, text, wait=wait)


def again(tx: Tx, who: Asker, number: int, reason: str = "") -> Answer:
    """Wait for what a lock holds; where nobody has that any more, say so."""
    wish, lock = service.again(tx, who, number, reason), rights.known(tx, who, number)
    return questions.free(tx, who, wish, lock) or locked(tx, who, wish, wait=True)


def locked(tx: Tx, who: Asker, wish: Wish, text: str = "", *, wait: bool = False) -> Answer:
    """Lock it, or say why not, with the way into the line."""
    try:
        lock = service.acquire(tx, who, wish, wait=wait)
    except Taken as taken:
        can_wait = _has_others(taken, who) and len(text) <= b.VALUE
        return Say(taken.sentence, messages.refused(taken.sentence, text if can_wait else ""))
    things = [str(target) for target in wish.targets if target.kind == "thing"]
    answer = messages.answer(notices.view(tx, lock)) + messages.of_things(things)
    return Say("\n".join(filter(None, (answer, pushes.impact(tx, who.directory, lock)))))


def _has_others(taken: Taken, who: Asker) -> bool:
    return any(rival.lock.holder != who.person.key for rival in taken.rivals)


def released(tx: Tx, who: Asker, number: int, expected: int | None = None) -> Answer:
    lock = service.release(tx, who, number, expected)
    lines = messages.answer(notices.view(tx, lock)), pushes.meanwhile(tx, who.directory, lock)
    return Say("\n".join(filter(None, lines)))


def answered(tx: Tx, lock: Lock) -> Answer:
    return Say(messages.answer(notices.view(tx, lock)))


def _agree(click: Click[Lock]) -> Answer:
    lock = service.agree(click.tx, click.asker, click.row.number, click.changes)
    return Say(f"You agree to lock {lock.number}. {messages.state(notices.view(click.tx, lock))}")


def _open(verb: str) -> Press[Lock]:
    def press(click: Click[Lock]) -> Answer:
        lock = rights.live(click.tx, click.asker, click.row.number, click.changes)
        REFUSE[verb](click.tx, click.asker, lock)
        return Modal(form(notices.view(click.tx, lock), verb))

    return press


def _submit_ask(tx: Tx, request: Request) -> Answer:
    private, values = request.private, request.values
    who = asker(tx, replace(request, plan=private.get("plan"), channel=private.get("channel", "")))
    reason, until, field = (values.get("reason") or "").strip(), values.get("until"), "until"
    if not reason:
        return Errors({"reason": "Say what for. Whoever wants it too reads that."})
    try:
        if until:
            rights.refuse_span(tx, until)
        field, wish = "targets", read_wish(tx, who, values.get("targets") or "")
        _refuse_unknown(tx, who, values)
        wish = replace(wish, reason=reason, until=until or wish.until)
        lock = service.acquire(tx, who, wish, wait="wait" in (values.get("wait") or []))
    except Refused as refused:
        can_wait = isinstance(refused, Taken) and _has_others(refused, who)
        hint = " Tick *Wait in line* to get it when it is free." if can_wait else ""
        return Errors({field: m.clip(timed(f"{refused.sentence}{hint}", who.person.zone), 1000)})
    return answered(tx, lock)


def _refuse_unknown(tx: Tx, who: Asker, values: Mapping[str, Any]) -> None:
    plan_id = who.directory.plan_id
    named, _ = targets.words(values.get("targets") or "")
    doubt = None if values.get("new") else paths.doubt(tx, plan_id, named, known(tx, plan_id))
    if doubt is not None:
        near = f" Do you mean {' '.join(doubt.near)}?" if doubt.near else ""
        raise Refused(f"No repository has {joined(doubt.unknown)} yet.{near} If it is new, tick *It is new*.")


def _submit_keep(click: Click[Lock]) -> Answer:
    span = parse_span(click.values["span"])
    return answered(click.tx, service.renew(click.tx, click.asker, click.row.number, span, expected=click.changes))


def _submit_hand(click: Click[Lock]) -> Answer:
    to = click.person("to")
    if to is None:
        raise Misfit("to", "Choose who gets it.")
    return answered(click.tx, service.hand_over(click.tx, click.asker, click.row.number, to, click.changes))


def _for_a_reason(verb: Callable[[Tx, Asker, int, str, int | None], Lock]) -> Press[Lock]:
    def submit(click: Click[Lock]) -> Answer:
        reason = click.values.get("reason") or ""
        return answered(click.tx, verb(click.tx, click.asker, click.row.number, reason, click.changes))

    return submit


interactions = (
    LOCKS.button("lock.release", lambda click: released(click.tx, click.asker, click.row.number, click.changes)),
    LOCKS.button("lock.take", lambda c: answered(c.tx, service.take(c.tx, c.asker, c.row.number, c.changes))),
    LOCKS.button("lock.agree", _agree),
    LOCKS.button("lock.decline", _open("decline"), reads=True),
    LOCKS.button("lock.keep", _open("keep"), reads=True),
    LOCKS.menu("lock.more", {
        "wait": lambda c: again(c.tx, c.asker, c.row.number),
        "hand": _open("hand"), "break": _open("break"),
    }),
    Interaction("button", "lock.line", lambda tx, request: typed(tx, request, request.value, wait=True, sure=True)),
    Interaction("button", "lock.anyway", lambda tx, request: typed(tx, request, request.value, sure=True)),
    Interaction("modal", "lock.ask", _submit_ask),
    LOCKS.form("lock.keep", _submit_keep),
    LOCKS.form("lock.hand", _submit_hand, "to"),
    LOCKS.form("lock.break", _for_a_reason(service.break_open)),
    LOCKS.form("lock.decline", _for_a_reason(service.decline)),
)  # fmt: skip
