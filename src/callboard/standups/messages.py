"""How standups read: the prompt, the digest, the answers in its thread, a word to a lead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.outbox import Message
from callboard.core.words import few_lines, joined
from callboard.standups import models, schedule, store
from callboard.standups.models import AWAY, UNASKED, CheckIn, Round, State, day_name, planned
from callboard.standups.schedule import place_of
from callboard.teams import service as teams
from callboard.teams.directory import Directory

FILL, SKIP, RAISE = "standup.fill", "standup.skip", "standup.raise"
FEW = 120
MOST_BLOCKERS = 15
Block = dict[str, object]


@dataclass(frozen=True)
class Line:
    """A line that names something in the way, and the blocker that it became."""

    text: str
    blocker: int | None

    def __str__(self) -> str:
        return f"{self.text} (blocker {self.blocker})" if self.blocker else self.text


@dataclass(frozen=True, kw_only=True)
class CheckInView:
    """One person's part in a round, in Slack's markup. `who` is a name that rings nobody, `mention` rings.

    `turn` where everybody has minutes of their own; `before` is what they planned the last time.
    """

    row: CheckIn
    standup: str
    who: str
    mention: str
    questions: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    waits_for: str
    before: str
    turn: bool
    after_turn: bool

    @property
    def state(self) -> State:
        return State(self.row.state)


@dataclass(frozen=True, kw_only=True)
class RoundView:
    """A whole round, everybody in the order of their teams; `turns` where each has a time of their own."""

    row: Round
    name: str
    people: tuple[CheckInView, ...]
    turns: bool
    now: datetime

    def those(self, *states: State) -> list[CheckInView]:
        return [view for view in self.people if view.state in states]


def check_in_view(tx: Tx, directory: Directory, check_in: CheckIn, *, alone: bool = True) -> CheckInView:
    book, person = schedule.book_of(tx, check_in.plan_id), directory.people.get(check_in.person)
    part = book.standups.get(check_in.standup)
    asked = schedule.questions(book, check_in.standup, person, check_in.at) if part and person else ()
    minutes, answered_at = part.minutes_each if part else None, check_in.answered_at
    last = store.last_answered(tx, store.place_of(check_in)) if alone and check_in.state == State.WAITING else None
    left = None if part else store.round_of(tx, check_in.round_id)
    return CheckInView(
        row=check_in,
        standup=m.escape(part.name if part else left.name if left else check_in.standup),
        who=m.escape(person.name if person else check_in.person),
        mention=directory.called(check_in.person),
        questions=tuple(map(m.escape, asked)),
        answers=tuple((m.escape(answer["ask"]), answer["said"]) for answer in check_in.answers if answer["said"]),
        lines=tuple(
            Line(text, check_in.raised.get(str(place))) for place, text in enumerate(models.in_the_way(check_in))
        ),
        waits_for=directory.called(check_in.waits_for) if check_in.waits_for else "",
        before=planned(last),
        turn=minutes is not None,
        after_turn=bool(minutes and answered_at and answered_at > check_in.asked_at + minutes),
    )


def round_view(tx: Tx, one_round: Round) -> RoundView:
    directory = teams.directory(tx, one_round.plan_id)
    part = schedule.book_of(tx, one_round.plan_id).standups.get(one_round.standup)
    rows = sorted(store.of_round(tx, one_round.number), key=lambda row: place_of(directory, part, row))
    return RoundView(
        row=one_round, name=m.escape(part.name if part else one_round.name), now=tx.now,
        people=tuple(check_in_view(tx, directory, row, alone=False) for row in rows),
        turns=bool(part and part.minutes_each is not None),
    )  # fmt: skip


def prompt(view: CheckInView) -> Message:
    name = m.bold(view.standup)
    match view.state:
        case State.WAITING:
            return _asking(view)
        case State.SUBMITTED | State.LATE:
            return _reported(view)
        case State.EXCUSED:
            why = "you are away" if view.row.why == AWAY else view.row.why
            text = f":fast_forward: {name}: no report needed, because {m.sentence(why)}"
            return Message(text, [b.section(text)]) if why == UNASKED else _short(view, text)
        case State.MISSED:
            return _short(view, f":zzz: {name} of {day_name(view.row.day)} closed. You can still add yours.")


def reminder(view: CheckInView) -> Message:
    closes = m.date(view.row.closes_at, "both")
    return _short(view, f":bell: {m.bold(view.standup)} is open until {closes}. Add your report.")


def answers(view: CheckInView) -> list[Message]:
    """What somebody reported, in as many messages as it needs."""
    row = view.row
    late = f" :hourglass: late, {m.date(row.answered_at)}" if view.state == State.LATE and row.answered_at else ""
    changed = " _(changed)_" if row.changed_at != row.answered_at else ""
    raised = [f"Blocker {line.blocker}: {m.clip(line.text, 200)}" for line in view.lines if line.blocker]
    shown = [b.section(f"{m.bold(view.who)}{late}{changed}"), *_answers(view.answers)]
    parts = fit.split([*shown, *([b.context(*raised)] if raised else [])])
    return [Message(f"{view.who}: {view.standup}", part) for part in parts]


def digest(view: RoundView) -> Message:
    reported, excused = view.those(State.SUBMITTED, State.LATE), view.those(State.EXCUSED)
    count = f"{len(reported)} of {len(view.people) - len(excused)} reported"
    lines = [*(_turns(view) if view.turns else _by_state(view)), *_absent(excused), *_blockers(view.people)]
    where = "are" if reported else "will be"
    return Message(
        text=f"{view.name}, {day_name(view.row.day)}: {count}",
        blocks=[
            b.section(f"{m.bold(view.name)}  {day_name(view.row.day)}\n{count}"),
            *map(b.section, lines),
            b.context(f"Answers {where} in the thread. Add yours: `/standup`"),
        ],
    )


def whole(view: RoundView) -> Message:
    """The card with everything that was said, for whoever asks."""
    card, answers = digest(view), []
    for report in view.those(State.SUBMITTED, State.LATE):
        answers += [b.section(m.bold(report.who)), *_answers(report.answers)]
    most, room = fit.MESSAGE_BLOCKS - len(card.blocks) - 2, fit.MESSAGE_TEXT - fit.size(card.blocks) - fit.NOTE
    fits = fit.fitted(answers, max(most, 2), max(room, fit.PARAGRAPH))
    more = [] if fits == answers else [b.context("All of it is in the thread of the digest.")]
    return Message(text=card.text, blocks=[*card.blocks[:-1], *fits, *more, card.blocks[-1]])


def silent(views: Sequence[CheckInView]) -> Message:
    """A kind word to a lead about people who missed two rounds."""
    text = (
        f":speech_balloon: {joined(view.mention for view in views)} missed the last two rounds of "
        f"{m.bold(views[0].standup)}. Perhaps there is too much to do, something blocks them, or the time is wrong. "
        "A word from you may help. Only those who lead them read this."
    )
    return Message(text=text, blocks=[b.section(text)])


def _asking(view: CheckInView) -> Message:
    row = view.row
    turn = f"Your turn is at {m.date(row.asked_at)}. " if view.turn else ""
    waited = (row.prompted_at - row.asked_at).total_seconds() if row.prompted_at else 0
    held_up = f"This comes late: it was due {m.date(row.asked_at, 'both')}. " if waited > models.HELD_UP else ""
    head = f":wave: {m.bold(view.standup)}: what is new? {turn}{held_up}Open until {m.date(row.closes_at, 'both')}."
    before = [b.context(f"You planned: {m.clip(' / '.join(view.before.splitlines()), 500)}")] if view.before else []
    buttons = b.actions(_fill(view), b.button("Skip", SKIP, str(row.number)))
    shown = b.section(f"{head}\n{' · '.join(view.questions)}")
    return Message(text=f"{view.standup}: what is new?", blocks=[shown, *before, buttons])


def _reported(view: CheckInView) -> Message:
    how = "late, but it counts" if view.state == State.LATE else "early" if view.row.early else "thank you"
    head = f":white_check_mark: {m.bold(view.standup)} of {day_name(view.row.day)}: {how}."
    answers = [answer for answer in view.answers if not (view.lines and models.asks_for_blockers(answer[0]))]
    hint = "A blocker pages people until somebody takes it."
    hints = [b.context(hint)] if any(line.blocker is None for line in view.lines) else []
    change = b.actions(b.button("Change", FILL, str(view.row.number)))
    shown = [b.section(head), *_answers(answers), *_lines(view), *hints, change]
    return Message(text=f"{view.standup}: you have reported", blocks=shown)


def _lines(view: CheckInView) -> Iterator[Block]:
    """The lines that name something in the way, each with the button that makes a blocker of it."""
    for place, line in enumerate(view.lines):
        value = f"{view.row.number}:{view.row.changes}:{place}"
        button = b.button("Raise blocker", RAISE, value, style="danger") if line.blocker is None else None
        waits = f"  (waits for {view.waits_for})" if view.waits_for and "<@" not in line.text else ""
        yield b.section(f":octagonal_sign: {line}{waits}", accessory=button)


def _fill(view: CheckInView) -> Block:
    return b.button("Fill in", FILL, str(view.row.number), style="primary")


def _short(view: CheckInView, text: str) -> Message:
    return Message(text=text, blocks=[b.section(text), b.actions(_fill(view))])


def _answers(answers: Iterable[tuple[str, str]]) -> list[Block]:
    return [b.section(f"{m.bold(ask)}\n{said}") for ask, said in answers]


def _by_state(view: RoundView) -> Iterator[str]:
    waiting = view.those(State.WAITING)
    yield from _names(":white_check_mark:", (one.who for one in view.those(State.SUBMITTED)))
    late = ((one.who, one.row.answered_at) for one in view.those(State.LATE))
    yield from _names(":hourglass: late:", (f"{who} ({m.date(at) if at else ''})" for who, at in late))
    yield from _names(":zzz: no report yet:", (one.who for one in waiting if one.row.asked_at <= view.now))
    yield from _names(":zzz: no report:", (one.who for one in view.those(State.MISSED)))
    coming = (one for one in waiting if one.row.asked_at > view.now)
    yield from _names(":clock3: asked later:", (f"{one.who} {m.date(one.row.asked_at, 'both')}" for one in coming))


def _turns(view: RoundView) -> Iterator[str]:
    """One line for each turn, in strict order."""
    marks = {
        State.SUBMITTED: ":white_check_mark:", State.LATE: ":hourglass: late:", State.MISSED: ":zzz: no report:",
    }  # fmt: skip
    expected = [one for one in view.people if one.state != State.EXCUSED]
    for one in sorted(expected, key=lambda one: one.row.asked_at):
        over = "  after their turn" if one.after_turn and one.state == State.SUBMITTED else ""
        yield f"{m.date(one.row.asked_at, 'both')}  {marks.get(one.state, ':speech_balloon:')} {one.who}{over}"


def _absent(excused: Sequence[CheckInView]) -> Iterator[str]:
    yield from _names(":palm_tree: away:", (one.who for one in excused if one.row.why == AWAY))
    skipping = (f"{one.who}: {one.row.why}" for one in excused if one.row.why not in (AWAY, UNASKED))
    yield from _names(":fast_forward: skipped:", skipping)


def _blockers(people: Iterable[CheckInView]) -> Iterator[str]:
    lines = [f"{one.who}: {m.clip(str(line), 300)}" for one in people for line in one.lines]
    if lines:
        yield "\n".join([":octagonal_sign: in the way:", *few_lines(lines, MOST_BLOCKERS)])


def _names(head: str, names: Iterable[str]) -> Iterator[str]:
    """People in as many paragraphs as they need."""
    every = list(names)
    for start in range(0, len(every), FEW):
        yield f"{head} {', '.join(every[start : start + FEW])}"
