"""A workspace of roles, plan time that stands still, and a bot over each of Slack's two ways."""

from __future__ import annotations

import pytest
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import ChannelSpec, CommandSpec, Sandbox, ShortcutSpec, UserSpec, WorkspaceSpec
from tests.slack_standin import chromium
from tests.slack_standin.bot import Bot, Moment
from tests.slack_standin.contract import keeps_the_contract
from tests.world import PATIENCE


@pytest.fixture
def moment():
    return Moment()


@pytest.fixture
def spec():
    return WorkspaceSpec(
        users=[
            UserSpec(name="olga", real_name="Omega lead", email="olga@example.com", tz="Europe/Berlin"),
            UserSpec(name="pa", real_name="Person A", email="pa@example.com"),
            UserSpec(name="gone", deleted=True, email="gone@example.com"),
        ],
        channels=[
            ChannelSpec(name="ops"),
            ChannelSpec(name="leads", private=True, members=["olga"]),
            ChannelSpec(name="secret", private=True, members=["olga"], bot=False),
            ChannelSpec(name="elsewhere", bot=False),
            ChannelSpec(name="old", archived=True),
        ],
        commands=[
            CommandSpec(command="/note", should_escape=True, usage_hint="what to note"),
            CommandSpec(command="/raw"),
        ],
        shortcuts=[
            ShortcutSpec(name="Note this", callback_id="note_this"),
            ShortcutSpec(name="Note something", callback_id="note_something", type="global"),
        ],
    )


@pytest.fixture
async def slack(spec, moment):
    sandbox = Sandbox(spec, clock=moment.now, retries=(0, 0, 0), ack_within=2 * PATIENCE, trigger_lifetime=2 * PATIENCE)
    await sandbox.serve()
    yield sandbox
    await sandbox.close()
    keeps_the_contract(sandbox)


@pytest.fixture
def client(slack):
    return AsyncWebClient(token=slack.spec.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture(params=["socket", "http"])
async def bot(slack, request):
    bot = await Bot(slack).over(request.param)
    yield bot
    await bot.leaves()


@pytest.fixture
async def socket_bot(slack):
    bot = await Bot(slack).over("socket")
    yield bot
    await bot.leaves()


@pytest.fixture
async def http_bot(slack):
    bot = await Bot(slack).over("http")
    yield bot
    await bot.leaves()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    """One browser for a file of tests; they run in the loop of their module."""
    async with chromium.browser() as opened:
        yield opened
