"""A calendar of one's own: the next things in Slack, and a feed that other programs read."""

from __future__ import annotations

from datetime import date, timedelta

import httpx
import icalendar
import pytest

from callboard.core.errors import Refused
from callboard.planning import feeds
from callboard.teams import service
from callboard.teams.directory import Asker
from tests.world import MORNING, PLAN, World

WITH_STANDUPS = (
    PLAN
    + """\
standups:
  - {name: Daily, at: "10:00", who: [omega], window: 1h}
  - {name: Leads, at: "11:00", who: [all leads], window: 30m}
"""
)


@pytest.fixture
async def world(database_url):
    async with World(database_url, WITH_STANDUPS) as world:
        yield world


@pytest.fixture
async def browser(world):
    asgi = httpx.ASGITransport(world.app.web)
    async with httpx.AsyncClient(transport=asgi, base_url="http://callboard") as client:
        yield client


async def asker(world, key):
    def found(tx):
        directory = service.directory(tx, 1)
        return Asker(directory, directory.people[key])

    return await world.app.db.read(found)


async def address(world, key="pa", verb=feeds.answer, **more):
    message = await world.app.db.write(verb, await asker(world, key), **more)
    words = " ".join([message.text, *map(str, message.blocks)])
    return next(word.strip("`.,") for word in words.split() if "/calendar/" in word)


async def events(browser, path):
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return icalendar.Calendar.from_ical(answer.text)


async def test_the_calendar_feed_is_shown_by_its_address_once_with_what_comes_next(world):
    shown = str((await world.app.db.write(feeds.answer, await asker(world, "olga"))).blocks)
    assert "Thursday, 2025-11-13" in shown
    assert "Daily (standup) with Person A, Person B" in shown
    assert "Leads (standup) with Omega lead" not in shown
    assert "/calendar/" in shown
    again = (await world.app.db.write(feeds.answer, await asker(world, "olga"))).blocks
    assert "/calendar/" not in str(again)
    assert "`/plan calendar new`" in str(again)


async def test_the_calendar_feed_of_a_person_holds_what_they_take_part_in(world, browser):
    calendar = await events(browser, await address(world))
    assert str(calendar["x-wr-calname"]) == "Release: Person A"
    found = [(str(event["summary"]), event.decoded("dtstart"), event.decoded("dtend")) for event in calendar.events]
    ten = MORNING + timedelta(hours=1)
    assert found == [
        ("Daily (standup)", ten, ten + timedelta(hours=1)),
        ("Daily (standup)", ten + timedelta(days=1), ten + timedelta(days=1, hours=1)),
    ]
    assert len({str(event["uid"]) for event in calendar.events}) == 2


async def test_a_calendar_feed_leaves_out_days_on_which_its_person_is_away(world, browser):
    path = await address(world)
    await world.says("pa", "/plan away 2025-11-14")
    assert len((await events(browser, path)).events) == 1


async def test_the_calendar_feed_of_a_team_is_for_its_members_only(world, browser):
    calendar = await events(browser, await address(world, "pa", feeds.renew_feed, team="omega"))
    assert {str(event["summary"]) for event in calendar.events} == {"Daily (standup)", "Leads (standup)"}
    with pytest.raises(Refused, match="Only its members and leads can have the calendar of team `sigma`"):
        await world.app.db.write(feeds.renew_feed, await asker(world, "pa"), "sigma")


async def test_a_calendar_feed_ends_when_it_is_renewed_or_stopped(world, browser):
    first = await address(world)
    second = await address(world, "pa", feeds.renew_feed)
    assert (await browser.get(first)).status_code == 404
    assert (await events(browser, second)).events
    message = await world.app.db.write(feeds.stop_feed, await asker(world, "pa"))
    assert message.text == "Your calendar can no longer be read."
    assert (await browser.get(second)).status_code == 404


async def test_a_calendar_feed_ends_when_its_person_leaves_the_plan(world, browser):
    path = await address(world, "pb")
    world.apply(WITH_STANDUPS.replace("  pb: {name: Person B, slack: UPB}\n", "").replace("[pa, pb]", "[pa]"))
    assert (await browser.get(path)).status_code == 404


async def test_secrets_of_calendar_feeds_can_not_be_guessed_and_are_not_stored(world, browser):
    path = await address(world)
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    for other in ("x", "..%2f", secret[:-1], "a" * 5000):
        answer = await browser.get(f"/calendar/{other}.ics")
        assert answer.status_code == 404
    kept = await world.app.db.read(
        lambda tx: feeds.own_feeds(tx, Asker(service.directory(tx, 1), service.directory(tx, 1).people["pa"]))
    )
    assert secret not in str([feed.model_dump() for feed in kept])


async def test_a_calendar_feed_has_the_public_url_in_its_address(database_url):
    class Reached(World):
        def settings(self):
            return super().settings().model_copy(update={"public_url": "https://callboard.example.com/"})

    async with Reached(database_url, WITH_STANDUPS) as world:
        assert (await address(world)).startswith("https://callboard.example.com/calendar/")


AGAIN = (
    PLAN.replace("to: 2025-11-15 18:00", "to: 2025-12-20 18:00")
    + """\
phases:
  build: {name: Build, from: 2025-11-13 09:00, to: 2025-11-20 18:00}
  ship: {name: Ship, from: 2025-11-21 09:00, to: 2025-12-19 18:00}
standups:
  - {name: Shipping, days: mon-fri, at: "09:30", timezone: America/New_York, during: [ship], who: [omega]}
meetings:
  - {name: Council, days: tue, every: 2w, at: "16:00", timezone: Europe/Berlin, who: [all leads, pa]}
  - {name: Lessons, at: 2025-12-19 15:00, who: [everyone]}
"""
)


async def test_the_calendar_feed_keeps_what_each_event_is_known_by_when_it_is_moved(database_url):
    """Calendar programs follow what is moved, and neither double it nor lose what people noted on it."""

    def known(events):
        return {(str(event["summary"]), event.decoded("dtstart").date()): str(event["uid"]) for event in events}

    async with World(database_url, AGAIN) as world:
        asgi = httpx.ASGITransport(world.app.web)
        async with httpx.AsyncClient(transport=asgi, base_url="http://callboard") as browser:
            path = await address(world)
            before = known((await events(browser, path)).events)
            assert len(set(before.values())) == len(before) > 10
            moved = AGAIN.replace('"09:30"', '"10:30"').replace('every: 2w, at: "16:00"', 'every: 2w, at: "15:00"')
            moved = moved.replace("2025-12-19 15:00", "2025-12-18 11:00").replace(
                "2025-11-21 09:00", "2025-11-25 09:00"
            )
            world.apply(moved)
            after = known((await events(browser, path)).events)
    assert after["Lessons (meeting)", date(2025, 12, 18)] == before["Lessons (meeting)", date(2025, 12, 19)]
    assert {uid for uid in after.values() if uid not in before.values()} == set()
    kept = {key for key, uid in after.items() if before.get(key) == uid}
    assert len([key for key in kept if key[0] == "Council (meeting)"]) == 3
    assert ("Shipping (standup)", date(2025, 11, 25)) in kept
    assert ("Shipping (standup)", date(2025, 11, 24)) not in after
