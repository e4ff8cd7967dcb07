"""The values of a plan whose type has a mark, such as `WHO`, each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from callboard.planfile.sections import Document, Path


def marked(document: Document, mark: str) -> Iterator[tuple[Path, Any]]:
    """All of them in the sections that are valid, with those that no file names and a type gives."""
    for section in document.sections:
        if section.name in document.values:
            base: Path = () if section.spread else (section.name,)
            yield from _within(section.model, document.values[section.name], base, mark)


def _within(kind: Any, value: Any, path: Path, mark: str) -> Iterator[tuple[Path, Any]]:
    if get_origin(kind) is Annotated and mark in get_args(kind)[1:]:
        yield path, value
        return
    for inner, each, steps in _inside(kind, value, mark):
        yield from _within(inner, each, (*path, *steps), mark)


def _inside(kind: Any, value: Any, mark: str) -> Iterator[tuple[Any, Any, Path]]:
    """What a value holds, each with its type and the steps to it; of a part only what may have the mark."""
    origin, args = get_origin(kind), get_args(kind)
    if isinstance(value, BaseModel):
        yield from ((inner, getattr(value, name), (alias,)) for name, alias, inner in _fields(type(value), mark))
    elif origin is Annotated:
        yield args[0], value, ()
    elif origin in (Union, UnionType):
        yield from ((each, value, ()) for each in args if _fits(each, value))
    elif isinstance(value, Mapping):
        yield from ((args[-1] if args else Any, each, (key,)) for key, each in value.items())
    elif isinstance(value, tuple | list):
        yield from ((args[0] if args else Any, each, (number,)) for number, each in enumerate(value))


def _fits(kind: Any, value: Any) -> bool:
    """Whether this kind of a union may be the one of a value."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and isinstance(value, origin)


@lru_cache(maxsize=1024)
def _fields(model: type[BaseModel], mark: str) -> list[tuple[str, str, Any]]:
    """The fields of a part that may have the mark: the name, the key in the file, and the type with what marks it."""
    return [each for each in _every(model) if _may_have(each[-1], mark, frozenset({model}))]


def _may_have(kind: Any, mark: str, above: frozenset[Any]) -> bool:
    """Whether something of this type may have the mark; parts that are `above` it were asked already."""
    if kind is Any:
        return True
    if get_origin(kind) is Annotated:
        held, *marks = get_args(kind)
        return mark in marks or _may_have(held, mark, above)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind not in above and any(_may_have(each, mark, above | {kind}) for *_, each in _every(kind))
    return any(_may_have(each, mark, above) for each in get_args(kind))


@lru_cache(maxsize=256)
def _every(model: type[BaseModel]) -> list[tuple[str, str, Any]]:
    return [
        (name, field.alias or name, _annotated(field.annotation, field.metadata))
        for name, field in model.model_fields.items()
    ]


def _annotated(kind: Any, metadata: list[Any]) -> Any:
    return Annotated[(kind, *metadata)] if metadata else kind
