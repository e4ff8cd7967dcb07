"""Figures, counted a second way: from the rows at the end of each day, and by reading the timeline line by line."""

from __future__ import annotations

import pytest

from callboard.board.charts import CHARTS
from callboard.board.figures import days, values
from tests.board.month import Month


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_x(database_url):
    import time

    t = time.time()
    lived = await Month.at(database_url).live()
    print("TIME", time.time() - t, lived.done, time.process_time())
    past = lived.read()
    print(len(past.events))
    wrong = []
    for name, value in values.VALUES.items():
        for day, found in days.of_figure(past, value):
            if found and day in lived.figures and found != lived.figures[day][name]:
                wrong.append((name, str(day), found, lived.figures[day][name]))
    print(wrong[:3])
    import pathlib

    for name, draw in CHARTS.items():
        d = draw(past)
        print(d.alt)
        pathlib.Path(f"/tmp/w/kpi16-{name}.svg").write_text(d.svg())
    assert not wrong
