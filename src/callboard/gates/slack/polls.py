"""Answers to a poll in Slack: the three buttons of a page, and what is typed behind `/gate go`."""

from __future__ import annotations

import re
from typing import Any

from callboard.blocks import forms
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.gates import service as gates
from callboard.gates.messages import of_look
from callboard.gates.models import Gate
from callboard.gates.service import polls
from callboard.gates.slack import ABOUT, ATTEMPTS, form, rejection
from callboard.gates.slack.replies import heard
from callboard.slack.answers import Answer, Say
from callboard.teams.directory import Asker, Person
from callboard.teams.slack import Click, Misfit, person

IF, OWNER = re.compile(r"if\s", re.IGNORECASE), re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
WHICH = "Say the condition: `/gate go {} if the rollback was tried @somebody`. Whoever you name ticks it."


def typed(tx: Tx, who: Asker, key: str, for_person: str, more: str) -> Answer | None:
    """`/gate go launch`, `/gate go launch if the rollback was tried @pa`; None for whom no poll asks."""
    look = gates.open_gate(tx, who, key)
    seat = polls.seat(look, who, for_person)
    if not seat:
        return None
    if more and not IF.match(more):
        raise Refused(f"Type `/gate go {key}`, or `/gate go {key} if CONDITION @owner`.")
    if not more:
        return Say(heard(polls.answer(look, who, seat, go=True), who))
    condition, begin, end = more[2:].strip().rpartition("<@")
    named = OWNER.fullmatch(begin + end) if begin else None
    condition, owner = (condition.strip(), person(who, named[1])) if named else (more[2:].strip(), None)
    if not condition:
        raise Refused(WHICH.format(key))
    return Say(heard(polls.answer(look, who, seat, go=True, condition=condition, owner=owner), who))


def _press_go(click: Click[Gate]) -> Answer:
    look, seat = polls.may_answer(click.tx, click.asker, click.row.key, click.rest, go=True)
    return Say(heard(polls.answer(look, click.asker, seat, go=True), click.asker))


def _press_if(click: Click[Gate]) -> Answer:
    """The form that asks for the condition, and who ticks it."""
    look, _ = polls.may_answer(click.tx, click.asker, click.row.key, click.rest, go=True)
    blocks = [
        forms.text_input("GO if", "condition", placeholder="The rollback was tried", max_length=polls.LONGEST),
        forms.user_input("Who ticks it", "owner", initial=click.request.user),
    ]
    return form(of_look(look), "go_if", "Say GO if", blocks, question=click.rest)


def _press_no(click: Click[Gate]) -> Answer:
    look, _ = polls.may_answer(click.tx, click.asker, click.row.key, click.rest, go=False)
    return rejection(look)


def _submit_if(click: Click[Gate]) -> Answer:
    look, seat = polls.may_answer(
        click.tx, click.asker, click.row.key, str(click.request.private.get("question", "")), go=True
    )
    condition: Any = (click.values.get("condition") or "").strip()
    if not condition:
        raise Misfit("condition", "Say what must hold.")
    owner: Person | None = click.person("owner")
    return Say(heard(polls.answer(look, click.asker, seat, go=True, condition=condition, owner=owner), click.asker))


INTERACTIONS = tuple(map(ATTEMPTS.clicked, (
    ABOUT.button("gate.go", _press_go), ABOUT.button("gate.go_if", _press_if),
    ABOUT.button("gate.no_go", _press_no), ABOUT.form("gate.go_if", _submit_if),
)))  # fmt: skip
