"""A short part of the chaos on each database: whatever goes wrong, what people were told is so. More: `make chaos`."""

from __future__ import annotations

import pytest

from tests.chaos import company
from tests.chaos.__main__ import play
from tests.chaos.part import Part
from tests.chaos.report import CHECKS

SECONDS = 15.0


@pytest.mark.timeout(600)  # a machine that does much else takes longer for the same
@pytest.mark.parametrize(("database", "sockets"), [("sqlite", False), ("postgresql", True)])
async def test_what_people_were_told_holds_though_everything_goes_wrong(database, sockets, tmp_path):
    part = Part(
        folder=tmp_path / database, database=database, seconds=SECONDS, seed=7, sockets=sockets,
        every=1.0, least=60, people=company.PEOPLE[::5],
    )  # fmt: skip
    result = await play(part)
    print(f"{result.operations} operations, {result.pages} pages, {result.kills} kills, {result.faults}")  # noqa: T201
    assert result.wrong == {}
    assert set(result.looked) == set(CHECKS)
    assert result.faults
