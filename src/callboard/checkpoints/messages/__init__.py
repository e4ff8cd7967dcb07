"""How checkpoints read: the card, the question to a lead, the page when nobody answers.

views: a checkpoint and what was asked at it, as they are read
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.checkpoints.messages.views import CheckpointView, InquiryView, Line
from callboard.checkpoints.models import How, State
from callboard.core.outbox import Message
from callboard.core.words import complete, counted, few_lines, joined

ON_IT, HELP, BLOCKER, ANSWER = "checkpoint.on_it", "checkpoint.help", "checkpoint.blocker", "checkpoint.answer"
MOST, MET, LATE = 20, 500, timedelta(minutes=1)
CHECK, FLAG, SLEEP = ":white_check_mark:", ":triangular_flag_on_post:", ":zzz:"
SKIPPED = ":fast_forward:"
HOW = complete(How, {
    How.ON_IT: (":speech_balloon:", "is on it"), How.HELP: (":raised_hand:", "asks for help"),
    How.BLOCKER: (":octagonal_sign:", "raised"), How.SAID: (":speech_balloon:", "answered"),
})  # fmt: skip
Block = dict[str, Any]


def card(view: CheckpointView, *, whole: bool = False) -> Message:
    """What is met, what is not and by how much, and what people answered; `whole` with all that is behind."""
    most = len(view.off) if whole else MOST
    head = f"{m.bold(view.name)}  {m.date(view.row.at, 'both')}{_when(view)}"
    shown = [b.section("\n".join([head, *_summary(view)])), *_off(view.off, view.row.key, most)]
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
            shown = [*_off(view.off, view.key), *_questions(left), *_answers(view), _buttons(view)]
            return _message(view, HOW[How(row.how)][0], _how(view), when, shown)
        case State.SETTLED:
            return _message(view, CHECK, "everything is met now. You need not answer.", "", [])
        case State.SILENT:
            told = f" I told {view.told}." if view.told not in ("", view.people) else ""
            late = f" No answer by {m.date(row.closes_at, 'both')}.{told} You can still answer."
            return _message(view, FLAG, _asked(view), late, _body(view))
        case State.CLOSED:
            return _message(view, SLEEP, "closed. Nobody answered.", "", [])
        case State.CALLED_OFF:
            return _message(view, SKIPPED, "the plan changed. You need not answer.", "", [])
        case State.WAITING:
            icon, first = (":bell:", " Nobody has answered yet.") if again else (FLAG, "")
            return _message(
                view, icon, _asked(view), f"{first} Answer by {m.date(row.closes_at, 'both')}.", _body(view)
            )


def _message(view: InquiryView, icon: str, text: str, more: str, blocks: list[Block]) -> Message:
    whose = f" for {view.whose}" if view.whose else ""
    head = b.section(f"{icon} {m.bold(view.checkpoint)}{whose}: {text}{more}")
    return Message(text=f"{view.checkpoint}{whose}: {text}", blocks=[head, *blocks])


def silent(views: Sequence[InquiryView], why: str, reader: str) -> Message:
    """Nobody answered, in one or several seats: whoever can act reads this, and that may be who was asked."""
    name, key, people = views[0].checkpoint, views[0].key, joined(dict.fromkeys(view.people for view in views))
    own = all(view.row.people == [reader] for view in views)
    who, whom, do = ("You", "you", "Answer here.") if own else (people, people, "Ask them, or answer here.")
    because = f"You get this because you are {why}." if why else ""
    last = max(view.row.closes_at for view in views)
    head = f":speech_balloon: {m.bold(name)}: {whom} did not answer by {m.date(last, 'both')}. {do}"
    small = " ".join(filter(None, (because, views[0].next)))
    shown, lines = [b.section(head)], [f"{who} did not answer at the checkpoint {name}. {because}".strip()]
    for view in views:
        shown += [b.section(m.bold(view.people))] if len(views) > 1 else []
        shown += _body(view)
        lines += [f"- {line.text.replace('*', '')}" for line in view.off] + [f"- {ask}" for ask in view.questions]
    lines.append(f"Answer in Slack: /checkpoint show {key}")
    return Message(
        text=f"{name}: {whom} did not answer",
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
    return Message(
        text=f"{who} asks for help: {view.checkpoint}",
        blocks=[*shown, *_off(view.off, view.key), *_answers(view)],
    )


def headline(view: CheckpointView) -> str:
    """How a checkpoint stands, in few words."""
    if view.row.missed:
        return "not checked in time"
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
        case State.CALLED_OFF:
            return SKIPPED, "called off: the plan changed"
        case State.WAITING:
            return ":hourglass:", f"waiting for {view.people}"


def _when(view: CheckpointView) -> str:
    row, early = view.row, ", before its time" if view.row.looked_at < view.row.at else ""
    if view.by:
        return f"\nchecked {m.date(row.looked_at, 'both')} for {view.by}{early}"
    late = row.looked_at > row.at + LATE and not row.missed
    return f"\nChecked late: {m.date(row.looked_at, 'both')}" if late else ""


def _summary(view: CheckpointView) -> Iterator[str]:
    if view.row.missed:
        yield f"Not checked in time. Check now: `/checkpoint run {view.row.key}`"
    elif view.lines:
        yield f":{'warning' if view.off else 'white_check_mark'}: {headline(view)}."
    yield from (f":hourglass: {sentence}" for sentence in view.waiting)


def _off(lines: Sequence[Line], key: str, most: int = MOST) -> list[Block]:
    """What is behind at a checkpoint; where there is more, `/checkpoint show` has it."""
    text = few_lines([f"• {line.text}" for line in lines], most, f": `/checkpoint show {key}`")
    return fit.paragraphs(text)


def _asked(view: InquiryView) -> str:
    count = len(view.off)
    return f"{counted(count, 'thing')} {'is' if count == 1 else 'are'} behind." if count else "how does it stand?"


def _questions(questions: Sequence[str]) -> list[Block]:
    return [b.section("\n".join(f"• {question}" for question in questions))] if questions else []


def _body(view: InquiryView) -> list[Block]:
    return [*_off(view.off, view.key), *_questions(view.questions), _buttons(view)]


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
