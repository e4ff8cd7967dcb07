"""A gate's life in pictures: ticked, signed, missed, waived, in doubt; a go/no-go; a freeze and its exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from callboard.core.errors import Refused
from callboard.escalation.service import due_climbs
from callboard.freezes import capability as freezes
from callboard.freezes import service as freezing
from callboard.freezes import slack
from callboard.gallery.stage import Screen, Stage
from callboard.gates import due
from callboard.gates import service as gates
from callboard.gates.assessment import Look
from callboard.gates.criteria import key_of
from callboard.gates.messages import of_gate
from callboard.gates.models import Gate
from callboard.gates.plan.types import TickPart, walk
from callboard.gates.slack import INTERACTIONS, polls
from callboard.gates.slack.commands import command
from callboard.plans import service as plans
from callboard.tasks import service as tasks

CARD, LINE, PAGE, NEWS = "gate.card", "gate.line", "gate.page", "gate.news"
POLL, ASKED = "gate.poll", "gate.asked"
DOCUMENT = "docs/INFRASTRUCTURE_VALIDATION.md"
FREEZE: dict[str, Any] = {
    "name": "Code freeze", "from": "2025-11-17 09:00", "to": "2025-11-19 12:00", "branches": ["main"],
    "exceptions": {"ask_within": "1d", "form": ["Time needed", "Risk of adding", "Risk of cutting"],
                   "sign_off": [{"role": "coordinator"}]},
}  # fmt: skip
EARLIER = [{"lead_of": "alpha"}, {"lead_of": "beta", "due": "2025-11-15 10:00"}]
DOCUMENTS: dict[str, Any] = {
    "name": "Document approved", "due": "2025-11-26 17:00", "criteria": ["Read by somebody of another team"],
    "each": {"of": "document", "items": ["DOC-1..DOC-5"], "owner": {"alpha-lead": ["DOC-1"], "*": "beta-lead"}},
    "sign_off": [{"owner": "each"}],
}  # fmt: skip
LAUNCH: dict[str, Any] = {
    "name": "Launch", "decision": True, "due": "2025-11-15 14:30", "criteria": ["Window confirmed"],
    "poll": {"opens": "2025-11-15 13:00", "order": ["omega", "sigma", "stakeholder"], "answer_within": "10m"},
}  # fmt: skip
ITEM = "the sign-in &amp; session fix"
ANSWERS = {"Time needed": "an hour", "Risk of adding": "none known", "Risk of cutting": "nobody signs in"}
WORKS = (due.gates, *freezes.due, due_climbs)


def screens(stage: Stage) -> Iterator[Screen]:
    """One after the other, from the first morning of the plan to days after its end."""
    plans.edit(stage.tx, stage.plan_id, ("gates", "operable", "sign_off"), EARLIER, author="amp")
    for scene in (_ticked, _signed, _missed, _waived, _decided, _polled, _frozen, _each):
        yield from scene(stage)


def _ticked(stage: Stage) -> Iterator[Screen]:
    lead, member = stage.user("omega-lead"), stage.user("omega-a")
    yield stage.typed(command, lead, "", "Every gate")
    yield stage.typed(command, lead, "mine", "Waiting for the asker")
    yield stage.typed(command, lead, "show validated", "Nothing is met yet")
    yield stage.clicked(INTERACTIONS, "gate.tick", member, _value(stage, "validated"), "Tick a criterion")
    yield stage.typed(command, member, f"tick validated 1 see {DOCUMENT}", "Ticked")
    yield stage.told(LINE, "In its thread: ticked", verb="ticked")
    yield stage.typed(command, stage.user("pi-a"), "tick validated 2", "Refused: not theirs to tick")
    yield stage.typed(command, member, "report environment_variables 17", "Reported, too few")
    yield stage.told(LINE, "In its thread: reported", verb="reported")
    yield stage.clicked(INTERACTIONS, "gate.sign", lead, _value(stage, "validated"), "Too early to sign: what is open")
    yield stage.clicked(INTERACTIONS, "gate.ask", lead, _value(stage, "validated"), "Asks to be asked when it is ready")
    stage.later(timedelta(hours=6), *WORKS)
    yield stage.told(NEWS, "Due soon: whoever must sign is reminded", what="reminder")
    yield stage.told(LINE, "In its thread: reminded", verb="reminded")


def _signed(stage: Stage) -> Iterator[Screen]:
    lead, member = stage.user("omega-lead"), stage.user("omega-a")
    gates.report(stage.tx, stage.asker("omega-a"), "environment_variables", "18")
    for key in ("O-1", "O-2", "O-3", "O-4", "O-5", "O-6"):
        tasks.complete(stage.tx, stage.asker("omega-lead"), key)
    _tick_all(stage, "validated", "omega-a")
    yield stage.told(CARD, "Everything is met: waiting for a signature")
    yield stage.told(NEWS, "Everything is met: whoever must sign is asked", what="ready")
    yield stage.typed(command, lead, "mine", "Ready, and waiting for the asker")
    yield stage.clicked(INTERACTIONS, "gate.sign", lead, _value(stage, "validated"), "Sign: what that does")
    yield stage.clicked(INTERACTIONS, "gate.reject", lead, _value(stage, "validated"), "Say no")
    yield stage.typed(command, stage.user("omega-a"), "sign validated", "Refused: a deputy, and the lead is there")
    yield stage.typed(command, lead, f"hand validated to <@{member}>", "Handed over to the deputy")
    yield stage.told(LINE, "In its thread: handed over", verb="handed over")
    yield stage.told(NEWS, "Handed over: the deputy is told", what="handed over")
    yield stage.typed(command, stage.user("omega-a"), "sign validated", "Refused: a deputy who did not say for whom")
    yield stage.typed(command, lead, "hand validated back", "Taken back")
    yield stage.told(NEWS, "Taken back: the deputy is told", what="took back")
    yield stage.typed(command, lead, "reject validated the preview shows the old build", "You said no")
    yield stage.told(CARD, "Somebody said no")
    yield stage.typed(command, lead, "withdraw validated", "Withdrawn")
    _sign(stage, "omega-lead", "validated")
    yield stage.told(LINE, "In its thread: passed", verb="passed")
    yield stage.told(NEWS, "Passed: the channel and the coordinator are told", what="passed")
    yield stage.told(CARD, "Passed")
    yield stage.typed(command, lead, "reject validated too late", "Refused: it has passed")
    tasks.reopen(stage.tx, stage.asker("omega-lead"), "O-4", "the key pair was swapped")
    yield stage.told(NEWS, "In doubt: something changed after it passed", what="doubt")
    yield stage.told(CARD, "In doubt")
    yield stage.typed(command, lead, "history validated", "Its history")


def _void(stage: Stage) -> Iterator[Screen]:
    for lead, letter, last in (("sigma-lead", "S", 8), ("alpha-lead", "A", 5), ("beta-lead", "B", 6)):
        for number in range(1, last + 1):
            key = f"{letter}-{number}"
            if tasks.get(stage.tx, stage.plan_id, key).open_criteria:
                tasks.tick(stage.tx, stage.asker(lead), key, "all")
            tasks.complete(stage.tx, stage.asker(lead), key)
    _tick_all(stage, "operable", "alpha-lead", "beta-lead")
    _sign(stage, "alpha-lead", "operable")
    card = _gate(stage, "operable").subject
    yield stage.sent(CARD, "Signed by one of two", card)
    gates.untick(stage.tx, stage.asker("alpha-lead"), "operable", "Rollback procedure tested")
    yield stage.told(NEWS, "Something signed has changed: the signature is void", what="void")
    yield stage.told(LINE, "In its thread: void", verb="voided")


def _missed(stage: Stage) -> Iterator[Screen]:
    lead = stage.user("pi-lead")
    gates.report(stage.tx, stage.asker("pi-a"), "high_vulnerabilities", "3")
    stage.later(timedelta(days=1, hours=2, minutes=1), *WORKS)
    audited = _gate(stage, "audited").subject
    yield stage.told(NEWS, "Overdue: whoever the plan names is told", what="missed")
    yield stage.told(LINE, "In its thread: overdue", verb="missed")
    yield stage.told(PAGE, "Overdue: its lead is paged", address=lead)
    yield stage.sent(PAGE, "Overdue: by mail or telephone", audited, medium="apprise", args={"reason": "lead of Pi"})
    yield stage.sent(CARD, "Overdue: nobody has it yet", audited)
    yield stage.clicked(INTERACTIONS, "gate.ack", lead, _value(stage, "audited"), "Somebody has it")
    yield stage.sent(CARD, "Overdue: somebody has it", audited)
    page: dict[str, Any] = {"recipient": "pi-lead", "args": {"reason": "lead of Pi"}, "posted_as": "1.0"}
    yield stage.sent(PAGE, "A page, once somebody has it", audited, **page)


def _waived(stage: Stage) -> Iterator[Screen]:
    amp = stage.asker("amp")
    yield stage.typed(command, stage.user("pi-lead"), "waive audited", "Refused: not a coordinator")
    yield stage.typed(command, stage.user("amp"), "waive audited", "The exception record")
    gates.waive(
        stage.tx, amp, "audited", "the findings are behind the guest wall", until=stage.tx.now + timedelta(days=5),
        risk_of_adding="a guest sees another guest's name", risk_of_cutting="the launch slips by a week",
    )  # fmt: skip
    yield stage.told(NEWS, "Waived", what="waived")
    yield stage.told(LINE, "In its thread: waived", verb="waived")
    yield stage.sent(CARD, "Waived", _gate(stage, "audited").subject)


def _decided(stage: Stage) -> Iterator[Screen]:
    amp = stage.user("amp")
    go = _gate(stage, "go").subject
    stage.later(timedelta(hours=17), *WORKS)
    yield stage.told(NEWS, "A signature is overdue", what="signature")
    yield stage.typed(command, amp, "tick go Deployment window confirmed", "Ticked for this attempt")
    yield stage.typed(command, amp, "show go", "NO-GO so far")
    yield stage.typed(command, amp, "go go", "Refused: not everything is met")
    yield stage.clicked(INTERACTIONS, "gate.reject", amp, _value(stage, "go"), "Say NO-GO")
    yield stage.sent(NEWS, "A decision is announced in advance", go, args={"what": "coming"})
    stage.later(timedelta(hours=2), *WORKS)
    yield stage.told(NEWS, "NO-GO at its time, with the next attempt", what="no-go")
    yield stage.told(LINE, "In its thread: NO-GO", verb="no-go")
    yield stage.told(NEWS, "A new attempt: which ticks to renew", what="renew")
    _waive(stage, "tested")
    yield from _void(stage)
    _waive(stage, "operable")
    _tick_all(stage, "go", "amp", "stakeholder")
    yield stage.told(CARD, "The second attempt: open for votes")
    yield stage.told(NEWS, "Open for votes", what="ready")
    yield stage.clicked(INTERACTIONS, "gate.sign", amp, _value(stage, "go"), "Say GO: what that does")
    _sign(stage, "amp", "go")
    yield stage.told(NEWS, "GO", what="go")
    yield stage.told(CARD, "GO")
    yield stage.typed(command, amp, "", "Every gate, days later")


def _frozen(stage: Stage) -> Iterator[Screen]:
    amp, asker = stage.user("amp"), stage.asker("sigma-a")
    plans.edit(stage.tx, stage.plan_id, ("freezes",), {"code": FREEZE}, author="amp")
    stage.later(timedelta(days=2), *WORKS)
    yield stage.told("freeze.news", "A freeze begins", what="begun")
    yield stage.typed(slack.command, asker.person.slack_id, f"exception code {ITEM}", "Ask for an exception")
    first = freezing.ask(stage.tx, asker, "code", ITEM, ANSWERS)
    yield stage.told("exception.card", "Somebody asks for an exception")
    yield stage.told("exception.news", "Somebody asks for an exception: whoever signs is told", what="exception asked")
    yield stage.typed(slack.command, asker.person.slack_id, f"grant {first.number}", "Refused: their own")
    value = f"{first.number}:{first.changes}"
    yield stage.clicked(slack.INTERACTIONS, "gate.deny", amp, value, "Deny an exception")
    yield stage.clicked(slack.INTERACTIONS, "gate.grant", amp, value, "Granted: what the signer reads")
    yield stage.told("exception.card", "Granted")
    yield stage.told("exception.news", "Granted: whoever asked and the channel are told", what="exception granted")
    other = freezing.ask(stage.tx, asker, "code", "a new logo", ANSWERS)
    freezing.deny(stage.tx, stage.asker("amp"), other.number, "it can wait until Thursday")
    yield stage.told("exception.card", "Denied")
    yield stage.told("exception.news", "Denied: whoever asked is told", what="exception denied")
    yield stage.typed(slack.command, amp, "freezes", "Freezes and their exceptions")
    yield stage.typed(slack.command, amp, "list", "Gates, and what is frozen")
    stage.later(timedelta(days=3), *WORKS)
    yield stage.told("gate.news", "A waiver has ended", what="waiver ended")
    yield stage.told("freeze.news", "A freeze is over", what="over")


def _each(stage: Stage) -> Iterator[Screen]:
    plans.edit(stage.tx, stage.plan_id, ("gates", "document"), DOCUMENTS, author="amp")
    amp, lead = stage.user("amp"), stage.user("alpha-lead")
    yield stage.typed(command, lead, "list", "Every gate, and one for each of several items")
    _tick_all(stage, "document/DOC-1", "alpha-lead")
    yield stage.typed(command, lead, "show DOC-1", "One item, ready for its owner")
    _sign(stage, "alpha-lead", "document/DOC-1")
    yield stage.typed(command, amp, "show document", "All items: one has passed")
    yield stage.told(CARD, "All items are one card")


def _polled(stage: Stage) -> Iterator[Screen]:
    plans.edit(stage.tx, stage.plan_id, ("gates", "launch"), LAUNCH, author="amp")
    amp, lead, other = stage.user("amp"), stage.user("omega-lead"), stage.user("sigma-lead")
    stage.later(datetime(2025, 11, 15, 18, tzinfo=UTC) - stage.tx.now, *WORKS)
    yield stage.told(NEWS, "The poll can't open yet: what is open", what="poll waits")
    _tick_all(stage, "launch", "amp")
    yield stage.told(POLL, "A poll opens: the first is asked")
    yield stage.told(ASKED, "Whoever is asked is paged", address=lead)
    question = Look(stage.tx, _gate(stage, "launch")).question(0)
    value = f"{_gate(stage, 'launch').id}:0:{question}"
    yield stage.typed(command, stage.user("pi-a"), "go launch", "Refused: nobody asks them")
    yield stage.typed(command, other, "go launch", "Answered before their turn: kept")
    yield stage.clicked(polls.INTERACTIONS, "gate.go_if", lead, value, "GO on a condition")
    yield stage.clicked(polls.INTERACTIONS, "gate.no_go", lead, value, "NO-GO: why")
    owner = stage.user("beta-lead")
    yield stage.typed(command, lead, f"go launch if the rollback was tried <@{owner}>", "Answered on a condition")
    yield stage.told(NEWS, "A condition: its owner is told", what="condition")
    yield stage.told(POLL, "The early answer was read in turn: the next is asked")
    yield stage.typed(command, lead, "go launch", "Refused: answered already")
    gates.tick(stage.tx, stage.asker("amp"), "launch", "1", "docs/WINDOW.md")
    yield stage.typed(command, stage.user("stakeholder"), "go launch", "Answered GO")
    yield stage.told(POLL, "What they vouched for has changed: asked again")
    yield stage.told(ASKED, "Whoever is asked again reads why", address=lead)
    yield stage.typed(command, amp, "show launch", "A decision while its poll runs")
    stage.later(timedelta(minutes=10), *WORKS)
    yield stage.told(POLL, "Silence is NO-GO")
    yield stage.told(NEWS, "NO-GO by silence", what="no-go")
    yield stage.typed(command, lead, "go launch", "Refused: too late")


def _waive(stage: Stage, key: str) -> None:
    gates.waive(
        stage.tx, stage.asker("amp"), key, "done by hand", risk_of_adding="little", risk_of_cutting="a day more"
    )


def _gate(stage: Stage, key: str) -> Gate:
    return gates.gate(stage.tx, stage.plan_id, key)


def _value(stage: Stage, key: str) -> str:
    """What the buttons of a gate carry."""
    return of_gate(stage.tx, _gate(stage, key)).value


def _sign(stage: Stage, person: str, key: str) -> None:
    gates.sign(stage.tx, stage.asker(person), key, Look(stage.tx, _gate(stage, key)).content)


def _tick_all(stage: Stage, key: str, *people: str) -> None:
    """Each criterion that is not ticked yet, by the first of these who may."""
    seen = Look(stage.tx, _gate(stage, key))
    for number, part in enumerate((one for _, one in walk(seen.part.criteria) if isinstance(one, TickPart)), 1):
        if key_of(part) in seen.facts.ticks:
            continue
        for person in people:
            with suppress(Refused):
                gates.tick(stage.tx, stage.asker(person), key, str(number))
                break
