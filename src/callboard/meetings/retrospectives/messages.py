"""How retrospectives read: the question to each person, the card with figures and answers, what leads are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from callboard import blocks as b
from callboard.blocks import fit, forms
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.words import counted
from callboard.meetings.retrospectives import store
from callboard.meetings.retrospectives.models import Line, Retrospective, Seat
from callboard.tasks import service as tasks
from callboard.teams import service as teams

ANSWER, LINE, TASK, LEARN = "retro.answer", "retro.line", "task", "lesson"
SHOWN, PARAGRAPHS, LONGEST = 30, 12, 2500
HOW = "Make a line a task: `/plan retro task 12 @somebody by 2026-03-30`. Keep it as a lesson: `/plan retro lesson 12`."


@dataclass(frozen=True)
class RetroView:
    """A retrospective as it stands: how many were asked and have answered, and each question with its lines."""

    row: Retrospective
    asked: int
    answered: int
    chapters: tuple[tuple[str, tuple[tuple[Line, str], ...]], ...]

    @property
    def name(self) -> str:
        return m.escape(self.row.name)

    @property
    def counts(self) -> str:
        return f"{self.answered} of {self.asked} answered"


def view(tx: Tx, row: Retrospective) -> RetroView:
    seats, lines = store.seats(tx, row.number), store.lines(tx, row.number)
    worded = [(line, _worded(tx, row, line)) for line in lines]
    chapters = tuple(
        (question, tuple(pair for pair in worded if pair[0].question == place))
        for place, question in enumerate(row.questions)
    )  # fmt: skip
    return RetroView(row, len(seats), sum(seat.answered_at is not None for seat in seats), chapters)


def _worded(tx: Tx, row: Retrospective, line: Line) -> str:
    """A line with its number, whose it is, and what became of it."""
    directory = teams.directory(tx, row.plan_id)
    by = f"  _{m.escape(directory.names_of([line.by]))}_" if line.by else ""
    became = [f"lesson {line.lesson}"] if line.lesson is not None else []
    if line.task:
        found = next(iter(tasks.tasks(tx, row.plan_id, [line.task])), None)
        owner = m.escape(directory.names_of(found.assignees)) if found else ""
        due = f", due {m.date(found.due_at, 'day')}" if found and found.due_at else ""
        became.append(f"{line.task} ({owner or 'nobody'}{due}): {found.status}" if found else f"{line.task}: dropped")
    return f"*{line.number}*  {line.text}{by}" + "".join(f"  :arrow_right: {each}" for each in became)


def ask(row: Retrospective, seat: Seat, *, again: bool = False) -> Message:
    """What somebody reads who is asked, and what is left of it later."""
    name = m.escape(row.name)
    if seat.answered_at:
        text = f":white_check_mark: {m.bold(name)}: you have answered. Thank you."
        change = [] if row.anonymous or not row.is_open else [b.actions(_button("Change your answer", row))]
        return Message(text=text, blocks=[b.section(text), *change])
    if not row.is_open:
        return Message(text=f"{m.bold(name)}: the retrospective closed {m.date(row.closes_at, 'both')}.")
    head = f"{m.bold(name)} is over: how was it?"
    head = f":speech_balloon: {'Reminder: ' if again else ''}{head}"
    names = "without names" if row.anonymous else "with your name"
    closes = f"Until {m.date(row.closes_at, 'both')}. I post the answers in the plan's channel, {names}."
    questions = "\n".join(f"• {m.escape(question)}" for question in row.questions)
    shown = [b.section(f"{head}\n{questions}"), b.context(closes), b.actions(_button("Answer", row, primary=True))]
    typed = "In Slack: `/plan retro answer`"
    plain = "\n".join([f"{row.name} is over: how was it?", *(f"- {question}" for question in row.questions), typed])
    return Message(text=head, blocks=shown, title=f"{row.name} is over: how was it?", plain=plain)


def _button(label: str, row: Retrospective, *, primary: bool = False) -> dict[str, Any]:
    return b.button(label, ANSWER, f"{row.number}:0", style="primary" if primary else None)


def card(view: RetroView) -> Message:
    """Figures and answers. Each line has a menu that makes something of it."""
    text, left, shown = _head(view), SHOWN, _opening(view)
    more = 0
    for question, lines in view.chapters:
        shown.append(
            b.section(
                m.bold(m.escape(question)) + ("" if lines else "\nNo answer yet" if view.row.is_open else "\nNo answer")
            )
        )
        shown += [
            b.section(m.clip(words, m.TEXT), accessory=_menu(line), block_id=f"line-{line.number}")
            for line, words in lines[:left]
        ]  # fmt: skip
        more += max(0, len(lines) - left)
        left = max(0, left - len(lines))
    shown += [b.context(f"and {counted(more, 'more line')}: `/plan retro`")] if more else []
    return Message(text=text, blocks=[*shown, *_closing(view)])


def listed(view: RetroView, earlier: Sequence[Retrospective]) -> Message:
    """All lines, to read."""
    shown = _opening(view)
    for question, lines in view.chapters:
        shown += fit.paragraphs([m.bold(m.escape(question)), *(words for _, words in lines)], PARAGRAPHS)
    others = ", ".join(f"{m.escape(row.name)} ({m.date(row.at, 'day')})" for row in earlier)
    shown += [b.context(f"Others: {others}. `/plan retro NAME` shows one.")] if others else []
    return Message(text=_head(view), blocks=[*shown, *_closing(view), b.context(HOW)])


def _head(view: RetroView) -> str:
    if not view.asked:
        return f":mag: {m.bold(f'Retrospective of {view.name}')}: nobody could be asked, everybody is away."
    state = f"open until {m.date(view.row.closes_at, 'both')}" if view.row.is_open else "closed"
    return f":mag: {m.bold(f'Retrospective of {view.name}')}: {view.counts}, {state}"


def _opening(view: RetroView) -> list[dict[str, Any]]:
    figures = [b.section(m.clip("\n".join(view.row.figures), m.TEXT))] if view.row.figures else []
    return [b.section(_head(view)), *figures]


def _menu(line: Line) -> dict[str, Any] | None:
    options = [("Make it a task", TASK)] if not line.task else []
    options += [("Keep it as a lesson", LEARN)] if line.lesson is None else []
    value = f"{line.number}:{line.changes}"
    return b.overflow(LINE, [(label, f"{verb}:{value}") for label, verb in options]) if options else None


def _closing(view: RetroView) -> Iterator[dict[str, Any]]:
    if view.row.is_open:
        yield b.actions(_button("Answer", view.row, primary=True))


def closed(view: RetroView) -> Message:
    """What whoever leads it reads when it is closed."""
    total = sum(len(lines) for _, lines in view.chapters)
    undone = sum(not line.task and line.lesson is None for _, lines in view.chapters for line, _ in lines)
    text = f":mag: Retrospective of {m.bold(view.name)} closed: {view.counts}."
    if not total:
        return Message(text=text)
    verb = "is" if undone == 1 else "are"
    next_one = f"{undone} of {counted(total, 'line')} {verb} no task or lesson yet: `/plan retro`"
    done = f"All {counted(total, 'line')} became tasks or lessons."
    return Message(text=f"{text} {next_one if undone else done}", blocks=[
        b.section(f"{text} {next_one if undone else done}"), b.context(HOW)
    ])  # fmt: skip


def form(row: Retrospective, own: Sequence[Line]) -> dict[str, Any]:
    """A field for each question, with what its reader answered before."""
    inputs = [
        forms.text_input(
            question, f"q{place}", multiline=True, optional=True, max_length=LONGEST, placeholder="One thing per line",
            initial="\n".join(line.text for line in own if line.question == place),
        ) for place, question in enumerate(row.questions)
    ]  # fmt: skip
    names = " Nobody sees who wrote what, and it can't be changed later." if row.anonymous else ""
    note = [b.context(f"Fill in at least one field.{names}")]
    return forms.modal(
        f"{row.name}: look back", [*note, *inputs], callback_id=ANSWER, submit="Save",
        private={"number": row.number, "changes": 0},
    )  # fmt: skip
