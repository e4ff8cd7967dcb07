"""The doctor and `apply` ask Slack about the accounts that a plan names; what Slack explains is shown."""

from __future__ import annotations

import asyncio

from typer.testing import CliRunner

from callboard.cli.main import main
from callboard.doctor import State
from callboard.doctor.round import examine
from tests.world import PLAN, World

DATABASES = ("sqlite",)
WRONG = PLAN.replace("slack: UPB", "slack: UNOBODY").replace("slack: USC", "slack: U0BOT")


async def found(world, *, live=False):
    return [one.line() for one in await examine(world.settings(), live=live) if one.state is State.BAD]


async def test_the_doctors_round_asks_slack_about_the_accounts_of_a_plan(database_url):
    async with World(database_url, WRONG) as world:
        world.slack.workspace.deactivate(world.slack.workspace.user("exec"))
        lines = await found(world)
    for words in (
        "Person B (UNOBODY) has a Slack account that this workspace does not know",
        "Person C (U0BOT) has a Slack account that is a bot's",
        "Executive (UEXEC) has a deactivated Slack account",
    ):
        assert sum(words in line and "ame somebody else" in line for line in lines) == 1, lines


async def test_the_doctor_shows_why_slack_checks_no_screen_of_the_workspace(world):
    world.slack.spec.scopes.remove("chat:write")
    lines = await found(world, live=True)
    assert any("the token lacks chat:write" in line for line in lines)
    world.slack.fault("auth.test", "error", code="missing_scope")
    (line,) = [line for line in await found(world) if "does not accept" in line]
    assert "reinstall the app" in line


async def test_the_doctor_says_what_to_do_about_each_refused_token_of_the_workspace(world):
    for code, fix in (("token_revoked", "Reinstall the app"), ("accesslimited", "An admin has to allow it")):
        world.slack.fault("auth.test", "error", code=code)
        (line,) = [line for line in await found(world) if "does not accept" in line]
        assert fix in line
    world.slack.fault("apps.connections.open", "error", code="link_disabled")
    assert any("Switch it on under Socket Mode" in line for line in await found(world))


async def test_applying_a_plan_warns_of_accounts_that_are_not_right(database_url, tmp_path):
    async with World(database_url, "") as world:
        (tmp_path / "plan.yml").write_text(WRONG)
        given = world.settings()
        environment = {
            "SLACK_BOT_TOKEN": given.slack_bot_token.get_secret_value(), "SLACK_API_URL": given.slack_api_url,
            "DATABASE_URL": given.database_url,
        }  # fmt: skip
        ran = await asyncio.to_thread(
            CliRunner().invoke, main, ["apply", str(tmp_path / "plan.yml"), "--yes"], env=environment
        )
    assert "Person B (UNOBODY) has a Slack account that this workspace does not know. Correct `slack:`" in ran.output, (
        ran.output
    )
    assert "Person C (U0BOT) has a Slack account that is a bot's" in ran.output


async def test_the_doctor_says_which_scopes_slack_wants_of_the_workspace_and_which_the_token_has(world):
    world.slack.spec.scopes[:] = ["chat:write", "users:read"]
    lines = await found(world)
    (line,) = [line for line in lines if "missing_scope" in line]
    assert "needed: channels:read,groups:read" in line, line
    assert "provided: chat:write,users:read" in line
    assert "reinstall the app" in line
