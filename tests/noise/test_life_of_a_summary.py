"""What goes beyond a person's budget becomes one live message; what one event causes is one message at once."""

from __future__ import annotations

import pytest
from sqlmodel import select

from callboard.core.outbox import Delivery
from callboard.noise import messages
from tests.world import PLAN, World

BUDGET = PLAN + "noise: {pages_per_hour: 1, messages_per_day: 10}\n"


@pytest.fixture
async def world(database_url):
    async with World(database_url, BUDGET) as world:
        yield world


def folded(world):
    rows = select(Delivery).where(Delivery.state == "folded")
    return world.app.db.transact(lambda tx: list(tx.session.exec(rows)))


async def until_folded(world, blocker):
    """Let time pass until a page about a blocker is folded, and what follows is sent."""
    for _ in range(24):
        if any(row.subject_id == blocker for row in folded(world)):
            return
        await world.advance(minutes=5)
    raise AssertionError(blocker)


async def test_a_summary_tells_the_repeats_beyond_the_budget_and_first_pages_go_at_once(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=10)
    assert len(world.dm("exec")) == 1
    await until_folded(world, 1)
    assert len(world.dm("exec")) == 2
    world.dm("exec").expect("from Release", "/blocker show 1")
    shown = (await world.says("exec", "/blocker show 1")).text
    assert "Reminded Executive: <@UEXEC> together with other matters" in shown, shown
    await world.says("pb", "/blocker mails come back for everybody")
    await world.advance(minutes=10)
    world.dm("exec").expect("mails come back")
    assert len(world.dm("exec")) == 3
    await until_folded(world, 2)
    assert len(world.dm("exec")) == 4
    world.dm("exec").expect("from Release", "/blocker show 2", "/blocker show 1")
    assert world.dm("exec").messages[1].shown == ":arrow_down: A newer summary follows."
    rows = folded(world)
    assert {row.address for row in rows} == {"UEXEC"}
    assert {(row.posted_at, row.posted_as, row.fallback_at) for row in rows} == {(None, None, None)}
    assert len(world.entries("blocker", "folded a message")) == len(rows)


async def test_a_summary_is_edited_when_what_it_tells_is_over(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await until_folded(world, 1)
    await world.says("amp", "/blocker resolve 1 restarted")
    assert world.dm("exec").messages[-1].shown == ":white_check_mark: Nothing of this waits for you any more."
    assert len(world.dm("exec")) == 2


async def test_a_summary_of_long_ago_does_not_say_that_what_it_told_is_over(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await until_folded(world, 1)
    summary = world.dm("exec").messages[-1].ts
    await world.advance(days=2)
    await world.says("amp", "/blocker note 1 the vendor is on it")
    await world.says("amp", "/blocker ack 1")
    await world.advance(minutes=1)
    shown = next(message.shown for message in world.dm("exec").messages if message.ts == summary)
    assert shown in ("This summary is more than a day old.", ":arrow_down: A newer summary follows.")


async def test_the_notice_of_one_event_tells_all_pages_that_an_absence_causes(world):
    for what in ("mongo refuses TLS", "mails come back", "the preview is down", "nobody has the key"):
        await world.says("pb", f"/blocker {what}")
    before = len(world.dm("pa"))
    await world.says("olga", "/plan away today")
    assert len(world.dm("pa")) == before + 1
    world.dm("pa").expect("*4 messages* from Release at once", "mongo refuses TLS", "nobody has the key")


async def test_a_summary_reminds_of_several_matters_at_one_pace_that_slows_down(database_url):
    async with World(database_url, PLAN) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        await world.advance(minutes=40)
        await world.says("pb", "/blocker mails come back")
        await world.advance(minutes=21)
        assert [len(world.dm("exec")), world.dm("exec").count("mails come back")] == [4, 1]
        await world.advance(minutes=19)
        assert len(folded(world)) == 1
        world.thread(world.card(2)).expect("Reminded Executive", "together with other matters")
        await world.advance(minutes=15)
        assert len(world.dm("exec")) == 5
        world.dm("exec").expect("from Release", "mails come back")
        shown = len(world.dm("exec"))
        await world.advance(hours=9)
        assert len(world.dm("exec")) - shown <= 4
        world.dm("exec").expect("/blocker show 2", "/blocker show 1", "New pages still reach you at once")
        await world.says("amp", "/blocker resolve 1-2: restarted")
        await world.advance(seconds=10)
        assert world.dm("exec").messages[-1].shown == ":white_check_mark: Nothing of this waits for you any more."


def test_a_summary_of_long_messages_counts_those_that_it_has_no_room_for():
    lines = [messages.Line(text=f"{number} {'word ' * 50}", times=1, see="/blocker show 1") for number in range(30)]
    shown = messages.bundle("Release", lines).blocks[0]["text"]["text"]
    count = shown.count("•")
    assert 5 < count < messages.MOST
    assert shown.endswith(f"and {30 - count} more")
