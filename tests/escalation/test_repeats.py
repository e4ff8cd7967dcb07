"""Repeats slow down, count, and stop: with the subject, with the plan, with the phase."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.app import sections
from callboard.escalation import climbs
from callboard.escalation.models import A_DAY, Crew, State, Step, Why
from callboard.plans import service as plans
from tests.escalation.test_climbs import MINUTE, NINE, SEED_004, everybody, ladder, opened, plus, run
from tests.world import PLAN

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)


def test_a_step_of_the_models_pauses_15_30_60_and_120_minutes_and_then_a_day():
    step = Step("Executive", ("executive",), timedelta())
    pauses = [step.pause(repeats, QUARTER) for repeats in range(6)]
    assert pauses == [QUARTER, 2 * QUARTER, HOUR, 2 * HOUR, A_DAY, A_DAY]


@given(
    st.integers(1, 10_000_000),
    st.floats(1, 10, allow_nan=False),
    st.integers(1, 20),
    st.integers(0, 60),
)
def test_a_step_of_the_models_never_pauses_shorter_than_before_and_a_day_at_most(seconds, back_off, at_most, repeats):
    step, every = Step("x", (), timedelta(), back_off=back_off, at_most=at_most), timedelta(seconds=seconds)
    now, later = step.pause(repeats, every), step.pause(repeats + 1, every)
    assert every <= now <= later <= max(A_DAY, every)
    assert repeats < at_most or now == max(A_DAY, every)


@given(st.integers(1, 120), st.floats(1, 4), st.integers(1, 6), st.integers(1, 20))
def test_a_climb_that_nobody_takes_repeats_so_often_as_its_policy_says_and_then_once_a_day(every, factor, most, days):
    step = Step("Executive", ("executive",), timedelta(), MINUTE, every * MINUTE, factor, most)
    policy = ladder(0)
    policy = type(policy)("test", (step,))
    climb, at = opened(policy), []
    climb.ends_at = NINE + days * A_DAY
    while (due := climbs.next_due(climb, policy, plus)) is not None:
        at += [move.due for move in climbs.advance(climb, policy, due.at, plus, everybody) if move.why == Why.REPEAT]
    assert climb.state == State.OVER
    assert all(instant < climb.ends_at for instant in at)
    gaps = [after - before for before, after in zip([NINE + MINUTE, *at], at, strict=False)]
    assert gaps == sorted(gaps)
    assert all(gap == A_DAY for gap in gaps[most:])
    assert len(at) <= most + days


def test_a_climb_pages_nobody_once_its_plan_has_ended_and_goes_on_where_the_plan_does():
    climb = opened(SEED_004)
    climb.ends_at = NINE + 12 * MINUTE
    moves = run(climb, SEED_004, NINE + timedelta(days=3))
    assert [move.why for _, move in moves] == [Why.OPENED, Why.RESPONSE, Why.RESPONSE, Why.OVER]
    assert climb.due_at is None
    climbs.hold(climb, NINE + timedelta(days=3), "lead")
    assert climbs.next_due(climb, SEED_004, plus) is None
    climb.ends_at = None
    climbs.revive(climb)
    assert climb.state == State.HELD


def test_a_climb_after_an_outage_longer_than_its_plan_pages_nobody():
    climb = opened(SEED_004)
    run(climb, SEED_004, NINE)
    climb.ends_at = NINE + HOUR
    moves = climbs.advance(climb, SEED_004, NINE + timedelta(days=9), plus, everybody)
    assert [move.why for move in moves] == [Why.OVER]


def test_a_climb_held_past_its_last_step_pages_it_again_with_longer_and_longer_pauses():
    climb = opened(SEED_004)
    climb.resolve_at = None
    run(climb, SEED_004, NINE + 20 * MINUTE)
    climbs.hold(climb, NINE + 20 * MINUTE, "lead")
    moves = run(climb, SEED_004, NINE + timedelta(days=1), since=NINE + 20 * MINUTE)
    told = [(int((move.due - NINE - 20 * MINUTE) / MINUTE), move.why, move.step) for _, move in moves]
    assert told == [
        (7, Why.NUDGE, None),
        *[(minute, Why.IDLE, 2) for minute in (15, 45, 105, 225)],
    ]
    assert climb.state == State.HELD


def test_a_climb_reminds_whoever_has_it_where_nobody_else_is_left():
    climb = opened(SEED_004)
    climb.resolve_at = None
    run(climb, SEED_004, NINE)
    climbs.hold(climb, NINE, "lead")
    moves = run(climb, SEED_004, NINE + 15 * MINUTE, crew=Crew(lambda _step: False))
    assert [(move.why, move.step) for _, move in moves] == [(Why.NUDGE, None), (Why.IDLE, None)]
    assert climb.state == State.HELD


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("back_off: 2", "", "slows repeats down: write `repeat_every` beside it"),
        ("at_most: 4", "", "slows repeats down: write `repeat_every` beside it"),
        ("repeat_every: 15m, back_off: 0.5", "", "is not possible: write 1 or more"),
        ("repeat_every: 15m, at_most: 0", "", "is not possible: write 1 or more"),
        ("repeat_every: 15m, at_mots: 4", "", "did you mean `at_most`?"),
    ],
)
def test_the_plan_refuses_an_escalation_that_says_something_else_of_repeats(key, value, sentence):
    text = PLAN.replace("respond_within: 15m, repeat_every: 15m", f"respond_within: 15m, {key}{value}")
    checked = plans.check(text, "plan.yml", sections())
    assert sentence in str(checked.errors)


def test_the_plan_warns_of_repeats_at_a_step_that_is_not_the_last():
    text = PLAN.replace("notify: [lead], respond_within: 5m", "notify: [lead], respond_within: 5m, repeat_every: 5m")
    checked = plans.check(text, "plan.yml", sections())
    assert "only the last step is paged again" in "\n".join(checked.report())


async def test_the_climb_of_a_blocker_that_nobody_takes_repeats_less_and_less_and_ends_with_the_plan(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=25)
    for minutes, pages in ((15, 2), (19, 2), (1, 3), (59, 3), (1, 4), (120, 5), (600, 5)):
        await world.advance(minutes=minutes)
        assert world.dm("exec").count("mongo refuses TLS") == pages, minutes
    await world.until("2025-11-15 18:00")
    await world.advance(days=9)
    assert world.dm("exec").count("mongo refuses TLS") == 7
    world.channel("release").expect("*Release* is over", "Still open: blocker 1")
    assert "The plan is over, so nobody is paged any more" in world.card().shown
    world.thread(world.card()).expect("The plan is over", "It is still open")
    assert world.dm("exec").count("is still open: mongo refuses TLS. Nobody has it.") >= 1


async def test_a_page_of_a_repeat_says_what_is_new_since_the_last_one(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=26)
    await world.says("pb", "/blocker note 1 the vendor is on the phone")
    await world.advance(minutes=14)
    page = world.dm("exec").expect("New since", "the vendor is on the phone")
    await world.advance(minutes=20)
    assert world.dm("exec").expect("it is still unresolved", "New since", "nothing").ts != page.ts


async def test_the_plan_that_is_moved_lets_its_climbs_go_on(world):
    await world.until("2025-11-15 17:50")
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=12)
    assert "The plan is over" in world.card().shown
    world.apply(world.plan.replace("to: 2025-11-15 18:00", "to: 2025-11-16 18:00"))
    await world.advance(minutes=20)
    world.dm("amp").expect("everybody was paged")


async def test_a_plan_that_was_over_for_a_while_lets_its_climbs_go_on_where_they_stood_and_blames_no_outage(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=6)
    world.apply(world.plan.replace("to: 2025-11-15 18:00", "to: 2025-11-13 09:06"))
    await world.advance(minutes=30)
    world.dm("exec").expect_nothing("mongo")
    world.apply(world.plan)
    await world.advance(minutes=3)
    world.dm("exec").expect_nothing("mongo")
    await world.advance(minutes=3)
    assert world.dm("exec").count("mongo") == world.dm("amp").count("mongo") == world.dm("olga").count("mongo") == 1
    world.thread(world.card()).expect("Paged Executive")
    world.thread(world.card()).expect_nothing("not running")


async def test_a_blocker_that_somebody_raises_after_the_end_is_paged_for_a_day(world):
    await world.until("2025-11-15 19:00")
    await world.says("pa", "/blocker the smoke test fails")
    world.dm("olga").expect("the smoke test fails")
    await world.advance(days=3)
    assert world.dm("exec").count("the smoke test fails") <= 6
