"""Risks in pictures: the register, one that trips, what is asked, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from callboard.gallery.stage import Screen, Stage
from callboard.plans import service as plans
from callboard.risks import due, register, service, slack, store
from callboard.risks.models import Question, Said
from callboard.slack.answers import Modal
from callboard.tasks import service as tasks

OWNER, MEMBER = "omega-lead", "omega-a"
RISKS: list[dict[str, Any]] = [
    {
        "risk": "Person A overloaded", "probability": "medium", "impact": "high", "owner": OWNER,
        "mitigation": "Person B takes over", "actions": ["Move tasks to Person B", "Sit together in the morning"],
        "indicators": [
            {"in_progress": {"of": MEMBER, "more_than": 0}}, {"stuck": {"of": MEMBER, "for": "2h"}},
            {"ask": MEMBER, "question": "Is it too much for you?", "every": "1d"},
        ],
    },
    {
        "risk": "Scope creep", "probability": "medium", "impact": "medium", "owner": "amp",
        "mitigation": "Changes go to the backlog",
        "indicators": [{"forecast": {"gate": "validated", "later_than": "1d"}}, "New wishes of the stakeholders"],
    },
]  # fmt: skip


def screens(stage: Stage) -> Iterator[Screen]:
    """Two risks of the plan, and one that somebody raises."""
    tx, who, lead = stage.tx, stage.asker(MEMBER), stage.asker(OWNER)
    user = lead.person.slack_id
    yield stage.typed(slack.command, user, "", "A plan without risks")
    plans.edit(tx, stage.plan_id, ("risks",), RISKS, author="amp")
    yield stage.typed(slack.command, user, "", "The register, the gravest first")
    yield stage.typed(slack.command, user, "show 2", "What nobody can tell yet")
    tasks.start(tx, who, "O-1")
    stage.later(timedelta(hours=1), due.indicators_due)
    yield stage.told("risk.tripped", "An indicator trips: the owner is told once")
    yield from _asked(stage)
    yield stage.clicked(
        slack.INTERACTIONS, "risk.task", user, _value(stage, 1, ":1"), "One click makes a task of an action"
    )
    yield stage.typed(slack.command, user, "show 1", "One risk, with its signs and actions")
    yield from _raised(stage)
    yield from _over(stage)


def _asked(stage: Stage) -> Iterator[Screen]:
    """The question of an indicator, and its answer."""
    yield stage.told("risk.ask", "Somebody is asked")
    question = stage.tx.get(Question, 1)
    if question:
        service.answer(stage.tx, stage.asker(MEMBER), question.number, Said.YES)
        yield stage.sent("risk.ask", "They answered", question.subject, posted_as="1.0")


def _raised(stage: Stage) -> Iterator[Screen]:
    who = stage.asker(MEMBER)
    yield stage.answered("risk.raise", "The form", Modal(slack.raise_form(who, "The vendor is late")))
    user = who.person.slack_id
    yield stage.typed(slack.command, user, "raise medium low The vendor is late", "Raised without the form")
    service.hand(stage.tx, stage.asker("amp"), 3, stage.asker(OWNER).person)
    yield stage.told("risk.yours", "Somebody owns it now")
    yield stage.typed(slack.command, user, "rate 3 low high", "Only its owner can rate it")


def _over(stage: Stage) -> Iterator[Screen]:
    tx, user = stage.tx, stage.user(OWNER)
    rows = {row.number: row for row in store.risks(tx, stage.plan_id)}
    yield stage.answered("risk.close", "Why it is closed", Modal(slack.close_form(rows[3])))
    yield stage.typed(slack.command, user, "close 3 it has delivered", "Closed")
    yield stage.clicked(slack.INTERACTIONS, "risk.happened", user, _value(stage, 1), "It happened: a blocker")
    yield stage.typed(slack.command, user, "show 1", "What became of it")
    yield stage.typed(slack.command, user, "happened 1", "It happens once")
    yield stage.answered("risk.emergency", "An emergency: its level", Modal(slack.declare_form(tx, rows[2])))
    yield stage.typed(slack.command, stage.user("amp"), "emergency 2 2 ten new wishes", "It happened: an emergency")
    yield stage.typed(slack.command, user, "list all", "All of the register")


def _value(stage: Stage, number: int, rest: str = "") -> str:
    """What a button on the card of a risk says."""
    kept = register.numbered(stage.tx, number)
    return f"{number}:{kept.row.changes if kept else 0}{rest}"
