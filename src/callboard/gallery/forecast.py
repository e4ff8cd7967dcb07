"""Forecasts in pictures: all gates, one of them, one that fell, and how right they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta

from callboard.forecast import service, slack, store
from callboard.forecast.engine.outlook import outlooks
from callboard.forecast.models import Forecast
from callboard.forecast.survey import survey
from callboard.gallery.stage import Screen, Stage

RUNS, CASES = 300, 41
"""In plain Python, so that they are the same wherever they are made."""


def screens(stage: Stage) -> Iterator[Screen]:
    """The first morning of a plan, and the next one, on which nothing was done."""
    tx, user = stage.tx, stage.user("amp")
    yield stage.typed(slack.command, user, "forecast", "Before there is one")
    _made(stage)
    yield stage.typed(slack.command, user, "forecast", "All gates and phases")
    yield stage.typed(slack.command, user, "forecast validated", "One gate: what decides it, what would help")
    yield stage.typed(slack.command, user, "forecast validatd", "A slip")
    stage.later(timedelta(hours=3))
    yield stage.typed(slack.command, user, "forecast", "Three hours later")
    _made(stage)
    yield stage.told("forecast.fell", "Gates have become less likely: coordinators hear it once")
    yield stage.typed(slack.command, user, "forecast score", "Too few gates are over")
    tx.session.add_all(_case(stage, number) for number in range(CASES))
    yield stage.typed(slack.command, user, "forecast score", "How right we were")


def _made(stage: Stage) -> None:
    tx = stage.tx
    service.ask(tx, stage.plan_id)
    tx.session.flush()
    course, found = store.course(tx, stage.plan_id), survey(tx, stage.plan_id)
    claim = service.claim(tx, course.number) if course else None
    if claim:
        made = [asdict(each) for each in outlooks(found.network, RUNS, plain=True)]
        service.keep(tx, claim, tx.now, found, {"outlooks": made, "slip": 1.3, "seen": 4})


def _case(stage: Stage, number: int) -> Forecast:
    """A gate that was said to be in time in eight of ten cases, and was in four of five."""
    now, hour = stage.tx.now, timedelta(hours=1)
    over = now + (2 if number % 5 else 6) * hour
    return Forecast(
        plan_id=stage.plan_id, kind="gate", key=f"G{number}", at=now - hour, due_at=now + 4 * hour, chance=0.8,
        early_at=now + hour, middle_at=now + 2 * hour, often_at=now + 4 * hour, late_at=now + 5 * hour,
        pace_at=now + (3 if number % 2 else 5) * hour, over_at=over, judged_at=over, counted_at=over,
    )  # fmt: skip
