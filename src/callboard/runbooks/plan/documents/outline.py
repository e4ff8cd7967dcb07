"""A Markdown document as a tree of headings, lists, tables and paragraphs, each with its line in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

PSEUDO = 7
"""The level of a bold line or one with a colon behind that heads a list, as a heading would."""
BOXES = "☐☑☒✅✔✓✗🔲⬜□■"
_MARK = re.compile(
    r"(?:[-*+•●○◦▪] +)?(?P<box>\[[ xX✓✔]?\] *)?"
    r"(?:(?P<number>\d{1,3}(?:\.\d{1,3}){0,5})[.)] +)?"
)
_SYMBOLS = re.compile(
    "[ \U0001f000-\U0001faff\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\ufe0f\u200d\u20e3•■□▪▫●○◦]+"
)
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LONGEST_HEAD, MOST_FRONT = 100, 50


@dataclass(eq=False)
class Node:
    """A part of a document. `kind` is heading, number, check, bullet, paragraph, code or table."""

    kind: str
    line: int
    text: str = ""
    last: int = 0
    level: int = 0
    number: str = ""
    bold: bool = False
    children: list[Node] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    parent: Node | None = field(default=None, repr=False)

    @property
    def entry(self) -> bool:
        """Whether it is an item of a list."""
        return self.kind in ("number", "check", "bullet")

    @property
    def entries(self) -> list[Node]:
        """The items directly in it."""
        return [child for child in self.children if child.entry]

    @property
    def end(self) -> int:
        """The last line of all that is within."""
        return max(each.last or each.line for each in self.walk())

    @property
    def above(self) -> list[Node]:
        """What it is in, the nearest first."""
        return [self.parent, *self.parent.above] if self.parent else []

    def walk(self) -> Iterator[Node]:
        """The node and all that is within."""
        yield self
        for child in self.children:
            yield from child.walk()


def grow(words: str) -> Node:
    """The tree of a document; the root is a heading of level 0."""
    words, front = _without_front(words)
    tokens = _MARKDOWN.parse(words)
    flat = [*front, *_blocks(tokens, 0, len(tokens))]
    root = Node("heading", 1, last=1)
    holders = [root]
    for node, behind in zip(flat, [*flat[1:], None], strict=True):
        if behind and _heads(node, behind):
            node.kind, node.level, node.text = "heading", PSEUDO, node.text.removesuffix(":").strip("*_ ")
        while node.kind == "heading" and holders[-1].level >= node.level:
            holders.pop()
        holders[-1].children.append(node)
        if node.kind == "heading" and not node.children:
            holders.append(node)
    for node in root.walk():
        for child in node.children:
            child.parent = node
    return root


def plain(text: str) -> str:
    """A line without its marks of emphasis, its links and its emoji at the beginning."""
    return " ".join(_lines(_MARKDOWN.parseInline(text)[0]))


def entry(text: str, line: int) -> Node:
    """An item of a list by its text, with its box or number read."""
    found = _MARK.match(text)
    rest = text[found.end() :] if found else text
    ticked = bool(found and found["box"]) or rest.startswith(tuple(BOXES))
    number = (found["number"] or "") if found else ""
    kind = "check" if ticked else "number" if number else "bullet"
    return Node(kind, line, plain(rest), line, number=number)


def _lines(inline: Token) -> list[str]:
    """The words of each line of a paragraph, a heading or a cell."""
    parts = [
        "\n" if each.type in ("softbreak", "hardbreak") else " " if each.type == "html_inline" else each.content
        for each in inline.children or ()
    ]
    return [_bare(line) for line in "".join(parts).split("\n")]


def _bare(line: str) -> str:
    words = " ".join(line.split())
    symbols = _SYMBOLS.match(words)
    return words[symbols.end() :] if symbols else words


def _heads(node: Node, behind: Node) -> bool:
    """Whether a paragraph is a heading: a bold line, or one that ends with a colon before a list, a table or code."""
    if node.kind != "paragraph" or len(node.text) >= LONGEST_HEAD or node.text.endswith((".", "!")):
        return False
    listed = behind.entry or behind.kind in ("table", "code")
    return node.bold or (listed and node.text.endswith(":") and ": " not in node.text)


def _without_front(words: str) -> tuple[str, list[Node]]:
    """The document with its front matter blanked, and that as paragraphs."""
    lines = words.split("\n")
    end = next((at for at, line in enumerate(lines[1:MOST_FRONT], 1) if line.rstrip() in ("---", "...")), 0)
    if lines[0].rstrip() != "---" or not end:
        return words, []
    nodes = [Node("paragraph", at, line, at) for at, line in enumerate(lines[1:end], 2) if ":" in line]
    return "\n".join([""] * (end + 1) + lines[end + 1 :]), nodes


def _blocks(tokens: Sequence[Token], start: int, end: int) -> Iterator[Node]:
    """The nodes of the tokens from `start` on; items of lists come one by one."""
    at = start
    while at < end:
        close = _close(tokens, at)
        yield from _block(tokens, at, close)
        at = close + 1


def _block(tokens: Sequence[Token], at: int, close: int) -> Iterator[Node]:
    from callboard.runbooks.plan.documents import drawings

    token = tokens[at]
    first, last = (token.map[0] + 1, token.map[1]) if token.map else (0, 0)
    match token.type:
        case "heading_open":
            yield Node("heading", first, " ".join(_lines(tokens[at + 1])), last, int(token.tag[1]))
        case "paragraph_open":
            yield from _paragraph(tokens[at + 1], first)
        case "list_item_open":
            yield _item(tokens, at, close)
        case "fence" | "code_block":
            drawn = drawings.read(token.content, first + (token.type == "fence"), token.info)
            yield from drawn or [Node("code", first, token.content.rstrip(), last)]
        case "table_open":
            yield _table(tokens, at, close)
        case "bullet_list_open" | "ordered_list_open" | "blockquote_open":
            yield from _blocks(tokens, at + 1, close)


def _close(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for place in range(at, len(tokens)):
        depth += tokens[place].nesting
        if not depth:
            return place
    return len(tokens) - 1


def _paragraph(inline: Token, first: int) -> Iterator[Node]:
    written = [line.strip() for line in inline.content.split("\n")]
    for number, line in enumerate(_lines(inline)):
        if line and written[number : number + 1] and written[number].startswith(("•", *BOXES)):
            yield entry(written[number], first + number)
        elif line:
            yield Node("paragraph", first + number, line, first + number, bold=len(written) == 1 and _is_bold(inline))


def _is_bold(inline: Token) -> bool:
    """Whether a line is bold as a whole, but for what it says in brackets and a colon at its end."""
    parts = [each for each in inline.children or () if each.type != "text" or each.content]
    closes = next((at for at, each in enumerate(parts) if each.type == "strong_close"), 0)
    if not closes or parts[0].type != "strong_open":
        return False
    rest = "".join(each.content for each in parts[closes + 1 :]).strip(": ")
    return not rest or (rest.startswith("(") and rest.endswith(")"))


def _item(tokens: Sequence[Token], at: int, close: int) -> Node:
    """An item of a list; what it says in its first line is its text."""
    token = tokens[at]
    line = token.map[0] + 1 if token.map else 0
    inner = list(_blocks(tokens, at + 1, close))
    heads = inner and (inner[0].kind in ("paragraph", "heading") or (inner[0].entry and inner[0].line == line))
    head = inner.pop(0) if heads else Node("paragraph", line)
    made = head if head.entry else entry(head.text, line)
    made.children = [*made.children, *inner]
    made.last = made.end
    if token.info:
        made.kind, made.number = "number", made.number or token.info
    return made


def _table(tokens: Sequence[Token], at: int, close: int) -> Node:
    node = Node("table", tokens[at].map[0] + 1 if tokens[at].map else 0)
    for token in tokens[at:close]:
        if token.type == "tr_open" and token.map:
            node.rows.append((token.map[0] + 1, []))
        elif token.type == "inline" and node.rows:
            node.rows[-1][1].append(" ".join(_lines(token)))
    node.last = node.rows[-1][0] if node.rows else node.line
    return node
