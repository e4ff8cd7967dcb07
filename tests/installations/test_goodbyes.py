"""A workspace takes the app away, or its token breaks: its plans stay, nothing is sent, and the others go on."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from callboard.blockers import service as blockers
from callboard.core import outbox
from callboard.core.deliveries import DELIVERIES
from callboard.core.outbox import Post
from callboard.core.timeline import Subject
from callboard.doctor.round import examine
from callboard.installations import service, store
from callboard.installations.models import ENDED
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from slack_standin import payloads
from slack_standin.clock import GivenClock
from tests.installations.two import EAST, PUBLIC, WEST, Two
from tests.web.strangers import asks, of_slack

DATABASES = ("sqlite",)


@pytest.fixture
async def two(database_url):
    async with Two(database_url) as two:
        yield two


async def gone(two: Two, team: str) -> None:
    """Slack tells, and all that follows is over."""
    two.front.uninstall(team)
    await two.front[team].courier.idle()
    await two.app.slack.idle()
    await two.app.slack.clients.workspaces()
    await two.app.settle()


def counted(two: Two, team: str) -> dict[str, int]:
    row = DELIVERIES.c
    asked = select(row.state, func.count()).where(row.workspace == team).group_by(row.state)
    return dict(two.app.db.transact(lambda tx: [tuple(each) for each in tx.connection.execute(asked)]))


def withdrawn(tx, number):
    """Somebody says by a program that it was a mistake, while nobody can be told."""
    row = blockers.find(tx, number)
    assert row
    asker = Asker(teams.directory(tx, row.plan_id), teams.directory(tx, row.plan_id).people["pa"])
    return blockers.withdraw(tx, asker, number, "a mistake")


async def standing(two: Two) -> list[str]:
    return [row.team_id for row in await two.app.db.read(store.standing)]


@pytest.mark.both_databases
async def test_a_workspace_that_uninstalls_keeps_its_plan_and_hears_what_is_still_true_when_it_comes_back(two):
    east, west = two.east, two.west
    await east.says("pa", "/blocker mongo is down in the east")
    await east.says("pa", "/blocker postgres is slow in the east")
    await gone(two, EAST)
    assert await standing(two) == [WEST]
    (left,) = east.entries("plan", "left Slack")  # Slack says it twice, in any order
    assert left.facts["why"] in ENDED.values()
    before, asked = len(east.slack.record.of("request")), len(east.dm("amp").messages)
    await west.says("pa", "/blocker redis is down in the west")
    await west.advance(minutes=6)  # both climb
    west.dm("amp").expect("redis")
    assert len(east.slack.record.of("request")) == before
    states = counted(two, EAST)
    assert states["parked"] >= 2
    assert east.row("blocker", 1).state == "open"
    assert await two.app.db.write(withdrawn, 2)
    await two.install(EAST)
    await two.app.settle()
    assert east.entries("plan", "is in Slack again")
    assert len(east.dm("amp").messages) > asked
    east.dm("amp").expect("paged", "mongo")
    east.dm("amp").expect_nothing("paged", "postgres")  # what is not true any more is left out
    assert "parked" not in counted(two, EAST)
    assert "mongo" in (await east.says("pa", "/blocker list")).text


async def test_what_was_said_before_a_new_installation_does_not_end_it(two):
    spec = two.east.slack.spec
    old = payloads.event(two.east.slack.workspace, {"type": "app_uninstalled", "event_ts": "1.1"})
    await two.east.advance(minutes=2)
    await two.install(EAST)
    two.front[EAST].courier.event(old)
    await two.front[EAST].courier.idle()
    assert await standing(two) == [EAST, WEST]
    assert spec.bot_token == two.app.slack.clients.of(EAST).api.client.token


async def test_the_token_of_a_person_is_none_of_ours(two):
    event = {"type": "tokens_revoked", "tokens": {"oauth": ["UPA"], "bot": []}, "event_ts": "1.1"}
    two.front[EAST].courier.event(payloads.event(two.east.slack.workspace, event))
    await two.front[EAST].courier.idle()
    assert await standing(two) == [EAST, WEST]


async def test_one_goodbye_is_told_once_however_often_slack_says_it(two):
    await gone(two, EAST)
    await gone(two, EAST)
    assert len(two.east.entries("plan", "left Slack")) == 1
    assert not two.app.db.transact(service.end, EAST, "app_uninstalled")


async def test_what_comes_from_a_workspace_that_left_is_refused_and_changes_nothing(two):
    await two.east.says("pa", "/blocker mongo is down in the east")
    await gone(two, EAST)
    answer = await two.east.says("pa", "/blocker resolve 1")
    assert "not installed in this workspace" in answer.text
    assert two.east.row("blocker", 1).state == "open"


async def test_a_page_goes_by_mail_while_the_workspace_has_no_token(two):
    plan_id = two.east.plan_id
    await gone(two, EAST)
    post = Post(key="page:x", plan_id=plan_id, workspace=EAST, address="UOLGA", kind="blocker.page",
                subject=Subject("plan", plan_id), priority=outbox.Priority.PAGE, recipient="olga")  # fmt: skip
    two.app.db.transact(outbox.enqueue, [post])
    await two.app.settle()
    assert [each.error for each in two.app.db.transact(outbox.keyed, ["page:x"])] != [None]


async def test_a_token_that_breaks_makes_the_bot_unready_for_nobody_and_is_seen(two):
    asgi = httpx.ASGITransport(two.app.web)
    await two.app.ticker.tick()
    async with httpx.AsyncClient(transport=asgi, base_url=PUBLIC) as http:
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"ready": True, "why": ""})
        two.east.slack.workspace.revoked = True
        for side in (two.east, two.west):
            await side.says("pa", "/blocker something is down")
        two.west.channel("omega").expect("something is down")
        ready = await http.get("/readyz")
        assert ready.status_code == 200
        assert list(ready.json()["workspaces"]) == [EAST]
        assert "Slack does not accept the token of East (T0EAST): token_revoked" in ready.json()["workspaces"][EAST]
        assert "/slack/install" in ready.json()["workspaces"][EAST]
        measured = (await http.get("/metrics")).text
        assert f'callboard_workspace_up{{workspace="{EAST}"}} 0.0' in measured
        assert f'callboard_workspace_up{{workspace="{WEST}"}} 1.0' in measured
        assert "callboard_slack_up 1.0" in measured
        await gone(two, EAST)
        assert "callboard_workspace_up{" + f'workspace="{EAST}"' not in (await http.get("/metrics")).text


async def test_the_doctor_looks_at_each_workspace(two):
    lines = [finding.line() for finding in await examine(two.settings(), two.clock)]
    assert sum("the token works, for the workspace" in line for line in lines) == 2
    assert any(f"install it at {PUBLIC}slack/install" in line for line in lines)
    two.east.slack.workspace.revoked = True
    lines = [finding.line() for finding in await examine(two.settings(), two.clock)]
    assert any("does not accept the token of East (T0EAST): token_revoked" in line for line in lines)
    await gone(two, WEST)
    lines = [finding.line() for finding in await examine(two.settings(), two.clock)]
    assert any("West (T0WEST) left at" in line for line in lines)
    secret = two.settings().model_copy(
        update={"slack_client_secret": type(two.settings().slack_client_secret)("other")}
    )
    lines = [finding.line() for finding in await examine(secret, two.clock)]
    assert any("SLACK_CLIENT_SECRET is another one by now" in line for line in lines)


async def test_what_slack_signs_is_taken_by_its_own_time_though_no_clock_here_is_right(two):
    slacks = two.clock.now() - timedelta(hours=2)
    for side in (two.east, two.west):
        side.slack.workspace.clock = GivenClock(lambda: slacks)
        await side.says("pa", "/blocker something is down")
    body = b"command=/blocker&text=list&user_id=UPA&team_id=T0EAST&channel_id=COMEGA&trigger_id=1.2"
    secret = two.front.first.spec.signing_secret
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    for at, status in ((slacks, 200), (slacks - timedelta(minutes=6), 401)):
        sent = await asks(two.app.web, "POST", "/slack/events", [*of_slack(body, secret, at.timestamp()), kind], body)
        assert sent.status == status, at
