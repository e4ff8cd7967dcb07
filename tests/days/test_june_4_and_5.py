"""Seed 001: staging on June 4 and the go-live on June 5, hour by hour, as they should go and as they may."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from callboard.gates import service as gates
from callboard.runbooks import store
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.days.readers import beyond, listed, pages, transcript
from tests.gates.test_seeds import example, world_of
from tests.noise.days import waives
from tests.preflight.answers import reached

DATABASES = ("sqlite",)
ZONE = ZoneInfo("Europe/Istanbul")
GATED = (
    example("meschain")
    .replace('"#atomic-task-coordination"', '"#release"')
    .replace('"#meschain-emergency"', '"#urgent"')
    .replace('"#vscode-backend"', '"#omega"')
    .replace('"#cursor-frontend"', '"#elsewhere"')
    .replace('"#musti-devops"', '"#sigma"')
    .replace("due: 2025-06-03 09:00}", "due: 2025-06-03 09:00, status: completed}")
    .replace("estimate: 45m}", "estimate: 45m, status: completed}")
    .replace("due: 2025-06-03 18:00}", "due: 2025-06-03 18:00, status: completed}")
    .replace("complexity: moderate}", "complexity: moderate, status: completed}")
)


def hour(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-06-0{day} {clock}").replace(tzinfo=ZONE)


async def until(world, day: int, clock: str) -> None:
    await world.advance(seconds=(hour(day, clock) - world.clock.now()).total_seconds())


async def done(world, person: str, step: str) -> str:
    await world.says(person, f"/run items {step} all", "release")
    return str((await world.says(person, f"/run confirm {step}", "release")).text)


async def signed(world, gate: str, ticks: dict[str, str], reports: dict[str, dict[str, str]], *signers: str) -> None:
    """Tick and report all that a gate asks for, and sign it."""
    for sentence, person in ticks.items():
        assert "Ticked" in (await world.says(person, f"/gate tick {gate} {sentence}", "release")).text
    for person, measures in reports.items():
        for measure, amount in measures.items():
            told = (await world.says(person, f"/gate report {gate} {measure} {amount}", "release")).text
            assert "Reported" in told, told
    for person in signers:
        await world.signs(person, gate)


async def staged(world) -> None:
    ticks = {"Staging deployment successful": "mustilead"}
    reports = {
        "mustilead": {"tests_passed": "100%", "security_scan": "100%", "documentation": "100%"},
        "vscodelead": {"benchmarks": "100%"}, "techmanager": {"synchronisation": "100%"},
    }  # fmt: skip
    await signed(world, "staged", ticks, reports, "vscodelead", "cursorlead", "mustilead", "stakeholders")


async def authorised(world) -> None:
    ticks = {
        "Backend deployed and healthy": "vscodelead", "Frontend deployed": "cursorlead",
        "Complete integration validated": "mustilead",
    }  # fmt: skip
    reports = {"mustilead": {"deployment_time": "3h", "first_time_success": "100%"}}
    world.app.db.transact(reached)
    await signed(world, "live", ticks, reports, "vscodelead", "cursorlead", "mustilead")


def monitoring_says(world, **amounts: str) -> None:
    """What the teams' own monitoring reports over the API."""

    def say(tx):
        directory = teams.directory(tx, 1)
        for measure, amount in amounts.items():
            gates.report(tx, Asker(directory, directory.people["musti-lead"]), measure, amount, by_api=True)

    world.app.db.transact(say)


@pytest.fixture
async def june(database_url):
    """June 4, half past eight: what was to be prepared is prepared."""
    async with world_of(database_url, GATED, hour(4, "08:30")) as world:
        place = world.slack.workspace.conversation("elsewhere")
        world.slack.workspace.join(place, world.slack.workspace.bot)
        for gate in ("briefed", "prepared"):
            world.app.db.transact(waives("tech-manager", gate, "it was done before"))
        await world.settled()
        yield world
        print(transcript(world, ZONE))  # noqa: T201
        for one in listed(world):
            print("PAGED", one)  # noqa: T201
        assert [row.key for row in beyond(world) if row.folds] == []


async def staging_goes(world) -> None:
    await until(world, 4, "09:50")
    assert "Next: Frontend integration" in await done(world, "vscodelead", "backend-staging")
    await until(world, 4, "10:55")
    assert "Next: System validation" in await done(world, "cursorlead", "frontend-integration")
    await until(world, 4, "11:55")
    assert "Staging is over." in await done(world, "mustilead", "system-validation")
    await until(world, 4, "17:30")
    await staged(world)


async def deployment_goes(world) -> None:
    await until(world, 5, "08:50")
    assert "Next: Backend deployed" in await done(world, "mustilead", "launch-preparation")
    await until(world, 5, "09:55")
    assert "Next: Frontend deployed" in await done(world, "vscodelead", "backend-deployed")
    await until(world, 5, "10:55")
    assert "Next: Complete integration validated" in await done(world, "cursorlead", "frontend-deployed")


async def test_june_4_and_5_go_hour_by_hour_from_staging_to_the_evening_after_the_go_live(june):
    await staging_goes(june)
    await deployment_goes(june)
    monitoring_says(june, integration_failures="0", error_rate="0.02%")
    await until(june, 5, "11:45")
    assert "Next: Live" in await done(june, "mustilead", "complete-integration-validated")
    await authorised(june)
    await until(june, 5, "12:05")
    assert "Now: Production monitoring" in await done(june, "mustilead", "live")
    monitoring_says(june, system_response="140", performance_variance="1%", downtime="0m")
    await until(june, 5, "18:00")
    assert "Go-live is over." in await done(june, "mustilead", "production-monitoring")
    await june.advance(minutes=1)
    june.channel("release").expect("*Go-live* is done")
    paged = [(key, row.subject_kind) for key, own in pages(june).items() for row in own]
    assert paged == [("vscode-lead", "gate")], "the first signer of phase 3, which nobody has signed by 18:00"
    june.channel("release").expect(":loudspeaker: Go-live: Live for users, authorised by all three teams.")
    june.dm("stakeholders").expect(":loudspeaker: Go-live: Live for users, authorised by all three teams.")
    june.dm("stakeholders").expect_nothing("you lead")


async def test_june_4_has_a_step_that_is_40_minutes_late_and_says_so_only_after_a_page(june):
    await until(june, 4, "10:01")
    page = june.dm("vscodelead").expect("*Backend staging* (Staging) has run since", "is over its limit", "you lead it")
    await june.clicks("vscodelead", "I have it", page)
    await june.says("vscodelead", "/run delay backend-staging 40m because the copy is slow", "release")
    await june.advance(seconds=5)
    june.channel("release").expect("takes 40 min longer, says <@UVSCODELEAD>: the copy is slow", "The end moves from")
    await until(june, 4, "10:40")
    await done(june, "vscodelead", "backend-staging")
    await until(june, 4, "11:35")
    await done(june, "cursorlead", "frontend-integration")
    await until(june, 4, "12:30")
    await done(june, "mustilead", "system-validation")
    await june.advance(seconds=30)
    june.channel("release").expect("*Staging* is done", "30 min behind plan")
    assert {key: len(own) for key, own in pages(june).items() if own} == {"vscode-lead": 1}


async def test_june_5_goes_back_by_two_people_and_is_an_emergency_because_a_step_failed(june):
    await staging_goes(june)
    await deployment_goes(june)
    await until(june, 5, "11:20")
    words = "/run fail complete-integration-validated because orders come out twice"
    answer = (await june.says("mustilead", words, "release")).text
    for said in ("Emergency 1 (Critical) is declared.", "for it. To try again:",
                 "Rollback system is proposed. Now <@UTECHMANAGER> can call it: `/run confirm system`"):  # fmt: skip
        assert said in answer, answer
    await june.advance(seconds=10)
    ask = june.dm("techmanager").expect("*Rollback system* is proposed")
    await june.clicks("techmanager", "Confirm rollback", ask)
    await june.clicks("techmanager", "Take command", june.dm("techmanager").expect("Take command"))
    again = june.dm("vscodelead").expect("Somebody else must confirm it")
    await june.clicks("vscodelead", "Confirm rollback", again)
    back = next(run for run in june.app.db.transact(store.open_runs, 1) if run.kind == "rollback")
    for step in june.app.db.transact(store.steps, back.number):
        await june.advance(minutes=6)
        await done(june, "mustilead", step.key)
    back = june.row("run", back.number)
    assert back.state == "done"
    assert back.ended_at < back.limit_at
    june.channel("release").expect("*Rollback system* is done")
    await june.says("techmanager", "/emergency end 1 the version before runs again", "urgent")
    await june.says("techmanager", "/run stop go-live because we try again tomorrow", "release")
    await june.advance(minutes=5)
    for person in ("vscodelead", "cursorlead", "mustilead", "stakeholders"):
        assert june.dm(person).count("*Emergency 1, Critical* is over", "the version before runs again") == 1, person
    paged = {key: [row.kind for row in own] for key, own in pages(june).items()}
    assert paged.pop("stakeholders") == ["emergency.page"]
    assert set(map(tuple, paged.values())) == {("emergency.page", "run.confirm")}, "each hears of each matter once"


async def test_june_5_is_blocked_at_six_while_staging_is_not_signed(june):
    await until(june, 5, "06:01")
    told = june.channel("release").expect("*DEPLOYMENT BLOCKED*: Go-live was to begin").shown
    assert "(`staged`)" in told
    june.dm("techmanager").expect("DEPLOYMENT BLOCKED")
    june.dm("mustilead").expect("DEPLOYMENT BLOCKED")
    assert [entry.verb for entry in june.entries("step")].count("started") == 1, "staging alone"
