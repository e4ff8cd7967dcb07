"""What whoever is paged for a blocker reads: what it is, why them, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from callboard import blocks as b
from callboard.blockers import messages
from callboard.blockers.messages import LIGHTS, LONG, MOST_NOTES, SHORT, View, buttons, footnotes, origin
from callboard.blockers.models import State
from callboard.blocks import markup as m
from callboard.core.outbox import Delivery, Message
from callboard.escalation.messages import because, duties, nudged, still_silent
from callboard.escalation.models import UNTAKEN, Why
from callboard.escalation.service import Rung

HANDED = "handed"
"""Why somebody is paged whom no step of the climb named."""
LEFT = "left"
"""The same: whoever has it is away now, and they stand in."""
WHILE_OPEN = {*UNTAKEN, HANDED}
"""Pages that ask for nothing once somebody has it."""
NEWER = "There is a newer message about it further down."
ANEW = "Escalation has started again. Whoever is paged for it now gets a new message."
"""What a page of before reads, also where its reader is not paged again: it was reopened, or is of another severity."""


def page(shown: View, delivery: Delivery, news: Sequence[str] = ()) -> Message:
    """What whoever is paged reads now; a page that asks for nothing any more says what happened.

    `news` is what has happened since they were paged before.
    """
    blocker, directory, climb = shown.blocker, shown.directory, delivery.args.get("climb")
    repeated = delivery.superseded or (climb is not None and (shown.ladder is None or climb != shown.ladder.climb))
    taken = blocker.state == State.ACKNOWLEDGED and delivery.args["why"] in WHILE_OPEN
    title = f"{directory.plan_name}: blocker {blocker.number}"
    plain = (
        f"Blocker {blocker.number} in {directory.plan_name}: {m.unescape(blocker.what)}\n"
        f"Why you: {m.unescape(_why(shown, delivery))}\nTake it in Slack: /blocker ack {blocker.number}"
    )
    if repeated or taken or not blocker.is_open:
        text, blocks = f"Blocker {blocker.number} ({blocker.state})", _spent(shown, delivery, repeated=repeated)
    elif delivery.args["why"] in (Why.NUDGE, LEFT):
        text, blocks = f"Still on blocker {blocker.number}?", _nudging(shown, delivery)
    elif delivery.args.get("daily"):
        text, blocks = f"Blocker {blocker.number} is still open", _daily(shown)
    else:
        text, blocks = f"You are paged for blocker {blocker.number}", _asking(shown, delivery, news)
    return Message(f"{text}: {m.clip(blocker.what, SHORT)}", blocks, title=title, plain=plain)


def _asking(shown: View, delivery: Delivery, news: Sequence[str]) -> list[b.Block]:
    blocker, args = shown.blocker, delivery.args
    told_why = args["why"] == Why.IDLE
    now = f"*Now:* {messages.held(shown)}.\n" if blocker.owner and not told_why else ""
    before = f"since {m.date(datetime.fromisoformat(args['before']))}" if args.get("before") else ""
    told = f":* {'; '.join(news)}" if news else ":* nothing"
    new = f"*New {before}{told}\n" if before else ""
    why = f"*Why {'you' if delivery.recipient else 'here'}:* {_why(shown, delivery)}"
    notes = _notes(shown, delivery)
    return [
        b.section(f":rotating_light: {shown.title}  {m.clip(blocker.what, LONG)}"),
        b.context(*origin(shown)),
        b.section(f"{why}\n{new}{now}*Next:* {messages.what_next(shown, delivery.recipient)}"),
        *([b.context(*notes)] if notes else []),
        b.actions(*buttons(shown)),
    ]


def _nudging(shown: View, delivery: Delivery) -> list[b.Block]:
    """Whoever has it has said nothing, or is away: they, or who stands in, hear of it before anybody else does."""
    number, args = shown.blocker.number, delivery.args
    head = f":wave: {shown.title}  {m.clip(shown.blocker.what, SHORT)}"
    left = args["why"] == LEFT and shown.blocker.owner == args["instead_of"]
    if not (left or (args["why"] == Why.NUDGE and still_silent(shown.ladder, args))):
        return [b.section(f"{head}\n{messages.state_now(shown)}"), b.actions(*buttons(shown))]
    has = _left(shown, args) if args["why"] == LEFT else nudged(shown.directory, args)
    how = f"Still on it? Say how it goes: `/blocker note {number} ...`"
    if args.get("instead_of"):
        how = f"Take it over: `/blocker reassign {number} me`. Or say how it goes: `/blocker note {number} ...`"
    then = messages.what_next(shown, delivery.recipient)
    return [b.section(f"{head}\n{has} {then}\n{how}"), b.actions(*buttons(shown))]


def _left(shown: View, args: Mapping[str, Any]) -> str:
    since = m.date(datetime.fromisoformat(args["since"]))
    return f"{shown.directory.called(args['instead_of'])} has had it since {since} and is away now. You stand in."


def _daily(shown: View) -> list[b.Block]:
    blocker, called = shown.blocker, shown.directory.called
    has = f"{called(blocker.owner)} has it" if blocker.owner else "Nobody has it"
    what = (
        f"{LIGHTS[State(blocker.state)]} {shown.title} is still open: {m.sentence(m.clip(blocker.what, SHORT))} {has}."
    )
    return [b.section(what), b.actions(*buttons(shown))]


def _spent(shown: View, delivery: Delivery, *, repeated: bool) -> list[b.Block]:
    """It changes only when the blocker's state does."""
    blocker = shown.blocker
    again = repeated and blocker.is_open
    now = (NEWER if delivery.superseded else ANEW) if again else messages.state_now(shown)
    what = b.section(f"{LIGHTS[State(blocker.state)]} {shown.title}  {m.clip(blocker.what, SHORT)}\n{now}")
    taken = blocker.state == State.ACKNOWLEDGED and not again
    return [what, b.actions(*buttons(shown))] if taken else [what]


def _notes(shown: View, delivery: Delivery) -> list[str]:
    until = delivery.delayed_until
    late = [f":hourglass_flowing_sand: Slack held this page back until {m.date(until)}."] if until else []
    missed = [rung.level for rung in _rungs(shown, delivery.args.get("missed", ()))]
    before = [f"I was not running, so {', '.join(missed)} was not paged before you."] if missed else []
    return [*late, *before, *footnotes(shown)][:MOST_NOTES]


def _why(shown: View, delivery: Delivery) -> str:
    args, called = delivery.args, shown.directory.called
    if args["why"] == HANDED:
        return f"{called(args['by'])} hands it to you."
    if args["why"] == LEFT:
        return _left(shown, args)
    why = Why(args["why"])
    if why == Why.EXHAUSTED:
        duty = duties(shown.directory, args) or "the coordinator"
        return f"{because(why, shown.directory, args)}. You are {duty}."
    if args.get("step") is None:
        return f"{because(why, shown.directory, args)}. Nobody else is left to page."
    duty = duties(shown.directory, args, partial(_place, shown))
    told = f"you are {duty}" if delivery.recipient else f"the plan names this channel{_place(shown, args)}"
    again = f": {because(why, shown.directory, args)}" if why not in (Why.OPENED, Why.RESPONSE) else ""
    return f"{told}{again}."


def _place(shown: View, facts: Mapping[str, Any]) -> str:
    """Where on the ladder a page comes from: ` (step 3: Cross-team)`, without the level where the duty says it."""
    level = next((rung.level for rung in _rungs(shown, [facts["step"]])), "")
    named = "" if level.lower() in m.escape(facts.get("reason", "")).lower() else f": {level}"
    return f" (step {facts['step'] + 1}{named})"


def _rungs(shown: View, steps: Any) -> list[Rung]:
    rungs = shown.ladder.rungs if shown.ladder else ()
    return [rungs[step] for step in steps if step < len(rungs)]
