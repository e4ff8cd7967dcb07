"""Tasks start only after all that they need, in whatever order people try; and one person wins a claim."""

from __future__ import annotations

import asyncio
import random

import pytest

from callboard.core.errors import Refused
from callboard.tasks import service
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.world import PLAN, World

COUNT = 12


@pytest.mark.parametrize("seed", range(3))
async def test_the_dependencies_of_tasks_hold_in_whatever_order_people_try_to_start_them(database_url, seed):
    chance = random.Random(seed)
    needs = {n: sorted(chance.sample(range(n), min(n, chance.randint(0, 3)))) for n in range(COUNT)}
    lines = [
        f"  - T-{n}: {{title: Step, team: omega, needs: [{', '.join(f'T-{k}' for k in needs[n])}]}}" for n in needs
    ]
    async with World(database_url, PLAN + "tasks:\n" + "\n".join(lines) + "\n") as world:

        def tried(tx, number):
            directory = teams.directory(tx, 1)
            try:
                service.complete(tx, Asker(directory, directory.people["pa"]), f"T-{number}")
            except Refused:
                return False
            return True

        done: set[int] = set()
        while len(done) < COUNT:
            number = chance.choice([n for n in range(COUNT) if n not in done])
            may = all(k in done for k in needs[number])
            assert world.app.db.transact(tried, number) == may
            done |= {number} if may else set()


async def test_the_task_service_gives_a_task_to_one_of_two_who_claim_it_at_once(work):
    answers = await asyncio.gather(work.says("pa", "/task claim A-3"), work.says("pb", "/task claim A-3"))
    texts = [answer.text for answer in answers]
    assert sum("A-3 is yours" in text for text in texts) == 1
    assert sum("has A-3" in text for text in texts) == 1
    assert len(work.row("task", "A-3").assignees) == 1
