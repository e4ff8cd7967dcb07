"""What pydantic finds wrong, in the words of somebody who writes a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from callboard.core.sections import Path, did_you_mean

MEANT = {
    "string_type": "one text is meant here; put it in quotes if it looks like something else",
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "float_parsing": "write a number",
    "float_type": "write a number",
    "list_type": "a list is meant here: [a, b]",
    "tuple_type": "a list is meant here: [a, b]",
    "dict_type": "keys and values are meant here: `key: value`",
    "model_type": "keys and values are meant here: `key: value`",
    "model_attributes_type": "keys and values are meant here: `key: value`",
    "too_short": "at least one is needed",
}


def sentence(error: ErrorDetails, path: Path, part: type[BaseModel] | None) -> str:
    """Say what is wrong at `path`; `part` is the model whose key it is, where there is one."""
    kind, key = error["type"], str(path[-1]) if path else ""
    if kind == "missing":
        return f"`{key}` is missing{_example(part, key, ': write `{}`')}"
    if kind == "extra_forbidden":
        known = [field.alias or name for name, field in part.model_fields.items()] if part else []
        return f"there is no such key here; {did_you_mean(key, known)}"
    if kind == "value_error":
        return _short(error["msg"].removeprefix("Value error, "), 300)
    if kind == "string_pattern_mismatch":
        return f"`{_short(error['input'])}` is not written as it must be{_example(part, key, ': write it like `{}`')}"
    if kind == "literal_error":
        return f"`{_short(error['input'])}` is not possible: write {error.get('ctx', {}).get('expected', 'another')}"
    return MEANT.get(kind, f"`{_short(error['input'])}` is not possible: {error['msg'].lower()}")


def inside(kind: Any, path: Path) -> Any:
    """The type that stands at `path` within a value of type `kind`; None where that is not known."""
    for step in path:
        kind = _bare(kind)
        kind = next(filter(None, (_step(each, step) for each in _branches(kind))), None)
    kind = _bare(kind)
    branches = [each for each in _branches(kind) if isinstance(each, type) and issubclass(each, BaseModel)]
    return branches[0] if branches else kind


def _step(kind: Any, step: str | int) -> Any:
    kind = _bare(kind)
    origin, args = get_origin(kind), get_args(kind)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return args[1]
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return args[0]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
        return fields.get(str(step))
    return None


def _bare(kind: Any) -> Any:
    return _bare(get_args(kind)[0]) if get_origin(kind) is Annotated else kind


def _branches(kind: Any) -> Sequence[Any]:
    return [_bare(each) for each in get_args(kind)] if get_origin(kind) in (Union, UnionType) else [kind]


def _example(part: type[BaseModel] | None, key: str, frame: str) -> str:
    for name, field in part.model_fields.items() if part else ():
        if key == (field.alias or name) and field.examples:
            return frame.format(f"{key}: {field.examples[0]}")
    return ""


def _short(written: Any, limit: int = 60) -> str:
    text = str(written)
    return text if len(text) <= limit else f"{text[:limit]}…"
