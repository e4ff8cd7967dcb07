"""Reads and checks a plan: from a file, or as the plain values that are left of one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from callboard.core.sections import Degree, Document, Path, Problem, Section
from callboard.plans import checking, groups, loader, whole
from callboard.plans.tree import without_pauses

Sections = Sequence[Section[Any]]


@dataclass(frozen=True)
class Checked:
    """A plan file that was read, and everything that is wrong with it, in the order of its lines."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        """What refuses the plan."""
        return [problem for problem in self.problems if problem.degree is Degree.ERROR]

    def report(self) -> list[str]:
        """Every problem as `file:line: sentence`."""
        return [problem.at(self.document.file) for problem in self.problems]


def check(source: str | bytes, file: str, sections: Sections) -> Checked:
    """Read a plan file and find all that is wrong with it at once. No input makes this raise."""
    with without_pauses():
        document, problems = loader.load(source, file)
        if document.body or not problems:
            problems += groups.spread(document, sections)
            problems += _wrong(document, sections)
        return Checked(document, sorted(groups.once(dict.fromkeys(problems), sections)))


def check_body(body: Mapping[str, Any], file: str, sections: Sections) -> Checked:
    """Check plain values that are in no file as they are: there are no lines to name."""
    with without_pauses():
        document = Document(file, "", body, dict.fromkeys(_paths(body), 1))
        return Checked(document, sorted(groups.once(dict.fromkeys(_wrong(document, sections)), sections)))


def plain(source: str, sections: Sections) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of a file that was checked before: with its groups as they are written, and as one mapping each."""
    with without_pauses():
        document, _ = loader.load(source, "")
        written = dict(document.body)
        list(groups.spread(document, sections))
        return written, dict(document.body)


def typed(body: Mapping[str, Any], file: str, sections: Sections) -> Document:
    """The document of values that were checked before."""
    with without_pauses():
        document = Document(file, "", body)
        checking.give_types(document, sections)
        return document


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in plain values: where something stands is how faults are told apart."""
    yield path
    if isinstance(value, Mapping):
        inside: Iterable[tuple[str | int, Any]] = value.items()
    else:
        inside = enumerate(value) if isinstance(value, list) else ()
    for step, each in inside:
        yield from _paths(each, (*path, step))


def _wrong(document: Document, sections: Sections) -> list[Problem]:
    """All that is wrong, as far as anybody can mend at once; of vacant seats and warnings there may be more."""
    found, errors = list[Problem](), 0
    for problem in itertools.chain(checking.check(document, sections), whole.check(document, sections)):
        found.append(problem)
        errors += problem.degree is Degree.ERROR
        if errors >= loader.MOST_PROBLEMS:
            return [*found, document.error((), loader.MORE)]
    return found
