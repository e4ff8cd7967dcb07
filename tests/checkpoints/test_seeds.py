"""The beats of the seeds 003 and 004 on their real dates: every message at its minute."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callboard.escalation.service import due_climbs
from callboard.plans import holds
from tests.checkpoints.running import WORKS, Running

NEW_YORK = ZoneInfo("America/New_York")
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OMEGA = [
    ("11-13 11:00", "Omega first checkpoint"), ("11-13 13:00", "Omega mid-point"),
    ("11-13 14:00", "Mid-day with Omega"), ("11-13 15:00", "Omega final push"),
]  # fmt: skip
OTHERS = [
    ("11-14 09:00", "Beta starts"),
    ("11-14 10:00", "Alpha starts"), ("11-14 10:00", "Pi set up"), ("11-14 10:00", "Sigma set up"),
    ("11-14 13:00", "Pi mid-point"), ("11-14 14:00", "Mid-day with Sigma and Pi"), ("11-14 14:00", "Sigma mid-point"),
    ("11-14 15:00", "Alpha mid-point"), ("11-14 15:00", "Beta mid-point"), ("11-14 15:00", "Pi final checkpoint"),
    ("11-14 16:00", "Afternoon sync"), ("11-14 16:00", "Sigma final checkpoint"),
    ("11-15 08:00", "Beta final checkpoint"), ("11-15 09:00", "Alpha final push"),
    ("11-15 09:00", "Sign-offs gathered"), ("11-15 10:00", "Beta done"), ("11-15 14:00", "Deployment authorised"),
]  # fmt: skip
LEADS = {"Omega": "U0OMEGA1", "Sigma": "U0SIGMA1", "Pi": "U0PI0001", "Alpha": "U0ALPHA1", "Beta": "U0BETA01"}
ASKED_TOGETHER = {
    "Mid-day with Omega": ["Omega"], "Mid-day with Sigma and Pi": ["Sigma", "Pi"], "Afternoon sync": ["Alpha", "Beta"],
}  # fmt: skip


def whom(name):
    """Whose lead the seed has asked at a checkpoint of this name."""
    if name in ("Sign-offs gathered", "Deployment authorised"):
        return ["U0AMP0001"]
    return [LEADS[team] for team in ASKED_TOGETHER.get(name, [name.split()[0]])]


@pytest.fixture
def deployment(database_url):
    running = Running(database_url, "deployment", datetime(2025, 11, 13, 8, tzinfo=NEW_YORK))
    yield running
    running.close()


@sqlite
def test_every_checkpoint_of_the_example_plan_deployment_comes_due_at_its_minute(deployment):
    deployment.run(datetime(2025, 11, 13, 19, tzinfo=NEW_YORK))
    assert deployment.cards() == OMEGA
    for team in ("sigma", "pi", "alpha", "beta"):
        deployment.db.transact(lambda tx, team=team: holds.lift(tx, 1, target=team))
    deployment.run(datetime(2025, 11, 16, tzinfo=NEW_YORK))
    assert sorted(deployment.cards()) == OMEGA + OTHERS
    asks = [(when, address) for when, _, address in deployment.sent("inquiry.ask")]
    assert sorted(asks) == sorted((when, lead) for when, name in OMEGA + OTHERS for lead in whom(name))
    assert deployment.sent("inquiry.page") == []
    assert [when for when, _, _ in deployment.sent("meeting.card")] == ["11-15 11:00"]
    assert [(when, where) for when, _, where in deployment.sent("meeting.over")] == [("11-15 11:45", "U0AMP0001")]
    days = ["11-13 18:00", "11-14 18:00", "11-15 18:00"]
    assert [when for when, _, _ in deployment.sent("report.sent")] == days


@sqlite
def test_an_unanswered_checkpoint_of_the_example_plan_deployment_comes_due_and_escalates(deployment):
    deployment.run(datetime(2025, 11, 13, 14, 30, tzinfo=NEW_YORK), answering=False, works=[*WORKS, due_climbs])
    asked, lead, amp = ("inquiry.ask", "inquiry.reminder", "checkpoint.silent"), "U0OMEGA1", "U0AMP0001"
    assert [(when, where) for when, _, where in deployment.sent(*asked)] == [
        ("11-13 11:00", lead), ("11-13 11:15", lead), ("11-13 11:30", amp),
        ("11-13 13:00", lead), ("11-13 13:15", lead), ("11-13 13:30", amp),
        ("11-13 14:00", lead), ("11-13 14:05", lead), ("11-13 14:10", amp),
    ]  # fmt: skip


@sqlite
def test_meetings_of_the_example_plan_prismq_come_due_at_their_minutes_and_reports_too(database_url):
    running = Running(database_url, "prismq", datetime(2026, 1, 12, 8, tzinfo=UTC))
    try:
        running.run(datetime(2026, 3, 13, tzinfo=UTC))
        monday = date(2026, 1, 12)
        mondays = [monday + timedelta(days=7 * week) for week in range(8)]
        fridays = [day + timedelta(days=4) for day in mondays]
        weekdays = [day + timedelta(days=n) for day in mondays for n in range(5)]
        cards = Counter(when for when, _, _ in running.sent("meeting.card"))
        for day in mondays:
            assert cards[f"{day:%m-%d} 09:45"] == 1, day
        for day in fridays:
            assert cards[f"{day:%m-%d} 14:45"] == 1, day
        assert sum(cards.values()) == len(mondays) + len(fridays)
        # Nobody signs the gates here, so only the first phase took place.
        assert [when for when, _, _ in running.sent("retro.card")] == [f"{fridays[1]:%m-%d} 17:00"]
        looked = [when for when, _ in running.cards()]
        assert looked == [f"{day:%m-%d} {'14:00' if day == fridays[-1] else '16:00'}" for day in fridays]
        reports = sorted({when for when, _, _ in running.sent("report.sent")})
        assert reports == [f"{day:%m-%d} 17:00" for day in weekdays]
        asked = Counter(when for when, _, _ in running.sent("standup.prompt"))
        assert asked == {f"{day:%m-%d} 09:00": 10 for day in weekdays}
    finally:
        running.close()
