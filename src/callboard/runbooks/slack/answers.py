"""What somebody reads at once who has changed something about a run: what happened, what is next, how to undo it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import counted, joined
from callboard.runbooks import messages, outline, projection, store
from callboard.runbooks.course import Course
from callboard.runbooks.messages import DRILL, EXERCISE, news
from callboard.runbooks.models import Kind, Run, RunStep, State, StepState
from callboard.slack.answers import Answer, Errors, Modal, Say
from callboard.teams.directory import Asker
from callboard.teams.old_buttons import Old
from callboard.teams.slack import Promised, is_promise

LONGEST_TITLE = 24


def because(text: str | None) -> str:
    return re.sub(r"^\s*because\b[:\s]*", "", text or "", flags=re.IGNORECASE).strip()


def refuse_promise(tx: Tx, who: Asker, said: str | None, verb: str) -> None:
    """What is typed happens now: `skip deploy in 10 minutes` skips nothing."""
    if said and is_promise(tx, who, said):
        raise Promised(said, "nothing has happened", f"Is it so now? `/run {verb} because ...`")


def marked(drill: bool, act: Callable[[], Answer]) -> Answer:  # noqa: FBT001 - what it is marked as
    """The answer of an act on a run, or why it is refused; about a drill both say so in their first word."""
    if not drill:
        return act()
    try:
        answer = act()
    except Refused as refused:
        refused.sentence = _first(refused.sentence)
        if isinstance(refused, Old):
            refused.with_card = _first(refused.with_card)
        raise
    match answer:
        case Say():
            shown = [EXERCISE, *answer.blocks] if answer.blocks else ()
            return replace(answer, text=_first(answer.text), blocks=shown)
        case Modal():
            return Modal(_form(answer.view))
        case Errors():
            return Errors({block: _first(text) for block, text in answer.by_block.items()})
    return answer


def _first(text: str) -> str:
    return text if text.startswith(f"{DRILL}: ") else f"{DRILL}: {text}"


def _form(view: dict[str, Any]) -> dict[str, Any]:
    title = b.plain(_first(view["title"]["text"]), LONGEST_TITLE)
    return {**view, "title": title, "blocks": [EXERCISE, *view["blocks"]]}


def said(of: Course, step: RunStep, what: str, *then: str) -> Say:
    """What happened to a step, what `then` follows from that, and what is now and next in its run."""
    of.tx.session.flush()
    shown = messages.view(of.tx, of.run)
    now = [m.escape(each.title) for each in shown.running if each.number != step.number and not each.reserve]
    coming = (each for each in shown.coming if each.number != step.number and not each.reserve)
    after = next((each for each in coming if not messages.hindered(shown, each)), None)
    following = [f"Now: {joined(now)}."] if now else []
    if of.run.held:
        following += [f"{m.escape(of.run.name)} is on hold: {m.sentence(m.escape(of.run.held))}"]
    elif after:
        following += [f"Next: {m.escape(after.title)}{messages.at(shown, after)}."]
    end = [f"{m.escape(of.run.name)} is over.", *on_hold(of)] if of.run.over else following
    return Say(" ".join([f"{m.escape(step.title)} {what}", *then, *end]))


def on_hold(of: Course) -> list[str]:
    """What becomes of the run-book that a rollback has stopped: that is for people to say."""
    held = store.run(of.tx, of.run.of_run) if of.run.kind == Kind.ROLLBACK and of.run.of_run else None
    if held is None or held.over or not held.held:
        return []
    return [messages.what_now(held)]


def drilled(run: Run) -> str:
    return f"{DRILL}: " if run.drill else ""


def begun(of: Course) -> Say:
    timed = not projection.open_ended(of.steps)
    to = f" Expected end: {m.date(of.forecast.end, 'both')}." if timed else ""
    where = m.channel(of.directory.address(of.run.plan["channel"])) if of.run.plan.get("channel") else "its channel"
    head = f"{m.escape(of.run.name)} is running: {outline.shape(of.steps)}.{to} The card is in {where}."
    return Say(f"{head} To stop it: `/run stop {of.run.key} because ...`")


def confirmed(of: Course, step: RunStep) -> Say:
    back = "" if of.run.over else f" By mistake? `/run back {step.key}`"
    done = said(of, step, "is done.")
    return Say(f"{done.text}{back}")


def failed(of: Course, step: RunStep, then: Sequence[str]) -> Say:
    """What follows, sentence by sentence, and how to undo it."""
    told = "The channel of the run reads it."
    return Say(f"{said(of, step, 'failed.', told, *then).text} By mistake? `/run back {step.key}`")


def taken_back(of: Course, step: RunStep, then: Sequence[str]) -> Say:
    again = f"Start it: `/run start {step.key}`." if step.state == StepState.WAITING else ""
    return said(of, step, f"is {step.state} again.", *filter(None, (again, *then)))


def agreed(of: Course) -> Say:
    name = m.escape(of.run.name)
    if of.run.state == State.CALLED:
        more = messages.view(of.tx, of.run).agreeing
        stop = f"`/run stop {of.run.key} because ...`"
        return Say(f"Confirmed. {name} needs one more person: {more}. I asked them. Not needed? {stop}")
    return rolled_back(of)


def rolled_back(of: Course) -> Say:
    """A rollback has begun: until when it must be over, and who begins."""
    run = of.run
    first = next((step for step in of.steps if step.state == StepState.RUNNING), None)
    who = messages.leader(of.directory, first, of.tx.now) if first else ""
    now = f" Now: {m.escape(first.title)}, led by {who}. Done? `/run confirm {first.key}`." if first else ""
    until = m.date(run.limit_at or of.tx.now)
    stop = f"To stop it: `/run stop {run.key} because ...`"
    return Say(f"{m.escape(run.name)} has begun. It must be over by {until}.{now} {stop}")


def called(of: Course) -> Say:
    """What whoever calls a rollback reads."""
    name, key = m.escape(of.run.name), of.run.key
    if of.run.state != State.CALLED:
        return rolled_back(of)
    able = messages.view(of.tx, of.run).agreeing
    stop = f"`/run stop {key} because it was called by mistake`"
    return Say(f"You called {name}. Somebody else must confirm it: {able}. I asked them. By mistake? {stop}")


def delayed(of: Course, step: RunStep) -> Say:
    span, running = of.forecast.spans[step.place], step.state == StepState.RUNNING
    when = f"is expected until {m.date(span.until)}." if running else f"begins {m.date(span.at)}."
    early = "Done earlier? `/run confirm" if running else "Earlier after all? `/run start"
    end = f"Expected end of all: {m.date(of.forecast.end)}. The channel of the run reads that."
    return Say(f"{m.escape(step.title)} {when} {end} {early} {step.key}`")


def has_it(step: RunStep) -> Say:
    """What whoever takes a step reads that others were paged for."""
    done = f"Done? `/run confirm {step.key}`. Not yet? `/run delay {step.key} 15m`"
    return Say(f"You have {m.escape(step.title)}. Nobody else is paged while you say how it goes. {done}")


def handed(of: Course, step: RunStep, before: str) -> Say:
    """Somebody else leads a step; `before` is who did."""
    who = of.directory.called(step.leaders[0])
    return Say(f"{who} leads {m.escape(step.title)} now. By mistake? `/run hand {step.key} {before}`")


def stopped(of: Course) -> Say:
    """A run was ended before its end, or a rollback was withdrawn."""
    run, again = of.run, [] if of.run.drill else [news.anew(of.tx, of.run)]
    if run.kind == Kind.ROLLBACK:
        again = on_hold(of) or [f"To call it again: `/run rollback {run.key} because ...`"]
    how = "is stopped" if run.begun_at else "is withdrawn" if run.kind == Kind.ROLLBACK else "does not begin"
    return Say(" ".join([f"{m.escape(run.name)} {how}. Its channel is told.", *again]))


def ticked(step: RunStep) -> Say:
    left = step.open_items
    what = f", still open: {m.escape(', '.join(left))}." if left else f". Done? `/run confirm {step.key}`"
    done = f"{len(step.items) - len(left)} of {counted(len(step.items), 'item')}"
    return Say(f"{m.escape(step.title)}: {done} ticked{what}")
