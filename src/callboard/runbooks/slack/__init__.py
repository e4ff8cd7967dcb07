"""Runs in Slack: `/run`.

answers: what somebody reads at once who has changed something
buttons: the buttons of the card and of what leaders read, and their forms
"""

from __future__ import annotations

from collections.abc import Callable

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import exact, lasted
from callboard.plans import service as plans
from callboard.runbooks import messages, models, outline, rights, service, store
from callboard.runbooks.course import Course, shown
from callboard.runbooks.models import SETTLED, Kind, RunStep, State, StepState
from callboard.runbooks.service import review
from callboard.runbooks.slack.answers import (
    agreed,
    because,
    begun,
    called,
    confirmed,
    delayed,
    drilled,
    failed,
    handed,
    has_it,
    marked,
    refuse_promise,
    said,
    stopped,
    taken_back,
    ticked,
)
from callboard.runbooks.slack.buttons import INTERACTIONS, SAVE, items_form
from callboard.slack.answers import Answer, Say
from callboard.slack.grammar import Argument, Arguments, Command, Handler, Name, Person, Span, Text, Verb, Word, read
from callboard.slack.help import on_usage
from callboard.slack.number_lists import read_each
from callboard.slack.requests import Request
from callboard.teams.directory import Asker
from callboard.teams.slack import asker, person

__all__ = ["INTERACTIONS", "command"]


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
    scopes = [f"`{scope}` {m.escape(part.scope)} (within {exact(part.within)})"
              for scope, part in outline.rollbacks(document).items()]  # fmt: skip
    if not lines and not scopes:
        return Say("This plan has no run-books. They go into the plan file, under `runbooks`.")
    back = [b.context(f"Ways back: {', '.join(scopes)}. Call one: `/run rollback SCOPE because ...`")] if scopes else []
    return Say("Run-books", [*fit.paragraphs(lines or ["No run-book in this plan."]), *back])


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
        run, rest = service.named_run(tx, who, name, request.channel)
    except Refused:
        run, rest = None, name
    if run is None or rest:
        if not name:
            return listed(tx, request, args)
        return _planned(tx, who, service.known_runbook(tx, who.directory.plan_id, name))
    message = messages.marked(run, messages.card(messages.view(tx, run), whole=True))
    return Say(message.text, message.blocks)


def _planned(tx: Tx, who: Asker, key: str) -> Answer:
    plan_id, document = who.directory.plan_id, plans.live(tx, who.directory.plan_id)
    part = outline.runbooks(document)[key]
    run, steps = outline.of_runbook(document, key, outline.begins(document, part) or tx.now)
    lines = [_coming(tx, plan_id, key, run.name)]
    for step in steps:
        leader = messages.leader(who.directory, step, step.planned_at) or "reserve"
        lines.append(f"{step.place}. {m.escape(step.title)} (`{step.key}`)  {leader}: {m.date(step.planned_at)}")
    return Say(run.name, fit.paragraphs(lines))


def start(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Start a step of what runs; else the run-book of this name."""
    who, name = asker(tx, request), args["name"]
    plan_id = who.directory.plan_id
    if not m.means(name, *outline.runbooks(plans.live(tx, plan_id))) and service.running(tx, plan_id):
        try:
            of, step = service.the_step(tx, who, name, request.channel)
        except Refused:
            key = service.known_runbook(tx, plan_id, name)
        else:
            return marked(of.run.drill, lambda: _started(who, of, step))
    else:
        key = service.known_runbook(tx, plan_id, name)
    return begun(service.start_run(tx, who, key))


def _started(who: Asker, of: Course, step: RunStep) -> Answer:
    service.start(of.tx, who, of, step)
    how = f"has begun. Done? `/run confirm {step.key}`."
    return Say(f"{said(of, step, how).text} By mistake? `/run back {step.key}`")


Act = Callable[[Asker, Course, RunStep, Arguments], Answer]


def _on_step(act: Act) -> Handler:
    """A verb about the step that is typed; what it answers is marked where its run is a drill."""

    def typed(tx: Tx, request: Request, args: Arguments) -> Answer:
        who = asker(tx, request)
        of, step = service.the_step(tx, who, args["step"], request.channel)
        return marked(of.run.drill, lambda: act(who, of, step, args))

    return typed


def _with_more(name: str, act: Act, about: str, *then: Argument, aliases: tuple[str, ...] = ()) -> Verb:
    """The same with something behind the name of the step."""

    def typed(tx: Tx, request: Request, args: Arguments) -> Answer:
        who = asker(tx, request)
        of, step, rest = service.named_step(tx, who, args["step"], request.channel)
        service.refuse_several(name, of, step, args["step"], rest)
        given = read(then, rest)
        if given is None:
            one_word = Verb(name, typed, about, (Word("step"), *then))
            return on_usage(one_word, f"{step.key} {rest}", command, request)
        return marked(of.run.drill, lambda: act(who, of, step, given))

    return Verb(name, typed, about, (Name("step", then=then),), aliases)


def _confirm(who: Asker, of: Course, step: RunStep, _args: Arguments) -> Answer:
    return confirmed(of, service.confirm(of.tx, who, of, step))


def confirm(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Say that a step is done; or confirm a rollback that somebody called."""
    who, name = asker(tx, request), args["step"]
    for run in store.open_runs(tx, who.directory.plan_id):
        if run.kind == Kind.ROLLBACK and m.means(name, run.key, run.name):
            return agreed(service.agree(tx, who, run.number))
    return _on_step(_confirm)(tx, request, args)


def _delay(who: Asker, of: Course, step: RunStep, args: Arguments) -> Answer:
    service.delay(of.tx, who, of, step, args["span"], because(args["reason"]))
    return delayed(of, step)


def _skip(who: Asker, of: Course, step: RunStep, args: Arguments) -> Answer:
    refuse_promise(of.tx, who, args["reason"], f"skip {step.key}")
    service.skip(of.tx, who, of, step, because(args["reason"]))
    back = "" if of.run.over else f" By mistake? `/run back {step.key}`"
    return Say(f"{said(of, step, 'is skipped.').text}{back}")


def _fail(who: Asker, of: Course, step: RunStep, args: Arguments) -> Answer:
    refuse_promise(of.tx, who, args["reason"], f"fail {step.key}")
    return failed(of, step, service.fail(of.tx, who, of, step, because(args["reason"])))


def _back(who: Asker, of: Course, step: RunStep, _args: Arguments) -> Answer:
    return taken_back(of, step, service.back(of.tx, who, of, step))


def _items(who: Asker, of: Course, step: RunStep, args: Arguments) -> Answer:
    """Tick items by number; without numbers the form opens."""
    wanted = (args["numbers"] or "").strip().lower()
    if not wanted:
        return items_form(step)
    listed = read_each(wanted)
    if wanted != "all" and (listed is None or listed[1].strip()):
        raise Refused(f"Type numbers, or all: `/run items {step.key} 1 2`.")
    numbers = listed[0] if listed else range(1, len(step.items) + 1)
    service.tick(of.tx, who, of, step, numbers)
    return ticked(step)


def _hand(who: Asker, of: Course, step: RunStep, args: Arguments) -> Answer:
    before = rights.leads(of.tx, who.directory, step)
    service.hand(of.tx, who, of, step, person(who, args["person"]))
    return handed(of, step, before[0].key)


def _ack(who: Asker, of: Course, step: RunStep, _args: Arguments) -> Answer:
    service.acknowledge(of.tx, who, of, step)
    return has_it(step)


def stop(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    run, reason = service.named_run(tx, who, args["name"], request.channel)
    refuse_promise(tx, who, reason, f"stop {run.key}")
    return marked(run.drill, lambda: stopped(service.stop(tx, who, run.number, because(reason))))


def drill(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    key = service.known_runbook(tx, who.directory.plan_id, args["name"] or "")
    return marked(True, lambda: _drilled(tx, who, key))  # noqa: FBT003 - what it is marked as


def _drilled(tx: Tx, who: Asker, key: str) -> Answer:
    of = service.drill(tx, who, key)
    where = m.channel(of.directory.address(of.run.plan["channel"]))
    first = next((step.key for step in of.steps if step.state == StepState.RUNNING), "")
    head = f"{m.escape(of.run.name)} is running in {where}. Nothing outside of it is touched."
    then = f" Type there: `/run confirm {first}`." if first else ""
    return Say(f"{head}{then} To end it: `/run stop drill because ...`")


def rollback(tx: Tx, request: Request, args: Arguments) -> Answer:
    who = asker(tx, request)
    scope, reason = service.named_scope(tx, who.directory.plan_id, args["scope"])
    refuse_promise(tx, who, reason, f"rollback {scope}")
    run = service.call_rollback(tx, who.directory.plan_id, scope, because(reason), who)
    return called(shown(tx, run))


def reviewed(tx: Tx, request: Request, args: Arguments) -> Answer:
    """What was planned and what it took, with a button that writes it into the plan."""
    who = asker(tx, request)
    run = review.last(tx, who.directory.plan_id, service.known_runbook(tx, who.directory.plan_id, args["name"] or ""))
    lines = [f"{drilled(run)}{messages.headline(messages.view(tx, run))}", *map(_took, review.taken(tx, run))]
    blocks = fit.paragraphs(lines)
    if review.propose(tx, run):
        button = b.button("Save these times in the plan", SAVE, f"{run.number}:{run.changes}", style="primary")
        blocks.append(b.actions(button))
    return Say(f"{drilled(run)}What {m.escape(run.name)} took", blocks)


def _took(each: review.Taken) -> str:
    proposed = f"; the plan might say `takes: {each.proposed}`" if each.proposed else ""
    return f"• {m.escape(each.step.title)}: planned {exact(each.planned)}, took {lasted(each.took)}{proposed}"


STATES = {"skip": {StepState.RUNNING, StepState.WAITING}, "back": SETTLED | {StepState.FAILED, StepState.RUNNING}}
"""How the steps stand that a verb may be about; that of others are under way."""


def which(tx: Tx, request: Request, verb: str) -> list[str]:
    """What is under way that a verb may be about: the asker's own steps first."""
    who = asker(tx, request)
    plan_id, runs = who.directory.plan_id, service.running(tx, who.directory.plan_id, request.channel)
    under_way = [run.key for run in runs]
    match verb:
        case "rollback":
            return list(outline.rollbacks(plans.live(tx, plan_id)))
        case "start":
            return [key for key in outline.runbooks(plans.live(tx, plan_id)) if key not in under_way]
        case "stop":
            return under_way
    states = STATES.get(verb, {StepState.RUNNING})
    fitting = [step for run in runs for step in store.steps(tx, run.number) if step.state in states]
    fitting.sort(key=lambda step: who.person not in rights.leads(tx, who.directory, step))
    return list(dict.fromkeys(step.key for step in fitting))


STEP = Name("step")
BECAUSE = Text("reason", optional=True, sample="because it takes longer")
command = Command(
    word="run",
    about="follow a run-book: what is now, what is next, who leads",
    verbs=(
        Verb("list", listed, "run-books, what runs, and ways back", reads=True),
        Verb(
            "show",
            show,
            "a run: where it is, what is next, both clocks",
            (Name("name", optional=True),),
            aliases=("status", "next", "now"),
            reads=True,
        ),
        Verb("start", start, "begin a run-book, or a step", (Name("name", sample="go-live"),)),
        Verb("confirm", confirm, "say that a step is done; confirm a rollback", (STEP,), aliases=("done",)),
        _with_more("delay", _delay, "say that a step takes longer", Span("span"), BECAUSE),
        _with_more("skip", _skip, "leave a step out, and why", BECAUSE),
        _with_more("fail", _fail, "say that a step failed, and why", BECAUSE, aliases=("failed",)),
        Verb("back", _on_step(_back), "undo what was said of a step", (STEP,), aliases=("undo",)),
        _with_more("items", _items, "tick the checklist of a step", Text("numbers", optional=True)),
        Verb("ack", _on_step(_ack), "take a step that you were paged for", (STEP,)),
        _with_more("hand", _hand, "let somebody else lead a step", Person("person"), aliases=("assign", "give")),
        Verb(
            "stop",
            stop,
            "end a run before its end, and why",
            (Name("name", then=(BECAUSE,)),),
            aliases=("abort", "cancel"),
        ),
        Verb("drill", drill, "try a run-book in a channel of its own", (Name("name", optional=True),)),
        Verb("rollback", rollback, "call a way back, and why", (Name("scope", then=(BECAUSE,)),)),
        Verb("review", reviewed, "what was planned and what it took", (Name("name", optional=True),), reads=True),
    ),
    alone=listed,
    alone_reads=True,
    which=which,
    called=lambda tx, number: step.key if (step := store.step(tx, number)) else None,
    topic=models.STEP,
    news=None,
    examples=("show", "confirm deploy", "delay deploy 20m because the copy is slow", "drill go-live"),
)
