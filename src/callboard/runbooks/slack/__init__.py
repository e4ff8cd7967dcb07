"""Runs in Slack: `/run`.

answers: what somebody reads at once who has changed something
buttons: the buttons of the card and of what leaders read, and their forms
"""

from __future__ import annotations

import re

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import lasted
from callboard.plans import service as plans
from callboard.runbooks import messages, outline, service, store
from callboard.runbooks.models import Run, State
from callboard.runbooks.service import review
from callboard.runbooks.slack.answers import agreed, because, begun, confirmed, delayed, drilled, said, ticked
from callboard.runbooks.slack.buttons import INTERACTIONS, SAVE, items_form
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import Span
from callboard.slack.grammar import Arguments, Command, Text, Verb, Word
from callboard.slack.requests import Request
from callboard.teams.directory import Asker
from callboard.teams.slack import asker

__all__ = ["INTERACTIONS", "command"]

NUMBERS = re.compile(r"\d+")


def listed(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """The run-books of the plan, and how each stands."""
    who = asker(tx, request)
    plan_id, document = who.directory.plan_id, plans.live(tx, who.directory.plan_id)
    runs = store.open_runs(tx, plan_id)
    lines = [
        f"{messages.LIGHTS[State(run.state)]} {drilled(run)}{messages.headline(messages.view(tx, run))}" for run in runs
    ]
    begun = {run.key for run in runs if not run.drill}
    for key, part in outline.runbooks(document).items():
        if key not in begun:
            lines.append(_coming(tx, plan_id, key, part.name or outline.spoken(key)))
    scopes = [f"`{scope}` {m.escape(part.scope)} (within {lasted(part.within)})"
              for scope, part in outline.rollbacks(document).items()]  # fmt: skip
    if not lines and not scopes:
        return Say("This plan has no run-books. They go into the plan file, under `runbooks`.")
    back = [b.context(f"Ways back: {', '.join(scopes)}. Call one: `/run rollback SCOPE because ...`")] if scopes else []
    return Say("Run-books", [*fit.paragraphs(lines or ["No run-book in this plan."], 3), *back])


def _coming(tx: Tx, plan_id: int, key: str, name: str) -> str:
    document = plans.live(tx, plan_id)
    part = outline.runbooks(document)[key]
    hour, last = outline.begins(document, part), next(iter(store.closed(tx, plan_id, key)), None)
    before = f" Last: {drilled(last)}{last.state}, {m.date(last.ended_at, 'both')}." if last and last.ended_at else ""
    events = (
        [f"{word.replace('_', '-')} {named}" for word, named in part.starts.on.written]
        if part.starts and part.starts.on
        else []
    )
    if events:
        when = f"begins with {events[0]}"
    elif hour and hour > tx.now:
        when = f"begins {m.date(hour, 'both')}"
    else:
        when = f"was planned for {m.date(hour, 'both')}" if hour else "has no hour"
    return f":clock3: {m.bold(m.escape(name))} (`{m.escape(key)}`) {when}.{before}"


def show(tx: Tx, request: Request, args: Arguments) -> Answer:
    """A run as it is; a run-book that nobody has begun as it is planned."""
    who, name = asker(tx, request), args["name"] or ""
    try:
        run = service.named_run(tx, who, name, request.channel)
    except Refused:
        if not name:
            return listed(tx, request, args)
        return _planned(tx, who, service.known_runbook(tx, who.directory.plan_id, name))
    message = messages.marked(run, messages.card(messages.view(tx, run)))
    return Say(message.text, message.blocks)


def _planned(tx: Tx, who: Asker, key: str) -> Answer:
    plan_id, document = who.directory.plan_id, plans.live(tx, who.directory.plan_id)
    part = outline.runbooks(document)[key]
    run, steps = outline.of_runbook(document, key, outline.begins(document, part) or tx.now)
    lines = [_coming(tx, plan_id, key, run.name)]
    for step in steps:
        leader = messages.leader(who.directory, step, tx.now) or "reserve"
        lines.append(f"{step.place}. {m.escape(step.title)} (`{step.key}`)  {leader}: {m.date(step.planned_at)}")
    return Say(run.name, fit.paragraphs(lines, 3))


def start(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Start a step of what runs; else the run-book of this name."""
    who, name = asker(tx, request), args["name"]
    keys = [key.lower() for key in outline.runbooks(plans.live(tx, who.directory.plan_id))]
    if m.unescape(name).strip().lower() not in keys and service.running(tx, who.directory.plan_id):
        try:
            of, step = service.named_step(tx, who, name, request.channel)
        except Refused:
            key = service.known_runbook(tx, who.directory.plan_id, name)
        else:
            service.start(tx, who, of, step)
            return said(of, step, f"has begun. Done? `/run confirm {step.key}`.")
    else:
        key = service.known_runbook(tx, who.directory.plan_id, name)
    return begun(service.start_run(tx, who, key))


def confirm(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say that a step is done; or confirm a rollback that somebody called."""
    who, name = asker(tx, request), args["step"]
    called = [run for run in store.open_runs(tx, who.directory.plan_id) if run.state == State.CALLED]
    for run in called:
        if m.unescape(name).strip("`\"' ").lower() in (run.key.lower(), run.name.lower()):
            return agreed(service.agree(tx, who, run.number))
    of, step = service.named_step(tx, who, name, request.channel)
    return confirmed(of, service.confirm(tx, who, of, step))


def delay(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    of, step = service.named_step(tx, who, args["step"], request.channel)
    service.delay(tx, who, of, step, args["span"], because(args["reason"]))
    return delayed(of, step)


def skip(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    of, step = service.named_step(tx, who, args["step"], request.channel)
    service.skip(tx, who, of, step, because(args["reason"]))
    return Say(f"{said(of, step, 'is skipped.').text} By mistake? `/run back {step.key}`")


def fail(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    of, step = service.named_step(tx, who, args["step"], request.channel)
    service.fail(tx, who, of, step, because(args["reason"]))
    return Say(f"{m.escape(step.title)} failed: everybody concerned is told. By mistake? `/run back {step.key}`")


def back(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    of, step = service.named_step(tx, who, args["step"], request.channel)
    service.back(tx, who, of, step)
    return said(of, step, f"is {step.state} again.")


def items(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Tick items by number; without numbers the form opens."""
    who = asker(tx, request)
    of, step = service.named_step(tx, who, args["step"], request.channel)
    wanted = (args["numbers"] or "").strip().lower()
    if not wanted:
        return items_form(step)
    if wanted != "all" and not re.fullmatch(r"[\d\s,and]+", wanted):
        raise Refused(f"Type numbers, or all: `/run items {step.key} 1 2`.")
    numbers = range(1, len(step.items) + 1) if wanted == "all" else list(map(int, NUMBERS.findall(wanted)))
    service.tick(tx, who, of, step, numbers)
    return ticked(step)


def ack(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    of, step = service.named_step(tx, who, args["step"], request.channel)
    service.acknowledge(tx, who, of, step)
    return Say(f"You have {m.escape(step.title)}. Say how it goes: `/run delay {step.key} 15m`, or confirm it.")


def stop(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    run = service.named_run(tx, who, args["name"], request.channel)
    of = service.stop(tx, who, run.number, because(args["reason"]))
    return Say(f"{drilled(of.run)}{m.escape(of.run.name)} is stopped. Everybody in its channel reads so.")


def drill(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    of = service.drill(tx, who, service.known_runbook(tx, who.directory.plan_id, args["name"] or ""))
    part = outline.runbooks(plans.live(tx, of.run.plan_id))[of.run.key]
    where = m.channel(of.directory.address(part.drill.channel)) if part.drill else ""
    return Say(f"{messages.DRILL}: {m.escape(of.run.name)} is running in {where}. Nothing outside of it is touched.")


def rollback(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    return _rolled(tx, service.call_rollback(tx, who.directory.plan_id, args["scope"], because(args["reason"]), who))


def _rolled(tx: Tx, run: Run) -> Say:
    if run.state == State.CALLED:
        shown = messages.view(tx, run)
        return Say(f"You called {m.escape(run.name)}. Somebody else must confirm it: {shown.agreeing}. I asked them.")
    return Say(f"{m.escape(run.name)} has begun. It must be over by {m.date(run.limit_at or tx.now)}.")


def reviewed(tx: Tx, request: Request, args: Arguments) -> Answer:
    """What was planned and what it took, with a button that writes it into the plan."""
    who = asker(tx, request)
    run = review.last(tx, who.directory.plan_id, service.known_runbook(tx, who.directory.plan_id, args["name"] or ""))
    lines = [f"{drilled(run)}{messages.headline(messages.view(tx, run))}", *map(_took, review.taken(tx, run))]
    shown = fit.paragraphs(lines, 3)
    if review.propose(tx, run):
        button = b.button("Save these times in the plan", SAVE, f"{run.number}:{run.changes}", style="primary")
        shown.append(b.actions(button))
    return Say(f"What {m.escape(run.name)} took", shown)


def _took(each: review.Taken) -> str:
    proposed = f"; the plan might say `takes: {each.proposed}`" if each.proposed else ""
    return f"• {m.escape(each.step.title)}: planned {lasted(each.planned)}, took {lasted(each.took)}{proposed}"


STEP = Text("step")
BECAUSE = Text("reason", optional=True, sample="because it takes longer")
command = Command(
    word="run",
    about="follow a run-book: what is now, what is next, who leads",
    verbs=(
        Verb("list", listed, "run-books, what runs, and ways back", reads=True),
        Verb("show", show, "a run: where it is, what is next, both clocks", (Text("name", optional=True),), reads=True),
        Verb("start", start, "begin a run-book, or a step", (Text("name", sample="go-live"),)),
        Verb("confirm", confirm, "say that a step is done; confirm a rollback", (STEP,), aliases=("done",)),
        Verb("delay", delay, "say that a step takes longer", (Word("step"), Span("span"), BECAUSE)),
        Verb("skip", skip, "leave a step out, and why", (Word("step"), BECAUSE)),
        Verb("fail", fail, "say that a step failed, and why", (Word("step"), BECAUSE), aliases=("failed",)),
        Verb("back", back, "undo what was said of a step", (STEP,), aliases=("undo",)),
        Verb("items", items, "tick the checklist of a step", (Word("step"), Text("numbers", optional=True))),
        Verb("ack", ack, "take a step that you were paged for", (STEP,)),
        Verb("stop", stop, "end a run before its end, and why", (Word("name"), BECAUSE)),
        Verb("drill", drill, "try a run-book in a channel of its own", (Text("name", optional=True),)),
        Verb("rollback", rollback, "call a way back, and why", (Word("scope"), BECAUSE)),
        Verb("review", reviewed, "what was planned and what it took", (Text("name", optional=True),), reads=True),
    ),
    alone=listed,
    alone_reads=True,
    examples=("show", "confirm deploy", "delay deploy 20m because the copy is slow", "drill go-live"),
)
