"""An emergency for a hundred people, at Slack's limits."""

from __future__ import annotations

from slack_standin import RateLimits
from tests.growth import statements
from tests.world import PEOPLE, PLAN, World

LEVELS = """\
emergencies:
  1: {name: Critical, respond_within: 5m, tell: [everyone], channel: urgent, freezes: []}
"""
CROWD = [f"m{number}" for number in range(1, 96)]
GONE = ["m3", *(f"m{number}" for number in range(20, 40))]
"""More than a summary would name."""
CLAIM = "fence=(deliveries.fence + "
PAGES = 'deliveries."key" LIKE'
DATABASES = ("sqlite",)  # how fast messages may go does not depend on the database


def plan():
    """Five people lead and work in the two teams; with the crowd they are a hundred. One has no account in Slack."""
    people = "".join(f"  {key}: {{name: Member {key}, slack: U{key.upper()}}}\n" for key in CROWD)
    every = PLAN.replace("  amp: {", people + "  amp: {").replace("members: [sc]", f"members: [sc, {', '.join(CROWD)}]")
    return every.replace("  m7: {name: Member m7, slack: UM7}", "  m7: {name: Member m7}") + LEVELS


async def test_the_audience_of_an_emergency_of_a_hundred_is_told_within_five_seconds(database_url):
    async with World(database_url, plan(), people=(*PEOPLE, *CROWD)) as world:
        world.slack.use_limits(RateLimits())
        for person in GONE:
            world.slack.deactivate(person)
        with statements.asked(world.app.db) as found:
            await world.says("amp", "/emergency 1 the database is gone")
        leavers = len(world.dm("amp").messages)  # each says what they have, and looks at the emergency for that
        claims = [one for one in found.every if CLAIM in one.sql]  # as many as Slack's answers come apart
        assert len(claims) < 40
        for of_each in ("FROM emergencies", PAGES):  # asked once for all that are written together, not for each
            asked = [one for one in found.every if of_each in one.short and "recipient = " not in one.sql]
            assert len(asked) <= len(claims) + leavers + 5  # the card, those not reached, and who declares it
        await world.advance(seconds=5)
        told = [person for person in (*PEOPLE, *CROWD) if world.dm(person).count("the database is gone") == 1]
        assert len(told) == 78
        assert set(CROWD) - set(told) == {*GONE, "m7"}
        card = world.channel("urgent").expect("*Emergency 1")
        assert "Told 78 of 100; not reached: <@UM3>, <@UM20>, " in card.shown
        assert "<@UM39> and Member m7 (no address)" in card.shown
        assert all(f"<@U{person.upper()}>" in card.shown for person in GONE)
        old = world.dm("m5").expect("The card says who has command")
        await world.says("olga", "/emergency take")
        assert "<@UOLGA> is commander of emergency 1" in (await world.clicks("m5", "Take command", old)).text
        assert world.row("emergency", 1).roles == {"commander": "olga"}
        await world.advance(minutes=1)
        assert len(world.slack.record.calls("chat.update")) < 12
        await world.says("olga", "/emergency end 1 the replica took over")
        await world.advance(seconds=5)
        assert sum(world.dm(person).count("is over. <@UOLGA>") for person in (*PEOPLE, *CROWD)) == 77 + 1
