"""People are found in Slack by their address and channels by their name; no transaction waits for the network."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callboard.teams import service as teams
from callboard.teams.links import Linker
from tests.planfile.sample import apply


class Slack:
    """Knows some people and channels, and counts what it is asked."""

    def __init__(self, people=(), channels=()):
        self.people = dict(people)
        self.known = dict(channels)
        self.asked = []
        self.closed = []
        self.down = False
        self.failing = set()

    async def account(self, slack_id, workspace):
        self.asked.append(slack_id)
        return ""

    async def user_by_email(self, email, workspace):
        self.asked.append(email)
        if self.down or email in self.failing:
            raise TimeoutError
        return self.people.get(email)

    async def channels(self, names):
        self.asked += names
        if self.down:
            raise TimeoutError
        return {name: (self.known[name], name not in self.closed) for name in names if name in self.known}


@pytest.fixture
def plan(db):
    return apply(db).plan_id


async def test_links_to_slack_are_found_at_once_for_people_and_channels_it_knows(db, plan):
    slack = Slack({"two@example.com": "U0TWO"}, {"harbor": "C0H", "harbor-backend": "C0HB"})
    await Linker(db, slack).link("T1")
    now = await db.read(teams.directory, plan)
    assert now.people["two"].slack_id == "U0TWO"
    assert now.by_slack("U0TWO").key == "two"
    assert now.home_channel("backend") == "C0HB"
    assert now.address("#urgent") == "#harbor-urgent"
    assert now.unlinked == ()


async def test_links_to_slack_of_unknown_people_are_looked_up_less_and_less_often(db, plan, clock):
    slack = Slack()
    linker = Linker(db, slack)
    for seconds, times in ((0, 1), (10, 1), (25, 2), (30, 2), (40, 3)):
        clock.advance(timedelta(seconds=seconds))
        await linker.link("T1")
        assert slack.asked.count("two@example.com") == times
    slack.people["two@example.com"] = "U0TWO"
    clock.advance(timedelta(minutes=11))
    await linker.link("T1")
    assert (await db.read(teams.directory, plan)).people["two"].slack_id == "U0TWO"


async def test_links_to_slack_are_not_looked_up_later_because_slack_was_down(db, plan):
    slack = Slack({"two@example.com": "U0TWO"})
    linker = Linker(db, slack)
    slack.down = True
    await linker.link("T1")
    slack.down = False
    await linker.link("T1")
    assert (await db.read(teams.directory, plan)).people["two"].slack_id == "U0TWO"


async def test_links_to_slack_never_give_one_slack_id_to_two_people(db, plan):
    await Linker(db, Slack({"two@example.com": "U0BE1"})).link("T1")
    now = await db.read(teams.directory, plan)
    assert now.by_slack("U0BE1").key == "one"
    assert [person.key for person in now.unlinked] == ["two"]


async def test_links_to_slack_leave_another_workspace_alone(db, plan):
    slack = Slack({"two@example.com": "U0TWO"})
    await Linker(db, slack).link("T2")
    assert slack.asked == []


async def test_links_to_slack_of_others_are_found_although_one_look_up_fails(db, plan, clock):
    slack = Slack({"two@example.com": "U0TWO"}, {"harbor": "C0H"})
    slack.failing.add("two@example.com")
    linker = Linker(db, slack)
    await linker.link("T1")
    now = await db.read(teams.directory, plan)
    assert now.address("#harbor") == "C0H"
    await linker.link("T1")
    assert slack.asked.count("two@example.com") == 1, "what fails alone is asked less often"
    slack.failing.clear()
    clock.advance(timedelta(seconds=31))
    await linker.link("T1")
    assert (await db.read(teams.directory, plan)).people["two"].slack_id == "U0TWO"
