"""Retrospectives: when a phase is over people are asked once, and their lines become tasks and lessons."""

from __future__ import annotations

import pytest

from callboard.app import sections
from callboard.planfile.check import check
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

HOURS = 'working_hours: {days: mon-sun, hours: "09:00-18:00"}\n'
LOOKED_BACK = (
    PLAN.replace("to: 2025-11-15 18:00", "to: 2025-11-20 18:00")
    + HOURS
    + """\
retrospective: {who: [omega], lead: coordinator, within: 1d}
phases:
  build: {name: Build it, from: 2025-11-13 09:00, to: 2025-11-13 17:00}
  try: {name: Try it, from: 2025-11-14 09:00, to: 2025-11-15 17:00, needs: [ready]}
  show: {name: Show it, from: 2025-11-15 09:00, to: 2025-11-15 17:00}
  end: {name: End it, from: 2025-11-16 09:00, to: 2025-11-17 17:00,
        retrospective: {who: [sigma], anonymous: true, questions: [And now?]}}
gates:
  ready: {name: Ready, due: 2025-11-13 16:00, criteria: [Seen], sign_off: [{role: coordinator}]}
tasks:
  - for: {team: omega, phase: build}
    O-1: {title: Database, assignee: pa}
    O-2: {title: Sign-in, assignee: pb}
emergencies:
  1: {name: Critical, tell: [amp], freezes: [gates]}
"""
)
OVER = "2025-11-13 17:00"
SAID = {"q0": "pairing\n- the <new> log", "q1": "ask early", "q2": "test the rollback"}


@pytest.fixture
async def company(database_url):
    async with World(database_url, LOOKED_BACK) as world:
        yield world


async def answer(world, person, **said):
    """Click the button of the question, fill in the form, save."""
    asked = world.dm(person).expect("how was it?")
    await world.clicks(person, "Answer", asked)
    return await world.submits(person, said or SAID)


def card(world, name="Build it"):
    return world.channel("release").expect(f"Retrospective of {name}")


@pytest.mark.both_databases
async def test_a_retrospective_asks_everybody_once_reminds_once_and_closes_with_its_figures(company):
    await company.says("pa", "/task complete O-1")
    await company.says("pb", "/blocker raise mongo refuses every TLS connection")
    await company.advance(minutes=4)
    await company.says("olga", "/blocker resolve 1 a new certificate")
    await company.says("pb", "/plan away tomorrow")
    await company.until("2025-11-13 16:59")
    company.dm("pa").expect_nothing("how was it?")
    await company.until(OVER)
    for part in (
        "0 of 3 answered",
        "All tasks completed on schedule: 1 of 2 completed",
        "No answer yet",
        "Its gate passed on schedule: 0 of 1 passed in time, 1 late",
        "Blockers: 1, answered within 4",
    ):
        assert part in card(company).shown, part
    asked = company.dm("pa").expect("*Build it* is over: how was it?")
    for part in ("What went well?", "What should we do next time?", "with your name"):
        assert part in asked.shown
    assert await answer(company, "pa") == ""
    company.dm("pa").expect("you have answered")
    shown = card(company).shown
    for part in ("1 of 3 answered", "*1*  pairing  _Person A_", "*2*  the &lt;new&gt; log", "*4*  test the rollback"):
        assert part in shown, (part, shown)
    await company.until("2025-11-14 10:00")
    company.dm("olga").expect("Reminder: *Build it* is over")
    company.dm("pa").expect_nothing("Reminder")
    company.dm("pb").expect_nothing("Reminder")
    await company.until("2025-11-14 17:00")
    assert "closed" in card(company).shown
    assert "the retrospective closed" in company.dm("olga").expect("*Build it*: the").shown
    company.dm("amp").expect(
        "Retrospective of *Build it* closed: 1 of 3 answered. 4 of 4 lines are no task or lesson yet"
    )
    assert company.dm("sc").count("how was it?") == 0
    assert [entry.verb for entry in company.entries("retrospective")] == ["asked", "answered", "closed"]


@pytest.mark.both_databases
async def test_a_line_of_a_retrospective_becomes_a_task_and_a_lesson_by_a_click_or_by_words(company):
    await company.until(OVER)
    await answer(company, "pa")
    shown = card(company)
    await company.slack.click("olga", shown.channel, shown.ts, "retro.line", "Make it a task", block_id="line-4")
    await company.settled()
    task = company.row("task", "ACTION-1")
    assert (task.title, task.assignees, str(task.due_at.date())) == ("test the rollback", ["olga"], "2025-11-20")
    assert "ACTION-1 (Omega lead, due" in card(company).shown
    again = await company.says("pb", "/plan retro task 4")
    assert "Line 4 is already task ACTION-1" in again.text
    assert "Line 3 is task ACTION-2 now" in (await company.says("amp", "/plan retro task 3 <@UPB> by 2025-11-18")).text
    task = company.row("task", "ACTION-2")
    assert (task.title, task.assignees, str(task.due_at.date())) == ("ask early", ["pb"], "2025-11-18")
    assert "Line 1 is lesson 1 now." in (await company.says("olga", "/plan retro lesson 1")).text
    await company.says("sc", "/plan lessons")
    assert "1 pairing  _Build it, Person A" in company.slack.ephemerals("sc", "omega")[-1].shown
    await company.says("pb", "/task complete ACTION-2")
    assert "ACTION-2 (Person B, due" in card(company).shown
    assert "completed" in card(company).shown
    await company.says("pa", "/plan closing")
    company.dm("pa").expect("Build it, pairing, Person A")


async def test_a_retrospective_refuses_who_was_not_asked_and_what_it_does_not_understand(company):
    assert "No phase is over yet. I ask when one is: Build it, Try it" in (await company.says("pa", "/plan retro")).text
    await company.until(OVER)
    await answer(company, "pa")
    for who, typed, expected in (
        ("sc", "answer", "You were not asked about Build it."),
        ("sc", "task 1", "Only those who were asked can make tasks and lessons of this: ask <@UAMP>."),
        ("pa", "task", "Which line? `/plan retro` numbers them: `/plan retro task 12`"),
        ("pa", "task 99", "No retrospective of this plan has a line 99."),
        ("pa", "task 1 <@USTAN>", "<@USTAN> only follows Release"),
        ("pa", "task 1 nobdy", "Nobody in Release is called `nobdy`"),
        ("pa", "task 1 by 2025-11-01", "2025-11-01 is over."),
        ("pa", "task 1 by 2025-11-31", "2025-11-31"),
        ("pa", "biuld", "No retrospective is called `biuld`; did you mean `Build it`?"),
    ):
        assert expected in (await company.says(who, f"/plan retro {typed}")).text, typed
    assert "Write something" in await _refused(company, "pb", q0=" ")
    assert "500 in a line at most" in await _refused(company, "pb", q0="x" * 501)
    await company.until("2025-11-15 09:00")
    assert "This retrospective closed" in (await company.says("pb", "/plan retro answer build")).text


async def _refused(world, person, **said):
    """What the form says to an answer that does not fit."""
    await world.opens(person, "/plan retro answer")
    outcome = await world.slack.submit(person, said)
    return str(outcome.errors)


@pytest.mark.both_databases
async def test_an_answer_can_be_changed_while_it_is_open_and_keeps_what_became_a_task(company):
    await company.until(OVER)
    await answer(company, "pa")
    await company.says("pa", "/plan retro task 4")
    await company.opens("pa", "/plan retro answer build")
    assert "pairing\\nthe <new> log" in str(company.slack.views("pa")[-1].body)
    await company.submits("pa", {"q0": "pairing\nmore tea", "q1": "", "q2": ""})
    shown = card(company).shown
    assert "more tea" in shown
    assert "ask early" not in shown
    assert "test the rollback" in shown
    assert company.dm("pa").count("you have answered") == 1


async def test_a_retrospective_without_names_keeps_none(company):
    await company.until("2025-11-17 17:00")
    assert "without names" in company.dm("sc").expect("*End it* is over").shown
    await answer(company, "sc", q0="less meetings")
    assert "less meetings" in card(company, "End it").shown
    assert "Person C" not in card(company, "End it").shown
    assert "nobody can change them" in (await company.says("sc", "/plan retro answer")).text
    said = [entry for entry in company.entries("retrospective", "answered") if entry.said == "less meetings"]
    assert [entry.actor for entry in said] == ["callboard"]


@pytest.mark.both_databases
async def test_a_phase_that_is_done_early_is_asked_about_a_quarter_of_an_hour_later_and_never_again(company):
    await company.says("pa", "/task complete O-1")
    await company.says("pb", "/task complete O-2")
    await company.advance(minutes=16)
    company.dm("pa").expect_nothing("how was it?")  # its gate is open
    await company.says("pb", "/task reopen O-2 the log is missing")
    await company.says("amp", "/gate tick ready 1")
    await company.signs("amp", "ready")
    await company.advance(minutes=30)
    company.dm("pa").expect_nothing("how was it?")
    await company.says("pb", "/task complete O-2")
    await company.advance(minutes=14)
    company.dm("pa").expect_nothing("how was it?")
    await company.advance(minutes=2)
    company.dm("pa").expect("how was it?")
    await company.says("pb", "/task reopen O-2 the log is missing")
    await company.says("pb", "/task complete O-2")
    await company.until("2025-11-13 18:00")
    await company.says("amp", "/plan set build to 2025-11-14 12:00 because we need a day more")
    await company.until("2025-11-14 17:00")
    assert company.channel("release").count("Retrospective of Build it") == 1
    assert company.dm("pa").count("how was it?", "Reminder") + company.dm("pa").count("Retrospective") <= 1


async def test_phases_that_end_together_are_one_retrospective_and_one_on_hold_is_none(company):
    await company.says("amp", "/plan lift try because the gate is paperwork")
    await company.until("2025-11-15 17:00")
    card(company, "Try it and Show it")
    assert company.dm("pa").count("*Try it and Show it* is over") == 1
    await company.says("amp", "/plan retro show it")


async def test_a_phase_on_hold_at_its_end_has_not_taken_place(company):
    await company.until("2025-11-15 17:00")
    card(company, "Show it")
    await company.until("2025-11-16 09:00")
    await company.says("amp", "/plan lift try because the gate is paperwork")
    await company.until("2025-11-16 12:00")
    company.channel("release").expect_nothing("Retrospective of Try it")


@pytest.mark.both_databases
async def test_a_phase_that_ends_in_an_emergency_is_asked_about_when_that_is_over(company):
    await company.until("2025-11-13 16:30")
    await company.says("amp", "/emergency 1 the shop is down")
    await company.until("2025-11-13 17:30")
    company.dm("pa").expect_nothing("how was it?")
    await company.says("amp", "/emergency end 1 it is up again")
    await company.advance(minutes=1)
    company.dm("pa").expect("how was it?")


async def test_nobody_is_asked_at_night_or_while_away_and_free_days_do_not_count(database_url):
    plan = LOOKED_BACK.replace("mon-sun", "mon-fri").replace("to: 2025-11-13 17:00", "to: 2025-11-14 23:00")
    async with World(database_url, plan.replace("within: 1d", "within: 2d")) as world:
        await world.says("olga", "/plan away 2025-11-14..2025-11-21")
        await world.until("2025-11-16 20:00")
        world.dm("pa").expect_nothing("how was it?")
        assert "0 of 2 answered" in card(world).shown
        await world.until("2025-11-17 09:00")
        world.dm("pa").expect("how was it?")
        world.dm("olga").expect_nothing("how was it?")
        await world.until("2025-11-19 08:59")
        assert "open until" in card(world).shown
        await world.until("2025-11-19 09:00")
        assert "closed" in card(world).shown


async def test_phases_that_ended_before_the_plan_was_applied_are_not_asked_about(database_url):
    plan = LOOKED_BACK.replace("from: 2025-11-13 09:00", "from: 2025-11-12 09:00").replace(
        "to: 2025-11-13 17:00", "to: 2025-11-12 17:00"
    )
    async with World(database_url, plan) as world:
        await world.advance(minutes=30)
        world.channel("release").expect_nothing("Retrospective")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("retrospective: {who: [omgea]}", "retrospective.who[1]: nobody is called `omgea`"),
        ("retrospective: {within: 1m}", "people need some time to answer: write 15m to 30d, such as 2d"),
        ("retrospective: {phases: [biuld]}", "there is no phase `biuld`; did you mean `build`?"),
        ("retrospective: {questions: []}", "retrospective.questions"),
        ("retrospective: {asked: [omega]}", "retrospective.asked"),
    ],
)
def test_the_section_of_retrospectives_says_what_is_wrong(written, expected):
    text = LOOKED_BACK.replace("retrospective: {who: [omega], lead: coordinator, within: 1d}", written)
    found = [problem.sentence for problem in check(text, "plan.yml", sections()).problems]
    assert any(expected in sentence for sentence in found), found


def test_a_phase_says_whom_it_asks_itself():
    found = [problem.sentence for problem in check(LOOKED_BACK.replace("who: [sigma]", "who: [sgima]"), "plan.yml",
                                                   sections()).problems]  # fmt: skip
    assert any("phases.end.retrospective.who[1]: nobody is called `sgima`" in sentence for sentence in found), found
