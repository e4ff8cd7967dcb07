"""Blocks of a document set as code that are lists: trees drawn with ├─ and └─, times and ticks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from callboard.runbooks.plan.documents import moments, outline
from callboard.runbooks.plan.documents.outline import BOXES, PSEUDO, Node

LANGUAGES = ("", "yaml", "yml", "text", "txt", "plaintext", "markdown", "md", "tree")
_BRANCH = re.compile(r"(?:[├└┣┗][─━-]*|[|`+\\] ?--+) *")
_NUMBERED = re.compile(r"\d{1,2}[.)] +[A-Z]")
_TRUNKS = str.maketrans("│┃", "  ")
DEEPEST = 8
Lines = Sequence[tuple[int, str]]


def read(words: str, first: int, language: str = "") -> list[Node]:
    """The items of a block whose first line is `first`; empty where it is code."""
    lines = [(first + at, line.expandtabs(4)) for at, line in enumerate(words.split("\n")) if line.strip(" │|┃\t")]
    if not _is_list(lines, language.partition(" ")[0].lower()):
        return []
    roots: list[Node] = []
    holders: list[tuple[int, Node]] = []
    for number, line in lines:
        depth, node = _node(number, line)
        while holders and (holders[-1][0] >= depth or len(holders) > DEEPEST):
            holders.pop()
        (holders[-1][1].children if holders else roots).append(node)
        for _, holder in holders:
            holder.last = number
        holders.append((depth, node))
    for root in roots:
        _head(root)
    return roots


def _node(number: int, line: str) -> tuple[int, Node]:
    bare = line.translate(_TRUNKS)
    text = bare.lstrip()
    depth = len(bare) - len(text)
    if found := _BRANCH.match(text):
        return depth + 1, outline.entry(text[found.end() :], number)
    if text.startswith(("# ", "//")):
        return depth, Node("paragraph", number, outline.plain(text.lstrip("#/ ")), number)
    return depth, outline.entry(text, number)


def _head(root: Node) -> None:
    """A line with a colon behind it and items below is a heading, where it has no time."""
    word, mark, rest = root.text.partition(":")
    if " " not in word:
        word = word.replace("_", " ")
    if root.kind == "bullet" and root.children and mark and not rest and not moments.leading(word)[0]:
        root.kind, root.level, root.text = "heading", PSEUDO, word
        for child in root.children:
            label, mark, value = child.text.partition(": ")
            child.text = f"{label.replace('_', ' ')}{mark}{value}" if " " not in label else child.text


def _is_list(lines: Lines, language: str) -> bool:
    texts = [line.strip() for _, line in lines]
    if any(_BRANCH.match(text.translate(_TRUNKS).lstrip()) for text in texts):
        return True
    if sum(map(_listed, texts)) >= max(2, 0.3 * len(texts)):
        return True
    return language in LANGUAGES and len(texts) > 1 and (_ticked(texts) or _is_sorted(lines))


def _listed(text: str) -> bool:
    said = moments.leading(outline.plain(text))[0] if text else None
    return bool(said and (said.clock or said.offset is not None)) or bool(_NUMBERED.match(text))


def _ticked(texts: Sequence[str]) -> bool:
    """Whether at least half of the lines have a box or a symbol before them."""
    marked = sum(text.startswith(("- [", "• ", *BOXES)) or (text[0] > "\u2000" and " " in text) for text in texts)
    return marked * 2 >= len(texts)


def _is_sorted(lines: Lines) -> bool:
    """Whether it is all names with a colon, each with lines below."""
    outer = [number for number, (_, line) in enumerate(lines) if not line.startswith(" ")]
    heads = [number for number in outer if lines[number][1].rstrip().endswith(":") and number + 1 not in outer]
    return bool(heads) and heads == outer and lines[-1][1].startswith(" ")
