"""How right forecasts were: of each gate that is over, the one that was made in the middle of the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callboard.forecast.models import Forecast

ENOUGH = 10
NEAR = 0.1
"""Chances that differ by less are alike."""


@dataclass(frozen=True)
class Score:
    """Brier scores: the mean square of what was said less what came. `held` of `known` were over within the interval.

    `said` is the mean chance, `came` how many were in time. `pace` is the line through a week, `hope` says all is.
    """

    cases: int
    came: int
    said: float
    held: int
    known: int
    brier: float
    pace: float
    hope: float

    @property
    def enough(self) -> bool:
        return self.cases >= ENOUGH


def score(rows: Sequence[Forecast]) -> Score:
    within = [each for row in rows if (each := held(row)) is not None]
    return Score(
        cases=len(rows), came=sum(map(came, rows)), said=_mean(rows, _said), held=sum(within), known=len(within),
        brier=_brier(rows, _said), pace=_brier(rows, _by_pace), hope=_brier(rows, lambda _: 1.0),
    )  # fmt: skip


def alike(rows: Sequence[Forecast], chance: float) -> Sequence[Forecast]:
    """Those that were said to be about as likely."""
    return [row for row in rows if abs(_said(row) - chance) <= NEAR]


def came(row: Forecast) -> bool:
    """Whether it was over when it was due."""
    return row.over_at is not None and row.due_at is not None and row.over_at <= row.due_at


def held(row: Forecast) -> bool | None:
    """Whether it was over within the interval that eight of ten runs were in; None while nobody can tell."""
    if row.over_at is not None:
        return (row.early_at is None or row.early_at <= row.over_at) and (
            row.late_at is None or row.over_at <= row.late_at
        )
    past = row.judged_at is not None and row.late_at is not None and row.late_at <= row.judged_at
    return False if past else None


def _said(row: Forecast) -> float:
    return row.chance or 0.0


def _by_pace(row: Forecast) -> float:
    """Where nothing was done in the week, the line says nothing: even odds."""
    if row.pace_at is None or row.due_at is None:
        return 0.5
    return float(row.pace_at <= row.due_at)


def _brier(rows: Sequence[Forecast], said: Callable[[Forecast], float]) -> float:
    return _mean(rows, lambda row: (said(row) - came(row)) ** 2)


def _mean(rows: Sequence[Forecast], of: Callable[[Forecast], float]) -> float:
    return sum(map(of, rows)) / len(rows) if rows else 0.0
