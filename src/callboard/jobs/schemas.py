"""Parameters against their JSON Schema. Nothing is fetched from anywhere, whatever a schema refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from callboard.core.errors import Refused

FEW = 5
REFERENCES = ("$ref", "$dynamicRef")
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def refuse_unusable(schema: Mapping[str, Any]) -> None:
    """Raise Refused for what is no JSON Schema of an object, or refers to something outside itself."""
    if schema.get("type") != "object":
        raise Refused("Parameters have names, so their JSON Schema begins with `type: object`.")
    if schema.get("$schema", DIALECT) != DIALECT:
        raise Refused(f"Parameters are described by JSON Schema 2020-12: leave `$schema` out, or write {DIALECT}.")
    for reference in _references(schema):
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise Refused(f"`{str(reference)[:60]}` is outside this schema: put what it refers to under `$defs`.")
    try:
        Draft202012Validator.check_schema(dict(schema))
        _tried(schema, {})
    except SchemaError as wrong:
        place = ".".join(map(str, wrong.absolute_path)) or "it"
        raise Refused(f"This is no JSON Schema: {place}: {wrong.message[:200]}.") from wrong


def refuse_wrong(name: str, schema: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    """Raise Refused for parameters that a type does not take, with what is wrong with each."""
    said = [
        f"{'.'.join(map(str, one.absolute_path)) or 'params'}: {one.message[:200]}" for one in _tried(schema, params)
    ]
    if said:
        raise Refused(f"These are no parameters of {name}: {'; '.join(said)}.")


def _tried(schema: Mapping[str, Any], params: Mapping[str, Any]) -> list[ValidationError]:
    """What is wrong with parameters. Raises Refused where the schema cannot be followed."""
    try:
        return list(islice(Draft202012Validator(schema, registry=Registry()).iter_errors(params), FEW))
    except Unresolvable as lost:
        raise Refused(f"`{str(lost.ref)[:60]}` is not in this schema.") from lost
    except re.error as wrong:
        raise Refused(f"A pattern of this schema is no regular expression: {wrong}.") from wrong
    except (RecursionError, ArithmeticError) as wrong:
        raise Refused("This schema cannot be followed to its end.") from wrong


def _references(value: Any) -> Iterator[Any]:
    """Whatever is referred to anywhere in a schema."""
    if isinstance(value, Mapping):
        yield from (value[word] for word in REFERENCES if word in value)
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
