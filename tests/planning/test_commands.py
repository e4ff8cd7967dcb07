"""`/plan` in Slack: what runs, who is who, test pages, absences, looking into a plan, and lifting a hold."""

from __future__ import annotations

import pytest

from tests.planning.conftest import BRIEFED
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # words and rights

# What is only read or said is the same on every database.
words = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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
        ("", ["`show` needs a few words.", "`/plan show backend`"]),
    ],
)
async def test_the_lookup_of_plan_show_finds_anything_in_the_plan(stage, typed, words):
    answer = await stage.says("pb", f"/plan show {typed}")
    for word in words:
        assert word in answer.text


async def test_the_lookup_of_plan_show_fits_hundreds_of_lines_into_paragraphs(database_url):
    briefs = ", ".join(f'"{n} {"long and winding " * 30}"' for n in range(400))
    async with World(database_url, BRIEFED.replace('["If blocked, escalate at once"]', f"[{briefs}]")) as world:
        answer = await world.says("pa", "/plan show omega")
    assert "more lines" in answer.text


async def test_typed_plan_versions_says_who_changed_what_and_why(stage):
    stage.apply(BRIEFED.replace("name: Release", "name: Release 2"))
    answer = await stage.says("pa", "/plan versions")
    assert answer.text.index("*Version 2*") < answer.text.index("*Version 1*")
    assert "• name: Release -&gt; Release 2" in answer.text
    assert "a new plan: Release" in answer.text


async def test_typed_plan_versions_lists_every_change_of_the_running_plan(stage):
    await stage.says("olga", "/plan set A-1 due 2025-11-13 16:00 because QA is late")
    await stage.says("amp", "/plan unset A-1 due because QA is not late")
    shown = await stage.says("amp", "/plan shift 1d because of the holiday")
    await stage.clicks("amp", "Move all of it", shown.messages[-1])
    said = (await stage.says("pa", "/plan versions")).text.replace("&gt;", ">")
    parts = ("because of the holiday", "by <@UAMP> because QA is not late", "by <@UOLGA> because QA is late",
             "task A-1: due 2025-11-13 14:00 -> 2025-11-13 16:00", "*Version 1*")  # fmt: skip
    places = [said.index(part) for part in parts]
    assert places == sorted(places)


async def test_typed_plan_versions_shows_the_earliest_change_on_its_last_page(stage):
    for number in range(20):
        stage.apply(BRIEFED.replace("name: Release", f"name: Release {number}"))
    first = await stage.says("pa", "/plan versions")
    assert "Earlier changes: `/plan versions 2`" in first.text
    assert "a new plan: Release" not in first.text
    assert "a new plan: Release" in (await stage.says("pa", "/plan versions 2")).text
    assert "has 21 changes, 20 on a page" in (await stage.says("pa", "/plan versions 3")).text


async def test_the_calendar_feed_answers_with_only_what_the_asker_takes_part_in(stage):
    answer = await stage.says("pa", "/plan calendar")
    assert "Schema validated" in answer.text
    assert "can no longer be read" in (await stage.says("pa", "/plan calendar stop")).text


async def test_typed_plan_lift_ends_a_hold_for_the_coordinator_alone_and_tells_the_reason(stage):
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


async def test_the_planning_message_of_what_runs_lists_what_waits(stage):
    shown = (await stage.says("pa", "/plan")).text
    assert "*Teams on hold*\n• Sigma waits for All ready" in shown
    assert "*Gates*\n• All ready (gate), <!date" in shown
    assert "*For you*\n• Schema validated" in shown
    assert "Your tasks: `/task mine`" in shown


async def test_the_planning_message_of_what_runs_says_that_all_is_well(world):
    answer = await world.says("pa", "/plan")
    for words in ("*Release* (`release`), version 1", "8 people in Omega and Sigma", "Coordinated by <@UAMP>"):
        assert words in answer.text
    assert "Everybody can be reached" in answer.text


async def test_the_planning_message_of_people_lists_everybody_by_team(world):
    answer = await world.says("pa", "/plan people")
    for words in ("*Omega*", "Omega lead (<@UOLGA>), leads Omega, 09:00 there", "Amp (<@UAMP>), Coordinator"):
        assert words in answer.text


async def test_the_planning_service_sends_a_test_page_to_whoever_asks(world):
    answer = await world.says("pa", "/plan test")
    assert "on its way to you" in answer.text
    page = world.dm("pa").expect("test page", "You asked for it")
    clicked = await world.clicks("pa", "Confirm", page)
    assert "It works" in clicked.text


async def test_the_planning_service_tells_a_lead_once_that_a_test_page_arrived(world):
    await world.says("olga", "/plan test @pb")
    page = world.dm("pb").expect("<@UOLGA> asked for it")
    await world.clicks("pb", "Confirm", page)
    await world.clicks("pb", "Confirm", page)
    assert world.dm("olga").count("<@UPB> got the test page") == 1


async def test_the_planning_service_refuses_members_a_test_page_to_others(world):
    answer = await world.says("pa", "/plan test @pb")
    assert "Only leads and coordinators" in answer.text
    assert len(world.dm("pb")) == 0


async def test_typed_plan_away_names_a_stand_in_until_plan_back(world):
    answer = await world.says("olga", "/plan away today")
    assert "You are away 2025-11-13. I page <@UPA> instead." in answer.text
    await world.says("pb", "/blocker mongo refuses TLS")
    world.dm("pa").expect("mongo refuses TLS")
    world.dm("olga").expect_nothing("mongo")
    assert "<@UOLGA> is away (2025-11-13); <@UPA> stands in" in (await world.says("pb", "/plan")).text
    assert "*away* 2025-11-13, <@UPA> stands in" in (await world.says("pb", "/plan who")).text
    assert "Absence on 2025-11-13 removed." in (await world.says("olga", "/plan back")).text


@words
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/plan away 2025-11-14..15", "You are away 2025-11-14..2025-11-15"),
        ("/plan away until 2025-11-14", "You are away 2025-11-13..2025-11-14"),
        ("/plan away tomorrow", "You are away 2025-11-14"),
        ("/plan away 2025-11-01", "is over"),
        ("/plan away 2025-02-30", "is no date"),
        ("/plan away", "2026-03-30..31"),
        ("/plan away whenever", "away"),
        ("/plan awya tomorrow", "away tomorrow"),
        ("/plan back", "No absence of yours is noted"),
        ("/plan away tomorrow @stranger", "is not in Release"),
        ("/plan away tomorrow @olga", "Only <@UOLGA> or <@UAMP> can say when <@UOLGA> is away"),
        ("/plan help", "send a test page"),
    ],
)
async def test_days_of_absence_are_read_by_teams_in_slack_as_people_type_them(world, typed, words):
    assert words in (await world.says("sc", typed)).text


async def test_the_planning_message_of_what_runs_names_unknown_people_and_missing_channels(database_url):
    plan = PLAN.replace("slack: UPB}", "email: pb@nowhere.example}").replace("slack: USC}", "vacant: true}")
    plan = plan.replace('channel: "#sigma"', 'channel: "#sigma-private"')
    async with World(database_url, plan) as world:
        shown = (await world.says("pa", "/plan")).text
    assert "Not found in Slack: Person B" in shown
    assert "Vacant: Person C" in shown
    assert "I can't find" in shown
    assert "#sigma-private" in shown


@words
async def test_the_rights_of_teams_name_to_a_stranger_who_can_add_them(world):
    assert "<@UAMP> can change that" in (await world.says("stranger", "/plan")).text
