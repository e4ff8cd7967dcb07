"""The clocks of a climb, as pure arithmetic: what is due next, and what happens when people or time move it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from callboard.escalation.models import Climb, Due, Move, Policy, State, Why

Plus = Callable[[datetime, timedelta], datetime]
Staffed = Callable[[int], bool]


def begin(climb: Climb, policy: Policy) -> None:
    climb.resolve_at = climb.opened_at + policy.resolve_within if policy.resolve_within else None


def step_due(climb: Climb, policy: Policy, step: int, plus: Plus) -> datetime:
    return plus(climb.response_from, policy.steps[step].after)


def next_due(climb: Climb, policy: Policy, plus: Plus) -> Due | None:
    own = _own_clock(climb, policy, plus)
    if climb.resolve_at is None or climb.state == State.ENDED or (own and own.at <= climb.resolve_at):
        return own
    return Due(climb.resolve_at, Why.RESOLUTION)


def _own_clock(climb: Climb, policy: Policy, plus: Plus) -> Due | None:
    """The one clock that a climb's state lets run."""
    last = policy.steps[policy.top]
    match climb.state:
        case State.CLIMBING if climb.reached < policy.top:
            return Due(step_due(climb, policy, climb.reached + 1, plus), Why.RESPONSE)
        case State.CLIMBING if last.respond_within:
            return Due(plus(climb.stepped_at, last.respond_within), Why.EXHAUSTED)
        case State.CLIMBING | State.EXHAUSTED if last.repeat_every:
            return Due(plus(climb.stepped_at, last.repeat_every), Why.REPEAT)
        case State.HELD if policy.idle_after and climb.idle_from:
            return Due(climb.idle_from + policy.idle_after, Why.IDLE)
        case State.SNOOZED if climb.snoozed_until:
            return Due(climb.snoozed_until, Why.SNOOZE)
    return None


def advance(climb: Climb, policy: Policy, now: datetime, plus: Plus, staffed: Staffed) -> list[Move]:
    """Do everything that is due by `now`, each clock at most once: late is handled, never repeated, never skipped.

    `staffed(step)` says whether a step has anybody to page. Sets `due_at`.
    """
    moves: list[Move] = []
    done: set[Why] = set()
    if climb.state != State.ENDED and climb.resolve_at and climb.resolve_at <= now:
        moves += _unresolved(climb, policy, now, plus, staffed)
    while (due := next_due(climb, policy, plus)) and due.at <= now:
        paged = any(move.step is not None for move in moves)
        if due.why in done or (paged and due.why in (Why.REPEAT, Why.IDLE)):
            _catch_up(climb, policy, due, now, plus)
            continue
        done.add(due.why)
        moves += _run_out(climb, policy, due, now, plus, staffed)
    climb.due_at = due.at if due else None
    return moves


def _run_out(climb: Climb, policy: Policy, due: Due, now: datetime, plus: Plus, staffed: Staffed) -> list[Move]:
    match due.why:
        case Why.RESPONSE:
            return _respond(climb, policy, now, plus, staffed)
        case Why.IDLE:
            climb.idle_from = due.at
            return _send(climb, policy, climb.reached + 1, due, staffed)
        case Why.REPEAT:
            return [_repeat(climb, due)]
        case Why.SNOOZE:
            _resume(climb, due.at)
            return [Move(Why.SNOOZE, due.at)]
        case Why.EXHAUSTED:
            return [_exhaust(climb, due)]
        case Why.OPENED | Why.RESOLUTION | Why.ASKED | Why.STANDS_IN:
            raise _impossible(due)


def _unresolved(climb: Climb, policy: Policy, now: datetime, plus: Plus, staffed: Staffed) -> list[Move]:
    """Go straight to the last step; where that was sent already, page it once more."""
    due = Due(climb.resolve_at or now, Why.RESOLUTION)
    climb.resolve_at = None
    if climb.reached == policy.top:
        return [_repeat(climb, due)]
    left = range(climb.reached + 1, policy.top) if climb.state == State.CLIMBING else ()
    missed = [step for step in left if step_due(climb, policy, step, plus) <= due.at]
    return _send(climb, policy, policy.top, due, staffed, tuple(missed))


def _respond(climb: Climb, policy: Policy, now: datetime, plus: Plus, staffed: Staffed) -> list[Move]:
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
            moves += _send(climb, policy, step, Due(latest, why), staffed, missed)
            missed = ()
    return moves


def _send(
    climb: Climb, policy: Policy, step: int, due: Due, staffed: Staffed, missed: tuple[int, ...] = ()
) -> list[Move]:
    """Page this step, or the first one after it that has anybody; past the last one the climb is exhausted."""
    empty: list[int] = []
    while step <= policy.top and not staffed(step):
        empty.append(step)
        step += 1
    if step > policy.top:
        climb.reached = policy.top
        return [_exhaust(climb, due, missed, tuple(empty))]
    climb.reached, climb.stepped_at = step, due.at
    return [Move(due.why, due.at, step, climb.repetition, missed, tuple(empty))]


def _repeat(climb: Climb, due: Due) -> Move:
    climb.repetition += 1
    if due.why == Why.REPEAT:
        climb.stepped_at = due.at
    return Move(due.why, due.at, climb.reached, climb.repetition)


def _exhaust(climb: Climb, due: Due, missed: tuple[int, ...] = (), empty: tuple[int, ...] = ()) -> Move:
    climb.state, climb.exhausted_at, climb.stepped_at = State.EXHAUSTED, due.at, due.at
    return Move(Why.EXHAUSTED, due.at, None, climb.repetition, missed, empty)


def _resume(climb: Climb, at: datetime) -> None:
    """End a snooze: the response clock goes on where it stood, the idle clock starts anew."""
    if climb.snoozed_at is not None:
        _shift(climb, at - climb.snoozed_at)
    climb.snoozed_at = climb.snoozed_until = None
    climb.state = State.HELD if climb.held_at else State.EXHAUSTED if climb.exhausted_at else State.CLIMBING
    if climb.held_at:
        climb.idle_from = at


def _shift(climb: Climb, paused: timedelta) -> None:
    climb.response_from += paused
    climb.stepped_at += paused


def _catch_up(climb: Climb, policy: Policy, due: Due, now: datetime, plus: Plus) -> None:
    """Move a clock that ran out several times while nobody looked to its next instant after `now`."""
    match due.why:
        case Why.IDLE if policy.idle_after and climb.idle_from:
            climb.idle_from += ((now - climb.idle_from) // policy.idle_after) * policy.idle_after
        case Why.REPEAT:
            every = policy.steps[policy.top].repeat_every
            while every and plus(climb.stepped_at, every) <= now:
                climb.stepped_at = plus(climb.stepped_at, every)
        case _:
            raise _impossible(due)


def _impossible(due: Due) -> AssertionError:
    return AssertionError(f"no clock runs out because: {due.why}")


def hold(climb: Climb, now: datetime) -> None:
    """Somebody has it: the response clock stops, the idle clock starts."""
    if climb.state == State.SNOOZED:
        _resume(climb, now)
    climb.state, climb.held_at, climb.idle_from = State.HELD, now, now


def let_go(climb: Climb, now: datetime) -> None:
    """Nobody has it any more: the response clock goes on where it stood."""
    if climb.state == State.SNOOZED:
        _resume(climb, now)
    if climb.held_at is not None:
        _shift(climb, now - climb.held_at)
    climb.held_at = climb.idle_from = None
    climb.state = State.EXHAUSTED if climb.exhausted_at else State.CLIMBING


def stir(climb: Climb, now: datetime) -> None:
    """Something was said or done about it: the idle clock starts anew."""
    if climb.idle_from is not None:
        climb.idle_from = now


def snooze(climb: Climb, now: datetime, until: datetime) -> None:
    """Page nobody until then, except that the resolution clock runs on."""
    climb.snoozed_at = climb.snoozed_at or now
    climb.state, climb.snoozed_until = State.SNOOZED, until


def ask(climb: Climb, policy: Policy, now: datetime, staffed: Staffed) -> list[Move]:
    """Go on to the next step because somebody asked for it; the steps after it keep their instants."""
    if climb.state == State.SNOOZED:
        _resume(climb, now)
    return _send(climb, policy, climb.reached + 1, Due(now, Why.ASKED), staffed)


def end(climb: Climb) -> None:
    climb.state = State.ENDED
    climb.due_at = climb.resolve_at = climb.idle_from = climb.snoozed_until = None
