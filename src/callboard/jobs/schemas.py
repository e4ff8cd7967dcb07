"""Checks parameters against their JSON Schema, and fetches nothing, whatever a schema refers to."""

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
    """Raise Refused for what is not a JSON Schema of an object, or refers to something outside itself."""
    if schema.get("type") != "object":
        raise Refused("Parameters have names. Begin their JSON Schema with `type: object`.")
    if schema.get("$schema", DIALECT) != DIALECT:
        raise Refused(f"Only JSON Schema 2020-12 can describe parameters. Leave `$schema` out, or write {DIALECT}.")
    for reference in _references(schema):
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise Refused(f"`{str(reference)[:60]}` is outside this schema. Copy it to `$defs`.")
    try:
        Draft202012Validator.check_schema(dict(schema))
        _tried(schema, {})
    except SchemaError as wrong:
        place = ".".join(map(str, wrong.absolute_path)) or "it"
        raise Refused(f"This is not a JSON Schema: {place}: {wrong.message[:200]}.") from wrong


def refuse_wrong(name: str, schema: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    """Raise Refused for parameters that a type does not take, with what is wrong with each."""
    faults = [
        f"{'.'.join(map(str, fault.absolute_path)) or 'params'}: {fault.message[:200]}"
        for fault in _tried(schema, params)
    ]
    if faults:
        raise Refused(f"{name} doesn't take these parameters: {'; '.join(faults)}.")


def _tried(schema: Mapping[str, Any], params: Mapping[str, Any]) -> list[ValidationError]:
    """What is wrong with parameters. Raises Refused where the schema cannot be followed."""
    try:
        return list(islice(Draft202012Validator(schema, registry=Registry()).iter_errors(params), FEW))
    except Unresolvable as lost:
        raise Refused(f"`{str(lost.ref)[:60]}` is not in this schema.") from lost
    except re.error as wrong:
        raise Refused(f"A pattern of this schema is not a regular expression: {wrong}.") from wrong
    except (RecursionError, ArithmeticError) as wrong:
        raise Refused("This schema is too deep: it may refer to itself.") from wrong


def _references(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from (value[word] for word in REFERENCES if word in value)
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
