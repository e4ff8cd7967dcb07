"""A checkpoint from its moment to the answer: what holds, what does not, who is asked, and the climb of silence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from callboard.checkpoints import service
from callboard.checkpoints.models import Checkpoint, Inquiry
from callboard.core.errors import Refused
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.checkpoints.conftest import WITH_CHECKPOINTS
from tests.world import World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file


async def at_first(world):
    await world.says("pa", "/task progress O-1 40%")
    await world.says("pb", "/task progress O-2 50%")
    await world.until("2025-11-13 11:00")
    return world.channel("omega").expect("*First*", "1 of 2 met")


async def test_the_checkpoint_card_shows_what_is_met_and_what_is_behind(checked):
    card = await at_first(checked)
    assert "*O-1* Database (Person A): 40%, should be completed: *60 points short*" in card.shown
    assert ":white_check_mark: O-2" in card.shown
    asked = checked.dm("olga").expect("*First*", "1 thing is behind", "*O-1*")
    assert "O-2" not in asked.shown
    for person in ("pa", "pb", "sara", "amp"):
        checked.dm(person).expect_nothing("*First*")


async def test_whoever_is_asked_at_a_checkpoint_for_two_teams_reads_which_question_is_for_which(database_url):
    async with World(
        database_url, WITH_CHECKPOINTS.replace("lead: sara, members: [sc]", "lead: pa, members: [sc]")
    ) as world:
        await world.says("olga", "/plan away today")
        await world.until("2025-11-13 14:00")
        world.dm("pa").expect("*Sync* for Omega: how does it stand?")
        world.dm("pa").expect("*Sync* for Sigma: how does it stand?")


@pytest.mark.both_databases
async def test_the_checkpoint_service_takes_on_it_for_an_answer_and_asks_no_further(checked):
    await at_first(checked)
    await checked.clicks("olga", "On it", "*First*")
    stays = checked.dm("olga").expect("Omega lead is on it", "*O-1*", "60 points short")
    assert ":white_check_mark:" not in stays.shown
    checked.channel("omega").expect("*First*", "Omega lead is on it")
    await checked.until("2025-11-13 12:30")
    checked.dm("amp").expect_nothing("*First*")
    assert checked.channel("omega").count("*First*") == 1


async def test_a_checkpoint_whose_answer_comes_due_escalates_until_somebody_answers(checked):
    await at_first(checked)
    old = checked.dm("olga").expect("*First*")
    await checked.until("2025-11-13 11:15")
    checked.dm("olga").expect("*First*", "Nobody has answered yet.", "Answer by")
    await checked.until("2025-11-13 11:30")
    checked.channel("omega").expect("no answer from Omega lead", "told: Amp")
    checked.dm("olga").expect("*First*", "I told Amp. You can still answer.")
    page = checked.dm("amp").expect("*First*", "Omega lead did not answer")
    await checked.clicks("amp", "On it", page)
    checked.channel("omega").expect("*First*", "Amp is on it")
    assert "Amp is on it" in checked.dm("amp").messages[-1].shown
    await checked.until("2025-11-13 12:30")
    assert (len(checked.dm("amp")), checked.dm("olga").count("*First*")) == (1, 2)
    checked.dm("exec").expect_nothing("*First*")
    assert old.ts in {one.ts for one in checked.dm("olga").messages}


async def test_the_notice_that_a_lead_needs_help_at_a_checkpoint_goes_to_coordinators(checked):
    await at_first(checked)
    await checked.clicks("olga", "Ask for help", "*First*")
    checked.dm("amp").expect("*Omega lead* asks for help: *First*", "*O-1*")
    checked.channel("omega").expect("Omega lead asks for help")
    stays = checked.dm("olga").expect(":raised_hand:", "Omega lead asks for help", "*O-1*", "60 points short")
    assert ":white_check_mark:" not in stays.shown
    again = await checked.clicks("olga", "Ask for help", stays)
    assert "You asked for help already" in again.text
    assert checked.dm("amp").count("asks for help") == 1


@pytest.mark.both_databases
async def test_the_form_of_a_checkpoint_raises_a_blocker_for_the_task_behind(checked):
    await at_first(checked)
    await checked.clicks("olga", "Raise a blocker", "*First*")
    await checked.opened("olga")
    await checked.submits("olga", {"What is in the way?": "mongo refuses TLS"})
    checked.channel("omega").expect("Blocker 1", "mongo refuses TLS")
    checked.dm("olga").expect("Omega lead raised blocker 1")
    await checked.says("pa", "/task show O-1")
    checked.channel("omega").expect("*First*", "Omega lead raised blocker 1")


async def test_the_checkpoint_service_settles_a_question_once_all_has_caught_up(checked):
    await at_first(checked)
    await checked.until("2025-11-13 11:31")
    await checked.says("pa", "/task complete O-1")
    checked.channel("omega").expect("*First*", "met now: O-1")
    await checked.until("2025-11-13 12:30")
    assert [message.shown for message in checked.dm("amp").messages] == [":white_check_mark: *First*: met now: O-1"]


def click(tx, person):
    """A click on what the first question showed."""
    directory = teams.directory(tx, 1)
    return service.needs_help(tx, Asker(directory, directory.people[person]), 1, 0)


async def test_an_old_button_of_a_checkpoint_changes_nothing_and_says_what_happened_since(checked):
    await at_first(checked)
    await checked.until("2025-11-13 11:35")
    await checked.clicks("amp", "On it", "*First*")
    with pytest.raises(Refused, match=r"has changed: .*<@UAMP> answered"):
        checked.app.db.transact(click, "olga")


async def test_the_checkpoint_service_takes_no_answer_from_others(checked):
    await at_first(checked)
    with pytest.raises(Refused, match="Only <@UOLGA> can answer this"):
        checked.app.db.transact(click, "sara")


async def test_the_checkpoint_card_shows_how_far_teams_were_at_the_checkpoint_before(checked):
    await at_first(checked)
    await checked.clicks("olga", "On it", "*First*")
    await checked.says("pa", "/task progress O-1 80%")
    await checked.until("2025-11-13 13:00")
    card = checked.channel("omega").expect("*Second*", "0 of 3 met")
    assert "*O-1* Database (Person A): 80%, should be completed: *20 points short*, 40% last time" in card.shown
    assert "Omega is at 43% (30% at First)" in card.shown


async def test_the_checkpoint_service_asks_each_lead_its_questions_and_takes_their_answers(checked):
    await checked.until("2025-11-13 14:00")
    checked.dm("sara").expect("*Sync*: how does it stand?", "Any help needed?")
    await checked.clicks("sara", "Answer", "*Sync*")
    await checked.opened("sara")
    await checked.submits("sara", {"Any help needed?": "A second tester"})
    checked.channel("release").expect("*Sync*", "Sigma lead answered", "A second tester", "waiting for Omega lead")
    await checked.until("2025-11-13 14:10")
    checked.dm("olga").expect("*Sync*", "No answer by")
    checked.dm("amp").expect("*Sync*: Omega lead did not answer by")
    checked.dm("sara").expect_nothing("No answer by")


async def test_a_lead_whom_the_ladder_of_a_checkpoint_pages_about_their_own_silence_is_not_told_to_ask_themselves(
    database_url,
):
    plan = WITH_CHECKPOINTS.replace("window: 10m,", "window: 10m, escalate: default,")
    async with World(database_url, plan) as world:
        await world.until("2025-11-13 14:00")
        await world.clicks("sara", "Answer", "*Sync*")
        await world.opened("sara")
        await world.submits("sara", {"Any help needed?": "A second tester"})
        await world.until("2025-11-13 14:10")
        page = world.dm("olga").expect("*Sync*: you did not answer by", "Answer here.").shown
        assert "Ask them" not in page
        assert (
            "I told Omega lead" not in world.dm("olga").expect("*Sync*", "No answer by", "You can still answer.").shown
        )
        await world.advance(minutes=5)
        world.dm("amp").expect("*Sync*: Omega lead did not answer by", "Ask them, or answer here.")


async def test_the_expectations_of_a_checkpoint_may_be_measures_and_tasks_together(checked):
    await checked.says("sc", "/gate report tests_passed 20")
    await checked.until("2025-11-13 15:00")
    card = checked.channel("sigma").expect("*Tests*", "0 of 2 met")
    assert "*Tests passed at least 30*: 20 of 72" in card.shown
    assert "*3 tasks together* (O-1, O-2, O-3): 0%, should be at 60%" in card.shown


async def test_the_checkpoint_service_runs_a_check_early_for_a_lead_and_for_nobody_else(checked):
    await checked.says("pa", "/checkpoint run First")
    checked.channel("omega").expect_nothing("*First*")
    await checked.says("olga", "/checkpoint run First")
    checked.channel("omega").expect("*First*", "for Omega lead, before its time", "0 of 2 met")
    await checked.clicks("olga", "On it", "*First*")
    await checked.until("2025-11-13 11:30")
    assert checked.channel("omega").count("*First*") == 1
    assert checked.dm("olga").count("*First*") == 1


@pytest.mark.both_databases
async def test_a_checkpoint_that_came_due_in_an_outage_is_checked_late_or_only_recorded(checked):
    await checked.jump(hours=2, minutes=20)
    checked.channel("omega").expect("*First*", "Checked late")
    assert checked.dm("olga").count("*First*") == 1
    await checked.jump(hours=2, minutes=20)
    checked.channel("omega").expect_nothing("*Second*")
    rows = checked.app.db.transact(lambda tx: [(one.name, one.missed) for one in tx.session.exec(select(Checkpoint))])
    assert rows == [("First", False), ("Second", True)]


async def test_a_checkpoint_that_comes_due_is_checked_once_by_two_bots(database_url):
    async with World(database_url, WITH_CHECKPOINTS) as world:
        other = world.another()
        try:
            await world.until("2025-11-13 10:59")
            world.clock.advance(timedelta(minutes=1))
            await other.ticker.tick()
            await world.settled()
            assert world.dm("olga").count("*First*") == 1
            assert world.channel("omega").count("*First*") == 1
            assert len(world.app.db.transact(lambda tx: tx.session.exec(select(Inquiry)).all())) == 1
        finally:
            await other.stop()


async def test_the_checkpoint_service_asks_no_team_on_hold(database_url):
    plan = (
        WITH_CHECKPOINTS.replace("lead: sara, members: [sc], ", "lead: sara, members: [sc], needs: [validated], ")
        + "gates: {validated: {name: Omega signs, due: 2025-11-13 17:00, sign_off: [{lead_of: omega}]}}\n"
    )
    async with World(database_url, plan) as world:
        await world.until("2025-11-13 15:00")
        world.channel("release").expect("*Sync*", "Sigma waits for Omega signs (`validated`)")
        world.channel("sigma").expect("*Tests*", "Sigma waits for Omega signs (`validated`)")
        for words in ("*Sync*", "*Tests*"):
            world.dm("sara").expect_nothing(words)


async def test_typed_checkpoint_lists_all_checkpoints_and_shows_one_as_it_stands(checked):
    await checked.says("pa", "/checkpoint")
    shown = checked.slack.ephemerals("pa", "omega")[-1].shown
    assert shown.index("*First*") < shown.index("*Second*") < shown.index("*Sync*") < shown.index("*Tests*")
    await checked.says("pa", "/checkpoint show second")
    assert "*O-3* Mail (Person B): not started" in checked.slack.ephemerals("pa", "omega")[-1].shown
    await checked.says("pa", "/checkpoint show thrid")
    assert "There is no checkpoint `thrid`; write one of `First`" in checked.slack.ephemerals("pa", "omega")[-1].shown


async def test_whoever_stands_in_for_a_coordinator_reads_why_a_silent_checkpoint_comes_to_them(database_url):
    plan = WITH_CHECKPOINTS.replace("amp: {name: Amp, slack: UAMP,", "amp: {name: Amp, slack: UAMP, deputies: [exec],")
    async with World(database_url, plan) as world:
        await world.says("amp", "/plan away today")
        await at_first(world)
        await world.until("2025-11-13 12:30")
        world.dm("exec").expect("*First*", "You get this because you are standing in for <@UAMP>, who is away.")
