"""Figures over HTTP: all of them against their targets, and one with its days and its cases."""

from __future__ import annotations

import csv
import io
from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from callboard.board.figures import cases, history, kpis, success, words
from callboard.core.db import Tx
from callboard.planning.web import READ
from callboard.teams.directory import Asker
from callboard.web.api import READS, Api, ToRead, router
from callboard.web.fields import InPath

SCOPES: tuple[str, ...] = ()
"""Whoever may read the plan may read its figures."""


class KpiOut(BaseModel):
    """A figure and its target. `met` is null without a target, and while nobody can tell; times are in seconds."""

    key: str
    name: str
    definition: str
    source: str
    value: float | None
    unit: str
    shown: str
    says: str
    target: str
    met: bool | None


class GoalOut(BaseModel):
    """What a phase, or with an empty `phase` the whole plan, is to reach. `met` is null while it is open."""

    phase: str
    what: str
    stands: str
    met: bool | None


class KpisOut(BaseModel):
    """Every figure of the plan, and what is to be reached."""

    kpis: list[KpiOut]
    success: list[GoalOut]


class DayOut(BaseModel):
    """A figure at the end of a day; null before it was first measured."""

    day: date
    value: float | None


class CaseOut(BaseModel):
    """One of those that a figure counts, and whether it counts for or against it."""

    name: str
    stands: str
    good: bool


class KpiDetailOut(KpiOut):
    """A figure with its days and the cases that it counts now."""

    days: list[DayOut]
    cases: list[CaseOut]


class WholeOut(BaseModel):
    """Every figure with its days and cases, and what is to be reached."""

    kpis: list[KpiDetailOut]
    success: list[GoalOut]


def table(tx: Tx, plan_id: int) -> KpisOut:
    past = history.read(tx, plan_id)
    every = kpis.table(tx, plan_id, past)
    return KpisOut(
        kpis=[KpiOut.model_validate(kpi, from_attributes=True) for kpi in every],
        success=[GoalOut.model_validate(goal, from_attributes=True) for goal in success.goals(past, every)],
    )


def detail(tx: Tx, plan_id: int, key: str) -> KpiDetailOut:
    past = history.read(tx, plan_id)
    return _detail(past, words.found(kpis.table(tx, plan_id, past), key))


def _detail(past: history.History, one: kpis.Kpi) -> KpiDetailOut:
    return KpiDetailOut(
        **KpiOut.model_validate(one, from_attributes=True).model_dump(),
        days=[DayOut(day=day, value=amount.value if amount else None) for day, amount in kpis.series(past, one.key)],
        cases=[CaseOut.model_validate(case, from_attributes=True) for case in cases.cases(past, one.key)],
    )


def whole(tx: Tx, plan_id: int) -> WholeOut:
    """Everything of every figure, for a file."""
    past = history.read(tx, plan_id)
    every = kpis.table(tx, plan_id, past)
    return WholeOut(
        kpis=[_detail(past, kpi) for kpi in every],
        success=[GoalOut.model_validate(goal, from_attributes=True) for goal in success.goals(past, every)],
    )


COLUMNS = ("key", "name", "value", "unit", "shown", "target", "met", "says", "definition", "source")
FORMULAS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""How a cell begins that a spreadsheet would compute."""


def as_json(tx: Tx, plan_id: int) -> str:
    return whole(tx, plan_id).model_dump_json(indent=2) + "\n"


def as_csv(tx: Tx, plan_id: int) -> str:
    """A line for each figure."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(COLUMNS)
    for kpi in table(tx, plan_id).kpis:
        lines.writerow([_cell(getattr(kpi, column)) for column in COLUMNS])
    return written.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value


def routes(api: Api[Asker]) -> APIRouter:
    """Look at figures."""
    made = router("kpis")

    @made.get("/kpis", response_model=KpisOut, responses=READS)
    async def get_kpis(asked: ToRead) -> Response:
        """Look at all figures against their targets, and at what is to be reached."""
        return await api.read(asked, READ, lambda tx, who: table(tx, who.directory.plan_id))

    @made.get("/kpis/{figure}", response_model=KpiDetailOut, responses=READS)
    async def get_kpi(asked: ToRead, figure: InPath) -> Response:
        """Look at one figure, its days and the cases that it counts."""
        return await api.read(asked, READ, lambda tx, who: detail(tx, who.directory.plan_id, figure))

    return made
