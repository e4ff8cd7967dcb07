"""Many runs at once: a column has one number for each run. With numpy where it is installed, else in plain Python.

Both have the same few operations, so that the model is written once.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

try:
    import numpy as np
except ImportError:  # the plain installation
    np = None  # type: ignore[assignment]

Number = float | bool
LEAST = 1e-12


@dataclass(frozen=True, eq=False)
class Column:
    """One number, or truth, for each run, in plain Python; it computes like an array of numpy."""

    values: Sequence[Number]

    def _with(self, other: Any, do: Callable[[Any, Any], Any]) -> Column:
        if isinstance(other, Column):
            return Column([do(one, two) for one, two in zip(self.values, other.values, strict=True)])
        return Column([do(one, other) for one in self.values])

    def __add__(self, other: Any) -> Column:
        return self._with(other, lambda one, two: one + two)

    def __sub__(self, other: Any) -> Column:
        return self._with(other, lambda one, two: one - two)

    def __mul__(self, other: Any) -> Column:
        return self._with(other, lambda one, two: one * two)

    def __gt__(self, other: Any) -> Column:
        return self._with(other, lambda one, two: one > two)

    def __le__(self, other: Any) -> Column:
        return self._with(other, lambda one, two: one <= two)

    def __eq__(self, other: object) -> Column:  # type: ignore[override] # as arrays of numpy do
        return self._with(other, lambda one, two: one == two)

    def __and__(self, other: Any) -> Column:
        return self._with(other, lambda one, two: one and two)

    def __or__(self, other: Any) -> Column:
        return self._with(other, lambda one, two: one or two)

    __hash__ = object.__hash__


def between(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """Where a line through points is; beyond its ends, the end."""
    right = bisect_right(xs, x)
    if right == 0 or right == len(xs):
        return ys[0] if right == 0 else ys[-1]
    left = right - 1
    return ys[left] + (x - xs[left]) * (ys[right] - ys[left]) / (xs[right] - xs[left])


class Plain:
    """Columns of so many runs in plain Python."""

    def __init__(self, runs: int, seed: int) -> None:
        self.runs, self._random = runs, random.Random(seed)  # noqa: S311 - chance without secrets

    def full(self, value: Number) -> Column:
        return Column([value] * self.runs)

    def uniform(self) -> Column:
        draw = self._random.random
        return Column([draw() for _ in range(self.runs)])

    def normal(self) -> Column:
        draw = self._random.gauss
        return Column([draw(0.0, 1.0) for _ in range(self.runs)])

    def exp(self, column: Column) -> Column:
        return Column([math.exp(each) for each in column.values])

    def logit(self, column: Column, most: float) -> Column:
        """Of shares between 0 and 1, none above `most`."""
        shares = (min(max(each, LEAST), most) for each in column.values)
        return Column([math.log(each / (1 - each)) for each in shares])

    def logistic(self, column: Column) -> Column:
        return Column([1 / (1 + math.exp(-min(max(each, -500.0), 500.0))) for each in column.values])

    def where(self, truth: Column, one: Any, other: Any) -> Column:
        left, right = (each.values if isinstance(each, Column) else [each] * self.runs for each in (one, other))
        return Column([a if holds else b for holds, a, b in zip(truth.values, left, right, strict=True)])

    def later(self, one: Column, other: Any) -> Column:
        return one._with(other, max)  # noqa: SLF001 - its own

    def interp(self, column: Column, xs: Sequence[float], ys: Sequence[float]) -> Column:
        return Column([between(each, xs, ys) for each in column.values])

    def nth(self, columns: Sequence[Column], place: int) -> Column:
        """Of several columns, in each run the one at this place by size, from 0."""
        return Column([sorted(row)[place] for row in zip(*(each.values for each in columns), strict=True)])

    def share(self, truth: Column) -> float:
        return sum(map(bool, truth.values)) / self.runs

    def any(self, truth: Column) -> bool:
        return any(truth.values)

    def quantiles(self, column: Column, shares: Iterable[float]) -> list[float]:
        ordered = sorted(column.values)
        return [float(ordered[min(int(share * self.runs), self.runs - 1)]) for share in shares]

    def follow(self, causes: Sequence[Column], place: int, within: Column, marks: list[Any]) -> None:
        """Mark in `marks` what a place was waiting for, in the runs in which it is on the path itself."""
        for run, cause in enumerate(causes[place].values):
            if within.values[run] and cause >= 0:
                marks[int(cause)].values[run] = True

    def marks(self, count: int) -> list[Any]:
        return [self.full(value=False) for _ in range(count)]


class Arrays:
    """The same with arrays of numpy."""

    def __init__(self, runs: int, seed: int, numpy: ModuleType) -> None:
        self.runs, self.np = runs, numpy
        self._random = numpy.random.Generator(numpy.random.PCG64(seed))
        self._arrays: dict[int, tuple[Sequence[float], Any]] = {}

    def full(self, value: Number) -> Any:
        return self.np.full(self.runs, value)

    def uniform(self) -> Any:
        return self._random.random(self.runs)

    def normal(self) -> Any:
        return self._random.standard_normal(self.runs)

    def exp(self, column: Any) -> Any:
        return self.np.exp(column)

    def logit(self, column: Any, most: float) -> Any:
        shares = self.np.clip(column, LEAST, most)
        return self.np.log(shares / (1 - shares))

    def logistic(self, column: Any) -> Any:
        return 1 / (1 + self.np.exp(-self.np.clip(column, -500.0, 500.0)))

    def where(self, truth: Any, one: Any, other: Any) -> Any:
        return self.np.where(truth, one, other)

    def later(self, one: Any, other: Any) -> Any:
        return self.np.maximum(one, other)

    def interp(self, column: Any, xs: Sequence[float], ys: Sequence[float]) -> Any:
        return self.np.interp(column, self._array(xs), self._array(ys))

    def _array(self, points: Sequence[float]) -> Any:
        """They are converted once, and kept, so that nothing else gets their id."""
        if id(points) not in self._arrays:
            self._arrays[id(points)] = points, self.np.asarray(points, dtype=float)
        return self._arrays[id(points)][1]

    def nth(self, columns: Sequence[Any], place: int) -> Any:
        return self.np.sort(self.np.stack(columns), axis=0)[place]

    def share(self, truth: Any) -> float:
        return float(truth.mean())

    def any(self, truth: Any) -> bool:
        return bool(truth.any())

    def quantiles(self, column: Any, shares: Iterable[float]) -> list[float]:
        ordered = self.np.sort(column)
        return [float(ordered[min(int(share * self.runs), self.runs - 1)]) for share in shares]

    def follow(self, causes: Sequence[Any], place: int, within: Any, marks: Any) -> None:
        cause = causes[place]
        which = self.np.flatnonzero(within & (cause >= 0))
        marks[cause[which].astype(int), which] = True

    def marks(self, count: int) -> Any:
        return self.np.zeros((count, self.runs), dtype=bool)


Lanes = Plain | Arrays


def lanes(runs: int, seed: int, *, plain: bool = False) -> Lanes:
    """Columns for so many runs. The same seed draws the same numbers."""
    return Plain(runs, seed) if plain or np is None else Arrays(runs, seed, np)
