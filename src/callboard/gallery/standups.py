"""A standup in pictures: asked, reported, changed, skipped, missed, and the digest that grows with it."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.gallery.stage import Screen, Stage
from callboard.plans import holds
from callboard.slack.requests import Request
from callboard.standups import models, service, slack, store
from callboard.standups.models import CheckIn
from callboard.standups.service import Report
from callboard.teams import service as teams
from callboard.teams.directory import Asker

PROMPT, DIGEST, ANSWER = "standup.prompt", "standup.digest", "standup.answer"
IN_THE_WAY = "- the cluster refuses TLS since the certificate was rotated\n- no access to the registry of images"


def screens(stage: Stage) -> Iterator[Screen]:
    """The first standup of the plan, with every team there."""
    tx, directory = stage.tx, teams.directory(stage.tx, stage.plan_id)
    for team in dict.fromkeys(hold.target for hold in holds.standing(tx, stage.plan_id) if hold.kind == "team"):
        holds.lift(tx, stage.plan_id, target=team)
    standup = store.standups(tx, stage.plan_id)[0]
    service.attend(tx, standup)
    one_round = store.put_round(tx, stage.plan_id, standup.key, tx.now.date(), standup.key)
    ones = list(store.of_round(tx, one_round.number))
    who = [stage.asker(one.person) for one in ones]
    asked = Request(workspace=stage.workspace, user=who[0].person.slack_id)
    yield stage.sent(PROMPT, "Somebody is asked", ones[0].subject)
    yield stage.sent("standup.reminder", "Reminded", ones[1].subject)
    yield stage.answered("/standup", "The form", slack.fill(tx, asked, {}))
    yield stage.answered(
        "/standup skip", "Why a round is skipped",
        slack.skip_form(directory.plan_key, standup.key, "Morning standup", one_round.day),
    )  # fmt: skip
    yield from _reported(stage, who, ones)
    yield from _not_reported(stage, who, ones)
    yield stage.sent(DIGEST, "The digest, as it stands", one_round.subject)
    yield stage.answered("/standup show", "The newest round, with all answers", slack.show(tx, asked, {"name": None}))
    yield stage.answered("/standup stats", "How many reported lately", slack.stats(tx, asked, {}))


def _reported(stage: Stage, who: list[Asker], ones: list[CheckIn]) -> Iterator[Screen]:
    tx, first = stage.tx, ones[0]
    report = Report([("What is your status?", "MongoDB is validated"), ("Any blockers?", IN_THE_WAY)])
    service.submit(tx, who[0], first.standup, first.day, report)
    yield stage.sent(PROMPT, "Reported, with lines to raise as blockers", first.subject, posted_as="1.0")
    service.raise_line(tx, who[0], first.number, 0, first.changes)
    yield stage.sent(PROMPT, "A line raised as a blocker", first.subject, posted_as="1.0")
    yield stage.sent(ANSWER, "The same in the thread of the digest", first.subject)


def _not_reported(stage: Stage, who: list[Asker], ones: list[CheckIn]) -> Iterator[Screen]:
    tx, skipped, missed = stage.tx, ones[1], ones[2]
    service.skip(tx, who[1], skipped.standup, skipped.day, "the audit has all of us")
    yield stage.sent(PROMPT, "Skipped", skipped.subject, posted_as="1.0")
    models.become(missed, models.State.MISSED)
    missed.prompted_at = missed.asked_at
    tx.session.flush()
    yield stage.sent(PROMPT, "Closed, without a report", missed.subject, posted_as="1.0")
    yield stage.sent("standup.silent", "A word to a lead", missed.subject, args={"numbers": [missed.number]})
