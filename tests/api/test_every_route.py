"""What holds of every route of the API: who a token lets in, and how long a text may be."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from callboard.app import scopes
from callboard.web import tokens
from tests.api.desk import PLAN
from tests.gates.company import PEOPLE
from tests.web.strangers import Open, asks, credentials, filled, holed, sample

DATABASES = ("sqlite",)  # who may and what is read is decided before either is asked
LONG = "x" * 100_000
MOST_SAID = 3_000
LFS = [("GET", "/locks"), ("POST", "/locks"), ("POST", "/locks/verify"), ("POST", "/locks/1/unlock")]
OTHER = PLAN.replace("key: release", "key: other")


@pytest.fixture
async def world(database_url):
    async with Open(database_url, PLAN, people=PEOPLE) as world:
        yield world


def operations(world):
    """Every operation: method, path, what describes it, and a body that is right."""
    described = world.app.api.openapi()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/api/v1/"):
                content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                yield method.upper(), path, operation, sample(described, content["schema"]) if content else None


async def sends(world, token, method, path, body=None, *, who="amp", **names):
    world.app.limits._left.clear()
    raw = b"" if body is None else json.dumps(body).encode()
    headers = [*credentials(path, token, who=who), ("Content-Type", "application/json")]
    return await asks(world.app.web, method, filled(path, **names), headers, raw)


async def test_every_api_token_opens_no_route_of_another_scope_or_plan_and_none_once_it_has_ended(world):
    world.apply(OTHER)
    known = scopes()
    only_gates, no_gates = world.token("amp", "gates"), world.token("amp", "locks:check")
    stray = world.token("amp", *known, plan="other")
    short = world.token("amp", *known, lasts=timedelta(minutes=5))
    ended = world.token("amp", *known)
    number = max(token.id for token in world.app.db.transact(tokens.listed))
    world.app.db.transact(tokens.revoke, number, "test")
    gone = world.token("pb", *known)
    world.slack.deactivate("pb")
    await world.heard("user_change")
    await world.advance(minutes=6)
    every = [*operations(world), *((method, f"/lfs/{{plan}}/harbor{path}", {}, {}) for method, path in LFS)]
    assert len(every) > 25
    over = [(stray, 403, "only for the plan `other`"), (short, 401, "expired"), (ended, 401, "revoked")]
    needed = set()
    for method, path, _, body in every:

        async def answered(token, who="amp", method=method, path=path, body=body):
            answer = await sends(world, token, method, path, body, who=who)
            return answer.status, answer.body.decode()

        for token, status, says in over:
            found = await answered(token)
            assert (found[0], says in found[1]) == (status, True), (method, path, found)
        status, refused = await answered(no_gates if "/gates" in path else only_gates)
        scope = next(iter(re.findall(r"needs the scope `([a-z:]+)`", refused)), "")
        assert (status, bool(scope)) == (403, True), (method, path, refused)
        needed.add(scope)
        assert "needs the scope" not in (await answered(world.token("amp", scope)))[1], (method, path)
        others = world.token("amp", *(each for each in known if each != scope))
        assert "needs the scope" in (await answered(others))[1], (method, path)
        status, refused = await answered(gone, "pb")
        assert (status in (401, 403), "deactivated" in refused) == (True, True), (method, path, refused)
    assert needed == set(known) - {"alerts:send"}  # hooks are no routes of the API


async def test_no_field_of_an_api_route_takes_a_text_of_100_000_characters(world):
    token, taken, tried = world.token("amp", *scopes()), [], 0
    for method, path, operation, body in operations(world):
        bodies = [("body", holed_body) for holed_body in holed(body or {})]
        names = [part["name"] for part in operation.get("parameters", ()) if part["in"] == "query"]
        paths = re.findall(r"\{(\w+)\}", path)
        sent = [
            *((method, path, json.loads(json.dumps(each).replace('"$"', json.dumps(LONG))), {}) for _, each in bodies),
            *((method, f"{path}?{name}={LONG}", body, {}) for name in names),
            *((method, path, body, {name: LONG}) for name in paths),
        ]
        for one, address, what, own in sent:
            tried += 1
            answer = await sends(world, token, one, address, what, **own)
            if not 400 <= answer.status < 500 or len(answer.body) > MOST_SAID:
                taken.append((one, path, str(what)[:80], answer.status, len(answer.body)))
    assert taken == []
    assert tried > 80
    assert max(map(len, (entry.said or "" for entry in world.entries("token")))) < MOST_SAID
