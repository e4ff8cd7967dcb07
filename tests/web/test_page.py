"""What a person reads who opens an address in a browser that has nothing for them; programs go on reading problems."""

from __future__ import annotations

import json

import pytest

from callboard.web import problems
from callboard.web.door import Door, Doors
from tests.web.strangers import Open, asks

DATABASES = ("sqlite",)  # pages
CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
NO_PLAN = ("/board", "/board/", "/board/a/b/c", "/nowhere", "/api", "/api/nowhere", "/favicon.ico")


@pytest.fixture
async def world(database_url):
    async with Open(database_url) as world:
        yield world


def reads(answer) -> str:
    """The page that a browser shows."""
    headers = dict(answer.headers)
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert len(headers) == len(answer.headers)
    assert "style-src 'sha256-" in headers["content-security-policy"]
    return answer.body.decode()


def problem(answer) -> str:
    """The sentence that a program reads."""
    assert dict(answer.headers)["content-type"] == "application/problem+json"
    return str(json.loads(answer.body)["detail"])


async def opens(world, address, method="GET", **more):
    return await asks(world.app.web, method, address, [("Accept", CHROMIUM)], **more)


async def test_the_page_of_an_address_that_has_nothing_says_where_the_board_is(world):
    for address in NO_PLAN:
        answer = await opens(world, address)
        assert answer.status == 404, address
        assert "type /plan board in Slack" in reads(answer), address
        plain = await asks(world.app.web, "GET", address, [("Accept", "*/*")])
        assert problem(plain) == "There is nothing at this address: /api/docs shows what there is.", address
        assert plain.status == 404
    for address in ("/board/nosuch", "/board/release"):
        strange = await opens(world, address)
        assert strange.status == 403
        assert "you are not signed in" in strange.body.decode()
        assert "type /plan board there" in strange.body.decode()


async def test_the_page_of_an_address_that_takes_another_method_says_which(world):
    for address, takes in (("/board/release/leave", "POST"), ("/board/release/open/x", "GET or POST")):
        answer = await opens(world, address, "GET" if takes == "POST" else "DELETE")
        assert answer.status == 405
        assert f"This address takes {takes}, not" in reads(answer)
    answer = await asks(world.app.web, "PUT", "/calendar/made-up.ics")
    assert problem(answer) == "This address takes GET, not PUT."
    assert dict(answer.headers)["allow"] == "GET, HEAD, OPTIONS"
    health = await asks(world.app.web, "POST", "/healthz")
    assert (health.status, health.body) == (405, b"This address takes GET, not POST.\n")


async def test_the_page_of_a_calendar_that_is_gone_or_of_whoever_guesses_says_so(world):
    gone = await opens(world, "/calendar/made-up.ics")
    assert gone.status == 404
    assert "Get a new address: /plan calendar new" in reads(gone)
    for number in range(40):
        late = await opens(world, f"/calendar/{number}.ics")
    assert late.status == 429
    assert int(dict(late.headers)["retry-after"]) > 0
    assert "Wait a moment</h1>" in reads(late)
    assert "Too many wrong credentials" in problem(await asks(world.app.web, "GET", "/calendar/1.ics"))


async def test_the_page_of_a_body_that_is_too_long_is_read_by_people_and_the_problem_by_programs(world):
    for address in ("/answer/made-up", "/board/release/leave"):
        large = await opens(world, address, "POST", body=b"x" * 2_000)
        assert large.status == 413
        assert "send less at once" in reads(large)
        assert "send less at once" in problem(await asks(world.app.web, "POST", address, body=b"x" * 2_000))


async def test_the_page_of_a_fault_is_read_by_people_and_the_problem_by_programs():
    async def broken(*_):
        raise LookupError("broken")

    web = Doors(broken, [Door("/", says=problems.say)])
    fault = await asks(web, "GET", "/anywhere", [("Accept", CHROMIUM)])
    assert fault.status == 500
    assert "Something went wrong on my side; nothing was changed." in reads(fault)
    assert "Please report it." in problem(await asks(web, "GET", "/anywhere"))


async def test_no_page_is_shown_to_programs_that_send_a_token_or_take_json(world):
    token = [("Authorization", f"Bearer {world.token('amp', 'tasks')}")]
    java = [("Accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2")]
    address = "/api/v1/plans/release/tasks/nosuch"
    assert "There is no task" in problem(await asks(world.app.web, "GET", address, [*token, *java]))
    either = [("Accept", "application/json, text/html")]
    assert "Send a token" in problem(await asks(world.app.web, "GET", address, either))
    assert "Send a token" in reads(await opens(world, address))
