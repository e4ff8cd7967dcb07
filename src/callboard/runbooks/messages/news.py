"""What happened to a run, told once: it is blocked, offered, begun, delayed, over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.words import counted, joined, lasted
from callboard.planfile.sections import Document
from callboard.planfile.timetable import placed, timetable
from callboard.plans import service as plans
from callboard.runbooks import outline, store
from callboard.runbooks.messages import (
    LIGHTS,
    MINUTE,
    START,
    RunView,
    call_buttons,
    headline,
    line,
    now_line,
    view,
    what_now,
)
from callboard.runbooks.models import Run, State, Verb, asked_at

A_DAY = timedelta(days=1)


def news(shown: RunView, verb: Verb, args: Mapping[str, Any]) -> Message:
    """What the channel of a run and those who run it read at its turns."""
    write = WRITERS.get(verb)
    if write:
        return write(shown, args)
    held = shown.behind if shown.run.over and shown.behind and shown.behind.held else None
    then = f"\n{what_now(held)}" if held else ""
    return Message(text=f"{LIGHTS[State(shown.run.state)]} {headline(shown)}{then}")


def _by(shown: RunView, args: Mapping[str, Any]) -> str:
    return shown.directory.called(args["by"]) if args.get("by") in shown.directory.people else ""


def _blocked(shown: RunView, args: Mapping[str, Any]) -> Message:
    run, stop = shown.run, m.bold("DEPLOYMENT BLOCKED")
    text = f":octagonal_sign: {stop}: {shown.name} was to begin {m.date(run.planned_at)}."
    then = "Once this is there, I offer to start it."
    if run.closes_at and run.closes_at <= shown.now:
        then = f"Its window closed {m.date(run.closes_at)}. Move it: `/plan set`, or `/plan shift 1d`."
    elif run.closes_at:
        then = f"It begins by itself once this is there, until {m.date(run.closes_at)}."
    reasons = [f"• {reason}" for reason in args.get("why") or run.blocked]
    return Message(text=text, blocks=[b.section("\n".join([text, *reasons, then]))])


def _offered(shown: RunView, _: Mapping[str, Any]) -> Message:
    run, ready = shown.run, "may begin now: all that it needs is there"
    text = (
        f":vertical_traffic_light: {m.bold(shown.name)} {ready}. It was planned for {m.date(run.planned_at, 'both')}."
    )
    button = b.button("Start", START, f"{run.number}:{run.changes}", style="primary")
    return Message(text=text, blocks=[b.section(text), b.actions(button)])


def _begun(shown: RunView, args: Mapping[str, Any]) -> Message:
    run, name, by = shown.run, m.bold(shown.name), _by(shown, args)
    late = run.begun_at - run.planned_at if run.begun_at else timedelta()
    was = f" It was planned for {m.date(run.planned_at)}." if late >= MINUTE else ""
    who = f"{by} started {name}." if by else f"{name} has begun."
    if by and run.agreed:
        who = f"{by} confirmed {name}, which {shown.directory.called(run.called_by)} called. It has begun."
    end = run.limit_at or run.promised_at or (run.planned_until if shown.timed else None)
    passed = end is not None and run.begun_at is not None and end <= run.begun_at
    over = f", {'which were ' if passed else ''}to be over by {m.date(end)}" if end else ""
    return Message(text=f":arrow_forward: {who}{was} {counted(len(shown.work), 'step')}{over}.")


def _failed(shown: RunView, args: Mapping[str, Any]) -> Message:
    step, why = m.bold(m.escape(args["step"])), m.clip(args["why"], 500)
    text = f":x: {_by(shown, args)} says that {step} ({shown.name}) failed: {why}"
    lines = [text, *([args["link"]] if args.get("link") else []), *args.get("then", ())]
    return Message(text=text, blocks=[b.section("\n".join(lines))])


def _skipped(shown: RunView, args: Mapping[str, Any]) -> Message:
    step, why = m.escape(args["step"]), m.clip(args["why"], 500)
    return Message(text=f":fast_forward: {_by(shown, args)} skipped {step} ({shown.name}): {why}")


def _overdue(shown: RunView, _: Mapping[str, Any]) -> Message:
    limit = m.date(shown.run.limit_at or shown.now)
    now = [line(shown, step) for step in shown.running]
    return Message(text="\n".join([f":alarm_clock: {m.bold(shown.name)} is not over by its limit, {limit}.", *now]))


def _delayed(shown: RunView, args: Mapping[str, Any]) -> Message:
    """What a delay costs: said once."""
    run = shown.run
    was, end = datetime.fromisoformat(args["was"]), datetime.fromisoformat(args["end"])
    why = f": {m.clip(args['why'], 300)}" if args.get("why") else "."
    cost = "It moves nothing after it" if end - was < MINUTE else f"The end moves from {m.date(was)} to {m.date(end)}"
    left = f" {args['used']} of {args['reserve']} min reserve used." if args["reserve"] else ""
    over = end - run.promised_at if run.promised_at else timedelta()
    broken = f" That is {lasted(over)} after the promised {m.date(run.promised_at)}." if run.promised_at else ""
    how = f"takes {args['span']} longer" if args.get("running") else f"begins {args['span']} later"
    head = f":hourglass: {m.bold(m.escape(args['step']))} ({shown.name}) {how}, says {_by(shown, args)}{why}"
    return Message(text=f"{head}\n{cost}.{left}{broken if over >= MINUTE else ''}")


def _called(shown: RunView, args: Mapping[str, Any]) -> Message:
    """A rollback that waits for somebody: to call it, or to confirm it."""
    text, waits = f":rewind: {headline(shown)}", shown.run.state == State.CALLED
    if waits and args.get("unanswered"):
        text = f":rewind: {_unanswered(shown)}"
    elif waits:
        again = "It still waits. " if args.get("again") else ""
        text = f":rewind: {again}{headline(shown)} Nothing goes back before that."
    points = [f"Rollback point: {point}" for point in args.get("points", ())]
    row = [call_buttons(shown, args.get("reader"))] if waits else []
    return Message(text=text, blocks=[b.section("\n".join([text, *points])), *row])


def _unanswered(shown: RunView) -> str:
    run, verb = shown.run, "confirmed" if shown.run.called_by else "called"
    whom = joined(shown.directory.called(person.key) for person in shown.asked)
    asked = f"I asked {whom} twice" if whom else "Nobody can"
    return (
        f"Nobody has {verb} {m.bold(shown.name)} since {m.date(asked_at(run))}: {m.sentence(m.clip(run.reason, 300))} "
        f"{asked}. Reach them: `/plan contacts`. Not needed any more? `/run stop {run.key} because ...`"
    )


def anew(tx: Tx, run: Run) -> str:
    """How a run-book begins anew that was stopped: by itself where its day was moved since, else as somebody says."""
    document, start = plans.live(tx, run.plan_id), f"`/run start {run.key}`"
    part = outline.runbooks(document).get(run.key)
    hour = outline.begins(document, part) if part else None
    if hour and hour > tx.now and run.plan.get("hour") != hour.isoformat():
        return f"It begins anew {m.date(hour, 'both')}. Sooner: {start}"
    moved = f". On another day: `{_moves(document, run.key, hour)}`" if hour else ""
    return f"To begin anew: {start}{moved}"


def _moves(document: Document, key: str, hour: datetime) -> str:
    """What moves a run-book by a day: the date of the plan that it goes by, or its own."""
    written, table = document.body["runbooks"][key], timetable(document)
    field = "day" if "day" in written else "starts.at"
    name = str(written.get("day") or (written.get("starts") or {}).get("at") or "").split(" ")[0]
    date = placed(table, table.dates[name]) if table and name in table.dates else None
    zone = table.calendar.zone if table else None
    at = ((date[0] if date else hour) + A_DAY).astimezone(zone)
    what, shown = (name, f"{at:%Y-%m-%d %H:%M}") if date else (f"{key} {field}", f"{at:%Y-%m-%d}")
    return f"/plan set {what} {shown}"


def unmoved(tx: Tx, plan_id: int) -> Iterator[str]:
    """The run-books that a shift leaves where they are: they have begun, or were stopped and their day has come."""
    document = plans.live(tx, plan_id)
    for key, part in outline.runbooks(document).items():
        run, hour = store.latest(tx, plan_id, key), outline.begins(document, part)
        if run is None or hour is None:
            continue
        moves = f"then {_moves(document, key, hour)}" if hour <= tx.now else "and it begins on its new day"
        if run.state == State.RUNNING:
            yield f"{run.name} has begun and goes on. To begin it anew: /run stop {key} because ..., {moves}"
        elif run.state == State.STOPPED and hour <= tx.now:
            yield f"{run.name} was stopped, and its day has come. To begin it anew: {_moves(document, key, hour)}"


def standing(tx: Tx, plan_id: int) -> list[str]:
    """A line for each run under way or about to be, and for each run-book that was stopped and not begun since."""
    runs = [*store.open_runs(tx, plan_id), *stopped(tx, plan_id)]
    return [at_a_glance(view(tx, run)) for run in runs]


def stopped(tx: Tx, plan_id: int) -> list[Run]:
    """The last runs of run-books that were stopped."""
    latest = (store.latest(tx, plan_id, key) for key in outline.runbooks(plans.live(tx, plan_id)))
    return [run for run in latest if run and run.state == State.STOPPED]


def at_a_glance(shown: RunView) -> str:
    """What is now and next in a run that has begun, else how it stands."""
    said = now_line(shown).text if shown.run.state == State.RUNNING else ""
    return said or f"{LIGHTS[State(shown.run.state)]} {headline(shown)}"


def no_drill(args: Mapping[str, Any]) -> Message:
    """Nobody has tried a run-book yet."""
    hour, key = datetime.fromisoformat(args["hour"]), m.escape(args["key"])
    return Message(
        text=f":test_tube: Nobody has tried `{key}` yet. It begins {m.date(hour, 'both')}. `/run drill {key}`"
    )


WRITERS: Mapping[Verb, Callable[[RunView, Mapping[str, Any]], Message]] = {
    Verb.BLOCKED: _blocked, Verb.OFFERED: _offered, Verb.BEGUN: _begun, Verb.DELAYED: _delayed, Verb.FAILED: _failed,
    Verb.SKIPPED: _skipped, Verb.OVERDUE: _overdue, Verb.CALLED: _called,
}  # fmt: skip
"""What is told in words of its own; of all else how the run stands then."""
