"""`/plan show`, `versions`, `calendar` and `lift`: looking into a plan, and letting something go on."""

from __future__ import annotations

import pytest

from tests.planning.test_briefs import BRIEFED
from tests.world import World


@pytest.fixture
async def stage(database_url):
    async with World(database_url, BRIEFED) as world:
        yield world


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("A-1", ["*Schema validated* (task `A-1`)", "*due*: 2025-11-13 14:00", "Person A (`pa`)", "*Next*: <!date^"]),
        ("a-1", ["task `A-1`"]),
        ("schema validated", ["task `A-1`"]),
        ("sigma", ["*Sigma* (team `sigma`)", "On hold since", "All ready (`ready`)", "Led by <@USARA>", "`/web/**`"]),
        ("pa", ["*Person A* (person `pa`)", "*In*: Omega", "*Tasks*: Schema validated (`A-1`)"]),
        ("ready", ["*All ready* (gate `ready`)", "*due*: 2025-11-14 12:00", "Waits for this*: Sigma"]),
        ("first-checkpoint", ["*First checkpoint* (checkpoint `first-checkpoint`)", "A-1: 50%"]),
        ("default", ["(policy `default`)", "*idle after*: 15m"]),
        ("A-9", ["Nothing in this plan is called `A-9`", "did you mean"]),
        ("<&>", ["Nothing in this plan is called"]),
        ("", ["show WHAT"]),
    ],
)
async def test_plan_show_says_what_the_plan_says_of_anything_in_it(stage, typed, words):
    answer = await stage.says("pb", f"/plan show {typed}")
    for word in words:
        assert word in answer.text


async def test_a_plan_of_hundreds_of_lines_is_shown_in_as_many_paragraphs_as_fit(database_url):
    briefs = ", ".join(f'"{n} {"long and winding " * 30}"' for n in range(400))
    async with World(database_url, BRIEFED.replace('["If blocked, escalate at once"]', f"[{briefs}]")) as world:
        answer = await world.says("pa", "/plan show omega")
    assert "more lines" in answer.text


async def test_plan_versions_says_who_changed_what_and_why(stage):
    stage.apply(BRIEFED.replace("name: Release", "name: Release 2"))
    answer = await stage.says("pa", "/plan versions")
    assert answer.text.index("*Version 2*") < answer.text.index("*Version 1*")
    assert "• name: Release -&gt; Release 2" in answer.text
    assert "a new plan: Release" in answer.text


async def test_plan_calendar_is_ones_own(stage):
    answer = await stage.says("pa", "/plan calendar")
    assert "Schema validated" in answer.text
    assert "can no longer be read" in (await stage.says("pa", "/plan calendar stop")).text


async def test_only_the_coordinator_lifts_a_hold_with_a_reason_and_everybody_hears_of_it(stage):
    assert "<@UAMP>" in (await stage.says("sara", "/plan lift sigma because we are ready")).text
    assert "Say why" in (await stage.says("amp", "/plan lift sigma")).text
    assert "did you mean `sigma`" in (await stage.says("amp", "/plan lift sgima because so")).text
    answer = await stage.says("amp", "/plan lift sigma because Q&A is only paperwork")
    assert "Sigma (`sigma`) can go on without All ready (`ready`)" in answer.text
    stage.channel("sigma").expect(
        "Sigma (`sigma`) can go on without All ready", "<@UAMP> lifted the hold, because Q&amp;A is only paperwork"
    )
    stage.channel("release").expect("<@UAMP> lifted the hold")
    stage.channel("sigma").expect("Led by <@USARA>")
    assert "is not on hold" in (await stage.says("amp", "/plan lift sigma because again")).text


async def test_what_is_on_hold_is_in_plan(stage):
    assert "• `sigma` waits for `ready`" in (await stage.says("pa", "/plan")).text
