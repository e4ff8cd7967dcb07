"""The bad days of every example plan: nobody answers, gates are missed, blockers stay, Slack is away for a while."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.noise.days import Days, raises, resolves, takes, waives

DATABASES = ("sqlite",)  # what is counted is decided above the database
HOUR, PAUSE = timedelta(hours=1), timedelta(minutes=10)
BUDGET = 6
SUMMARY = "noise.summary"
QUESTIONS = ("inquiry", "status", "standup", "checkpoint")

BAD: dict[str, Any] = {
    "deployment": {
        "plan": "deployment", "begin": "2025-11-13 08:00", "end": "2025-11-15 18:00",
        "deeds": [
            ("2025-11-13 09:40", raises("omega-a", "mongo refuses TLS")),
            ("2025-11-13 14:00", resolves("amp", 1)),
            ("2025-11-13 20:00", takes("amp", "validated")),
            ("2025-11-14 09:05", waives("amp", "validated", "we go on with what is there")),
            ("2025-11-14 10:30", raises("sigma-a", "the preview needs a password", severity="critical")),
            ("2025-11-14 13:00", resolves("amp", 2)),
            ("2025-11-14 21:00", takes("amp", "audited")),
            ("2025-11-14 21:05", takes("amp", "tested")),
        ],
        "slack_away": [("2025-11-13 09:44", "2025-11-13 09:48"), ("2025-11-14 15:00", "2025-11-14 15:03")],
    },
    "meschain": {
        "plan": "meschain", "begin": "2025-06-02 08:00", "end": "2025-06-05 08:00",
        "deeds": [
            ("2025-06-02 18:30", waives("tech-manager", "briefed", "we go on")),
            ("2025-06-03 09:20", raises("vscode-lead", "the migration locks the orders table")),
            ("2025-06-03 11:00", raises("musti-lead", "the pipeline has no runner", severity="critical")),
        ],
        "slack_away": [("2025-06-03 11:00", "2025-06-03 11:04")],
    },
    "prismq": {
        "plan": "prismq", "begin": "2026-01-22 08:00", "end": "2026-01-26 18:00",
        "deeds": [
            ("2026-01-22 10:00", raises("dev-03", "the queue loses tasks")),
            ("2026-01-23 09:30", raises("dev-06", "the schema can't be migrated", severity="critical")),
        ],
        "slack_away": [("2026-01-23 16:59", "2026-01-23 17:03")],
    },
}  # fmt: skip
MOST, A_DAY = {"exec": 100}, 20
"""What an executive may get in all of the bad days, and anybody else in one of them."""


@pytest.fixture(params=BAD)
async def lived(request, sqlite_template, tmp_path):
    """One of the plans, after its bad days."""
    url = f"sqlite:///{tmp_path / 'callboard.db'}"
    (tmp_path / "callboard.db").write_bytes(sqlite_template.read_bytes())
    days = Days(url, **BAD[request.param])
    await days.pass_by()
    print(f"\n{request.param}\n{days.table()}")  # noqa: T201
    yield days
    days.close()


async def test_the_budget_of_a_person_holds_through_the_bad_days_of_every_example(lived):
    for person in lived.directory.people:
        posts = lived.told(person)
        beyond = []
        for number, post in enumerate(posts):
            within = [each for each in posts[:number] if each.at > post.at - HOUR]
            if len(within) >= BUDGET:
                beyond.append(post)
        wrong = [(post.at, post.delivery.kind) for post in beyond if post.delivery.folds]
        assert wrong == [], f"{person} got repeats or questions beyond the budget"
        first = [post for post in beyond if post.delivery.kind != SUMMARY]
        print(f"beyond the budget of {person}: {[(f'{p.at:%d %H:%M}', p.delivery.kind) for p in first]}")  # noqa: T201
        summaries = [post.at for post in posts if post.delivery.kind == SUMMARY]
        assert all(later - earlier >= PAUSE for earlier, later in pairwise(summaries))
        days = Counter(lived.day(post.at) for post in posts)
        most = MOST.get(person)
        assert len(posts) <= most if most else max(days.values(), default=0) <= A_DAY, (person, days)
    _nothing_is_lost(lived)
    _each_matter_reaches_somebody(lived)
    _questions_end(lived)


def _nothing_is_lost(lived):
    """Whatever was to be said was said, was no longer true, or was told by a summary."""
    rows = {row.key: row for row in lived.rows()}
    assert {row.state for row in rows.values() if row.due_at <= lived.clock.now()} <= {"sent", "dropped", "folded"}
    for row in rows.values():
        if row.state == "folded":
            assert rows[row.told_by].state in ("sent", "dropped"), row.key
            assert row.posted_at is None
    seen = [at - rows[key].folded_at for key, at in lived.seen().items() if at]
    assert max(seen, default=PAUSE) <= 2 * PAUSE or lived.slack.away


def _each_matter_reaches_somebody(lived):
    """Somebody is paged for each blocker and gate at once, or by mail where Slack takes nothing, or when it does."""
    rows = [row for row in lived.rows() if row.kind in ("blocker.page", "gate.page") and not row.folds]
    matters = {row.subject for row in rows}
    assert matters
    for matter in matters:
        own = [row for row in rows if row.subject == matter and row.recipient]
        first = min(row.created_at for row in own)
        posted = min((row.posted_at for row in own if row.posted_at), default=None)
        assert posted is not None, matter
        away = sum((until - since for since, until in lived.slack.away), timedelta())
        assert posted - first <= timedelta(minutes=1) + away, (matter, posted - first)


def _questions_end(lived):
    """A question is asked and reminded of once, told once to one person who can act, and then closed."""
    rows = [row for row in lived.rows() if row.kind.startswith(QUESTIONS)]
    for kind in ("inquiry.ask", "inquiry.reminder", "checkpoint.silent"):
        asked = [(row.subject, row.address) for row in rows if row.kind == kind]
        assert len(asked) == len(set(asked))
    silent = [row.subject for row in rows if row.kind == "checkpoint.silent"]
    assert len(silent) == len(set(silent))
    executives = {person.slack_id for person in lived.directory.with_role("executive")}
    assert not [row for row in rows if row.address in executives]
