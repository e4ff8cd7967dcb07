"""A Markdown document as a tree of headings, lists, tables and paragraphs, each with its line in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from callboard.runbooks.plan.documents import moments

PSEUDO = 7
"""The level of a bold line or one with a colon behind that heads a list, as a heading would."""
DEEPEST = 8
_MARK = re.compile(r"^(?:[-*+•]\s+)?(?:\[(?P<done>[ xX✓✔])?\]\s*)?(?:(?P<number>\d{1,3}(?:\.\d{1,3})*)[.)]\s+)?")
_TREE = re.compile(r"[├└│┣┗┃|+`─━-]*[├└┣┗][─━-]*\s*|[+|`\\]--+\s*")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\ufe0f\u200d\u20e3•■□▪▫●○◦]+\\s*"
)


@dataclass
class Node:
    """A part of a document. `kind` is heading, number, check, bullet, paragraph, code or table."""

    kind: str
    line: int
    text: str = ""
    last: int = 0
    level: int = 0
    number: str = ""
    children: list[Node] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)

    @property
    def entry(self) -> bool:
        """Whether it is an item of a list."""
        return self.kind in ("number", "check", "bullet")

    def walk(self) -> Iterator[Node]:
        """The node and all that is within."""
        yield self
        for child in self.children:
            yield from child.walk()


def grow(words: str) -> Node:
    """The tree of a document; the root is a heading of level 0."""
    words, head = _without_front(words)
    tokens = MarkdownIt("commonmark").enable("table").parse(words)
    flat = [*head, *_blocks(tokens, 0, len(tokens))]
    root = Node("heading", 1, last=words.count("\n") + 1)
    holders = [root]
    for place, node in enumerate(flat):
        behind = flat[place + 1] if place + 1 < len(flat) else None
        if _heads(node, behind):
            node.kind, node.level, node.text = "heading", PSEUDO, node.text.strip("*_ ").removesuffix(":").strip("*_ ")
        elif node.kind == "paragraph":
            node.text = plain(node.text)
        if node.kind == "heading":
            while holders[-1].level >= node.level:
                holders.pop()
            holders[-1].children.append(node)
            holders.append(node)
        else:
            if node.kind in ("code", "table") and holders[-1].level == PSEUDO and holders[-1].children:
                pass
            holders[-1].children.append(node)
    return root


def plain(text: str) -> str:
    """A line without its marks of emphasis, its links and its emoji at the beginning."""
    text = re.sub(r"!?\[([^\]]{1,300})\]\(([^)\s]{1,500})[^)]{0,200}\)", r"\1", text)
    text = re.sub(r"(\*\*|__|~~)(?=\S)(.{1,2000}?)(?<=\S)\1", r"\2", text)
    text = re.sub(r"(?<![\w*])\*(?=[^\s*])([^*]{1,500}?)(?<=\S)\*(?![\w*])", r"\1", text)
    text = re.sub(r"(?<!`)`([^`]{1,1000})`(?!`)", r"\1", text)
    text = re.sub(r"<br\s*/?>|</?[a-z]{1,10}>", " ", text, flags=re.IGNORECASE)
    return (
        " ".join(_EMOJI.sub("", text.strip(), count=1).split())
        if _EMOJI.match(text.strip())
        else " ".join(text.split())
    )


def _heads(node: Node, behind: Node | None) -> bool:
    """Whether a paragraph heads the list, the table or the code that comes next."""
    if node.kind != "paragraph" or behind is None or not (behind.entry or behind.kind in ("table", "code", "comment")):
        return False
    text = node.text.strip()
    if re.search(r":\**\s+\S", text):
        return False
    return bool(re.fullmatch(r"\*\*[^*]+\*\*:?(\s*\([^)]*\))?", text)) or (
        len(text) < 100 and text.rstrip("*_ ").endswith(":")  # noqa: PLR2004
    )


def _without_front(words: str) -> tuple[str, list[Node]]:
    """The document with its front matter blanked, and that as paragraphs."""
    found = re.match(r"---\n(.{0,5000}?)\n(?:---|\.\.\.)\n", words, re.DOTALL)
    if not found:
        return words, []
    lines = found[1].split("\n")
    nodes = [Node("paragraph", number, line, number) for number, line in enumerate(lines, 2) if ":" in line]
    return "\n" * found[0].count("\n") + words[found.end() :], nodes


def _blocks(tokens: Sequence[Token], start: int, end: int) -> Iterator[Node]:  # noqa: C901
    """The nodes of the tokens from `start` on; items of lists come one by one."""
    at = start
    while at < end:
        token = tokens[at]
        close = _close(tokens, at)
        first, last = (token.map[0] + 1, token.map[1]) if token.map else (0, 0)
        if token.type == "heading_open":
            text = tokens[at + 1].content
            yield Node("heading", first, plain(re.sub(r"\s+#+$", "", text)), last, int(token.tag[1]))
        elif token.type == "paragraph_open":
            for number, line in enumerate(tokens[at + 1].content.split("\n")):
                if line.strip():
                    yield Node("paragraph", first + number, line.strip().rstrip("\\"), first + number)
        elif token.type == "list_item_open":
            yield _item(tokens, at, close)
        elif token.type in ("fence", "code_block"):
            begin = first + (token.type == "fence")
            drawn = drawing(token.content, begin)
            if drawn:
                yield from drawn
            else:
                yield Node("code", first, token.content.rstrip(), last)
        elif token.type == "table_open":
            yield _table(tokens, at, close)
        elif token.type in ("bullet_list_open", "ordered_list_open", "blockquote_open"):
            yield from _blocks(tokens, at + 1, close)
        at = close + 1


def _close(tokens: Sequence[Token], at: int) -> int:
    if tokens[at].nesting != 1:
        return at
    depth = 0
    for place in range(at, len(tokens)):
        depth += tokens[place].nesting
        if not depth:
            return place
    return len(tokens) - 1


def _item(tokens: Sequence[Token], at: int, close: int) -> Node:
    inner = list(_blocks(tokens, at + 1, close))
    token = tokens[at]
    line = token.map[0] + 1 if token.map else 0
    ordered = bool(token.info)
    head = inner.pop(0) if inner and inner[0].kind in ("paragraph", "heading") else Node("paragraph", line)
    made = entry(head.text, line)
    made.last = max([line, *(each.last for each in inner)])
    if ordered:
        made.kind, made.number = "number", made.number or token.info
    for node in inner:
        if node.kind == "paragraph":
            node.text = plain(node.text)
    made.children = inner
    return made


def entry(text: str, line: int) -> Node:
    """An item of a list by its text, with its box or number read."""
    found = _MARK.match(text)
    rest = text[found.end() :] if found else text
    box = bool(found and re.search(r"\[[ xX✓✔]?\]", found[0]))
    number = found["number"] or "" if found else ""
    kind = "check" if box else "number" if number else "bullet"
    return Node(kind, line, plain(rest), line, number=number)


def _table(tokens: Sequence[Token], at: int, close: int) -> Node:
    place = tokens[at].map
    node = Node("table", place[0] + 1 if place else 0)
    for token in tokens[at:close]:
        if token.type == "tr_open" and token.map:
            node.rows.append((token.map[0] + 1, []))
        elif token.type == "inline" and node.rows:
            node.rows[-1][1].append(plain(token.content))
    node.last = node.rows[-1][0] if node.rows else node.line
    return node


def drawing(words: str, first: int, *, force: bool = False) -> list[Node]:
    """The tree that a block draws with ├─ and └─, or writes as times or numbers with lines below; empty for any other."""  # noqa: E501
    lines = [(first + number, line) for number, line in enumerate(words.split("\n")) if line.strip(" │|┃\t")]
    drawn = sum(1 for _, line in lines if re.search(r"[├└┣┗]|^\s*[|`+\\]\s*--", line))
    listed = [line for _, line in lines if _listed(line)]
    if not force and not drawn and len(listed) < max(2, 0.3 * len(lines)):
        return []
    roots: list[Node] = []
    open_: list[tuple[int, Node]] = []
    for number, line in lines:
        bare = re.sub(r"[│┃]", " ", line.expandtabs(4))
        found = _TREE.search(bare) if re.match(r"\s*(?:[├└┣┗]|[|`+\\]\s*--)", bare) else None
        text = bare[found.end() :] if found else bare.strip()
        if not text.strip(" ─-|"):
            continue
        depth = found.start() + 1 if found else len(bare) - len(bare.lstrip())
        comment = not found and text.startswith(("# ", "//"))
        node = Node("comment", number, plain(text.lstrip("#/ ")), number) if comment else entry(text, number)
        while open_ and open_[-1][0] >= depth:
            open_.pop()
        if open_ and len(open_) < DEEPEST:
            open_[-1][1].children.append(node)
        else:
            roots.append(node)
        for _, holder in open_:
            holder.last = number
        open_.append((depth, node))
    return roots


def _listed(line: str) -> bool:
    text = plain(line)
    said = moments.leading(text)[0]
    return bool((said and (said.clock or said.offset is not None)) or re.match(r"\d{1,2}[.)]\s+[A-Z]", text))
