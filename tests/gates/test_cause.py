"""A gate that is late only because another is: told with that one, once, and by itself when it has had its time."""

from __future__ import annotations

import pytest

from tests.gates.company import PLAN_WITH_GATES, company, validated

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

PLAN = PLAN_WITH_GATES.replace(
    "    sign_off: [{count: 2, of: [all leads], not: [assignees]}]\n",
    "    sign_off: [{count: 2, of: [all leads], not: [assignees]}]\n"
    "    if_missed: {say: The deployment slips, escalate: default, tell: [exec]}\n"
    "  handed-over:\n"
    "    name: Handed over\n"
    "    due: 2025-11-14 19:00\n"
    "    needs: [tested]\n"
    "    criteria: [All is written down]\n"
    "    if_missed: {escalate: default, tell: [exec]}\n",
)


@pytest.fixture
async def late(database_url):
    """The first gate was never signed; the evening of the second day, when two more are due because of it."""
    async with company(database_url, PLAN) as world:
        await world.advance(hours=8)
        await world.jump(hours=24)
        await world.advance(hours=2, minutes=1)
        yield world


async def test_the_cause_of_late_gates_is_told_with_them_and_nobody_is_paged_for_each(late):
    page = late.dm("olga").expect("Omega signs off", "Why you", "Also overdue because of it:", "Sigma signs off")
    assert "Sigma signs off and Handed over" in page.shown
    assert late.dm("exec").count("Missing:") == 1
    assert late.dm("exec").count("There is a newer message about it further down.") > 0
    for person in ("olga", "sara", "amp", "exec", "sc"):
        late.dm(person).expect_nothing("Sigma signs off (tested)")
        late.dm(person).expect_nothing("Handed over (handed-over)")
    assert late.row("gate", "tested").cause == late.row("gate", "handed-over").cause == "validated"
    late.channel("release").expect("(validated)", "Also overdue because of it: Sigma signs off, Handed over")
    shown = (await late.says("sara", "/gate show tested", channel="release")).text
    assert "because Omega signs off has not passed" in shown


@pytest.mark.both_databases
async def test_the_cause_being_gone_leaves_a_late_gate_the_time_that_the_plan_had_for_it(late):
    await validated(late)
    await late.settled()
    row = late.row("gate", "tested")
    assert (row.cause, row.expected_at - late.clock.now()) == ("", row.due_at - late.row("gate", "validated").due_at)
    assert late.row("gate", "handed-over").cause == "tested"
    assert "expected" in (await late.says("sara", "/gate show tested", channel="release")).text
    late.dm("olga").expect_nothing("Sigma signs off (tested)")


@pytest.mark.both_databases
async def test_the_cause_being_gone_a_gate_that_is_still_late_pages_for_itself(database_url):
    plan = PLAN.replace("to: 2025-11-15 18:00\n", "to: 2025-11-20 18:00\n")
    async with company(database_url, plan) as world:
        await world.advance(hours=8)
        await world.jump(hours=24)
        await world.advance(hours=1, minutes=1)
        await validated(world)
        await world.jump(hours=25)
        await world.advance(minutes=1)
        assert world.row("gate", "tested").expected_at is None
        assert len(world.entries("gate", "missed", "tested")) == 2
        world.dm("olga").expect("Sigma signs off (tested)", "Why you")


async def test_a_missed_gate_comes_due_once_for_each_person_as_page_or_as_news(database_url):
    plan = PLAN.replace("tell: [exec]}\n  tested", "tell: [olga, exec]}\n  tested")
    async with company(database_url, plan) as world:
        await world.advance(hours=8)
        assert world.dm("olga").count("Omega signs off", "verdue") == 1
        world.dm("exec").expect_nothing("Omega signs off")
        await world.advance(minutes=12)
        assert world.dm("exec").count("Omega signs off", "verdue") == 1
        world.dm("exec").expect("Omega signs off", "Why you")


async def test_a_missed_gate_comes_due_as_news_for_whoever_need_not_be_paged_any_more(database_url):
    plan = PLAN.replace("tell: [exec]}\n  tested", "tell: [olga, exec]}\n  tested")
    async with company(database_url, plan) as world:
        await world.advance(hours=8, minutes=2)
        await world.says("olga", "/gate ack validated", channel="release")
        await world.advance(minutes=12)
        assert world.dm("exec").count("Omega signs off", "verdue") == 1
        world.dm("exec").expect("*Omega signs off* is overdue")


async def test_a_gate_that_comes_due_pages_nobody_after_the_end_of_the_plan(database_url):
    async with company(database_url, PLAN) as world:
        await world.advance(hours=8)
        await world.jump(days=3)
        pages = world.dm("exec").count("Why you")
        await world.advance(hours=3)
        assert world.dm("exec").count("Why you") == pages


@pytest.mark.both_databases
async def test_a_gate_that_leaves_the_plan_pages_nobody_any_more(database_url):
    async with company(database_url, PLAN_WITH_GATES) as world:
        await world.advance(hours=8)
        text = world.plan.replace("needs: [validated]", "needs: []").replace("[validated, tested]", "[tested]")
        begin, end = text.index("  validated:\n"), text.index("  tested:\n")
        world.apply(text[:begin] + text[end:])
        await world.advance(minutes=30)
        world.dm("exec").expect_nothing("Why you")
