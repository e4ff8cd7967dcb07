"""The YAML of a plan file as a tree that knows where in the text each value stands, made within limits."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

MAX_VALUES = 100_000
MAX_DEPTH = 30


@dataclass(eq=False, slots=True)
class Node:
    """A value and its stretch of the text; `start` and `end` are marks with `index`, `line` and `column`, from 0."""

    start: Any
    end: Any


@dataclass(eq=False, slots=True)
class Scalar(Node):
    """A text. `quoted` is how it is quoted, or `|` or `>`; empty for plain text."""

    text: str = ""
    quoted: str = ""
    tag: str = ""


@dataclass(eq=False, slots=True)
class Branch(Node):
    """A mapping or a list; with `flow` it is written in brackets."""

    flow: bool = False
    inner: list[Node] = field(default_factory=list)


class Mapping(Branch):
    """Keys and values, one after the other in `inner`."""

    __slots__ = ()

    @property
    def pairs(self) -> list[tuple[Node, Node]]:
        """Each key with its value."""
        return list(zip(self.inner[::2], self.inner[1::2], strict=True))


class Sequence(Branch):
    """A list of values."""

    __slots__ = ()


@dataclass(eq=False, slots=True)
class Alias(Node):
    """Stands for another value: `*name`."""

    of: Node


class TooMuch(Exception):
    """There is more in it than in any plan."""


@contextmanager
def without_pauses() -> Iterator[None]:
    """Hold off the collector while a plan is read: its limits bound what that can cost, and it is twice as fast."""
    held = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if held:
            gc.enable()


def grow(text: str) -> Node | None:
    """Read one YAML document; None for an empty one. Raises yaml.YAMLError and TooMuch."""
    from yaml import MarkedYAMLError

    root: Node | None = None
    anchors: dict[str, Node] = {}
    open_: list[Branch] = []
    for count, (event, node) in enumerate(_nodes(text, anchors)):
        if count > MAX_VALUES:
            raise TooMuch(f"there are more than {MAX_VALUES:,} values: is it a plan?")
        if node is None:
            done = open_.pop()
            done.end = event.end_mark
            continue
        if open_:
            open_[-1].inner.append(node)
        elif root is not None:
            raise MarkedYAMLError(problem="but found another document", problem_mark=event.start_mark)
        else:
            root = node
        if isinstance(node, Branch):
            open_.append(node)
            if len(open_) > MAX_DEPTH:
                raise TooMuch(f"values are nested more than {MAX_DEPTH} deep: no plan needs that")
    return root


def _nodes(text: str, anchors: dict[str, Node]) -> Iterator[tuple[Any, Node | None]]:
    """What begins with each event; None where something ends."""
    import yaml

    next_event: Any = yaml.CSafeLoader(text).get_event
    while (event := next_event()) is not None:
        kind = type(event)
        node: Node
        if kind is yaml.ScalarEvent:
            node = Scalar(event.start_mark, event.end_mark, event.value, event.style or "", event.tag or "")
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            yield event, None
            continue
        elif kind is yaml.MappingStartEvent:
            node = Mapping(event.start_mark, event.end_mark, bool(event.flow_style))
        elif kind is yaml.SequenceStartEvent:
            node = Sequence(event.start_mark, event.end_mark, bool(event.flow_style))
        elif kind is yaml.AliasEvent and event.anchor in anchors:
            yield event, Alias(event.start_mark, event.end_mark, anchors[event.anchor])
            continue
        elif kind is yaml.AliasEvent:
            raise yaml.MarkedYAMLError(problem="found undefined alias", problem_mark=event.start_mark)
        else:
            continue
        if event.anchor:
            anchors[event.anchor] = node
        yield event, node
