"""The YAML of an imported run-book, on its own or within the text of a plan file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from callboard.planfile import check, export, yaml_writer
from callboard.planfile.paths import same
from callboard.planfile.sections import Sections
from callboard.planfile.yaml_writer import flow, quoted_key

WIDE = 140
Body = Mapping[str, Any]


def block(sections: Body) -> str:
    """Sections of a plan, with each step in a line of its own, or in several where that is too long."""
    return "".join(f"{line}\n" for line in _sections(sections))


def _sections(sections: Body) -> Iterator[str]:
    for name, entries in sections.items():
        if name not in ("runbooks", "rollbacks"):
            yield yaml_writer.block({name: entries})
            continue
        yield f"{name}:"
        yield from _entries(entries, "  ")


def _entries(entries: Body, indent: str) -> Iterator[str]:
    for key, entry in entries.items():
        yield f"{indent}{quoted_key(key)}:"
        for word, value in entry.items():
            if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
                yield f"{indent}  {quoted_key(word)}:"
                for each in value:
                    yield from _step(each, f"{indent}    ")
            else:
                yield from _value(word, value, f"{indent}  ")


def _step(step: Body, indent: str) -> Iterator[str]:
    line = f"{indent}- {flow(step)}"
    if len(line) <= WIDE and "\n" not in step.get("note", ""):
        yield line
        return
    first = True
    for word, value in step.items():
        for row in _value(word, value, f"{indent}  "):
            yield f"{indent}- {row[len(indent) + 2 :]}" if first else row
            first = False


def _value(word: str, value: Any, indent: str) -> Iterator[str]:
    line = f"{indent}{quoted_key(word)}: {flow(value)}"
    if isinstance(value, str) and "\n" in value and _plain(value):
        yield f"{indent}{quoted_key(word)}: |-"
        yield from (f"{indent}  {row}" if row else "" for row in value.split("\n"))
    elif isinstance(value, list) and len(line) > WIDE:
        yield f"{indent}{quoted_key(word)}:"
        yield from (f"{indent}  - {flow(each)}" for each in value)
    else:
        yield line


def _plain(text: str) -> bool:
    return (
        not text.startswith((" ", "\n"))
        and text == text.strip()
        and not yaml_writer.UNSAFE.search(text.replace("\n", ""))
    )


def within(source: str, sections: Body, body: Body, plan_sections: Sections) -> str:
    """The text of a plan file with sections added to it; all else stays as it is. Raises Refused where it cannot."""
    written, _ = check.plain(source, plan_sections)
    try:
        text = source
        for name, entries in sections.items():
            text = _added(text, name, entries, present=name in written)
        if same(check.plain(text, plan_sections)[1], dict(body)):
            return text
    except yaml_writer.Unpatchable:
        pass
    return export.exported(source, body, plan_sections)


def _added(source: str, name: str, entries: Body, *, present: bool) -> str:
    if present:
        return yaml_writer.put_behind(source, name, lambda indent: _entries(entries, indent))
    newline = "\r\n" if "\r\n" in source else "\n"
    return source.rstrip() + newline + newline + block({name: entries}).replace("\n", newline)
