"""The deployment of the third seed, on November 15 from 14:00 to 16:30: as it should go, and as it may."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from callboard.runbooks import store
from tests.days.readers import beyond, everything, listed, pages, transcript
from tests.gates.test_seeds import example, world_of

DATABASES = ("sqlite",)
GATED = example("deployment")
PLAN = GATED.replace("    day: target\n    needs: [go]\n", "    day: target\n", 1)


def hour(clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-11-15 {clock}").replace(tzinfo=ZONE)


ZONE = ZoneInfo(next(line for line in PLAN.splitlines() if line.startswith("timezone:")).split()[1])


@pytest.fixture
async def day(database_url):
    """A quarter to two, and every gate has passed."""
    async with world_of(database_url, PLAN, hour("13:45")) as world:
        yield world
        print(transcript(world, ZONE))  # noqa: T201
        for page in listed(world):
            print("PAGED", *page)  # noqa: T201
        assert [row.key for row in beyond(world) if row.folds] == []


async def until(world, clock: str) -> None:
    await world.advance(seconds=(hour(clock) - world.clock.now()).total_seconds())


async def done(world, person: str, step: str) -> str:
    await world.says(person, f"/run items {step} all", "release")
    return str((await world.says(person, f"/run confirm {step}", "release")).text)


async def test_the_deployment_of_november_15_goes_hour_by_hour_to_production_live(day):
    await until(day, "14:00")
    day.dm("amp").expect("*Deployment authorised* begins now, led by Omega", "You confirm that it is done.")
    day.channel("omega").expect("leads *Deployment authorised* now", "<@UAMP> confirms that it is done.")
    assert "Next: Pre-deployment checklist" in await done(day, "amp", "deployment-authorised")
    await until(day, "14:30")
    assert "Next: Deploy to production" in await done(day, "amp", "pre-deployment-checklist")
    await until(day, "15:00")
    await until(day, "15:28")
    assert "Next: Smoke tests" in await done(day, "omegalead", "deploy-to-production")
    await until(day, "15:50")
    await done(day, "sigmalead", "smoke-tests")
    await done(day, "alphalead", "stakeholders-notified")
    await until(day, "16:00")
    await done(day, "sigmalead", "production-validation")
    await until(day, "16:30")
    assert day.dm("betalead").count("You are on call for Beta") == 1
    day.dm("betalead").expect("*Go-live*:", "Nothing failed and nothing was skipped.", "Can't you?")
    assert "Go-live is over." in await done(day, "betalead", "production-live")
    await day.advance(seconds=30)
    shown = day.channel("release").expect("*Go-live* is done", "On plan").shown
    assert "skipped" not in shown
    assert not [entry for entry in day.entries("step") if entry.verb in ("paged", "over its limit", "failed")]
    assert [key for key, own in pages(day).items() if any(row.subject_kind in ("run", "step") for row in own)] == []
    heard = [read.words for read in everything(day) if read.reader == "@stakeholder" and ":loudspeaker:" in read.words]
    assert [("smoke tests passed" in words, "Live in production" in words) for words in heard] == [(1, 0), (0, 1)]
    assert not [read for read in everything(day) if read.reader in ("@omegaa", "@pia") and "Go-live" in read.words]


async def test_the_deployment_of_november_15_is_late_fails_its_smoke_tests_and_goes_back_within_its_limit(day):
    await until(day, "14:00")
    await done(day, "amp", "deployment-authorised")
    await until(day, "14:30")
    delay = "/run delay pre-deployment-checklist 40m because the backup is slow"
    assert "after its window closes" in (await day.says("omegalead", delay, "release")).text
    await day.says("amp", delay, "release")
    await day.advance(seconds=5)
    day.channel("release").expect("takes 40 min longer", "the backup is slow", "The end moves from")
    await until(day, "15:40")
    await done(day, "amp", "pre-deployment-checklist")
    await until(day, "16:05")
    await done(day, "omegalead", "deploy-to-production")
    await until(day, "16:20")
    failed = await day.says("sigmalead", "/run fail smoke-tests because the sign-in answers 500", "release")
    for said in ("Stakeholders notified", "wait for it. To try again: `/run start smoke-tests`",
                 "Rollback system is proposed. Now <@UAMP> can call it: `/run confirm system`"):  # fmt: skip
        assert said in failed.text, failed.text
    await day.advance(seconds=5)
    pinned = day.channel("release").expect(":round_pushpin: Go-live now: *Smoke tests* failed.").shown
    assert "Next" not in pinned, "what waits for it is not next"
    ask = day.dm("amp").expect("*Rollback system* is proposed")
    assert "needs one more person" in (await day.clicks("amp", "Confirm rollback", ask)).text
    assert "You called Rollback system" in (await day.says("amp", "/run confirm system", "release")).text
    await day.clicks("omegalead", "Confirm rollback", day.dm("omegalead").expect("Somebody else must confirm it"))
    await day.advance(seconds=10)
    confirmed = "<@UOMEGALEAD> confirmed *Rollback system*, which <@UAMP> called. It has begun."
    day.channel("release").expect(confirmed, "to be over by")
    day.dm("sigmalead").expect("*Rollback system* is running: 0 of 3 steps done.")
    back = next(run for run in day.app.db.transact(store.open_runs, 1) if run.kind == "rollback")
    for person in ("stakeholder", "exec"):
        day.dm(person).expect("*Rollback system* begins", "the sign-in answers 500")
    for step in day.app.db.transact(store.steps, back.number):
        await day.advance(minutes=8)
        await done(day, "omegalead", step.key)
    await day.advance(seconds=30)
    over = (
        "Go-live is still on hold. What was done in it stays done: go on after that with `/run start go-live`, "
        "or end it and begin anew: `/run stop go-live because ...`"
    )
    day.channel("release").expect("*Rollback system* is done", over)
    day.dm("amp").expect("*Rollback system* is done", over)
    back = day.row("run", back.number)
    assert back.ended_at < back.limit_at
    held = (await day.says("amp", "/run show go-live", "release")).text
    assert "On hold: Rollback system." in held
    await day.says("amp", "/run stop go-live because we try again tomorrow", "release")


async def test_the_deployment_of_november_15_is_blocked_at_its_hour_while_its_gates_have_not_passed(database_url):
    async with world_of(database_url, GATED, hour("13:45")) as world:
        await until(world, "14:01")
        told = world.channel("release").expect("*DEPLOYMENT BLOCKED*: Go-live was to begin").shown
        assert "(`go`) " in told
        assert "It begins by itself once this is there" in told
        world.dm("amp").expect("DEPLOYMENT BLOCKED")
        assert world.entries("step") == []
        world.clock.move_to(hour("16:58"))
        await until(world, "17:01")
        assert world.channel("release").count("DEPLOYMENT BLOCKED", "Its window closed") == 1
        assert world.entries("step") == []
