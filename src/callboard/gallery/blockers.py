"""A blocker's life in pictures: what everybody reads of it, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from callboard.blockers import messages, notices, proposals, service, slack
from callboard.blockers.classes import read
from callboard.blockers.messages.page import HANDED
from callboard.blockers.models import Verb
from callboard.blockers.plan import classes, settings
from callboard.blockers.service import Raised
from callboard.blockers.slack import buttons
from callboard.blockers.slack import classes as slack_classes
from callboard.escalation import service as escalation
from callboard.escalation.models import Why
from callboard.gallery.stage import Screen, Stage
from callboard.slack.answers import Say
from callboard.slack.parser import Line
from callboard.slack.requests import Request
from callboard.teams.directory import Asker

if TYPE_CHECKING:
    from callboard.blockers.models import Blocker

WHAT = "mongo refuses TLS from staging since the certificate was rotated"
CARD, PAGE, LINE, NEWS = notices.CARD.kind, notices.PAGE.kind, notices.LINE_OF_HISTORY.kind, notices.NEWS.kind


def screens(stage: Stage) -> Iterator[Screen]:
    """Raised, paged, acknowledged, handed on, resolved, withdrawn; its forms and its lists."""
    reporter, lead = stage.cast()
    request = Request(workspace=stage.workspace, user=reporter.person.slack_id)
    yield stage.answered("/blocker", "The form for a new one", slack.ask_to_raise(stage.tx, request, {}))
    raised = Raised(what=WHAT, category="service down", blocks="the rehearsal of the migration")
    blocker = service.raise_blocker(stage.tx, reporter, raised)
    yield stage.sent(CARD, "Nobody has it yet", blocker.subject)
    yield from _pages(stage, blocker, reporter, lead)
    answer = Say(messages.raised(messages.view(stage.tx, blocker)))
    yield stage.answered("/blocker WHAT", "What the reporter reads at once", answer)
    slip = replace(request, command="/blocker", text="fixed")
    yield stage.answered("/blocker fixed", "A word or two is asked about", Line(slack.command, slip).run(stage.tx))
    yield from _forms(stage, blocker)
    blocker = service.acknowledge(stage.tx, lead, blocker.number)
    yield stage.sent(CARD, "Somebody has it", blocker.subject)
    yield _news(stage, blocker, lead, "Somebody has it: the reporter is told")
    ladder = escalation.ladder(stage.tx, blocker.subject)
    silent = ladder.silent_since.isoformat() if ladder and ladder.silent_since else None
    nudge = _page(lead, Why.NUDGE, step=None, since=silent, silent=silent)
    yield stage.sent(PAGE, "Nothing was said for a while", blocker.subject, **nudge)
    yield stage.sent(PAGE, "A page, once somebody has it", blocker.subject, **_page(lead, Why.OPENED), posted_as="1.0")
    blocker = service.resolve(stage.tx, lead, blocker.number, "the old certificate was still in the image; rebuilt it")
    yield stage.sent(CARD, "Resolved", blocker.subject)
    yield _news(stage, blocker, lead, "Resolved: the reporter is told")
    other = service.raise_blocker(stage.tx, reporter, Raised(what="no access to the registry of images"))
    yield from (_line(stage, other, lead, verb, **facts) for verb, facts in LINES.items())
    since = stage.tx.now.isoformat()
    for why, facts in STEPS.items():
        held = {"holder": lead.person.key, "since": since, "silent": since}
        yield _line(stage, other, lead, why, kind=notices.STEP_OF_CLIMB.kind, again=False, **held, **facts)
    yield stage.sent(notices.OVER.kind, "The plan ends", other.subject)
    leading = Request(workspace=stage.workspace, user=lead.person.slack_id)
    yield stage.answered("/blocker list", "What is open, and what was", slack.list_open(stage.tx, request, {}))
    yield stage.answered("/blocker mine", "What waits for the asker", slack.list_mine(stage.tx, leading, {}))
    yield stage.answered("/blocker show 1", "One with its history", slack.show(stage.tx, request, {"number": 1}))
    yield from _classes(stage, other, reporter, lead)
    service.withdraw(stage.tx, reporter, other.number, "it was the wrong password")
    yield stage.sent(CARD, "Withdrawn", other.subject)


LINES: dict[str, dict[str, Any]] = {
    Verb.NOTED: {"said": "the vendor looks into it"},
    Verb.SNOOZED: {},
    Verb.GRADED: {"severity": "critical", "said": "production is down"},
    Verb.RESOLVED: {"said": "rebuilt the image"},
}
STEPS: dict[Why, dict[str, Any]] = {
    Why.RESPONSE: {"level": "Managing engineer", "people": ["amp"]},
    Why.NUDGE: {},
    Why.IDLE: {"level": "Executive", "people": ["amp"]},
    Why.EXHAUSTED: {"level": "Coordinator", "people": ["amp"]},
    Why.OVER: {},
}


def _pages(stage: Stage, blocker: Blocker, reporter: Asker, lead: Asker) -> Iterator[Screen]:
    yield stage.sent(PAGE, "The first page", blocker.subject, **_page(lead, Why.OPENED, reason="lead of Omega"))
    late = stage.tx.now + timedelta(minutes=2)
    yield stage.sent(
        PAGE, "The next step, held back by Slack", blocker.subject,
        **_page(lead, Why.RESPONSE, step=1, missed=[0]), delayed_until=late,
    )  # fmt: skip
    yield stage.sent(PAGE, "Everybody was paged", blocker.subject, **_page(lead, Why.EXHAUSTED, step=None))
    before: dict[str, Any] = {"before": stage.tx.now.isoformat()}
    yield stage.sent(PAGE, "Paged again", blocker.subject, **_page(lead, Why.REPEAT, **before))
    yield stage.sent(PAGE, "Once a day", blocker.subject, **_page(lead, Why.REPEAT, daily=True, **before))
    taken = service.reassign(stage.tx, reporter, blocker.number, lead.person)
    handed = _page(lead, HANDED, step=None, by=reporter.person.key)
    yield stage.sent(PAGE, "Handed to somebody", taken.subject, **handed)
    yield stage.sent(CARD, "Handed to somebody who has not answered", taken.subject)
    yield stage.sent(PAGE, "By mail or telephone", blocker.subject, medium="apprise", **_page(lead, Why.OPENED))


def _classes(stage: Stage, blocker: Blocker, reporter: Asker, lead: Asker) -> Iterator[Screen]:
    """Proposed for a class, asked about, rejected and accepted."""
    tx, number, name = stage.tx, blocker.number, next(iter(classes(stage.tx, stage.plan_id)))
    blocker = proposals.propose(tx, reporter, number, name)
    proposal: dict[str, Any] = {"recipient": lead.person.key, "args": {"proposal": blocker.class_change}}
    yield stage.sent(notices.VOTE.kind, "Whoever votes is asked", blocker.subject, **proposal)
    yield stage.sent(CARD, "Proposed for a class", blocker.subject)
    if classed := read(tx, blocker):
        yield Screen("blocker.reject", "Why it is none", view=slack_classes.reject_form(classed))
    voters = classed.votes.able if classed and classed.votes else ()
    proposals.reject(tx, Asker(lead.directory, voters[0]), number, "it only concerns the preview")
    yield stage.sent(notices.VOTE.kind, "Somebody voted", blocker.subject, **proposal | {"recipient": voters[0].key})
    for person in voters[1:]:
        if (now := read(tx, blocker)) and now.voted_on:
            proposals.accept(tx, Asker(lead.directory, person), number)
    yield stage.sent(CARD, "It belongs to the class", blocker.subject)
    yield stage.sent(notices.DECIDED.kind, "Its reporter hears that", blocker.subject, recipient=reporter.person.key)


def _forms(stage: Stage, blocker: Blocker) -> Iterator[Screen]:
    view = messages.view(stage.tx, blocker)
    rules = settings(stage.tx, stage.plan_id)
    for title, form in (
        ("What helped", buttons.resolve_form(view, rules)),
        ("Say something about it", buttons.note_form(view)),
        ("Hand it to somebody", buttons.reassign_form(view)),
        ("Make it graver or milder", buttons.severity_form(view)),
        ("From a message in its thread", buttons.act_form(view)),
    ):
        yield Screen(form["callback_id"], title, view=form)


def _news(stage: Stage, blocker: Blocker, by: Asker, title: str) -> Screen:
    facts = {"state": str(blocker.state), "by": by.person.key, "outcome": blocker.outcome}
    return stage.sent(NEWS, title, blocker.subject, args=facts)


def _line(stage: Stage, blocker: Blocker, by: Asker, verb: str, kind: str = LINE, **facts: Any) -> Screen:
    at = stage.tx.now.isoformat()
    args = {"verb": verb, "actor": by.person.key, "at": at, "until": at if verb == Verb.SNOOZED else None, **facts}
    return stage.sent(kind, f"In its thread: {verb}", blocker.subject, args=args)


def _page(to: Asker, why: str, *, step: int | None = 0, **more: Any) -> dict[str, Any]:
    return {"recipient": to.person.key, "args": {"why": why, "step": step, **more}}
