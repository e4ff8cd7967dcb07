"""A status request in pictures: asked, answered, silent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.cadences import models, notices, service, slack
from callboard.cadences.models import StatusRequest
from callboard.gallery.stage import Screen, Stage
from callboard.slack.answers import Modal

ASK = "status.ask"
_STEP = timedelta(minutes=30)


def screens(stage: Stage) -> Iterator[Screen]:
    """Two tasks of one person, and the team of a lead."""
    who, lead = stage.asker("omega-a"), stage.asker("omega-lead")
    person = who.person
    alone = _request(stage, person.key, ["task:O-1"])
    yield stage.sent(ASK, "One task", alone.subject)
    yield stage.answered("status.blocked", "What is in the way", Modal(slack.form(alone.number, "task:O-1")))
    service.as_planned(stage.tx, who, alone.number)
    yield stage.sent(ASK, "Answered", alone.subject, posted_as="1.0")
    two = _request(stage, person.key, ["task:O-1", "task:O-5"])
    yield stage.sent(ASK, "Two cadences meet in one message", two.subject)
    service.progress(stage.tx, who, two.number, "task:O-1", 50)
    yield stage.sent(ASK, "One of them is answered", two.subject, posted_as="1.0")
    team = _request(stage, lead.person.key, ["team:omega"])
    yield stage.sent(ASK, "A lead is asked about the team", team.subject)
    quiet = _request(stage, person.key, ["task:O-5"])
    models.fall_silent(quiet)
    yield stage.sent(ASK, "No answer", quiet.subject, posted_as="1.0")
    notices.silent(stage.tx, lead.directory, lead.person, [quiet])
    yield stage.told("status.silent", "A word to the lead after the second time")


def _request(stage: Stage, person: str, items: list[str]) -> StatusRequest:
    tx = stage.tx
    tx.now += _STEP
    request = StatusRequest(plan_id=stage.plan_id, person=person, at=tx.now, closes_at=tx.now + _STEP, items=items)
    tx.session.add(request)
    tx.session.flush()
    return request
