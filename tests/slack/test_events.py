"""What the bot hears without being asked."""

from __future__ import annotations

import pytest
import structlog

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_messages_of_people_in_channels_are_heard(bot):
    bot.sandbox.say("olga", "ops", "good morning")
    await bot.sandbox.until(lambda: bot.sandbox.record.of("ack"))
    assert await bot.done() == ["heard good morning"]


async def test_whoever_writes_to_the_bot_learns_what_it_answers_to(bot):
    bot.sandbox.say("olga", "dm", "hello?")
    answer = (await bot.sandbox.until(lambda: bot.sandbox.dm("olga")[1:]))[0]
    assert "`/board`: Puts things on the board" in answer.shown


async def test_the_bot_does_not_answer_itself(bot):
    bot.sandbox.say("olga", "dm", "hello?")
    await bot.sandbox.until(lambda: len(bot.sandbox.dm("olga")) == 2 and len(bot.sandbox.record.of("ack")) >= 2)
    assert len(bot.sandbox.record.calls("chat.postMessage")) == 1
    assert await bot.done() == ["heard hello?"]


@pytest.mark.parametrize("way", ["http"])
async def test_an_event_whose_hearing_fails_is_asked_for_again(bot):
    bot.sandbox.say("olga", "ops", "trip")
    await bot.sandbox.until(lambda: len(bot.sandbox.record.of("ack")) == 4)
    assert await bot.done() == []


async def test_opening_the_home_is_heard(bot):
    await bot.sandbox.open_home("olga")
    await bot.sandbox.until(lambda: bot.sandbox.record.of("ack"))
    assert await bot.done() == ["heard app_home_opened"]


async def test_being_removed_from_the_workspace_is_told_to_whoever_runs_it(bot):
    removed = {
        "type": "event_callback",
        "event_id": "Ev1",
        "team_id": "T0SANDBOX",
        "event": {"type": "app_uninstalled"},
    }
    with structlog.testing.capture_logs() as logs:
        assert (await bot.sandbox.courier.send("events_api", removed)).ok
    assert [line["log_level"] for line in logs if line["event"] == "slack.uninstalled"] == ["error"]
