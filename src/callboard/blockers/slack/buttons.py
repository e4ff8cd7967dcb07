"""The buttons, forms and shortcuts of blockers, and what is said in their threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from callboard import blocks as b
from callboard.blockers import messages, rights, service, store
from callboard.blockers.messages import View
from callboard.blockers.models import KIND, Blocker, Settings, State
from callboard.blockers.plan import settings
from callboard.blockers.service import Raised
from callboard.blockers.slack import (
    Act,
    choices,
    classes,
    escalate,
    hand_back,
    raise_form,
    refuse_promise,
    reopen,
    submit_raise,
    take,
    withdraw,
)
from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.slack.answers import Answer, Done, Errors, Modal, Say
from callboard.slack.requests import Request
from callboard.slack.routes import Hears, Interaction
from callboard.teams import slack
from callboard.teams.directory import Asker
from callboard.teams.slack import About, Press, asker

Click = slack.Click[Blocker]
May = Callable[[Tx, Asker, Blocker], None]
ABOUT = About[Blocker](
    store.find, "This blocker is not here. `/blocker list` shows the open ones.",
    lambda tx, row: messages.card(messages.view(tx, row)),
)  # fmt: skip
SNOOZED_BY_BUTTON = timedelta(minutes=30)


def resolve_form(shown: View, rules: Settings) -> dict[str, Any]:
    boxes = [(item, item) for item in rules.checklist]
    return _form(shown, "Resolve blocker", "blocker.resolve", "Resolve", [
        b.section(f"{shown.title}  {m.clip(shown.blocker.what, 300)}"),
        forms.text_input("What helped?", "outcome", multiline=True, optional=True, max_length=2000),
        *forms.boxes_inputs("Checklist", "checklist", boxes),
    ])  # fmt: skip


def note_form(shown: View) -> dict[str, Any]:
    note = forms.text_input("What is new?", "note", multiline=True, max_length=2000)
    return _form(shown, f"Blocker {shown.blocker.number}", "blocker.note", "Add note", [note])


def reassign_form(shown: View) -> dict[str, Any]:
    inputs = [forms.user_input("Who takes it?", "to")]
    return _form(shown, f"Reassign blocker {shown.blocker.number}", "blocker.reassign", "Reassign", inputs)


def severity_form(shown: View) -> dict[str, Any]:
    blocker = shown.blocker
    others = (severity for severity in shown.severities if severity != blocker.severity)
    inputs = [
        forms.select_input(f"It is {blocker.severity}. What is it now?", "severity", choices(others)),
        forms.text_input("Why?", "reason", optional=True, max_length=500),
    ]
    return _form(shown, f"Severity of blocker {blocker.number}", "blocker.severity", "Change", inputs)


def act_form(shown: View) -> dict[str, Any]:
    """A blocker with its buttons, where Slack takes no slash commands."""
    title, blocks = f"Blocker {shown.blocker.number}", list(messages.card(shown).blocks)
    return forms.modal(title, blocks, callback_id="blocker.seen", close="Close")


def _form(shown: View, title: str, callback_id: str, submit: str, inputs: list[b.Block]) -> dict[str, Any]:
    private = {"number": shown.blocker.number, "changes": shown.blocker.changes}
    return forms.modal(title, inputs, callback_id=callback_id, submit=submit, private=private)


def raise_from_message(tx: Tx, request: Request) -> Answer:
    return raise_form(tx, request, asker(tx, request), Raised(what=request.message_text))


def _clicked(act: Act) -> Press[Blocker]:
    return lambda click: act(click.tx, click.asker, click.row.number, click.changes)


def _snooze(click: Click) -> Answer:
    number, until = click.row.number, click.tx.now + SNOOZED_BY_BUTTON
    service.snooze(click.tx, click.asker, number, until, click.changes)
    return Say(f"Blocker {number} is snoozed until {m.date(until, 'both')}. Longer: `/blocker snooze {number} 2h`")


def _opens(form: Callable[[View], dict[str, Any]], may: May) -> Press[Blocker]:
    return lambda click: Modal(form(_seen(click, may)))


def _seen(click: Click, may: May) -> View:
    """The blocker, unless it was closed, has changed since the button was drawn, or is not theirs to change."""
    blocker = rights.still_open(click.tx, click.asker, click.row.number, click.changes, lock=False)
    may(click.tx, click.asker, blocker)
    return messages.view(click.tx, blocker)


def act_on_thread(tx: Tx, request: Request) -> Answer:
    """Show the blocker in whose thread, or on whose card, the shortcut was chosen: with its buttons."""
    channel, stamp = request.message or ("", "")
    stamps = dict.fromkeys((request.thread_ts or stamp, stamp))
    shown = (outbox.posted(tx, request.workspace, channel, each) for each in stamps)
    delivery = next(filter(None, shown), None)
    if delivery is None or delivery.subject_kind != KIND:
        raise Refused("This message belongs to no blocker. Choose the shortcut on a blocker's card or in its thread.")
    _, blocker = ABOUT.row(tx, request, delivery.subject_id)
    return Modal(act_form(messages.view(tx, blocker)))


def _resolve(click: Click) -> Answer:
    checklist, chosen = settings(click.tx, click.row.plan_id).checklist, click.values.get("checklist") or ()
    ticked = [item for item in checklist if b.option_value(item) in chosen]
    outcome = click.values.get("outcome") or ""
    refuse_promise(click.tx, click.asker, click.row.number, outcome)
    service.resolve(click.tx, click.asker, click.row.number, outcome, ticked, click.changes)
    return Done()


def _note(click: Click) -> Answer:
    service.note(click.tx, click.asker, click.row.number, click.values["note"] or "")
    return Done()


def _reassign(click: Click) -> Answer:
    person = click.person("to")
    if person is None:
        return Errors({"to": "Choose somebody."})
    service.reassign(click.tx, click.asker, click.row.number, person, click.changes)
    return Done()


def _grade(click: Click) -> Answer:
    severity = b.option_text(click.values.get("severity"), settings(click.tx, click.row.plan_id).severities)
    reason = click.values.get("reason") or ""
    service.grade(click.tx, click.asker, click.row.number, severity or "", reason, click.changes)
    return Done()


def hear_message(tx: Tx, workspace: str, event: Mapping[str, Any]) -> None:
    """What people say in a card's thread, a picture too, keeps the blocker from being idle."""
    if event.get("thread_ts"):
        service.said_in_thread(tx, workspace, event["channel"], event["thread_ts"], str(event.get("user", "")))


interactions = (
    ABOUT.button("blocker.ack", _clicked(take)),
    ABOUT.button("blocker.unack", _clicked(hand_back)),
    ABOUT.button("blocker.escalate", _clicked(escalate)),
    ABOUT.button("blocker.reopen", _clicked(reopen)),
    ABOUT.button("blocker.resolve", lambda click: Modal(
        resolve_form(_seen(click, rights.resolves), settings(click.tx, click.row.plan_id))), reads=True),
    ABOUT.menu("blocker.more", {
        "snooze": _snooze, "note": _opens(note_form, rights.notes), "reassign": _opens(reassign_form, rights.reassigns),
        "severity": _opens(severity_form, rights.grades), "withdraw": _clicked(withdraw),
    }),
    Interaction("modal", "blocker.raise", submit_raise),
    *classes.interactions,
    ABOUT.form("blocker.resolve", _resolve),
    ABOUT.form("blocker.note", _note),
    ABOUT.form("blocker.reassign", _reassign),
    ABOUT.form("blocker.severity", _grade),
    Interaction("shortcut", "blocker.raise", raise_from_message, reads=True, title="Raise a blocker",
                description="Open a blocker with what this message says"),
    Interaction("shortcut", "blocker.act", act_on_thread, reads=True, title="Act on this blocker",
                description="Take, resolve or escalate the blocker this message belongs to"),
)  # fmt: skip
ANSWER = slack.Answerable(
    ABOUT, _clicked(take), "Take it", lambda _, row: row.state == State.OPEN, lambda row: f"/{KIND} ack {row.number}"
)
hears = (Hears("message", hear_message),)
