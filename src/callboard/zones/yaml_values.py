"""A text in YAML as the one value that it is. Whoever reads no such file does without the library."""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.composer import Composer

from callboard.planfile.yaml_reader import NULLS, plain


class Reader(Composer, yaml.CSafeLoader):
    """Takes text without quotes as plans do: `on` and `yes` are text. A key that stands twice is refused.

    The composer in Python stops at what is nested too deep; the one in C would take the process with it.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as the base class has it

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)

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


Reader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("<<$"), ["<"])
Reader.add_constructor("tag:yaml.org,2002:str", Reader.unquoted)


def value(text: str) -> Any:
    """The one value. Raises ValueError for what is no YAML, or not what a plan could hold."""
    try:
        return yaml.load(text, Reader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
