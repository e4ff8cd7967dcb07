"""What Callboard computes itself: each measure by its key, from what happened, for the gate that asks for it."""

from __future__ import annotations

import pytest

from callboard.app import CAPABILITIES
from callboard.gates.assessment import Look
from callboard.gates.criteria import computation
from callboard.gates.plan.measures import COMPUTED, MEASURES, READINESS, summed_up
from callboard.plans import service as plans
from tests.conflicts.harbor import Harbor, Watched, line
from tests.gates.company import company
from tests.planfile.sample import GOOD, check
from tests.world import PLAN, World

TIMES = "".join(
    f"  {key}: {{at_most: 15m, computed: {way}}}\n"
    for key, way in (("response_time", "true"), ("resolution_time", "longest"))
)
SHARES = "".join(
    f"  {key}: {{at_least: 90%, computed: true}}\n"
    for key in ("standup_rate", "synchronisation", "tasks_completed", "gates_on_time", "first_time_success")
)
READY = "  readiness: {at_least: 80%, computed: true, weights: {gates: 1, tasks: 2, blockers: 1}}\n"
WORK = """\
tasks:
  - for: {team: omega}
    A-1: {title: One, assignee: pb, due: 2025-11-13 12:00, points: {Sign-in: omega}}
    A-2: {title: Two, assignee: pa}
    A-3: {title: Three, assignee: pb}
    A-4: {title: Four, assignee: pa, status: completed}
standups:
  - {name: Daily, days: mon-fri, at: "10:00", who: [pa, pb], window: 1h, questions: [Today, Blockers]}
"""
GATES = """\
gates:
  early: {name: Early, due: 2025-11-13 11:00, criteria: [Seen]}
  done:
    name: Done
    due: 2025-11-14 18:00
    criteria: [%s]
"""
KEYS = ("response_time", "resolution_time", "standup_rate", "synchronisation", "tasks_completed", "gates_on_time",
        "first_time_success", "integration_failures", "readiness")  # fmt: skip
ASKED = (
    PLAN + "measures:\n" + TIMES + SHARES + "  integration_failures: {at_most: 0, computed: true}\n" + READY + WORK
    + GATES % ", ".join(f"{{measure: {key}}}" for key in KEYS)
)  # fmt: skip


def computed(world: World, name: str, asking: str = "done") -> str:
    """A measure as a gate reads it."""

    def read(tx):
        part = (plans.live(tx, 1).of(MEASURES) or {})[name]
        return summed_up(name, part, computation.figures(tx, 1, [name], asking)[name])

    return str(world.app.db.transact(read))


def reading(world: World, name: str) -> str:
    row = world.row("gate", "done")

    def read(tx):
        look = Look(tx, row)
        return next(each.line for each in look.readings if name.replace("_", "-") in each.key)

    return world.app.db.transact(read)


@pytest.fixture
async def world(database_url):
    async with company(database_url, ASKED) as world:
        yield world


async def test_the_computation_of_times_counts_what_waits_with_its_wait_so_far(world):
    assert computed(world, "response_time") == computed(world, "resolution_time") == "0s"
    assert "no blocker yet" in reading(world, "response_time")
    await world.says("pa", "/blocker mongo refuses TLS", channel="omega")
    await world.advance(minutes=10)
    assert computed(world, "response_time") == "10m"
    await world.says("olga", "/blocker ack 1", channel="omega")
    await world.says("pb", "/blocker the vault is sealed shut", channel="omega")
    await world.advance(minutes=20)
    assert (computed(world, "response_time"), computed(world, "resolution_time")) == ("15m", "30m")
    await world.advance(minutes=5)
    assert "17m30s (2 blockers, 1 not taken yet)" in reading(world, "response_time")
    await world.says("pb", "/blocker withdraw 2", channel="omega")
    assert computed(world, "response_time") == "10m"


async def test_the_computation_of_shares_follows_tasks_teams_gates_and_standups(world):
    assert [computed(world, key) for key in KEYS[2:]] == ["100%", "100%", "25%", "100%", "100%", "0", "37.5%"]
    await world.advance(hours=1, minutes=5)
    await world.says("pa", "/standup", channel="omega")
    await world.advance(hours=2, minutes=56)
    assert (computed(world, "standup_rate"), computed(world, "gates_on_time")) == ("0%", "0%")
    assert computed(world, "synchronisation") == "50%"
    assert "behind: Omega" in reading(world, "synchronisation")
    await world.says("pb", "/task point A-1 Sign-in failed", channel="omega")
    assert (computed(world, "integration_failures"), computed(world, "synchronisation")) == ("1", "50%")
    await world.says("pb", "/task point A-1 Sign-in completed", channel="omega")
    await world.completes("pb", "A-1", "A-3")
    assert [computed(world, key) for key in KEYS[3:]] == ["100%", "75%", "0%", "75%", "0", "62.5%"]
    await world.says("pb", "/task reopen A-3", channel="omega")
    await world.completes("pb", "A-3")
    assert computed(world, "first_time_success") == "50%"


async def test_the_computation_for_a_gate_leaves_out_itself_and_what_waits_for_it(database_url):
    plan = ASKED.replace("early: {name: Early,", "early: {name: Early, needs: [done],")
    async with company(database_url, plan) as world:
        assert (computed(world, "gates_on_time"), computed(world, "gates_on_time", "early")) == ("100%", "100%")
        await world.advance(hours=3)
        assert (computed(world, "gates_on_time"), computed(world, "gates_on_time", "")) == ("100%", "0%")


async def test_the_computation_changing_a_gate_is_looked_at_anew_and_its_signature_covers_the_bounds(database_url):
    text = PLAN + "measures:\n" + TIMES + GATES % "{measure: resolution_time}, Seen"
    text = text.replace(
        "criteria: [{measure: resolution_time}, Seen]",
        "criteria: [{measure: resolution_time}, Seen]\n    sign_off: [{person: olga}, {person: sara}]",
    )
    async with company(database_url, text) as world:
        await world.says("pa", "/gate tick done 1", channel="release")
        assert world.row("gate", "done").state == "ready"
        await world.signs("olga", "done")
        await world.says("pa", "/blocker mongo refuses TLS", channel="omega")
        await world.advance(minutes=10)
        assert world.row("gate", "done").state == "ready"
        assert world.entries("gate", "voided", "done") == []
        await world.advance(minutes=10)
        assert world.row("gate", "done").state == "pending"
        assert len(world.entries("gate", "voided", "done")) == 1
        shown = (await world.says("pa", "/gate show done", channel="release")).text
        assert "resolution_time at most 15m: 20m (1 blocker, 1 open)" in shown


async def test_the_computation_of_file_conflicts_is_what_the_radar_lists_and_nobody_reports_it(database_url, tmp_path):
    more = (
        "measures:\n  file_conflicts: {name: File conflicts, at_most: 0, computed: true}\n"
        + GATES % "{measure: file_conflicts}"
    )
    async with Watched(database_url, Harbor(tmp_path), more) as world:
        await world.passes(minutes=5)
        assert reading(world, "file_conflicts") == "File conflicts at most 0: 0 (none open)"
        world.harbor.push("omega/mongo", "pa", {"src/api/x.py": line(9, "omega")})
        world.harbor.push("sigma/mongo", "sc", {"src/api/x.py": line(9, "sigma")})
        await world.passes(minutes=5)
        numbers = [one.number for one in world.app.db.transact(standing)]
        assert numbers
        shown = ", ".join(map(str, numbers))
        assert reading(world, "file_conflicts") == f"File conflicts at most 0: {len(numbers)} (open: {shown})"
        for number in numbers:
            await world.says("amp", f"/lock conflicts accept {number}", channel="release")
        refused = (await world.says("amp", "/gate report file_conflicts 0", channel="release")).text
        assert "I compute it" in refused


def standing(tx):
    from callboard.conflicts import service

    return service.going(tx, 1)


def test_the_measures_that_a_plan_may_have_computed_are_those_that_capabilities_compute():
    declared = {key for capability in CAPABILITIES for key in capability.measures}
    assert declared | {"gates_on_time", "readiness"} == {*COMPUTED, *filter(None, READINESS.values())}


MEASURED = GOOD + (
    "measures:\n  tests: {at_least: 90%, by: [backend]}\n  response_time: {at_most: 15m, computed: true}\n"
    "  readiness: {at_least: 80%, computed: true, weights: {gates: 4, risks: 1}}\n"
    "gates:\n  done: {name: Done, due: 2026-03-26 12:00, criteria: [{measure: tests}, {measure: response_time}]}\n"
)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("tests: {at_least: 90%, by: [backend]}", "tests: {at_least: 90%, computed: true}",
         "Callboard cannot compute `tests`. It computes file_conflicts, integration_failures,"),
        ("  response_time:", "  respons_time:", "Did you mean `response_time`?"),
        ("by: [backend]", "by: [leads]", "nobody reports this: `leads` is nobody here; name a person, a team or"),
        ("by: [backend]", "by: [stakeholder]", "nobody reports this: `stakeholder` is nobody here"),
        ("at_most: 15m, computed", "at_most: 15, computed", "`15` is a number: write a duration"),
        ("15m, computed: true", "15m, computed: best", "computed"),
        ("80%, computed: true", "80%, computed: median", "`median` is for times: write `computed: true`"),
        ("risks: 1}", "risk: 1}", "readiness has no `risk`; did you mean `risks`?"),
        ("{gates: 4, risks: 1}", "{gates: 0}", "with these weights nothing counts"),
        ("15m, computed: true", "15m, computed: true, weights: {gates: 1}", "only `readiness` has weights"),
        ("  response_time: {at_most: 15m", "  standup_rate: {at_least: 90%", "measure"),
    ],
)  # fmt: skip
def test_the_measures_that_nobody_can_compute_or_report_are_refused_with_a_sentence(old, new, sentence):
    assert check(MEASURED).problems == []
    assert MEASURED.count(old) == 1
    assert sentence in "\n".join(problem.sentence for problem in check(MEASURED.replace(old, new)).problems)


def test_the_measures_that_a_gate_asks_for_need_what_they_are_computed_from():
    text = MEASURED.replace("response_time", "file_conflicts").replace("at_most: 15m", "at_most: 0")
    found = [problem.sentence for problem in check(text).problems]
    assert found == [
        "measures.file_conflicts.computed: nobody can compute `file_conflicts`: the plan has no `repositories:`"
    ]
