"""Changes values in the text of a plan file at the places where they stand; all other text stays byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from callboard.planfile import yaml_tree
from callboard.planfile.paths import matched, same
from callboard.planfile.yaml_reader import NULLS, OWN, meant, plain

PLAIN = re.compile(r"[A-Za-z0-9/_][A-Za-z0-9 _./+()@=~'-]*(?::[A-Za-z0-9/_.+-][A-Za-z0-9 _./+()@=~'-]*)*")
"""Text that means itself in any place; a colon within it has no blank behind."""
WORD = re.compile(r"[A-Za-z0-9_](?:[\w ./-]*[\w/-])?", re.ASCII)
OTHERWISE = re.compile(r"\d+(?::\d+)+|yes|no|on|off|y|n", re.IGNORECASE)
"""Text that other readers of YAML take for numbers and truths."""
UNSAFE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\uffef\U00010000-\U0010ffff]")
LONG = 100
Spans = list[tuple[int, int]]
"""Where entries begin and end in the text."""


def flow(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{quoted_key(word)}: {flow(inner)}' for word, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value)


def scalar(value: Any, *, quoted: bool = False) -> str:
    """A text, number or truth; in quotes where it would mean something else, or where that is wanted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    other = value in NULLS or not isinstance(plain(value), str) or OTHERWISE.fullmatch(value)
    is_plain = PLAIN.fullmatch(value) and value == value.strip() and not other
    return value if is_plain and not quoted else _quoted(value)


def quoted_key(word: str) -> str:
    """A key; what would be read as another, or as more, is in quotes."""
    return word if WORD.fullmatch(word) else _quoted(word)


def block(value: Any, indent: int = 0) -> str:
    """A section, or all of a plan, with each entry in a line of its own where that is not too long."""
    return "\n".join(_rows(value, " " * indent))


def _rows(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for word, inner in value.items():
            yield from _below(f"{indent}{quoted_key(word)}:", inner, indent)
    else:
        for item in value:
            yield f"{indent}- {flow(item)}"


def _below(head: str, value: Any, indent: str) -> Iterator[str]:
    line = f"{head} {flow(value)}"
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    entries = not indent and any(isinstance(each, Mapping | list) for each in inside)
    if inside and (len(line) > LONG or entries):
        yield head
        yield from _rows(value, f"{indent}  ")
    else:
        yield line


def _quoted(text: str) -> str:
    """In double quotes; line ends and whatever no eye can see are escaped."""
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def line(text: str, most: int) -> str:
    """A text in one line that a plan file can say."""
    return " ".join(UNSAFE.sub(" ", text).split())[:most].strip()


def lines(text: str, most: int) -> str:
    """The same in as many lines as it has."""
    safe = (UNSAFE.sub(" ", each.replace("\t", "    ")).rstrip() for each in text.split("\n"))
    return "\n".join(safe).strip()[:most].rstrip()


class Unpatchable(Exception):
    """It cannot be said where in the text the change belongs."""


def patched(source: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The text with `after` where it says `before`. Raises Unpatchable; whoever asks reads the result again anyway."""
    patch = _Patch(source)
    patch.entries(_root(source), before, after)
    return patch.done()


def rewritten(source: str, name: str, after: Any) -> str:
    """The text with a whole section written anew."""
    patch, root = _Patch(source), _root(source)
    if root.flow:
        raise Unpatchable
    key, value = next(pair for pair in reversed(root.pairs) if meant(pair[0]) == name)
    patch.changes.append((key.start.index, patch.end(value, key), block({name: after})))
    return patch.done()


def put_behind(source: str, name: str, entry: Callable[[str], Iterable[str]]) -> str:
    """The text with the lines of one more entry behind a section's last; `entry` is given the indent of the others."""
    section = next((value for key, value in reversed(_root(source).pairs) if meant(key) == name), None)
    if not isinstance(section, yaml_tree.Mapping) or section.flow or not section.pairs:
        raise Unpatchable
    patch = _Patch(source)
    end = patch.line_end(patch.end(section))
    new = [source[:end], *entry(" " * int(section.pairs[0][0].start.column))]
    return patch.newline.join(new) + source[end:]


def _root(source: str) -> yaml_tree.Mapping:
    root = yaml_tree.grow(source)
    if not isinstance(root, yaml_tree.Mapping):
        raise Unpatchable
    return root


@dataclass
class _Patch:
    """The stretches of a text that are to be replaced, found on a walk over its tree."""

    text: str
    changes: list[tuple[int, int, str]] = field(default_factory=list)

    def done(self) -> str:
        parts, at = [], 0
        for start, end, new in sorted(self.changes, key=lambda change: change[:2]):
            if start < at:
                raise Unpatchable
            parts += [self.text[at:start], new]
            at = end
        return "".join([*parts, self.text[at:]])

    def value(self, node: yaml_tree.Node, before: Any, after: Any) -> None:
        if isinstance(node, yaml_tree.Mapping) and isinstance(before, dict) and isinstance(after, dict) and after:
            self.entries(node, before, after)
        elif same(before, after):
            return
        elif isinstance(node, yaml_tree.Sequence) and isinstance(before, list) and isinstance(after, list) and after:
            self.items(node, before, after)
        elif isinstance(node, yaml_tree.Scalar) and not isinstance(after, dict | list):
            self.replace(node, scalar(after, quoted=node.quoted in ("'", '"')))
        else:
            self.replace(node, flow(after))

    def entries(self, node: yaml_tree.Mapping, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        own = {meant(key): number for number, (key, _) in enumerate(node.pairs)}
        gone = {own[key] for key in before if key not in after and key in own}
        if any(key not in after and key not in own for key in before):
            raise Unpatchable  # it comes from an anchor
        new = [key for key in after if key not in own and not same(before.get(key), after[key])]
        if any(key.startswith(OWN) for key in new):
            raise Unpatchable
        for key, number in own.items():
            if key in before and key in after:
                self.value(node.pairs[number][1], before[key], after[key])
        spans = [(key.start.index, self.end(value, key)) for key, value in node.pairs]
        written = [f"{quoted_key(key)}: {flow(after[key])}" for key in new]
        self.rearrange(node, spans, gone, {len(spans) - 1: written} if new else {})

    def items(self, node: yaml_tree.Sequence, before: list[Any], after: list[Any]) -> None:
        """Items keep their text; those that are new are put behind what they follow."""
        gone: set[int] = set()
        added: dict[int, list[str]] = {}
        last = -1
        for old, now in matched(before, after):
            if old is None and now is not None:
                added.setdefault(last, []).append(flow(after[now]))
            elif old is not None and now is not None:
                last = old
                self.value(node.inner[old], before[old], after[now])
            elif old is not None:
                gone.add(old)
        if len(gone) == len(before) and not node.flow:
            self.replace(node, flow(after))
            return
        self.rearrange(node, self.spans(node), gone, added)

    def spans(self, node: yaml_tree.Sequence) -> Spans:
        """Where the items of a list begin, with their dash, and end."""
        made, at = [], int(node.start.index)
        for item in node.inner:
            start = item.start.index if node.flow else self.text.rfind("-", at, item.start.index)
            at = self.end(item)
            made.append((start, at))
        return made

    def rearrange(self, node: yaml_tree.Branch, spans: Spans, gone: set[int], added: Mapping[int, list[str]]) -> None:
        """Take some entries of a mapping or list out, and put new ones behind others; -1 is the beginning."""
        if gone or added:
            (self.in_brackets if node.flow else self.in_lines)(node, spans, gone, added)

    def in_brackets(self, node: yaml_tree.Branch, spans: Spans, gone: set[int], added: Mapping[int, list[str]]) -> None:
        left = [number for number in range(len(spans)) if number not in gone]
        inside = node.start.index + 1 if self.text[node.start.index] in "[{" else -1
        if inside < 0:
            raise Unpatchable  # an anchor stands before it
        if not left:
            every = ", ".join(each for several in added.values() for each in several)
            self.changes.append((inside, spans[-1][1] if spans else inside, every))
            return
        for number in sorted(gone):
            last = number > left[-1]
            span = (spans[number - 1][1], spans[number][1]) if last else (spans[number][0], spans[number + 1][0])
            self.changes.append((*span, ""))
        for number, new in added.items():
            behind = max((each for each in left if each <= number), default=None)
            text = ", ".join(new)
            at = spans[left[0]][0] if behind is None else spans[behind][1]
            self.changes.append((at, at, f"{text}, " if behind is None else f", {text}"))

    def in_lines(self, node: yaml_tree.Branch, spans: Spans, gone: set[int], added: Mapping[int, list[str]]) -> None:
        left = [number for number in range(len(spans)) if number not in gone]
        if not left or min(start for start, _ in spans) < 0:
            raise Unpatchable
        for number in sorted(gone):
            self.changes.append(self.lines(spans, number))
        mark = "- " if isinstance(node, yaml_tree.Sequence) else ""
        margin = " " * (spans[left[0]][0] - self.line_start(spans[left[0]][0]))
        for number, new in added.items():
            behind = max((each for each in left if each <= number), default=None)
            if behind is None:
                at = spans[left[0]][0]
                self.changes.append((at, at, "".join(f"{mark}{each}{self.newline}{margin}" for each in new)))
            else:
                at = self.line_end(spans[behind][1])
                self.changes.append((at, at, "".join(f"{self.newline}{margin}{mark}{each}" for each in new)))

    def lines(self, spans: Spans, number: int) -> tuple[int, int, str]:
        """The lines of an entry; of one that begins behind something else, what is up to the next."""
        start, end = spans[number]
        if self.text[self.line_start(start) : start].strip(" \t"):
            if number + 1 == len(spans):
                raise Unpatchable
            return start, spans[number + 1][0], ""
        end = self.line_end(end)
        behind = self.text.startswith("\r\n", end) + self.text.startswith(("\r\n", "\n", "\r"), end)
        return self.line_start(start), end + behind, ""

    def replace(self, node: yaml_tree.Node, new: str) -> None:
        start, end = node.start.index, self.end(node)
        if start == end:
            new = f" {new}"  # nothing was written behind the key
        if "\n" in self.text[start:end] and isinstance(node, yaml_tree.Scalar) and node.quoted in ("|", ">"):
            new = new + self.newline * self.text[start:end].endswith("\n")
        self.changes.append((start, end, new))

    def end(self, node: yaml_tree.Node, key: yaml_tree.Node | None = None) -> int:
        """Where the text of a value ends; a block ends with what is last in it."""
        if isinstance(node, yaml_tree.Branch) and not node.flow:
            return self.end(node.inner[-1]) if node.inner else int(node.end.index)
        if isinstance(node, yaml_tree.Scalar) and node.quoted in ("|", ">"):
            return len(self.text[: node.end.index].rstrip(" \t\r\n"))
        if key is not None and isinstance(node, yaml_tree.Scalar) and node.start.index == node.end.index:
            return max(int(key.end.index), int(node.end.index))
        return int(node.end.index)

    @property
    def newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def line_start(self, at: int) -> int:
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def line_end(self, at: int) -> int:
        found = re.compile(r"[\r\n]|\Z").search(self.text, at)
        return found.start() if found else len(self.text)
