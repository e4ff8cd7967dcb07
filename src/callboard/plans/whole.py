"""What must hold between the sections of a plan, once each of them is typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from callboard.core.sections import Document, Problem, Section
from callboard.plans import names, needs, order, series, targets, times, twice


def check(document: Document, sections: Sequence[Section[Any]]) -> Iterator[Problem]:
    """Find what is wrong with the plan as a whole, whatever else is wrong with its parts."""
    yield from names.check(document)
    yield from needs.check(document)
    yield from times.check(document, sections)
    yield from order.check(document)
    yield from series.check(document, sections)
    yield from targets.check(document)
    yield from twice.check(document)
