"""Lessons and kudos that people write outside of minutes: kept, told, listed, withdrawn."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

HOURS = 'timezone: UTC\nworking_hours: {days: mon-fri, hours: "09:00-18:00"}\n'
RESTING = PLAN.replace("slack: UPB", 'slack: UPB, quiet: "20:00-08:30"').replace("timezone: UTC\n", HOURS)
PLANNED = (
    RESTING
    + """\
phases:
  build: {name: Build it, from: 2025-11-13 09:00, to: 2025-11-14 18:00}
reports:
  daily: {at: "18:00", to: ["#coordination"]}
"""
)


@pytest.fixture
async def company(database_url):
    async with World(database_url, PLANNED) as world:
        yield world


def shown(world, person):
    return world.slack.ephemerals(person, "omega")[-1].shown


async def test_remarks_of_lessons_are_about_a_team_a_phase_or_all_and_are_withdrawn_by_whoever_wrote_them(company):
    assert "Lesson 1 about Build it saved" in (await company.says("pa", "/plan lesson build it: ask early")).text
    assert "Lesson 2 about Omega saved" in (await company.says("stan", "/plan lesson omega: test, then ship")).text
    assert "Lesson 3 saved" in (await company.says("pb", "/plan lesson note: nothing is certain")).text
    await company.says("sc", "/plan lessons")
    for words in (
        "1 ask early  _Build it, Person A",
        "2 test, then ship  _Omega, Stakeholder",
        "3 note: nothing is certain",
    ):
        assert words in shown(company, "sc"), words
    assert (
        "Only <@USTAN> or <@UAMP> can withdraw lesson 2" in (await company.says("pa", "/plan lessons withdraw 2")).text
    )
    assert (await company.says("amp", "/plan lessons withdraw 2")).text == "Lesson 2 withdrawn."
    assert "already withdrawn" in (await company.says("stan", "/plan lessons withdraw 2")).text
    assert "There is no lesson 9 in Release." in (await company.says("stan", "/plan lessons withdraw 9")).text
    assert "Which one?" in (await company.says("stan", "/plan lessons withdraw")).text
    await company.says("sc", "/meeting lessons")
    assert "test, then ship" not in shown(company, "sc")
    assert [(entry.said, entry.facts["about"]) for entry in company.entries("lesson", "learned")] == [
        ("ask early", "build"), ("test, then ship", "omega"), ("note: nothing is certain", ""),
    ]  # fmt: skip
    assert "Write what was learned" in (await company.says("pa", "/plan lesson omega: ")).text
    assert "501 characters; 500 at most" in (await company.says("pa", f"/plan lesson {'x' * 501}")).text


async def test_remarks_that_give_kudos_are_told_and_named_in_the_report_of_the_evening(company):
    answer = await company.says("pa", "/plan kudos <@UPB> for the sign-in")
    assert "Kudos 1 saved. I'm telling <@UPB>" in answer.text
    company.dm("pb").expect("Kudos from <@UPA> in Release: the sign-in")
    assert "can't give kudos to yourself" in (await company.says("pa", "/plan kudos <@UPA> for me")).text
    assert "to your own team" in (await company.says("pa", "/plan kudos omega for us")).text
    assert "I'm telling Omega in their channel" in (await company.says("sc", "/plan kudos Omega for the <log>")).text
    company.channel("omega").expect("Kudos to Omega from <@USC> in Release: the")
    assert "is not in Release" in (await company.says("pa", "/plan kudos <@USTRANGER> for help")).text
    assert "Write what for" in (await company.says("pa", "/plan kudos <@UPB>")).text
    await company.says("stan", "/plan kudos sc because of the tests")
    assert "Only <@USTAN> or <@UAMP>" in (await company.says("sc", "/plan kudos withdraw 3")).text
    await company.says("stan", "/plan kudos withdraw 3")
    company.dm("sc").expect("<@USTAN> withdrew kudos")
    await company.says("olga", "/plan kudos")
    assert "1 *Person B*: the sign-in  _Person A" in shown(company, "olga")
    assert "because of the tests" not in shown(company, "olga")
    await company.until("2025-11-13 18:00")
    report = company.channel("release").expect(
        "Daily report", "*Kudos*", "Person B: the sign-in (Person A)", "Omega: the "
    )
    assert "because of the tests" not in report.shown
    await company.until("2025-11-14 18:00")
    assert company.channel("release").count("Person B: the sign-in") == 1


async def test_remarks_that_give_kudos_are_a_few_a_day_and_wait_for_the_morning(company):
    await company.until("2025-11-13 22:00")
    for place in range(5):
        answer = await company.says("pa", f"/plan kudos <@UPB> for reason {place}")
        assert "saved. I'll tell <@UPB> <!date" in answer.text
    assert "5 is the limit" in (await company.says("pa", "/plan kudos <@USC> for all")).text
    assert "saved" in (await company.says("pb", "/plan kudos <@UPA> for all")).text
    company.dm("pb").expect_nothing("reason")
    await company.until("2025-11-14 09:00")
    company.dm("pb").expect("reason 0")
    await company.until("2025-11-14 22:01")
    assert "saved" in (await company.says("pa", "/plan kudos <@USC> for all")).text
