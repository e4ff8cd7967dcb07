"""A forecast, from the question to the score."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, select

from callboard.core.workshop import Away, Workshop
from callboard.forecast import score, store
from callboard.forecast.forecaster import Forecaster
from callboard.forecast.models import Forecast
from callboard.forecast.survey import survey
from callboard.risks.indicators import FORECAST
from tests.forecast.company import RELEASE
from tests.world import World, at

NOTHING = "I am working out the first forecast"


def kept(world, key="validated"):
    wanted = select(Forecast).where(Forecast.key == key).order_by(col(Forecast.id))
    return world.app.db.transact(lambda tx: list(tx.session.exec(wanted)))


def network(world):
    return world.app.db.transact(lambda tx: survey(tx, 1)).network


async def test_forecasts_are_asked_for_explained_told_and_scored(database_url):
    async with World(database_url, RELEASE) as world:
        # Nobody has asked yet, so the first question has one made.
        assert NOTHING in (await world.says("amp", "/plan forecast", "release")).text
        shown = (await world.says("stan", "/plan forecast", "release")).text
        for words in ("Gate 1: Omega", "Go or no-go", "Build", "85% by", "`/plan forecast validated`",
                      "All open tasks have an estimate. I expect work to take 1.3 times its estimate, as is usual.",
                      "not enough data yet. 0 of 10 gates"):  # fmt: skip
            assert words in shown
        one = (await world.says("pa", "/plan forecast gate 1", "release")).text
        assert "In 8 of 10 runs it is over between" in one
        assert "O-1 (Database)" in one
        assert "instead of" in one
        assert "Build" in (await world.says("pa", "/plan forecast build", "release")).text
        assert "did you mean `validated`" in (await world.says("pa", "/plan forecast validatd", "release")).text
        assert "0 of 10 gates" in (await world.says("pa", "/plan forecast score", "release")).text
        # The board and Home have it, and so do the risks that watch a gate.
        assert "in time, 85% by" in (await world.home("amp")).shown
        expected = world.app.db.transact(lambda tx: tx.of(FORECAST)(tx, 1, "gate", "validated"))
        assert expected is not None
        assert expected.due_at == at("2025-11-14 13:00")
        # Nothing is done all day: the chance falls, and the coordinator hears it once, when the day begins.
        await world.jump(hours=21)
        await world.until("2025-11-14 08:30")
        assert not world.dm("amp").count("Less likely in time")
        await world.until("2025-11-14 09:30")
        told = world.dm("amp").expect("Less likely in time", "Gate 1: Omega", "Mostly because of")
        assert "What would help: `/plan forecast validated`" in told.shown
        assert not world.dm("olga").count("Less likely in time")
        first, second = kept(world)
        assert first.chance > second.chance
        assert second.at == at("2025-11-14 06:00")
        # It passes in time, and what was said of it is judged.
        await world.completes("pa", "O-1", "O-2")
        await world.completes("pb", "O-3")
        await world.signs("olga", "validated")
        rows = kept(world)
        assert {row.over_at for row in rows} == {world.clock.now()}
        assert sum(row.counted_at is not None for row in rows) == 1
        assert all(map(score.came, rows))
        assert "1 of 10 gates" in (await world.says("pa", "/plan forecast score", "release")).text
        assert "has passed" in (await world.says("pa", "/plan forecast validated", "release")).text
        # The other gate is missed: that, too, is judged, and counted when it is due.
        await world.jump(hours=29, minutes=35)
        due = at("2025-11-15 15:00")
        missed = [row for row in kept(world, "go") if row.due_at == due and row.at < due]
        assert all(row.judged_at for row in missed)
        assert sum(row.counted_at is not None for row in missed) == 1
        assert world.verified() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_that_an_overdue_gate_is_not_likely_in_time_any_more_is_no_news(database_url):
    async with World(database_url, RELEASE.replace("due: 2025-11-14 13:00", "due: 2025-11-13 18:00")) as world:
        await world.says("amp", "/plan forecast", "release")
        await world.jump(hours=24, minutes=30)
        assert [row.chance > 0 for row in kept(world)] == [True, False]
        assert "Gate 1" not in world.dm("amp").expect("Less likely in time", "Go or no-go").shown
        assert "What waits for it stays on hold. · 85% by" in (await world.home("amp")).shown


async def test_forecasts_know_what_is_done_who_is_away_and_what_waits_for_what(database_url):
    async with World(database_url, RELEASE) as world:
        nodes = {node.key: node for node in network(world).nodes}
        keys = list(nodes)
        assert [keys[place] for place in nodes["S-1"].after] == ["validated"], "a task waits for its gate"
        assert [keys[place] for place in nodes["O-2"].after] == ["O-1"]
        assert (nodes["O-1"].low, nodes["O-1"].high) == (2 * 3600, 4 * 3600)
        await world.says("pb", "/standup away 2025-11-14")
        worker = next(each for each in network(world).workers if each.key == "pb")
        line = network(world).hours[worker.hours]
        friday, saturday = 24 * 3600.0, 48 * 3600.0
        assert sum(friday <= x < saturday for x in line.xs) == 0, "nothing is worked on a day off"
        await world.says("pa", "/task start O-1")
        await world.advance(hours=3)
        begun = next(node for node in network(world).nodes if node.key == "O-1")
        assert (begun.begun, begun.worked) == (True, 3 * 3600)
        await world.completes("pa", "O-1")
        found = network(world)
        assert "O-1" not in {node.key for node in found.nodes}, "what is done is not drawn"
        assert [(each.done, each.worked) for each in found.samples] == [(True, 3 * 3600)]
        assert next(node for node in found.nodes if node.key == "O-2").after == ()


class Broken(Workshop):
    """A process that takes nothing, or answers nothing in time."""

    def __init__(self, error):
        super().__init__("")
        self.error = error

    async def ask(self, question, within):
        raise self.error


@pytest.mark.parametrize("error", [Away(), TimeoutError(), ValueError("broken")])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_forecaster_that_cannot_compute_tries_again_in_an_hour(database_url, error):
    async with World(database_url, RELEASE) as world:
        world.app.forecaster = Forecaster(world.app.db, Broken(error))
        assert NOTHING in (await world.says("amp", "/plan forecast", "release")).text
        waits_until = world.app.db.transact(lambda tx: tx.connection.execute(store.WAITING).scalar())
        assert waits_until == world.clock.now() + timedelta(hours=1)
        world.app.forecaster = Forecaster(world.app.db)
        await world.advance(hours=1)
        assert "Gate 1" in (await world.says("amp", "/plan forecast", "release")).text


async def test_forecasters_of_several_replicas_make_one(database_url):
    async with World(database_url, RELEASE) as world:
        world.app.db.transact(lambda tx: tx.session.add(_due_now(tx)))
        others = [Forecaster(world.app.db) for _ in range(3)]
        await asyncio.gather(*(each.turn() for each in others))
        assert len({row.at for row in kept(world)}) == 1
        assert len(kept(world)) == 1


def _due_now(tx):
    course = store.course(tx, 1)
    assert course is not None
    course.next_at = tx.now
    return course


async def test_forecasts_of_a_plan_that_is_done_say_so(database_url):
    plan = RELEASE.replace("{lead_of: omega}", "{role: coordinator}")
    async with World(database_url, plan) as world:
        await world.completes("pa", "O-1", "O-2")
        await world.completes("pb", "O-3")
        await world.signs("amp", "validated")
        await world.completes("sc", "S-1")
        await world.signs("amp", "go")
        await world.says("amp", "/plan forecast", "release")
        assert "Nothing to forecast" in (await world.says("amp", "/plan forecast", "release")).text
