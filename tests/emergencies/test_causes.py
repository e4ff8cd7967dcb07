"""What declares an emergency besides people: a conflict, a missed gate, a program."""

from __future__ import annotations

import httpx
import pytest

from callboard.conflicts.models import Conflict, ConflictFound, ConflictTurned, Verb
from tests.world import PLAN, World

LEVELS = """\
emergencies:
  1: {name: Critical, tell: [everyone], freezes: []}
  2: {name: High, respond_within: 15m, tell: [leads]}
measures:
  error_rate: {name: Error rate, unit: "%", by: [all leads]}
triggers:
  - {on: measure, measure: error_rate, above: 1%, emergency: 2}
gates:
  tested: {name: Tested, due: 2025-11-13 10:00, criteria: [Done], if_missed: {emergency: 1}}
"""


@pytest.fixture
async def world(database_url):
    async with World(database_url, PLAN + LEVELS) as made:
        yield made


def collide(tx, emergency="2", policy="", degree="critical"):
    conflict = Conflict(
        plan_id=1, repository="app", one="omega/auth", other="main", kind="merge", degree=degree,
        teams=["omega", "sigma"], people=["pa", "sc"], files=["src/auth.py"], pushed_at=tx.now, found_at=tx.now,
    )  # fmt: skip
    tx.session.add(conflict)
    tx.session.flush()
    for _ in range(2):
        tx.publish(ConflictFound(conflict, emergency, "", policy))


def turn(tx, verb, by):
    tx.publish(ConflictTurned(tx.session.get_one(Conflict, 1), verb, by))


async def test_a_conflict_declares_the_emergency_that_the_plan_names_once_and_tells_both_leads(world):
    world.app.db.transact(collide, "")
    await world.settled()
    assert world.entries("emergency") == []
    world.app.db.transact(collide)
    await world.settled()
    assert len(world.entries("emergency", "declared")) == 1
    for person in ("olga", "sara"):
        world.dm(person).expect("*Emergency 1, High*", "omega/auth and main collide in src/auth.py")
    world.channel("omega").expect("Declared by Callboard: conflict 2")
    await world.advance(minutes=16)
    world.dm("amp").expect("omega/auth and main collide")


async def test_a_conflict_that_is_an_emergency_climbs_by_its_own_policy_until_somebody_answers_it(world):
    world.app.db.transact(collide, "2", "default", "medium")
    await world.settled()
    world.dm("olga").expect("*Emergency 1, High*", "Teams: Omega and Sigma", "Respond by")
    await world.advance(minutes=6)
    world.dm("amp").expect("*Emergency 1, High*", "Nobody has command yet")
    world.app.db.transact(turn, Verb.REBASE, "olga")
    await world.advance(minutes=60)
    world.dm("sara").expect("Command: <@UOLGA>")
    assert len(world.dm("exec")) == 0
    world.app.db.transact(turn, Verb.GONE, "")
    await world.settled()
    world.dm("olga").expect("Conflict 1 is gone. Is it over? `/emergency end 1 what helped`")
    await world.clicks("olga", "End", world.dm("olga").expect("Is it over?"))


async def test_a_measure_that_is_within_its_limit_again_lets_its_emergency_page_nobody_else(world):
    await world.says("olga", "/gate report error_rate 3%")
    await world.advance(seconds=5)
    world.dm("sara").expect("*Emergency 1, High*", "Error rate: 3%")
    await world.says("olga", "/gate report error_rate 0.5%")
    await world.advance(minutes=40)
    for person in ("sara", "amp"):
        world.dm(person).expect("Error rate is within its limit again. Nobody else is paged.")
    world.channel("release").expect("Nobody else is paged: its cause is over.")
    assert len(world.dm("exec")) == 0
    await world.says("olga", "/gate report error_rate 4%")
    await world.advance(minutes=16)
    assert len(world.entries("emergency", "declared")) == 1
    world.dm("exec").expect("*Emergency 1, High*", "Why you")
    await world.says("sara", "/emergency take 1")
    await world.says("olga", "/gate report error_rate 0%")
    await world.says("olga", "/gate report error_rate 5%")
    await world.advance(seconds=5)
    world.dm("sara").expect("*Emergency 1, High*", "Error rate: 5%")


async def test_a_missed_gate_declares_the_emergency_that_the_plan_names(world):
    await world.until("2025-11-13 10:01")
    world.dm("pb").expect("*Emergency 1, Critical*", "Tested was not passed in time")
    world.channel("release").expect("Declared by Callboard: gate tested missed")


async def test_the_web_routes_of_emergencies_declare_update_end_and_report(world):
    asgi = httpx.ASGITransport(world.app.web)
    async with httpx.AsyncClient(transport=asgi, base_url="http://callboard/api/v1/plans/release") as http:
        amp = {"Authorization": f"Bearer {world.token('amp', 'emergencies')}"}
        pa = {"Authorization": f"Bearer {world.token('pa', 'emergencies:declare', 'emergencies:read')}"}
        said = {"level": "1", "what": "the <database> is gone", "key": "db-1"}
        first, again = [await http.post("/emergencies", headers=pa, json=said) for _ in range(2)]
        assert (first.status_code, first.json()["number"], again.json()["number"]) == (201, 1, 1)
        await world.settled()
        world.channel("omega").expect("the &lt;database&gt; is gone")
        assert first.json()["what"] == "the <database> is gone"
        unknown = await http.post("/emergencies", headers=pa, json={"level": "7", "what": "x is down"})
        assert "There is no level `7`" in unknown.json()["detail"]
        assert (await http.post("/emergencies/1/end", headers=pa, json={"summary": "well"})).status_code == 403
        update = await http.post("/emergencies/1/updates", headers=amp, json={"text": "the replica takes over"})
        assert update.json()["last_update"] == "the replica takes over"
        assert [each["number"] for each in (await http.get("/emergencies", headers=pa)).json()["items"]] == [1]
        end = await http.post("/emergencies/1/end", headers=amp, json={"summary": "restored it"})
        assert end.json()["state"] == "ended"
        over = await http.post("/emergencies/1/updates", headers=amp, json={"text": "more"})
        assert over.status_code == 409
        assert "Emergency 1 was ended by Amp" in over.json()["detail"]
        report = (await http.get("/emergencies/1/report", headers=pa)).json()["markdown"]
        assert "# Emergency 1 (Critical): the \\<database\\> is gone" in report
        assert "restored it" in report
