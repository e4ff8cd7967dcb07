"""A text in YAML as the one value that it is. Whoever reads no such file does without the library."""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.composer import Composer

from callboard.planfile.yaml_reader import NULLS, plain
from callboard.planfile.yaml_tree import MAX_VALUES


class Reader(Composer, yaml.CSafeLoader):
    """Takes text without quotes as plans do: `on` and `yes` are text. A key that stands twice is refused.

    The composer in Python stops at what is nested too deep; the one in C would take the process with it.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as the base class has it

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)
        self._sizes: dict[yaml.Node, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Stop at a value that stands for too many, or contains itself: who compares two looks at all of them."""
        is_alias = self.check_event(yaml.AliasEvent)
        node = super().compose_node(parent, index)
        if node is not None and node not in self._sizes and not is_alias:
            self._sizes[node] = 1 + sum(map(self._size, _inner(node)))
        if node is not None and max(self._size(node), len(self._sizes)) > MAX_VALUES:
            raise yaml.YAMLError("there is too much in it")
        return node

    def _size(self, node: yaml.Node) -> int:
        """How many values there are in one, each alias written out."""
        return self._sizes.get(node, MAX_VALUES + 1)

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        words = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(set(words)) < len(words):
            raise yaml.YAMLError("a key stands twice")
        return node

    def unquoted(self, node: yaml.ScalarNode) -> Any:
        if node.style:
            return node.value
        return None if node.value in NULLS else plain(node.value)


def _inner(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


Reader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("<<$"), ["<"])
Reader.add_constructor("tag:yaml.org,2002:str", Reader.unquoted)


def value(text: str) -> Any:
    """The one value. Raises ValueError for what is no YAML, or not what a plan could hold."""
    try:
        return yaml.load(text, Reader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
