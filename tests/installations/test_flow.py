"""An admin installs Callboard in a browser; and every way in which that comes to nothing."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from callboard.app import sections
from callboard.installations import store
from callboard.installations.models import Installation
from callboard.plans import service as plans
from tests.installations.two import EAST, PUBLIC, SECRET, WEST, Two, named
from tests.web.test_server import Listening
from tests.world import PLAN

DATABASES = ("sqlite",)


class Browser:
    """What an admin has open: it keeps cookies, and goes where it is sent."""

    def __init__(self, http: httpx.AsyncClient, two: Two) -> None:
        self.http, self.two = http, two

    async def begins(self) -> dict[str, str]:
        """Open the first page; what its button asks Slack for."""
        page = await self.http.get("/slack/install")
        assert page.status_code == 200
        asked = asks(page.text)
        shown = await self.http.get(f"{self.two.front.url}/oauth/v2/authorize", params=asked)
        assert shown.status_code == 200, shown.text
        return asked

    async def decides(self, asked: dict[str, str], team: str, *, allow: str = "1") -> str:
        """Allow or cancel at Slack; where Slack sends the browser, on this server."""
        form = {**asked, "team": team, "allow": allow}
        answer = await self.http.post(f"{self.two.front.url}/oauth/v2/authorize", data=form)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"].removeprefix(self.two.public.rstrip("/"))

    async def installs(self, team: str, **how: str) -> httpx.Response:
        return await self.http.get(await self.decides(await self.begins(), team, **how))


def asks(page: str) -> dict[str, str]:
    """What the button of the first page asks Slack for."""
    link = re.search(r'href="([^"]+)">Add to Slack<', page)
    assert link
    return dict(parse_qsl(urlsplit(unescape(link[1])).query, keep_blank_values=True))


def shown(answer: httpx.Response) -> str:
    """What the page says, without markup."""
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", answer.text))


def installed(two: Two) -> list[str]:
    return [row.team_id for row in two.app.db.transact(store.standing)]


@pytest.fixture
async def there(database_url):
    """Nothing is installed yet, and the server listens."""
    listening = Listening(None)
    port = listening.socket.getsockname()[1]
    two = Two(database_url, installed=(), plan="", public=f"http://127.0.0.1:{port}/")
    async with two:
        listening.server.config.loaded_app = listening.server.config.app = two.app.web
        async with listening, httpx.AsyncClient(base_url=two.public, trust_env=False, timeout=60) as http:
            yield SimpleNamespace(two=two, browser=Browser(http, two))


async def test_an_admin_installs_it_and_the_first_command_is_answered(there):
    two, browser = there.two, there.browser
    answer = await browser.installs(WEST)
    assert answer.status_code == 200
    assert "Callboard is installed in West Next: type /plan in Slack." in " ".join(shown(answer).split())
    assert installed(two) == [WEST]
    two.west.apply(named(PLAN, two.west))
    assert "Release West" in (await two.west.says("pa", "/plan")).text
    kept = two.app.db.transact(lambda tx: tx.session.exec(select(col(Installation.sealed))).scalar())
    assert two.front[WEST].spec.bot_token not in kept
    await browser.installs(EAST)
    assert installed(two) == [EAST, WEST]


async def test_a_plan_that_waits_for_a_workspace_joins_the_first_that_is_installed(there):
    two = there.two
    checked = plans.check(PLAN, "plan.yml", sections())
    two.app.db.transact(plans.apply, checked, author="test")
    await two.app.arrival.look(link=True)
    assert two.app.db.transact(plans.any_homeless)
    await there.browser.installs(WEST)
    await two.app.arrival.look(link=True)
    assert "Release" in (await two.west.says("pa", "/plan")).text


@pytest.mark.parametrize(("wrong", "says"), [("", "another browser"), ("x", "another browser")])
async def test_a_state_of_nobody_installs_nothing(there, wrong, says):
    location = await there.browser.decides(await there.browser.begins(), WEST)
    code = dict(parse_qsl(urlsplit(location).query))["code"]
    answer = await there.browser.http.get("/slack/oauth_redirect", params={"code": code, "state": wrong})
    assert answer.status_code == 400
    assert says in shown(answer)
    assert "Start again" in shown(answer)
    assert installed(there.two) == []


async def test_another_browser_cannot_finish_what_this_one_began(there):
    location = await there.browser.decides(await there.browser.begins(), WEST)
    async with httpx.AsyncClient(base_url=there.two.public, trust_env=False, timeout=60) as other:
        await other.get("/slack/install")  # it has a cookie of its own
        assert "another browser" in shown(await other.get(location))
    assert installed(there.two) == []
    assert "is installed" in shown(await there.browser.http.get(location))


async def test_an_attempt_works_once_and_for_ten_minutes(there):
    browser, two = there.browser, there.two
    location = await browser.decides(await browser.begins(), WEST)
    cookies = dict(browser.http.cookies)
    assert "is installed" in shown(await browser.http.get(location))
    browser.http.cookies.update(cookies)
    assert "is finished" in shown(await browser.http.get(location))
    browser.http.cookies.clear()
    location = await browser.decides(await browser.begins(), EAST)
    await two.east.jump(minutes=11)
    assert "older than ten minutes" in shown(await browser.http.get(location))
    assert installed(two) == [WEST]


async def test_cancelled_in_slack_is_said_and_nothing_is_stored(there):
    answer = await there.browser.installs(WEST, allow="0")
    assert "You cancelled it in Slack" in shown(answer)
    assert installed(there.two) == []


async def test_slack_refuses_or_cannot_be_reached_and_nothing_is_half_stored(there):
    browser, two = there.browser, there.two
    location = await browser.decides(await browser.begins(), WEST)
    next(iter(two.front.grants.values())).used = True
    answer = await browser.http.get(location)
    assert (answer.status_code, "code_already_used" in shown(answer)) == (400, True)
    location = await browser.decides(await browser.begins(), WEST)
    two.front.client_secret = "another one"
    answer = await browser.http.get(location)
    assert "bad_client_secret. Whoever runs Callboard has to correct its settings." in shown(answer)
    two.front.client_secret = SECRET
    location = await browser.decides(await browser.begins(), WEST)
    two.front.broken = True
    answer = await browser.http.get(location)
    assert (answer.status_code, "Slack cannot be reached" in shown(answer)) == (502, True)
    assert installed(two) == []


async def test_an_organisation_and_an_uninvited_workspace_are_refused_and_given_back(there):
    two, browser = there.two, there.browser
    two.front.organisation = True
    assert "not whole organisations" in shown(await browser.installs(WEST))
    assert two.front[WEST].workspace.revoked
    two.front.organisation = False
    assert installed(two) == []


async def test_only_the_workspaces_that_are_named_may_install(database_url):
    async with Two(database_url, installed=(), plan="", workspaces=(EAST,)) as two:
        asgi = httpx.ASGITransport(two.app.web)
        async with httpx.AsyncClient(transport=asgi, base_url=PUBLIC) as http:
            for team, says in ((WEST, "West (T0WEST) may not install"), (EAST, "is installed in East")):
                http.cookies.clear()
                asked = asks((await http.get("/slack/install")).text)
                answer = await http.get(two.front.decided({**asked, "team": team, "allow": "1"}))
                assert says in shown(answer)
        assert installed(two) == [EAST]
        assert two.front[WEST].workspace.revoked


async def test_with_one_token_there_are_no_such_pages(world):
    asgi = httpx.ASGITransport(world.app.web)
    async with httpx.AsyncClient(transport=asgi, base_url=PUBLIC) as http:
        assert (await http.get("/slack/install")).status_code == 404
        assert (await http.get("/slack/oauth_redirect?code=1&state=2")).status_code == 404
