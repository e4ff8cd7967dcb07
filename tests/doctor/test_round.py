"""The doctor says what is wrong with an installation, and how it is mended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from callboard.app import renderers
from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.doctor import State
from callboard.doctor.round import examine
from callboard.settings import Settings
from callboard.slack.manifest import SCOPES
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # what Slack and the plan say


async def bad(settings, clock=None):
    return [one.line().replace("\n", " ") for one in await examine(settings, clock) if one.state is State.BAD]


async def examined(world, *, late=timedelta(), **settings):
    """What is bad in a world, by a clock that is so late."""
    return await bad(world.settings().model_copy(update=settings), ManualClock(world.clock.now() + late))


async def test_the_doctors_round_finds_nothing_to_fix_in_a_good_installation(world):
    assert [line for line in await examined(world) if "the bot is not in" not in line] == []


async def test_the_doctors_round_names_a_channel_that_the_bot_is_not_in(database_url):
    async with World(database_url, PLAN.replace('"#sigma"', '"#elsewhere"')) as world:
        world.slack.remove_bot("elsewhere")
        (line,) = await examined(world)
    assert "the bot is not in #elsewhere" in line
    assert "/invite @Callboard in #elsewhere" in line


async def test_the_doctor_names_a_scope_that_the_bots_token_lacks_in_the_workspace(world):
    world.slack.spec.scopes.remove("users:read.email")
    assert any("the token lacks users:read.email" in line for line in await examined(world))
    assert "users:read.email" in SCOPES


async def test_the_doctor_finds_a_clock_that_differs_from_that_of_the_workspace(world):
    assert any("that late or early" in line for line in await examined(world, late=timedelta(minutes=1)))


async def test_the_doctor_finds_a_token_that_the_workspace_does_not_take(world):
    found = await examined(world, slack_bot_token=SecretStr("xoxb-other"))
    assert any("does not accept SLACK_BOT_TOKEN: invalid_auth" in line for line in found)


@pytest.mark.parametrize(
    ("oldest", "said"), [("9998", [True]), (schema.head(), [])], ids=["that this one can't serve", "that it can serve"]
)
async def test_the_doctors_round_says_that_a_newer_version_wrote_the_database(world, oldest, said):
    newer = text("UPDATE alembic_version SET version_num = '9999', lives_with = :oldest").bindparams(oldest=oldest)
    world.app.db.transact(lambda tx: tx.connection.execute(newer))
    found = [line for line in await examined(world) if "the bot is not in" not in line]
    assert ["A newer Callboard wrote this database (schema 9999)" in line for line in found] == said


async def test_the_doctors_round_names_a_policy_step_that_reaches_nobody(database_url):
    vacant = PLAN.replace("slack: UEXEC", "vacant: true").replace("slack: UAMP", "vacant: true")
    async with World(database_url, vacant) as world:
        found = await examined(world)
    assert any("step Executive of the policy default reaches nobody" in line for line in found)


async def test_the_doctors_round_names_a_person_without_a_slack_account(database_url):
    async with World(database_url, PLAN.replace("slack: UPB", "email: pb@example.com")) as world:
        found = await examined(world)
    assert any("1 person without a known Slack account: Person B" in line for line in found)


async def test_the_doctors_round_says_where_to_begin_when_nothing_is_set_up(tmp_path):
    found = await bad(Settings(database_url=f"sqlite:///{tmp_path}/none.db"))
    assert "SLACK_BOT_TOKEN is not set" in found[0]
    assert any("there is no file" in line and "callboard apply" in line for line in found)
    assert not (tmp_path / "none.db").exists()


async def test_the_doctor_finds_that_the_workspace_is_unreachable(tmp_path):
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/none.db", slack_bot_token=SecretStr("xoxb-1"),
        slack_app_token=SecretStr("xapp-1"), slack_api_url="http://127.0.0.1:9/api/",
    )  # fmt: skip
    assert any("cannot be reached" in line for line in await bad(settings))


async def test_the_doctors_round_finds_a_secret_of_the_wrong_shape(tmp_path):
    settings = Settings(database_url=f"sqlite:///{tmp_path}/none.db", slack_signing_secret=SecretStr("xoxb-1"))
    assert any("SLACK_SIGNING_SECRET does not look right" in line for line in await bad(settings))


async def test_the_doctor_has_the_workspace_check_every_screen(world):
    found = await examine(world.settings(), live=True)
    assert any("Slack accepts all" in one.sentence for one in found)
    assert len(world.slack.record.calls("blocks.validate")) > len(renderers()) / 2


async def test_the_doctor_names_a_screen_that_the_workspace_rejects(world):
    world.slack.fault("blocks.validate", "error", code="invalid_blocks")
    found = await examine(world.settings(), live=True)
    (wrong,) = [one for one in found if one.about == "screens"]
    assert "plan" in wrong.sentence
    assert "invalid_blocks" in wrong.sentence


async def test_the_doctor_waits_when_the_workspace_limits_its_check_of_screens(world):
    world.slack.fault("blocks.validate", "ratelimited", retry_after=1)
    assert any("Slack accepts all" in one.sentence for one in await examine(world.settings(), live=True))


async def test_the_doctors_round_notes_that_calendars_have_no_whole_address(world):
    settings = world.settings()
    for given, times in ((None, 1), ("https://callboard.example.com", 0)):
        lines = [one.line() for one in await examine(settings.model_copy(update={"public_url": given}))]
        assert sum("CALLBOARD_PUBLIC_URL is not set" in line for line in lines) == times
