"""The format of plan files as JSON Schema, made from the registry of sections, for editors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonRef, JsonSchemaValue
from pydantic_core import core_schema

from callboard.planfile.paths import walk
from callboard.planfile.sections import Section, owned
from callboard.planfile.types import Shorthand

DRAFT = "http://json-schema.org/draft-07/schema#"
REF = "#/definitions/{model}"
OWN_KEYS: dict[str, Any] = {"^x-": {}}
KINDS = ("string", "number", "boolean", "array", "object")
Schema = dict[str, Any]


def schema(sections: Sequence[Section[Any]]) -> Schema:
    """What a plan file may hold."""
    adapters: list[tuple[str, Any, TypeAdapter[Any]]] = [
        (section.name, "validation", TypeAdapter(section.model)) for section in sections
    ]
    made, defined = TypeAdapter.json_schemas(adapters, ref_template=REF, schema_generator=_Forgiving)
    definitions: Schema = defined.get("definitions") or defined.get("$defs") or {}
    properties: Schema = {}
    required: list[str] = []
    for section in sections:
        written = made[section.name, "validation"]
        if section.spread:
            header = definitions.pop(written["$ref"].rpartition("/")[2])
            properties |= {key: header["properties"][key] for key in owned(section)}
            required += header["required"]
        else:
            properties[section.name] = _described(_grouped(section, written, definitions), definitions)
            required += [section.name] if section.required else []
    whole = {
        "$schema": DRAFT, "title": "A plan of Callboard", "type": "object", "required": required,
        "properties": properties, "additionalProperties": False, "definitions": definitions,
    }  # fmt: skip
    _allow_own_keys(whole)
    used = _used(whole["properties"], definitions)
    whole["definitions"] = {name: made for name, made in definitions.items() if name in used}
    return whole


def _used(node: Any, definitions: Schema) -> set[str]:
    """The names of all definitions that a part of the schema needs."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        refs = [each["$ref"] for each in _mappings(waiting.pop()) if isinstance(each.get("$ref"), str)]
        new = {ref.rpartition("/")[2] for ref in refs}.intersection(definitions) - found
        found |= new
        waiting += [definitions[name] for name in new]
    return found


def as_text(sections: Sequence[Section[Any]]) -> str:
    return json.dumps(schema(sections), indent=2, ensure_ascii=False)


class _Forgiving(GenerateJsonSchema):
    """Makes the schema of what may be written, where pydantic would make that of what is read."""

    ignored_warning_kinds = frozenset({"skipped-choice", "non-serializable-default"})  # type: ignore[assignment]

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        """Numbers may stand where text is meant."""
        return {**super().str_schema(schema), "type": ["string", "number"]}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """What has no value is left out; a null is an error."""
        return self.generate_inner(schema["schema"])

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """The short forms that a section reads as the long one."""
        long = super().function_before_schema(schema)
        if schema.get("json_schema_input_schema"):
            return long
        if isinstance(schema["function"]["function"], Shorthand):
            return {"anyOf": [{"type": "string"}, long]}
        kind = self._kind(long)
        return {"anyOf": [long, {} if kind == "array" else {"type": [other for other in KINDS if other != kind]}]}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """The names of our classes say nothing to an author."""
        made = super().model_schema(schema)
        made.pop("title", None)
        return made

    def field_title_should_be_set(self, _schema: Any) -> bool:
        """Keys speak for themselves."""
        return False

    def handle_invalid_for_json_schema(self, _schema: Any, _error: str) -> JsonSchemaValue:
        """What no schema can describe may be anything; `check` looks at it."""
        return {}

    def _kind(self, made: JsonSchemaValue) -> str:
        """Which of the kinds of JSON a schema is about; one that is still being made is that of a mapping."""
        if "$ref" in made:
            made = self.get_schema_from_definitions(JsonRef(made["$ref"])) or {"type": "object"}
        return str(made.get("type", ""))


def _grouped(section: Section[Any], written: Schema, definitions: Schema) -> Schema:
    """The list of groups in which a section is written, each with `for`: what all its entries have."""
    if not section.grouped:
        return written
    entry = written["additionalProperties"]
    shared = deepcopy(_resolved(entry, definitions))
    shared.pop("required", None)
    group = {
        "type": "object",
        "properties": {"for": shared},
        "additionalProperties": {"anyOf": [{"type": ["string", "number"]}, entry]},
    }
    return {**written, "type": ["array", "object"], "items": group}


def _described(written: Schema, definitions: Schema) -> Schema:
    """A section with what the docstring of its entries says of them."""
    inner: Any = written
    while isinstance(inner, dict) and "description" not in inner:
        steps = (inner.get("additionalProperties"), inner.get("items"), *inner.get("anyOf", [])[::-1])
        found = _resolved(inner, definitions) if "$ref" in inner else next(filter(None, steps), None)
        if found is inner or not isinstance(found, dict):
            return written
        inner = found
    return {"description": inner["description"], **written} if isinstance(inner, dict) else written


def _resolved(written: Schema, definitions: Schema) -> Schema:
    for each in (written, *written.get("anyOf", [])):
        if "$ref" in each:
            found: Schema = definitions.get(each["$ref"].rpartition("/")[2], {})
            return found
    return written


def _allow_own_keys(whole: Schema) -> None:
    """Keys that start with x- are the author's own, wherever they stand; what is left out has no value to show."""
    for each in _mappings(whole):
        if "object" in each.get("type", ()) and "additionalProperties" in each:
            each["patternProperties"] = OWN_KEYS
        if each.get("default", "") is None:
            del each["default"]


def _mappings(value: Any) -> Iterator[Schema]:
    return (inner for _, inner in walk(value) if isinstance(inner, dict))
