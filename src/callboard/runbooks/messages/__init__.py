"""How runs read: the card with both clocks, and the line that is pinned.

steps: what each team hears of a step, and whoever leads it
news: what happened to a run, told once
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.words import complete, counted, exact, joined, lasted
from callboard.planfile.types import ON_CALL
from callboard.plans import service as plans
from callboard.runbooks import outline, projection, readiness, rights, store
from callboard.runbooks.models import RESTS, Kind, Run, RunStep, State, StepState
from callboard.runbooks.projection import Forecast
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person

MINUTE = timedelta(minutes=1)
AHEAD, BEHIND, MOST_ROWS = 10, 3, 3
START, AGREE, STOP = "run.start", "run.agree", "run.stop"
DONE, DELAY, FAIL, ITEMS, ACK = "run.confirm", "run.delay", "run.fail", "run.items", "run.ack"
ICONS = complete(StepState, {
    StepState.WAITING: ":white_small_square:", StepState.RUNNING: ":arrow_forward:",
    StepState.DONE: ":white_check_mark:", StepState.FAILED: ":x:", StepState.SKIPPED: ":fast_forward:",
})  # fmt: skip
LIGHTS = complete(State, {
    State.PLANNED: ":clock3:", State.BLOCKED: ":octagonal_sign:", State.OFFERED: ":vertical_traffic_light:",
    State.CALLED: ":rewind:", State.RUNNING: ":arrow_forward:", State.DONE: ":checkered_flag:",
    State.STOPPED: ":no_entry:",
})  # fmt: skip
STANDS = complete(StepState, {
    StepState.WAITING: "waits", StepState.RUNNING: "has begun", StepState.DONE: "is done", StepState.FAILED: "failed",
    StepState.SKIPPED: "was skipped",
})  # fmt: skip
DRILL = "DRILL"
EXERCISE = b.context(f":test_tube: {m.bold(DRILL)}: only an exercise. Nothing real changes.")


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A run as it is now. `lacking` says of waiting steps, by place, which gate they wait for."""

    run: Run
    steps: Sequence[RunStep]
    directory: Directory
    forecast: Forecast
    now: datetime
    lacking: Mapping[int, str]
    doubts: Sequence[str] = ()
    """Which of its gates are in doubt."""
    deciders: str = ""
    asked: Sequence[Person] = ()
    """Whose word a rollback waits for."""
    able: Sequence[Person] = ()
    """Who may give it, asked or not."""
    behind: Run | None = None
    held_up: bool = False
    """Whether what has it on hold is still called or under way."""

    @property
    def name(self) -> str:
        return m.escape(self.run.name)

    @property
    def agreeing(self) -> str:
        return self.directory.one_of(self.asked)

    @property
    def running(self) -> list[RunStep]:
        return [step for step in self.steps if step.state == StepState.RUNNING]

    @property
    def coming(self) -> list[RunStep]:
        """The steps that wait, the next first."""
        waiting = [step for step in self.steps if step.state == StepState.WAITING]
        return sorted(waiting, key=lambda step: (self.forecast.spans[step.place].at, step.place))

    @property
    def work(self) -> list[RunStep]:
        """Everything but reserves."""
        return [step for step in self.steps if not step.reserve]

    @cached_property
    def open_ended(self) -> frozenset[int]:
        """The places of the steps of which nobody can say when they begin."""
        return projection.open_ended(self.steps)

    @property
    def timed(self) -> bool:
        """Whether the plan says how long all of it lasts."""
        return not self.open_ended

    @property
    def late(self) -> timedelta:
        """How much later than planned all of it will be done."""
        return self.forecast.end - self.run.planned_until


def view(tx: Tx, run: Run) -> RunView:
    steps, directory = store.shown(tx, run.number), teams.directory(tx, run.plan_id)
    gated = {} if run.over else readiness.gated(tx, run, steps)
    found = projection.forecast(steps, run.begun_at or run.planned_at, run.ended_at or tx.now, gated)
    lacking = {} if run.over else readiness.lacking(tx, run, steps)
    waits = run.state == State.CALLED
    return RunView(
        run=run, steps=steps, directory=directory, forecast=found, now=tx.now, lacking=lacking,
        doubts=readiness.doubts(tx, run, steps),
        deciders=directory.one_of(_deciders(tx, directory, run, steps)),
        asked=rights.asked(tx, directory, run) if waits else (),
        able=rights.able_to_agree(tx, directory, run) if waits else (),
        behind=store.run(tx, run.of_run) if run.of_run else None,
        held_up=bool(run.held) and any(each.of_run == run.number for each in store.open_runs(tx, run.plan_id)),
    )  # fmt: skip


def _deciders(tx: Tx, directory: Directory, run: Run, steps: Sequence[RunStep]) -> Sequence[Person]:
    """Who can still decide to turn back: whom the plan lets order that rollback, else who runs the plan."""
    turn = projection.turn_back(steps, run.planned_until)
    scope = (turn[0].plan.get("if_failed") or {}).get("rollback", "") if turn else ""
    part = outline.rollbacks(plans.live(tx, run.plan_id)).get(scope)
    return rights.ordering(tx, directory, part.order) if part and part.order else directory.coordinating(tx.now)


def leader(directory: Directory, step: RunStep, now: datetime) -> str:
    """Who leads a step, by names that ring nobody: `Omega`, `Ann, on call for Ops`."""
    return m.escape(joined(_leader(directory, word, now) for word in step.leaders)) if step.leaders else ""


def _leader(directory: Directory, word: str, now: datetime) -> str:
    first, _, team = word.partition(" ")
    if first != ON_CALL:
        return directory.spoken_of(word)
    turns = directory.on_call.get(team)
    holder = directory.people.get((turns.holder(now) if turns else None) or "")
    name = f"on call for {directory.spoken_of(team)}"
    return f"{holder.name}, {name}" if holder else f"whoever is {name}"


def marked(run: Run, message: Message) -> Message:
    """A message about a drill says so in its first word, wherever it is read."""
    if not run.drill:
        return message
    return replace(
        message, text=f"{DRILL}: {message.text}", blocks=[EXERCISE, *(message.blocks or [b.section(message.text)])],
        title=f"{DRILL}: {message.title}" if message.title else "",
        plain=f"{DRILL}: {message.plain}" if message.plain else "",
    )  # fmt: skip


def card(shown: RunView, *, whole: bool = False) -> Message:
    """Where we are, what is next, who, and both clocks; `whole` with every step."""
    text = headline(shown)
    parts = [b.section(f"{LIGHTS[State(shown.run.state)]} {text}")]
    if shown.run.blocked:
        parts.append(b.section("\n".join(f"• {line}" for line in shown.run.blocked)))
    if shown.doubts:
        parts.append(b.section("\n".join(f":warning: {line}" for line in shown.doubts)))
    if clocks := list(_clocks(shown)):
        parts.append(b.section("\n".join(clocks)))
    parts += fit.paragraphs(_lines(shown, whole=whole), None if whole else 3)
    parts += _buttons(shown)
    return Message(text=text, blocks=parts)


def headline(shown: RunView) -> str:
    """How a run stands, in few words."""
    run, name, work = shown.run, m.bold(shown.name), shown.work
    done = sum(step.settled for step in work)
    when = m.date(run.ended_at or run.planned_at, "both")
    why = m.clip(run.reason, 300)
    match State(run.state):
        case State.PLANNED:
            text = f"{name} begins {when}."
        case State.BLOCKED:
            text = f"{m.bold('DEPLOYMENT BLOCKED')}: {name} was to begin {when}."
        case State.OFFERED:
            text = f"{name} may begin now. Somebody must start it."
        case State.CALLED if not run.called_by:
            rests = f" {run.plan[RESTS]}." if run.plan.get(RESTS) else ""
            text = f"{name} is proposed: {m.sentence(why)}{rests} {shown.agreeing or 'Nobody'} can call it."
        case State.CALLED:
            called = shown.directory.called(run.called_by)
            text = f"{called} calls {name}: {m.sentence(why)} Somebody else must confirm it: {shown.agreeing}."
        case State.RUNNING:
            on = "" if shown.held_up else f" It is over. Go on: `/run start {run.key}`"
            held = f" On hold: {m.sentence(m.escape(run.held))}{on}" if run.held else ""
            text = f"{name} is running: {done} of {counted(len(work), 'step')} done.{held}"
        case State.DONE:
            skipped = sum(step.state == StepState.SKIPPED for step in work)
            left = f", {skipped} skipped" if skipped else ""
            text = f"{name} is done{left}, {when}.{f' {_compared(shown.late)}.' if shown.timed else ''}"
        case State.STOPPED:
            because = f": {why}" if why else "."
            if run.kind == Kind.ROLLBACK and run.begun_at is None:
                return f"{name} is withdrawn, {when}{because}"
            text = f"{name} was stopped {when} after {done} of {len(work)} steps{because}"
    return text


def _clocks(shown: RunView) -> Iterator[str]:
    """Clock L, to the end that was promised, and clock T, the run's own with its reserve."""
    run, found = shown.run, shown.forecast
    if run.over:
        return
    end = f"expected end {m.date(found.end)}"
    if run.limit_at:
        over = found.end - run.limit_at
        yield f":alarm_clock: Must be over by {m.date(run.limit_at)}, {end}{_over(over)}"
    elif run.promised_at:
        yield f":alarm_clock: *L* promised {m.date(run.promised_at)}, {end}{_over(found.end - run.promised_at)}"
    elif shown.timed:
        yield f":alarm_clock: *L* planned end {m.date(run.planned_until)}, {end}"
    if run.kind == Kind.RUNBOOK and shown.timed:
        yield f":stopwatch: *T* {reserve(found)}{_compared(shown.late).lower()}"
    turn = projection.turn_back(shown.steps, run.promised_at or run.planned_until)
    if turn and run.state == State.RUNNING:
        step, at = turn
        takes = exact(timedelta(seconds=step.plan["turn_back"]))
        if at > shown.now:
            yield (
                f":leftwards_arrow_with_hook: Last moment to turn back {m.date(at)} (it takes {takes}). "
                f"{shown.deciders} can decide it."
            )
        else:
            yield f":leftwards_arrow_with_hook: Too late to turn back in time since {m.date(at)} (it takes {takes})."


def reserve(found: Forecast) -> str:
    """`11 of 40 min reserve used, `; empty where none is planned."""
    minutes = found.reserve // MINUTE
    return f"{found.used // MINUTE} of {minutes} min reserve used, " if minutes else ""


def _over(span: timedelta) -> str:
    return f": {m.bold(f'{lasted(span)} too late')}" if span >= MINUTE else ""


def _compared(late: timedelta) -> str:
    if abs(late) < MINUTE:
        return "On plan"
    return f"{lasted(abs(late))} {'behind' if late > timedelta() else 'ahead of'} plan"


def _lines(shown: RunView, *, whole: bool) -> list[str]:
    """The last steps that ended, those that run or failed, and the next ones; or all."""
    ended = [step for step in shown.work if step.settled]
    now = [step for step in shown.steps if step.state in (StepState.RUNNING, StepState.FAILED)]
    before = BEHIND if not shown.run.over and not whole else len(ended)
    earlier = [f"{len(ended) - before} more before these"] * (len(ended) > before)
    coming = [] if shown.run.over else shown.coming
    most = len(coming) if whole else AHEAD
    after = [f"and {len(coming) - most} more: `/run show {shown.run.key}`"] * (len(coming) > most)
    return [*earlier, *(line(shown, step) for step in [*ended[-before:], *now, *coming[:most]]), *after]


def line(shown: RunView, step: RunStep) -> str:
    """One step: how it stands, who leads it, from when until when."""
    span = shown.forecast.spans[step.place]
    begins = span.at if step.state == StepState.WAITING else shown.now
    who = leader(shown.directory, step, step.ended_at or max(begins, shown.now))
    head = f"{ICONS[StepState(step.state)]} {step.place}. {m.bold(m.escape(step.title))}{f'  {who}' if who else ''}"
    moved = _moved(step.planned_until, span.until) if shown.timed and step.state != StepState.WAITING else ""
    if step.reserve and step.state == StepState.WAITING:
        return f"{head}: {step.takes // 60} min reserve, {m.date(span.at)} to {m.date(span.until)}"
    match StepState(step.state):
        case StepState.WAITING:
            if step.place not in shown.open_ended and not step.waits_for_somebody:
                head, moved = f"{head}: {m.date(span.at)}", _moved(step.planned_at, span.at)
            return f"{head}{_why_waits(shown, step)}{moved}"
        case StepState.RUNNING:
            ticked = f", {len(step.items) - len(step.open_items)} of {counted(len(step.items), 'item')}" * bool(
                step.items
            )
            when = f"until {m.date(span.until)}{moved}" if step.takes else f"since {m.date(span.at)}"
            return f"{head}: {when}{ticked}"
        case StepState.DONE:
            link = f" {step.link}" if step.link else ""
            return f"{head}: {m.date(span.until)}{moved}{link}"
        case StepState.FAILED:
            return (
                f"{head}: failed {m.date(step.ended_at or shown.now)}: {m.clip(step.reason, 200)} {step.link}".rstrip()
            )
        case StepState.SKIPPED:
            return f"{head}: skipped, {m.clip(step.reason, 200)}"


def _why_waits(shown: RunView, step: RunStep) -> str:
    if lacking := shown.lacking.get(step.place):
        return f", waits: {lacking}"
    if step.waits_for_somebody:
        return f", waits until somebody starts it: `/run start {step.key}`"
    failed = hindered(shown, step)
    return f", waits for {m.escape(failed.title)}, which failed" if failed else ""


def _moved(planned: datetime, at: datetime) -> str:
    away = at - planned
    return f" ({'+' if away > timedelta() else '-'}{lasted(abs(away))})" if abs(away) >= MINUTE else ""


def _buttons(shown: RunView) -> list[b.Block]:
    run, value = shown.run, f"{shown.run.number}:{shown.run.changes}"
    if run.state in (State.BLOCKED, State.OFFERED):
        return [b.actions(b.button("Start", START, value, style="primary"))] if run.state == State.OFFERED else []
    if run.state == State.CALLED:
        return [call_buttons(shown)]
    if run.state != State.RUNNING:
        return []
    return [step_buttons(step, named=True) for step in shown.running if not step.reserve][:MOST_ROWS]


def what_now(held: Run) -> str:
    """What can be done about a run-book that a rollback has on hold."""
    name, key = m.escape(held.name), held.key
    go_on, end = f"go on after that with `/run start {key}`", f"`/run stop {key} because ...`"
    return f"{name} is still on hold. What was done in it stays done: {go_on}, or end it and begin anew: {end}"


def call_buttons(shown: RunView, reader: str | None = None) -> b.Block:
    """What can be done about a rollback that waits for somebody; a `reader` confirms only if they may."""
    value = f"{shown.run.number}:{shown.run.changes}"
    sure = (f"Start {m.unescape(shown.name)} now?", "Confirm")
    able = not reader or reader in [person.key for person in shown.able]
    confirm = [b.button("Confirm rollback", AGREE, value, style="danger", confirm=sure)] if able else []
    return b.actions(*confirm, b.button("Withdraw...", STOP, value))


def stands(step: RunStep) -> str:
    """How a step stands, after its title: `is done`, `failed`."""
    return STANDS[StepState(step.state)]


def hindered(shown: RunView, step: RunStep) -> RunStep | None:
    """The step that failed and has to be done before this one, itself or what needs it."""
    failed = {each.place: each for each in shown.steps if each.state == StepState.FAILED}
    for each in projection.in_order(shown.steps):
        found = next((failed[place] for place in each.needs if place in failed), None)
        if found and each.place not in failed:
            failed[each.place] = found
    return failed.get(step.place) if step.state == StepState.WAITING else None


def step_buttons(step: RunStep, *, named: bool = False, done: bool = True) -> b.Block:
    """What whoever leads a step can do about it; `done` where they may say that it is."""
    value = f"{step.number}:{step.changes}"
    label = f"Done: {m.clip(step.title, 40)}" if named else "Done"
    items = f"Items ({len(step.items) - len(step.open_items)} of {len(step.items)})"
    return b.actions(
        *([b.button(label, DONE, value, style="primary")] if done else []),
        *([b.button(items, ITEMS, value)] if step.items else []),
        b.button("Delay...", DELAY, value), b.button("Failed...", FAIL, value, style="danger"),
    )  # fmt: skip


def at(shown: RunView, step: RunStep) -> str:
    """When a step begins, after its title; empty where nobody can say."""
    if step.waits_for_somebody:
        return f", once somebody starts it: `/run start {step.key}`"
    return "" if step.place in shown.open_ended else f", {m.date(shown.forecast.spans[step.place].at)}"


def now_line(shown: RunView) -> Message:
    """The one line that is pinned while it runs."""
    run = shown.run
    if run.over or run.state != State.RUNNING:
        return Message(text=f"{LIGHTS[State(run.state)]} {headline(shown)}", pin=False if run.over else None)
    doing = joined(
        f"{m.bold(m.escape(step.title))} ({leader(shown.directory, step, shown.now) or 'reserve'})"
        f"{f' until {m.date(shown.forecast.spans[step.place].until)}' if step.takes else ''}" for step in shown.running
    )  # fmt: skip
    after = next((step for step in shown.coming if not step.reserve and not hindered(shown, step)), None)
    following = f" Next: {m.escape(after.title)}{at(shown, after)}." if after else ""
    if run.held:
        following = f" On hold: {m.sentence(m.escape(run.held))}"
    failed = [f"{m.bold(m.escape(step.title))} failed" for step in shown.steps if step.state == StepState.FAILED]
    text = (
        f":round_pushpin: {shown.name} now: {joined([*failed, *([doing] if doing else [])]) or 'nothing'}.{following}"
    )
    return Message(text=text, pin=True)
