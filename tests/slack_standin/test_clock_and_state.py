"""The sandbox's own time, and a workspace that outlives a restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Sandbox, SandboxClock, start

START = datetime(2026, 3, 25, 8, 0, tzinfo=UTC)


def test_the_stand_ins_clock_stands_while_paused_and_jumps():
    clock = SandboxClock(START, rate=0)
    assert clock.now() == clock.now() == START
    clock.jump(300)
    clock.jump_to(START + timedelta(hours=1))
    assert clock.now() == START + timedelta(hours=1)
    with pytest.raises(ValueError, match="backwards"):
        clock.jump_to(START)
    with pytest.raises(ValueError, match="aware"):
        SandboxClock(datetime(2026, 3, 25))  # noqa: DTZ001


def test_the_stand_ins_clock_runs_fast():
    clock = SandboxClock(START, rate=600)
    first = clock.now()
    while clock.now() == first:
        pass
    clock.pause()
    assert clock.now() > START
    assert clock.rate == 0


async def test_message_ids_in_the_stand_ins_workspace_are_moments_of_plan_time(spec):
    clock = SandboxClock(START, rate=0)
    async with Sandbox(spec, clock) as slack:
        first = slack.say("olga", "ops", "one")
        clock.jump(3600)
        second = slack.say("olga", "ops", "two")
    assert first.ts == f"{START.timestamp():.6f}"
    assert float(second.ts) - float(first.ts) == 3600


async def test_the_stand_ins_state_is_there_again_after_a_restart(spec, tmp_path):
    kept = tmp_path / "kept" / "sandbox.json"
    clock = SandboxClock(START, rate=0)
    first = await start(spec, state_file=kept, clock=clock)
    client = AsyncWebClient(token=spec.bot_token, base_url=first.api_url)
    card = [{"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": "card"}}]
    ts = (await client.chat_postMessage(channel="UOLGA", text="page", blocks=card))["ts"]
    await client.views_publish(user_id="UOLGA", view={"type": "home", "blocks": card})
    clock.jump(60)
    await first.close()

    second = await start(spec, state_file=kept, clock=SandboxClock(START, rate=0))
    assert [(one.ts, one.shown) for one in second.dm("olga")] == [(ts, "card")]
    home = second.home("olga")
    assert home
    assert home.shown.endswith("card")
    assert second.clock.now() == START + timedelta(seconds=60)
    assert second.say("olga", "dm", "next").ts > ts
    await second.close()

    third = await start(spec, state_file=kept, fresh=True, clock=SandboxClock(START, rate=0))
    assert third.dm("olga") == []
    await third.close()


async def test_the_stand_ins_state_is_written_soon_after_a_change(spec, tmp_path):
    kept = tmp_path / "sandbox.json"
    async with Sandbox(spec, state_file=kept) as slack:
        slack.say("olga", "ops", "kept")
        assert slack.snapshot
        await slack.snapshot.written.wait()
        assert "kept" in kept.read_text()
