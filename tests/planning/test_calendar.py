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

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

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


@pytest.mark.both_databases
async def test_the_calendar_feed_is_shown_by_its_address_once_with_what_comes_next(world):
    shown = str((await world.app.db.write(feeds.answer, await asker(world, "olga"))).blocks)
    assert "Thursday, 13 November" in shown
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


@pytest.mark.both_databases
async def test_a_calendar_feed_ends_when_its_person_leaves_the_plan(world, browser):
    path = await address(world, "pb")
    world.apply(WITH_STANDUPS.replace("  pb: {name: Person B, slack: UPB}\n", "").replace("[pa, pb]", "[pa]"))
    assert (await browser.get(path)).status_code == 404


@pytest.mark.both_databases
async def test_a_calendar_feed_is_closed_while_its_person_is_deactivated_in_slack(world, browser):
    path = await address(world, "pb")
    assert (await browser.get(path)).status_code == 200
    world.slack.deactivate("pb")
    await world.heard("user_change")
    assert (await browser.get(path)).status_code == 404


async def test_a_calendar_feed_of_a_team_ends_when_whoever_made_it_leaves_the_team(world, browser):
    """Their right is looked at whenever the feed is read; the others keep theirs."""
    left = await address(world, "pb", feeds.renew_feed, team="omega")
    stays = await address(world, "pa", feeds.renew_feed, team="omega")
    assert (await events(browser, left)).events
    world.apply(WITH_STANDUPS.replace("members: [pa, pb]", "members: [pa]"))
    assert (await browser.get(left)).status_code == 404
    assert (await events(browser, stays)).events


@pytest.mark.both_databases
async def test_the_calendar_feeds_of_a_team_all_end_when_its_lead_stops_them(world, browser):
    path = await address(world, "pb", feeds.renew_feed, team="omega")
    await world.app.db.write(feeds.stop_feed, await asker(world, "pa"), "omega")
    assert (await events(browser, path)).events
    await world.app.db.write(feeds.stop_feed, await asker(world, "olga"), "omega")
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


@pytest.mark.both_databases
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


ODD = '\\, ; \\n "quoted" <b>&amp; 100 % üñí🎈 and so long that it goes beyond what one line of a calendar holds'
DEADLINES = (
    PLAN.replace("to: 2025-11-15 18:00", "to: 2025-12-15 18:00").replace(
        "deputies: [pa]", "deputies: [pa], timezone: Europe/Berlin"
    )
    + """\
tasks:
  - for: {team: omega}
    A-1: {title: Schema validated, assignee: pa, due: 2025-11-14 12:00}
    A-2: {title: "ODD", assignee: pa, due: 2025-11-14 13:00}
on_call: {omega: {rotation: [olga, pb], every: 1w, from: 2025-11-17 09:00}}
""".replace("ODD", ODD.replace("\\", "\\\\").replace('"', '\\"'))
)


@pytest.fixture
async def deadlines(database_url):
    async with World(database_url, DEADLINES) as world:
        yield world


async def read(world, path):
    """The events of a feed by their names, and the text as it was sent."""
    asgi = httpx.ASGITransport(world.app.web)
    async with httpx.AsyncClient(transport=asgi, base_url="http://callboard") as browser:
        answer = await browser.get(path)
    return {str(event["summary"]): event for event in icalendar.Calendar.from_ical(answer.text).events}, answer.content


@pytest.mark.both_databases
async def test_an_ical_event_keeps_uid_and_stamp_and_counts_each_move_and_no_rename(deadlines):
    path = await address(deadlines)
    first, _ = await read(deadlines, path)
    await deadlines.advance(minutes=5)
    again, _ = await read(deadlines, path)
    marks = ("uid", "dtstamp", "sequence", "last-modified")
    assert [event[mark] for event in first.values() for mark in marks] == [
        event[mark] for event in again.values() for mark in marks
    ]
    await deadlines.says("amp", "/plan set A-1 due 2025-11-14 15:00 because the cluster came late")
    moved, _ = await read(deadlines, path)
    await deadlines.says("amp", "/plan set A-1 title Schema checked because that is what it is")
    renamed, _ = await read(deadlines, path)
    was, now, called = (
        first["Schema validated (task)"],
        moved["Schema validated (task)"],
        renamed["Schema checked (task)"],
    )
    assert was["uid"] == now["uid"] == called["uid"]
    assert [event["sequence"] for event in (was, now, called)] == [0, 1, 1]
    assert was.decoded("dtstamp") < now.decoded("dtstamp")
    other = "On call for Omega: Omega lead"
    assert other not in moved  # it is somebody else's
    untouched = [name for name in first if name != "Schema validated (task)"]
    assert {first[name]["dtstamp"].dt for name in untouched} == {renamed[name]["dtstamp"].dt for name in untouched}


async def test_an_ical_turn_on_call_lasts_until_the_hand_over_and_shows_who_stands_in(deadlines):
    path = await address(deadlines, "olga", feeds.renew_feed, team="omega")
    await deadlines.says("olga", "/plan away 2025-11-18..20")
    found, _ = await read(deadlines, path)
    turns = [
        (name, f"{event.decoded('dtstart'):%m-%d %H:%M}", f"{event.decoded('dtend'):%m-%d %H:%M}", event["transp"])
        for name, event in found.items() if name.startswith("On call for Omega, for")
    ]  # fmt: skip
    assert turns == [("On call for Omega, for Omega lead: Person A", "11-17 23:00", "11-20 23:00", "TRANSPARENT")]
    zero = [event for event in found.values() if "dtend" in event and event["dtend"].dt <= event["dtstart"].dt]
    assert zero == []
    assert "dtend" not in found["Schema validated (task)"]


async def test_an_ical_calendar_is_folded_escaped_and_reads_back_as_it_was_written(deadlines):
    found, sent = await read(deadlines, await address(deadlines))
    assert f"{ODD} (task)" in found
    lines = sent.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not [line for line in lines if b"\n" in line or b"\r" in line]
    assert {line.rpartition(b":")[2][-1:] for line in lines if line.startswith((b"DTSTART", b"DTEND", b"DTSTAMP"))} == {
        b"Z"
    }
    assert b"VTIMEZONE" not in sent


async def test_a_calendar_feed_without_a_known_server_says_who_can_set_its_address(world):
    shown = str((await world.app.db.write(feeds.answer, await asker(world, "olga"))).blocks)
    assert "in front of `/" in shown
    assert "Put the address of your Callboard server in front" in shown
    assert "Subscribe to it in your calendar: `/" not in shown
    assert "CALLBOARD_PUBLIC_URL" in shown


async def test_a_calendar_feed_is_sent_again_only_when_it_has_changed(world, browser):
    path = await address(world)
    first = await browser.get(path)
    tag = first.headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        same = await browser.get(path, headers={"If-None-Match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag), known
    assert (await browser.get(path, headers={"If-None-Match": '"other"'})).content == first.content
    await world.says("pa", "/plan away 2025-11-14")
    assert (await browser.get(path, headers={"If-None-Match": tag})).status_code == 200


async def test_a_calendar_feed_with_nothing_in_it_is_still_a_calendar(database_url):
    """RFC 5545, 3.6: a calendar has at least one component."""
    async with World(database_url) as quiet:
        found, sent = await read(quiet, await address(quiet))
    calendar = icalendar.Calendar.from_ical(sent)
    assert (found, [each.name for each in calendar.subcomponents]) == ({}, ["VTIMEZONE"])
    assert calendar["name"] == calendar["x-wr-calname"] == "Release: Person A"
