"""Checkpoints in pictures: what is met and what is not, who is asked, and the page when nobody answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.checkpoints import due, messages, service, slack, store
from callboard.checkpoints.messages import views
from callboard.gallery.stage import Screen, Stage
from callboard.slack.answers import Modal
from callboard.tasks import service as tasks
from callboard.teams.directory import Asker

CARD, ASK = "checkpoint.card", "inquiry.ask"


def screens(stage: Stage) -> Iterator[Screen]:
    """The first morning of the example, with one task on time and the other not."""
    tx, who = stage.tx, stage.asker("omega-lead")
    lead = who.person
    yield stage.typed(slack.command, lead.slack_id, "", "All checkpoints, before the first")
    yield stage.typed(slack.command, lead.slack_id, "show Omega mid-point", "A coming one, as it stands now")
    tasks.complete(tx, who, "O-4")
    tasks.progress(tx, who, "O-3", 40)
    stage.later(timedelta(hours=2), due.checkpoints)
    first = store.checkpoints(tx, stage.plan_id)[-1]
    (asked,) = store.inquiries(tx, first.number)
    yield stage.sent(CARD, "One of two met", first.subject)
    yield stage.sent(ASK, "The lead is asked about the other", asked.subject)
    yield stage.answered("checkpoint.blocker", "What is in the way", Modal(slack.blocker(views.inquiry(tx, asked))))
    stage.later(timedelta(minutes=15), due.inquiries)
    yield stage.sent("inquiry.reminder", "Nobody has answered yet", asked.subject)
    stage.later(timedelta(minutes=16), due.inquiries)
    yield stage.sent("checkpoint.silent", "Nobody answered", first.subject)
    by_policy = {"reason": "the managing engineer"}
    yield stage.sent("checkpoint.page", "Nobody answered, with a policy", first.subject, args=by_policy)
    yield stage.sent("checkpoint.page", "The same by mail", first.subject, medium="apprise", args=by_policy)
    yield stage.sent(CARD, "The card without an answer", first.subject)
    service.on_it(tx, who, asked.number)
    yield stage.sent(ASK, "Somebody is on it", asked.subject, posted_as="1.0")
    yield stage.clicked(
        slack.interactions, messages.HELP, lead.slack_id, f"{asked.number}:{asked.changes}", "Help is asked for"
    )
    yield stage.sent("inquiry.help", "The coordinators are told", asked.subject)
    yield from _questions(stage, who)


def _questions(stage: Stage, who: Asker) -> Iterator[Screen]:
    tx = stage.tx
    stage.later(timedelta(hours=3), due.checkpoints)
    last = next(one for one in store.checkpoints(tx, stage.plan_id) if one.name.startswith("Mid-day"))
    (asked,) = store.inquiries(tx, last.number)
    yield stage.sent(ASK, "Questions of the mid-day", asked.subject)
    yield stage.answered("checkpoint.answer", "The form", Modal(slack.answer(views.inquiry(tx, asked))))
    said = ["O-1 is at 75%", "Yes", "None", "No, thank you"]
    service.say(tx, who, asked.number, list(zip(asked.questions, said, strict=False)))
    yield stage.sent(ASK, "Answered", asked.subject, posted_as="1.0")
    yield stage.sent(CARD, "The card shows the answers", last.subject)
    yield stage.typed(slack.command, who.person.slack_id, "run Omega mid-point", "A lead checks one now")
    yield stage.typed(slack.command, who.person.slack_id, "", "All checkpoints in the afternoon")
