"""What somebody reads at once who has changed something about a run."""

from __future__ import annotations

import re

from callboard.blocks import markup as m
from callboard.core.words import counted, joined
from callboard.runbooks import messages, outline
from callboard.runbooks.course import Course
from callboard.runbooks.models import Run, RunStep, State, StepState
from callboard.slack.answers import Say


def because(text: str | None) -> str:
    return re.sub(r"^\s*because\b[:\s]*", "", text or "", flags=re.IGNORECASE).strip()


def said(of: Course, step: RunStep, what: str) -> Say:
    """What somebody reads who has changed a step: what happened, what is next."""
    of.tx.session.flush()
    shown = messages.view(of.tx, of.run)
    now = [m.escape(each.title) for each in shown.running if each.number != step.number and not each.reserve]
    after = next((each for each in shown.coming if not each.reserve and not messages.hindered(shown, each)), None)
    following = f" Now: {joined(now)}." if now else ""
    following += f" Next: {m.escape(after.title)}, {m.date(shown.forecast.spans[after.place].at)}." if after else ""
    end = f" {m.escape(of.run.name)} is over." if of.run.over else following
    return Say(f"{messages.DRILL + ': ' if of.run.drill else ''}{m.escape(step.title)} {what}{end}")


def drilled(run: Run) -> str:
    return f"{messages.DRILL}: " if run.drill else ""


def begun(of: Course) -> Say:
    to = f"Expected end: {m.date(of.forecast.end, 'both')}."
    return Say(f"{m.escape(of.run.name)} is running: {outline.shape(of.steps)}. {to} The card is in its channel.")


def confirmed(of: Course, step: RunStep) -> Say:
    back = "" if of.run.over else f" By mistake? `/run back {step.key}`"
    done = said(of, step, "is done.")
    return Say(f"{done.text}{back}")


def agreed(of: Course) -> Say:
    name = m.escape(of.run.name)
    if of.run.state == State.CALLED:
        return Say(f"Confirmed. {name} needs one more person: {messages.view(of.tx, of.run).agreeing}.")
    return Say(f"{name} has begun. It must be over by {m.date(of.run.limit_at or of.tx.now)}.")


def delayed(of: Course, step: RunStep) -> Say:
    span = of.forecast.spans[step.place]
    when = (
        f"is expected until {m.date(span.until)}." if step.state == StepState.RUNNING else f"begins {m.date(span.at)}."
    )
    return Say(f"{drilled(of.run)}{m.escape(step.title)} {when} Expected end of all: {m.date(of.forecast.end)}.")


def ticked(step: RunStep) -> Say:
    left = step.open_items
    what = f", still open: {m.escape(', '.join(left))}." if left else f". Done? `/run confirm {step.key}`"
    return Say(
        f"{m.escape(step.title)}: {len(step.items) - len(left)} of {counted(len(step.items), 'item')} ticked{what}"
    )
