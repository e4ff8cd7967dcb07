"""`/plan set`, `unset` and `shift`: a running plan is changed by those who may, and changed back."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

DATABASES = ("sqlite",)  # plans and holds are tried on both


async def test_plan_changes_typed_with_set_are_marked_and_undone_with_unset(stage):
    answer = await stage.says("amp", "/plan set A-1 due 2025-11-13 16:00 because QA & co. are late")
    assert "task A-1: due 2025-11-13 14:00 -&gt; 2025-11-13 16:00" in answer.text
    assert answer.messages[0].buttons == ["Undo"]
    shown = (await stage.says("pb", "/plan show A-1")).text
    assert "due: 2025-11-13 16:00 (the file: 2025-11-13 14:00), <@UAMP>" in shown
    assert "because QA &amp; co. are late" in shown
    assert "what the plan file says again" in (await stage.says("amp", "/plan unset A-1 due")).text
    assert "the file:" not in (await stage.says("pb", "/plan show A-1")).text


async def test_plan_changes_typed_with_set_are_told_once_to_each_whom_they_concern(stage):
    await stage.says("amp", "/plan set A-1 due 2025-11-13 16:00 because QA is late")
    for person in ("pa", "olga"):
        stage.dm(person).expect("<@UAMP> changed the plan for you because QA is late", "due 2025-11-13 14:00")
        assert stage.dm(person).count("changed the plan for you") == 1
    for person in ("pb", "sara", "amp"):
        stage.dm(person).expect_nothing("changed the plan for you")
    await stage.says("olga", "/plan set A-1 assignee @pb")
    stage.dm("pa").expect("<@UOLGA> changed the plan for you", "assignee")
    stage.dm("pb").expect("<@UOLGA> changed the plan for you", "assignee")
    assert stage.dm("olga").count("changed the plan for you") == 1
    await stage.says("amp", "/plan set pa name Person Alpha")
    stage.dm("pa").expect("<@UAMP> changed the plan for you", "Person Alpha")
    await stage.says("amp", "/task assign A-2 <@UPB>", "omega")
    await stage.says("amp", "/plan set A-2 due 2025-11-14 11:00")
    stage.dm("pb").expect("<@UAMP> changed the plan for you", "A-2")


async def test_plan_changes_typed_with_set_take_mentions_ids_and_lists(stage):
    await stage.says("amp", "/plan set A-1 assignee @pb")
    assert "Person B (`pb`)" in (await stage.says("pb", "/plan show A-1")).text
    await stage.says("amp", "/plan set A-1 assignee [pa, @pb]")
    assert "Person A (`pa`), Person B (`pb`)" in (await stage.says("pb", "/plan show A-1")).text
    await stage.says("amp", "/plan set A-1 assignee nothing")
    assert "assignee" not in (await stage.says("pb", "/plan show A-2")).text


async def test_plan_changes_typed_with_set_move_a_date_of_the_plan_and_what_is_counted_from_it(stage):
    plan = stage.plan.replace("timezone: UTC", "timezone: UTC\ndates: {target: 2025-11-15 14:00}", 1)
    stage.apply(plan.replace("due: 2025-11-13 14:00", "due: target - 1d"))
    for typed, words in {
        "set target because so": "Type the new value too: `/plan set target VALUE because ...`",
        "set target soon": "`soon` is no moment, and no date of this plan; write it like 2026-03-25 08:00",
        "set target 2025-11-16 16:00 because the room is taken": "target",
    }.items():
        assert words in (await stage.says("amp", f"/plan {typed}")).text
    assert "2025-11-15 16:00" in (await stage.says("pa", "/task show A-1")).text
    assert (
        "Only <@UAMP> can change date `target`" in (await stage.says("olga", "/plan set target 2025-11-17 9:00")).text
    )
    told = stage.channel("release").expect("<@UAMP> changed a date of the plan because the room is taken:", "target")
    assert "2025-11-16 16:00" in told.shown
    assert "what the plan file says again" in (await stage.says("amp", "/plan unset target")).text
    assert "2025-11-14 14:00" in (await stage.says("pa", "/task show A-1")).text


async def test_plan_changes_by_a_lead_are_only_of_what_belongs_to_their_team(stage):
    assert "•" in (await stage.says("olga", "/plan set A-1 due 2025-11-13 15:00")).text
    refused = await stage.says("sara", "/plan set A-1 due 2025-11-13 17:00")
    assert "Only <@UOLGA> or <@UAMP> can change task `A-1`" in refused.text
    assert (
        "Only <@UAMP> can change gate `ready`"
        in (await stage.says("olga", "/plan set ready due 2025-11-14 13:00")).text
    )


async def test_a_planning_notice_tells_a_team_what_plan_set_changed_of_it(stage):
    await stage.says("amp", "/plan set omega about Ships Omega and Psi")
    told = stage.channel("omega").expect("what changed for you", "• Ships Omega and Psi", "• no longer: Ships Omega")
    assert "version" not in told.shown


async def test_a_planning_notice_tells_a_team_of_a_gate_that_was_moved_once_with_its_new_time(stage):
    await stage.says("amp", "/plan set ready due 2025-11-14 13:00")
    told = stage.channel("omega").expect("what changed for you", "What you sign").shown
    assert told.count("(`ready`)") == 1
    assert "no longer" not in told


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("set A-1 due 2025-11-31 10:00", "is no date"),
        ("set omega leed olga", "there is no such key here"),
        ("set A-1 due", "Type the new value too: `/plan set A-1 due VALUE because ...`"),
        ("set A-1 due because so", "Type the new value too"),
        ("set A-9 due 2025-11-13", "Nothing in this plan is called `A-9`"),
        ("set A-1 assignee nobody-there", "nobody-there"),
        ("set A-1 assignee @stranger", "is not in Release"),
        ("set A-1 due 2025-11-13 14:00", "It has this value already"),
        ("unset A-1 due", "Nothing was changed at"),
        ("unset A-1", "Type what of task `A-1` you mean, too"),
    ],
)
async def test_plan_changes_typed_with_set_that_are_impossible_are_refused_with_the_reason(stage, typed, words):
    assert words in (await stage.says("amp", f"/plan {typed}")).text


async def test_plan_changes_typed_with_shift_are_shown_first_and_made_on_a_click_once(stage):
    shown = await stage.says("amp", "/plan shift 1d because QA is late")
    assert "A-1" in shown.text
    assert "2025-11-14 14:00" in shown.text
    assert "2025-11-13 14:00" in (await stage.says("pa", "/plan show A-1")).text
    done = await stage.clicks("amp", "Move all of it", shown.messages[-1])
    assert "moved by 1d" in done.text
    undoing = await stage.clicks("amp", "Undo", done.messages[-1])
    assert "A shift by -1d moves" in undoing.text
    after = (await stage.says("pa", "/plan show A-1")).text
    assert "*due*: 2025-11-14 14:00" in after
    assert "because QA is late" in after
    again = await stage.clicks("amp", "Move all of it", shown.messages[-1])
    assert "has changed since this was shown" in again.text
    assert "*due*: 2025-11-14 14:00" in (await stage.says("pa", "/plan show A-1")).text


@pytest.mark.parametrize(
    ("person", "typed", "words"),
    [
        ("olga", "1d", "<@UAMP>"),
        ("amp", "soon", "is no shift"),
        ("amp", "2h", "write whole days, like 1d, 2w or -1d. Hours move one by one: `/plan set WHAT due 17:00`"),
        ("amp", "-90m because so", "`/run delay STEP 2h`"),
        ("amp", "", "`shift` needs the days."),
        ("amp", "0d", "whole days"),
        ("amp", "99999d", "is no shift"),
    ],
)
async def test_plan_changes_typed_with_shift_that_are_impossible_are_refused_with_the_reason(
    stage, person, typed, words
):
    assert words in (await stage.says(person, f"/plan shift {typed}")).text


async def test_plan_changes_of_a_shift_are_summed_up_where_there_are_many_of_a_kind(database_url):
    tasks = "".join(f"    C-{number}: {{title: Part {number}, due: 2025-11-14 12:00}}\n" for number in range(1, 9))
    plan = f"{PLAN}tasks:\n  - for: {{team: omega}}\n{tasks}"
    async with World(database_url, plan) as world:
        shown = (await world.says("amp", "/plan shift 1d", "omega")).text
        assert "• 8 tasks: C-1..C-8" in shown
        assert "C-1: due 2025" not in shown
