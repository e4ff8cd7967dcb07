"""Bad input of every kind gets a sentence that helps, and has no effect."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from callboard.blockers.models import Blocker

DATABASES = ("sqlite",)  # words

# What is only read or said is the same on every database.


async def test_the_command_parser_takes_a_misspelt_verb_of_blockers_for_a_slip_and_asks(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    answer = await world.says("olga", "/blocker akc 1")
    assert "ack 1" in answer.text
    assert "id you mean" in answer.text
    assert "Nobody has it yet" in world.card().shown


async def test_a_question_of_the_command_parser_about_a_word_or_two_raises_a_blocker_with_one_click(world):
    asked = await world.says("pa", "/blocker critical: mongo")
    assert asked.text.startswith("Raise “mongo” and page <@UOLGA>? Nothing has happened yet.")
    world.channel("omega").expect_nothing("Blocker")
    for _ in range(2):
        await world.clicks("pa", "Raise it", asked.messages[-1])
    world.dm("olga").expect("mongo")
    assert [(row.what, row.severity) for row in blockers(world)] == [("mongo", "critical")]


async def test_a_question_of_the_command_parser_is_not_answered_hours_later(world):
    asked = await world.says("pa", "/blocker critical: mongo")
    await world.advance(minutes=50)
    later = await world.says("pb", "/blocker critical: redis")
    await world.advance(minutes=20)
    told = await world.clicks("pa", "Raise it", asked.messages[-1])
    assert told.text.startswith("That was asked 1 h 10 min ago, so your click did nothing.")
    assert told.text.endswith("If you still mean it, type `/blocker critical: mongo`.")
    await world.clicks("pb", "Raise it", later.messages[-1])
    assert [row.what for row in blockers(world)] == ["redis"]


async def test_a_question_of_the_command_parser_offers_the_blockers_that_may_be_meant(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    asked = await world.says("pa", "/blocker fixed")
    assert asked.text.startswith("`resolve` needs a number.")
    assert "Or raise “fixed” and page <@UOLGA>?" in asked.text
    await world.clicks("pa", "Resolve #1", asked.messages[-1])
    assert [(row.what, row.state) for row in blockers(world)] == [("mongo refuses TLS", "resolved")]


async def test_a_severity_or_a_category_alone_opens_the_blocker_form_of_slack_with_it(world):
    assert "Raise a blocker" in await world.opens("pa", "/blocker critical:")
    await world.submits("pa", {"what": "mongo refuses TLS"})
    assert [(row.what, row.severity) for row in blockers(world)] == [("mongo refuses TLS", "critical")]
    await world.says("pa", "/blocker service down: the mail relay is gone")
    assert [row.category for row in blockers(world)] == [None, "service down"]


def blockers(world):
    return world.app.db.transact(lambda tx: list(tx.session.exec(select(Blocker).order_by(col(Blocker.id)))))


async def test_the_command_parser_takes_a_verb_whose_rest_does_not_fit_for_a_blockers_text(world):
    answer = await world.says("pa", "/blocker resolve DNS fails")
    assert "Blocker 1 is open" in answer.text
    assert "resolve DNS fails" in world.card().shown


async def test_help_shows_the_usage_of_a_bare_blocker_verb(world):
    answer = await world.says("pa", "/blocker resolve")
    assert answer.text.startswith("`resolve` needs a number.\nFor example: `/blocker resolve 12 rotated")
    world.channel("omega").expect_nothing("Blocker")


async def test_help_lists_every_verb_of_the_blocker_command(world):
    answer = await world.says("pa", "/blocker help")
    for verb in ("ack", "unack", "snooze", "escalate", "reassign", "resolve", "reopen", "withdraw", "note", "list"):
        assert verb in answer.text


@pytest.mark.parametrize("number", ["99", "999999999"])
async def test_nobody_has_rights_to_a_blocker_that_the_plan_does_not_have(world, number):
    await world.says("pa", "/blocker mongo refuses TLS")
    answer = await world.says("olga", f"/blocker ack {number}")
    assert f"There is no blocker {number}" in answer.text
    assert "Open: 1" in answer.text


async def test_a_stranger_whom_the_teams_service_cannot_identify_raises_no_blocker(world):
    answer = await world.says("stranger", "/blocker mongo refuses TLS")
    assert "<@UAMP>" in answer.text
    world.channel("omega").expect_nothing("Blocker")


async def test_the_message_about_a_raised_blocker_names_the_strangers_it_mentions(world):
    answer = await world.says("pa", "/blocker waiting for @stranger to answer")
    assert "Blocker 1 is open" in answer.text
    assert "<@USTRANGER> is not in the plan" in answer.text


async def test_a_person_mentioned_in_slack_who_is_not_in_the_teams_is_refused_by_name(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    answer = await world.says("olga", "/blocker reassign 1 @stranger")
    assert "<@USTRANGER> is not in Release" in answer.text


async def test_the_blocker_card_shows_a_long_text_short_and_says_where_to_read_all(world):
    text = "mongo " * 660
    answer = await world.says("pa", f"/blocker {text}")
    assert "Blocker 1 is open" in answer.text
    assert "/blocker show 1" in world.card().shown
    assert len(world.card().shown) < 3000


@pytest.mark.parametrize("text", ["🔥🔥🔥", "...", ":fire:", "<@UPB>"])
async def test_the_blocker_service_refuses_to_raise_one_without_words(world, text):
    answer = await world.says("pa", f"/blocker {text}")
    if text == ":fire:":
        assert "Raise “:fire:” and page <@UOLGA>?" in answer.text
    else:
        assert "Say in a few words what is blocked" in answer.text


async def test_the_text_of_a_slack_request_for_a_blocker_never_notifies_everybody(world):
    await world.says("pa", "/blocker @channel mongo is down <!here>")
    for message in [*world.slack.messages("omega"), *world.slack.dm("olga")]:
        assert "<!channel>" not in str(message.blocks)
        assert "<!here>" not in str(message.blocks)


async def test_the_teams_service_tells_whoever_asks_without_a_plan_how_to_start_one(world_without_plan):
    answer = await world_without_plan.says("pa", "/blocker mongo refuses TLS")
    assert "callboard apply" in answer.text


async def test_help_asks_which_of_two_plans_in_a_channel_a_command_means_and_a_click_answers(world):
    world.apply(world.plan.replace("key: release", "key: second").replace("name: Release", "name: Second"))
    asked = await world.says("pa", "/blocker mongo refuses TLS")
    assert "Second" in asked.text
    world.channel("omega").expect_nothing("mongo")
    typed = await world.says("pa", "/blocker second: mongo refuses TLS")
    assert "Blocker 1 is open" in typed.text
    await world.slack.click("pa", "omega", asked.messages[-1].ts, "Second")
    await world.advance(seconds=2)
    assert world.channel("omega").count("mongo refuses TLS") == 2


async def test_the_teams_service_identifies_whoever_asks_in_a_channel_without_the_bot(world):
    answer = await world.says("pa", "/blocker mongo refuses TLS", "elsewhere")
    assert "Blocker 1 is open" in answer.text
    assert "mongo refuses TLS" in world.card().shown


async def test_the_outbox_unparks_a_blocker_card_when_the_bot_is_invited_to_its_channel(world):
    world.slack.remove_bot("sigma")
    await world.says("sc", "/blocker mongo refuses TLS", "elsewhere")
    page = world.dm("sara").expect("mongo refuses TLS")
    assert "could not be reached" in page.shown
    world.dm("amp").expect("<#CSIGMA>", "/invite @Callboard")
    world.slack.add_bot("sigma")
    await world.heard("member_joined_channel")
    assert "mongo refuses TLS" in world.card(1, "sigma").shown


async def test_a_stakeholder_has_no_right_to_escalate_a_blocker(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    assert "Stakeholder" in (await world.says("stan", "/blocker escalate 1")).text
