"""What people type, and what they read back."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_slash_command_is_dispatched_and_answered_within_the_request(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board mongo refuses TLS")
    assert outcome.ok
    assert outcome.text == "On the board: mongo refuses TLS"
    assert await bot.done() == ["mongo refuses TLS"]
    request, arguments = bot.asked[0]
    assert (request.user, request.channel, request.channel_name) == ("UOLGA", "COPS", "ops")
    assert (request.workspace, request.command, arguments) == ("T0SANDBOX", "/board", {"text": "mongo refuses TLS"})


async def test_the_answer_to_a_slash_command_is_seen_by_its_author_alone(bot):
    await bot.sandbox.command("olga", "ops", "/board mongo")
    assert [message.shown for message in bot.sandbox.ephemerals("olga", "ops")] == ["On the board: mongo"]
    assert bot.sandbox.messages("ops") == []


async def test_an_answer_to_a_slash_command_for_everybody_is_seen_by_everybody(bot):
    await bot.sandbox.command("olga", "ops", "/board hear ye")
    assert [message.shown for message in bot.sandbox.messages("ops")] == ["On the board: hear ye"]


async def test_the_command_grammar_reads_a_mention_as_a_person(bot):
    await bot.sandbox.command("olga", "ops", "/board hand 12 @pa")
    assert bot.asked[0][1] == {"number": 12, "to": "UPA"}


async def test_a_slack_request_holds_words_in_place_of_what_would_ring_everybody(bot):
    await bot.sandbox.command("olga", "ops", "/board tell <!channel> or <!here> about <!subteam^S1|@leads>")
    assert "<!" not in bot.asked[0][1]["text"]


async def test_the_command_parser_takes_a_verb_whose_rest_does_not_fit_for_free_text(bot):
    await bot.sandbox.command("olga", "ops", "/board hand DNS to somebody")
    assert await bot.done() == ["hand DNS to somebody"]


async def test_help_says_how_a_typed_verb_is_written_that_lacks_something(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board hand 12")
    said = "`hand` needs a person.\nFor example: `/board hand 12 @somebody`. More: `/board help hand`."
    assert outcome.text == f"{said}\nNo, as I typed it"
    assert await bot.done() == []


async def test_the_command_parser_guesses_a_mistyped_verb_and_a_click_runs_it(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board akc 12")
    assert "Did you mean `/board ack 12`?" in outcome.text
    assert await bot.done() == []
    question = bot.sandbox.ephemerals("olga", "ops")[-1]
    await bot.sandbox.click("olga", "ops", question.ts, "Yes: ack 12")
    await bot.sandbox.until(lambda: "On the board: 12" in bot.sandbox.ephemerals("olga", "ops")[-1].shown)
    assert await bot.done() == ["12"]


async def test_the_command_parser_takes_what_looks_mistyped_as_typed_after_a_click(bot):
    await bot.sandbox.command("olga", "ops", "/board akc 12")
    question = bot.sandbox.ephemerals("olga", "ops")[-1]
    await bot.sandbox.click("olga", "ops", question.ts, "No, as I typed it")
    await bot.sandbox.until(lambda: "On the board: akc 12" in bot.sandbox.ephemerals("olga", "ops")[-1].shown)


async def test_clicks_on_both_buttons_of_one_question_are_dispatched_to_one_effect(bot):
    await bot.sandbox.command("olga", "ops", "/board akc 12")
    question = bot.sandbox.ephemerals("olga", "ops")[-1]
    await bot.sandbox.click("olga", "ops", question.ts, "Yes: ack 12")
    await bot.sandbox.click("olga", "ops", question.ts, "No, as I typed it")
    await bot.sandbox.click("olga", "ops", question.ts, "Yes: ack 12")
    assert await bot.done() == ["12"]


@pytest.mark.parametrize("asked", ["help", "?", "HELP"])
async def test_help_on_a_slash_command_tells_every_verb(bot, asked):
    outcome = await bot.sandbox.command("olga", "ops", f"/board {asked}")
    for usage in ("ack NUMBER [WHY…]", "snooze NUMBER 30m|until 17:00|tomorrow 9:00", "TEXT…", "mongo refuses TLS"):
        assert f"`/board {usage}`" in outcome.text


async def test_help_on_one_verb_of_a_slash_command_tells_its_other_names(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board help take")
    assert "`/board ack NUMBER [WHY…]`: takes it" in outcome.text
    assert "`take`" in outcome.text


async def test_the_command_parser_does_not_take_help_with_something_for_a_question(bot):
    await bot.sandbox.command("olga", "ops", "/board help me with DNS")
    assert await bot.done() == ["help me with DNS"]


async def test_the_command_parser_takes_a_slash_word_alone_for_a_question_for_help(bot):
    assert "`/board ack" in (await bot.sandbox.command("olga", "ops", "/board")).text


async def test_help_names_the_verbs_of_a_command_when_a_typed_word_is_unknown(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/quiet please")
    assert "`/quiet` does not know `please`" in outcome.text
    assert "`now`" in outcome.text


async def test_the_answer_that_refuses_a_command_is_read_by_its_author_and_nothing_is_done(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board refuse")
    assert outcome.text == "Not while the curtain is up: wait for the interval."
    assert bot.sandbox.ephemerals("olga", "ops")
    assert await bot.done() == []


async def test_the_answer_to_a_fault_of_the_program_admits_it_with_an_id_and_nothing_is_done(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board break")
    assert "Something went wrong on my side (id `" in outcome.text
    assert "nothing was changed" in outcome.text
    assert await bot.done() == []


async def test_the_command_parser_reads_the_plan_that_is_named_in_front(bot):
    await bot.sandbox.command("olga", "ops", "/board Harbor: ack 12")
    request, arguments = bot.asked[0]
    assert (request.plan, request.text, arguments["number"]) == ("harbor", "ack 12", 12)


async def test_the_command_parser_takes_a_word_with_a_colon_that_is_no_plan_for_text(bot):
    await bot.sandbox.command("olga", "ops", "/board mongo: refuses TLS")
    assert (bot.asked[0][0].plan, bot.asked[0][1]) == (None, {"text": "mongo: refuses TLS"})


async def test_help_offers_a_button_for_each_plan_when_a_command_may_mean_several(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board planned for tomorrow")
    assert "which one?" in outcome.text
    question = bot.sandbox.ephemerals("olga", "ops")[-1]
    await bot.sandbox.click("olga", "ops", question.ts, "Quay")
    await bot.sandbox.until(lambda: "quay for tomorrow" in bot.sandbox.ephemerals("olga", "ops")[-1].shown)


async def test_help_asks_to_type_a_command_that_is_too_long_for_a_button(bot):
    outcome = await bot.sandbox.command("olga", "ops", f"/board planned {'x' * 1990}")
    assert "`/board harbor: …`" in outcome.text
    assert bot.sandbox.ephemerals("olga", "ops")[-1].buttons == []


async def test_the_answer_to_a_command_of_four_thousand_characters_is_clipped_to_slacks_limits(bot):
    outcome = await bot.sandbox.command("olga", "ops", f"/board {'x' * 3990} :tada: 🎉")
    assert outcome.ok
    assert len((await bot.done())[0]) > 3990


async def test_slash_commands_are_counted_by_name_and_outcome_when_dispatched(bot):
    await bot.sandbox.command("olga", "ops", "/board mongo")
    await bot.sandbox.command("olga", "ops", "/board refuse")
    await bot.sandbox.command("olga", "ops", "/board break")
    assert [counted[:2] for counted in bot.counted] == [("/board", "done"), ("/board", "refused"), ("/board", "failed")]


async def test_the_answer_to_a_slash_command_may_be_a_form_opened_by_its_trigger(bot):
    await bot.sandbox.command("olga", "ops", "/board form")
    await bot.sandbox.until(lambda: bot.sandbox.views("olga"))


async def test_the_answer_to_a_slash_command_whose_form_does_not_open_says_so(bot):
    bot.sandbox.fault("views.open", "error", code="expired_trigger_id")
    await bot.sandbox.command("olga", "ops", "/board form")
    await bot.sandbox.until(lambda: bot.sandbox.ephemerals("olga", "ops"))
    assert "Please try again" in bot.sandbox.ephemerals("olga", "ops")[0].shown
