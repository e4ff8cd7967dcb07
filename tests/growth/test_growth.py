"""Nothing that people type, programs ask or a tick looks for costs more because there is history, or are many plans."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from callboard.board.home import views
from callboard.board.home.models import Visit
from tests.gates.company import PEOPLE, tested, validated
from tests.growth import history, statements
from tests.growth.company import DEEDS, STORY, does, growing
from tests.world import PLAN, World

HISTORY, MOST_STEPS, MOST_ROWS = 2_000, 4_000, 1_000
"""Whoever looks at all of the history needs at least 8,000 steps of SQLite, or reads 2,000 rows on PostgreSQL."""


async def test_indexes_find_what_matters_however_much_history_there_is(database_url):
    async with growing(database_url) as desk:
        db = desk.world.app.db
        for deed in STORY.splitlines():
            await does(desk, deed)
        early = history.early_statistics(db) if db.on_sqlite else []
        history.age(db, HISTORY)
        found, wrong = statements.Statements(), list[str]()
        for deed in DEEDS.splitlines():
            with statements.asked(db) as of_deed:
                answer = await does(desk, deed)
            assert "went wrong" not in str(getattr(answer, "text", "")), (deed, answer.text)
            wrong += [f"{deed}: {one.steps} steps: {one.short}" for one in of_deed.every if one.steps > MOST_STEPS]
            found.every += of_deed.every
        assert not wrong, "\n".join(wrong)
        changed = [one for one in found.distinct if not one.sql.startswith("INSERT")]
        assert len(changed) > 100
        costs = []
        if db.on_sqlite:
            history.refresh(db)
            costs += [(one, statements.steps_again(db, one), statements.plan_of(db, one)) for one in changed]
            history.start_again_with(db, early)
            costs += [(one, statements.steps_again(db, one), statements.plan_of(db, one)) for one in changed]
        else:
            history.refresh(db)
            costs += [(one, *statements.rows_read(db, one)) for one in changed]
    most = MOST_STEPS if db.on_sqlite else MOST_ROWS
    dear = [f"{cost}: {one.short}\n    {plan}" for one, cost, plan in costs if cost > most]
    assert not dear, "\n".join(dear)


COUNTED = ("pa /task list", "pa /gate list", "pa /gate mine", "pa /blocker list", "olga /blocker mine",
           "olga /plan mine", "GET /gates", "GET /blockers", "GET /tasks")  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_lists_ask_as_many_statements_for_twelve_rows_as_for_two(database_url, sqlite_template, tmp_path):
    few = await _counted(database_url, 2)
    assert await _counted(f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}", 12) == few
    assert few["pa /task list"] <= 18
    assert few["pa /gate list"] <= 18
    assert max(few["pa /blocker list"], few["olga /blocker mine"]) <= 10  # five of them ask what is due besides


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_home_asks_as_many_statements_for_many_tasks_as_for_few(database_url, sqlite_template, tmp_path):
    few = await _home(database_url, 12)
    assert await _home(f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}", 400) == few
    assert max(few.values()) <= 60


async def _home(url: str, size: int) -> dict[str, int]:
    """How many statements a Home takes with so many tasks."""
    counts = {}
    async with growing(url, tasks=size, gates=8) as desk:
        db = desk.world.app.db
        history.raise_blockers(db, size)
        for person in ("sc", "olga", "amp"):
            at: Any = dict.fromkeys(("fresh_until", "rests_until", "look_at"), desk.world.clock.now())
            visit = Visit(workspace=desk.world.slack.spec.team_id, slack_id=f"U{person.upper()}", plan_id=1, **at)
            db.transact(views.home, visit)
            with statements.asked(db) as found:
                db.transact(views.home, visit)
            counts[person] = len(found)
    return counts


async def _counted(url: str, size: int) -> dict[str, int]:
    async with growing(url, tasks=size, gates=size) as desk:
        history.raise_blockers(desk.world.app.db, size)
        return {deed: await _count(desk, deed) for deed in COUNTED}


async def _count(desk, deed: str) -> int:
    await does(desk, deed)  # what is kept as long as the plan stays as it is
    with statements.asked(desk.world.app.db) as found:
        await does(desk, deed)
    return len(found)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_blockers_cost_as_much_to_raise_with_a_thousand_open_as_with_six(database_url):
    async with growing(database_url) as desk:
        db, costs = desk.world.app.db, []
        await does(desk, "pa /blocker mongo does not answer at all")
        for more in (4, 1_000):
            history.raise_blockers(db, more, first=more * history.FIRST)
            with statements.asked(db) as found:
                await does(desk, "pa /blocker redis does not answer at all")
            costs.append(found)
    few, many = costs
    assert many.before_sending == few.before_sending, many.often
    assert len(many) < 2 * len(few), many.often
    orm = [one.short for one in many.every if one.steps > MOST_STEPS]
    assert len(orm) <= 2, orm


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_facts_of_a_gate_are_asked_once_for_a_signature_that_passes_it(database_url):
    async with growing(database_url) as desk:
        world = desk.world
        await validated(world)
        await tested(world)
        await world.signs("olga", "tested")
        await world.opens("sara", "/gate sign tested", "release")
        with statements.asked(world.app.db) as found:
            await world.slack.submit("sara", {"Confirm": "yes"})
        assert world.row("gate", "tested").state == "passed"
    again = [(times, short) for times, short in found.often if times > 4 and "FROM gate" in short]
    assert len(found) <= 80, found.often
    assert not again


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_plans_that_idle_cost_nothing_each(database_url):
    async with World(database_url, PLAN, people=PEOPLE) as world:
        one = await _idles(world)
        history.copy_plans(world.app.db, 49)
        assert await _idles(world) == one


async def _idles(world: World) -> dict[str, int]:
    """What each thing that happens by itself asks when there is nothing to do."""
    app, counts = world.app, {}
    turns = {
        "tick": app.ticker.tick, "courier": app.courier.drain, "radar": app.radar.turn,
        "forecaster": app.forecaster.turn,
        "plans": lambda: app.arrival.look(link=True),
    }  # fmt: skip
    for name, turn in turns.items():
        with statements.asked(app.db) as found:
            await turn()
        counts[name] = len(found)
    return counts
