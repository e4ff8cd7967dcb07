"""The daily report: to the channel, and by mail to those who hold no seat in Slack; received by a real mail server."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from tests.growth import history
from tests.world import PLAN, World, at

# What Apprise imports on Python 3.11.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
REPORTS = """\
phases:
  build: {name: Build, from: 2025-11-13 09:00, to: 2025-11-14 18:00}
areas: {API: {planned: 4}, Mail: {}, Later: {planned: 0}}
tasks:
  - for: {team: omega, phase: build, area: API}
    O-1: {title: Database <validated>, assignee: pa, due: 2025-11-13 12:00}
    O-2: {title: Sign-in, assignee: pb}
    O-3: {title: Mail, assignee: pb, area: Mail, due: 2025-11-14 12:00}
gates:
  validated: {name: Omega signs off, due: 2025-11-14 17:00, sign_off: [{lead_of: omega}]}
reports:
  daily: {at: "18:00", to: ["#coordination"], mail: [stakeholder, board@example.com]}
"""
LATE_AFTERNOON = at("2025-11-13 17:30")
WITH_REPORTS = (
    PLAN.replace("slack: USTAN", "slack: USTAN, email: stan@example.com").replace(
        "timezone: UTC\n", 'timezone: UTC\nworking_hours: {days: mon-fri, hours: "09:00-18:00"}\n'
    )
    + REPORTS
)


class Mailing(World):
    """A world whose bot has a way to mail."""

    port = 0

    def settings(self):
        url = f"mailto://127.0.0.1:{self.port}?from=bot@example.com&to={{to}}"
        return super().settings().model_copy(update={"mail_url": SecretStr(url)})


async def a_day(world):
    await world.says("pb", "/task progress O-2 50%")
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("pa", "/blocker no access to the registry")
    await world.says("olga", "/blocker resolve 2 asked nicely")
    await world.until("2025-11-13 18:00")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_report_of_the_board_comes_due_at_its_minute_and_goes_once_to_channel_and_mail(database_url, mailbox):
    world = Mailing(database_url, WITH_REPORTS, at=LATE_AFTERNOON)
    world.port = mailbox.port
    async with world:
        await a_day(world)
        said = world.channel("release").expect("Daily report, Thursday, 13 November", "*Release: 16%*")
        for words in (
            "0 of 3 tasks completed, 1 late, 1 blocker open",
            "API: 0 of 4 completed",
            "Mail: 0 of 1 completed",
            ":warning: O-1 Database &lt;validated&gt; (Person A): not started, was due",
            "Build: 0 of 3 completed, 16%",
            "Omega signs off: ready",
            "1 mongo refuses TLS (Omega): new, since",
            "2 no access to the registry (Omega): resolved",
            "O-2 Sign-in (Person B): 50%",
            "1 task due: O-3",
        ):
            assert words in said.shown, words
        assert sorted(to for (to,), _ in mailbox.received) == ["board@example.com", "stan@example.com"]
        await world.says("olga", "/blocker resolve 1 a new certificate")
        await world.until("2025-11-13 23:00")
        assert len(mailbox.received) == 2
        await world.says("pb", "/task complete O-2")
        await world.until("2025-11-14 18:00")
        world.channel("release").expect(
            "Friday, 14 November", "*Release: 33%* (+17)", "O-2 Sign-in (Person B): completed (+50)"
        )
        assert len(mailbox.received) == 4


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_first_weekly_report_of_the_board_has_what_was_completed_earlier_in_the_week(database_url):
    weekly = WITH_REPORTS.replace("daily: {", "weekly: {").replace(", mail: [stakeholder, board@example.com]", "")
    async with World(database_url, weekly) as world:
        await world.says("pb", "/task complete O-2")
        await world.says("pa", "/blocker mongo refuses TLS")
        await world.says("olga", "/blocker resolve 1 a new certificate")
        await world.until("2025-11-14 18:00")
        world.channel("release").expect(
            "Weekly report, Friday, 14 November", "O-2 Sign-in (Person B): completed",
            "1 mongo refuses TLS (Omega): resolved",
        )  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_report_of_the_board_counts_every_open_blocker_of_a_plan_with_very_many(database_url):
    async with World(database_url, WITH_REPORTS.replace(", mail: [stakeholder, board@example.com]", "")) as world:
        history.raise_blockers(world.app.db, 600)
        await world.says("pa", "/blocker mongo refuses TLS")
        await world.jump(hours=9)
        world.channel("release").expect("Daily report", "601 blockers open")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_weekly_report_of_the_board_says_what_comes_within_the_week_and_the_daily_one_until_tomorrow(
    database_url,
):
    later = WITH_REPORTS.replace("2025-11-14 17:00", "2025-11-17 17:00").replace("to: 2025-11-15", "to: 2025-11-20")
    both = later.replace("  daily: {", '  weekly: {days: thu, at: "18:00", to: ["#coordination"]}\n  daily: {')
    async with World(database_url, both) as world:
        await world.until("2025-11-13 18:00")
        world.channel("release").expect("Weekly report", "Gate Omega signs off")
        assert "Gate Omega signs off" not in world.channel("release").expect("Daily report").shown


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_message_of_a_board_report_by_mail_is_plain_text_and_html_for_a_phone(database_url, mailbox):
    world = Mailing(database_url, WITH_REPORTS, at=LATE_AFTERNOON)
    world.port = mailbox.port
    async with world:
        await a_day(world)
        _, message = mailbox.received[0]
        assert message["subject"].startswith("Release, daily report of Thursday, 13 November: 16%")
        assert "bot@example.com" in message["from"]
        plain = message.get_body(("plain",)).get_content()
        html = message.get_body(("html",)).get_content()
        assert "O-1 Database <validated> (Person A): not started, was due Thu 13 Nov 2025 12:00" in plain
        assert "O-1 Database &lt;validated&gt; (Person A): not started, was due Thu 13 Nov 2025 12:00" in html
        assert "<div" not in plain
        assert "max-width:560px" in html
        assert all(len(line) < 200 for line in plain.splitlines())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_report_of_the_board_that_came_due_in_an_outage_is_late_or_after_a_night_dropped(database_url, mailbox):
    world = Mailing(database_url, WITH_REPORTS)
    world.port = mailbox.port
    async with world:
        await world.jump(hours=10)
        world.channel("release").expect("Daily report, Thursday, 13 November")
        await world.jump(hours=30)
        world.channel("release").expect_nothing("Friday, 14 November")


PHASES = """\
phases:
  build: {name: Build, from: 2025-11-13 09:00, to: 2025-11-13 18:00}
  ship: {name: Ship it, from: 2025-11-14 09:00, to: 2025-11-14 18:00, needs: [validated]}
gates:
  validated: {name: Omega signs off, due: 2025-11-13 19:00, sign_off: [{lead_of: omega}]}
reports:
  daily: {at: "18:00", to: ["#coordination"]}
tasks:
  - for: {team: omega, phase: build, assignee: pa, due: 2025-11-13 12:00}
"""
LONG = "Bring the sign-in page and all of its translations to where the review of last month wanted them to be {}"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_report_says_what_waits_and_cuts_its_lists_between_lines(database_url):
    tasks = "".join(f"    T-{place}: {LONG.format(place)}\n" for place in range(40))
    plan = PLAN.replace("timezone: UTC\n", 'timezone: UTC\nworking_hours: {days: mon-fri, hours: "09:00-18:00"}\n')
    async with World(database_url, plan + PHASES + tasks, at=LATE_AFTERNOON) as world:
        await world.until("2025-11-13 18:00")
        said = world.channel("release").expect("Daily report")
        assert "Phase Ship it waits for Omega signs off, planned for" in said.shown
        assert "Ship it begins" not in said.shown
        assert "Ship it is to end" not in said.shown, "that it waits is said once"
        assert "and 15 more: `/task list overdue`" in said.shown
        lines = [line for line in said.shown.splitlines() if ":warning: T-" in line]
        assert len(lines) == 25
        assert all("was due" in line for line in lines)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_report_before_free_days_says_what_comes_on_them_and_names_what_was_missed_as_people_do(database_url):
    plan = PLAN.replace("timezone: UTC\n", 'timezone: UTC\nworking_hours: {days: mon-fri, hours: "09:00-18:00"}\n')
    gates = """\
gates:
  validated: {name: Omega signs off, due: 2025-11-14 17:00, sign_off: [{lead_of: omega}]}
  go: {name: Go for the weekend, decision: true, due: 2025-11-14 17:30, sign_off: [{role: coordinator}]}
  live: {name: It is live, due: 2025-11-15 12:00, sign_off: [{lead_of: sigma}]}
freezes: {code: {name: Code freeze, from: 2025-11-14 20:00, to: 2025-11-15 12:00}}
reports: {daily: {at: "18:00", to: ["#coordination"]}}
"""
    async with World(database_url, plan + gates, at=at("2025-11-14 16:30")) as world:
        await world.until("2025-11-14 18:00")
        said = world.channel("release").expect("Daily report, Friday", "What comes next").shown
        for words in ("Omega signs off: overdue, was due", "Go for the weekend: NO-GO, was due",
                      "Freeze Code freeze begins, ", "Gate It is live, ", "Plan Release ends, "):  # fmt: skip
            assert words in said
