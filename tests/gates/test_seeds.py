"""The gates of two seeds, with their own criteria and authorities, signed to GO from Slack as their days went."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from callboard.gates import store
from callboard.plans import holds
from callboard.tasks import service as work
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.world import World

DATABASES = ("postgresql",)  # lives of gates run on both

SLACK = re.compile(r"^  ([a-z0-9-]+): (\{.*?)slack: \w+", re.MULTILINE)
CHANNELS = {
    "#deployment-urgent": "#urgent",
    "#source-urgent": "#urgent",
    "#deployment": "#release",
    "#source-coordination": "#release",
}
OMEGA = (
    "Validation document fully completed",
    "All services tested",
    "Vercel deployment preview ready",
    "No credentials in git",
)
PI = ("Security sign-off written", "All security headers correct", "Data isolation verified", "Compliance reviewed")
SIGMA_MEASURES = {
    "tests_executed": 72,
    "critical_test_failures": 0,
    "lighthouse_pwa": 100,
    "lighthouse_performance": 93,
}
ALPHA = ("All five run-books reviewed", "Team trained on the procedures", "Rollback procedure tested")
BETA = ("Monitoring dashboard operational", "All alerts configured and tested", "On-call procedures defined")


def example(name: str) -> str:
    """A seed's plan, with everybody and every channel of the sandbox."""
    text = (resources.files("callboard") / "examples" / f"{name}.yml").read_text()
    text = SLACK.sub(lambda found: f"  {found[1]}: {found[2]}slack: U{handle(found[1]).upper()}", text)
    for written, here in CHANNELS.items():
        text = text.replace(f'"{written}"', f'"{here}"')
    return re.sub(r'"#(team|source)-[a-z]+"', '"#omega"', text)


def handle(key: str) -> str:
    return key.replace("-", "")


def world_of(database_url: str, plan: str, at: datetime) -> World:
    return World(database_url, plan, at=at, people=[handle(key) for key, _ in SLACK.findall(plan)])


@pytest.fixture
async def deployment(database_url):
    """Seed 004 at nine on its first morning in New York."""
    async with world_of(database_url, example("deployment"), datetime(2025, 11, 13, 14, tzinfo=UTC)) as world:
        yield world


@pytest.fixture
async def prismq(database_url):
    """Seed 003 on the morning of its first gate; the stakeholders have filled their seat."""
    plan = example("prismq").replace("{name: Stakeholders, vacant: true,", "{name: Stakeholders, slack: USTAKEHOLDERS,")
    async with world_of(database_url, plan, datetime(2026, 1, 23, 9, tzinfo=UTC)) as world:
        yield world


async def types(world: World, person: str, text: str) -> str:
    return (await world.says(person, text, channel="release")).text


async def ticks(world: World, person: str, gate: str, *sentences: str) -> None:
    for sentence in sentences:
        assert "Ticked" in await types(world, person, f"/gate tick {gate} {sentence}")


async def reports(world: World, person: str, gate: str, **measures: object) -> None:
    for measure, amount in measures.items():
        assert "Reported" in await types(world, person, f"/gate report {gate} {measure} {amount}")


async def works(world: World, *tasks: str) -> None:
    """Whoever has these tasks does them: every criterion ticked, then completed."""

    def complete(tx, key):
        task, directory = work.get(tx, 1, key), teams.directory(tx, 1)
        asker = Asker(directory, (*directory.named(task.assignees), *directory.leads_of(task.team))[0])
        if task.open_criteria:
            work.tick(tx, asker, key, "all")
        for one in task.open_points:
            work.point(tx, asker, key, one, "completed")
        work.complete(tx, asker, key)

    for key in tasks:
        world.app.db.transact(complete, key)
    await world.settled()


def on_hold(world: World) -> set[str]:
    return {hold.target for hold in world.app.db.transact(holds.standing, 1)}


def numbered(letter: str, last: int) -> list[str]:
    return [f"{letter}-{number}" for number in range(1, last + 1)]


async def at(world: World, when: str) -> None:
    """Let the day go on until then, in New York."""
    target = datetime.fromisoformat(when).replace(tzinfo=ZoneInfo("America/New_York"))
    await world.jump(seconds=(target - world.clock.now()).total_seconds())
    await world.advance(seconds=10)


def missed(world: World) -> list[str]:
    """The gates that were not passed by their time."""
    every = world.app.db.transact(lambda tx: [gate.key for gate in store.gates(tx, 1)])
    return [key for key in every if world.entries("gate", "missed", key) or world.entries("gate", "no-go", key)]


async def first_day(world: World) -> None:
    """Omega validates, and its lead signs at a quarter to five."""
    await works(world, *numbered("O", 6))
    await ticks(world, "omegaa", "validated", *OMEGA)
    await reports(world, "omegab", "validated", environment_variables=18)
    await at(world, "2025-11-13 16:45")
    assert "does not ask you to sign" in await types(world, "sigmalead", "/gate sign validated")
    await world.signs("omegalead", "validated")
    assert world.row("gate", "validated").state == "passed"


async def audit(world: World) -> None:
    await works(world, *numbered("P", 7))
    await ticks(world, "pia", "audited", *PI)
    await reports(world, "pib", "audited", checks_done="42/42", critical_vulnerabilities=0, high_vulnerabilities=2)
    await ticks(world, "pia", "audited", "High vulnerabilities justified and accepted")
    await world.signs("pilead", "audited")
    assert world.row("gate", "audited").state == "passed"


async def sigma_counts(world: World, passed: int) -> None:
    await works(world, *numbered("S", 8))
    await ticks(world, "sigmaa", "tested", "Testing plan fully completed", "Performance baseline documented")
    await reports(world, "sigmab", "tested", **SIGMA_MEASURES, tests_passed=f"{passed}/72")


async def test_the_outcome_of_five_gates_of_the_example_plan_deployment_is_go(deployment):
    """Every one a quarter of an hour before its time, as the leads of five teams would; at noon it is a go."""
    world = deployment
    behind = {"sigma", "pi", "alpha", "beta", "testing", "audit", "documentation", "monitoring", "production"}
    assert behind <= on_hold(world)
    await first_day(world)
    assert behind & on_hold(world) == {"production"}

    await at(world, "2025-11-14 16:45")
    await audit(world)
    await at(world, "2025-11-14 17:45")
    await sigma_counts(world, passed=68)
    shown = await world.signs("sigmalead", "tested")
    assert "68 of 72" in shown
    assert world.row("gate", "tested").state == "passed"
    assert on_hold(world) == {"go", "go-live"}

    await at(world, "2025-11-15 09:45")
    await works(world, *numbered("B", 6))
    await ticks(world, "betalead", "operable", *BETA)
    assert "Nobody can sign" in await types(world, "betalead", "/gate sign operable")
    await at(world, "2025-11-15 10:45")
    await works(world, *numbered("A", 5))
    await ticks(world, "alphalead", "operable", *ALPHA)
    assert world.row("gate", "operable").state == "ready"
    await world.signs("betalead", "operable")
    await world.signs("alphalead", "operable")
    assert world.row("gate", "operable").state == "passed"

    await at(world, "2025-11-15 11:45")
    await ticks(world, "amp", "go", "Deployment window confirmed", "Communication plan ready")
    await ticks(world, "stakeholder", "go", "Stakeholder approval granted")
    assert "It is *GO*, and that is final" in await world.signs("amp", "go")
    await world.advance(minutes=1)
    world.channel("release").expect("*GO*", "Gate 5: Final go or no-go", "GO from <@UAMP>")
    for person in ("stakeholder", "exec"):
        world.dm(person).expect("*GO*", "Gate 5: Final go or no-go")
    assert on_hold(world) == set()
    assert missed(world) == []
    assert world.entries("gate", "voided", "go") == []
    assert world.verified() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_outcome_of_a_gate_with_67_of_72_tests_passed_is_missed_and_then_no_go(deployment):
    """At six it is missed and climbs; the next noon all others have signed, and it is a no-go all the same."""
    world, behind = deployment, {"production", "operable", "go", "go-live"}
    await first_day(world)
    await at(world, "2025-11-14 16:45")
    await audit(world)
    await at(world, "2025-11-14 17:45")
    await sigma_counts(world, passed=67)
    early = await types(world, "sigmalead", "/gate sign tested")
    assert "Tests passed at least 68: 67 of 72 (68 needed, 1 more)" in early
    assert world.row("gate", "tested").state == "pending"
    await at(world, "2025-11-14 18:01")
    assert world.row("gate", "tested").state == "failed"
    world.dm("sigmalead").expect("Gate 2: Sigma sign-off", "Why you", "67 of 72")
    await types(world, "amp", "/gate ack tested")
    assert on_hold(world) == behind
    await at(world, "2025-11-14 18:31")
    world.dm("exec").expect("Gate 2: Sigma sign-off", "*Overdue* since", "67 of 72", "Alpha and Beta slip by a day")

    await at(world, "2025-11-15 10:45")
    await works(world, *numbered("B", 6), *numbered("A", 5))
    await ticks(world, "betalead", "operable", *BETA)
    await ticks(world, "alphalead", "operable", *ALPHA)
    assert "`tested`" in await types(world, "betalead", "/gate sign operable")
    await ticks(world, "amp", "go", "Deployment window confirmed", "Communication plan ready")
    await ticks(world, "stakeholder", "go", "Stakeholder approval granted")
    assert "Nobody can say GO" in await types(world, "amp", "/gate sign go")
    await at(world, "2025-11-15 12:01")
    world.channel("release").expect("*NO-GO*", "Gate 2: Sigma sign-off (`tested`)", "Next attempt")
    assert on_hold(world) == behind
    assert missed(world) == ["tested", "operable", "go"]
    assert world.verified() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_outcome_of_four_gates_of_the_example_plan_prismq_is_go(prismq):
    world = prismq
    await works(
        world, "TM-001", "TM-007", "TM-008", "TM-002", "TM-003", "TM-004", "TM-009", "TM-005", "TM-006", "TM-010"
    )
    await ticks(world, "dev02", "api-complete", "TaskManager API operational")
    await ticks(world, "dev04", "api-complete", "All endpoints tested")
    await ticks(world, "dev07", "api-complete", "Security audit passed")
    await ticks(world, "dev10", "api-complete", "Code review approved")
    await reports(world, "dev04", "api-complete", api_p95=84, coverage="83%")
    await reports(world, "dev02", "api-complete", endpoints="10/10")
    await reports(world, "dev09", "api-complete", documented_endpoints="100%")
    assert "does not ask you to sign" in await types(world, "dev02", "/gate sign api-complete")
    await world.signs("dev01", "api-complete")
    assert world.row("gate", "api-complete").state == "ready"
    await world.signs("dev10", "api-complete")
    assert world.row("gate", "api-complete").state == "passed"

    await world.jump(days=14)
    await works(world, "VID-001", "VID-002", "TXT-001", "TXT-002")
    await reports(world, "dev02", "core-complete", modules=4)
    await reports(world, "dev04", "core-complete", tests_passed="100%")
    await ticks(world, "dev03", "core-complete", "Workers claim and complete tasks")
    await ticks(world, "dev08", "core-complete", "External APIs integrated")
    await ticks(world, "dev09", "core-complete", "Documentation up to date")
    await world.signs("dev10", "core-complete")
    await world.signs("dev01", "core-complete")
    assert world.row("gate", "core-complete").state == "passed"

    await world.jump(days=14)
    expansion = world.app.db.transact(lambda tx: [one.key for one in work.tasks(tx, 1) if one.phase == "expansion"])
    await works(world, *expansion)
    await ticks(world, "dev04", "all-modules", "Cross-module integration works")
    await ticks(world, "dev09", "all-modules", "Documentation updated")
    await reports(world, "dev04", "all-modules", throughput=140, concurrent_workers=12, worker_memory=410)
    await reports(world, "dev06", "all-modules", query_p95=7)
    await world.signs("dev01", "all-modules")
    assert world.row("gate", "all-modules").state == "passed"

    await world.jump(days=10)
    await reports(world, "dev04", "production", critical_bugs=0, lost_tasks=0)
    await reports(world, "dev10", "production", solid="100%")
    await ticks(world, "dev09", "production", "Documentation complete")
    await ticks(world, "dev07", "production", "Security review passed")
    await ticks(world, "dev01", "production", "Deployment plan approved")
    await works(world, "OPS-003", "OPS-004")
    await world.signs("dev01", "production")
    assert "It is *GO*" in await world.signs("stakeholders", "production")
    await world.advance(minutes=1)
    world.channel("release").expect("*GO*", "Gate 4: Polish to production")
    assert world.app.db.transact(lambda tx: [one.state for one in store.gates(tx, 1)]) == ["passed"] * 4
