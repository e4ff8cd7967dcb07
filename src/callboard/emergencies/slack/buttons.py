"""The buttons on the card of an emergency, and what its forms do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from callboard.core.db import Tx
from callboard.core.words import lines_of
from callboard.emergencies import messages, rights, service, store
from callboard.emergencies.models import Emergency
from callboard.emergencies.plan import COMMANDER
from callboard.emergencies.slack import commands, forms
from callboard.slack.answers import Answer, Done, Errors, Modal
from callboard.slack.routes import Interaction
from callboard.teams.directory import Asker
from callboard.teams.slack import About, Answerable, Click

GONE = "This emergency is no longer here. `/emergency list` shows them."
ABOUT = About[Emergency](store.find, GONE, lambda tx, row: messages.card(messages.whole(tx, row)))
Pressed = Callable[[Click[Emergency]], Answer]
Form = Callable[[Emergency], dict[str, Any]]


def _opens(form: Form, may: Callable[[Tx, Asker, Emergency], None]) -> Pressed:
    """A form; who can't send it reads that before they fill it in."""

    def press(click: Click[Emergency]) -> Answer:
        emergency = _seen(click)
        may(click.tx, click.asker, emergency)
        return Modal(form(emergency))

    return press


def _seen(click: Click[Emergency]) -> Emergency:
    return rights.still_open(click.tx, click.asker, click.row.number, lock=False)


def _ask_level(click: Click[Emergency]) -> Answer:
    return _opens(lambda row: forms.level_form(click.tx, row), rights.may_change_level)(click)


def _sends(field: str, act: commands.Act) -> Pressed:
    """What a form with one text does."""

    def submit(click: Click[Emergency]) -> Answer:
        act(click.tx, click.asker, click.row.number, click.values.get(field) or "")
        return Done()

    return submit


def _press_take(click: Click[Emergency]) -> Answer:
    role = click.rest or COMMANDER
    return commands.took(service.take(click.tx, click.asker, click.row.number, role), role)


def _press_meet(click: Click[Emergency]) -> Answer:
    service.meet(click.tx, click.asker, click.row.number)
    return Done()


def _press_reopen(click: Click[Emergency]) -> Answer:
    service.reopen(click.tx, click.asker, click.row.number, click.changes)
    return Done()


def _submit_end(click: Click[Emergency]) -> Answer:
    end = partial(service.end, lessons=lines_of(click.values.get("lessons") or ""))
    return _sends("summary", commands.ends(end, "end"))(click)


def _submit_actions(click: Click[Emergency]) -> Answer:
    done, new = click.values.get("done") or (), lines_of(click.values.get("new") or "")
    still = [int(place) for place in done if "by" not in click.row.actions[int(place) - 1]]
    emergency = rights.still_open(click.tx, click.asker, click.row.number)
    if still:
        service.tick(click.tx, click.asker, emergency.number, *still)
    for text in new:
        service.add_action(click.tx, click.asker, emergency.number, text)
    return Done()


def _submit_level(click: Click[Emergency]) -> Answer:
    service.change_level(click.tx, click.asker, click.row.number, click.values.get("level") or "", click.changes)
    return Done()


def _submit_hand(click: Click[Emergency]) -> Answer:
    to, role = click.person("to"), click.values.get("role") or ""
    if to is None or not role:
        return Errors({"to": "Choose somebody."} if role else {"role": "Choose a role."})
    service.hand(click.tx, click.asker, click.row.number, role, to)
    return Done()


ANSWER = Answerable(
    ABOUT, _press_take, "Take command", lambda _, row: row.is_open and COMMANDER not in row.roles,
    lambda row: f"/emergency take {row.number} {COMMANDER}",
)  # fmt: skip
INTERACTIONS = (
    Interaction("modal", "emergency.declare", commands.submit_declare),
    ABOUT.button("emergency.take", _press_take),
    ABOUT.button("emergency.update", _opens(forms.update_form, rights.may_update), reads=True),
    ABOUT.button("emergency.actions", _opens(forms.actions_form, rights.may_act), reads=True),
    ABOUT.button("emergency.end", _opens(forms.end_form, rights.may_end), reads=True),
    ABOUT.button("emergency.reopen", _press_reopen),
    ABOUT.button("emergency.report", lambda click: commands.reported(click.tx, click.row), reads=True),
    ABOUT.menu("emergency.more", {
        "decide": _opens(forms.decide_form, rights.may_decide), "meet": _press_meet, "level": _ask_level,
        "hand": _opens(forms.hand_form, rights.may_hand), "withdraw": _opens(forms.withdraw_form, rights.may_withdraw),
    }),
    ABOUT.form("emergency.update", _sends("text", service.update), "text"),
    ABOUT.form("emergency.actions", _submit_actions),
    ABOUT.form("emergency.end", _submit_end, "summary"),
    ABOUT.form("emergency.decide", _sends("text", service.decide), "text"),
    ABOUT.form("emergency.withdraw", _sends("text", commands.ends(service.withdraw, "withdraw")), "text"),
    ABOUT.form("emergency.level", _submit_level, "level"),
    ABOUT.form("emergency.hand", _submit_hand, "to"),
)  # fmt: skip
