"""Two blockers that are the same thing: one goes on for both."""

from __future__ import annotations

import pytest

DATABASES = ("sqlite",)


@pytest.fixture
async def two(world):
    """Omega cannot reach mongo, and neither can Sigma, whose blocker stops B-1."""
    await world.says("pa", "/blocker mongo refuses TLS on staging")
    await world.says("sc", "/blocker no connection to mongo since nine", "sigma")
    return world


@pytest.mark.both_databases
async def test_whoever_raised_a_blocker_that_is_the_same_as_another_hears_how_that_one_goes(two):
    world = two
    answer = await world.says("sara", "/blocker resolve 2 same as 1", "sigma")
    assert answer.text.startswith("Blocker 2 is closed: Same as blocker 1.")
    world.dm("sc").expect("<@USARA> closed your blocker 2", "it is the same as blocker 1. I tell you of that one.")
    world.thread(world.card(1)).expect("<@USARA> said: Blocker 2 is the same: no connection to mongo since nine")
    await world.says("olga", "/blocker ack 1")
    world.dm("sc").expect("<@UOLGA> has blocker 1", "the same as your blocker 2")
    await world.says("olga", "/blocker resolve 1 rotated the certificate")
    world.dm("sc").expect("<@UOLGA> resolved blocker 1", "the same as your blocker 2", "rotated the certificate")
    assert world.dm("pa").count("resolved your blocker 1") == 1
    assert world.dm("pa").count("the same as your") == 0
    assert world.verified() == []


async def test_nobody_is_paged_any_more_for_a_blocker_that_is_the_same_and_both_leads_are_for_the_other(two):
    world = two
    await world.says("sara", "/blocker resolve 2 same as blocker 1.", "sigma")
    await world.advance(hours=1)
    assert world.dm("amp").count("Blocker 2") == 0
    assert world.dm("amp").count("Blocker 1") > 0


async def test_nothing_graver_and_nothing_that_somebody_has_ends_as_the_same_as_what_nobody_has(two):
    world = two
    await world.says("pb", "/blocker critical: mongo loses data")
    refused = (await world.says("olga", "/blocker resolve 3 same as 1")).text
    assert refused == ("Blocker 3 is critical, and blocker 1 is only normal. Close that one: "
                       "`/blocker resolve 1 same as 3`")  # fmt: skip
    await world.says("sara", "/blocker ack 2", "sigma")
    refused = (await world.says("sara", "/blocker resolve 2 same as 1", "sigma")).text
    assert refused == "<@USARA> has blocker 2, and nobody has blocker 1. Close that one: `/blocker resolve 1 same as 2`"
    assert "can't be the same as itself" in (await world.says("olga", "/blocker resolve 1 same as 1")).text
    await world.says("olga", "/blocker resolve 3 rebuilt the index")
    assert "has resolved blocker 3" in (await world.says("olga", "/blocker resolve 1 same as 3")).text
    assert "There is no blocker 9" in (await world.says("olga", "/blocker resolve 1 same as 9")).text
    assert world.row("blocker", 1).state == "open"


async def test_whoever_raised_what_is_the_same_by_way_of_another_blocker_hears_how_the_last_one_goes(two):
    world = two
    await world.says("sc", "/blocker withdraw 2 same as 1", "sigma")
    await world.says("pb", "/blocker the certificates of staging are out of date")
    await world.says("olga", "/blocker resolve 1 same as 3")
    world.dm("sc").expect("<@UOLGA> closed blocker 1", "the same as your blocker 2", "it is the same as blocker 3")
    await world.says("olga", "/blocker resolve 3 renewed them")
    for person, number in (("pa", 1), ("sc", 2)):
        world.dm(person).expect("<@UOLGA> resolved blocker 3", f"the same as your blocker {number}", "renewed them")
    assert world.verified() == []


async def test_what_is_the_same_counts_as_no_blocker_of_its_own_and_can_be_opened_again(two):
    world = two
    await world.says("sara", "/blocker resolve 2 same as 1", "sigma")
    assert world.row("blocker", 2).state == "withdrawn"
    await world.says("sc", "/blocker reopen 2", "sigma")
    assert world.row("blocker", 2).outcome is None
    await world.says("olga", "/blocker ack 1")
    assert world.dm("sc").count("the same as your blocker 2") == 0
