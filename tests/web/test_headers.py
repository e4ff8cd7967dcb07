"""What every answer has in its headers, and what every address says of itself."""

from __future__ import annotations

import re

import pytest

from tests.web.strangers import Open, asks, credentials, every_route, filled

DATABASES = ("sqlite",)  # headers


@pytest.fixture
async def world(database_url):
    async with Open(database_url) as world:
        yield world


def guarded(answer, where):
    headers = dict(answer.headers)
    assert len(headers) == len(answer.headers), (where, "sent twice")
    assert re.match(r"default-src 'none'; .*frame-ancestors 'none'", headers["content-security-policy"]), where
    assert "unsafe" not in headers["content-security-policy"], where
    assert "http" not in headers["content-security-policy"], where
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer"), where
    assert headers["x-frame-options"] == "DENY", where
    assert re.match("no-store|private", headers["cache-control"]), where


async def test_the_headers_are_on_every_answer_of_every_route_whatever_it_is(world):
    web, token = world.app.web, world.token("amp")
    for method, path in every_route(world.app):
        for headers in ([], credentials(path, token), [("Content-Length", "9999999999")]):
            guarded(await asks(web, method, filled(path), headers), (method, path))
    for method, path in (("GET", "/nowhere"), ("PATCH", "/healthz"), ("GET", "/api/nowhere"), ("OPTIONS", "/readyz"),
                         ("OPTIONS", "*")):  # fmt: skip
        guarded(await asks(web, method, path), (method, path))
    world.app.slack.account = None  # whoever asks now finds a fault
    fault = await asks(web, "POST", "/slack/events")
    guarded(fault, "a fault")
    assert fault.status == 500


async def test_the_headers_of_an_answer_to_head_are_those_of_get_without_its_body(world):
    web, token = world.app.web, world.token("amp", "tasks", "gates", "blockers", "jobs", "plan")
    await world.says("pa", "/plan calendar new")
    for path in {path for method, path in every_route(world.app) if method == "GET"}:
        get = await asks(web, "GET", filled(path), credentials(path, token))
        head = await asks(web, "HEAD", filled(path), credentials(path, token))
        assert (head.status, head.body) == (get.status, b""), path
        assert {name for name, _ in head.headers} == {name for name, _ in get.headers}, path


async def test_the_allow_header_has_every_method_that_an_address_takes(world):
    web, token = world.app.web, world.token("amp")
    taken: dict[str, set[str]] = {}
    for method, path in every_route(world.app):
        if "{rest" not in path:
            taken.setdefault(filled(path), set()).add(method)
    for path, methods in taken.items():
        if path.startswith("/lfs"):
            continue  # an address of git's is no address elsewhere, whatever the method
        wanted = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        for method in ("OPTIONS", "TRACE"):
            answer = await asks(web, method, path, credentials(path, token))
            assert answer.status == (204 if method == "OPTIONS" else 405), (method, path)
            assert wanted <= set(dict(answer.headers)["allow"].split(", ")), (method, path)
            if method == "TRACE":
                said = re.search(r"This address takes (.*), not TRACE\.", answer.body.decode())
                assert said, path
                assert methods - {"HEAD"} <= set(re.split(", | or ", said[1])), path
    assert (await asks(web, "OPTIONS", "/nowhere")).status == 404


async def test_the_headers_and_a_slash_too_many_make_no_other_address(world):
    web, token = world.app.web, world.token("amp", "tasks", "locks")
    for path in ("/healthz", "/api/docs", "/api/v1/plans/release/tasks", "/lfs/release/harbor/locks"):
        one, other = [await asks(web, "GET", path + slash, credentials(path, token)) for slash in ("", "//")]
        assert (one.status, one.body) == (other.status, other.body), path
        assert one.status == 200, path


async def test_the_headers_of_an_answer_that_asks_to_wait_say_how_long(world):
    web, guess = world.app.web, "x" * 40
    ways = [("GET", f"/answer/{guess}"), ("POST", f"/answer/{guess}"), ("POST", f"/board/release/open/{guess}"),
            ("GET", f"/calendar/{guess}.ics"), ("GET", "/api/v1/plans/release"), ("POST", "/hooks/gitlab"),
            ("POST", "/lfs/release/web/locks/verify")]  # fmt: skip
    for _ in range(40):
        await asks(web, "GET", f"/answer/{guess}")
    for method, path in ways:
        wrong = [("X-Gitlab-Token", guess)] if path.startswith("/hooks") else credentials(path, guess)
        barred = await asks(web, method, path, wrong)
        assert barred.status == 429, path
        assert int(dict(barred.headers)["retry-after"]) > 0, path
