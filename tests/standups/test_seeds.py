"""The standups of the seeds 003 and 004 on their real dates: every message at its minute."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from callboard.app import sections
from callboard.core.calendar import Calendar
from callboard.plans import service as plans
from callboard.rehearsal.stage import workspace
from callboard.teams.plan.directory import drafted
from slack_standin import RateLimits, Sandbox
from tests.standups.conftest import fills_in
from tests.world import PATIENCE, World, at

STANDUP = "source-standup"
NEW_YORK = ZoneInfo("America/New_York")


class Seed(World):
    """One of the plans that are shipped, with its own people and channels."""

    def __init__(self, database_url, name, moment):
        text = (resources.files("callboard") / "examples" / f"{name}.yml").read_text()
        super().__init__(database_url, text, at=moment)
        directory = drafted(plans.check(text, name, sections()).document)
        assert directory is not None
        self.zone: ZoneInfo = directory.calendar.zone
        self.calendar: Calendar = directory.calendar
        self.slack = Sandbox(
            workspace(directory), clock=self.clock.now, limits=RateLimits.off(), ack_within=2 * PATIENCE,
            trigger_lifetime=2 * PATIENCE,
        )  # fmt: skip

    def posted(self, *words):
        """What was posted that holds these words: when, in the plan's zone, and to whom."""
        calls = self.slack.record.calls("chat.postMessage")
        found = [one for one in calls if all(word in str(one["arguments"]) for word in words)]
        return [(self._local(one["at"]), one["arguments"]["channel"]) for one in found]

    def _local(self, instant):
        return f"{datetime.fromisoformat(instant).astimezone(self.zone):%m-%d %H:%M}"


async def test_the_schedule_of_seed_004s_standup_gives_leads_three_minutes_each_in_strict_order(database_url):
    eight = datetime(2025, 11, 13, 8, tzinfo=NEW_YORK)
    async with Seed(database_url, "deployment", eight) as world:
        await world.until("2025-11-13 14:14")
        assert world.posted("Morning standup", "what is new?") == [("11-13 09:00", "U0OMEGA1")]
        asked = world.dm("omega-lead").expect("Morning standup", "Your turn is at")
        assert "What is your status? · Any blockers?" in asked.shown
        await world.until("2025-11-13 14:16")
        world.channel("deployment").expect("*Morning standup*", "0 of 1 reported", "no report: Omega lead")
        for team in ("sigma", "pi", "alpha", "beta"):
            await world.says("amp", f"/plan lift {team} because Omega has signed on paper", "deployment")
        await world.jump(hours=23, minutes=40)
        await world.until("2025-11-14 14:02")
        await fills_in(world, "omega-lead", {"What is your status?": "All validated"}, channel="deployment")
        await world.until("2025-11-14 14:14")
        assert world.posted("Morning standup", "what is new?")[1:] == [
            ("11-14 09:00", "U0OMEGA1"), ("11-14 09:03", "U0SIGMA1"), ("11-14 09:06", "U0PI0001"),
            ("11-14 09:09", "U0ALPHA1"), ("11-14 09:12", "U0BETA01"),
        ]  # fmt: skip
        world.dm("sigma-lead").expect("Did the Omega gate pass? · Ready to start testing?")
        world.dm("alpha-lead").expect("Any blockers from Sigma or Pi?")
        world.dm("beta-lead").expect("Any blockers from Sigma's baseline?")
        card = world.channel("deployment").expect("*Morning standup*", "1 of 5 reported")
        names = ["Omega lead", "Sigma lead", "Pi lead", "Alpha lead", "Beta lead"]
        assert sorted(names, key=card.shown.index) == names
        world.thread(card).expect("Omega lead", "All validated")
        await world.jump(hours=23, minutes=30)
        await world.until("2025-11-15 14:20")
        saturday = [(when, who) for when, who in world.posted("Morning standup", "what is new?") if when > "11-15"]
        assert [when for when, _ in saturday] == [
            "11-15 09:00",
            "11-15 09:03",
            "11-15 09:06",
            "11-15 09:09",
            "11-15 09:12",
        ]
        heads = world.posted("Morning standup", "reported")
        assert [when for when, _ in heads] == ["11-13 09:00", "11-14 09:00", "11-15 09:00"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_rounds_of_seed_003s_standup_are_at_nine_for_ten_people_on_each_working_day(database_url):
    async with Seed(database_url, "prismq", at("2026-01-12 08:00")) as world:
        everybody = [f"U0DEV{n:02}" for n in range(1, 11)]
        await world.until("2026-01-12 09:10")
        for n in range(1, 10):
            await fills_in(world, f"dev-{n:02}", {"Yesterday": "Issues", "Today": "More"}, channel=STANDUP)
        await world.until("2026-01-12 10:01")
        assert sorted(world.posted("Daily standup", "what is new?")) == [("01-12 09:00", one) for one in everybody]
        assert world.posted("Daily standup", "Add your report") == [("01-12 09:30", "U0DEV10")]
        ((when, channel),) = world.posted("Daily standup", "reported")
        assert when == "01-12 10:00"
        card = world.channel(STANDUP).expect("9 of 10 reported", "no report: Developer10")
        assert channel == card.channel
        assert len(world.thread(card)) == 9
        await world.until("2026-01-13 08:00")
        await fills_in(world, "dev-01", {"Blockers": "TM-001 waits for the schema"}, "/standup Daily standup", STANDUP)
        await world.clicks("dev-01", "Raise blocker", "waits for the schema")
        days = [date(2026, 1, 12) + n * timedelta(days=1) for n in range(7)]
        await world.until("2026-01-19 08:00")
        working = [day for day in days if day.weekday() < 5]
        asked = Counter(when for when, _ in world.posted("Daily standup", "what is new?"))
        assert asked == {f"{day:%m-%d} 09:00": 9 if day.day == 13 else 10 for day in working}
        cards = world.posted("Daily standup", "reported")
        digests = [when for when, where in cards if where == channel]
        assert digests == [f"{day:%m-%d} 10:00" for day in working]
