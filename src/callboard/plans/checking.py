"""Gives the sections of a document their types and lets them check what else must hold, all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from callboard.core.sections import Document, Path, Problem, Section, did_you_mean
from callboard.plans import branches, wording

Sections = Sequence[Section[Any]]


def check(document: Document, sections: Sections) -> Iterator[Problem]:
    """Type every section into `document.values`, then run their checks."""
    yield from _strangers(document, sections)
    for section in sections:
        yield from _type(document, section)
    for section in sections:
        if section.name in document.values:
            yield from section.check(document, document.values[section.name])


def give_types(document: Document, sections: Sections) -> None:
    """Type the sections of a document that was checked before."""
    for section in sections:
        list(_type(document, section))


def owned(section: Section[Any]) -> list[str]:
    """The top-level keys of a section."""
    if not section.spread:
        return [section.name]
    return [field.alias or name for name, field in section.model.model_fields.items()]


def _strangers(document: Document, sections: Sections) -> Iterable[Problem]:
    known = [key for section in sections for key in owned(section)]
    for key in document.body:
        if key not in known:
            hint = did_you_mean(key, known).replace("write one of", "known are")
            yield document.error((key,), f"no section of a plan has this name; {hint}")


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
    for fault in branches.likely(errors, base, document.lines):
        if not _is_null(document.body, fault.path):
            at = fault.path[:-1] if fault.error["type"] == "missing" else fault.path
            holder = wording.inside(section.model, fault.steps[:-1])
            yield document.error(at, wording.sentence(fault.error, fault.path, holder))


def _is_null(body: Any, path: Path) -> bool:
    """Whether a null stands there, which has been said already."""
    try:
        for step in path:
            body = body[step]
    except (KeyError, IndexError, TypeError):
        return False
    return body is None
