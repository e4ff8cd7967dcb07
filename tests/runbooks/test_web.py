"""Programs that read a run and report on its steps."""

from __future__ import annotations

import httpx
import pytest

from callboard.plans import service as plans
from tests.api.desk import Desk, refusal
from tests.runbooks.shipping import shipping

DATABASES = ("sqlite",)


@pytest.fixture
async def desk(database_url):
    async with shipping(database_url) as world:
        await world.passes()
        await world.until("2025-11-15 14:00")
        await world.done("amp", "announce")
        await world.until("2025-11-15 14:25")
        asgi = httpx.ASGITransport(world.app.web)
        async with httpx.AsyncClient(transport=asgi, base_url="http://callboard") as http:
            desk = Desk(world, http)
            for person in ("sara", "olga", "sc"):
                desk.tokens[person] = world.token(person, "runs")
            yield desk


async def test_a_program_that_reports_a_step_of_a_run_is_held_to_its_turn_and_its_rights(desk):
    run = await desk.gets("sara", "/runs/go-live")
    assert (run["state"], run["reserve"], run["reserve_used"]) == ("running", 15, 0)
    assert [step["state"] for step in run["steps"][:3]] == ["done", "done", "running"]
    early = await desk.asks("sara", "POST", "/runs/go-live/steps/smoke/confirm", {})
    assert "It is not the turn of Smoke tests: it waits for Deploy" in refusal(early, 409)
    wrong = await desk.asks("sc", "POST", "/runs/go-live/steps/announce/confirm", {})
    assert "Only Amp can confirm Go announced." in refusal(wrong, 409)
    await desk.world.done("olga", "deploy")
    failed = {"reason": "2 of 40 failed", "link": "https://ci.example.com/17"}
    run = await desk.posts("sara", "/runs/go-live/steps/smoke/fail", failed)
    assert run["steps"][3]["state"] == "failed"
    await desk.world.advance(seconds=5)
    desk.world.channel("release").expect("*Smoke tests* (Go-live) failed: 2 of 40 failed", "https://ci.example.com/17")
    await desk.posts("sara", "/runs/go-live/steps/smoke/start")
    run = await desk.posts("sara", "/runs/1/steps/4/confirm", {"link": "https://ci.example.com/18"})
    assert run["steps"][3]["link"] == "https://ci.example.com/18"
    again = await desk.asks("sara", "POST", "/runs/go-live/steps/smoke/confirm", {})
    assert "Smoke tests was already confirmed by you" in refusal(again, 409)
    assert refusal(await desk.asks("sara", "GET", "/runs/gone"), 404)
    assert refusal(await desk.asks("sara", "POST", "/runs/go-live/steps/gone/start"), 404)
    bad = await desk.asks("sara", "POST", "/runs/go-live/steps/smoke/fail", {"reason": "x", "link": "ftp://x"})
    assert bad.status_code == 422
    assert [run["key"] for run in (await desk.gets("sara", "/runs"))["items"]] == ["go-live"]


async def test_the_review_of_a_run_proposes_what_its_steps_took_and_saves_it_in_the_plan(desk):
    world = desk.world
    await world.until("2025-11-15 14:37")
    for person, step in (("olga", "deploy"), ("sara", "smoke"), ("sc", "notes"), ("pa", "watch")):
        await world.done(person, step)
    shown = (await world.says("pa", "/run review")).text
    assert "Deploy: planned 40 min, took 12 min; the plan might say `takes: 12m`" in shown
    for person, answer in (("pa", "Only <@UAMP> can change the plan."), ("amp", "The plan says so now:")):
        await world.says(person, "/run review")
        seen = world.slack.ephemerals(person, "omega")[-1]
        assert answer in (await world.clicks(person, "Save these times in the plan", seen)).text
    assert world.app.db.transact(live)["takes"] == "12m"


def live(tx):
    steps = plans.live(tx, 1).body["runbooks"]["go-live"]["steps"]
    return next(step for step in steps if step.get("id") == "deploy")
