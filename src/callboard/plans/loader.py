"""Reads the YAML of a plan file into plain values and the line of each, within limits that no input can burst."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from callboard.core.sections import Degree, Document, Path, Problem, place
from callboard.plans import hints, tree
from callboard.plans.tree import MAX_DEPTH, MAX_VALUES, TooMuch

MAX_CHARACTERS = 1_000_000
MAX_REPEATED = 20_000
"""How many values may come from aliases and `<<`."""

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER = re.compile(r"-?(0|[1-9]\d{0,14})")
UNSAYABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
DECIMAL = re.compile(r"-?\d{1,12}\.\d{1,12}")


def load(source: str | bytes, file: str) -> tuple[Document, list[Problem]]:
    """Read a plan file; the document is empty where nothing could be made of it."""
    try:
        text = (source.decode() if isinstance(source, bytes) else source).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1 if isinstance(source, bytes) else 1
        return Document(file, ""), [Problem(line, "this is no UTF-8 text: save the file as UTF-8")]
    if len(text) > MAX_CHARACTERS:
        return Document(file, text), [
            Problem(1, f"the file is longer than {MAX_CHARACTERS:,} characters: is it a plan?")
        ]
    root = _grown(text)
    if isinstance(root, Problem):
        return Document(file, text), [root]
    return _Reading(file, text).done(root)


def _grown(text: str) -> tree.Mapping | Problem:
    try:
        root = tree.grow(text)
    except yaml.MarkedYAMLError as error:
        return hints.of_syntax(error, text)
    except (yaml.YAMLError, UnicodeEncodeError):
        return hints.of_character(text)
    except TooMuch as much:
        return Problem(1, str(much))
    if not isinstance(root, tree.Mapping) or not root.inner:
        return Problem(1, "there is no plan in this file: it begins with `callboard: 1`")
    return root


class _Reading:
    """One walk over the tree that YAML made."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.rows = text.splitlines()
        self.lines: dict[Path, int] = {}
        self.nulls: set[Path] = set()
        self.problems: list[Problem] = []
        self.open: list[Node] = []

    def done(self, root: MappingNode) -> tuple[Document, list[Problem]]:
        body: dict[str, Any] = {}
        try:
            body = self.mapping(root, ())
        except _Stop as stop:
            self.problems.append(Problem(1, str(stop)))
        document = Document(self.file, self.text, body, self.lines)
        return document, self.problems

    def value(self, node: Node, path: Path, parent: Node, key: Node | None = None) -> Any:
        if isinstance(node, ScalarNode):
            return self.scalar(node, path, parent, key)
        if node in self.open or len(self.open) > MAX_DEPTH:
            raise _Stop(f"{place(path)}: values are nested more than {MAX_DEPTH} deep, or contain themselves")
        self.open.append(node)
        made = self.mapping(node, path) if isinstance(node, MappingNode) else self.sequence(node, path)
        self.open.pop()
        return made

    def mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value, merged in self.entries(node, 0):
            word = str(key.value) if isinstance(key, ScalarNode) else ""
            where = (*path, word)
            if not word or UNSAYABLE.search(word):
                self.wrong(key, path, "a key must be a word: put it in quotes if it begins with [, {, * or &")
            elif word.startswith("x-"):
                continue
            elif word in made:
                if not merged:
                    first = self.lines[where]
                    self.wrong(key, where, f"this key is there twice, first in line {first}: rename or remove one")
            else:
                self.stand(where, key)
                made[word] = self.value(value, where, node, key)
        return made

    def entries(self, node: MappingNode, depth: int) -> Iterator[tuple[Node, Node, bool]]:
        """The entries of a mapping, then what it takes over with `<<`."""
        merges = [value for key, value in node.value if key.tag == "tag:yaml.org,2002:merge"]
        yield from ((k, v, depth > 0) for k, v in node.value if k.tag != "tag:yaml.org,2002:merge")
        for merge in merges:
            for source in merge.value if not isinstance(merge, ScalarNode | MappingNode) else [merge]:
                if not isinstance(source, MappingNode) or depth > MAX_DEPTH:
                    self.problems.append(
                        Problem(source.start_mark.line + 1, "`<<` takes the anchor of a mapping, `*name`")
                    )
                else:
                    yield from self.entries(source, depth + 1)

    def sequence(self, node: Node, path: Path) -> list[Any]:
        made = []
        for number, item in enumerate(node.value):
            where = (*path, number)
            self.stand(where, item)
            made.append(self.value(item, where, node))
        return made

    def scalar(self, node: ScalarNode, path: Path, parent: Node, key: Node | None) -> Any:
        text = str(node.value)
        tag = node.tag or ""
        if tag.startswith("!") or "python" in tag:
            self.wrong(node, path, f"the tag `{tag}` means nothing here: put text that begins with ! in quotes")
        if UNSAYABLE.search(text):
            self.wrong(node, path, "there is a character here that no text has: remove it")
            text = UNSAYABLE.sub("?", text)
        if node.style is not None:
            self.quoted(node, path, text)
            return text
        if text in NULLS:
            after = (
                self.rows[key.end_mark.line][key.end_mark.column :]
                if key and key.end_mark.line < len(self.rows)
                else ""
            )
            self.wrong(
                key or node, path, hints.of_null(text, after, in_flow=bool(getattr(parent, "flow_style", False)))
            )
            self.nulls.add(path)
            return None
        if text in BOOLEANS:
            return BOOLEANS[text]
        if INTEGER.fullmatch(text) and text != "-0":
            return int(text)
        if DECIMAL.fullmatch(text) and str(float(text)) == text:
            return float(text)
        return text

    def quoted(self, node: ScalarNode, path: Path, text: str) -> None:
        last = node.end_mark.line + 1
        if node.style in ("'", '"') and last > node.start_mark.line + 1 and ": " in text:
            sentence = f"{place(path)}: the quote that is opened here is closed in line {last}: is one missing?"
            self.problems.append(Problem(node.start_mark.line + 1, sentence, Degree.WARNING))

    def stand(self, path: Path, node: Node) -> None:
        """Remember the line of a value, and stop where aliases have made too many of them."""
        self.lines[path] = node.start_mark.line + 1
        if len(self.lines) > MAX_VALUES:
            raise _Stop(f"there are more than {MAX_VALUES:,} values: use fewer aliases")

    def wrong(self, node: Node, path: Path, sentence: str) -> None:
        mark: StreamMark = node.start_mark
        self.problems.append(Problem(mark.line + 1, f"{place(path)}: {sentence}" if path else sentence))
