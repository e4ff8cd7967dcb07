"""How checkpoints read in Slack: the card, the question to a lead, the page where nobody answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from callboard import blocks as b
from callboard.checkpoints.messages.views import CheckpointView, InquiryView, Line
from callboard.checkpoints.models import How, State
from callboard.core.outbox import Message
from callboard.core.words import few_lines

ON_IT, HELP, BLOCKER, ANSWER = "checkpoint.on_it", "checkpoint.help", "checkpoint.blocker", "checkpoint.answer"
MOST = 20
Block = dict[str, Any]


def card(view: CheckpointView) -> Message:
    """What holds, what does not and by how much, and what is said about it."""
    head = f"{b.bold(view.name)}  {b.date(view.at, 'both')}{_when(view)}"
    off = [line for line in view.lines if not line.holds]
    shown = [b.section("\n".join([head, *_summary(view, off)]))]
    if off:
        shown.append(b.section(b.clip("\n".join(_off(off)), b.TEXT)))
    good = [line.task or line.says for line in view.lines if line.holds]
    if off and good:
        shown.append(b.context(f":white_check_mark: {b.clip(', '.join(good), 500)}"))
    if view.trend:
        shown.append(b.context(" · ".join(view.trend)))
    shown += [b.section("\n".join(f"• {b.escape(ask)}" for ask in view.asks))] if view.asks else []
    for one in view.inquiries:
        shown += _outcome(one)
    return Message(text=f"{view.name}: {headline(view)}", blocks=shown[: b.MESSAGE_BLOCKS])


def ask(view: InquiryView) -> Message:
    """What somebody is asked, and what became of it."""
    if view.state == State.ANSWERED:
        return _thanks(view)
    if view.state == State.SETTLED:
        text = f":white_check_mark: {b.bold(view.checkpoint)}: everything holds by now, nothing is asked of you."
        return Message(text=f"{view.checkpoint}: everything holds by now", blocks=[b.section(text)])
    over = "It is over, and now it climbs; your answer still stops it." if view.state == State.SILENT else ""
    until = over or f"Open until {b.date(view.closes_at)}."
    head = f":triangular_flag_on_post: {b.bold(view.checkpoint)}: {_asked(view)} {until}"
    return Message(text=f"{view.checkpoint}: {_asked(view)}", blocks=[b.section(head), *_body(view), _buttons(view)])


def page(view: InquiryView, why: str) -> Message:
    """Nobody answered: whoever is on the ladder is paged."""
    if not view_open(view):
        return _thanks(view) if view.state == State.ANSWERED else ask(view)
    text = (
        f":rotating_light: {b.bold(view.checkpoint)}: {view.people} did not answer by {b.date(view.closes_at)}. "
        f"Anybody's answer here stops the climb."
    )
    then = f"Next: {view.next_level}, {b.date(view.next_at)}." if view.next_at and view.next_level else ""
    small = b.context(" ".join(filter(None, (f"You are told because you are {why}.", then))))
    return Message(
        text=f"{view.checkpoint}: {view.people} did not answer",
        blocks=[b.section(text), *_body(view), _buttons(view), small],
    )


def plain_page(view: InquiryView, why: str) -> Message:
    """The page for those whom Slack does not reach."""
    lines = [
        f"{view.people} did not answer at the checkpoint {view.checkpoint}. You are told because you are {why}.",
        *(f"- {_plain(line)}" for line in view.off),
        *(f"- {question}" for question in view.questions),
        f"In Slack: /checkpoint show {view.key}",
    ]
    return Message(text=b.unescape("\n".join(lines)), title=b.unescape(f"Checkpoint {view.checkpoint}: no answer"))


def help_wanted(view: InquiryView) -> Message:
    """Somebody asks whoever coordinates for help."""
    text = f":raised_hand: {b.bold(view.by or view.people)} asks for help: {b.bold(view.checkpoint)}."
    return Message(
        text=f"{view.by or view.people} asks for help: {view.checkpoint}",
        blocks=[b.section(text), *_body(view, questions=False), *_said(view)],
    )


def view_open(view: InquiryView) -> bool:
    """Whether somebody has yet to say something."""
    return view.state in (State.WAITING, State.SILENT)


def headline(view: CheckpointView) -> str:
    """How a checkpoint stands, in few words."""
    off = [line for line in view.lines if not line.holds]
    if view.missed:
        return "nobody was there to look at it"
    if not view.lines:
        return "; ".join(map(_outcome_of, view.inquiries)) or "nobody is asked yet"
    return f"{len(view.lines) - len(off)} of {len(view.lines)} as expected" if off else "all as expected"


def _outcome_of(view: InquiryView) -> str:
    match view.state:
        case State.ANSWERED:
            return _how(view)
        case State.SILENT:
            return f"nothing was heard of {view.people}"
    return f"{view.people} {'are' if ',' in view.people else 'is'} asked"


def _when(view: CheckpointView) -> str:
    if view.by:
        return f"\nlooked at {b.date(view.looked_at, 'both')} for {view.by}{', before its time' if view.early else ''}"
    return f"\nI was not there in time: this is how it stood at {b.date(view.looked_at)}" if view.late else ""


def _summary(view: CheckpointView, off: Sequence[Line]) -> Iterator[str]:
    if view.missed:
        yield "Nobody was there to look at it in time. `/checkpoint run` looks now."
    elif view.lines and not off:
        yield f":white_check_mark: {'All' if len(view.lines) > 1 else 'It is'} as expected."
    elif off:
        yield f":warning: {len(view.lines) - len(off)} of {len(view.lines)} as expected."
    for waits in view.waiting:
        yield f":hourglass: {waits}: its lead is not asked."


def _off(lines: Sequence[Line]) -> Iterator[str]:
    yield from few_lines([_written(line) for line in lines], MOST)


def _written(line: Line) -> str:
    who = f" ({line.who})" if line.who else ""
    short = f": *{line.short}*" if line.short else ""
    was = f", {line.was}% the last time" if line.was else ""
    return f"• {line.says}{who}: {line.stands}{short}{was}"


def _plain(line: Line) -> str:
    return _written(line).removeprefix("• ").replace("*", "")


def _asked(view: InquiryView) -> str:
    if not view.off:
        return "how does it stand?"
    return (
        "one thing is not where it should be."
        if len(view.off) == 1
        else f"{len(view.off)} things are not where they should be."
    )


def _body(view: InquiryView, *, questions: bool = True) -> list[Block]:
    off = [b.section(b.clip("\n".join(_off(view.off)), b.TEXT))] if view.off else []
    asked = (
        [b.section("\n".join(f"• {question}" for question in view.questions))] if questions and view.questions else []
    )
    return off + asked


def _buttons(view: InquiryView) -> Block:
    value = f"{view.number}:{view.changes}"
    again = view.state == State.ANSWERED
    answer = [
        b.button("Change my answer" if view.answers else "Answer", ANSWER, value, style=None if again else "primary")
    ]
    on_it = (
        []
        if again and view.how == How.ON_IT
        else [b.button("On it", ON_IT, value, style=None if view.questions else "primary")]
    )
    off = [*on_it, b.button("Need help", HELP, value)] if view.off else [b.button("Need help", HELP, value)]
    raised = b.button("Raise a blocker", BLOCKER, value, style=None if again else "danger")
    return b.actions(*(answer if view.questions else []), *off, raised)


def _thanks(view: InquiryView) -> Message:
    when = f", {b.date(view.answered_at)}" if view.answered_at else ""
    head = f":white_check_mark: {b.bold(view.checkpoint)}: {_how(view)}{when}."
    return Message(text=f"{view.checkpoint}: {_how(view)}", blocks=[b.section(head), *_said(view), _buttons(view)])


def _how(view: InquiryView) -> str:
    blockers = ", ".join(f"blocker {number}" for number in view.blockers)
    match view.how:
        case How.ON_IT:
            return f"{view.by} is on it"
        case How.HELP:
            return f"{view.by} asks for help"
        case How.BLOCKER:
            return f"{view.by} raised {blockers}"
    return f"{view.by} answered"


def _said(view: InquiryView) -> list[Block]:
    return [b.section(f"{b.bold(ask)}\n{b.clip(said, 1500)}") for ask, said in view.answers]


def _outcome(view: InquiryView) -> list[Block]:
    """What became of what was asked, on the card."""
    if view.state == State.ANSWERED:
        icon = {How.HELP: ":raised_hand:", How.BLOCKER: ":octagonal_sign:"}.get(How(view.how), ":speech_balloon:")
        late = ", after the window" if view.late else ""
        when = f" {b.date(view.answered_at)}{late}" if view.answered_at else ""
        return [b.context(f"{icon} {_how(view)}{when}"), *_said(view)]
    if view.state == State.SETTLED:
        return [b.context(f":white_check_mark: holds by now: {', '.join(line.task or line.says for line in view.off)}")]
    if view.state == State.SILENT:
        paged = f"; paged: {view.paged}" if view.paged else ""
        return [b.context(f":zzz: nothing was heard of {view.people} by {b.date(view.closes_at)}{paged}")]
    return [b.context(f":hourglass: {view.people} is asked, until {b.date(view.closes_at)}")]
