"""Whoever was paged and goes away is stood in for at once, while nobody has it."""

from __future__ import annotations


async def test_a_deputy_is_paged_when_a_paged_lead_goes_away(world):
    await world.says("pb", "/blocker mongo refuses TLS")
    world.dm("olga").expect("mongo refuses TLS")
    await world.says("olga", "/plan away today")
    page = world.dm("pa").expect("mongo refuses TLS")
    assert "<@UOLGA>" in page.shown
    assert "<@UPA>" in world.card().shown
    assert "they stand in for somebody" in (await world.says("pb", "/blocker show 1")).text
    await world.clicks("pa", "Take it", page)
    assert "<@UPA> has it" in world.card().shown


async def test_a_deputy_is_paged_once_however_often_the_lead_goes_away(world):
    await world.says("pb", "/blocker mongo refuses TLS")
    await world.says("olga", "/plan away today")
    await world.says("olga", "/plan back")
    await world.says("olga", "/plan away today")
    assert len(world.dm("pa")) == 1


async def test_an_acknowledged_blocker_stays_with_an_absent_owner(world):
    await world.says("pb", "/blocker mongo refuses TLS")
    await world.clicks("olga", "Take it", world.dm("olga").expect("mongo"))
    await world.says("olga", "/plan away today")
    assert len(world.dm("pa")) == 0


async def test_an_absence_tomorrow_pages_nobody_today(world):
    await world.says("pb", "/blocker mongo refuses TLS")
    await world.says("olga", "/plan away tomorrow")
    assert len(world.dm("pa")) == 0
