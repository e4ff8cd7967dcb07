"""The forecast of a gate and of a phase, as a risk's indicator has it."""

from __future__ import annotations

from callboard.board.figures import days, history, pace
from tests.board.conftest import OBSERVED, PEOPLE
from tests.world import World

DATABASES = ("sqlite",)  # it asks nothing that other stories do not ask on both
GATED = OBSERVED.replace("criteria: [Smoke tests pass]", "criteria: [Smoke tests pass], needs: [S-1, M-1]")
RISK = """\
risks:
  - {risk: Late, probability: low, impact: high, owner: amp,
     indicators: [{forecast: {gate: live, later_than: 6h}}, {forecast: {phase: prepare, later_than: 1d}}]}
"""


async def test_the_forecast_of_a_gate_is_its_open_tasks_by_the_pace_of_the_last_week(database_url):
    async with World(database_url, GATED + RISK, people=PEOPLE) as world:
        shown = (await world.says("amp", "/risk show 1")).text
        assert "Forecast of gate live: not known yet" in shown
        await world.jump(hours=24)
        await world.completes("pa", "A-1")
        await world.advance(hours=1)
        world.dm("amp").expect("Risk 1 needs you", "Forecast of gate live")
        asked = world.app.db.transact(
            lambda tx: (
                pace.forecast(tx, 1, "gate", "live"), pace.forecast(tx, 1, "phase", "prepare"),
                {mark.key: mark for mark in days.gates(history.read(tx, 1))}["live"], tx.now,
            )
        )  # fmt: skip
        live, prepare, mark, now = asked
        assert live
        assert prepare
        assert (live.at, live.due_at) == (mark.expected, mark.due)
        assert now < prepare.at == live.at
        await world.completes("sc", "S-1")
        await world.says("amp", "/task drop M-1 not needed")
        await world.advance(hours=1)
        assert "Forecast of gate live" in (await world.says("amp", "/risk show 1")).text
        assert "in time" in (await world.says("amp", "/risk show 1")).text
        world.dm("amp").expect("Risk 1 is quiet again")
