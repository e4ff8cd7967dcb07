"""What takes longer than Slack waits is said to take longer, finished, and told."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def patience():
    return 0.05


async def test_a_slow_slash_command_is_dispatched_with_still_working_and_its_answer_follows(bot):
    outcome = await bot.sandbox.command("olga", "ops", "/board wait")
    assert outcome.ok
    assert outcome.text.startswith("Still working")
    bot.gate.set()
    await bot.sandbox.until(lambda: "On the board: after a while" in bot.sandbox.ephemerals("olga", "ops")[-1].shown)
    assert bot.sandbox.messages("ops") == []
    assert await bot.done() == ["after a while"]


async def test_slack_idempotency_does_a_slow_command_delivered_again_once(bot):
    await bot.sandbox.command("olga", "ops", "/board wait")
    assert (await bot.sandbox.courier.again()).ok
    bot.gate.set()
    await bot.sandbox.until(lambda: "On the board" in bot.sandbox.ephemerals("olga", "ops")[-1].shown)
    assert await bot.done() == ["after a while"]


async def test_a_slow_form_is_dispatched_with_still_working_and_shows_its_answer_in_its_place(bot):
    await bot.sandbox.command("olga", "ops", "/board form")
    await bot.sandbox.until(lambda: bot.sandbox.views("olga"))
    outcome = await bot.sandbox.submit("olga", {"What": "wait"})
    assert outcome.ok
    assert "Still working" in str(outcome.view.body)
    bot.gate.set()
    await bot.sandbox.until(lambda: "Done." in str(bot.sandbox.views("olga")[-1].body))
    assert await bot.done() == ["wait"]


async def test_the_slack_app_finishes_commands_under_way_before_it_stops(bot):
    await bot.sandbox.command("olga", "ops", "/board wait")
    bot.gate.set()
    await bot.app.stop()
    assert await bot.done() == ["after a while"]
    assert "On the board: after a while" in bot.sandbox.ephemerals("olga", "ops")[-1].shown


async def test_the_answer_to_a_slow_command_comes_as_a_direct_message_where_slack_takes_no_other_any_more(bot):
    await bot.sandbox.command("olga", "ops", "/board wait")
    bot.sandbox.clock.jump(31 * 60)
    bot.gate.set()
    await bot.sandbox.until(lambda: bot.sandbox.dm("olga"))
    assert bot.sandbox.dm("olga")[-1].shown == "On the board: after a while"


async def test_the_answer_to_a_slow_form_comes_as_a_direct_message_to_whoever_has_closed_it(bot):
    await bot.sandbox.command("olga", "ops", "/board form")
    await bot.sandbox.until(lambda: bot.sandbox.views("olga"))
    bot.sandbox.fault("views.update", "error", code="not_found")
    await bot.sandbox.submit("olga", {"What": "refuse later"})
    bot.gate.set()
    await bot.sandbox.until(lambda: bot.sandbox.dm("olga"))
    assert "Not while the curtain is up." in bot.sandbox.dm("olga")[-1].shown
    assert await bot.done() == []


async def test_a_form_that_slack_does_not_open_is_told_of(bot):
    bot.sandbox.fault("views.open", "error", code="internal_error")
    outcome = await bot.sandbox.command("olga", "ops", "/board form")
    await bot.sandbox.until(lambda: outcome.messages)
    assert outcome.text == "Slack did not open the form. Please try again."
    await bot.sandbox.command("olga", "ops", "/board form")
    await bot.sandbox.until(lambda: bot.sandbox.views("olga"))
    bot.sandbox.fault("views.push", "error", code="expired_trigger_id")
    await bot.sandbox.click_in_view("olga", "Another")
    await bot.sandbox.until(lambda: bot.sandbox.dm("olga"))
    assert bot.sandbox.dm("olga")[-1].shown == "Slack did not open the form. Please try again."
