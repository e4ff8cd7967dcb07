"""Whatever comes to whichever route, the answer is no fault."""

from __future__ import annotations

import json

import pytest
from sqlmodel import select

from callboard.core.outbox import Delivery
from tests.api.desk import PLAN
from tests.gates.company import PEOPLE
from tests.web.strangers import Open, asks, credentials, every_route, filled, holed, sample

HEADERS = [
    ("Authorization", b"Bearer \xff\xfe"), ("Authorization", b"Basic \xc2\xb2"), ("Authorization", "Basic"),
    ("Authorization", "Basic /////w=="), ("Authorization", "Basic a"), ("Authorization", b"Bearer \x00"),
    ("Host", "["), ("Host", b"\xff:x:9"), ("Host", ""), ("Content-Length", b"\xb2"), ("Content-Length", "-1"),
    ("Content-Length", "9" * 5000), ("Content-Type", b"\xff/;=;"), ("Content-Type", "application/json; charset=x"),
    ("Idempotency-Key", b"\xff"), ("X-Slack-Request-Timestamp", b"\xb2"), ("X-Slack-Request-Timestamp", "9" * 5000),
    ("X-Slack-Request-Timestamp", "1e3"), ("X-Slack-Signature", b"v0=\xff"), ("X-Hub-Signature-256", b"sha256=\xff"),
    ("X-Gitlab-Token", b"\xff"), ("Content-Encoding", b"\xff"), ("Cookie", b"\xff"), ("Accept", "q=\xff"),
]  # fmt: skip
NAMES = [
    "%00",
    "%ED%A0%80",
    "%C2%B2",
    "9" * 5000,
    "-1",
    "1.0",
    "1e400",
    "%",
    "..%2F..",
    "%F0%9F%98%80",
    "a" * 5000,
    "'\"",
]
QUERY = "limit={0}&cursor={0}&state={0}&status={0}&team={0}&type={0}&assignee={0}&path={0}&id={0}&refspec={0}"
DEEP, DEEPER, LONG = b"[" * 100_000, b'{"a":' * 400 + b"1" + b"}" * 400, b"9" * 5000
TYPES = ['{"type": "block_actions"}', '{"type": "view_submission", "view": {}}', '{"type": "\\ud800"}', '{"type": []}']
BODIES = [
    b"", b"null", b"[]", b"\xff", b"{", DEEP, b'{"a":' * 100_000, DEEPER, b"1e400", b"NaN", LONG, b'"\\ud800"', b"\x00",
    b"payload=" + DEEP, b"payload=%ff", b"a=b&&&=",
    *(b"payload=" + one.encode() for one in TYPES), b"command=/blocker", b"command=%00&user_id=%ff&team_id=T&text=%00",
    *(b"command=/blocker&user_id=UPA&team_id=T0SANDBOX&channel_id=COMEGA&trigger_id=%b&text=" % text + text
      for text in (b"%00", b"%ED%A0%80", b"ack+%C2%B2", b"%F0")),
]  # fmt: skip
VALUES = [
    '"\\u0000"', '"\\ud800"', '"\\u00b2"', "1e400", "NaN", "-1", "1e2", "99999999999999999999", "null", "true", "[[]]",
    '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-14:00"', '"2025-13-45"', '"2025-01-01T00:00:00"', "-1e18",
    "1" * 400, '{"type": "object", "multipleOf": 1e-300}', '{"a": {"\\ud800": "\\u0000"}}', DEEPER.decode(),
    LONG.decode(), '["\\ud800\\u0000"]',
]  # fmt: skip
LFS = {"path": "src/x", "id": "1", "limit": 10, "cursor": "1/x", "force": True, "ref": {"name": "refs/heads/main"}}
STRIDE = 7
SCOPES = ("tasks", "gates", "blockers", "jobs", "locks", "plan")


@pytest.fixture
async def world(database_url):
    async with Open(database_url, PLAN, people=PEOPLE) as world:
        yield world


async def _none_fails(world, sent):
    """Send some of it: each value somewhere, and to each route some."""
    web, failed = world.app.web, []
    for what, request in sent[::STRIDE]:
        world.app.limits._left.clear()
        world.app.callers.wrong._left.clear()
        answer = await asks(web, *request)
        failed += [what] if answer.status >= 500 else []
    assert failed == []
    assert world.verified() == []
    await world.settled()
    wrong = world.app.db.transact(lambda tx: tx.session.exec(select(Delivery.error)).all())
    assert [error for error in wrong if error and "could not be written" in error] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_header_makes_a_route_of_the_web_app_fail(world):
    token = world.token("amp", *SCOPES)
    await _none_fails(world, [
        ((method, path, name, value), (method, filled(path), [*own, (name, value)], b"{}"))
        for method, path in every_route(world.app) for name, value in HEADERS
        for own in ([[one for one in credentials(path, token, b"{}") if one[0] != name]])
    ])  # fmt: skip


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # it keeps less than SQLite
async def test_no_address_makes_a_route_of_the_web_app_fail(world):
    token = world.token("amp", *SCOPES)
    await _none_fails(world, [
        ((method, address[:100]), (method, address, credentials(path, token)))
        for method, path in every_route(world.app) if method != "HEAD" and not path.startswith("/hooks")
        for name in NAMES
        for address in (filled(path, **dict.fromkeys(("key", "number", "name", "secret", "id", "rest"), name)),
                        f"{filled(path)}?{QUERY.format(name)}")
    ])  # fmt: skip


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # it keeps less than SQLite
async def test_no_body_makes_a_route_of_the_web_app_fail(world):
    token, described = world.token("amp", *SCOPES), world.app.api.openapi()
    await _none_fails(world, [
        ((method, path, kind, body[:80]),
         (method, filled(path), [*credentials(path, token, body), ("Content-Type", kind)], body))
        for method, path in every_route(world.app) if method in ("POST", "PUT")
        for body in [*BODIES, *_nearly(described, method, path)]
        for kind in ("application/x-www-form-urlencoded" if b"=" in body[:10] else "application/json",)
    ])  # fmt: skip


def _nearly(described, method, path):
    """Bodies as the description has them, but for one field."""
    operation = described["paths"].get(path, {}).get(method.lower(), {})
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    good = sample(described, sent) if sent else LFS
    return [json.dumps(body).replace('"$"', value).encode() for body in holed(good) for value in VALUES]
