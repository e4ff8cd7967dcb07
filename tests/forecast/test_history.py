"""What a plan that is over tells the next one: how long tasks take, and how far work slips."""

from __future__ import annotations

import math

import pytest

from callboard.forecast import store
from callboard.forecast.engine.network import PRIOR
from callboard.forecast.models import Course
from callboard.forecast.survey import survey
from callboard.forecast.survey.history import learned
from tests.world import PLAN, World

TITLES = ("Database", "Queue", "Mail", "Sign-in", "Logs", "Pages")
GATE = """
gates:
  ready: {name: Ready, due: %s 17:00, criteria: [{tasks: ["*"]}], sign_off: [{role: coordinator}]}
"""


def tasks(estimate):
    said = f", estimate: {estimate}" if estimate else ""
    lines = [f"  T-{n}: {{title: {title}, team: omega, assignee: pa{said}}}" for n, title in enumerate(TITLES, 1)]
    return "tasks:\n" + "\n".join(lines)


BEFORE = PLAN + tasks("2h") + GATE % "2025-11-14"
AFTER = PLAN.replace("key: release", "key: next").replace("name: Release", "name: Next", 1)
AFTER = AFTER.replace("2025-11-13", "2025-11-19").replace("2025-11-15", "2025-11-21")


async def shown(world):
    """What the forecast of the second plan says, once there is one."""
    await world.says("amp", "/plan next: forecast", "release")
    return (await world.says("amp", "/plan next: forecast", "release")).text


@pytest.mark.parametrize("estimate", ["", "{low: 2h, likely: 3h, high: 8h}"])
async def test_history_of_a_plan_that_is_over_tells_the_next_one_what_is_usual(database_url, estimate):
    async with World(database_url, BEFORE) as world:
        await world.says("amp", "/plan forecast", "release")
        for task in (f"T-{n}" for n in range(1, 7)):
            await world.says("pa", f"/task start {task}")
            await world.completes("pa", task)
            await world.says("pa", f"/task spent {task} 4h")
        await world.jump(days=6)
        await world.signs("amp", "ready")
        done = world.app.db.transact(store.course, 1)
        assert done is not None
        assert (done.took, done.usual, done.seen) == (6, 4 * 3600, 6)
        assert 1.5 < done.slip < 2
        world.apply(AFTER + tasks(estimate) + GATE % "2025-11-20")
        found = world.app.db.transact(survey, 2)
        node = found.network.nodes[0]
        assert PRIOR < found.network.prior < math.log(done.slip)
        said = await shown(world)
        assert "1 of 10 gates with a forecast are over" in said, "its gates count, too"
        if estimate:
            assert (node.low, node.likely, node.high) == (2 * 3600, 3 * 3600, 8 * 3600)
            assert "All open tasks have an estimate. As in a plan that is over, I expect work to take 1." in said
        else:
            assert round(math.sqrt(node.low * node.high)) == 4 * 3600
            assert "6 of 6 open tasks have no estimate. I guess them from 6 tasks of a plan that is over." in said


def course(slip=1.0, seen=0, took=0, usual=0.0):
    return Course(plan_id=1, slip=slip, seen=seen, took=took, usual=usual)


def test_history_without_plans_that_are_over_is_what_is_usual_everywhere():
    assert learned([]).prior == PRIOR
    assert learned([course(slip=3.0, seen=4, took=4, usual=3600.0)]) == learned([]), "four tasks tell nothing"


def test_history_weighs_many_plans_more_than_what_is_usual_everywhere():
    few, many = (learned([course(slip=2.0, seen=10, took=10, usual=7200.0)] * count) for count in (1, 18))
    assert PRIOR < few.prior < many.prior < math.log(2)
    assert (many.slipped, many.tasks, many.plans) == (18, 180, 18)
    assert round(many.usual or 0.0) == 7200
