"""A meeting from its reminder to the tasks that come of it."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MEETINGS = """\
tasks:
  - for: {team: omega}
    O-1: {title: Database, assignee: pa, due: 2025-11-13 10:00}
    O-2: {title: Sign-in, assignee: pb}
gates:
  validated: {name: Omega signs off, due: 2025-11-14 17:00, sign_off: [{lead_of: omega}]}
meetings:
  - {name: Planning, days: thu-fri, at: "11:00", lasts: 1h, lead: coordinator, who: [all leads], link: "https://meet.example.com/r",
     agenda: [{Progress: 10m}, Priorities, Dependencies and blockers, Gates ahead], outputs: [Assigned tasks]}
  - {name: Review, days: fri, at: "15:00", lasts: 30m, who: [everyone], agenda: [Demo, Retrospective],
     retrospective: true}
"""


@pytest.fixture
async def meeting(database_url):
    """Nine o'clock; the planning is at eleven, led by Amp."""
    async with World(database_url, PLAN + MEETINGS) as world:
        yield world


async def writes_down(world, person="amp", **values):
    await world.clicks(person, "Write the minutes", "Planning")
    await world.opened(person)
    outcome = await world.slack.submit(person, values)
    await world.settled()
    return outcome


async def test_the_message_of_a_meeting_shows_an_agenda_of_tasks_blockers_and_gates(meeting):
    await meeting.says("pb", "/task complete O-2")
    await meeting.says("sc", "/blocker the registry is closed")
    await meeting.until("2025-11-13 10:44")
    meeting.channel("release").expect_nothing("Planning")
    await meeting.until("2025-11-13 10:45")
    card = meeting.channel("release").expect("*Planning*", "led by Amp", "Join")
    parts = (
        "*Progress* (10m)\n50%, 1 of 2 tasks completed; 1 in the last 7 days: O-2",
        "*Priorities*\n:warning: O-1 Database (Person A): not started",
        "*Dependencies and blockers*\n:octagonal_sign: blocker 1: the registry is closed (nobody has it)",
        "*Gates ahead*\nOmega signs off: ready",
        "Expected results: Assigned tasks",
        "<@UOLGA> <@USARA>",
    )
    for words in parts:
        assert words in card.shown, words
    meeting.dm("olga").expect_nothing("Planning")


async def test_typed_meeting_show_of_a_meeting_to_come_says_when_it_is_and_what_it_is_about(meeting):
    said = (await meeting.says("olga", "/meeting show Review")).text
    for words in ("*Review*", "• Demo", "I announce it 15 minutes before it begins"):
        assert words in said
    assert "Review was not announced yet" in (await meeting.says("olga", "/meeting record Review")).text
    assert "did you mean `Review`" in (await meeting.says("olga", "/meeting show Reveiw")).text


async def test_the_meeting_service_makes_tasks_of_the_actions_in_the_minutes(meeting):
    await meeting.until("2025-11-13 12:00")
    assert meeting.dm("amp").count("*Planning* is over") == 1
    assert meeting.dm("olga").count("*Planning*") == 0
    assert (
        await writes_down(
            meeting,
            **{
                "Decided": "- Ship on Saturday\n- No new features",
                "To do": "Person B: rotate the certificate, by 2025-11-14\n<@USC>: tell the vendor\nWrite the runbook",
                "Learned": "Ask the vendor a week ahead",
                "Notes": "All were there",
            },
        )
    ).ok
    card = meeting.channel("release").expect("*Planning*", "minutes by Amp", "• No new features", "All were there")
    assert "• ACTION-1 rotate the certificate (Person B, due" in card.shown
    assert "• ACTION-2 tell the vendor (Person C): not started" in card.shown
    assert "• ACTION-3 Write the runbook (nobody yet): not started" in card.shown
    assert meeting.channel("release").count("*Planning*") == 1
    await meeting.says("pb", "/task complete ACTION-1")
    meeting.channel("release").expect("ACTION-1 rotate the certificate", "completed")
    await meeting.says("pb", "/meeting lessons")
    assert "Ask the vendor a week ahead" in meeting.slack.ephemerals("pb", "omega")[-1].shown
    await meeting.until("2025-11-13 18:00")
    assert meeting.dm("amp").count("*Planning*") == 1


@sqlite
async def test_the_meeting_service_adds_no_action_again_when_the_minutes_change(meeting):
    await meeting.until("2025-11-13 12:00")
    assert (await writes_down(meeting, **{"Decided": "Ship", "To do": "Write the runbook"})).ok
    await meeting.clicks("amp", "Change the minutes", "Planning")
    form = await meeting.opened("amp")
    assert "Ship" in str(form.body)
    assert "ACTION-1" in str(form.body)
    assert (await meeting.slack.submit("amp", {"Decided": "Ship on Sunday", "To do": ""})).ok
    await meeting.settled()
    card = meeting.channel("release").expect("• Ship on Sunday", "• ACTION-1 Write the runbook")
    assert "ACTION-2" not in card.shown


@sqlite
async def test_the_meeting_service_takes_minutes_only_from_those_who_take_part(meeting):
    await meeting.until("2025-11-13 12:00")
    outcome = await writes_down(meeting, **{"To do": "<@USTRANGER>: do it"})
    assert "name somebody of the plan" in outcome.view.shown
    await meeting.says("pa", "/meeting record Planning")
    assert "Only people who take part can write the minutes" in meeting.slack.ephemerals("pa", "omega")[-1].shown


@sqlite
async def test_the_form_for_minutes_may_be_sent_empty_as_it_says(meeting):
    await meeting.until("2025-11-13 12:00")
    assert (await writes_down(meeting)).ok
    meeting.channel("release").expect("Nothing decided")
    assert meeting.entries("meeting", "recorded")[0].said is None


@sqlite
async def test_the_agenda_of_a_meeting_calls_nothing_late_that_is_only_coming(database_url):
    plan = PLAN + MEETINGS.replace("Priorities, ", "").replace("2025-11-13 10:00", "2025-11-14 10:00")
    async with World(database_url, plan) as world:
        await world.until("2025-11-13 10:45")
        card = world.channel("release").expect("*Due soon*\nDue within a week: O-1")
        assert "*Late*" not in card.shown


@sqlite
async def test_the_form_for_minutes_takes_none_for_nothing_and_makes_no_task_of_it(meeting):
    await meeting.until("2025-11-13 12:00")
    said = {"Decided": "none", "To do": "- None", "Learned": "n/a"}
    assert (await writes_down(meeting, **said)).ok
    assert "ACTION" not in meeting.channel("release").expect("minutes by", "Nothing decided").shown
    assert "There is no task `ACTION-1`" in (await meeting.says("amp", "/task show ACTION-1")).text


@sqlite
async def test_the_form_for_minutes_of_a_retrospective_meeting_asks_what_went_well(meeting):
    await meeting.until("2025-11-13 12:00")
    assert (await writes_down(meeting, Learned="Ask early")).ok
    await meeting.until("2025-11-14 14:45")
    assert meeting.channel("release").count("*Planning*") == 2
    card = meeting.channel("release").expect("*Review*", "*Retrospective*\nAsk early")
    assert "<@UPA>" in card.shown
    await meeting.says("pa", "/meeting record Review")
    form = await meeting.opened("pa")
    assert "What went well, what could be better?" in str(form.body)


@sqlite
async def test_a_meeting_that_came_due_in_an_outage_and_is_over_is_not_announced(meeting):
    await meeting.jump(hours=4)
    meeting.channel("release").expect_nothing("Planning")
    await meeting.jump(hours=22, minutes=20)
    meeting.channel("release").expect("*Planning*", "*Gates ahead*")


@sqlite
async def test_a_meeting_whose_minutes_nobody_writes_is_asked_about_three_times_and_then_no_more(database_url):
    daily = (
        'meetings:\n  - {name: Review, days: mon-sun, at: "10:00", lasts: 30m, lead: coordinator, who: [everyone]}\n'
    )
    plan = PLAN.replace("to: 2025-11-15 18:00", "to: 2025-11-25 18:00") + daily
    async with World(database_url, plan) as world:
        for day, asked in ((13, 1), (14, 2), (15, 3), (16, 3), (17, 3)):
            await world.until(f"2025-11-{day} 10:45")
            assert world.dm("amp").count("*Review* is over.") == asked, day
        assert world.dm("amp").count("I stop asking until somebody does: `/meeting record`") == 1
        await world.says("amp", "/meeting record Review")
        await world.submits("amp", {"Decided": "We go"})
        await world.until("2025-11-18 10:45")
        assert world.dm("amp").count("*Review* is over.") == 4


@sqlite
async def test_a_meeting_whose_lead_is_away_asks_who_stands_in_for_the_minutes(database_url):
    plan = PLAN.replace("roles: [coordinator]}", "roles: [coordinator], deputies: [sara]}") + MEETINGS
    async with World(database_url, plan) as world:
        await world.says("amp", "/plan away today")
        await world.until("2025-11-13 12:05")
        world.dm("sara").expect("*Planning* is over.")
        world.dm("amp").expect_nothing("is over")
