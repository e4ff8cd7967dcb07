"""The bad days of every example plan: nobody answers, gates are missed, blockers stay, Slack is away for a while.

`make test ARGS="tests/noise -s"` shows who was told what on which day.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from callboard.core.outbox import PAGE
from tests.noise.days import Days, raises, resolves, takes, waives

DATABASES = ("sqlite",)  # what is counted is decided above the database
HOUR, DAY, PAUSE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=10)
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
    "deployment, whose first gate never passes": {
        "plan": "deployment", "begin": "2025-11-13 08:00", "end": "2025-11-17 08:00",
        "deeds": [
            ("2025-11-13 09:40", raises("omega-a", "mongo refuses TLS")),
            ("2025-11-13 10:20", raises("omega-b", "OAuth answers 401")),
            ("2025-11-13 13:10", raises("omega-c", "mails bounce", severity="critical")),
            ("2025-11-14 09:30", raises("sigma-a", "the preview needs a password", severity="critical")),
            ("2025-11-14 11:00", raises("pi-a", "nobody can read the logs")),
            ("2025-11-15 10:00", raises("beta-lead", "there is no baseline")),
        ],
        "slack_away": [("2025-11-13 09:44", "2025-11-13 09:48"), ("2025-11-14 15:00", "2025-11-14 15:20")],
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
MOST, A_DAY, THREE_DAYS = 25, 20, timedelta(days=3)
"""An executive gets fewer than so many in three bad days, and anybody at most so many in one."""
LONGEST = timedelta(hours=8, minutes=20)


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
        beyond = [
            post for number, post in enumerate(posts)
            if sum(each.at > post.at - HOUR for each in posts[:number]) >= BUDGET
        ]  # fmt: skip
        wrong = [(post.at, post.delivery.kind) for post in beyond if post.delivery.folds]
        assert wrong == [], f"{person} got repeats or questions beyond the budget"
        for post in beyond:
            print(f"beyond the budget: {person}, {post.at:%d %H:%M}, {post.message.text.splitlines()[0][:90]}")  # noqa: T201
        summaries = [post.at for post in posts if post.delivery.kind == SUMMARY]
        assert all(later - earlier >= PAUSE for earlier, later in pairwise(summaries))
        days = Counter(lived.day(post.at) for post in posts)
        assert max(days.values(), default=0) <= A_DAY, (person, days)
    for executive in lived.directory.with_role("executive"):
        told = [post.at for post in lived.told(executive.key)]
        assert len([at for at in told if at < lived.begin + THREE_DAYS]) < MOST
    _nothing_is_lost(lived)
    _each_matter_reaches_somebody(lived)
    _each_missed_gate_is_told_once(lived)
    _questions_end(lived)
    _the_plan_ends(lived)


def _nothing_is_lost(lived):
    """Whatever was to be said was said, was no longer true, or is told by a summary that alerts in time."""
    rows = {row.key: row for row in lived.rows()}
    assert {row.state for row in rows.values() if row.due_at <= lived.clock.now()} <= {"sent", "dropped", "folded"}
    for key, at in lived.seen().items():
        row = rows[key]
        assert row.posted_at is None
        assert row.folds or row.cause, f"{key} was the first page of a step"
        assert rows[row.told_by].state in ("sent", "dropped"), key
        assert at is None or at - row.folded_at <= (DAY if row.args.get("daily") else LONGEST)


def _each_matter_reaches_somebody(lived):
    """The first page of each step arrives at once, or when Slack takes it again; of each matter one surely."""
    away = sum((until - since for since, until in lived.slack.away), timedelta())
    rows = [row for row in lived.rows() if row.key.startswith(PAGE) and not row.folds]
    assert {row.subject for row in rows}
    for matter in {row.subject for row in rows}:
        steps = [row for row in rows if row.subject == matter]
        assert any(row.posted_at and row.recipient for row in steps), matter
        for row in steps:
            assert row.state in ("sent", "dropped")
            assert row.posted_at is None or row.posted_at - row.due_at <= timedelta(minutes=1) + away, row.key


def _each_missed_gate_is_told_once(lived):
    """Nobody reads news of an overdue gate that pages them then or soon; a page hours later is another step."""
    rows = [row for row in lived.rows() if row.posted_at and row.subject_kind == "gate"]
    news = [row for row in rows if row.args.get("what") == "missed"]
    pages = [row for row in rows if row.key.startswith(PAGE)]
    twice = [
        (row.subject_id, row.address) for row in news for page in pages
        if (page.subject_id, page.address) == (row.subject_id, row.address)
        and page.posted_at <= row.posted_at + timedelta(minutes=30)
    ]  # fmt: skip
    assert twice == []


def _questions_end(lived):
    """A question is asked and reminded of once, told once to one person who can act, and then closed."""
    rows = [row for row in lived.rows() if row.kind.startswith(QUESTIONS)]
    for kind in ("inquiry.ask", "inquiry.reminder", "checkpoint.silent"):
        asked = [(row.subject, row.address) for row in rows if row.kind == kind]
        assert len(asked) == len(set(asked))
    silent = {row.subject_id for row in rows if row.kind == "checkpoint.silent"}
    assert len(silent) == len([row for row in rows if row.kind == "checkpoint.silent"])
    assert all(row.posted_at or row.folded_at for row in rows if row.kind == "checkpoint.silent")
    executives = {person.slack_id for person in lived.directory.with_role("executive")}
    assert not [row for row in rows if row.address in executives]


def _the_plan_ends(lived):
    """Nobody is paged, reminded or asked any more once it is over."""
    late = [post for post in lived.slack.posts + lived.mail.posts if post.at > lived.plan_end]
    kinds = (*QUESTIONS, SUMMARY, "meeting", "task")
    assert not [
        (p.at, p.delivery.kind) for p in late if p.delivery.key.startswith(PAGE) or p.delivery.kind.startswith(kinds)
    ]
