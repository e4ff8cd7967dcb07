"""Forms of locks: none opens for whoever can't send it, and what doesn't fit is said where it stands."""

from __future__ import annotations

import pytest

from tests.locks.conftest import FILES
from tests.world import World

DATABASES = ("sqlite",)
OVER = "Lock 1 is over: released by <@UPA>"


@pytest.fixture
async def files(database_url):
    async with World(database_url, FILES) as world:
        await world.says("pa", "/lock src/api/** for refactoring")
        yield world


async def chosen(world, person, label, card, value=None, channel="omega"):
    """What somebody reads who is answered by no form."""
    await world.clicks(person, label, card, value=value)
    assert not world.slack.views(person)
    return world.slack.ephemerals(person, channel)[-1].shown


async def asks(world, person, **fields):
    """Fill in the form for a lock; what is wrong, by field."""
    await world.opens(person, "/lock")
    named = {"what": "What?", "reason": "What for?", "until": "Until when?"}
    outcome = await world.slack.submit(person, {named[field]: value for field, value in fields.items()})
    while world.slack.views(person):
        await world.slack.close_view(person)
    await world.settled()
    return outcome.errors or outcome.view.shown


async def test_no_form_of_a_lock_opens_for_whoever_cannot_send_it(files):
    card = files.channel("omega").expect("Lock 1")
    assert "Only <@UPA>, who has it, and <@UOLGA> or <@UAMP>" in await chosen(
        files, "pb", "lock.more", card, "Hand it over"
    )
    assert "Only <@UOLGA> or <@UAMP> can break lock 1" in await chosen(files, "stan", "lock.more", card, "Break it")
    assert "Lock 1 is yours" in await chosen(files, "pa", "lock.more", card, "Break it")
    assert "Only members of a team can lock" in (await files.says("stan", "/lock")).text
    assert not files.slack.views("stan")
    await files.says("pa", "/lock openapi/v1.yml for the new login")
    asked = files.channel("omega").expect("asks for it")
    assert "Only somebody of Sigma can agree to lock 2" in await chosen(files, "pb", "Decline", asked)


async def test_no_form_of_a_lock_opens_once_that_is_over_for_whoever_ended_it_either(files):
    card = files.channel("omega").expect("Lock 1")
    drawn = list(card.blocks)
    await files.clicks("pa", "Keep it", card)
    await files.opened("pa")
    await files.says("pa", "/lock release 1")
    assert OVER in await files.submits("pa", {"How much longer, from now?": "4h"})
    card.blocks = drawn
    for label, value in (("Keep it", None), ("lock.more", "Hand it over"), ("lock.more", "Break it")):
        assert OVER in await chosen(files, "pa", label, card, value)


async def test_a_lock_that_cannot_be_handed_to_somebody_says_that_of_them(files):
    for to, words in (
        ("sc", "<@USC> can't lock `src/api/**`: part of it"),
        ("stan", "<@USTAN> is Stakeholder in this plan"),
        ("stranger", "They are not in Release. Choose somebody else."),
    ):
        await files.clicks("pa", "lock.more", files.channel("omega").expect("Lock 1"), value="Hand it over")
        await files.opened("pa")
        outcome = await files.slack.submit("pa", {"To whom?": to})
        assert words in (outcome.text or outcome.view.shown)
        while files.slack.views("pa"):
            await files.slack.close_view("pa")
    waits = await chosen(files, "sc", "lock.more", files.channel("omega").expect("Lock 1"), "Wait in line", "omega")
    assert waits.startswith("You can't lock `src/api/**`")


async def test_the_form_for_a_lock_says_at_each_field_what_does_not_fit_there(files):
    assert await asks(files, "pa", what="db/a.sql", reason="  ") == {
        "reason": "Say what for. Whoever wants it too reads that."
    }
    past = int(files.clock.now().timestamp()) - 60
    assert "is past" in (await asks(files, "pa", what="db/a.sql", reason="a fix", until=past))["until"]
    late = past + 40 * 86400
    assert "30 days at most" in (await asks(files, "pa", what="db/a.sql", reason="a fix", until=late))["until"]
    own = await asks(files, "pa", what="src/api/x.py", reason="a *bold* fix")
    assert own["targets"].startswith("You hold `src/api/x.py` already: lock 1, for refactoring until")
    assert "Wait in line" not in own["targets"]
    assert "Tick *Wait in line* to get it" in await asks(files, "pb", what="src/api/x.py", reason="a fix")


async def test_the_form_for_a_lock_names_times_at_its_fields_by_the_clock_of_whoever_reads_it(database_url):
    plan = FILES.replace("slack: UPA}", "slack: UPA, timezone: Australia/Sydney}")
    async with World(database_url, plan) as world:
        await world.says("pa", "/lock src/api/** for refactoring until 17:00")
        held = await asks(world, "pa", what="src/api/x.py", reason="a fix")
        assert "for refactoring until 2025-11-14 17:00 AEDT" in held["targets"]


async def test_only_the_first_word_of_why_a_lock_is_broken_is_left_out(files):
    assert "Say why" in (await files.says("olga", "/lock break 1 because")).text
    await files.says("olga", "/lock break 1 because of us waiting for the hotfix")
    files.dm("pa").expect("> us waiting for the hotfix")
