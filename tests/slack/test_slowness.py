"""What takes longer than Slack waits is said to take longer, finished, and told."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def patience():
    return 0.05


async def test_a_slow_command_says_so_and_its_answer_follows(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board wait")
    assert outcome.ok
    assert outcome.text.startswith("Still working")
    bot.gate.set()
    await bot.sandbox.until(lambda: "On the board: after a while" in bot.sandbox.ephemerals("olga", "ops")[-1].shown)
    assert bot.sandbox.messages("ops") == []
    assert await bot.done() == ["after a while"]


async def test_a_slow_command_delivered_again_is_done_once(bot):
    await bot.sandbox.command("olga", "ops", "/board wait")
    assert (await bot.sandbox.courier.again()).ok
    bot.gate.set()
    await bot.sandbox.until(lambda: "On the board" in bot.sandbox.ephemerals("olga", "ops")[-1].shown)
    assert await bot.done() == ["after a while"]


async def test_a_slow_form_says_so_in_its_place_and_shows_its_answer_there(bot):
    await bot.sandbox.command("olga", "ops", "/board form")
    await bot.sandbox.until(lambda: bot.sandbox.views("olga"))
    outcome = await bot.sandbox.submit("olga", {"What": "wait"})
    assert outcome.ok
    assert "Still working" in str(outcome.view.body)
    bot.gate.set()
    await bot.sandbox.until(lambda: "Done." in str(bot.sandbox.views("olga")[-1].body))
    assert await bot.done() == ["wait"]


async def test_commands_under_way_are_finished_before_the_bot_stops(bot):
    await bot.sandbox.command("olga", "ops", "/board wait")
    bot.gate.set()
    await bot.app.stop()
    assert await bot.done() == ["after a while"]
    assert "On the board: after a while" in bot.sandbox.ephemerals("olga", "ops")[-1].shown
