"""Freezes: announced, and one item at a time let through by whoever signs."""

from __future__ import annotations

import pytest

from callboard.gates import freezing
from tests.gates.company import asked, company, submit

ANSWERS = {"Time needed": "an hour", "Risk of adding": "none known", "Risk of cutting": "nobody signs in"}


@pytest.fixture
async def world(database_url):
    """The freeze has begun."""
    async with company(database_url) as world:
        await world.jump(days=1)
        await world.advance(seconds=30)
        yield world


async def ask(world, item="the sign-in fix"):
    await asked(world, "pa", f"/gate exception code {item}")
    return await submit(world, "pa", ANSWERS)


def frozen(world, branch="main"):
    return world.app.db.transact(lambda tx: [one.key for one in freezing.active(tx, 1, "app", branch)])


async def test_a_freeze_is_announced_when_it_begins_and_when_it_is_over(world):
    world.channel("release").expect("Code freeze has begun", "no changes to")
    assert frozen(world) == ["code"]
    await world.jump(days=1)
    await world.advance(hours=3)
    world.channel("release").expect("Code freeze is over")
    assert frozen(world) == []


async def test_an_exception_answers_every_question_is_signed_and_announced(world):
    assert "Exception 1 is asked for" in await ask(world)
    card = world.channel("release").expect("Exception 1", "the sign-in fix", "Risk of cutting:* nobody signs in")
    world.dm("amp").expect("<@UPA> asks to let `the sign-in fix` through Code freeze")
    await world.clicks("amp", "Grant", card)
    await world.advance(seconds=10)
    world.dm("pa").expect("Exception 1 is granted")
    world.channel("release").expect("Exception 1 is granted", "the sign-in fix")
    assert "the sign-in fix: granted" in (await world.says("pa", "/gate freezes", channel="release")).text


async def test_one_exception_per_item_and_nobody_signs_their_own(world):
    await ask(world)
    outcome = await world.says("pb", "/gate exception code The sign-in fix", channel="release")
    assert "One exception per item: number 1" in outcome.text
    assert "so somebody else has to sign it" in (await world.says("pa", "/gate grant 1", channel="release")).text
    assert "is for <@UAMP> to decide" in (await world.says("olga", "/gate grant 1", channel="release")).text
    await world.says("amp", "/gate deny 1 too late to test", channel="release")
    await world.advance(seconds=10)
    world.dm("pa").expect("Exception 1 for `the sign-in fix` is denied: too late to test")
    assert "was denied" in (await world.says("amp", "/gate grant 1", channel="release")).text


async def test_exceptions_are_asked_for_as_long_as_the_plan_says(world):
    await world.jump(days=1)
    await world.advance(minutes=1)
    outcome = await world.says("pa", "/gate exception code the sign-in fix", channel="release")
    assert "could be asked for until" in outcome.text
