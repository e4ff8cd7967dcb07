"""What people type, and what they read back."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_command_is_carried_out_and_answered_within_the_request(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board mongo refuses TLS")
    assert outcome.ok
    assert outcome.text == "On the board: mongo refuses TLS"
    assert await bot.done() == ["mongo refuses TLS"]
    request, arguments = bot.asked[0]
    assert (request.user, request.channel, request.channel_name) == ("UOLGA", "COPS", "ops")
    assert (request.workspace, request.command, arguments) == ("T0SANDBOX", "/board", {"text": "mongo refuses TLS"})


async def test_only_who_typed_a_command_sees_its_answer(bot):
    await bot.sandbox.command("olga", "ops", "/board mongo")
    assert [message.shown for message in bot.sandbox.ephemerals("olga", "ops")] == ["On the board: mongo"]
    assert bot.sandbox.messages("ops") == []


async def test_an_answer_for_everybody_is_seen_by_everybody(bot):
    await bot.sandbox.command("olga", "ops", "/board hear ye")
    assert [message.shown for message in bot.sandbox.messages("ops")] == ["On the board: hear ye"]


async def test_a_mention_arrives_as_a_person(bot):
    await bot.sandbox.command("olga", "ops", "/board hand 12 @pa")
    assert bot.asked[0][1] == {"number": 12, "to": "UPA"}


async def test_text_that_would_ring_everybody_is_quoted_as_words(bot):
    await bot.sandbox.command("olga", "ops", "/board tell <!channel> or <!here> about <!subteam^S1|@leads>")
    assert "<!" not in bot.asked[0][1]["text"]


async def test_a_verb_whose_rest_does_not_fit_is_free_text(bot):
    await bot.sandbox.command("olga", "ops", "/board hand DNS to somebody")
    assert await bot.done() == ["hand DNS to somebody"]


async def test_a_verb_that_lacks_something_says_how_it_is_written(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board hand 12")
    assert "`/board hand NUMBER @to`" in outcome.text
    assert await bot.done() == []


async def test_a_mistyped_verb_is_asked_about_and_run_by_a_click(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board akc 12")
    assert "Did you mean `/board ack 12`?" in outcome.text
    assert await bot.done() == []
    question = bot.sandbox.ephemerals("olga", "ops")[-1]
    await bot.sandbox.click("olga", "ops", question.ts, "Yes: ack 12")
    await bot.sandbox.until(lambda: "On the board: 12" in bot.sandbox.ephemerals("olga", "ops")[-1].shown)
    assert await bot.done() == ["12"]


async def test_a_command_that_looks_mistyped_may_be_meant(bot):
    await bot.sandbox.command("olga", "ops", "/board akc 12")
    question = bot.sandbox.ephemerals("olga", "ops")[-1]
    await bot.sandbox.click("olga", "ops", question.ts, "No, as I typed it")
    await bot.sandbox.until(lambda: "On the board: akc 12" in bot.sandbox.ephemerals("olga", "ops")[-1].shown)


async def test_both_buttons_of_did_you_mean_have_one_effect(bot):
    await bot.sandbox.command("olga", "ops", "/board akc 12")
    question = bot.sandbox.ephemerals("olga", "ops")[-1]
    await bot.sandbox.click("olga", "ops", question.ts, "Yes: ack 12")
    await bot.sandbox.click("olga", "ops", question.ts, "No, as I typed it")
    await bot.sandbox.click("olga", "ops", question.ts, "Yes: ack 12")
    assert await bot.done() == ["12"]


@pytest.mark.parametrize("asked", ["help", "?", "HELP"])
async def test_help_tells_every_verb(bot, asked):
    outcome = await bot.sandbox.command("olga", "ops", f"/board {asked}")
    for usage in ("ack NUMBER [WHY…]", "snooze NUMBER 30m|until 17:00", "TEXT…", "mongo refuses TLS"):
        assert f"`/board {usage}`" in outcome.text


async def test_help_on_one_verb_tells_its_other_names(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board help take")
    assert "`/board ack NUMBER [WHY…]`: takes it" in outcome.text
    assert "`take`" in outcome.text


async def test_help_with_something_is_not_a_question_to_the_bot(bot):
    await bot.sandbox.command("olga", "ops", "/board help me with DNS")
    assert await bot.done() == ["help me with DNS"]


async def test_a_command_without_words_shows_help_where_it_has_nothing_better(bot):
    assert "`/board ack" in (await bot.sandbox.command("olga", "ops", "/board")).text


async def test_a_word_that_nothing_knows_is_answered_with_what_is_known(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/quiet please")
    assert "`/quiet` does not know `please`" in outcome.text
    assert "`now`" in outcome.text


async def test_a_refusal_is_read_by_who_asked_and_leaves_nothing_behind(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board refuse")
    assert outcome.text == "Not while the curtain is up: wait for the interval."
    assert bot.sandbox.ephemerals("olga", "ops")
    assert await bot.done() == []


async def test_a_fault_of_the_program_is_admitted_with_an_id_and_leaves_nothing_behind(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board break")
    assert "Something went wrong on my side (id `" in outcome.text
    assert "nothing was changed" in outcome.text
    assert await bot.done() == []


async def test_a_plan_is_named_in_front(bot):
    await bot.sandbox.command("olga", "ops", "/board Harbor: ack 12")
    request, arguments = bot.asked[0]
    assert (request.plan, request.text, arguments["number"]) == ("harbor", "ack 12", 12)


async def test_a_word_with_a_colon_that_is_no_plan_is_text(bot):
    await bot.sandbox.command("olga", "ops", "/board mongo: refuses TLS")
    assert (bot.asked[0][0].plan, bot.asked[0][1]) == (None, {"text": "mongo: refuses TLS"})


async def test_with_several_plans_a_click_says_which(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board planned for tomorrow")
    assert "which one?" in outcome.text
    question = bot.sandbox.ephemerals("olga", "ops")[-1]
    await bot.sandbox.click("olga", "ops", question.ts, "Quay")
    await bot.sandbox.until(lambda: "quay for tomorrow" in bot.sandbox.ephemerals("olga", "ops")[-1].shown)


async def test_a_command_too_long_for_a_button_has_to_be_typed(bot):
    outcome = await bot.sandbox.command("olga", "ops", f"/board planned {'x' * 1990}")
    assert "`/board harbor: …`" in outcome.text
    assert bot.sandbox.ephemerals("olga", "ops")[-1].buttons == []


async def test_four_thousand_characters_are_taken_and_quoted_within_the_limits(bot):
    outcome = await bot.sandbox.command("olga", "ops", f"/board {'x' * 3990} :tada: 🎉")
    assert outcome.ok
    assert len((await bot.done())[0]) > 3990


async def test_commands_are_counted_by_name_and_outcome(bot):
    await bot.sandbox.command("olga", "ops", "/board mongo")
    await bot.sandbox.command("olga", "ops", "/board refuse")
    await bot.sandbox.command("olga", "ops", "/board break")
    assert [counted[:2] for counted in bot.counted] == [("/board", "done"), ("/board", "refused"), ("/board", "failed")]


async def test_a_form_opens_by_the_trigger_of_the_command(bot):
    await bot.sandbox.command("olga", "ops", "/board form")
    await bot.sandbox.until(lambda: bot.sandbox.views("olga"))


async def test_when_no_form_opens_the_person_is_told(bot):
    bot.sandbox.fault("views.open", "error", code="expired_trigger_id")
    await bot.sandbox.command("olga", "ops", "/board form")
    await bot.sandbox.until(lambda: bot.sandbox.ephemerals("olga", "ops"))
    assert "Please try again" in bot.sandbox.ephemerals("olga", "ops")[0].shown
