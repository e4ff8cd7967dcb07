"""The clocks of a climb, as pure arithmetic: what is due next, and what happens when people or time move it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from operator import attrgetter

from callboard.core.rows import bare
from callboard.escalation.models import A_DAY, DONE, Climb, Crew, Due, Move, Policy, State, Why

Plus = Callable[[datetime, timedelta], datetime]
CrewAt = Callable[[datetime], Crew]
FORESEEN = 300
"""How often it is tried ahead to page anybody: every quarter of an hour, three days."""


def begin(climb: Climb, policy: Policy, plus: Plus) -> None:
    climb.resolve_at = plus(climb.opened_at, policy.resolve_within) if policy.resolve_within else None


def step_due(climb: Climb, policy: Policy, step: int, plus: Plus) -> datetime:
    return plus(climb.response_from, policy.steps[step].after)


def next_due(climb: Climb, policy: Policy, plus: Plus) -> Due | None:
    if climb.state in DONE:
        return None
    end = Due(climb.ends_at, Why.OVER) if climb.ends_at else None
    resolution = Due(climb.resolve_at, Why.RESOLUTION) if climb.resolve_at else None
    own = _own_clock(climb, policy, plus) if policy.steps else None
    return min(filter(None, (end, own, resolution)), key=attrgetter("at"), default=None)


def _own_clock(climb: Climb, policy: Policy, plus: Plus) -> Due | None:
    """The one clock that a climb's state lets run."""
    last = policy.steps[policy.top]
    match climb.state:
        case State.CLIMBING if climb.reached < policy.top:
            return Due(step_due(climb, policy, climb.reached + 1, plus), Why.RESPONSE)
        case State.CLIMBING if last.respond_within:
            return Due(plus(climb.stepped_at, last.respond_within), Why.EXHAUSTED)
        case State.CLIMBING | State.EXHAUSTED if last.repeat_every:
            pause = last.pause(climb.repeats, last.repeat_every)
            return Due(_after(climb.stepped_at, pause, plus), Why.REPEAT)
        case State.HELD if policy.idle_after and climb.idle_from:
            return _idle(climb, policy, climb.idle_from, policy.idle_after, plus)
        case State.SNOOZED if climb.snoozed_until:
            return Due(climb.snoozed_until, Why.SNOOZE)
    return None


def _after(at: datetime, pause: timedelta, plus: Plus) -> datetime:
    """A day or more is counted on the wall, so that what comes daily does, in the hours of the clock."""
    return plus(at, pause) if pause < A_DAY else plus(at + pause, timedelta())


def _idle(climb: Climb, policy: Policy, since: datetime, after: timedelta, plus: Plus) -> Due:
    """Whoever has it hears first that they say nothing; then the next step; past the last one it is paged again."""
    if climb.idle_told == 0:
        return Due(plus(since, after / 2), Why.NUDGE)
    if climb.idle_told == 1:
        return Due(plus(since, after), Why.IDLE)
    pause = after if climb.reached < policy.top else policy.steps[policy.top].pause(climb.repeats, after)
    return Due(_after(climb.stepped_at, pause, plus), Why.IDLE)


def advance(climb: Climb, policy: Policy, now: datetime, plus: Plus, crew: Crew) -> list[Move]:
    """Do everything that is due by `now`, each clock at most once: late is handled, never repeated, never skipped.

    `crew` says whom a step has to page. Sets `due_at`.
    """
    if climb.state not in DONE and climb.ends_at and climb.ends_at <= now:
        return [_outlive(climb, climb.ends_at)]
    moves: list[Move] = []
    done: set[Why] = set()
    if climb.state not in DONE and climb.resolve_at and climb.resolve_at <= now:
        moves += _unresolved(climb, policy, now, plus, crew)
    while (due := next_due(climb, policy, plus)) and due.at <= now:
        paged = any(move.step is not None for move in moves)
        if due.why in done or (paged and due.why in (Why.REPEAT, Why.IDLE)):
            climb.stepped_at = due.at
            climb.idle_told = 2 if due.why == Why.IDLE else climb.idle_told
            continue
        done.add(due.why)
        moves += _run_out(climb, policy, due, now, plus, crew)
    climb.due_at = due.at if due else None
    return moves


def _run_out(climb: Climb, policy: Policy, due: Due, now: datetime, plus: Plus, crew: Crew) -> list[Move]:
    match due.why:
        case Why.RESPONSE:
            return _respond(climb, policy, now, plus, crew)
        case Why.NUDGE:
            climb.idle_told = 1
            late = next_due(climb, policy, plus)
            return [] if late and late.at <= now else [_outside(climb, due)]
        case Why.IDLE:
            climb.idle_told = 2
            return _send(climb, policy, climb.reached + 1, due, crew)
        case Why.REPEAT:
            return _again(climb, policy, due, crew)
        case Why.SNOOZE:
            _resume(climb, due.at)
            return [Move(Why.SNOOZE, due.at)]
        case Why.EXHAUSTED:
            return [_exhaust(climb, due)]
        case Why.OPENED | Why.RESOLUTION | Why.ASKED | Why.STANDS_IN | Why.OVER:
            sentence = f"no clock runs out because: {due.why}"
            raise AssertionError(sentence)


def _unresolved(climb: Climb, policy: Policy, now: datetime, plus: Plus, crew: Crew) -> list[Move]:
    """Go straight to the last step; where that was sent already, this is the next time that it is paged again."""
    due = Due(climb.resolve_at or now, Why.RESOLUTION)
    climb.resolve_at = None
    if climb.reached == policy.top:
        climb.stepped_at, climb.repeats = due.at, climb.repeats + 1
        return [_repeat(climb, due, crew)]
    left = range(climb.reached + 1, policy.top) if climb.state == State.CLIMBING else ()
    missed = [step for step in left if step_due(climb, policy, step, plus) < due.at]
    return _send(climb, policy, policy.top, due, crew, tuple(missed))


def _respond(climb: Climb, policy: Policy, now: datetime, plus: Plus, crew: Crew) -> list[Move]:
    """Send the step that is due now and what is due with it; what was due before and was not sent is missed."""
    when: dict[int, datetime] = {}
    for step in range(climb.reached + 1, len(policy.steps)):
        at = step_due(climb, policy, step, plus)
        if at > now:
            break
        when[step] = at
    latest = max(when.values())
    together = [step for step in when if when[step] == latest]
    missed = tuple(step for step in when if step < together[0])
    moves: list[Move] = []
    for step in together:
        if step > climb.reached:
            why = Why.OPENED if step == 0 else Why.RESPONSE
            moves += _send(climb, policy, step, Due(latest, why), crew, missed)
            missed = ()
    return moves


def _send(climb: Climb, policy: Policy, step: int, due: Due, crew: Crew, missed: tuple[int, ...] = ()) -> list[Move]:
    """Page this step, or the first one after it that has anybody, with those after it that only they are on.

    Past the last one the climb is exhausted; while somebody has it, whoever was paged last is paged again.
    """
    empty: list[int] = []
    while step <= policy.top and not crew.staffed(step):
        empty.append(step)
        step += 1
    if step <= policy.top:
        along = tuple(takewhile(lambda other: _alike(crew, other, step), range(step + 1, len(policy.steps))))
        climb.reached, climb.stepped_at = step + len(along), due.at
        return [Move(due.why, due.at, step, climb.repetition, missed=missed, empty=tuple(empty), along=along)]
    climb.reached = policy.top
    return [_repeat(climb, due, crew) if climb.held_at else _exhaust(climb, due, missed, tuple(empty))]


def _alike(crew: Crew, step: int, paged: int) -> bool:
    """Whether a step would page only who is paged already: they read of it now, and hear nothing new later."""
    return crew.staffed(step) and crew.within(step, paged)


def _repeat(climb: Climb, due: Due, crew: Crew) -> Move:
    """Page the last step again that has anybody now; where none has, it is whoever has it who hears."""
    climb.repetition += 1
    if due.why in (Why.REPEAT, Why.IDLE):
        climb.stepped_at = due.at
        climb.repeats += 1
    step = next(filter(crew.staffed, range(climb.reached, -1, -1)), None)
    return Move(due.why, due.at, step, climb.repetition, again=True)


def _again(climb: Climb, policy: Policy, due: Due, crew: Crew) -> list[Move]:
    """Repeat the last step; while nobody is there it is tried again without a word, and without back-off."""
    if climb.held_at is None and not any(map(crew.staffed, range(policy.top + 1))):
        climb.stepped_at = due.at
        return []
    return [_repeat(climb, due, crew)]


def _exhaust(climb: Climb, due: Due, missed: tuple[int, ...] = (), empty: tuple[int, ...] = ()) -> Move:
    climb.exhausted_at, climb.stepped_at = due.at, due.at
    if climb.state == State.CLIMBING:
        climb.state = State.EXHAUSTED
    return Move(Why.EXHAUSTED, due.at, None, climb.repetition, missed=missed, empty=empty)


def nudge(climb: Climb, now: datetime) -> Move:
    """Ask at once how it goes, and not when half of the time for it is over."""
    climb.idle_told = max(climb.idle_told, 1)
    return _outside(climb, Due(now, Why.NUDGE))


def _outside(climb: Climb, due: Due) -> Move:
    climb.repetition += 1
    return Move(due.why, due.at, None, climb.repetition)


def _outlive(climb: Climb, at: datetime) -> Move:
    climb.state, climb.due_at = State.OVER, None
    return Move(Why.OVER, at)


def _resume(climb: Climb, at: datetime) -> None:
    """End a snooze: the response clock goes on where it stood, the idle clock starts anew."""
    if climb.snoozed_at is not None and climb.held_at is None:  # else it stands still for as long as somebody has it
        _shift(climb, climb.snoozed_at, at)
    climb.snoozed_at = climb.snoozed_until = None
    climb.state = _standing(climb)
    if climb.held_at:
        climb.idle_from, climb.idle_told = at, 0


def _standing(climb: Climb) -> str:
    """The state of one that is not snoozed; one that has ended with its plan stays so."""
    if climb.state in DONE:
        return climb.state
    return State.HELD if climb.held_at else State.EXHAUSTED if climb.exhausted_at else State.CLIMBING


def _shift(climb: Climb, since: datetime, until: datetime) -> None:
    """The response clock stood still between two instants; a step sent meanwhile counts from the end of that."""
    climb.response_from += until - since
    climb.stepped_at += max(until - max(since, climb.stepped_at), timedelta())


def hold(climb: Climb, now: datetime, holder: str) -> None:
    """Somebody has it: the response clock stops, the idle clock starts, and repeats begin anew."""
    _hand(climb, now, holder, now)


def let_go(climb: Climb, now: datetime) -> None:
    """Nobody has it any more: the response clock goes on where it stood."""
    _hand(climb, now, None, None)


def _hand(climb: Climb, now: datetime, holder: str | None, since: datetime | None) -> None:
    if climb.state == State.SNOOZED:
        _resume(climb, now)
    if climb.held_at is not None:
        _shift(climb, climb.held_at, now)
    climb.holder, climb.held_at, climb.idle_from = holder, since, since
    climb.idle_told = climb.repeats = 0
    climb.state = _standing(climb)


def stir(climb: Climb, now: datetime) -> None:
    """Something was said or done about it: the idle clock starts anew."""
    if climb.idle_from is not None:
        climb.idle_from, climb.idle_told = now, 0


def snooze(climb: Climb, now: datetime, until: datetime) -> None:
    """Page nobody until then, except that the resolution clock runs on."""
    if climb.state not in DONE:
        climb.snoozed_at = climb.snoozed_at or now
        climb.state, climb.snoozed_until = State.SNOOZED, until


def stop(climb: Climb, now: datetime, until: datetime) -> None:
    """No clock runs until then, that of its resolution neither."""
    if climb.state not in (*DONE, State.SNOOZED):
        climb.resolve_at = climb.resolve_at + (until - now) if climb.resolve_at else None
        snooze(climb, now, until)


def go_on(climb: Climb, now: datetime) -> None:
    """What was stopped goes on where it stood."""
    if climb.state == State.SNOOZED and climb.snoozed_until:
        climb.resolve_at = climb.resolve_at - (climb.snoozed_until - now) if climb.resolve_at else None
        _resume(climb, now)


def ask(climb: Climb, policy: Policy, now: datetime, crew: Crew) -> list[Move]:
    """Go on to the next step because somebody asked for it; the steps after it keep their instants."""
    if climb.state == State.SNOOZED:
        _resume(climb, now)
    return _send(climb, policy, climb.reached + 1, Due(now, Why.ASKED), crew)


def end(climb: Climb) -> None:
    climb.state = State.ENDED
    climb.due_at = climb.resolve_at = climb.idle_from = climb.snoozed_until = None


def resume(climb: Climb, since: datetime, now: datetime) -> None:
    """It was ended by mistake `since` then: it goes on where it stood."""
    if climb.held_at is None:
        _shift(climb, since, now)
    else:
        climb.idle_from = now
    climb.state = State.CLIMBING
    climb.state = _standing(climb)


def revive(climb: Climb) -> None:
    """The plan goes on after all: so does the climb."""
    if climb.state == State.OVER:
        climb.state = State.CLIMBING
        climb.state = _standing(climb)


def stand_still(climb: Climb, since: datetime, now: datetime) -> None:
    """No clock ran between two instants, in which the plan was over."""
    if climb.held_at is None:
        _shift(climb, since, now)
    else:
        climb.idle_from = now
    climb.resolve_at = climb.resolve_at + (now - since) if climb.resolve_at else None


def foresee(climb: Climb, policy: Policy, now: datetime, plus: Plus, crew: CrewAt) -> Iterator[Move]:
    """What the climb does by itself if nobody does anything, in order: what people are told of what is next."""
    ghost = bare(Climb, [(name, getattr(climb, name)) for name in Climb.model_fields])
    for _ in range(FORESEEN):
        due = next_due(ghost, policy, plus)
        if due is None:
            return
        at = max(due.at, now)
        yield from advance(ghost, policy, at, plus, crew(at))
