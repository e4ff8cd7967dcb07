"""A plan changes while everything is under way: nothing is lost, and each whom it concerns hears of it once."""

from __future__ import annotations

import pytest

from tests.planning.moving import WITHOUT_PB, changed, moving, under_way

DATABASES = ("sqlite",)


@pytest.fixture
async def world(database_url):
    async with moving(database_url) as world:
        await under_way(world)
        yield world


async def applied(world, text):
    world.apply(text)
    await world.settled()


@pytest.mark.both_databases
async def test_whoever_a_new_version_gives_a_task_takes_it_from_or_moves_it_for_reads_that_once(world):
    await applied(world, changed(("assignee: pb", "assignee: pa"), ("due: 2025-11-14 12:00", "due: 2025-11-14 10:00")))
    world.dm("pa").expect("changed the plan. What changed for you:", "*O-1* Database validated is yours now, due")
    world.dm("pb").expect(
        "changed the plan. What changed for you:", "*O-1* Database validated is no longer yours: <@UPA> has"
    )
    await applied(world, changed(("assignee: pb", "assignee: pa"), ("due: 2025-11-13 16:00", "due: 2025-11-13 14:00")))
    world.dm("pa").expect("*O-1* Database validated is due", "2025-11-13 14:00 UTC", "not", "16:00 UTC")
    assert world.dm("pa").count("What changed for you") == 2
    assert world.dm("pb").count("What changed for you") == 1
    for person in ("olga", "sara", "sc", "amp"):
        world.dm(person).expect_nothing("What changed for you")


@pytest.mark.both_databases
async def test_nobody_has_the_tasks_of_somebody_who_leaves_the_plan_and_their_lead_hears_it(world):
    await world.says("olga", "/task assign O-2 <@UPB>")
    await applied(world, changed(*WITHOUT_PB))
    world.dm("olga").expect("*O-2* Sign-in validated has nobody now: Person B left the plan.")
    assert world.row("task", "O-2").assignees == []
    assert "Person B had it and has left the plan." in (await world.says("pa", "/task show O-2")).text


@pytest.mark.both_databases
async def test_somebody_leaves_the_plan_who_leads_a_step_is_on_call_and_has_a_lock_and_each_heir_hears_it(world):
    await applied(world, changed(*WITHOUT_PB))
    assert world.dm("amp").count("You lead *Open the gate* now (Cast-off)") == 1
    assert world.dm("pa").count("You are on call for Omega") == 1
    world.channel("omega").expect("*Lock 1*", "Person B has left the plan", "can break it")
    world.channel("omega").expect("*Blocker 2*", "Nobody has it yet")
    told = world.dm("pb").expect("changed who may do what in *Release*", "person pb has left the plan")
    assert "slack" not in told.shown
    world.apply(changed(*WITHOUT_PB) + "\n# the same\n")
    await world.settled()
    assert world.dm("amp").count("You lead *Open the gate* now (Cast-off)") == 1
    assert world.dm("pa").count("You are on call for Omega") == 1
    assert "Open the gate is done" in (await world.says("amp", "/run done open-the-gate", "release")).text


async def test_a_turn_on_call_that_a_new_version_gives_to_somebody_else_is_told_to_both(world):
    await applied(world, changed(("rotation: [pb, pa]", "rotation: [pa, pb]")))
    world.dm("pa").expect("You are on call for Omega", "You take over from <@UPB>")
    world.dm("pb").expect("on call")


@pytest.mark.both_databases
async def test_the_card_of_a_gate_that_leaves_the_plan_says_so_and_comes_back_with_it(world):
    await applied(world, changed(("  ready:\n    name: All ready", "  set:\n    name: All set")))
    card = world.channel("release").expect("*All ready (ready)* has left the plan.")
    assert card.buttons == []
    await applied(world, changed())
    world.channel("release").expect("*All ready (ready)*", "2 of 2 met", "signed by <@UOLGA>")
    assert not world.verified()


async def test_a_signature_that_a_new_version_ends_is_void_with_what_was_reworded(world):
    await applied(world, changed(("criteria: [Seen,", "criteria: [Seen by two,")))
    world.dm("olga").expect(
        "*All ready* is void", "Seen: no longer asked for", "Seen by two: asked for since you signed"
    )


async def test_a_checkpoint_and_a_prompt_that_a_new_version_puts_into_the_past_come_late_and_blame_nobody(world):
    await applied(world, changed(("at: 2025-11-13 12:00", "at: 2025-11-13 09:05")))
    late = world.channel("omega").expect("*Noon*", "Checked late")
    assert "offline" not in late.shown


@pytest.mark.both_databases
async def test_what_is_undone_before_it_was_told_is_told_to_nobody(world):
    given = (("assignee: pb", "assignee: pa"), ("due: 2025-11-14 12:00", "due: 2025-11-14 10:00"))
    await world.until("2025-11-13 22:00")
    await applied(world, changed(*given))
    await applied(world, changed())
    await world.until("2025-11-14 09:10")
    for person in ("pa", "pb"):
        world.dm(person).expect_nothing("What changed for you")


async def test_what_is_undone_after_it_was_told_is_told_too(world):
    await applied(world, changed(("assignee: pb", "assignee: pa")))
    await applied(world, changed())
    world.dm("pa").expect("*O-1* Database validated is no longer yours: <@UPB> has it.")
    world.dm("pb").expect("*O-1* Database validated is yours now")


async def test_what_is_changed_twice_before_it_was_told_is_told_as_it_is(world):
    await world.until("2025-11-13 22:00")
    await applied(world, changed(("due: 2025-11-13 16:00", "due: 2025-11-14 14:00")))
    await applied(world, changed(("due: 2025-11-13 16:00", "due: 2025-11-14 17:00")))
    await world.until("2025-11-14 09:10")
    assert world.dm("pb").count("What changed for you") == 1
    world.dm("pb").expect("*O-1* Database validated is due", "2025-11-14 17:00 UTC", "not", "2025-11-13 16:00 UTC")


MISSED = (
    ("due: 2025-11-13 15:00", "due: 2025-11-13 09:20"),
    ("{person: lone}]\n", "{person: lone}]\n    if_missed: {escalate: default}\n"),
)


@pytest.mark.both_databases
async def test_a_late_gate_that_leaves_the_plan_pages_nobody_and_pages_on_where_it_stood_once_it_is_back(world):
    await applied(world, changed(*MISSED))
    await world.until("2025-11-13 09:26")
    assert world.dm("amp").count("All ready", "Overdue") == 1
    renamed = ("  ready:\n    name: All ready", "  set:\n    name: All set")
    await applied(world, changed(*MISSED, renamed, ("due: 2025-11-13 09:20", "due: 2025-11-13 15:00")))
    world.dm("amp").expect_nothing("Next:", "All ready")
    await world.until("2025-11-13 09:36")
    world.dm("exec").expect_nothing("All ready")
    await applied(world, changed(*MISSED))
    await world.until("2025-11-13 09:39")
    world.dm("exec").expect_nothing("All ready")
    await world.until("2025-11-13 09:41")
    assert world.dm("exec").count("All ready", "Overdue") == world.dm("amp").count("All ready", "Overdue") == 1


@pytest.mark.both_databases
async def test_a_gate_that_a_new_version_makes_due_in_the_past_is_missed_now_and_pages(world):
    _, escalates = MISSED
    await applied(world, changed(escalates))
    await applied(world, changed(escalates, ("due: 2025-11-13 15:00", "due: 2025-11-13 09:10")))
    assert world.dm("lone").count("All ready", "overdue") == 1
    assert world.dm("amp").count("All ready", "Overdue", "I page <@UEXEC>") == 1
    await world.advance(minutes=10)
    world.apply(changed(escalates, ("due: 2025-11-13 15:00", "due: 2025-11-13 09:10")) + "\n# the same\n")
    await world.advance(minutes=1)
    assert world.dm("exec").count("All ready", "Overdue") == world.dm("amp").count("All ready", "Overdue") == 1


DAILY = '  - {name: Daily, days: mon-fri, at: "09:30", who: [everyone], window: 60m, channel: coordination}\n'


@pytest.mark.both_databases
async def test_a_standup_that_leaves_the_plan_in_the_middle_blames_nobody_and_goes_on_where_it_is_back(world):
    await world.until("2025-11-13 09:40")
    world.dm("pa").expect("*Daily*: what is new?")
    await applied(world, changed(("standups:\n" + DAILY, "")))
    spared = world.dm("pa").expect("*Daily*", "no report needed, because the plan no longer asks you")
    assert spared.buttons == []
    await applied(world, changed())
    assert "Fill in" in str(world.dm("pa").expect("*Daily*: what is new?").shown)
    assert world.dm("pa").count("*Daily*") == 1
    await applied(world, changed(("standups:\n" + DAILY, "")))
    await world.until("2025-11-13 11:00")
    world.channel("release").expect_nothing("*Daily*")
    assert [entry.verb for entry in world.entries("check-in")].count("missed") == 0


async def test_whom_a_standup_no_longer_asks_in_the_middle_of_a_round_has_missed_nothing(world):
    await world.until("2025-11-13 09:40")
    await applied(world, changed(("who: [everyone], window", "who: [sigma], window")))
    await world.until("2025-11-13 10:31")
    digest = world.channel("release").expect("*Daily*", "0 of 2 reported")
    assert "Person A" not in digest.shown
    world.dm("pa").expect("*Daily*", "the plan no longer asks you")


CHECKPOINTS = """checkpoints:
  - {name: Noon, team: omega, at: 2025-11-13 12:00, expects: {O-1: 50%}}
"""
NOON = ("expects: {O-1: 50%}}", "expects: {O-1: 50%}, window: 30m, escalate: default}")


@pytest.mark.both_databases
async def test_a_question_of_a_checkpoint_that_moves_or_leaves_pages_nobody_and_goes_on_where_it_is_back(world):
    await world.until("2025-11-13 12:05")
    await applied(world, changed(NOON, ("at: 2025-11-13 12:00", "at: 2025-11-13 16:00")))
    off = world.dm("olga").expect("*Noon*", "the plan changed. You need not answer.")
    assert off.buttons == []
    await world.until("2025-11-13 12:40")
    for person in ("olga", "amp", "exec"):
        world.dm(person).expect_nothing("*Noon*", "did not answer")
    await applied(world, changed(NOON))
    world.dm("olga").expect("*Noon*", "did not answer by")
    await world.until("2025-11-13 12:46")
    assert world.dm("amp").count("*Noon*", "did not answer") == 1
    await applied(world, changed((CHECKPOINTS, "")))
    world.dm("amp").expect("*Noon*", "called off: the plan changed")
    await world.until("2025-11-13 12:55")
    world.dm("exec").expect_nothing("*Noon*")
    await applied(world, changed(NOON))
    await world.until("2025-11-13 13:02")
    assert world.dm("exec").count("*Noon*", "did not answer") == world.dm("amp").count("*Noon*", "did not answer") == 1


async def test_whoever_comes_into_the_plan_or_is_back_in_it_reads_what_they_may_do(world):
    leaves = (
        ("  sara: {name: Sigma lead, slack: USARA}\n", ""),
        ("lead: sara, members: [sc]", "lead: sc, members: []"),
    )
    await applied(world, changed(*leaves))
    world.dm("sara").expect("person sara has left the plan")
    await applied(world, changed())
    world.dm("sara").expect("person sara is in the plan now", "team sigma: lead: sc -&gt; sara")
    new = "people:\n  str: {name: Stranger, slack: USTRANGER, roles: [coordinator]}\n"
    await applied(world, changed(("people:\n", new)))
    world.dm("stranger").expect("person str is in the plan now", "person str: roles: nothing -&gt; coordinator")
