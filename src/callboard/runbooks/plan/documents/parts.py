"""The run-book in a document: which of its parts are one, and what are steps, groups, items and notes there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from callboard.core.errors import Refused
from callboard.runbooks.plan.documents import moments, outline, phrases, sheets
from callboard.runbooks.plan.documents.drafts import Draft, Rollback, Said, Step
from callboard.runbooks.plan.documents.outline import Node
from callboard.runbooks.plan.documents.phrases import Names

RUN = re.compile(
    r"deploy|releas|roll-?out|launch|go-?live|cut-?over|migrat|run-?book|procedure|sequence|\bsteps?\b|play-?book|"
    r"maintenance|upgrade|fail-?over|implementation plan|switch-?over|installation|publish|shut-?down|start-?up|checklist",  # noqa: E501
    re.IGNORECASE,
)
NOT = re.compile(
    r"overview|background|\bscope\b|contacts?\b|escalat|metrics?\b|\bkpi|criteria|references?\b|\blinks?\b|related|glossary|"
    r"agenda|questions?\b|stand-?up|meeting|\brisks?\b|lessons|\broles?\b|responsib|\bfaq|troubleshoot|appendix|history|"
    r"change-?log|contents\b|known issues|communicat|conclusion|\bgates?\b|checkpoint|progress|objective|deliverable|goals?\b|"  # noqa: E501
    r"assumption|principle|standards?\b|structure|example|template|happening|glance|\bstatus|environments?\b|approv|"
    r"sign-?off|tracking|impact|recognition|reviewers?\b|reviews? checklist|metadata|information|participants|emergency|triggers?\b|dependenc|monitoring|inputs?\b|outputs?\b|"  # noqa: E501
    r"modifications|success|requirements",
    re.IGNORECASE,
)
BACK = re.compile(r"\b(?:roll(?:ing)?[- ]?backs?|back-?out|revert plan|recovery plan)\b", re.IGNORECASE)
NUMBERED = re.compile(r"(?:step|task|stage)\s*#?\d|\d{1,2}(?:\.\d{1,2})?[.)]\s", re.IGNORECASE)
STEPS = re.compile(r"\bsteps?\b|procedure|sequence|run-?book|\btasks\b", re.IGNORECASE)
ASIDE = re.compile(
    r"(?:simultaneous|parallel|meanwhile|continuous|monitoring|actions?|tasks?|steps?|checks?|synchronized|deployment|[\W])+",
    re.IGNORECASE,
)
MOST_ITEMS, MOST_STEPS, NOTE = 60, 400, 3000


@dataclass
class Context:
    """What the headings and lines above say of the steps below them."""

    group: str = ""
    owners: list[str] = field(default_factory=list)
    day: date | None = None
    last: Step | None = None


def read(words: str, title: str, names: Names, part: str = "") -> Draft:
    """The run-book in a Markdown document. Raises Refused where there is none."""
    work = _Document(outline.grow(words), title, names)
    chosen = work.chosen(part)
    for node in chosen:
        work.enter(node)
    if len(chosen) == 1 and chosen[0] not in (work.root, work.top):
        work.draft.name = phrases.step(chosen[0].text, 0, work.names).title or work.draft.name
    for node in work.ways_back(part):
        work.rollback(node)
    if not work.draft.steps:
        raise Refused(
            "No steps are in this document: I look for numbered lists, checkboxes, times, tables with a column "
            "Step or Task, and headings such as `Step 1`. With --part, name the heading above them."
        )
    work.draft.steps.sort(key=lambda step: step.line)
    bounded(work.draft)
    rest(words, work.draft)
    return work.draft


def bounded(draft: Draft) -> None:
    """Refuse a draft without steps, or with more than anybody can take."""
    if not draft.steps:
        raise Refused("No row is a step: the column Step or Task is empty.")
    if len(draft.steps) > MOST_STEPS:
        raise Refused(f"There are {len(draft.steps)} steps in it, and a run-book has at most {MOST_STEPS}: take fewer.")


def rest(words: str, draft: Draft) -> None:
    """Tell of each line that nothing became of."""
    told = {line for each in draft.verdicts for line in range(each.line, each.last + 1)} | {
        step.line for step in draft.steps
    }
    told |= {way.line for way in draft.rollbacks}
    heading, run = "", list[int]()
    for number, line in enumerate([*words.split("\n"), ""], 1):
        bare = line.strip()
        is_last = number > words.count("\n") + 1
        if run and (number in told or is_last or bare.startswith("#")):
            draft.tell(run[0], "left out", heading or "before the first heading", run[-1])
            run = []
        if bare.startswith("#"):
            heading = f"under {outline.plain(bare.lstrip('# '))}"[:100]
        if bare and number not in told and not re.fullmatch(r"[-=*_`~|\s:]+\w{0,10}", bare):
            run.append(number)


class _Document:
    def __init__(self, root: Node, title: str, names: Names) -> None:
        self.root, self.names = root, names
        self.draft = Draft()
        self.parents = {id(child): node for node in root.walk() for child in node.children}
        self.headings = [node for node in root.walk() if node.kind == "heading" and node is not root]
        self.done: set[int] = set()
        self.draft.years = _years(node.text for node in root.walk())
        self.top = next((node for node in root.children if node.kind == "heading" and node.level == 1), root)
        self.of_title = bool(RUN.search(title) or (self.top is not root and RUN.search(self.top.text)))
        self.draft.name = _name(self.top.text) if self.top is not root else ""
        self.day_first = sheets.day_first([node.text for node in root.walk()])
        if self.draft.name:
            self.draft.tell(self.top.line, "name", self.draft.name)
        self.headed: set[int] = set()
        self._learn()
        for node in (*root.children, *self.top.children):
            if node.kind == "paragraph":
                self.head(node)

    def _learn(self) -> None:
        """The teams and people of whom the document speaks as such."""
        times = Counter[str]()
        for node in self.root.walk():
            kind, value = phrases.labelled(node.text) if node.kind in ("paragraph", "bullet") else ("", "")
            if kind in ("owner", "helpers") and not phrases.EVERYBODY.fullmatch(value):
                self.names.add(*phrases.people(value))
            self.names.add(*(found[1] for found in phrases.MENTION.finditer(node.text)))
            self.names.add(
                *re.findall(r"\((?:team )?([A-Z][\w-]{1,20})(?: team)? lead\)", node.text, flags=re.IGNORECASE)
            )
            if node.kind == "heading":
                self.names.add(*re.findall(r"\b([A-Z][\w-]{1,20}) Team\b", node.text))
            said, behind = moments.leading(node.text) if node.entry or node.kind == "paragraph" else (None, "")
            self.names.add(
                *(word for word in phrases.subject([behind] if said else []) if not phrases.labelled(f"{word}: x")[0])
            )
            times.update(set(phrases.subject(child.text for child in node.children if child.entry)))
        self.names.add(*(word for word, count in times.items() if count > 1
                         and not phrases.labelled(f"{word}: x")[0] and " " not in word and not NOT.search(word)))  # fmt: skip  # noqa: E501

    def head(self, node: Node) -> None:
        """What the lines below the title say of the whole run-book."""
        kind, value = phrases.labelled(node.text)
        day = moments.DAY.search(value) if kind == "said" else None
        if kind == "owner" and not self.draft.owners:
            self.draft.owners = phrases.people(value)
        elif day and not self.draft.day:
            self.draft.day = moments.day(day[0], day_first=self.day_first)
        elif kind == "channel" and re.search(r"#[\w-]+", value):
            self.draft.channel = (re.search(r"#[\w-]+", value) or [""])[0]
        elif kind == "name" and not self.draft.name:
            self.draft.name = _name(value)
        elif (
            (kind == "about" or not (kind or re.match(r"[\w ]{1,30}:", node.text)))
            and not self.draft.about
            and len(node.text) > 20  # noqa: PLR2004
        ):
            self.draft.about = (value or node.text)[:500]
        else:
            return
        self.headed.add(node.line)
        self.draft.tell(node.line, kind or "about", (value or node.text)[:100])

    def above(self, node: Node) -> list[Node]:
        """The headings above a node, the nearest first, without the title of the document."""
        made: list[Node] = []
        at = self.parents.get(id(node))
        while at is not None and at is not self.root and at is not self.top:
            made.append(at)
            at = self.parents.get(id(at))
        return made

    def said(self, node: Node) -> bool:
        """Whether it begins with a time."""
        said = moments.leading(re.sub(r"^(?:step )?\d{1,2}[.)]\s+", "", node.text), day_first=self.day_first)[0]
        return bool(said and (said.clock or said.offset is not None or said.after is not None))

    def timed(self, node: Node) -> list[Node]:
        return [
            child
            for child in node.children
            if (child.entry or child.kind in ("paragraph", "heading")) and self.said(child)
        ]

    def avoided(self, node: Node) -> bool:
        return any(
            (NOT.search(each.text) and not re.search("deploy|run-?book|cut-?over", each.text, re.IGNORECASE))
            or BACK.search(each.text)
            for each in (node, *self.above(node))
        )

    def chosen(self, part: str) -> list[Node]:
        """The parts that are the run-book: with times before all else, then those whose headings say so."""
        if part:
            found = [node for node in self.headings if part.lower() in node.text.lower()]
            if not found:
                known = "; ".join(node.text for node in self.headings if node.level <= 3)[:400]  # noqa: PLR2004
                raise Refused(f"No heading has `{part}` in it. The headings are: {known}")
            return _topmost(found)
        every = [self.root, *self.headings]
        open_ = [node for node in every if node in (self.root, self.top) or not self.avoided(node)]
        timed = [node for node in open_ if len(self.timed(node)) > 1]
        spoken = [
            node
            for node in timed
            if node is not self.root
            and any(RUN.search(each.text) for each in (node, *self.above(node)) if each is not self.top)
        ]
        if spoken:
            return _topmost(
                [
                    *spoken,
                    *(
                        node
                        for node in timed
                        if any(self.parents.get(id(node)) is self.parents.get(id(each)) for each in spoken)
                    ),
                ]
            )
        if timed:
            holders = {id(self.parents.get(id(node), self.root)) for node in timed}
            return _topmost(timed) if len(holders) > 1 or not self.of_title else [self.top]
        if self.of_title:
            return [self.top if self.top is not self.root and not self.lists(self.root) else self.root]
        named = [
            node for node in open_ if node not in (self.root, self.top) and RUN.search(node.text) and self.holds(node)
        ]
        if named:
            return _topmost(named)
        return _topmost(
            [node for node in open_ if self.lists(node) > 1 or any(self.table(child) for child in node.children)]
        )

    def lists(self, node: Node) -> int:
        """How many numbered or ticked items are directly in a part; plain ones count where there are no headings."""
        kinds = ("number", "check", "bullet") if len(self.headings) <= 1 else ("number", "check")
        return sum(child.kind in kinds for child in node.children)

    def holds(self, node: Node) -> bool:
        return (
            any(each.entry or self.table(each) for each in node.walk())
            or len([child for child in node.children if child.kind == "heading" and NUMBERED.match(child.text)]) > 1
        )

    def table(self, node: Node) -> bool:
        return node.kind == "table" and bool(node.rows) and sheets.fits(node.rows[0][1])

    def ways_back(self, part: str) -> list[Node]:
        found = [node for node in self.headings if BACK.search(node.text) and id(node) not in self.done]
        if part:
            found = [
                node for node in found if any(part.lower() in each.text.lower() for each in self.above(node))
            ] or found
        return _topmost(found)

    # What is in a part

    def enter(self, node: Node) -> None:
        """A part with what the headings above it say."""
        context = Context(owners=list(self.draft.owners))
        for each in reversed(self.above(node)):
            context = self.within(each, context)
        if node not in (self.root, self.top):
            context = self.within(node, context)
        self.section(node, context)

    def within(self, node: Node, context: Context) -> Context:
        """What a heading says of all below it."""
        title = phrases.step(node.text, node.line, self.names, day_first=self.day_first)
        found = moments.DAY.search(node.text)
        day = moments.day(found[0], day_first=self.day_first) if found else None
        teams = [
            name for word in re.findall(r"\b([A-Z][\w-]{1,20}) Team\b", node.text) if (name := self.names.of(word))
        ]
        return Context(title.title, title.owners or teams or list(context.owners), day or context.day)

    def section(self, node: Node, context: Context) -> None:
        if id(node) in self.done:
            return
        self.done.add(id(node))
        strict = len(self.timed(node)) > 1
        listed = any(child.kind in ("number", "check") or self.table(child) for child in node.children)
        steps = self.step_headings(node)
        for child in node.children:
            if child.kind == "heading":
                self.below(child, context, step=id(child) in steps)
            elif child.kind == "table" and self.table(child):
                sheets.read(
                    child.rows,
                    self.draft,
                    self.names,
                    context=Step(0, "", Said(day=context.day), owners=context.owners, group=context.group),
                )
                context.last = self.draft.steps[-1] if self.draft.steps else None
            elif child.entry or (child.kind == "paragraph" and self.said(child)):
                kind, value = phrases.labelled(child.text) if child.kind == "bullet" else ("", "")
                if kind and not child.children:
                    self.label(child, kind, value, context)
                elif child.kind == "bullet" and ((strict and not self.said(child)) or (listed and not strict)):
                    why = (
                        "it has no time, and the steps beside it have"
                        if strict
                        else "a plain item beside numbered steps"
                    )
                    self.draft.tell(child.line, "left out", f"{child.text[:80]}: {why}", child.last)
                else:
                    self.item(child, context)
            elif child.kind == "paragraph":
                self.paragraph(child, context)
            elif child.kind == "code" and context.last:
                self.note(context.last, child)

    def below(self, node: Node, context: Context, *, step: bool) -> None:
        if BACK.search(node.text) and not step:
            return  # ways back are read on their own
        if step:
            context.last = self.heading(node, context)
        elif not NOT.search(node.text) or self.timed(node):
            inner = self.within(node, context)
            if node.level == outline.PSEUDO and re.fullmatch(
                r".{0,30}\bsteps?|.*following.*", inner.group, re.IGNORECASE
            ):
                inner.group = context.group
            executes = next(
                (
                    found[1]
                    for child in node.children
                    if child.kind in ("paragraph", "comment")
                    and (found := re.match(r"(\S.{1,30}?) executes\b", child.text))
                ),
                "",
            )
            if executes:
                inner.owners = phrases.people(executes)
                self.names.add(*inner.owners)
            self.draft.tell(node.line, "group", inner.group)
            self.section(node, inner)

    def step_headings(self, node: Node) -> set[int]:
        """Which headings in a part are steps themselves; their lists are then their items."""
        inside = [
            child
            for child in node.children
            if child.kind == "heading" and not NOT.search(child.text) and not BACK.search(child.text)
        ]
        made = {id(child) for child in inside if self.is_step(child)}
        for shape in ("check", "bullet", ""):
            alike = [child for child in inside if self.shape(child) == shape and not STEPS.search(child.text)]
            if len(alike) > 1 or (alike and made):
                made |= {id(child) for child in alike}
        return (
            made
            if len(made) > 1 or any(self.said(child) for child in inside)
            else made
            & {
                id(child)
                for child in inside
                if re.match("step", child.text, re.IGNORECASE) or self.fields(child) & {"takes", "said"}
            }
        )

    def is_step(self, node: Node) -> bool:
        if any(child.entry for child in node.children) and STEPS.search(node.text) and not NUMBERED.match(node.text):
            return False
        if re.match(r"(?:phase|stage|part|day|week)\b", node.text, re.IGNORECASE) and not self.fields(node) & {"takes"}:
            return False
        if any(child.kind == "heading" and child.level < outline.PSEUDO for child in node.children) or self.timed(node):
            return False
        entries = [child for child in node.children if child.entry]
        owned = sum(bool(phrases.step(child.text, 0, self.names).owners) for child in entries)
        if (
            (NUMBERED.match(node.text) or self.said(node))
            and owned < 2  # noqa: PLR2004
            and not any(self.table(child) for child in node.children)
        ):
            return True
        fields = self.fields(node)
        return bool(fields & {"takes", "said", "failure"}) or (
            "owner" in fields and not any(child.kind == "number" for child in node.children)
        )

    def fields(self, node: Node) -> set[str]:
        """Which labelled lines a part has."""
        return {phrases.labelled(child.text)[0] for child in node.children if child.kind in ("paragraph", "bullet")} - {
            ""
        }

    def shape(self, node: Node) -> str:
        """What alone a part has: ticked items, plain items, or text without any; else its name says that it is mixed."""  # noqa: E501
        if any(child.kind in ("heading", "table") for child in node.children) or not node.children:
            return "mixed"
        kinds = {child.kind for child in node.children if child.entry}
        return "".join(kinds) if len(kinds) < 2 else "mixed"  # noqa: PLR2004

    # Steps

    def heading(self, node: Node, context: Context) -> Step:
        """A heading that is a step."""
        step = self.made(node, context)
        for child in node.children:
            self.detail(step, child)
        return self.added(step, context)

    def item(self, node: Node, context: Context) -> None:
        """An item of a list that is a step, or the group of the timed ones below it."""
        inner = [child for child in node.children if child.entry]
        deeper = inner[0].children if len(inner) == 1 and len(inner[0].children) > 1 else inner
        if sum(self.said(child) for child in deeper if child.entry) > 1:
            group = self.within(node, replace(context))
            group.owners = [] if "everyone" in group.owners else group.owners
            self.draft.tell(node.line, "group", group.group)
            for child in deeper:
                self.item(child, group)
            context.last = group.last
            return
        step = self.made(node, context)
        for child in node.children:
            self.detail(step, child)
        context.last = self.added(step, context)

    def made(self, node: Node, context: Context) -> Step:
        step = phrases.step(node.text, node.line, self.names, day_first=self.day_first)
        step.number = step.number or node.number
        step.group = context.group
        step.owners = step.owners or list(context.owners)
        return step

    def added(self, step: Step, context: Context) -> Step:
        if context.day and (step.said is None or step.said.day is None):
            step.said = phrases.joined(step.said, Said(day=context.day))
        self.draft.steps.append(step)
        return step

    def detail(self, step: Step, node: Node, ahead: str = "") -> None:  # noqa: C901
        """A line below a step: what it says of it, or an item or note."""
        kind, value = (
            phrases.labelled(node.text) if node.kind in ("paragraph", "bullet", "number", "check") else ("", "")
        )
        word = node.text.partition(":")[0]
        if node.kind == "code":
            self.note(step, node)
        elif node.kind == "table":
            self.draft.tell(node.line, "left out", "a table within a step", node.last)
        elif node.kind == "heading":
            self.draft.tell(node.line, "item", node.text)
            if BACK.search(node.text) or phrases.labelled(f"{node.text}: x")[0] == "failure":
                self.done.update(map(id, node.walk()))
                step.failure += [child.text for child in node.walk() if child.entry or child.kind == "paragraph"]
                for child in node.children:
                    self.draft.tell(child.line, "if it fails", child.text[:100])
            else:
                for child in node.children:
                    self.detail(step, child)
        elif kind and kind not in ("note", "status", "channel", "name", "about"):
            wrong = phrases.put(step, kind, value, word, day_first=self.day_first)
            if wrong:
                step.notes.append(node.text)
            self.draft.tell(node.line, "not understood" if wrong else kind, wrong or f"{value[:80]}, of {step.title}")
        elif re.match(r"(?:if|on|when) .{0,40}\bfail", node.text, re.IGNORECASE):
            step.failure.append(node.text)
            self.draft.tell(node.line, "if it fails", node.text)
        elif node.kind == "paragraph":
            step.notes.append(node.text[:NOTE])
            self.draft.tell(node.line, "note", f"of {step.title}")
        else:
            self.below_item(step, node, ahead)

    def below_item(self, step: Step, node: Node, ahead: str) -> None:
        entries = [child for child in node.children if child.entry]
        text = node.text.rstrip(": ") if entries else node.text
        if not entries:
            found = re.match(r"([^:]{2,40}):\s+(\S.*)", text)
            who = self.names.of(found[1]) if found else ""
            if found and who and step.owners and who not in step.owners:
                step.meanwhile.setdefault(who, []).append(found[2])
                self.draft.tell(node.line, "meanwhile", f"{who}: {found[2]}"[:100])
            elif len(step.items) < MOST_ITEMS:
                own = found[2] if found and who and step.owners == [who] else text
                step.items.append(f"{ahead}{own}"[:500])
                self.draft.tell(node.line, "item", f"{ahead}{text}"[:100])
        else:
            named = all(self.names.of(child.text.partition(":")[0]) for child in entries)
            self.draft.tell(node.line, "item", text)
            if node.kind in ("number", "check") and not ahead:
                step.items.append(text[:500])
            under = "" if named or ASIDE.fullmatch(text) or node.kind in ("number", "check") else f"{text}: "[:100]
            for child in entries:
                self.detail(step, child, under)
        for child in node.children:
            if not child.entry:
                self.detail(step, child)

    def note(self, step: Step, node: Node) -> None:
        """Code below a step is kept in its note."""
        step.notes.append(node.text[:NOTE])
        self.draft.tell(node.line, "note", f"code of {step.title}", node.last)

    def label(self, node: Node, kind: str, value: str, context: Context) -> None:
        """A labelled line among the steps: of the one above it, else of all below."""
        step = context.last or Step(node.line, "")
        wrong = phrases.put(step, kind, value, node.text.partition(":")[0], day_first=self.day_first)
        if context.last is None and not wrong:
            context.owners = step.owners or context.owners
            context.day = (step.said.day if step.said else None) or context.day
        taken = not wrong and (context.last is not None or kind in ("owner", "said"))
        self.draft.tell(node.line, kind if taken else "left out", node.text[:100])

    def paragraph(self, node: Node, context: Context) -> None:
        kind, value = phrases.labelled(node.text)
        if node.line in self.headed:
            return
        if kind and kind not in ("note", "about", "name"):
            self.label(node, kind, value, context)
        elif context.last and node.line <= context.last.line + 2:
            context.last.notes.append(node.text[:NOTE])
            self.draft.tell(node.line, "note", f"of {context.last.title}")

    # Ways back

    def rollback(self, node: Node) -> None:
        """A part about the way back: one with its steps, or several with a time for each."""
        children = [
            part
            for child in node.children
            for part in (outline.drawing(child.text, child.line + 1, force=True) if child.kind == "code" else [child])
        ]
        several = [child for child in children if child.entry and _time_of(child.children)]
        for child in several:
            fields = dict(
                (phrases.labelled(f"{word}: x")[0] and (word, value)) or (word.lower(), value)
                for word, _, value in (each.text.partition(": ") for each in child.children)
            )
            scope = next((value for word, value in fields.items() if word.lower() == "scope"), "")
            impact = next((value for word, value in fields.items() if word.lower() == "impact"), "")
            self.back(
                Rollback(child.line, _name(child.text.rstrip(":")), _time_of(child.children), [], scope, impact),
                child.last,
            )
        if several:
            return
        steps = [
            each.text
            for child in children
            for each in child.walk()
            if each.entry or (each.kind == "heading" and NUMBERED.match(each.text))
        ]
        steps = [text[:500] for text in steps if not phrases.labelled(text)[0]][:MOST_ITEMS]
        if steps:
            self.back(
                Rollback(
                    node.line,
                    _name(node.text),
                    _time_of(each for child in children for each in (child, *child.children)),
                    steps,
                ),
                max((each.last for each in node.walk()), default=node.line),
            )

    def back(self, way: Rollback, last: int) -> None:
        self.draft.rollbacks.append(way)
        self.draft.tell(way.line, "rollback", way.name, last)


def _time_of(nodes: Iterable[Node]) -> timedelta | None:
    """How long the way back takes, where a line says it."""
    for node in nodes:
        kind, value = phrases.labelled(node.text)
        if kind in ("takes", "said") and (length := moments.duration(value)):
            return length[1]
    return None


def _years(texts: Iterable[str]) -> list[int]:
    """The years that a document names with a day, the most frequent first."""
    days = [moments.day(found[0]) for text in texts for found in moments.DAY.finditer(text)]
    return [year for year, _ in Counter(day.year for day in days if day and day.year != moments.NO_YEAR).most_common()]


def _topmost(nodes: Iterable[Node]) -> list[Node]:
    """Nodes without those that are within another of them, each once, in the order of the document."""
    found = {id(node): node for node in nodes}
    inner = {id(each) for node in found.values() for child in node.children for each in child.walk()}
    return sorted((node for place, node in found.items() if place not in inner), key=lambda node: node.line)


def _name(text: str) -> str:
    return re.sub(r"^\d+[.)]\s+", "", text).strip(" -–—:#")[:100]
