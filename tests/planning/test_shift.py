"""`/plan shift`: what has not happened yet is moved, after everybody could see what that is."""

from __future__ import annotations

import pytest

from tests.planning.test_briefs import BRIEFED
from tests.world import World


@pytest.fixture
async def stage(database_url):
    async with World(database_url, BRIEFED) as world:
        yield world


async def test_a_shift_is_shown_first_and_moves_on_a_click_once(stage):
    shown = await stage.says("amp", "/plan shift 1d because QA is late")
    assert "A-1" in shown.text
    assert "2025-11-14 14:00" in shown.text
    assert "2025-11-13 14:00" in (await stage.says("pa", "/plan show A-1")).text
    done = await stage.clicks("amp", "Move all of it", shown.messages[-1])
    assert "moved by 1d" in done.text
    after = (await stage.says("pa", "/plan show A-1")).text
    assert "*due*: 2025-11-14 14:00" in after
    assert "because QA is late" in after
    again = await stage.clicks("amp", "Move all of it", shown.messages[-1])
    assert "has changed since this was shown" in again.text
    assert "*due*: 2025-11-14 14:00" in (await stage.says("pa", "/plan show A-1")).text


@pytest.mark.parametrize(
    ("person", "typed", "words"),
    [
        ("olga", "1d", "<@UAMP>"),
        ("amp", "soon", "is no shift"),
        ("amp", "", "shift DAYS"),
        ("amp", "0d", "whole days"),
        ("amp", "99999d", "is no shift"),
    ],
)
async def test_what_cannot_be_shifted_is_said(stage, person, typed, words):
    assert words in (await stage.says(person, f"/plan shift {typed}")).text
