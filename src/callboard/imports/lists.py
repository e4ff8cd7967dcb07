"""Tasks and gates of a Markdown document: lists with boxes or without, tables, and headings that speak of a gate."""

from __future__ import annotations

import re
from datetime import time

from callboard.imports import sheet as tables
from callboard.imports.drafts import GATE, Item, Sheet, keyed
from callboard.planfile import notations
from callboard.runbooks.plan.documents import outline, phrases
from callboard.runbooks.plan.documents.drafts import Said, Step, tell_rest
from callboard.runbooks.plan.documents.labels import labelled, others, put
from callboard.runbooks.plan.documents.outline import Node
from callboard.runbooks.plan.documents.owners import Names, people

_DONE = re.compile(r"\s*(?:[-*+•] +|\d+[.)] +)?(?:\[[xX✓✔]\]|[☑☒✅✔✓])")
BEGUN = "[/]"
_UNDER_WAY = re.compile(r"\s*(?:[-*+•] +|\d+[.)] +)?(?:\[ ?\] *)?([🚧⏳🔄⛔🚫🛑🔴]|\[/\])")
_GONE = re.compile(r"\s*(?:[-*+•]|\d+[.)]) +(?:\[-\] |(?:\[[ xX]?\] +)?~~[^~]{1,500}~~\s*$)")
"""How an item looks that is cancelled."""
_BY = re.compile(
    rf"(?<=\s)(?:due|by|on|until|before) (?:on )?(?:the )?(?P<day>{notations.DAY.pattern})$", re.IGNORECASE
)
_VAGUE = re.compile(
    r"(?<=\s)(?:due|by|until) (?P<day>(?:next |this |(?:the )?end of (?:the )?)?"
    r"(?:week|month|day|today|tomorrow|eod|eow|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(priority|prio|status|estimate|effort|due(?: date| by)?|deadline|id|depends on|needs|blocked by)"
    r" ?: ?(\S.{0,300})",
    re.IGNORECASE,
)


def read(words: str, sheet: Sheet, names: Names) -> None:
    """Add the tasks and gates of a document."""
    root = outline.grow(words)
    _Reader(words.split("\n"), sheet, names, notations.day_first([node.text for node in root.walk()])).enter(
        root, "", None
    )
    sheet.steps += [Step(item.line, item.title) for item in sheet.items]  # their lines are told later
    chapters = {node.line: node.text for node in root.walk() if node.kind == "heading" and node is not root}
    tell_rest(words, sheet, chapters, range(1, words.count("\n") + 2))


_MEANT = {
    "priority": "priority", "prio": "priority", "status": "status", "id": "id", "owner": "owner", "helpers": "owner",
    "needs": "needs", "depends on": "needs", "blocked by": "needs", "estimate": "estimate", "effort": "estimate",
    "takes": "estimate", "said": "due", "until": "due", "due": "due", "due date": "due", "due by": "due",
    "deadline": "due",
}  # fmt: skip


class _Reader:
    def __init__(self, lines: list[str], sheet: Sheet, names: Names, day_first: bool | None) -> None:  # noqa: FBT001 - as moments has it
        self.lines, self.sheet, self.names, self.day_first = lines, sheet, names, day_first

    def enter(self, node: Node, group: str, gate: Item | None) -> None:
        """What is directly in a heading: tasks, or criteria where it is a gate."""
        for child in node.children:
            match child.kind:
                case "heading":
                    self.heading(child)
                case "table":
                    self.table(child, group, gate)
                case "number" | "check" | "bullet" if gate:
                    self.detail(gate, child)
                case "number" | "check" | "bullet":
                    self.item(child, group)
                case "paragraph" if gate:
                    self.labelled(gate, child)

    def heading(self, node: Node) -> None:
        gate = None
        if GATE.search(node.text) and (node.entries or any(child.kind == "paragraph" for child in node.children)):
            gate = self.made(node, "")
            gate.gate, gate.status, gate.last = True, "", node.line
            if any(child.kind == "table" for child in node.children) or not gate.title:
                self.sheet.items.remove(gate)
                gate = None
        if gate is None:
            self.sheet.tell(node.line, "group", node.text[:100])
        self.enter(node, "" if gate else node.text, gate)

    def table(self, node: Node, group: str, gate: Item | None) -> None:
        if gate is None and node.rows and tables.fits(node.rows[0][1]):
            tables.read([(line, row) for line, row in node.rows if any(row)], self.sheet, group=group, last=node.last)

    def made(self, node: Node, group: str) -> Item:
        step = phrases.step(node.text, node.line, self.names, day_first=self.day_first)
        item = Item(node.line, step.title, node.line, owners=step.owners, notes=list(step.notes), group=group)
        item.due = step.said if step.said and step.said.day else None
        if step.said and not item.due:
            item.notes.append(f"At: {node.text}"[:300])
        item.estimate = step.takes
        self.dated(item, step.said.clock if step.said else None)
        keyed(item)
        self.sheet.items.append(item)
        return item

    def dated(self, item: Item, clock: time | None) -> None:
        """Take the day with which a title ends: `by the 24th of March`."""
        found = _BY.search(item.title) if item.due is None else None
        day = notations.of_day(found, day_first=self.day_first) if found else None
        if found and day:
            item.due, item.title = Said(clock, None, day), item.title[: found.start()].rstrip(" ,;–—-")
        elif vague := found or _VAGUE.search(item.title):
            self.sheet.due(item, None, vague["day"])

    def item(self, node: Node, group: str) -> None:
        """An entry of a list, with what is written below it."""
        if _GONE.match(self.lines[node.line - 1]):
            last = max(each.line for each in node.walk())
            self.sheet.tell(node.line, "left out", f"it is cancelled: {node.text[:100]}", last)
            return
        item = self.made(node, group)
        if sign := _UNDER_WAY.match(self.lines[node.line - 1]):
            self.sheet.status(item, sign[1] if sign[1] != BEGUN else "started")
            item.title = item.title.removeprefix(BEGUN).strip()
        item.gate = bool(GATE.search(item.title))
        if _DONE.match(self.lines[node.line - 1]):
            item.status = "completed"
        for child in node.children:
            self.detail(item, child)

    def detail(self, item: Item, node: Node) -> None:
        """A line below an item: something said of it, else a criterion; what is below that is one, too."""
        if node.kind == "code":
            item.notes.append(node.text)
            self.sheet.tell(node.line, "note", f"of {item.title}", node.last)
        elif node.kind == "table":
            for line, row in node.rows:
                item.notes.append(" | ".join(row))
                self.sheet.tell(line, "note", f"of {item.title}")
        elif not self.labelled(item, node):
            if node.entry:
                item.criteria.append(node.text)
                ticked = (
                    " (its tick is not taken: tick it in Slack)"
                    if item.gate and _DONE.match(self.lines[node.line - 1])
                    else ""
                )
                self.sheet.tell(node.line, "criterion", f"{node.text[:100]}{ticked}")
            elif node.text:
                item.notes.append(node.text)
                self.sheet.tell(node.line, "note", f"of {item.title}")
        for child in node.children:
            self.detail(item, child)

    def labelled(self, item: Item, node: Node) -> bool:
        """Take `Owner: Ops`, `Due: May 4`, `Depends on: OPS-1`; whether it was such a line."""
        own = _LABEL.fullmatch(node.text.strip())
        kind, value, word = labelled(node.text)
        if own:
            kind, value = own[1].lower(), own[2].strip()
        if not self.take(item, _MEANT.get(kind, ""), value, word):
            return False
        self.sheet.tell(node.line, "of it", f"{item.title[:60]}: {node.text[:100]}")
        return True

    def take(self, item: Item, kind: str, value: str, word: str) -> bool:
        """Take one thing that is said of an item; whether it was one."""
        match kind:
            case "priority":
                self.sheet.priority(item, value)
            case "status":
                self.sheet.status(item, value)
            case "id":
                item.key = value
            case "owner":
                item.owners += people(value)
            case "needs":
                item.needs += others(value)
            case "estimate":
                self.sheet.estimate(item, value)
            case "due":
                step = Step(item.line, "")
                put(step, "said", value, word, day_first=self.day_first)
                self.sheet.due(item, step.said, value)
            case _:
                return False
        return True
