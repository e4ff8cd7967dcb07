"""Reads a plan and finds all that is wrong with it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from callboard.planfile import (
    amounts,
    clashes,
    groups,
    lengths,
    lookalikes,
    needs,
    placeholders,
    timetable,
    type_errors,
    yaml_reader,
)
from callboard.planfile.names import called
from callboard.planfile.paths import find, item_key, walk
from callboard.planfile.report import Checked
from callboard.planfile.sections import Degree, Document, Path, Problem, Section, Sections, entries, owned, place
from callboard.planfile.yaml_tree import without_pauses


def check(source: str | bytes, file: str, sections: Sections) -> Checked:
    """Read a plan file and find all that is wrong with it at once. No input makes this raise."""
    with without_pauses():
        document, problems = yaml_reader.load(source, file, sections)
        if document.body or not problems:
            strange = _strange(document)
            found = [*_misnamed(document), *groups.spread(document), *_wrong(document)]
            problems += _causes(found, document, strange)
        return Checked(document, sorted(_once(problems, sections)))


def _strange(document: Document) -> dict[str, set[str]]:
    """The sections that no plan has, each with the names of what is in it that nothing else has."""
    known, taken = _names(document), {key for section in document.with_ids for key in document.keys(section.name)}
    strange = {key: written for key, written in document.body.items() if key not in known}
    return {key: {*document.keys(key), *_called(written)} - taken for key, written in strange.items()}


def _called(written: Any) -> Iterator[str]:
    for _, entry in entries(written):
        yield from (entry[word] for word in ("key", "id", "name") if isinstance(entry.get(word), str))


def _causes(problems: Iterable[Problem], document: Document, strange: Mapping[str, set[str]]) -> Iterator[Problem]:
    """Leave out what is only wrong because a section has no name: what is in it, and what refers to that."""
    guessed = {key: type_errors.OTHER_SECTIONS[key] for key in strange if key in type_errors.OTHER_SECTIONS}
    unread = {key for key in strange if key in document.body or key in guessed}
    inside = {*unread, *(meant for key, meant in guessed.items() if key not in document.body)}
    names = {f"`{name}`" for key in unread for name in strange[key]}
    for problem in problems:
        top, said = re.split(r"[.\[]", _place(problem), maxsplit=1)[0], problem.sentence.partition(";")[0]
        follows = top in inside or any(name in said for name in names)
        if not follows or (problem.path == (top,) and top in strange):
            yield problem


def _once(problems: Iterable[Problem], sections: Sections) -> Iterator[Problem]:
    """Each problem once; where something is refused, not also what else would be odd about it."""
    every = list(groups.once(dict.fromkeys(problems), sections))
    refused = {(each.line, _place(each)) for each in every if each.degree is Degree.ERROR}
    for each in every:
        causes = each.degree is not Degree.WARNING or each.sentence.endswith(yaml_reader.MISSING)
        if causes or (each.line, _place(each)) not in refused:
            yield each


def _place(problem: Problem) -> str:
    return place(problem.path) or problem.sentence.partition(": ")[0]


def check_body(body: Mapping[str, Any], file: str, sections: Sections) -> Checked:
    """Check plain values that are in no file as they are: there are no lines to name."""
    with without_pauses():
        document = Document(file, "", body, dict.fromkeys((path for path, _ in walk(body)), 1), sections=sections)
        return Checked(document, sorted(_once(_wrong(document), sections)))


def plain(source: str, sections: Sections) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of a file that was checked before: with its groups as they are written, and as one mapping each."""
    with without_pauses():
        document, _ = yaml_reader.load(source, "", sections)
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


def _wrong(document: Document) -> list[Problem]:
    """All that is wrong, but no more errors than anybody can mend at once."""
    problems, errors = list[Problem](), 0
    for problem in itertools.chain(check_sections(document), check_whole(document)):
        problems.append(problem)
        errors += problem.degree is Degree.ERROR
        if errors >= yaml_reader.MOST_PROBLEMS:
            return [*problems, document.error((), yaml_reader.MORE)]
    told = {problem.path for problem in problems}
    return [*problems, *(problem for problem in amounts.check(document) if problem.path not in told)]


def check_sections(document: Document) -> Iterator[Problem]:
    """Give every section its type in `document.values`, then run their checks."""
    known = _names(document)
    yield from (_no_section(document, key, known) for key in document.body if key not in known)
    for section in document.sections:
        yield from _type(document, section)
    if _is_shapeless(document):
        return
    for section in document.sections:
        if section.name in document.values:
            yield from section.check(document, document.values[section.name])
        yield from section.elsewhere(document)


def _names(document: Document) -> list[str]:
    """What sections may be called, those first that hold what others refer to."""
    ordered = sorted(document.sections, key=lambda section: (not section.shared_ids, section.spread))
    return [key for section in ordered for key in owned(section)]


def _no_section(document: Document, key: str, known: Sequence[str]) -> Problem:
    hint = type_errors.instead(key, known, _homes(document.sections)).replace("write one of", "known are")
    return document.error((key,), f"no section of a plan has this name; {hint}")


def _misnamed(document: Document) -> Iterator[Problem]:
    """Refuse a section whose name is mistyped, and read it as the one that is meant: others refer to what is in it."""
    known = _names(document)
    body, lines = cast("dict[str, Any]", document.body), cast("dict[Path, int]", document.lines)
    for key in [key for key in body if key not in known]:
        problem = _no_section(document, key, known)
        match type_errors.keys_meant(problem.sentence):
            case [meant] if meant not in body:
                yield problem
                body[meant] = body.pop(key)
                lines |= {(meant, *path[1:]): lines.pop(path) for path in [at for at in lines if at[0] == key]}


def _is_shapeless(document: Document) -> bool:
    """Whether what others refer to is no mapping: nothing in it has a name, and all that names it would be wrong."""
    named = ["channels", *(section.name for section in document.with_ids)]
    return any(isinstance(document.body.get(name), list | str) for name in named)


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
        bad = {error["loc"][0] for error in errors if error["loc"]}
        if isinstance(raw, Mapping) and bad:
            with suppress(ValidationError):  # checks find what else is wrong in the other entries
                valid = {key: entry for key, entry in raw.items() if key not in bad}
                document.values[section.name] = adapter.validate_python(valid)


def _homes(sections: Sections) -> type_errors.Homes:
    return _homes_of(tuple(sections))


@lru_cache(maxsize=8)
def _homes_of(sections: tuple[Section[Any], ...]) -> type_errors.Homes:
    return type_errors.homes(sections)


@lru_cache(maxsize=128)
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _problems(document: Document, section: Section[Any], base: Path, errors: list[ErrorDetails]) -> Iterator[Problem]:
    faults, told = type_errors.likely(errors, base, document.lines), set[Path]()
    for fault in sorted(faults, key=lambda each: each.error["type"] == "missing"):
        kind, path, holder = fault.error["type"], fault.path, fault.path[:-1]
        if kind == "too_short" and fault.error["input"]:
            continue  # something is there, and what is wrong with it is an error of its own
        if find(document.body, path) is None or told & {path, holder}:
            continue  # a null is an error of its own, and so is the key that was meant to be this one
        in_list = kind in type_errors.SHAPE and holder and isinstance(holder[-1], int)
        if in_list and (split := type_errors.split_by_colon(find(document.body, holder))):
            told.add(holder)
            yield document.error(holder, split)
            continue
        part = type_errors.inside(section.model, fault.steps[:-1])
        sentence = type_errors.sentence(fault.error, path, part, _homes(document.sections))
        told |= {(*holder, meant) for meant in type_errors.keys_meant(sentence)}
        yield document.error(holder if kind == "missing" else path, sentence)


def check_whole(document: Document) -> Iterator[Problem]:
    """Find what is wrong with the plan as a whole, whatever else is wrong with its parts."""
    if _is_shapeless(document):
        return
    yield from _check_ids(document)
    yield from needs.check(document)
    yield from timetable.check(document)
    yield from needs.check_order(document)
    yield from clashes.check(document)
    yield from clashes.check_twice(document)
    yield from clashes.check_holidays(document)
    yield from lengths.check(document)
    yield from lookalikes.check(document)
    yield from placeholders.check(document)


ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


def _check_ids(document: Document) -> Iterator[Problem]:
    """Refuse an id that is no id or is taken, and a second item of a list with the key of another."""
    first: dict[str, Path] = {}
    places: list[Path] = [(section.name, key) for section in document.with_ids for key in document.keys(section.name)]
    for path in sorted(places, key=document.line):
        key = str(path[-1])
        if not ID.fullmatch(key):
            yield document.error(path, "an id is made of letters from a to z, digits, dots and dashes: be-lead, O-1")
        if key in first:
            other = first[key]
            sentence = f"`{key}` is in {other[0]} too, in line {document.line(other)}: ids are unique, rename one"
            yield document.error(path, sentence)
        first.setdefault(key, path)
    for section, written in document.body.items():
        if isinstance(written, list):
            yield from _check_items(document, section, written)


def _check_items(document: Document, section: str, items: list[Any]) -> Iterator[Problem]:
    """Plain items may be the same: nothing refers to them, and their order tells them apart."""
    first: dict[str, int] = {}
    for number, item in entries(items):
        key = item_key(item)
        if first.setdefault(key, number) != number:
            line, one = document.line((section, first[key])), called(document.sections, section) or "item"
            sentence = f"two {section} have the key `{key}`, the first is in line {line}"
            hint = f"give this {one} another name, or a `key:` of its own"
            yield document.error((section, number), f"{sentence}: {hint}")
