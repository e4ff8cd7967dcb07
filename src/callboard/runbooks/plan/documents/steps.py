"""The steps in the parts of a document: what is a step, a group, an item or a note there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from callboard.planfile import notations
from callboard.runbooks.plan.documents import labels, phrases, sheets
from callboard.runbooks.plan.documents.drafts import Draft, Said, Step
from callboard.runbooks.plan.documents.labels import OF_A_STEP, TOLD, fields, labelled, put
from callboard.runbooks.plan.documents.outline import PSEUDO, Node
from callboard.runbooks.plan.documents.owners import EVERYONE, Names, people
from callboard.runbooks.plan.documents.parts import BACK, LIST, NOT, NUMBERED, Document, is_table, speaks_of

_TEAM = re.compile(r"\b([A-Z][\w-]{1,20}) Team\b")
_EXECUTES = re.compile(r"(\S[^:]{1,30}?) (?:executes|is responsible|leads this)\b")
_FAILS = re.compile(r"(?:if|on|when) [^.]{0,40}\bfail", re.IGNORECASE)
_PHASE = re.compile(r"(?:phase|stage|part|day|week)\b", re.IGNORECASE)
_ASIDE = re.compile(
    r"(?:\W*\b(?:simultaneous|parallel|meanwhile|continuous|monitoring|synchronized|deployment|in|actions?|tasks?|steps?|"
    r"checks?)\b)*+\W*",
    re.IGNORECASE,
)
UNTIMED = "it has no time, and the steps beside it have"
MOST_ITEMS, NOTE, LINE, SHOWN = 60, 3000, 500, 100


@dataclass
class Context:
    """What the headings and lines above say of the steps below them."""

    group: str = ""
    owners: list[str] = field(default_factory=list)
    day: date | None = None
    last: Step | None = None


class Reader:
    """Reads parts of a document into a draft. `back` is for a run-book that is a way back; `taken` is read already."""

    def __init__(self, document: Document, draft: Draft, names: Names, *, back: bool, taken: set[Node]) -> None:
        self.document, self.draft, self.names, self.back, self.taken = document, draft, names, back, taken
        self.day_first = document.day_first

    def enter(self, node: Node) -> None:
        """Read a part with what the headings above it say."""
        context = Context(owners=list(self.draft.owners))
        own = [] if node in self.document.whole else [node]
        for each in reversed([*own, *self.document.above(node)]):
            context = self.within(each, context)
        if own:
            self.draft.tell(node.line, "part", node.text)
        self.section(node, context)

    def within(self, node: Node, context: Context) -> Context:
        """What a heading says of all below it."""
        title = phrases.step(node.text, node.line, self.names, day_first=self.day_first)
        teams = [name for word in _TEAM.findall(node.text) if (name := self.names.of(word))]
        day = notations.day(node.text, day_first=self.day_first) or context.day
        says_nothing = node.level == PSEUDO and (LIST.search(node.text) or "following" in node.text.lower())
        group = context.group if says_nothing and context.group else title.title
        return Context(group, title.owners or teams or list(context.owners), day)

    def section(self, node: Node, context: Context) -> None:
        """Read what is directly in a part, and the parts below it."""
        steps, plain = self.step_headings(node), self.plain_items(node)
        for child in node.children:
            if child.kind == "heading":
                self.below(child, context, step=child in steps)
            elif is_table(child):
                self.table(child, context)
            elif child.entry or self.document.said(child):
                self.line(child, context, plain)
            elif child.kind == "paragraph":
                self.paragraph(child, context)
            elif child.kind == "code" and context.last:
                self.note(context.last, child)

    def plain_items(self, node: Node) -> str:
        """Why plain items are no steps there; empty where they are."""
        if len(self.document.timed(node)) > 1:
            return UNTIMED
        listed = any(child.kind in ("number", "check") or is_table(child) for child in node.children)
        return "a plain item beside numbered steps" if listed else ""

    def below(self, node: Node, context: Context, *, step: bool) -> None:
        if step:
            context.last = self.step(node, context)
        elif not (BACK.search(node.text) and not self.back) and (not speaks_of(NOT, node) or self.document.timed(node)):
            inner = self.within(node, context)
            self.draft.tell(node.line, "group", inner.group)
            self.section(node, inner)

    def table(self, node: Node, context: Context) -> None:
        above = Step(0, "", Said(day=context.day), owners=context.owners, group=context.group)
        sheets.read(node.rows, self.draft, self.names, context=above)
        context.last = self.draft.steps[-1] if self.draft.steps else None

    def line(self, node: Node, context: Context, plain: str) -> None:
        """An item of a list, or a line with a time."""
        if node.kind == "bullet" and not node.children and labelled(node.text)[0] in OF_A_STEP:
            self.label(node, context)
        elif node.kind == "bullet" and plain and not (self.document.said(node) and plain.startswith(UNTIMED)):
            self.draft.tell(node.line, "left out", f"{node.text[:80]}: {plain}", node.last)
        else:
            self.item(node, context)

    def item(self, node: Node, context: Context) -> None:
        """An item that is a step, or the group of the timed ones below it."""
        deeper = node.entries
        if len(deeper) == 1 and len(deeper[0].children) > 1:
            deeper = deeper[0].entries
        if sum(map(self.document.said, deeper)) <= 1:
            context.last = self.step(node, context)
            return
        group = self.within(node, context)
        group.owners = [] if EVERYONE in group.owners else group.owners
        self.draft.tell(node.line, "group", group.group)
        for child in deeper:
            self.item(child, group)
        context.last = group.last

    def label(self, node: Node, context: Context) -> None:
        """A labelled line among the steps: of the one above it, else of all below."""
        kind, value, word = labelled(node.text)
        step = context.last or Step(node.line, "")
        wrong = put(step, kind, value, word, day_first=self.day_first)
        if context.last is None and not wrong:
            context.owners = step.owners or context.owners
            context.day = (step.said.day if step.said else None) or context.day
        if wrong:
            self.draft.tell(node.line, "not understood", wrong)
        else:
            taken = context.last is not None or kind in ("owner", "said")
            self.draft.tell(node.line, TOLD.get(kind, kind) if taken else "left out", node.text[:SHOWN])

    def paragraph(self, node: Node, context: Context) -> None:
        executes = _EXECUTES.match(node.text)
        if node in self.taken:
            return
        if labelled(node.text)[0] in OF_A_STEP:
            self.label(node, context)
        elif executes:
            context.owners = people(executes[1])
            self.names.add(*context.owners)
            self.draft.tell(node.line, TOLD["owner"], node.text[:SHOWN])
        elif context.last and node.line <= context.last.line + 2:
            self.note(context.last, node)

    # Headings that are steps

    def step_headings(self, node: Node) -> set[Node]:
        """Which headings in a part are steps themselves; their lists are then their items."""
        inside = [
            child
            for child in node.children
            if child.kind == "heading" and not speaks_of(NOT, child) and not BACK.search(child.text)
        ]
        made = set(filter(self.is_step, inside))
        prose = [child for child in inside if _is_prose(child) and not LIST.search(child.text)]
        made.update(prose if len(prose) > 1 or made else ())
        if len(made) > 1 or any(map(self.document.said, inside)):
            return made
        return {
            each for each in made if each.text.lower().startswith("step") or fields(_lines(each)) & {"takes", "said"}
        }

    def is_step(self, node: Node) -> bool:
        """Whether a heading is numbered, has a time, or says who and how long, and is not over several steps."""
        has, numbered = fields(_lines(node)), bool(NUMBERED.match(node.text))
        if (node.entries and LIST.search(node.text) and not numbered) or (
            _PHASE.match(node.text) and "takes" not in has
        ):
            return False
        if self.document.timed(node) or any(
            child.kind == "heading" and child.level < PSEUDO for child in node.children
        ):
            return False
        if has & {"takes", "said", "failure"} or ("owner" in has and not any(e.kind == "number" for e in node.entries)):
            return True
        owned = sum(bool(phrases.step(entry.text, 0, self.names).owners) for entry in node.entries)
        return (numbered or self.document.said(node)) and owned <= 1 and not any(map(is_table, node.children))

    # One step and what is below it

    def step(self, node: Node, context: Context) -> Step:
        """A line or a heading that is a step."""
        step = phrases.step(node.text, node.line, self.names, day_first=self.day_first)
        step.number, step.group = step.number or node.number, context.group
        if "owner" not in fields(_lines(node)):
            step.owners = step.owners or list(context.owners)
        for child in node.children:
            self.detail(step, child)
        if context.day and (step.said is None or step.said.day is None):
            step.said = labels.joined(step.said, Said(day=context.day))
        self.draft.steps.append(step)
        return step

    def detail(self, step: Step, node: Node, ahead: str = "") -> None:
        """A line below a step: what it says of it, or an item or note."""
        kind = labelled(node.text)[0]
        if node.kind == "table":
            self.draft.tell(node.line, "left out", "a table within a step", node.last)
        elif node.kind == "heading":
            self.subheading(step, node)
        elif node.kind == "code":
            self.note(step, node)
        elif kind in OF_A_STEP:
            self.field(step, node)
        elif _FAILS.match(node.text):
            step.failure.append(node.text)
            self.draft.tell(node.line, TOLD["failure"], node.text[:SHOWN])
        elif node.kind == "paragraph":
            self.note(step, node)
        elif node.entries:
            self.list(step, node, ahead)
        else:
            self.action(step, node, ahead)

    def subheading(self, step: Step, node: Node) -> None:
        """A heading below a step: what to do if it fails, else more of its items."""
        if not BACK.search(node.text) and labelled(f"{node.text}: x")[0] != "failure":
            self.draft.tell(node.line, "item", node.text[:SHOWN])
            for child in node.children:
                self.detail(step, child)
            return
        lines = [each for each in node.walk() if each.entry or each.kind == "paragraph"]
        self.taken.update(node.walk())
        step.failure += [each.text for each in lines]
        for each in (node, *lines):
            self.draft.tell(each.line, TOLD["failure"], each.text[:SHOWN])

    def field(self, step: Step, node: Node) -> None:
        kind, value, word = labelled(node.text)
        wrong = put(step, kind, value, word, day_first=self.day_first)
        step.notes += [node.text] * bool(wrong)
        self.draft.tell(node.line, "not understood" if wrong else TOLD[kind], wrong or value[:SHOWN])

    def action(self, step: Step, node: Node, ahead: str) -> None:
        """An item of a step, or what another team does meanwhile."""
        word, mark, rest = node.text.partition(": ")
        who = self.names.of(word) if mark and rest else ""
        if who and step.owners and who not in step.owners:
            step.meanwhile.setdefault(who, []).append(rest)
            self.draft.tell(node.line, "meanwhile", node.text[:SHOWN])
        elif len(step.items) < MOST_ITEMS:
            step.items.append(f"{ahead}{rest if step.owners == [who] else node.text}"[:LINE])
            self.draft.tell(node.line, "item", f"{ahead}{node.text}"[:SHOWN])
        else:
            self.draft.tell(node.line, "left out", f"a step has at most {MOST_ITEMS} items: {node.text[:80]}")

    def list(self, step: Step, node: Node, ahead: str) -> None:
        """An item with items of its own: those go by its name, unless it names teams or is a step of its own."""
        text, kept = node.text.rstrip(": "), node.kind in ("number", "check")
        self.draft.tell(node.line, "item", text[:SHOWN])
        step.items += [text[:LINE]] * (kept and not ahead)
        named = all(self.names.of(child.text.partition(":")[0]) for child in node.entries)
        aside = _ASIDE.fullmatch(text)
        for child in node.children:
            self.detail(step, child, "" if named or aside or kept or not child.entry else f"{text}: "[:SHOWN])

    def note(self, step: Step, node: Node) -> None:
        """A paragraph or code below a step is kept in its note."""
        step.notes.append(node.text[:NOTE])
        self.draft.tell(node.line, "note", f"of {step.title}", node.last)


def _lines(node: Node) -> list[str]:
    """The lines directly in a part that may have labels."""
    return [child.text for child in node.children if child.kind in ("paragraph", "bullet")]


def _is_prose(node: Node) -> bool:
    return bool(node.children) and all(child.kind in ("paragraph", "code") for child in node.children)
