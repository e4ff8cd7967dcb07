"""Meetings in pictures: the agenda, the question afterwards, the minutes; and the reports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlmodel import select

from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.board import due as board
from callboard.board import slack as of_plan
from callboard.board.plan import CLOSING
from callboard.board.report.models import Report
from callboard.conflicts.models import Conflict, State
from callboard.core.timeline import Subject
from callboard.gallery.stage import Screen, Stage
from callboard.meetings import due, messages, service, slack, store
from callboard.meetings.models import Outcome
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
    yield stage.typed(slack.of_plan, lead.person.slack_id, "lesson omega: check the domain first", "A lesson is added")
    yield stage.typed(slack.command, who.person.slack_id, "lessons", "Everything that was learned")
    yield stage.typed(slack.of_plan, who.person.slack_id, "kudos omega-a for the sign-in", "Somebody is thanked")
    yield stage.sent("kudos.given", "Who is thanked reads it", Subject("kudos", 1))
    yield stage.typed(slack.of_plan, lead.person.slack_id, "kudos", "All kudos")
    yield stage.typed(slack.command, who.person.slack_id, "", "Past meetings")
    yield stage.typed(slack.of_plan, who.person.slack_id, "award omega Fastest sign-off", "An award is given")
    yield stage.sent("award.given", "Everybody reads of it", Subject("award", 1))
    yield stage.typed(slack.of_plan, who.person.slack_id, "award", "All awards")
    stage.later(timedelta(days=1), due.awards)
    yield stage.told("award.left", "The plan is over, and awards are left")


def reports(stage: Stage) -> Iterator[Screen]:
    """The first evening of the example."""
    tx, who = stage.tx, stage.asker("omega-lead")
    tasks.complete(tx, who, "O-4")
    tasks.progress(tx, who, "O-1", 75)
    tasks.progress(tx, who, "O-3", 40)
    blockers.raise_blocker(tx, who, Raised(what="mongo refuses TLS", team="omega", blocks="O-1"))
    tx.session.add_all(_conflicts(stage))
    stage.later(timedelta(hours=9), board.reports)
    report = tx.session.exec(select(Report)).one()
    yield stage.sent("report.sent", "The report of the day", report.subject)
    yield stage.sent("report.sent", "The same by mail, as plain text", report.subject, medium="apprise")
    stage.later(timedelta(days=3), board.closing)
    last = tx.session.exec(select(Report).where(Report.name == CLOSING)).one()
    yield stage.sent("report.closing", "The closing report, when the plan ends", last.subject)
    yield stage.typed(of_plan.command, who.person.slack_id, "closing", "The closing report, for whoever asks")


def _conflicts(stage: Stage) -> Iterator[Conflict]:
    """One that is open, and one that is over and was judged worth telling."""
    now = stage.tx.now
    for state, verdicts in ((State.OPEN, {}), (State.OVER, {"omega-lead": True})):
        yield Conflict(
            plan_id=stage.plan_id, repository="harbor", one="omega/auth", other="sigma/menu", kind="merge",
            degree="medium", state=state, files=["src/auth.py"], verdicts=verdicts, pushed_at=now, found_at=now,
        )  # fmt: skip
