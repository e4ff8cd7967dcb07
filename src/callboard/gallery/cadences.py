"""A status request in pictures: asked, answered, silent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.cadences import models, notices, service, slack
from callboard.cadences.models import StatusRequest
from callboard.gallery.stage import Screen, Stage
from callboard.slack.answers import Modal
from callboard.teams import service as teams
from callboard.teams.service import Asker

ASK = "status.ask"
_STEP = timedelta(minutes=30)


def screens(stage: Stage) -> Iterator[Screen]:
    """Two tasks of one person, and the team of a lead."""
    directory = teams.directory(stage.tx, stage.plan_id)
    person, lead = directory.people["omega-a"], directory.people["omega-lead"]
    alone = _request(stage, person.key, ["task:O-1"])
    yield stage.sent(ASK, "One task", alone.subject)
    yield stage.answered("status.blocked", "What is in the way", Modal(slack.form(alone.number, "task:O-1")))
    service.as_planned(stage.tx, Asker(directory, person), alone.number)
    yield stage.sent(ASK, "Answered", alone.subject, posted_as="1.0")
    two = _request(stage, person.key, ["task:O-1", "task:O-5"])
    yield stage.sent(ASK, "Two cadences meet in one message", two.subject)
    service.progress(stage.tx, Asker(directory, person), two.number, "task:O-1", 50)
    yield stage.sent(ASK, "One of them is answered", two.subject, posted_as="1.0")
    team = _request(stage, lead.key, ["team:omega"])
    yield stage.sent(ASK, "A lead is asked about the team", team.subject)
    quiet = _request(stage, person.key, ["task:O-5"])
    models.fall_silent(quiet)
    yield stage.sent(ASK, "Nothing was heard", quiet.subject, posted_as="1.0")
    notices.silent(stage.tx, directory, lead, [quiet])
    yield stage.told("status.silent", "A word to the lead after the second time")


def _request(stage: Stage, person: str, items: list[str]) -> StatusRequest:
    tx = stage.tx
    tx.now += _STEP
    one = StatusRequest(plan_id=stage.plan_id, person=person, at=tx.now, closes_at=tx.now + _STEP, items=items)
    tx.session.add(one)
    tx.session.flush()
    return one
