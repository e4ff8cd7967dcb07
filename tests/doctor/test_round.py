"""The doctor says what is wrong with an installation, and how it is mended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from callboard.app import renderers
from callboard.core.clock import ManualClock, SystemClock
from callboard.doctor import State
from callboard.doctor.round import examine
from callboard.settings import Settings
from callboard.slack.manifest import SCOPES
from tests.world import PLAN, World


async def examined(settings, clock=None):
    return [one.line().replace("\n", " ") for one in await examine(settings, clock) if one.state is State.BAD]


async def test_a_good_installation_has_nothing_to_fix(world):
    assert [line for line in await examined(world.settings()) if "the bot is not in" not in line] == []


async def test_a_channel_that_the_bot_is_not_in_is_named_with_what_to_type(database_url):
    async with World(database_url, PLAN.replace('"#sigma"', '"#elsewhere"')) as world:
        (line,) = await examined(world.settings())
    assert "the bot is not in #elsewhere" in line
    assert "/invite @Callboard in #elsewhere" in line


async def test_a_scope_that_the_token_lacks_is_named(world):
    world.slack.spec.scopes.remove("users:read.email")
    assert any("the token lacks users:read.email" in line for line in await examined(world.settings()))
    assert "users:read.email" in SCOPES


@pytest.mark.parametrize(("minutes", "words"), [(1, "that late or early"), (10, "refused as too old")])
async def test_a_clock_that_differs_from_slacks_is_found(world, minutes, words):
    clock = ManualClock(SystemClock().now() + timedelta(minutes=minutes))
    assert any(words in line for line in await examined(world.settings(), clock))


async def test_a_token_that_slack_does_not_take_is_found(world):
    settings = world.settings().model_copy(update={"slack_bot_token": SecretStr("xoxb-other")})
    assert any("does not accept SLACK_BOT_TOKEN: invalid_auth" in line for line in await examined(settings))


async def test_a_step_that_reaches_nobody_is_named(database_url):
    vacant = PLAN.replace("slack: UEXEC", "vacant: true").replace("slack: UAMP", "vacant: true")
    async with World(database_url, vacant) as world:
        found = await examined(world.settings())
    assert any("step Executive of the policy default reaches nobody" in line for line in found)


async def test_an_unlinked_person_is_named(database_url):
    async with World(database_url, PLAN.replace("slack: UPB", "email: pb@example.com")) as world:
        found = await examined(world.settings())
    assert any("1 person without a known Slack account: Person B" in line for line in found)


async def test_an_empty_installation_is_told_where_to_begin(tmp_path):
    found = await examined(Settings(database_url=f"sqlite:///{tmp_path}/none.db"), ManualClock(datetime.now(UTC)))
    assert "SLACK_BOT_TOKEN is not set" in found[0]
    assert any("there is no file" in line and "callboard apply" in line for line in found)
    assert not (tmp_path / "none.db").exists()


async def test_an_unreachable_slack_is_a_finding(tmp_path):
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/none.db", slack_bot_token=SecretStr("xoxb-1"),
        slack_app_token=SecretStr("xapp-1"), slack_api_url="http://127.0.0.1:9/api/",
    )  # fmt: skip
    assert any("cannot be reached" in line for line in await examined(settings))


async def test_a_secret_of_the_wrong_shape_is_found(tmp_path):
    settings = Settings(database_url=f"sqlite:///{tmp_path}/none.db", slack_signing_secret=SecretStr("xoxb-1"))
    assert any("SLACK_SIGNING_SECRET does not look right" in line for line in await examined(settings))


async def test_live_every_screen_is_accepted_by_slack(world):
    found = await examine(world.settings(), live=True)
    assert any("Slack accepts all" in one.sentence for one in found)
    assert len(world.slack.record.calls("blocks.validate")) > len(renderers()) / 2


async def test_live_a_screen_that_slack_rejects_is_named(world):
    world.slack.fault("blocks.validate", "error", code="invalid_blocks")
    found = await examine(world.settings(), live=True)
    (wrong,) = [one for one in found if one.about == "screens"]
    assert "plan" in wrong.sentence
    assert "invalid_blocks" in wrong.sentence


async def test_live_the_doctor_waits_when_slack_limits_it(world):
    world.slack.fault("blocks.validate", "ratelimited", retry_after=1)
    assert any("Slack accepts all" in one.sentence for one in await examine(world.settings(), live=True))
