"""How checkpoints read: the card, the question to a lead, the page when nobody answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.checkpoints import expectations, store
from callboard.checkpoints.models import Checkpoint, How, Inquiry, State
from callboard.checkpoints.plan import CheckpointPart
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.words import complete, counted, few_lines, joined
from callboard.escalation import service as escalation
from callboard.plans import holds
from callboard.teams import service as teams
from callboard.teams.directory import Directory

ON_IT, HELP, BLOCKER, ANSWER = "checkpoint.on_it", "checkpoint.help", "checkpoint.blocker", "checkpoint.answer"
MOST, MET, LATE = 20, 500, timedelta(minutes=1)
CHECK, FLAG, SLEEP = ":white_check_mark:", ":triangular_flag_on_post:", ":zzz:"
HOW = complete(How, {
    How.ON_IT: (":speech_balloon:", "is on it"), How.HELP: (":raised_hand:", "asks for help"),
    How.BLOCKER: (":octagonal_sign:", "raised"), How.SAID: (":speech_balloon:", "answered"),
})  # fmt: skip
Block = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One expectation as it stood; `says` is only what was expected, `text` all of it."""

    task: str
    says: str
    text: str
    holds: bool


@dataclass(frozen=True, kw_only=True)
class InquiryView:
    """What some people are asked. `people`, `by` and `told` are names that ring nobody; `off` is what is behind."""

    row: Inquiry
    checkpoint: str
    key: str
    people: str
    by: str
    off: tuple[Line, ...]
    told: str
    next: str

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(map(m.escape, self.row.questions))

    @property
    def answers(self) -> tuple[tuple[str, str], ...]:
        return tuple((m.escape(each["ask"]), each["said"]) for each in self.row.answers if each["said"])


@dataclass(frozen=True, kw_only=True)
class CheckpointView:
    """A checkpoint with what was asked at it; `asks` are the questions of one that is still to come."""

    row: Checkpoint
    by: str = ""
    lines: tuple[Line, ...]
    trend: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    inquiries: tuple[InquiryView, ...] = ()
    asks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return m.escape(self.row.name)

    @property
    def off(self) -> list[Line]:
        return [line for line in self.lines if not line.holds]


def card(view: CheckpointView) -> Message:
    """What is met, what is not and by how much, and what people answered."""
    head = f"{m.bold(view.name)}  {m.date(view.row.at, 'both')}{_when(view)}"
    shown = [b.section("\n".join([head, *_summary(view)])), *_off(view.off)]
    met = [line.task or line.says for line in view.lines if line.holds]
    if view.off and met:
        shown.append(b.context(f"{CHECK} {fit.fitting(met, MET, between=', ')}"))
    if view.trend:
        shown.append(b.context(" · ".join(view.trend)))
    shown += _questions([*map(m.escape, view.asks)])
    for inquiry_view in view.inquiries:
        shown += _outcome(inquiry_view)
    return Message(text=f"{view.name}: {headline(view)}", blocks=shown)


def ask(view: InquiryView, *, again: bool = False) -> Message:
    """What somebody is asked, for the first time or `again`, and what they answered."""
    row = view.row
    match State(row.state):
        case State.ANSWERED:
            when = f", {m.date(row.answered_at, 'both')}." if row.answered_at else "."
            left = [question for question in view.questions if question not in dict(view.answers)]
            shown = [*_off(view.off), *_questions(left), *_answers(view), _buttons(view)]
            return _message(view, HOW[How(row.how)][0], _how(view), when, shown)
        case State.SETTLED:
            return _message(view, CHECK, "everything is met now. You need not answer.", "", [])
        case State.SILENT:
            told = f" I told {view.told}." if view.told else ""
            late = f" No answer by {m.date(row.closes_at, 'both')}.{told} You can still answer."
            return _message(view, FLAG, _asked(view), late, _body(view))
        case State.CLOSED:
            return _message(view, SLEEP, "nobody answered, and its time is over.", "", [])
        case State.WAITING:
            icon, first = (":bell:", " Nobody has answered yet.") if again else (FLAG, "")
            return _message(
                view, icon, _asked(view), f"{first} Answer by {m.date(row.closes_at, 'both')}.", _body(view)
            )


def _message(view: InquiryView, icon: str, text: str, more: str, blocks: list[Block]) -> Message:
    head = b.section(f"{icon} {m.bold(view.checkpoint)}: {text}{more}")
    return Message(text=f"{view.checkpoint}: {text}", blocks=[head, *blocks])


def silent(views: Sequence[InquiryView], why: str) -> Message:
    """Nobody answered, in one or several seats: whoever can act reads this."""
    name, key, people = views[0].checkpoint, views[0].key, joined(dict.fromkeys(view.people for view in views))
    because = f"You get this because you are {why}." if why else ""
    last = max(view.row.closes_at for view in views)
    head = (
        f":speech_balloon: {m.bold(name)}: {people} did not answer by {m.date(last, 'both')}. Ask them, or answer here."
    )
    small = " ".join(filter(None, (because, views[0].next)))
    shown, lines = [b.section(head)], [f"{people} did not answer at the checkpoint {name}. {because}".strip()]
    for view in views:
        shown += [b.section(m.bold(view.people))] if len(views) > 1 else []
        shown += _body(view)
        lines += [f"- {line.text.replace('*', '')}" for line in view.off] + [f"- {ask}" for ask in view.questions]
    lines.append(f"Answer in Slack: /checkpoint show {key}")
    return Message(
        text=f"{name}: {people} did not answer",
        blocks=[*shown, *([b.context(small)] if small else [])],
        title=m.unescape(f"Checkpoint {name}: no answer"), plain=m.unescape("\n".join(lines)),
    )  # fmt: skip


def over(views: Sequence[InquiryView]) -> Message:
    """What became of questions that nobody answered in time."""
    ends = [f"{icon} {m.bold(view.checkpoint)}: {text}" for view in views for icon, text in (_state(view),)]
    return Message(text="; ".join(dict.fromkeys(ends)), blocks=[b.section("\n".join(dict.fromkeys(ends)))])


def help_wanted(view: InquiryView) -> Message:
    who = view.by or view.people
    shown = [b.section(f":raised_hand: {m.bold(who)} asks for help: {m.bold(view.checkpoint)}.")]
    return Message(text=f"{who} asks for help: {view.checkpoint}", blocks=[*shown, *_off(view.off), *_answers(view)])


def headline(view: CheckpointView) -> str:
    """How a checkpoint stands, in few words."""
    if view.row.missed:
        return "not checked, I was offline"
    if not view.lines:
        return "; ".join(_state(each)[1] for each in view.inquiries) or "nobody asked yet"
    return f"{len(view.lines) - len(view.off)} of {len(view.lines)} met"


def _state(view: InquiryView) -> tuple[str, str]:
    """How an inquiry stands: an icon, and a few words."""
    match State(view.row.state):
        case State.ANSWERED:
            return HOW[How(view.row.how)][0], _how(view)
        case State.SETTLED:
            return CHECK, f"met now: {', '.join(line.task or line.says for line in view.off)}"
        case State.SILENT | State.CLOSED:
            return SLEEP, f"no answer from {view.people}"
        case State.WAITING:
            return ":hourglass:", f"waiting for {view.people}"


def _when(view: CheckpointView) -> str:
    row, early = view.row, ", before its time" if view.row.looked_at < view.row.at else ""
    if view.by:
        return f"\nchecked {m.date(row.looked_at, 'both')} for {view.by}{early}"
    late = row.looked_at > row.at + LATE and not row.missed
    return f"\nI was offline then: checked at {m.date(row.looked_at, 'both')}" if late else ""


def _summary(view: CheckpointView) -> Iterator[str]:
    if view.row.missed:
        yield f"Not checked: I was offline. Check now: `/checkpoint run {view.row.key}`"
    elif view.lines:
        yield f":{'warning' if view.off else 'white_check_mark'}: {headline(view)}."
    yield from (f":hourglass: {sentence}" for sentence in view.waiting)


def _off(lines: Sequence[Line]) -> list[Block]:
    text = fit.fitting(few_lines([f"• {line.text}" for line in lines], MOST))
    return [b.section(text)] if lines else []


def _asked(view: InquiryView) -> str:
    count = len(view.off)
    return f"{counted(count, 'thing')} {'is' if count == 1 else 'are'} behind." if count else "how does it stand?"


def _questions(questions: Sequence[str]) -> list[Block]:
    return [b.section("\n".join(f"• {question}" for question in questions))] if questions else []


def _body(view: InquiryView) -> list[Block]:
    return [*_off(view.off), *_questions(view.questions), _buttons(view)]


def _buttons(view: InquiryView) -> Block:
    value = f"{view.row.number}:{view.row.changes}"
    again = view.row.state == State.ANSWERED
    shown = []
    if view.questions:
        label = "Change answer" if view.answers else "Answer"
        shown.append(b.button(label, ANSWER, value, style=None if again else "primary"))
    if view.off and not (again and view.row.how == How.ON_IT):
        shown.append(b.button("On it", ON_IT, value, style=None if view.questions else "primary"))
    blocker = b.button("Raise a blocker", BLOCKER, value, style=None if again else "danger")
    return b.actions(*shown, b.button("Ask for help", HELP, value), blocker)


def _how(view: InquiryView) -> str:
    how = How(view.row.how)
    blockers = f" {joined(f'blocker {number}' for number in view.row.blockers)}" if how == How.BLOCKER else ""
    return f"{view.by} {HOW[how][1]}{blockers}"


def _answers(view: InquiryView) -> list[Block]:
    return [b.section(f"{m.bold(question)}\n{m.clip(text, 1500)}") for question, text in view.answers]


def _outcome(view: InquiryView) -> list[Block]:
    """An inquiry on the card."""
    row, (icon, text), when = view.row, _state(view), ""
    if row.answered_at:
        when = f" {m.date(row.answered_at, 'both')}{', after the window' if row.answered_at > row.closes_at else ''}"
    elif row.open:
        told = f"; told: {view.told}" if view.told else ""
        when = f" {'by' if row.state == State.SILENT else 'until'} {m.date(row.closes_at, 'both')}{told}"
    return [b.context(f"{icon} {text}{when}"), *_answers(view)]


def checkpoint(tx: Tx, row: Checkpoint) -> CheckpointView:
    directory, last = teams.directory(tx, row.plan_id), expectations.before(tx, row)
    return CheckpointView(
        row=row, by=_names(directory, filter(None, [row.by])), trend=tuple(_trend(directory, row, last)),
        lines=tuple(_line(directory, item, last) for item in row.items), waiting=tuple(_waits(tx, directory, row)),
        inquiries=tuple(inquiry(tx, asked) for asked in store.inquiries(tx, row.number)),
    )  # fmt: skip


def coming(tx: Tx, row: Checkpoint, part: CheckpointPart) -> CheckpointView:
    """A checkpoint that was not checked yet, as it would stand now."""
    directory, last = teams.directory(tx, row.plan_id), expectations.before(tx, row)
    items = [asdict(item) for item in expectations.stands(tx, row.plan_id, part)]
    return CheckpointView(row=row, lines=tuple(_line(directory, item, last) for item in items), asks=part.ask)


def inquiry(tx: Tx, row: Inquiry) -> InquiryView:
    directory, checkpoint = teams.directory(tx, row.plan_id), store.checkpoint(tx, row.checkpoint_id)
    last = expectations.before(tx, checkpoint)
    ladder = escalation.ladder(tx, checkpoint.subject) if row.state == State.SILENT else None
    told = dict.fromkeys((*row.told, *(escalation.told(tx, checkpoint.subject) if ladder else ())))
    coming = ladder.next if ladder and ladder.next and ladder.next.whom else None
    then = f"Next: {coming.level}, {m.date(coming.at, 'both')}." if coming else ""
    return InquiryView(
        row=row, checkpoint=m.escape(checkpoint.name), key=checkpoint.key, people=_names(directory, row.people),
        by=_names(directory, filter(None, [row.by])),
        off=tuple(_line(directory, checkpoint.items[place], last) for place in row.places),
        told=_names(directory, told), next=then,
    )  # fmt: skip


def _line(directory: Directory, item: dict[str, Any], last: Checkpoint | None) -> Line:
    who = f" ({_names(directory, item['who'])})" if item["who"] else ""
    short = f": *{item['short']}*" if item["short"] else ""
    was = last.percents.get(item["task"]) if last else None
    text = f"{item['says']}{who}: {item['stands']}{short}{f', {was}% last time' if was else ''}"
    return Line(task=item["task"], says=item["says"], text=text, holds=item["holds"])


def _trend(directory: Directory, row: Checkpoint, last: Checkpoint | None) -> Iterator[str]:
    """How far each team is with all of its tasks, and how far it was last time."""
    for team, percent in row.progress.items():
        was = last.progress.get(team) if last else None
        since = f", {was}% at {m.escape(last.name)}" if last and was is not None else ""
        yield f"{m.escape(directory.spoken_of(team))} is at {percent}%{since}"


def _waits(tx: Tx, directory: Directory, row: Checkpoint) -> Iterator[str]:
    for team in row.on_hold:
        by = [f"`{hold.by}`" for hold in holds.standing(tx, row.plan_id, team)]
        name = m.escape(directory.spoken_of(team))
        yield f"{name} waits for {joined(by)}, so its lead is not asked." if by else f"{name} may begin now."


def _names(directory: Directory, keys: Iterable[str]) -> str:
    return joined(m.escape(directory.people[key].name if key in directory.people else key) for key in keys)
