"""A Markdown document as a tree of headings, lists, tables and paragraphs, each with its line in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from callboard.runbooks.plan.documents import moments

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

LANGUAGES = ("", "yaml", "yml", "text", "txt", "plaintext", "markdown", "md", "tree")
_BRANCH = re.compile(r"(?:[├└┣┗][─━-]*|[|`+\\] ?--+) *")
_NUMBERED = re.compile(r"\d{1,2}[.)] +[A-Z]")
_TRUNKS = str.maketrans("│┃", "  ")
DEEPEST = 8
Lines = Sequence[tuple[int, str]]


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
    flat = [*front, *_blocks(SyntaxTreeNode(_MARKDOWN.parse(words)))]
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
    return " ".join(_lines(SyntaxTreeNode(_MARKDOWN.parseInline(text)).children[0]))


def entry(text: str, line: int) -> Node:
    """An item of a list by its text, with its box or number read."""
    found = _MARK.match(text)
    rest = text[found.end() :] if found else text
    ticked = bool(found and found["box"]) or rest.startswith(tuple(BOXES))
    number = (found["number"] or "") if found else ""
    kind = "check" if ticked else "number" if number else "bullet"
    return Node(kind, line, plain(rest), line, number=number)


def _lines(inline: SyntaxTreeNode) -> list[str]:
    """The words of each line of a paragraph, a heading or a cell."""
    ends = {"softbreak": "\n", "hardbreak": "\n", "html_inline": " "}
    parts = [ends.get(each.type) or each.content for each in inline.walk(include_self=False)]
    return [_bare(line) for line in "".join(parts).split("\n")]


def _bare(line: str) -> str:
    words = " ".join(line.split())
    symbols = _SYMBOLS.match(words)
    return (words[symbols.end() :] if symbols else "") or words


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


def _blocks(parent: SyntaxTreeNode) -> Iterator[Node]:
    """The nodes of a part of the document; items of lists come one by one."""
    for each in parent.children:
        first, last = _place(each)
        match each.type:
            case "heading":
                yield Node("heading", first, " ".join(_lines(each.children[0])), last, int(each.tag[1]))
            case "paragraph":
                yield from _paragraph(each.children[0], first)
            case "list_item":
                yield _item(each)
            case "fence" | "code_block":
                listed = drawn(each.content, first + (each.type == "fence"), each.info)
                yield from listed or [Node("code", first, each.content.rstrip(), last)]
            case "table":
                rows = [row for row in each.walk() if row.type == "tr"]
                cells = [
                    (_place(row)[0], [" ".join(_lines(cell.children[0])) for cell in row.children]) for row in rows
                ]
                yield Node("table", first, last=cells[-1][0], rows=cells)
            case "bullet_list" | "ordered_list" | "blockquote":
                yield from _blocks(each)


def _place(node: SyntaxTreeNode) -> tuple[int, int]:
    """The first and the last line."""
    return (node.map[0] + 1, node.map[1]) if node.map else (0, 0)


def _paragraph(inline: SyntaxTreeNode, first: int) -> Iterator[Node]:
    written = [line.strip() for line in inline.content.split("\n")]
    for number, line in enumerate(_lines(inline)):
        if line and written[number : number + 1] and written[number].startswith(("•", *BOXES)):
            yield entry(written[number], first + number)
        elif line:
            yield Node("paragraph", first + number, line, first + number, bold=len(written) == 1 and _is_bold(inline))


def _is_bold(inline: SyntaxTreeNode) -> bool:
    """Whether a line is bold as a whole, but for what it says in brackets and a colon at its end."""
    parts = [each for each in inline.children if each.type != "text" or each.content]
    rest = "".join(each.content for each in parts[1:]).strip(": ")
    return bool(parts) and parts[0].type == "strong" and (not rest or (rest.startswith("(") and rest.endswith(")")))


def _item(item: SyntaxTreeNode) -> Node:
    """An item of a list; what it says in its first line is its text."""
    line, inner = _place(item)[0], list(_blocks(item))
    heads = inner and (inner[0].kind in ("paragraph", "heading") or (inner[0].entry and inner[0].line == line))
    head = inner.pop(0) if heads else Node("paragraph", line)
    made = head if head.entry else entry(head.text, line)
    made.children = [*made.children, *inner]
    made.last = made.end
    if item.info:
        made.kind, made.number = "number", made.number or item.info
    return made


def drawn(words: str, first: int, language: str = "") -> list[Node]:
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
        return depth + 1, entry(text[found.end() :], number)
    if text.startswith(("# ", "//")):
        return depth, Node("paragraph", number, plain(text.lstrip("#/ ")), number)
    return depth, entry(text, number)


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
    said = moments.leading(plain(text))[0] if text else None
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
