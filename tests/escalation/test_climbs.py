"""Climbs, as pure arithmetic: every ladder, every sequence of what people do, every pattern of late ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.escalation import climbs
from callboard.escalation.models import Climb, Crew, Move, Policy, State, Step, Why

NINE = datetime(2025, 11, 13, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def plus(start, span):
    return start + span


everybody = Crew(lambda _step: True)


def minutes(*numbers):
    return [NINE + n * MINUTE for n in numbers]


def ladder(*afters, last=30, **rules):
    """A policy whose steps are due so many minutes after the opening; the last one has `last` minutes to respond."""
    within = [b - a for a, b in zip(afters, [*afters[1:], afters[-1] + last], strict=True)]
    repeat = rules.pop("repeat_every", None)
    steps = [
        Step(f"Level {k}", ("lead",), after * MINUTE, within[k] * MINUTE, repeat if k == len(afters) - 1 else None)
        for k, after in enumerate(afters)
    ]
    return Policy("test", tuple(steps), **rules)


def opened(policy):
    climb = Climb(
        plan_id=1,
        subject_kind="blocker",
        subject_id=1,
        policy="x",
        opened_at=NINE,
        response_from=NINE,
        stepped_at=NINE,
        assignees=[],
        trail=[],
    )
    climbs.begin(climb, policy, plus)
    return climb


def run(climb, policy, until, every=MINUTE, crew=everybody, since=NINE):
    """Tick regularly; return (instant of the tick, move) for all that happened."""
    seen, now = [], since
    while now <= until:
        seen += [(now, move) for move in climbs.advance(climb, policy, now, plus, crew)]
        now += every
    return seen


def pages(moves):
    return [(now, move.step) for now, move in moves if move.step is not None]


SEED_000 = ladder(0, 15, 30, 60, last=120)
SEED_003 = ladder(0, 4 * 60, 24 * 60, last=24 * 60)
SEED_004 = ladder(0, 5, 10, last=15, idle_after=15 * MINUTE, resolve_within=60 * MINUTE, repeat_every=15 * MINUTE)


@pytest.mark.parametrize(
    ("policy", "paged_at"),
    [(SEED_000, (0, 15, 30, 60)), (SEED_003, (0, 240, 1440)), (SEED_004, (0, 5, 10))],
    ids=["seed 000: 15, 30, 60 minutes, 2 hours", "seed 003: 4 and 24 hours", "seed 004: 5, 5 and 15 minutes"],
)
def test_a_climb_pages_each_step_at_its_own_minutes_counted_from_the_opening(policy, paged_at):
    moves = run(opened(policy), policy, NINE + timedelta(hours=30))
    first = [page for page in pages(moves) if page[1] is not None][: len(paged_at)]
    assert first == [(NINE + minute * MINUTE, step) for step, minute in enumerate(paged_at)]


def test_a_climb_of_seed_004_leaves_nothing_unaddressed_over_thirty_minutes():
    climb = opened(SEED_004)
    moves = run(climb, SEED_004, NINE + 30 * MINUTE)
    assert [(now, move.why) for now, move in moves] == [
        (NINE, Why.OPENED),
        (NINE + 5 * MINUTE, Why.RESPONSE),
        (NINE + 10 * MINUTE, Why.RESPONSE),
        (NINE + 25 * MINUTE, Why.EXHAUSTED),
    ]
    assert climb.state == State.EXHAUSTED


def test_a_climb_of_seed_004_goes_to_the_top_after_an_hour_even_when_somebody_has_it():
    climb = opened(SEED_004)
    run(climb, SEED_004, NINE)
    moves = []
    for minute in range(1, 70):
        now = NINE + minute * MINUTE
        moves += [(now, move) for move in climbs.advance(climb, SEED_004, now, plus, everybody)]
        if minute == 2:
            climbs.hold(climb, now, "lead")
        if minute % 5 == 0:
            climbs.stir(climb, now)
    assert [(now, move.step, move.why) for now, move in moves] == [(NINE + 60 * MINUTE, 2, Why.RESOLUTION)]


def test_a_climb_acknowledged_but_idle_goes_to_the_next_step_not_yet_sent():
    climb = opened(SEED_004)
    run(climb, SEED_004, NINE + MINUTE)
    climbs.hold(climb, NINE + 2 * MINUTE, "lead")
    moves = run(climb, SEED_004, NINE + 20 * MINUTE, since=NINE + 2 * MINUTE)
    assert [(now, move.step, move.why) for now, move in moves] == [
        (NINE + 10 * MINUTE, None, Why.NUDGE),
        (NINE + 17 * MINUTE, 1, Why.IDLE),
    ]


def test_the_response_clock_of_a_climb_goes_on_when_an_acknowledgement_is_taken_back():
    climb = opened(SEED_004)
    run(climb, SEED_004, NINE + 2 * MINUTE)
    climbs.hold(climb, NINE + 2 * MINUTE, "lead")
    climbs.let_go(climb, NINE + 12 * MINUTE)
    assert pages(run(climb, SEED_004, NINE + 21 * MINUTE, since=NINE + 12 * MINUTE)) == [
        (NINE + 15 * MINUTE, 1),
        (NINE + 20 * MINUTE, 2),
    ]


def test_a_snoozed_climb_pages_nobody_and_then_goes_on_where_it_stood():
    climb = opened(SEED_004)
    run(climb, SEED_004, NINE + MINUTE)
    climbs.snooze(climb, NINE + MINUTE, NINE + 31 * MINUTE)
    moves = run(climb, SEED_004, NINE + 36 * MINUTE, since=NINE + MINUTE)
    assert [(now, move.why) for now, move in moves] == [
        (NINE + 31 * MINUTE, Why.SNOOZE),
        (NINE + 35 * MINUTE, Why.RESPONSE),
    ]


def test_the_response_clock_of_a_climb_stands_still_once_for_a_snooze_while_somebody_had_it():
    climb = opened(SEED_004)
    run(climb, SEED_004, NINE)
    climbs.hold(climb, NINE + MINUTE, "lead")
    climbs.snooze(climb, NINE + 2 * MINUTE, NINE + 12 * MINUTE)
    climbs.let_go(climb, NINE + 22 * MINUTE)
    assert climbs.next_due(climb, SEED_004, plus) == (NINE + 26 * MINUTE, Why.RESPONSE)


def test_the_response_clock_of_a_climb_stands_still_for_all_who_had_it_one_after_the_other():
    climb = opened(SEED_004)
    run(climb, SEED_004, NINE)
    climbs.hold(climb, NINE + MINUTE, "lead")
    climbs.hold(climb, NINE + 6 * MINUTE, "member")
    climbs.let_go(climb, NINE + 7 * MINUTE)
    assert climbs.next_due(climb, SEED_004, plus) == (NINE + 11 * MINUTE, Why.RESPONSE)


def test_a_climb_passes_a_step_with_nobody_on_it_at_once_and_names_it():
    climb = opened(SEED_004)
    moves = run(climb, SEED_004, NINE, crew=Crew(lambda step: step != 0))
    assert [(move.step, move.empty) for _, move in moves] == [(1, (0,))]
    assert pages(run(climb, SEED_004, NINE + 10 * MINUTE, since=NINE + MINUTE)) == [(NINE + 10 * MINUTE, 2)]


def test_a_climb_with_nobody_on_any_step_is_exhausted_at_once():
    climb = opened(SEED_004)
    moves = run(climb, SEED_004, NINE, crew=Crew(lambda _step: False))
    assert [(move.why, move.empty) for _, move in moves] == [(Why.EXHAUSTED, (0, 1, 2))]


def test_a_step_that_only_people_of_the_one_before_are_on_is_paged_with_it_and_keeps_its_time():
    climb = opened(SEED_000)
    crew = Crew(lambda _step: True, lambda step, other: (step, other) == (2, 1))
    moves = [move for _, move in run(climb, SEED_000, NINE + 60 * MINUTE, crew=crew)]
    assert [(move.due, move.step, move.along) for move in moves] == [
        (NINE, 0, ()), (NINE + 15 * MINUTE, 1, (2,)), (NINE + 60 * MINUTE, 3, ()),
    ]  # fmt: skip
    foreseen = climbs.foresee(opened(SEED_000), SEED_000, NINE, plus, lambda _at: crew)
    assert [move.along for move in foreseen][:2] == [(), (2,)]


def test_a_climb_after_an_outage_pages_the_step_due_now_once_and_names_the_missed_one():
    climb = opened(SEED_004)
    run(climb, SEED_004, NINE)
    moves = climbs.advance(climb, SEED_004, NINE + 12 * MINUTE, plus, everybody)
    assert [(move.step, move.due, move.missed) for move in moves] == [(2, NINE + 10 * MINUTE, (1,))]


def test_a_climb_after_a_long_outage_floods_nobody():
    climb = opened(SEED_004)
    run(climb, SEED_004, NINE)
    moves = climbs.advance(climb, SEED_004, NINE + timedelta(days=2), plus, everybody)
    assert [(move.step, move.why, move.missed) for move in moves] == [
        (2, Why.RESOLUTION, (1,)),
        (None, Why.EXHAUSTED, ()),
    ]
    assert climb.due_at > NINE + timedelta(days=2)


def test_a_climb_pages_its_last_step_again_as_the_policy_says_until_somebody_has_it():
    climb = opened(SEED_004)
    moves = run(climb, SEED_004, NINE + 59 * MINUTE)
    again = [(now, move.repetition) for now, move in moves if move.why == Why.REPEAT]
    assert again == [(NINE + 40 * MINUTE, 1)]
    climbs.hold(climb, NINE + 59 * MINUTE, "lead")
    assert not run(climb, ladder(0, 5, 10), NINE + 59 * MINUTE, since=NINE + 59 * MINUTE)


def test_a_climb_that_is_escalated_now_leaves_the_later_steps_at_their_instants():
    climb = opened(SEED_004)
    run(climb, SEED_004, NINE + MINUTE)
    assert [move.step for move in climbs.ask(climb, SEED_004, NINE + MINUTE, everybody)] == [1]
    assert pages(run(climb, SEED_004, NINE + 10 * MINUTE, since=NINE + MINUTE)) == [(NINE + 10 * MINUTE, 2)]


def test_a_climb_pages_steps_due_at_one_instant_together():
    policy = ladder(0, 5, 5, 10)
    moves = run(opened(policy), policy, NINE + 12 * MINUTE)
    assert pages(moves) == [(at, step) for at, step in zip(minutes(0, 5, 5, 10), range(4), strict=True)]


def test_a_step_that_is_due_when_the_time_to_resolve_is_up_was_not_missed():
    policy = ladder(0, 60, 90, resolve_within=60 * MINUTE)
    (last,) = run(opened(policy), policy, NINE + 62 * MINUTE)[1:]
    assert (last[1].step, last[1].missed) == (2, ())


policies = st.builds(
    lambda afters, idle, resolve, repeat, last: ladder(
        *sorted(afters),
        last=last,
        idle_after=idle * MINUTE if idle else None,
        resolve_within=resolve * MINUTE if resolve else None,
        repeat_every=repeat * MINUTE if repeat else None,
    ),
    st.lists(st.integers(0, 90), min_size=1, max_size=5),
    st.integers(0, 40),
    st.integers(0, 120),
    st.integers(0, 30),
    st.integers(1, 30),
)
deeds = st.lists(
    st.tuples(
        st.integers(0, 50), st.sampled_from(["tick", "tick", "tick", "hold", "let go", "stir", "snooze", "ask", "end"])
    ),
    max_size=30,
)


@given(policies)
def test_an_unattended_climb_pages_every_step_once_at_its_instant(policy):
    policy = Policy("test", policy.steps)
    got = pages(run(opened(policy), policy, NINE + timedelta(hours=3)))
    expected = [(NINE + step.after, k) for k, step in enumerate(policy.steps)]
    assert [page for page in got if page in expected] == expected
    assert len([step for _, step in got if step is not None]) >= len(expected)


@given(policies, st.lists(st.integers(1, 45), min_size=1, max_size=20))
def test_a_climb_under_late_ticks_pages_no_step_twice_and_leaves_nothing_due(policy, gaps):
    climb, now, seen = opened(policy), NINE, []
    for gap in [0, *gaps]:
        now += gap * MINUTE
        moves = climbs.advance(climb, policy, now, plus, everybody)
        assert all(move.due <= now for move in moves)
        assert (
            len({move.due for move in moves if move.step is not None and move.why in (Why.OPENED, Why.RESPONSE)}) <= 1
        )
        seen += [(move.step, move.repetition) for move in moves if move.step is not None]
        assert climb.due_at is None or climb.due_at > now
    assert len(seen) == len(set(seen))


@given(policies, deeds)
def test_climbs_keep_their_rules_whatever_people_do(policy, deeds):  # noqa: C901 - one arm for each deed
    climb, now, seen, reached = opened(policy), NINE, [], -1
    for gap, deed in [(0, "tick"), *deeds]:
        now += gap * MINUTE
        before = climb.state
        moves = []
        match deed:
            case "tick":
                moves = climbs.advance(climb, policy, now, plus, everybody)
                assert climb.due_at is None or climb.due_at > now
            case _ if climb.state == State.ENDED:
                continue
            case "hold":
                climbs.hold(climb, now, "lead")
            case "let go":
                climbs.let_go(climb, now)
            case "stir":
                climbs.stir(climb, now)
            case "snooze":
                climbs.snooze(climb, now, now + 7 * MINUTE)
            case "ask" if climb.reached < policy.top:
                moves = climbs.ask(climb, policy, now, everybody)
            case "end":
                climbs.end(climb)
        why = {move.why for move in moves if move.step is not None}
        if before == State.ENDED:
            assert not moves
        if before == State.HELD:
            assert why <= {Why.IDLE, Why.RESOLUTION, Why.ASKED, Why.REPEAT}
        seen += [(move.step, move.repetition) for move in moves if move.step is not None]
        assert climb.reached >= reached
        reached = climb.reached
    assert len(seen) == len(set(seen))


@given(policies, deeds)
def test_what_climbs_foresee_is_what_they_then_do(policy, deeds):
    climb, now = opened(policy), NINE
    climb.ends_at = NINE + timedelta(days=3)
    for gap, deed in [(0, "tick"), *deeds]:
        now += gap * MINUTE
        climbs.advance(climb, policy, now, plus, everybody)
        match deed:
            case _ if climb.state in (State.ENDED, State.OVER):
                continue
            case "hold":
                climbs.hold(climb, now, "lead")
            case "let go":
                climbs.let_go(climb, now)
            case "stir":
                climbs.stir(climb, now)
            case "snooze":
                climbs.snooze(climb, now, now + 7 * MINUTE)
            case "ask" if climb.reached < policy.top:
                climbs.ask(climb, policy, now, everybody)
    before = {name: getattr(climb, name) for name in Climb.model_fields}
    foreseen = list(climbs.foresee(climb, policy, now, plus, lambda _at: everybody))[:4]
    assert before == {name: getattr(climb, name) for name in Climb.model_fields}
    done: list[Move] = []
    while len(done) < len(foreseen) and (due := climbs.next_due(climb, policy, plus)):
        done += climbs.advance(climb, policy, max(due.at, now), plus, everybody)
    assert done[: len(foreseen)] == foreseen
