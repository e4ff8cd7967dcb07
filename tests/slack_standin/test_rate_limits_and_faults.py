"""Rate limits, faults that can be made, and the record of it all."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import RateLimits
from tests.slack_standin.bot import posted


async def test_rate_limits_of_the_stand_in_take_a_burst_then_one_message_a_second(slack, client, moment):
    assert [await posted(client) for _ in range(6)] == ["ok"] * 4 + [1, 1]
    assert await posted(client, "UOLGA") == "ok"
    moment.passes(1)
    assert [await posted(client) for _ in range(2)] == ["ok", 1]
    assert len(slack.messages("ops")) == 5


async def test_rate_limits_of_the_stand_in_give_each_method_a_tier_by_the_minute(client, moment):
    for _ in range(20):
        await client.users_list()
    with pytest.raises(SlackApiError) as caught:
        await client.users_list()
    assert caught.value.response.headers["Retry-After"] == "3"
    moment.passes(3)
    await client.users_list()


async def test_rate_limits_of_the_stand_in_can_be_lifted_or_made_stricter(slack, client):
    slack.use_limits(RateLimits.off())
    assert {await posted(client) for _ in range(20)} == {"ok"}
    slack.use_limits(RateLimits(message_burst=1, message_rate=0.1))
    assert [await posted(client) for _ in range(2)] == ["ok", 10]


async def test_faults_in_the_stand_in_refuse_one_channel_for_a_while(slack, client, moment):
    slack.fault("chat.postMessage", "ratelimited", channel="#ops", seconds=60)
    assert await posted(client) == 60
    assert await posted(client, "CLEADS") == "ok"
    moment.passes(45)
    assert await posted(client) == 15
    moment.passes(15)
    assert await posted(client) == "ok"


async def test_faults_in_the_stand_in_refuse_a_persons_dm(slack, client):
    slack.fault("chat.postMessage", "ratelimited", channel="olga", retry_after=7)
    assert await posted(client, "UOLGA") == 7
    assert await posted(client, "UOLGA") == "ok"


async def test_faults_in_the_stand_in_lose_the_answer_of_a_message_that_was_posted(slack, client):
    slack.fault("chat.postMessage", "lost")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="COPS", text="accepted")
    assert [one.text for one in slack.messages("ops")] == ["accepted"]
    assert slack.record.calls("chat.postMessage")[0]["answer"]["lost"]


async def test_faults_in_the_stand_in_drop_a_message_before_it_is_posted(slack, client):
    slack.fault("chat.postMessage", "dropped")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="COPS", text="dropped")
    assert slack.messages("ops") == []
    assert await posted(client) == "ok"


async def test_faults_in_the_stand_in_make_slack_sdk_post_a_lost_message_twice(slack):
    eager = AsyncWebClient(token=slack.spec.bot_token, base_url=slack.api_url)
    slack.fault("chat.postMessage", "lost")
    await eager.chat_postMessage(channel="COPS", text="twice")
    assert [one.text for one in slack.messages("ops")] == ["twice", "twice"]


async def test_faults_in_the_stand_in_break_slow_or_refuse_web_api_requests(slack, client):
    slack.fault(kind="broken", status=503, times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as broken:
            await client.auth_test()
        assert broken.value.response.status_code == 503
    slack.fault("auth.test", "slow", delay=0.05)
    assert (await client.auth_test())["ok"]
    slack.fault("chat.update", "error", code="edit_window_closed")
    with pytest.raises(SlackApiError, match="edit_window_closed"):
        await client.chat_update(channel="COPS", ts="1.0", text="x")
    assert [one["arguments"]["kind"] for one in slack.record.of("fault")] == ["broken", "broken", "slow", "error"]


async def test_faults_in_the_stand_in_answer_as_somebody_else_does(slack, client):
    for carried in (False, True):
        slack.fault("chat.postMessage", "foreign", carried=carried)
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel="COPS", text=f"carried: {carried}")
    slack.fault("chat.postMessage", "foreign", status=403, body='{"ok": false}', content_type="application/json")
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="COPS", text="refused")
    assert (refused.value.response.status_code, refused.value.response.data) == (403, {"ok": False})
    assert [one.text for one in slack.messages("ops")] == ["carried: True"]


async def test_faults_in_the_stand_in_hit_a_share_of_the_requests(slack, client):
    slack.use_limits(RateLimits.off())
    slack.fault("chat.postMessage", "ratelimited", share=0.3, seconds=60)
    answers = [await posted(client) for _ in range(100)]
    assert 15 < 100 - answers.count("ok") < 45


async def test_faults_in_the_stand_in_can_be_lifted(slack, client):
    slack.fault("chat.postMessage", "ratelimited", seconds=600)
    slack.faults.clear()
    assert await posted(client) == "ok"


async def test_the_sandbox_removes_the_bot_from_a_channel_of_the_stand_in(slack, client):
    slack.spec.scopes.remove("chat:write.public")
    slack.remove_bot("ops")
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await client.chat_postMessage(channel="COPS", text="x")
    slack.add_bot("ops")
    slack.archive("ops")
    with pytest.raises(SlackApiError, match="is_archived"):
        await client.chat_postMessage(channel="COPS", text="x")


async def test_the_stand_ins_record_tells_what_was_asked_and_answered_and_no_token(slack, client):
    await posted(client, text="hello")
    entry = slack.record.calls("chat.postMessage")[0]
    assert entry["at"] == "2026-03-25T08:00:00+00:00"
    assert entry["arguments"] == {"channel": "COPS", "text": "hello"}
    assert entry["answer"]["ok"]
    assert "xoxb" not in str(list(slack.record))
