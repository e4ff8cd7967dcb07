"""Reads a plan, gives its sections their types, and finds all that is wrong with it at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from callboard.core.errors import did_you_mean
from callboard.planfile import groups, needs, type_errors, yaml_reader
from callboard.planfile.checks import clashes, ids, moments, velocity
from callboard.planfile.sections import Degree, Document, Path, Problem, Section, Sections, owned
from callboard.planfile.yaml_tree import without_pauses


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
        document, problems = _loaded(source, file, sections)
        if document.body or not problems:
            problems += groups.spread(document)
            problems += _wrong(document)
        return Checked(document, sorted(groups.once(dict.fromkeys(problems), sections)))


def check_body(body: Mapping[str, Any], file: str, sections: Sections) -> Checked:
    """Check plain values that are in no file as they are: there are no lines to name."""
    with without_pauses():
        document = Document(file, "", body, dict.fromkeys(_paths(body), 1), sections=sections)
        return Checked(document, sorted(groups.once(dict.fromkeys(_wrong(document)), sections)))


def plain(source: str, sections: Sections) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of a file that was checked before: with its groups as they are written, and as one mapping each."""
    with without_pauses():
        document, _ = _loaded(source, "", sections)
        written = dict(document.body)
        list(groups.spread(document))
        return written, dict(document.body)


def typed(body: Mapping[str, Any], file: str, sections: Sections) -> Document:
    """The document of values that were checked before."""
    with without_pauses():
        document = Document(file, "", body, sections=sections)
        for section in sections:
            list(_type(document, section))
        return document


def _loaded(source: str | bytes, file: str, sections: Sections) -> tuple[Document, list[Problem]]:
    document, problems = yaml_reader.load(source, file)
    return replace(document, sections=sections), problems


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in plain values: where something stands is how faults are told apart."""
    yield path
    if isinstance(value, Mapping):
        inside: Iterable[tuple[str | int, Any]] = value.items()
    else:
        inside = enumerate(value) if isinstance(value, list) else ()
    for step, each in inside:
        yield from _paths(each, (*path, step))


def _wrong(document: Document) -> list[Problem]:
    """All that is wrong, but no more errors than anybody can mend at once."""
    found, errors = list[Problem](), 0
    for problem in itertools.chain(check_sections(document), check_whole(document)):
        found.append(problem)
        errors += problem.degree is Degree.ERROR
        if errors >= yaml_reader.MOST_PROBLEMS:
            return [*found, document.error((), yaml_reader.MORE)]
    return found


def check_sections(document: Document) -> Iterator[Problem]:
    """Give every section its type in `document.values`, then run their checks."""
    known = [key for section in document.sections for key in owned(section)]
    for key in document.body:
        if key not in known:
            hint = did_you_mean(key, known).replace("write one of", "known are")
            yield document.error((key,), f"no section of a plan has this name; {hint}")
    for section in document.sections:
        yield from _type(document, section)
    for section in document.sections:
        if section.name in document.values:
            yield from section.check(document, document.values[section.name])


def _type(document: Document, section: Section[Any]) -> Iterator[Problem]:
    base: Path = () if section.spread else (section.name,)
    written = {key: document.body[key] for key in owned(section) if document.body.get(key) is not None}
    raw: Any = written if section.spread else written.get(section.name)
    if raw is None or raw == {}:
        if section.required and section.name not in document.body:
            yield document.error((), f"`{section.name}` is missing: every plan has it")
        return
    model: Any = section.model
    adapter = _adapter(model)
    try:
        document.values[section.name] = adapter.validate_python(raw)
    except ValidationError as wrong:
        errors = wrong.errors(include_url=False)
        yield from _problems(document, section, base, errors)
        _keep_the_rest(document, section, adapter, raw, errors)


@lru_cache(maxsize=128)
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _keep_the_rest(
    document: Document, section: Section[Any], adapter: TypeAdapter[Any], raw: Any, errors: list[ErrorDetails]
) -> None:
    """Type the entries that are valid, so that checks find what else is wrong."""
    bad = {error["loc"][0] for error in errors if error["loc"]}
    if isinstance(raw, Mapping) and bad:
        try:
            document.values[section.name] = adapter.validate_python({k: v for k, v in raw.items() if k not in bad})
        except ValidationError:
            return


def _problems(document: Document, section: Section[Any], base: Path, errors: list[ErrorDetails]) -> Iterator[Problem]:
    for fault in type_errors.likely(errors, base, document.lines):
        if not _is_null(document.body, fault.path):
            at = fault.path[:-1] if fault.error["type"] == "missing" else fault.path
            holder = type_errors.inside(section.model, fault.steps[:-1])
            yield document.error(at, type_errors.sentence(fault.error, fault.path, holder))


def _is_null(body: Any, path: Path) -> bool:
    """Whether a null stands there, which has been said already."""
    try:
        for step in path:
            body = body[step]
    except (KeyError, IndexError, TypeError):
        return False
    return body is None


def check_whole(document: Document) -> Iterator[Problem]:
    """Find what is wrong with the plan as a whole, whatever else is wrong with its parts."""
    yield from ids.check(document)
    yield from needs.check(document)
    yield from moments.check(document)
    yield from needs.check_order(document)
    yield from clashes.check(document)
    yield from velocity.check(document)
    yield from clashes.check_twice(document)
