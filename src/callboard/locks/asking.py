"""Asking for a lock in Slack, typed or by a button, and what is said to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from callboard.branches.plan import REPOSITORIES
from callboard.core import blocks as b
from callboard.core.calendar import Calendar
from callboard.locks import around, forms, line, messages, reading, service, views
from callboard.locks.reading import Wish
from callboard.locks.service import Taken
from callboard.locks.targets import Known
from callboard.planfile.times import show_span
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Modal, Say
from callboard.slack.requests import Request
from callboard.teams import service as teams
from callboard.teams.service import Asker
from callboard.zones import service as zones

if TYPE_CHECKING:
    from callboard.core.db import Tx


def asker(tx: Tx, request: Request) -> Asker:
    """Who asks, in which plan."""
    return teams.identify(
        tx, request.workspace, request.channel, request.channel_name, request.user, request.plan, is_bot=request.is_bot
    )


def repositories(tx: Tx, plan_id: int) -> list[str]:
    """The keys of the plan's repositories."""
    return list(plans.live(tx, plan_id).of(REPOSITORIES) or ())


def known(tx: Tx, plan_id: int) -> Known:
    """What words may mean in a plan."""
    stems = (rule.pattern.stem for rule in zones.standing(tx, plan_id))
    return Known(repositories(tx, plan_id), {stem.partition("/")[0] for stem in stems if "/" in stem})


def own_calendar(who: Asker) -> Calendar:
    """The calendar by which somebody's times are meant."""
    return Calendar(who.person.zone, who.person.working_hours, who.directory.calendar.holidays)


def wish(tx: Tx, who: Asker, text: str) -> Wish:
    """What somebody wants. Raises Refused for what cannot be meant."""
    return reading.wish(text, known(tx, who.directory.plan_id), tx.now, own_calendar(who))


def typed(tx: Tx, request: Request, text: str, *, wait: bool = False) -> Answer:
    """Lock what was typed; without a reason the form asks for it."""
    who = asker(tx, request)
    wanted = wish(tx, who, text)
    if not wanted.reason:
        return form(tx, request, who, " ".join(map(str, wanted.targets)))
    return locked(tx, who, wanted, text, wait=wait)


def locked(tx: Tx, who: Asker, wanted: Wish, text: str = "", *, wait: bool = False) -> Answer:
    """Lock it, or say why not, with the way into the line."""
    try:
        lock = service.acquire(tx, who, wanted, wait=wait)
    except Taken as refused:
        others = [one.lock.number for one in refused.rivals if one.lock.holder != who.person.key]
        return Say(refused.sentence, messages.refused(refused.sentence, others, text if len(text) <= b.VALUE else ""))
    things = [str(one) for one in wanted.targets if one.kind == "thing"]
    said = messages.answer(views.card(tx, lock)) + messages.of_things(things)
    return Say("\n".join(filter(None, (said, around.scanned(tx, who.directory, lock)))))


def released(tx: Tx, who: Asker, number: int, expected: int | None = None) -> Answer:
    """Give it back, and say what became of it meanwhile."""
    lock = service.release(tx, who, number, expected)
    return Say("\n".join(filter(None, (messages.answer(views.card(tx, lock)), around.after(tx, who.directory, lock)))))


def form(tx: Tx, request: Request, who: Asker, targets: str = "") -> Answer:
    """The form, with what was said already."""
    usual = show_span(line.rules(tx, who.directory.plan_id).expire_after)
    private = {"plan": who.directory.plan_key, "channel": request.channel}
    return Modal(forms.ask(usual, targets, private))


def waiting_for(tx: Tx, who: Asker, number: int, reason: str) -> Answer:
    """Wait for what a lock holds; it is had at once where nobody has it any more."""
    return locked(tx, who, replace(service.again(tx, who, number, reason), until=None), wait=True)
