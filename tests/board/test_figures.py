"""Figures, counted a second way: from the rows at the end of each day, and by reading the timeline line by line."""

from __future__ import annotations

import pytest

from callboard.board.figures import days, history, values
from tests.board import month
from tests.world import World


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_x(database_url):
    import time
    t = time.time()
    async with World(database_url, month.PLAN, at=month.BEGINS, people=("olga", "pa", "sara", "amp")) as world:
        lived = await month.live(world)
        print("TIME", time.time() - t, lived.done)
        past = world.app.db.transact(lambda tx: history.read(tx, 1))
        print(len(past.events))
        wrong = []
        for name, value in values.VALUES.items():
            for day, found in days.of_figure(past, value):
                if found and day in lived.figures and found != lived.figures[day][name]:
                    wrong.append((name, str(day), found, lived.figures[day][name]))
        seen = {}
        for w in wrong:
            seen.setdefault(w[0], []).append(w)
        for name, ws in seen.items():
            print(name, len(ws), ws[:2])
        for name in values.VALUES: print(name, {str(d): v[name] if len(v[name])<3 else len(v[name]) for d, v in list(lived.figures.items())[::7]})
        assert not wrong
