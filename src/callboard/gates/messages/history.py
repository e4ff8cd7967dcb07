"""The history of a gate: a line for everything that happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.timeline import Entry
from callboard.core.words import complete, few, joined
from callboard.gates.messages import CardView
from callboard.gates.messages.card import head, when
from callboard.gates.models import NO, Verb
from callboard.teams.directory import Directory

FEW, LINES, PARAGRAPHS = 5, 200, 2
EARLIER = ": see the thread of its card"
Args = Mapping[str, Any]


@dataclass(frozen=True)
class Happened:
    """What happened to a gate, as its history tells it. People are mentions."""

    directory: Directory
    entry: Entry

    @property
    def facts(self) -> Args:
        return self.entry.facts

    @property
    def who(self) -> str:
        called, other = self.directory.called, self.entry.on_behalf_of
        return f"{called(self.entry.actor)}, for {called(other)}," if other else called(self.entry.actor)

    @property
    def people(self) -> str:
        return joined(map(self.directory.called, self.facts.get("people", ()))) or "nobody"

    @property
    def because(self) -> str:
        """What was said, as the end of a sentence."""
        return f": {m.clip(self.entry.said, 2000)}" if self.entry.said else "."

    @property
    def why(self) -> str:
        """The reasons, the first few of several."""
        why = self.facts.get("why") or ""
        return few([m.clip(line, 300) for line in why], FEW, "; ") if isinstance(why, list) else m.clip(why, 200)

    def fact(self, name: str, frame: str = "{}") -> str:
        """A fact within a frame; empty without."""
        fact = self.facts.get(name)
        return frame.format(m.escape(str(fact))) if fact else ""

    @property
    def sentence(self) -> str:
        """One line of history, without its time."""
        verb = self.entry.verb
        return SENTENCES[Verb(verb)](self) if verb in set(Verb) else f"{self.who} {verb}{self.because}"


def line(it: Happened) -> Message:
    """One line of history, for the card's thread."""
    return Message(text=f"{m.date(it.entry.at)}  {it.sentence}")


def all_lines(view: CardView, lines: Sequence[Happened]) -> list[dict[str, Any]]:
    """What happened to a gate, the newest last."""
    told = [f"{m.date(it.entry.at, 'both')}  {it.sentence}" for it in lines[-LINES:]]
    before = max(len(lines) - LINES, 0)
    return [b.section(head(view)), *fit.newest(told or ["Nothing has happened yet."], PARAGRAPHS, before, EARLIER)]


def _was_reported(it: Happened) -> str:
    link = f", {it.entry.said}" if it.entry.said else ""
    return f"{it.who} reported {it.fact('measure')}: {it.facts.get('amount', '')}{link}."


def _was_polled(it: Happened) -> str:
    condition = it.fact("condition", " if {}")
    owner = f" ({it.directory.called(it.facts['owner'])} ticks it)" if condition else ""
    return f"{it.who} said GO for {it.fact('voice')}{condition}{owner}."


def _was_asked(it: Happened) -> str:
    again = f" Again, because: {m.sentence(it.why)}" if it.why else ""
    until = m.date(datetime.fromisoformat(it.facts["until"]))
    return f"Poll: asked {it.fact('voice')} ({it.people}), until {until}.{again}"


def _was_expected(it: Happened) -> str:
    passed = f"{it.fact('awaited')} is settled. " if it.fact("awaited") else ""
    return f"{passed}Expected {when(datetime.fromisoformat(it.facts['due']))}."


SENTENCES: Mapping[Verb, Callable[[Happened], str]] = complete(Verb, {
    Verb.TICKED: lambda it: f"{it.who} ticked _{it.fact('criterion')}_{it.because}",
    Verb.UNTICKED: lambda it: f"{it.who} unticked _{it.fact('criterion')}_.",
    Verb.REPORTED: _was_reported,
    Verb.TICKS_CLEARED: lambda it: (
        f"A new attempt begins without ticks. Cleared: {few([m.escape(str(c)) for c in it.facts['criteria']], FEW)}."
    ),
    Verb.ASKED: lambda it: f"{it.who} wants to be told when it is ready.",
    Verb.HANDED_OVER: lambda it: f"{it.who} handed their sign-off to {it.people}.",
    Verb.TOOK_BACK: lambda it: f"{it.who} took back their sign-off from {it.people}.",
    Verb.SIGNED: lambda it: _was_polled(it) if it.facts.get("voice") else f"{it.who} signed.",
    Verb.WITHDREW: lambda it: f"{it.who} withdrew their {'no' if it.facts.get('verdict') == NO else 'signature'}.",
    Verb.REJECTED: lambda it: f"{it.who} said no{it.because}",
    Verb.VOIDED: lambda it: f"The signature of {it.directory.called(it.facts['to'])} is void: {m.sentence(it.why)}",
    Verb.RULE_CHANGED: lambda _: "The plan changed what this gate asks for.",
    Verb.READY: lambda it: f"All criteria are met. Waiting for {it.people}.",
    Verb.PASSED: lambda it: (
        f"*Passed*{it.fact('late', ', {} late')}.{f' Signed by {it.people}.' if it.facts.get('people') else ''}"
    ),
    Verb.WAIVED: lambda it: f"{it.who} waived it{it.because}",
    Verb.WAIVER_ENDED: lambda it: f"The waiver has ended: {m.sentence(it.why)}",
    Verb.MISSED: lambda it: f"*Overdue.* {m.sentence(it.why)}",
    Verb.NO_GO: lambda it: f"*NO-GO*: {m.sentence(it.why)}",
    Verb.OPENED_AGAIN: lambda _: "Open again, with a new due time.",
    Verb.ACKNOWLEDGED: lambda it: f"{it.who} has it.",
    Verb.ARRIVED: lambda it: f"{it.facts.get('what')} is done. This gate wants it but does not wait for it.",
    Verb.REMINDED: lambda it: f"Reminded {it.people}.",
    Verb.SIGNATURE_LATE: lambda it: f"The signature of {it.people} is overdue.",
    Verb.EXPECTED: _was_expected,
    Verb.DOUBTED: lambda it: f"*In doubt*: {m.sentence(it.why)}",
    Verb.CLEARED: lambda _: "No longer in doubt: all is as it was when it passed.",
    Verb.REFUSED: lambda it: f"{it.who} tried to {it.fact('tried')} and could not: {it.why}",
    Verb.POLL_OPENED: lambda it: f"The poll is open. Asked in this order: {it.fact('names')}.",
    Verb.POLL_ASKED: _was_asked,
    Verb.POLL_STOPPED: lambda it: f"The poll stopped, because this is open: {m.sentence(it.why)}",
    Verb.POLL_SILENT: lambda it: (
        f"No answer from {it.fact('voice')} by {m.date(datetime.fromisoformat(it.facts['until']))}. Silence is NO-GO."
    ),
    Verb.POLL_EARLY: lambda it: f"{it.who} answered for {it.fact('voice')} early. I read it in turn.",
    Verb.POLL_UNREAD: lambda it: f"{it.who} took back the early answer for {it.fact('voice')}.",
    Verb.PAGED: lambda it: f"Paged {it.people}{it.fact('level', ' ({})')}.",
})  # fmt: skip
