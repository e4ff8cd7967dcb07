"""The buttons and forms of standups."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core.errors import Refused
from callboard.slack.answers import Answer, Done, Errors, Modal, Say
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.standups import messages, schedule, service, store
from callboard.standups.models import CheckIn
from callboard.standups.service import Report
from callboard.standups.slack import forms
from callboard.teams import service as teams
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = "That round is not there any more. `/standup` shows what is open for you."


def asker(tx: Tx, request: Request) -> Asker:
    """Who asks, in which plan."""
    return teams.identify(
        tx, request.workspace, request.channel, request.channel_name, request.user, request.plan, is_bot=request.is_bot
    )


def form(tx: Tx, who: Asker, key: str, day: date) -> Answer:
    """The form of a round, as it begins for somebody. Raises Refused once the next round has begun."""
    one = service.current(tx, who, key, day)
    at = one.at if one else schedule.own_slot(tx, schedule.book_of(tx, who.directory.plan_id), who, key, day).at
    return Modal(forms.check_in(forms.draft(tx, who, key, day, one, at)))


def _mine(tx: Tx, request: Request) -> tuple[Asker, CheckIn]:
    """Who clicked on which check-in; that of somebody else, or of another workspace, is not theirs."""
    one = store.check_in(tx, int(request.value.partition(":")[0]))
    directory = teams.directory(tx, one.plan_id) if one else None
    if one is None or directory is None or directory.workspace not in ("", request.workspace):
        raise Refused(GONE)
    who = asker(tx, replace(request, plan=directory.plan_key))
    if who.person.key != one.person:
        raise Refused(f"That is for {directory.called(one.person)}. `/standup` opens yours.")
    return who, one


def _fill(tx: Tx, request: Request) -> Answer:
    who, one = _mine(tx, request)
    return form(tx, who, one.standup, one.day)


def _ask_why(tx: Tx, request: Request) -> Answer:
    who, one = _mine(tx, request)
    part = schedule.book_of(tx, one.plan_id).standups.get(one.standup)
    service.current(tx, who, one.standup, one.day)
    return Modal(forms.skip(who.directory.plan_key, one.standup, part.name if part else one.standup, one.day))


def _raise(tx: Tx, request: Request) -> Answer:
    who, one = _mine(tx, request)
    _, place, changes = request.value.split(":")
    blocker = service.raise_line(tx, who, one.number, int(place), int(changes))
    waits = f" It waits for {who.directory.called(blocker.waits_for)}." if blocker.waits_for else ""
    number = blocker.number
    return Say(
        f"Blocker {number} is open, and climbs until somebody has it.{waits} `/blocker withdraw {number}` ends it."
    )


def _submit(tx: Tx, request: Request) -> Answer:
    private, values = request.private, request.values
    who = asker(tx, replace(request, plan=str(private["plan"])))
    said = forms.answers(private, values)
    if not any(text for _, text in said):
        return Errors({"q0": "Say a word or two, or skip this round: `/standup skip because ...`."})
    waits_for = who.directory.by_slack(values.get("waits_for") or "")
    if values.get("waits_for") and waits_for is None:
        return Errors({"waits_for": f"They are not in {who.directory.plan_name}: pick somebody of the plan."})
    key, day = str(private["standup"]), date.fromisoformat(str(private["day"]))
    wrong = forms.change_tasks(tx, who, private.get("tasks") or {}, values)
    if wrong:
        return Errors({block: b.unescape(sentence) for block, sentence in wrong.items()})
    service.submit(tx, who, key, day, Report(said, waits_for.key if waits_for else ""))
    return Done()


def _submit_skip(tx: Tx, request: Request) -> Answer:
    private = request.private
    who = asker(tx, replace(request, plan=str(private["plan"])))
    day = date.fromisoformat(str(private["day"]))
    service.skip(tx, who, str(private["standup"]), day, request.values.get("why") or "")
    return Done()


interactions = (
    Interaction("button", messages.FILL, _fill),
    Interaction("button", messages.SKIP, _ask_why),
    Interaction("button", messages.RAISE, _raise),
    Interaction("modal", "standup.submit", _submit),
    Interaction("modal", "standup.skip", _submit_skip),
)
