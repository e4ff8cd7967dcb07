"""Each way to cheat with a token is refused with a sentence, and the timeline keeps who tried."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callboard.web import tokens
from callboard.web.limits import Limits
from callboard.web.problems import Problem
from tests.api.desk import REPORT, refusal

DATABASES = ("sqlite",)  # rights


def kept(desk):
    """What the timeline says of the last refusal; sealed like all else."""
    last = desk.world.entries("token", "refused")[-1]
    assert desk.world.verified() == []
    return last.actor, last.facts["tried"], last.facts["why"]


async def test_the_web_api_asks_for_a_token_where_a_request_has_none(desk):
    answer = await desk.http.get("/api/v1/plans/release/tasks")
    assert "Send a token" in refusal(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_made_up_api_token_is_unknown(desk):
    assert "Unknown token" in refusal(await desk.asks("pa", "GET", "/tasks", token="callboard_made-up"), 401)


async def test_an_api_token_does_only_what_its_scopes_allow(desk):
    token = desk.world.token("sc", "gates:read", "tasks")
    assert (await desk.asks("sc", "GET", "/gates", token=token)).status_code == 200
    said = refusal(await desk.asks("sc", "POST", "/gates/tested/reports", REPORT, token=token), 403)
    assert said == "This needs the scope `gates:report`; the token has only gates:read, tasks."
    assert kept(desk) == ("sc", "POST /api/v1/plans/release/gates/tested/reports", said)
    refusal(await desk.asks("sc", "GET", "/blockers", token=token), 403)
    assert kept(desk)[1] == "GET /api/v1/plans/release/blockers"


async def test_an_expired_api_token_is_refused(desk):
    token = desk.world.token("sc", lasts=timedelta(hours=1))
    await desk.world.advance(minutes=59)
    assert (await desk.asks("sc", "POST", "/gates/tested/reports", REPORT, token=token)).status_code == 200
    await desk.world.advance(minutes=1)
    said = refusal(await desk.asks("sc", "POST", "/gates/tested/reports", REPORT, token=token), 401)
    assert "expired at 2025-11-13 10:00 UTC" in said
    assert kept(desk)[2] == said
    assert len(desk.world.entries("gate", "reported", "tested")) == 1


async def test_a_revoked_api_token_is_refused(desk):
    token = desk.world.token("sc")
    desk.world.app.db.transact(tokens.revoke, 1, "amp")
    said = refusal(await desk.asks("sc", "POST", "/gates/tested/reports", REPORT, token=token), 401)
    assert "revoked at 2025-11-13 09:00 UTC" in said
    assert kept(desk) == ("sc", "POST /api/v1/plans/release/gates/tested/reports", said)


async def test_an_api_token_of_another_plan_is_refused(desk):
    token = desk.world.token("sc")
    said = refusal(await desk.asks("sc", "POST", "/gates/tested/reports", REPORT, token=token, plan="harbor"), 403)
    assert said == "This token works only for the plan `release`, not for `harbor`."
    assert kept(desk) == ("sc", "POST /api/v1/plans/harbor/gates/tested/reports", said)


async def test_the_web_side_of_teams_finds_nobody_for_a_token_whose_person_has_left_the_plan(desk):
    token = desk.world.token("sc")
    desk.world.apply(desk.world.plan.replace("  sc: {name: Person C, slack: USC}\n", "").replace("members: [sc], ", ""))
    said = refusal(await desk.asks("sc", "POST", "/gates/tested/reports", REPORT, token=token), 403)
    assert "This token acts for `sc`, who has left Release" in said
    assert kept(desk)[2] == said


async def test_the_web_routes_of_gates_keep_who_tried_to_tick_without_a_right_to_it(desk):
    """An observer ticks nothing, and who is of no team of the gate reports nothing: the gate's own history says so."""
    said = refusal(await desk.asks("obi", "POST", "/gates/validated/ticks", {"criterion": "1"}), 409)
    assert "You follow Release as Observer" in said
    refusal(await desk.asks("sc", "POST", "/gates/validated/ticks", {"criterion": "1"}), 409)
    tried = [(one.actor, one.facts["tried"]) for one in desk.world.entries("gate", "refused", "validated")]
    assert tried == [("obi", "tick by API"), ("sc", "tick by API")]


async def test_no_web_route_of_gates_signs_waives_or_rejects(desk):
    for verb in ("sign", "waive", "reject", "withdraw", "signatures"):
        refusal(await desk.asks("olga", "POST", f"/gates/validated/{verb}", {}), 404)
    described = (await desk.http.get("/api/openapi.json")).json()["paths"]
    assert [path for path in described if "sign" in path or "waive" in path] == []


async def test_an_api_token_is_stored_as_a_digest_alone(desk):
    secret = desk.world.token("sc")
    (row,) = desk.world.app.db.transact(tokens.listed)
    assert row.digest == tokens.digest(secret)
    assert secret not in str(row.model_dump())
    (issued,) = desk.world.entries("token", "issued")
    assert secret not in str(issued.model_dump())


def test_an_api_token_used_above_its_rate_is_told_when_to_come_again():
    now = [0.0]
    limits = Limits(60, lambda: now[0])
    for _ in range(10):
        limits.take("one")
    with pytest.raises(Problem) as caught:
        limits.take("one")
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (429, "1")
    limits.take("another")
    now[0] = 1.0
    limits.take("one")


async def test_an_api_token_that_asks_too_much_gets_429_and_is_told_to_wait(desk):
    answers = [await desk.asks("pa", "GET", "/gates/validated", token="callboard_greedy") for _ in range(3)]
    assert {one.status_code for one in answers} == {401}
    desk.world.app.limits.most = 0.5
    token = desk.world.token("pa")
    answer = await desk.asks("pa", "GET", "/plan", token=token)
    assert answer.status_code == 404
    answer = await desk.asks("pa", "GET", "", token=token)
    assert "wait 1 s" in refusal(answer, 429)
    assert answer.headers["retry-after"] == "1"
