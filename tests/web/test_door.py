"""Who asks is looked at before a body is read; and whatever comes, the answer is no fault."""

from __future__ import annotations

import asyncio

import pytest

from callboard.web import door as doors
from callboard.web.door import Door, Doors
from tests.web.strangers import Open, asks, credentials, detail, every_route, filled

LENGTHS = ([("Transfer-Encoding", "chunked")], [("Content-Length", "900000000")])
JSON = ("Content-Type", "application/json")
CHUNK = 65_536


@pytest.fixture
async def world(database_url):
    async with Open(database_url) as world:
        yield world


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_door_reads_no_body_of_whoever_has_no_credentials_at_any_route(world):
    web = world.app.web
    routes = every_route(world.app)
    assert len(routes) > 45
    for method, path in routes:
        # Their credentials are in the address or in a cookie, which the route reads: a body has at most 1,000 bytes.
        link = path.startswith(("/answer/", "/board/"))
        for length in LENGTHS:
            answer = await asks(web, method, filled(path), [*length, JSON], endless=True)
            assert answer.read <= doors.SMALL * link, (method, path)
            assert answer.status < 500, (method, path)
            if method not in ("GET", "HEAD") and not link:
                assert answer.status == 401, (method, path)
                assert detail(path, answer), (method, path)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_door_reads_no_more_than_the_limit_from_whoever_has_credentials(world):
    web = world.app.web
    token = world.token("amp", "tasks", "gates", "blockers", "jobs", "locks")
    for method, path in every_route(world.app):
        if method in ("GET", "HEAD"):
            continue
        most = 25_000_000 if path.startswith("/hooks/") else 1_000_000
        for length in LENGTHS:
            answer = await asks(web, method, filled(path), [*length, JSON, *credentials(path, token)], endless=True)
            assert answer.status == 413, (method, path)
            assert answer.read <= most + CHUNK, (method, path)
            assert "at most" in detail(path, answer), (method, path)
        packed = await asks(web, method, filled(path), [("Content-Encoding", "gzip"), *credentials(path, token)])
        assert (packed.status, "Content-Encoding" in detail(path, packed)) == (415, True), (method, path)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_door_bars_an_address_that_guesses_but_nobody_with_a_token_that_was_right_before(world):
    web = world.app.web
    token, path = world.token("amp", "tasks"), filled("/api/v1/plans/{plan}/tasks")
    assert (await asks(web, "GET", path, credentials(path, token))).status == 200
    for wrong in (path, "/lfs/release/harbor/locks", "/calendar/made-up.ics", "/hooks/gitlab"):
        world.app.callers.wrong._left.clear()
        headers = [("X-Gitlab-Token", "guess")] if "hooks" in wrong else credentials(wrong, "guess")
        method = "POST" if "hooks" in wrong else "GET"
        statuses = [(await asks(web, method, wrong, headers)).status for _ in range(32)]
        assert statuses == [404 if "calendar" in wrong else 401] * 30 + [429] * 2, wrong
    assert (await asks(web, "GET", path, credentials(path, token))).status == 200
    assert (await asks(web, "GET", "/healthz")).status == 200
    for number in range(40):
        await asks(web, "GET", path, credentials(path, "guess"), client=f"2001:db8::{number}")
    guess = credentials(path, "guess")
    statuses = [(await asks(web, "GET", path, guess, client=f"2001:db8:0:{n}::1")).status for n in range(2)]
    assert statuses == [429, 401]


async def test_the_door_answers_a_fault_and_a_crowd_in_the_words_of_the_protocol():
    room = asyncio.Event()

    async def app(scope, receive, send):
        await room.wait()
        raise LookupError(scope["path"])

    web = Doors(app, [Door("/always", always=True)])
    crowd = [asyncio.create_task(asks(web, "GET", "/slow")) for _ in range(doors.MOST_AT_ONCE)]
    await asyncio.sleep(0)
    refused, always = await asks(web, "GET", "/slow"), asyncio.create_task(asks(web, "GET", "/always"))
    assert (refused.status, dict(refused.headers)["retry-after"]) == (503, "1")
    room.set()
    assert {(await one).status for one in [*crowd, always]} == {500}
    assert b"Something went wrong on my side" in (await always).body


async def test_the_door_lets_others_in_while_bodies_are_on_their_way():
    async def app(scope, receive, send):
        await doors.plainly(200, "done")(scope, receive, send)

    async def never(*_):
        await asyncio.Event().wait()

    web = Doors(app, [Door("/hooks", longest=doors.LONGEST)])
    scope = {"type": "http", "method": "POST", "path": "/hooks", "query_string": b"", "headers": []}
    halves = [asyncio.create_task(web(scope, never, never)) for _ in range(2 * doors.MOST_AT_ONCE)]
    await asyncio.sleep(0)
    assert (await asks(web, "GET", "/slow")).status == 200
    for half in halves:
        half.cancel()


async def test_the_door_holds_no_more_than_its_room_of_large_bodies_and_takes_small_ones_all_the_same():
    held, room = [], asyncio.Event()

    async def app(scope, receive, send):
        held.append(len((await receive())["body"]))
        await room.wait()
        await doors.plainly(200, "done")(scope, receive, send)

    web = Doors(app, [Door("/", longest=doors.LONGEST)], room=100_000)
    large = asyncio.create_task(asks(web, "POST", "/", body=b"x" * 150_000))
    await asyncio.sleep(0)
    assert (await asks(web, "POST", "/", body=b"x" * 150_000)).status == 503
    small = asyncio.create_task(asks(web, "POST", "/", body=b"x" * 60_000))
    await asyncio.sleep(0)
    room.set()
    assert [(await one).status for one in (large, small)] == [200, 200]
    assert (await asks(web, "POST", "/", body=b"x" * 150_000)).status == 200
    assert held == [150_000, 60_000, 150_000]
