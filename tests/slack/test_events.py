"""What the bot hears without being asked."""

from __future__ import annotations

import pytest
import structlog

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_messages_of_people_in_channels_are_dispatched_to_whoever_hears_them(bot):
    bot.sandbox.say("olga", "ops", "good morning")
    await bot.sandbox.until(lambda: bot.sandbox.record.of("ack"))
    assert await bot.done() == ["heard good morning"]


async def test_messages_of_the_bot_itself_are_not_dispatched(bot):
    bot.sandbox.say("olga", "dm", "hello?")
    await bot.sandbox.until(lambda: len(bot.sandbox.dm("olga")) == 2 and len(bot.sandbox.record.of("ack")) >= 2)
    assert len(bot.sandbox.record.calls("chat.postMessage")) == 1
    assert await bot.done() == ["heard hello?"]


@pytest.mark.parametrize("way", ["http"])
async def test_an_event_that_is_dispatched_in_vain_is_asked_of_slack_again(bot):
    bot.sandbox.say("olga", "ops", "trip")
    await bot.sandbox.until(lambda: len(bot.sandbox.record.of("ack")) == 4)
    assert await bot.done() == []


async def test_opening_the_home_in_slack_is_dispatched_to_whoever_hears_it(bot):
    await bot.sandbox.open_home("olga")
    await bot.sandbox.until(lambda: bot.sandbox.record.of("ack"))
    assert await bot.done() == ["heard app_home_opened"]


async def test_the_dispatch_of_slack_events_logs_an_error_when_the_bot_is_removed_from_a_workspace(bot):
    removed = {
        "type": "event_callback",
        "event_id": "Ev1",
        "team_id": "T0SANDBOX",
        "event": {"type": "app_uninstalled"},
    }
    with structlog.testing.capture_logs() as logs:
        assert (await bot.sandbox.courier.send("events_api", removed)).ok
    assert [line["log_level"] for line in logs if line["event"] == "slack.uninstalled"] == ["error"]
