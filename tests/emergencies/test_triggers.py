"""What triggers of a plan do when something happens: once for each cause, and again only when it was not so between."""

from __future__ import annotations

import pytest

from tests.conflicts.harbor import OLD, Harbor, Watched, line
from tests.gates.company import PEOPLE
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

TRIGGERS = """\
triggers:
  - {on: gate missed, escalate: fast}
  - {on: no-go, tell: [exec]}
  - {on: gate failed, tell: [amp]}
  - {on: gate in doubt, tell: [amp]}
  - {on: integration failed, escalate: fast, tell: ["#urgent"]}
  - {on: measure, measure: error_rate, above: 1%, blocker: critical, team: sigma}
  - {on: measure, measure: response_time, tell: [amp]}
  - {on: performance, tell: [stan]}
  - {on: security, tell: [exec]}
  - {on: late tasks, above: 1, blocker: critical, team: omega}
  - {on: task late, tell: [lead]}
  - {on: task blocked, tell: [lead]}
  - {on: timeline, tell: [stan]}
  - {on: blocker raised, tell: ["#urgent"]}
  - {on: climb exhausted, escalate: fast}
  - {on: check-in missed, tell: ["#urgent"]}
  - {on: checkpoint failed, tell: [amp]}
  - {on: checkpoint missed, blocker: critical}
  - {on: lock expired, tell: [amp]}
"""
WORK = """\
  fast:
    steps:
      - {level: Lead, notify: [lead], respond_within: 5m}
      - {level: Coordinator, notify: [coordinator], respond_within: 5m}
blockers:
  severities: {normal: default, critical: fast}
  categories: [service down, security finding]
measures:
  error_rate: {unit: "%", by: [api, sigma]}
  load: {at_most: 200, by: [sigma], concerns: performance}
  response_time: {at_most: 15m, computed: true}
tasks:
  - for: {team: omega}
    A-1: {title: One, assignee: pb, due: 2025-11-13 12:00, points: {Sign-in: omega, Menu: omega}}
    A-2: {title: Two, assignee: pa, due: 2025-11-13 12:00}
    A-3: {title: Three, assignee: pb, needs: [A-2]}
standups:
  - {name: Daily, days: mon-fri, at: "10:00", who: [pa, pb], window: 1h, questions: [Today, Blockers]}
checkpoints:
  - {name: Noon, teams: [omega], at: 2025-11-13 13:00, expects: {A-1: completed}}
gates:
  early: {name: Early, due: 2025-11-13 11:00, criteria: [Seen], sign_off: [{lead_of: omega}]}
  done: {name: Done, due: 2025-11-14 18:00, criteria: [{tasks: [A-1], are: completed}], sign_off: [{lead_of: omega}]}
  go: {name: Go, decision: true, due: 2025-11-15 12:00, criteria: [Ready], sign_off: [{role: coordinator}]}
"""
BEGIN, _, _ = PLAN.partition("blockers:\n")


def plan(*events: str) -> str:
    """The plan with the triggers on these events."""
    wanted = [line for line in TRIGGERS.splitlines() if any(f"on: {event}," in line for event in events)]
    return "\n".join([BEGIN + WORK + "triggers:", *wanted, ""])


def world(database_url: str, *events: str) -> World:
    return World(database_url, plan(*events), people=PEOPLE)


def fired(world: World) -> list[str]:
    return [entry.facts["on"] for entry in world.entries("trigger", "fired")]


async def test_a_trigger_on_a_missed_gate_lets_the_gate_itself_climb_and_pages_nobody_twice(database_url):
    async with world(database_url, "gate missed", "timeline") as story:
        await story.until("2025-11-13 11:00")
        story.dm("olga").expect("Early", "*Why you:*")
        story.dm("amp").expect_nothing("Early", "*Why you:*")
        await story.advance(minutes=5)
        story.dm("amp").expect("Early", "*Why you:*")
        await story.advance(hours=1)
        assert fired(story).count("gate missed") == 1
        story.dm("stan").expect("Timeline", "Early is overdue since")
        assert not story.entries("blocker", "raised")


@pytest.mark.both_databases
async def test_a_trigger_on_a_failed_integration_raises_one_blocker_until_it_works_again(database_url):
    async with world(database_url, "integration failed", "blocker raised") as story:
        await story.says("pb", "/task point A-1 Sign-in failed")
        raised = story.channel("omega").expect("Blocker 1", "Integration failed: Sign-in (A-1)")
        assert "Callboard" in raised.shown
        told = story.channel("urgent").expect("Integration failed", "Sign-in (A-1)")
        assert "I raised blocker 1" in told.shown
        story.channel("urgent").expect_nothing("Blocker raised")
        page = story.dm("olga").expect("Blocker 1")
        await story.says("pb", "/task point A-1 Sign-in failed")
        await story.says("pb", "/task point A-1 Menu failed")
        assert [entry.subject_id for entry in story.entries("blocker", "raised")] == [1]
        story.thread(story.card()).expect("Again: Integration failed: Menu (A-1).")
        await story.clicks("olga", "Take it", page)
        await story.says("pb", "/task point A-1 Sign-in completed")
        await story.advance(seconds=5)
        story.thread(story.card()).expect("Sign-in (A-1) is completed.")
        await story.says("olga", "/blocker resolve 1 the certificate")
        await story.says("pb", "/task point A-1 Sign-in failed")
        story.channel("omega").expect("Blocker 2", "Integration failed: Sign-in (A-1)")
        assert fired(story).count("integration failed") == 3


@pytest.mark.both_databases
async def test_a_trigger_on_a_measure_fires_when_it_moves_over_its_limit_and_again_after_it_was_within(database_url):
    async with world(database_url, "measure", "performance") as story:
        for value, count in (("0.5%", 0), ("3%", 1), ("4%", 1), ("1%", 1), ("2%", 2)):
            await story.says("sc", f"/gate report error_rate {value}", channel="sigma")
            await story.advance(seconds=5)
            assert fired(story).count("measure") == count, value
        card = story.channel("sigma").expect("Blocker 1", "error_rate: 3%, 1% allowed, 2% over")
        assert "critical" in card.shown
        story.thread(card).expect("error_rate is within its limit again.")
        story.thread(card).expect("Again: error_rate: 2%")
        assert len(story.entries("blocker", "raised")) == 1
        await story.says("sc", "/gate report load 210", channel="sigma")
        await story.advance(seconds=5)
        story.dm("stan").expect("Performance", "load: 210, 200 allowed, 10 over.")


async def test_a_trigger_on_a_computed_measure_fires_by_time_alone(database_url):
    async with world(database_url, "measure") as story:
        await story.says("pa", "/blocker mongo refuses TLS")
        await story.advance(minutes=14)
        story.dm("amp").expect_nothing("response_time")
        await story.advance(minutes=10)
        told = story.dm("amp").expect("Measure", "response_time: ")
        assert "15m allowed" in told.shown
        await story.advance(hours=1)
        assert fired(story).count("measure") == 1


async def test_a_trigger_that_is_so_when_it_comes_into_the_plan_waits_until_it_becomes_so_again(database_url):
    async with world(database_url, "timeline") as story:
        await story.says("sc", "/gate report error_rate 3%", channel="sigma")
        await story.until("2025-11-13 12:30")
        story.apply(plan("timeline", "measure", "late tasks"))
        await story.settled()
        await story.advance(minutes=1)
        assert set(fired(story)) == {"timeline"}
        await story.says("sc", "/gate report error_rate 1%", channel="sigma")
        await story.advance(seconds=5)
        await story.says("sc", "/gate report error_rate 3%", channel="sigma")
        await story.advance(seconds=5)
        assert fired(story).count("measure") == 1


async def test_a_trigger_on_late_tasks_counts_them_and_what_comes_together_is_told_as_one(database_url):
    async with world(database_url, "late tasks", "task late", "timeline") as story:
        await story.until("2025-11-13 12:00")
        card = story.channel("omega").expect("Blocker 1", "2 tasks are late, more than 1: A-1, A-2")
        assert "critical" in card.shown
        assert story.dm("olga").count("Task late", "A-1 (One) is late", "A-2 (Two) is late") == 1
        story.dm("stan").expect("A-2 is late, and A-3 needs it.")
        await story.advance(hours=1)
        assert len(story.entries("blocker", "raised")) == 1


@pytest.mark.both_databases
async def test_a_trigger_on_people_and_their_work_tells_whom_the_plan_names(database_url):
    events = ("check-in missed", "checkpoint failed", "checkpoint missed", "task blocked", "blocker raised",
              "security", "lock expired")  # fmt: skip
    async with world(database_url, *events) as story:
        await story.says("pa", "/lock docs/a.md for 30m because of a typo")
        await story.says("pb", "/task block A-1 the schema is locked")
        story.dm("olga").expect("Task blocked", "A-1 (One) is blocked by blocker 1.")
        story.channel("urgent").expect("Blocker raised", "Blocker 1: the schema is locked")
        await story.advance(minutes=31)
        story.dm("amp").expect("Lock expired", "Lock 1 of <@UPA> has expired")
        await story.until("2025-11-13 11:00")
        assert story.channel("urgent").count("Check-in missed", "<@UPA> and <@UPB> did not report") == 1
        await story.until("2025-11-13 13:00")
        story.dm("amp").expect("Checkpoint failed", "Noon is not as expected")
        await story.advance(minutes=31)
        story.channel("omega").expect("Noon was not answered by <@UOLGA>")
        view = await story.opens("pa", "/blocker")
        assert view
        await story.submits("pa", {"what": "a key in the log", "category": "security finding"})
        story.dm("exec").expect("Security", "a key in the log")


@pytest.mark.both_databases
async def test_a_trigger_on_an_exhausted_climb_climbs_the_same_matter_by_another_policy(database_url):
    async with world(database_url, "climb exhausted") as story:
        await story.says("pa", "/blocker mongo refuses TLS")
        await story.advance(minutes=26)
        assert fired(story) == ["climb exhausted"]
        assert len(story.entries("blocker", "raised")) == 1
        assert story.dm("olga").count("Blocker 1") > 1
        await story.advance(hours=1)
        assert len(story.entries("blocker", "raised")) == 1


async def test_a_trigger_on_an_exhausted_climb_calls_a_gate_by_its_name(database_url):
    told = plan("gate missed", "climb exhausted").replace(
        "climb exhausted, escalate: fast", "climb exhausted, tell: [amp]"
    )
    async with World(database_url, told, people=PEOPLE) as story:
        await story.until("2025-11-13 12:00")
        story.dm("amp").expect("Nobody has taken Early, and nobody is left to page.")


@pytest.mark.both_databases
async def test_a_trigger_on_a_gates_troubles_tells_of_a_no_of_doubt_and_of_no_go(database_url):
    async with world(database_url, "gate failed", "gate in doubt", "no-go") as story:
        for point in ("Sign-in", "Menu"):
            await story.says("pb", f"/task point A-1 {point} completed")
        await story.completes("pb", "A-1")
        await story.says("olga", "/gate reject done the rollback was never tried")
        story.dm("amp").expect("Gate failed", "Done was rejected.", "the rollback was never tried")
        await story.signs("olga", "done")
        await story.says("pb", "/task reopen A-1")
        await story.advance(seconds=5)
        story.dm("amp").expect("Gate in doubt", "Done is in doubt.")
        await story.until("2025-11-15 12:00")
        story.dm("exec").expect("No-go", "Go is NO-GO.")


async def test_a_trigger_does_nothing_once_the_plan_is_over(database_url):
    async with world(database_url, "integration failed") as story:
        await story.until("2025-11-15 18:01")
        await story.says("pb", "/task point A-1 Sign-in failed")
        assert fired(story) == []


HARBOR = """\
triggers:
  - {on: conflict, emergency: 2}
  - {on: zone violation, tell: [amp]}
  - {on: measure, measure: file_conflicts, above: 0, tell: [exec]}
measures: {file_conflicts: {at_most: 0, computed: true}}
emergencies: {2: {name: High, tell: [leads], respond_within: 15m}}
"""


@pytest.mark.both_databases
async def test_a_trigger_on_a_conflict_declares_the_emergency_that_the_plan_names_once(database_url, tmp_path):
    async with Watched(database_url, Harbor(tmp_path), HARBOR) as story:
        await story.passes(minutes=5)
        story.harbor.push("omega/mongo", "pa", {"src/api/x.py": line(9, "omega")})
        story.harbor.push("sigma/mongo", "sc", {"src/api/x.py": line(9, "sigma"), "web/app.js": line(1, "mine")})
        await story.passes(minutes=5)
        story.dm("olga").expect("omega/mongo and sigma/mongo collide: src/api/x.py.")
        assert len(story.entries("emergency", "declared")) == 1
        story.dm("exec").expect("Measure", "file_conflicts: ")
        shown = (await story.says("amp", "/plan triggers", channel="release")).text
        assert "*Conflict*: declares emergency 2." in shown
        assert "*Measure file_conflicts above 0*: tells Executive." in shown
        assert "It is still so." in shown
        story.harbor.push("omega/other", "pb", {"src/api/y.py": line(9, "omega")})
        story.harbor.push("sigma/other", "sara", {"src/api/y.py": line(9, "sigma")})
        await story.passes(minutes=5)
        assert len(story.entries("emergency", "declared")) == 1


@pytest.mark.both_databases
async def test_a_measure_that_is_first_known_over_its_limit_was_so_before_anybody_looked(database_url, tmp_path):
    harbor = Harbor(tmp_path)
    harbor.push("omega/mongo", "pa", {"docs/a.md": line(9, "omega")})
    harbor.push("sigma/mongo", "sc", {"docs/a.md": line(9, "sigma")})
    async with Watched(database_url, harbor, HARBOR) as story:
        await story.passes(minutes=5)
        assert fired(story) == []
        harbor.push("omega/mongo", "pa", {"docs/a.md": OLD, "docs/z.md": "new\n"})
        await story.passes(minutes=5)
        harbor.push("omega/mongo", "pa", {"docs/a.md": line(9, "omega again")})
        await story.passes(minutes=5)
        assert "measure" in fired(story)


async def test_the_triggers_of_a_plan_without_any_are_explained(database_url):
    async with World(database_url) as story:
        assert "This plan has no triggers." in (await story.says("pa", "/plan triggers")).text


async def test_a_risk_that_becomes_likely_and_grave_fires_once(database_url):
    risks = """
risks:
  - {risk: One person overloaded, probability: high, impact: high, owner: amp}
  - {risk: Timeline slips, probability: %s, impact: high, owner: amp, mitigation: Cut scope}
"""
    text = plan("no-go") + "  - {on: risk, tell: [amp]}\n"
    async with World(database_url, text + risks % "low", people=PEOPLE) as story:
        assert fired(story) == []
        for probability, count in (("high", 1), ("high", 1), ("medium", 1), ("high", 2)):
            story.apply(text + risks % probability)
            await story.advance(seconds=5)
            assert fired(story).count("risk") == count
        story.dm("amp").expect("Risk", "Timeline slips is likely and grave now. Against it: Cut scope.")
