"""Buttons, menus and shortcuts, on messages and in forms."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def shown(bot):
    await bot.sandbox.command("olga", "ops", "/board buttons")
    return bot.sandbox.ephemerals("olga", "ops")[-1].ts


async def answer(bot, words):
    return await bot.sandbox.until(lambda: [m for m in bot.sandbox.ephemerals("olga", "ops") if words in m.shown])


async def test_a_click_on_a_button_is_dispatched_and_answered_to_who_clicked(bot):
    stamp = await shown(bot)
    assert (await bot.sandbox.click("olga", "ops", stamp, "Press")).ok
    await answer(bot, "On the board: pressed")
    request = bot.asked[-1][0]
    assert (request.user, request.channel, request.message) == ("UOLGA", "COPS", ("COPS", stamp))
    assert request.value == "pressed"


async def test_a_slack_request_holds_the_value_chosen_in_a_menu(bot):
    await bot.sandbox.click("olga", "ops", await shown(bot), "board.press:menu", "less")
    await answer(bot, "On the board: less")
    assert bot.asked[-1][0].value == "less"


async def test_the_answer_that_refuses_a_click_is_read_by_who_clicked_and_nothing_is_done(bot):
    await bot.sandbox.click("olga", "ops", await shown(bot), "Refuse")
    await answer(bot, "Not while the curtain is up")
    assert await bot.done() == []


async def test_a_click_on_a_button_of_another_version_is_dispatched_to_what_to_do_instead(bot):
    await bot.sandbox.click("olga", "ops", await shown(bot), "Former")
    await answer(bot, "`help` shows how")


async def test_a_click_on_a_link_button_is_dispatched_to_nothing(bot):
    assert (await bot.sandbox.click("olga", "ops", await shown(bot), "Docs")).ok
    assert await bot.done() == []


async def test_a_click_still_counts_when_the_bots_web_api_client_cannot_send_its_answer_back(bot):
    stamp = await shown(bot)
    bot.sandbox.replies.base_url = "http://127.0.0.1:9"
    assert (await bot.sandbox.click("olga", "ops", stamp, "Press")).ok
    assert await bot.done() == ["pressed"]


async def test_the_answer_to_a_button_is_a_form_and_to_one_in_it_another_form_on_top(bot):
    await bot.sandbox.click("olga", "ops", await shown(bot), "Form")
    await bot.sandbox.until(lambda: len(bot.sandbox.views("olga")) == 1)
    await bot.sandbox.click_in_view("olga", "Another")
    await bot.sandbox.until(lambda: len(bot.sandbox.views("olga")) == 2)


async def test_the_answer_to_a_button_in_a_form_is_shown_on_top_of_it(bot):
    await bot.sandbox.click("olga", "ops", await shown(bot), "Form")
    await bot.sandbox.until(lambda: bot.sandbox.views("olga"))
    await bot.sandbox.click_in_view("olga", "Press", values={"What": "half written"})
    await bot.sandbox.until(lambda: "pressed in the form" in str(bot.sandbox.views("olga")[-1].body))
    request = bot.asked[-1][0]
    assert request.values["what"] == "half written"
    assert request.private == {"number": 12}


async def test_a_slack_request_holds_the_message_that_its_shortcut_was_chosen_on(bot):
    message = bot.sandbox.say("pa", "ops", "mongo <!here> is down & out")
    await bot.sandbox.shortcut("olga", "board.keep", "ops", message.ts)
    await answer(bot, "On the board: mongo")
    request = bot.asked[-1][0]
    assert request.message == ("COPS", message.ts)
    assert "<!here>" not in request.message_text
