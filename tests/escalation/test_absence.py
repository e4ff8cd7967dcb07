"""Whoever was paged and goes away is stood in for at once, while nobody has it."""

from __future__ import annotations

from tests.world import PLAN, World


async def test_escalation_subscribes_to_absences_and_pages_the_deputy_of_a_paged_lead(world):
    await world.says("pb", "/blocker mongo refuses TLS")
    world.dm("olga").expect("mongo refuses TLS")
    await world.says("olga", "/plan away today")
    page = world.dm("pa").expect("mongo refuses TLS")
    assert "<@UOLGA>" in page.shown
    assert "<@UPA>" in world.card().shown
    assert "they stand in for somebody" in (await world.says("pb", "/blocker show 1")).text
    await world.clicks("pa", "Take it", page)
    assert "<@UPA> has it" in world.card().shown


async def test_escalation_subscribes_to_absences_and_pages_a_deputy_once_however_many_there_are(world):
    await world.says("pb", "/blocker mongo refuses TLS")
    await world.says("olga", "/plan away today")
    await world.says("olga", "/plan back")
    await world.says("olga", "/plan away today")
    assert len(world.dm("pa")) == 1


async def test_the_ladder_of_a_blocker_pages_a_stand_in_who_is_on_the_next_step_once_and_says_both(database_url):
    amp = "amp: {name: Amp, slack: UAMP, roles: [coordinator]"
    async with World(database_url, plan=PLAN.replace(amp, f"{amp}, deputies: [exec]")) as world:
        await world.says("amp", "/plan away today")
        await world.says("pb", "/blocker mongo refuses TLS")
        await world.advance(minutes=5)
        page = world.dm("exec").expect("you are Coordinator, standing in for <@UAMP>", "and Executive (step 3)")
        assert "09:35 UTC>, you are paged again." in page.shown
        world.thread(world.card()).expect("Paged Managing engineer and Executive: <@UEXEC>.")
        await world.advance(minutes=29)
        assert world.dm("exec").count(":rotating_light:") == 1
        world.thread(world.card()).expect("Everybody was paged and nobody has taken it.")
        await world.advance(minutes=1)
        world.dm("exec").expect("you are Executive (step 3): nobody has taken it yet", "*New since")


async def test_escalation_subscribes_to_absences_and_leaves_an_acknowledged_blocker_with_its_owner(world):
    await world.says("pb", "/blocker mongo refuses TLS")
    await world.clicks("olga", "Take it", world.dm("olga").expect("mongo"))
    await world.says("olga", "/plan away today")
    assert len(world.dm("pa")) == 0


async def test_escalation_subscribes_to_absences_and_pages_nobody_today_for_one_tomorrow(world):
    await world.says("pb", "/blocker mongo refuses TLS")
    await world.says("olga", "/plan away tomorrow")
    assert len(world.dm("pa")) == 0


async def test_the_climb_of_a_blocker_that_finds_everybody_away_pages_the_first_who_is_back(world):
    for person in ("olga", "pa", "amp", "exec"):
        await world.says(person, "/plan away today")
    answer = (await world.says("pb", "/blocker mongo refuses TLS")).text
    assert "Nobody could be paged yet. If nobody takes it by" in answer
    assert "2025-11-14 00:00 UTC>, <@UEXEC> is paged." in answer
    thread = world.thread(world.card())
    thread.expect("No step of the escalation reaches anybody else. Told <@USARA>.")
    await world.advance(hours=14)
    assert [len(world.dm(person)) for person in ("olga", "amp", "exec")] == [0, 0, 0]
    assert len(world.thread(world.card())) <= len(thread) + 1
    await world.advance(hours=1, minutes=11)
    assert world.dm("exec").count(":rotating_light: *Blocker 1*") == 1
    world.thread(world.card()).expect("Paged Executive: <@UEXEC>. Why: nobody has taken it yet.")


async def test_the_climb_of_a_blocker_that_nobody_takes_tells_the_coordinator_who_raised_it(world):
    await world.says("amp", "/blocker mongo refuses TLS", channel="omega")
    world.dm("amp").expect_nothing("Why you")
    await world.advance(minutes=31)
    world.dm("amp").expect("*Blocker 1*", "everybody was paged and nobody has taken it")
    world.thread(world.card()).expect("Everybody was paged and nobody has taken it. Told <@UAMP>.")


async def test_the_page_of_a_blocker_for_a_seat_that_is_vacant_does_not_call_anybody_away(database_url):
    lead = "olga: {name: Omega lead, slack: UOLGA, deputies: [pa]}"
    async with World(database_url, plan=PLAN.replace(lead, "olga: {name: Omega lead, vacant: true}")) as world:
        await world.says("pb", "/blocker mongo refuses TLS")
        world.dm("amp").expect("you are lead of Omega, standing in for Omega lead, whose seat is vacant")
