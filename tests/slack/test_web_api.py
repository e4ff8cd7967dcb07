"""Finding people and channels."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def way():
    return "socket"


async def test_the_bots_web_api_client_finds_people_by_their_mail_address(bot):
    assert await bot.app.lookup.user_by_email("pa@example.com", "T0SANDBOX") == "UPA"
    assert await bot.app.lookup.user_by_email("nobody@example.com", "T0SANDBOX") is None


async def test_the_bots_web_api_client_tells_people_and_bots_apart(bot):
    assert (await bot.app.lookup.user("UPA")).is_bot is False
    assert (await bot.app.lookup.user("U0BOT")).is_bot is True
    assert await bot.app.lookup.user("U0NOBODY") is None


async def test_the_bots_web_api_client_finds_channels_by_name_and_whether_it_is_in_them(bot):
    found = await bot.app.lookup.channels(["#ops", "elsewhere", "#nowhere"])
    assert found == {"#ops": ("COPS", True), "elsewhere": ("CELSEWHERE", False)}


async def test_the_bots_web_api_client_waits_with_a_lookup_when_slack_says_so(bot):
    bot.sandbox.fault("users.lookupByEmail", "ratelimited", retry_after=0)
    assert await bot.app.lookup.user_by_email("pa@example.com", "T0SANDBOX") == "UPA"


async def test_the_bots_web_api_client_raises_other_errors_of_a_lookup(bot):
    bot.sandbox.fault("users.lookupByEmail", "error", code="missing_scope")
    with pytest.raises(SlackApiError, match="missing_scope"):
        await bot.app.lookup.user_by_email("pa@example.com", "T0SANDBOX")


@pytest.mark.parametrize(
    "body", ['{"ok": true}', '{"ok": true, "user": null, "channels": null}', '{"ok": true, "user": []}']
)
async def test_the_bots_web_api_client_takes_an_answer_without_what_was_asked_for_none(bot, body):
    for method in ("users.lookupByEmail", "users.info", "conversations.list"):
        bot.sandbox.fault(method, "foreign", body=body, content_type="application/json", times=9)
    lookup = bot.app.lookup
    for asked in (lookup.user_by_email("pa@example.com", "T0SANDBOX"), lookup.user("UPA"), lookup.channels(["ops"])):
        with pytest.raises((OSError, SlackApiError)):
            await asked
    assert await lookup.doubts(["UPA", "UPB"], "T0SANDBOX") == {}


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.slack.com.evil.example/x", "http://hooks.slack.com/x", "https://evil.example/.slack.com/x",
        "http://169.254.169.254/latest", "https://hooks.slack.com@evil.example/x", "https://evilslack.com/x", "http://[",
    ],
)  # fmt: skip
async def test_the_bots_web_api_client_answers_only_at_addresses_of_slack(bot, address):
    api = bot.app.api
    assert not api.is_slacks(address)
    assert await api.respond(address, {"text": "hello"}) is False
    assert api.is_slacks("https://hooks.slack.com/commands/1")
    assert api.is_slacks(f"{bot.sandbox.url}/respond/x")
