"""The poll of a decision: its live card, and the page of whoever is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.words import complete, counted, few
from callboard.escalation.messages import standing_in
from callboard.escalation.receipts import grouped, listed, receipts
from callboard.gates.assessment import Look
from callboard.gates.criteria.facts import Reading
from callboard.gates.models import Gate, News, Poll
from callboard.gates.models.polls import CONDITION, Stand, Voice
from callboard.teams.directory import Directory

LIGHTS = complete(Stand, {
    Stand.WAITING: ":white_small_square:", Stand.ASKED: ":hourglass_flowing_sand:", Stand.GO: ":white_check_mark:",
    Stand.NO_GO: ":no_entry:", Stand.SILENT: ":no_entry:",
})  # fmt: skip
FEW, LONGEST, NO_LONGER = 12, 300, "This question is over."


@dataclass(frozen=True, kw_only=True)
class PollView:
    """A poll as it is now. `paged` says how far the pages to whoever is asked have come; `able` who can answer next."""

    poll: Poll
    gate: Gate
    directory: Directory
    evidence: Sequence[Reading]
    conditions: Sequence[Reading]
    able: Sequence[str]
    paged: str = ""

    @property
    def voices(self) -> list[Voice]:
        return self.poll.roles

    @property
    def turn(self) -> int | None:
        """Whose turn it is; None once it is over."""
        return None if self.poll.ended_at else self.poll.turn

    def name(self, voice: Voice) -> str:
        """What a voice is called, in bold."""
        return m.bold(m.escape(self.directory.spoken_of(voice.role)))

    @property
    def stands(self) -> str:
        """How it stands, and what is next, in a sentence or two."""
        poll = self.poll
        gone = sum(voice.stand == Stand.GO for voice in self.voices)
        if poll.ended_at:
            return f"*{'GO' if poll.outcome == News.GO else 'NO-GO'}* {m.date(poll.ended_at, 'both')}."
        said = f"Poll: {gone} of {len(self.voices)} GO."
        if poll.stopped:
            return f"{said} It stopped, because this is open: {m.sentence(m.clip('; '.join(poll.stopped), 600))}"
        if self.turn is None:
            return f"{said} It waits for {counted(len(self.open), 'condition')}." if self.open else said
        voice = self.voices[self.turn]
        by = f" answers by {m.date(voice.until_at)}" if voice.until_at else " is next"
        return f"{said} {self.name(voice)}{by}."

    @property
    def open(self) -> list[Reading]:
        """Conditions that do not hold yet."""
        return [reading for reading in self.conditions if not reading.holds]


def view(look: Look, *, line: bool = False) -> PollView | None:
    """The poll of a gate that was looked at; None where none has opened. A `line` says nothing of pages."""
    poll = look.poll
    return _view(look, poll, line=line) if poll else None


def of_poll(look: Look, poll: Poll) -> PollView:
    """A poll as its own card and pages show it, also one of an earlier attempt."""
    return _view(look, poll)


def _view(look: Look, poll: Poll, *, line: bool = False) -> PollView:
    on = look.poll is not None and look.poll.id == poll.id
    turn = poll.turn if on and poll.ended_at is None else None
    able = tuple(look.answerers(turn)) if turn is not None else ()
    conditions = [reading for reading in look.readings if reading.key.startswith(CONDITION)] if on else []
    asked = turn is not None and poll.roles[turn].stand == Stand.ASKED and not line
    return PollView(
        poll=poll, gate=look.gate, directory=look.directory, evidence=look.evidence, conditions=conditions, able=able,
        paged=_paged(look, poll, turn) if asked and turn is not None else "",
    )  # fmt: skip


def _paged(look: Look, poll: Poll, turn: int) -> str:
    """Who has been paged, and who not yet: `@a paged; @b being paged`."""
    voice = poll.roles[turn]
    arrivals = receipts(look.tx, poll.subject).of_move((poll.number, turn, voice.asks), voice.people)
    return listed(grouped(arrivals, {key: look.directory.called(key) for key in voice.people}))


def card(shown: PollView) -> Message:
    """The live card: who was asked, who answered what and when, who is next and until when."""
    gate, poll = shown.gate, shown.poll
    attempt = f", attempt {poll.attempt}" if poll.attempt > 1 else ""
    head = f":ballot_box_with_check: {m.bold(m.escape(f'Poll: {gate.name} ({gate.key})'))}{attempt}\n{shown.stands}"
    blocks = [b.section(head), b.section("\n".join(lines(shown)))]
    if shown.conditions:
        rows = [f"{LIGHTS[Stand.GO if each.holds else Stand.WAITING]}  {each.line}" for each in shown.conditions]
        blocks.append(b.section(m.clip("\n".join(["*Conditions*", *rows]), m.TEXT)))
    if poll.ended_at and poll.why:
        blocks.append(b.context(f"Failed: {m.clip('; '.join(poll.why), 1500)}"))
    if poll.ended_at is None:
        blocks.append(b.actions(b.button("Show the gate", "gate.show", f"{gate.id}:{gate.changes}")))
    return Message(text=f"Poll: {m.escape(gate.name)}. {shown.stands}", blocks=blocks)


def lines(shown: PollView) -> Iterator[str]:
    """A line for each voice, in the order in which they are asked."""
    for number, voice in enumerate(shown.voices):
        yield f"{LIGHTS[voice.stand]}  {shown.name(voice)}: {_stands(shown, number, voice)}"


def _stands(shown: PollView, number: int, voice: Voice) -> str:
    called, answer = shown.directory.called, voice.answer
    if answer and voice.stand in (Stand.GO, Stand.NO_GO):
        who = called(answer.by) if answer.by == answer.seat else f"{called(answer.by)} for {called(answer.seat)}"
        ticks = f" ({called(answer.owner)} ticks it)"
        more = f" if {m.clip(m.escape(answer.condition), LONGEST)}{ticks}" if answer.condition else ""
        why = f", because {m.clip(answer.why, LONGEST)}" if answer.why else ""
        return f"{'GO' if answer.go else 'NO-GO'}{more}, {who} {m.date(datetime.fromisoformat(answer.at))}{why}"
    if voice.stand == Stand.SILENT:
        return f"no answer by {m.date(voice.until_at)}: silence is NO-GO" if voice.until_at else "no answer"
    again = f" Asked again: {m.sentence(m.clip('; '.join(voice.why), LONGEST))}" if voice.why else ""
    if voice.stand == Stand.ASKED and voice.asked_at and voice.until_at:
        asked = f"asked {m.date(datetime.fromisoformat(voice.asked_at))}, answers by {m.date(voice.until_at)}"
        return f"{asked}. {shown.paged or 'Nobody there can answer'}.{again}"
    if shown.poll.ended_at:
        return "was not asked"
    if voice.early:
        return f"answered early, I read it in turn ({called(voice.early.by)})."
    void = f"the GO is void, I ask again: {m.clip('; '.join(voice.why), LONGEST)}" if voice.why else "not asked yet"
    return f"{'next, ' if number == shown.turn else ''}{void}."


def page(shown: PollView, number: int, asks: int, question: str, instead_of: str) -> Message:
    """What whoever is asked reads, with three buttons; and what became of it, once they need not answer any more."""
    gate, voice = shown.gate, shown.voices[number]
    is_open = voice.stand == Stand.ASKED and voice.asks == asks and shown.poll.ended_at is None
    name = m.escape(gate.name)
    head = f":ballot_box_with_check: {m.bold(name)}: GO or NO-GO for {shown.name(voice)}?"
    if not is_open or voice.until_at is None:
        text = f"{head}\n{NO_LONGER} {shown.name(voice)}: {_stands(shown, number, voice)}"
        show = b.actions(b.button("Show the gate", "gate.show", f"{gate.id}:{gate.changes}"))
        return Message(f"{name}: {NO_LONGER}", [b.section(m.clip(text, m.TEXT)), show], title=gate.name)
    away = standing_in(shown.directory, {"instead_of": instead_of})
    met = counted(len(shown.evidence), "met criterion", "met criteria")
    rows = [
        head, f"Answer by {m.date(voice.until_at, 'both')}. Silence is NO-GO.",
        f"*Why you:* you answer for {shown.name(voice)}{away}.",
        *([f"*Asked again, because:* {m.clip('; '.join(voice.why), 600)}."] if voice.why else []),
        f"*A GO covers {met}:* {few([m.clip(each.says, 120) for each in shown.evidence], FEW, '; ') or 'nothing'}.",
        f"*So far:* {'; '.join(_so_far(shown, number)) or 'you are the first'}.",
    ]  # fmt: skip
    value = f"{gate.id}:0:{question}"
    buttons = b.actions(
        b.button("GO", "gate.go", value, style="primary"), b.button("GO if...", "gate.go_if", value),
        b.button("NO-GO...", "gate.no_go", value, style="danger"),
    )  # fmt: skip
    plain = m.unescape(
        f"GO or NO-GO for {shown.directory.spoken_of(voice.role)}: {gate.name} in {shown.directory.plan_name}.\n"
        f"Silence is NO-GO. In Slack: /gate go {gate.key}, or /gate no-go {gate.key} because ..."
    )
    return Message(
        text=f"{name}: GO or NO-GO for {m.escape(shown.directory.spoken_of(voice.role))}?",
        blocks=[b.section(m.clip("\n".join(rows), m.TEXT)), buttons],
        title=f"{shown.directory.plan_name}: {gate.name}", plain=plain,
    )  # fmt: skip


def _so_far(shown: PollView, number: int) -> Iterator[str]:
    for n, voice in enumerate(shown.voices):
        if n != number and voice.stand == Stand.GO and voice.answer:
            condition = f" if {m.clip(m.escape(voice.answer.condition), 120)}" if voice.answer.condition else ""
            yield f"{m.escape(shown.directory.spoken_of(voice.role))} GO{condition}"
