"""Checks parameters against their JSON Schema, and fetches nothing, whatever a schema refers to.

What people send may take for ever to check: `examiner` runs this file as a process of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from callboard.core.errors import Refused
from callboard.core.regexes import Growth, growth
from callboard.core.workshop import limit_memory, serve

FEW = 5
LONGEST, HEAD = 200, 80
MOST_FOLLOWED = 10_000
MOST_MEMORY = 1_000_000_000
REFERENCES = ("$ref", "$dynamicRef")
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def refuse_unusable(schema: Mapping[str, Any]) -> None:
    """Raise Refused for what is not a JSON Schema of an object, or refers to something outside itself."""
    if schema.get("type") != "object":
        raise Refused("Parameters have names. Begin their JSON Schema with `type: object`.")
    if schema.get("$schema", DIALECT) != DIALECT:
        raise Refused(f"Only JSON Schema 2020-12 can describe parameters. Leave `$schema` out, or write {DIALECT}.")
    for reference in _found(schema, REFERENCES):
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise Refused(f"`{str(reference)[:60]}` is outside this schema. Copy it to `$defs`.")
    for pattern in _patterns(schema):
        if growth(pattern) is Growth.EXPONENTIAL:
            raise Refused(f"The pattern `{pattern[:60]}` can take for ever: it repeats what repeats. Write it simpler.")
    try:
        Draft202012Validator.check_schema(dict(schema))
        _tried(schema, {})
    except SchemaError as wrong:
        place = ".".join(map(str, wrong.absolute_path)) or "it"
        raise Refused(f"This is not a JSON Schema: {place}: {_short(wrong.message)}.") from wrong


def refuse_wrong(name: str, schema: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    """Raise Refused for parameters that a type does not take, with what is wrong with each."""
    faults = [
        f"{'.'.join(map(str, fault.absolute_path)) or 'params'}: {_short(fault.message)}"
        for fault in _tried(schema, params)
    ]
    if faults:
        raise Refused(f"{name} doesn't take these parameters: {'; '.join(faults)}.")


def _short(message: str) -> str:
    """A message of which the end says what is wrong, and the beginning with what."""
    return message if len(message) <= LONGEST else f"{message[:HEAD]} … {message[HEAD - LONGEST :]}"


def _tried(schema: Mapping[str, Any], params: Mapping[str, Any]) -> list[ValidationError]:
    """What is wrong with parameters. Raises Refused where the schema cannot be followed."""
    try:
        return list(islice(_validator()(schema, registry=Registry()).iter_errors(params), FEW))
    except Unresolvable as lost:
        raise Refused(f"`{str(lost.ref)[:60]}` is not in this schema.") from lost
    except re.error as wrong:
        raise Refused(f"A pattern of this schema is not a regular expression: {wrong}.") from wrong
    except ArithmeticError as wrong:
        raise Refused("There is a number here that is too large to check.") from wrong
    except RecursionError as wrong:
        raise Refused("This schema is too deep: it may refer to itself.") from wrong


def _validator() -> Any:
    """A validator that follows so many references and no more."""
    followed = 0

    def counted(check: Any) -> Any:
        def checked(*args: Any) -> Any:
            nonlocal followed
            followed += 1
            if followed > MOST_FOLLOWED:
                raise Refused(f"This schema follows `$ref` more than {MOST_FOLLOWED:,} times. Refer to less.")
            return check(*args)

        return checked

    checks = Draft202012Validator.VALIDATORS
    return extend(Draft202012Validator, {word: counted(checks[word]) for word in REFERENCES})  # type: ignore[no-untyped-call]


def _patterns(schema: Any) -> Iterator[str]:
    """Every regular expression of a schema."""
    yield from (pattern for pattern in _found(schema, ["pattern"]) if isinstance(pattern, str))
    for patterns in _found(schema, ["patternProperties"]):
        yield from patterns if isinstance(patterns, Mapping) else ()


def _found(value: Any, words: Any) -> Iterator[Any]:
    """What stands behind these words, however deep."""
    if isinstance(value, Mapping):
        yield from (value[word] for word in words if word in value)
        for inner in value.values():
            yield from _found(inner, words)
    elif isinstance(value, list):
        for inner in value:
            yield from _found(inner, words)


def _verdict(question: Mapping[str, Any]) -> str:
    """Why it is refused; empty where it is not."""
    try:
        if "params" in question:
            refuse_wrong(question["name"], question["schema"], question["params"])
        else:
            refuse_unusable(question["schema"])
    except Refused as refused:
        return refused.sentence
    except re.error as wrong:
        return f"A pattern of this schema is not a regular expression: {wrong}."
    except Exception as wrong:  # noqa: BLE001 - whatever a schema does to its reader, it is the schema's fault
        return f"This schema can't be checked ({type(wrong).__name__}). Write it simpler."
    return ""


if __name__ == "__main__":
    limit_memory(MOST_MEMORY)
    for question in ({"schema": {"type": "object"}}, {"schema": {"type": "object"}, "params": {}, "name": ""}):
        _verdict(question)  # what is read only once is read before the first fork
    serve(_verdict)
