"""A meeting in pictures: the agenda, the question afterwards, and the minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.gallery.stage import Screen, Stage
from callboard.meetings import due, messages, service, slack, store
from callboard.meetings.service import Outcome
from callboard.slack.answers import Modal
from callboard.tasks import service as tasks

CARD = "meeting.card"


def screens(stage: Stage) -> Iterator[Screen]:
    """The governance meeting of the example, on its last day."""
    tx, who, lead = stage.tx, stage.asker("amp"), stage.asker("omega-lead")
    yield stage.typed(slack.command, who.person.slack_id, "", "What comes next")
    tasks.complete(tx, lead, "O-4")
    blockers.raise_blocker(tx, lead, Raised(what="mongo refuses TLS", team="omega", blocks="O-1"))
    stage.later(timedelta(days=2, hours=2), due.announcing)
    (one,) = store.meetings(tx, stage.plan_id)
    yield stage.sent(CARD, "The agenda, made of how everything stands", one.subject)
    stage.later(timedelta(hours=1), due.meetings)
    yield stage.sent("meeting.over", "Who leads it is asked for the minutes", one.subject)
    yield stage.answered(
        "meeting.record",
        "The form",
        Modal(slack.record_form(messages.meeting(tx, one), retrospective=False)),
    )
    outcome = Outcome(
        "All leads were there.", ["Deploy at 15:00"], ["Rotate certificates a week ahead"],
        ["Omega Person A: rotate the certificate, by 2025-11-20", "Tell the stakeholders"],
    )  # fmt: skip
    service.record(tx, who, one.number, outcome)
    yield stage.sent(CARD, "The minutes", one.subject, posted_as="1.0")
    yield stage.sent("meeting.over", "The minutes are written", one.subject, posted_as="1.0")
    yield stage.typed(slack.command, who.person.slack_id, "lessons", "Everything that was learned")
    yield stage.typed(slack.command, who.person.slack_id, "", "Past meetings")
