"""What people and channels are told about a gate: direct messages, pages, and the lines of its history."""

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
from callboard.core.words import complete, counted, few, joined
from callboard.gates.messages import CardView
from callboard.gates.messages.card import head, left, plain_state, when
from callboard.gates.models import NO, News, Verb
from callboard.teams.directory import Directory

FEW, SEVERAL, MANY, LINES, PARAGRAPHS = 5, 8, 20, 200, 2
EARLIER = ": see the thread of its card"
Args = Mapping[str, Any]


def page(view: CardView, why: str, news: Sequence[str] | None = None) -> Message:
    """What whoever is paged about a gate reads, why they are; and what is new, where they were paged before."""
    gate = view.gate
    lacking = _bullets([reading.line for reading in view.lacking], view)
    lines = [f":rotating_light: {head(view)}"]
    if not gate.settled:
        lines += [f"*Why you:* {why}."]
        lines += [f"*New since the last page:* {'; '.join(news) or 'nothing'}."] if news is not None else []
        lines += [f"*Missing:*{lacking}"] if lacking else []
        lines += [f"*Not signed by:* {view.missing}"] if view.missing and not lacking else []
        lines += [_consequence(view.consequence)[1:]] if view.consequence else []
        lines += [f"*Also overdue because of it:* {m.escape(joined(view.late))}"] if view.late else []
        lines += [f"*Now:* {view.directory.called(gate.owner)} has it."] if gate.owner else []
    take = [b.button("I have it", "gate.ack", view.value, style="primary")]
    show = b.button("Show the gate", "gate.show", view.value)
    plan = view.directory.plan_name
    return Message(
        text=f"You are paged about {m.escape(gate.name)}: {plain_state(view)}",
        blocks=[b.section("\n".join(lines)), b.actions(*([] if gate.settled or gate.owner else take), show)],
        title=f"{plan}: {gate.name}",
        plain=m.unescape(
            f"{gate.name} in {plan} is overdue. Missing:{lacking}\nWhy you: {why}\nIn Slack: /gate show {gate.key}"
        ),
    )


def replaced(view: CardView) -> Message:
    """What is left of a page once the same reader was paged again."""
    text = f"{head(view)}\nThere is a newer message about it further down."
    return Message(f"{m.escape(view.gate.name)}: {plain_state(view)}", [b.section(text)], title=view.gate.name)


def daily(view: CardView) -> Message:
    """The one line a day about a gate that is overdue for long."""
    gate, called = view.gate, view.directory.called
    has = f"{called(gate.owner)} has it" if gate.owner else "Nobody has it"
    text = f":red_circle: {view.name} is still overdue, since {when(gate.due_at)}. {view.met}. {has}."
    show = b.button("Show the gate", "gate.show", view.value)
    take = [] if gate.owner else [b.button("I have it", "gate.ack", view.value, style="primary")]
    return Message(text, [b.section(text), b.actions(*take, show)], title=gate.name)


def reminder(view: CardView) -> Message:
    """What whoever has an overdue gate reads when nothing has happened for a while."""
    coming = view.ladder.next if view.ladder and view.ladder.next and view.ladder.next.whom else None
    again = " again" if coming and coming.again else ""
    then = f" If that stays so, I page {joined(coming.whom)}{again}, {when(coming.at)}." if coming else ""
    text = f":wave: {head(view)}\nYou have it, and nothing has happened since.{then}"
    show = b.button("Show the gate", "gate.show", view.value)
    return Message(f"Still on {m.escape(view.gate.name)}?", [b.section(text), b.actions(show)], title=view.gate.name)


def message(view: CardView, what: News, args: Args) -> Message:
    """What somebody, or a channel, is told; with a button to sign where that is what it is about."""
    text = WORDS[what](view, args)
    blocks = [b.section(text)]
    show, signs = b.button("Show the gate", "gate.show", view.value), args.get("signs", True)
    if what in (News.READY, News.REMINDER, News.SIGNATURE, News.VOID) and view.is_open:
        value = f"{view.value}:{args['seat']}" if args.get("seat") else view.value
        sign = b.button("GO..." if view.gate.decision else "Sign...", "gate.sign", value, style="primary")
        blocks.append(b.actions(*([sign] if view.is_ready and signs else []), show))
    if what is News.RENEW and view.is_open and any(reading.key in view.numbers for reading in view.lacking):
        blocks.append(b.actions(b.button("Tick...", "gate.tick", view.value), show))
    return Message(text=m.clip(text, 600), blocks=blocks, title=f"{view.directory.plan_name}: {view.gate.name}")


def _until(args: Args, key: str, frame: str) -> str:
    """An instant of the args within a frame; empty without."""
    return frame.format(when(datetime.fromisoformat(args[key]))) if args.get(key) else ""


def _go(view: CardView, args: Args) -> str:
    voices = joined(view.signer(given) for slot in view.slots for given in slot.given)
    go = f":large_green_circle: *GO*: {view.name}, {when(view.gate.settled_at)}."
    return f"{go}{f' GO from {voices}.' if voices else ''} This is final.{_say(args)}"


def _no_go(view: CardView, args: Args) -> str:
    again = _until(args, "next", "*Next attempt:* {}.") or "No next attempt is planned."
    moved = f"\n*Moved with it:*{_bullets(args['shifted'], view)}" if args.get("shifted") else ""
    why = f"{_bullets(args.get('why', ()), view, MANY)}{_consequence(args.get('consequence'))}"
    return f":red_circle: *NO-GO*: {view.name}.{why}\n{again}{moved}"


WORDS: Mapping[News, Callable[[CardView, Args], str]] = complete(News, {
    News.READY: lambda view, args: f":pencil: {view.name}: {_ready(view, args)}{left(view)}",
    News.HANDED_OVER: lambda view, args: (
        f":handshake: {view.directory.called(args['by'])} handed you their sign-off of {view.name}. "
        f"{'Sign for them' if view.is_ready else 'I ask you when it is ready'}.{left(view)}"
    ),
    News.TOOK_BACK: lambda view, args: (
        f":handshake: {view.directory.called(args['by'])} took back their sign-off of {view.name}. "
        "You need not sign for them."
    ),
    News.ITEMS: lambda view, args: (
        f":pencil: {view.name}: {counted(len(args['items']), 'item')} {'waits' if len(args['items']) == 1 else 'wait'} "
        f"for your signature: {few([f'`{item}`' for item in args['items']], MANY)}.\n"
        f"Sign one with `/gate sign {args['items'][0]}`."
    ),
    News.RENEW: lambda view, args: (
        f":ballot_box_with_check: {view.name} is tried again{_due(view)}. A new attempt begins without ticks. "
        f"Tick again what still holds:{_why(view, args)}"
    ),
    News.REMINDER: lambda view, _: f":alarm_clock: {view.name} is due {when(view.gate.due_at)}. {_next(view)}",
    News.SIGNATURE: lambda view, _: f":alarm_clock: The time to sign {view.name} is over. {_next(view)}",
    News.ARRIVED: lambda view, args: f":bell: {args['why'][0]} is done. {view.name} wants it but does not wait for it.",
    News.VOID: lambda view, args: (
        f":warning: Your signature for {view.name} is void, because this changed:{_why(view, args)}"
        f"{_again(view)}"
    ),
    News.MISSED: lambda view, args: (
        f":red_circle: {view.name} is overdue since {when(view.gate.due_at)}. What waits for it stays on hold."
        f"{_why(view, args)}{_consequence(args.get('consequence'))}"
    ),
    News.DOUBT: lambda view, args: (
        f":warning: {view.name} is *in doubt*. Changed since it passed:{_why(view, args)}\n"
        "It stays passed. Only an emergency stops the work."
    ),
    News.WAIVED: lambda view, args: (
        f":large_blue_circle: {view.name} is waived by {view.directory.called(args['by'])}"
        f"{_until(args, 'until', ' until {}')}. "
        f"What waited for it can start.{_why(view, args)}"
    ),
    News.WAIVER_ENDED: lambda view, args: (
        f":red_circle: The waiver of {view.name} has ended. What waits for it is on hold again.{_why(view, args)}"
    ),
    News.COMING: lambda view, _: (
        f":mega: {view.name} is {'decided' if view.gate.decision else 'due'} {when(view.gate.due_at)}."
    ),
    News.GO: _go,
    News.NO_GO: _no_go,
    News.PASSED: lambda view, args: (
        f":large_green_circle: {view.name} passed{f' {late} late' if (late := args.get('late')) else ''}, "
        f"{when(view.gate.settled_at)}.{_signed_by(view)}{_freed(args)}{_say(args)}"
    ),
})  # fmt: skip


def _ready(view: CardView, args: Args) -> str:
    """That all is met, and who signs: the reader, for themselves or for somebody, or others."""
    if not view.is_ready:
        return f"{view.met}. I ask again when all is met."
    asked = "say GO or NO-GO" if view.gate.decision else "sign"
    seat = f" for {view.directory.called(args['seat'])}" if args.get("seat") else ""
    if args.get("signs", True):
        return f"all criteria are met. Please {asked}{seat}."
    return f"all criteria are met. It waits for {view.missing or 'nobody'}."


def _next(view: CardView) -> str:
    """What keeps it, for whoever has to sign."""
    if view.is_ready:
        return f"All criteria are met. Please {'say GO or NO-GO' if view.gate.decision else 'sign'}."
    lacking = _bullets([reading.line for reading in view.lacking], view)
    return f"You can't sign yet ({view.met}); I ask you when you can. Open:{lacking}"


def _again(view: CardView) -> str:
    if view.is_ready:
        return f"\nAll criteria are met. To sign again: `/gate sign {view.gate.key}`"
    return "\nI ask you again when all criteria are met." if view.is_open else ""


def _due(view: CardView) -> str:
    return f", due {when(view.gate.due_at)}" if view.gate.due_at else ""


def _signed_by(view: CardView) -> str:
    voices = list(dict.fromkeys(view.signer(given) for slot in view.slots for given in slot.given))
    return f" Signed by {joined(voices)}." if voices else ""


def _freed(args: Args) -> str:
    """What waited for it alone or with others and is free of it now."""
    return f"\nNo longer waits for it: {few(args['freed'], SEVERAL)}." if args.get("freed") else ""


def _why(view: CardView, args: Args) -> str:
    return _bullets(args.get("why", ()), view)


def _bullets(lines: Sequence[str], view: CardView, most: int = SEVERAL) -> str:
    """The first few of some lines, one below the other, and where to see the others."""
    shown = lines if len(lines) <= most + 1 else lines[:most]
    more = f"\n• and {len(lines) - most} more: `/gate show {view.gate.key}`" if len(shown) < len(lines) else ""
    return "".join(f"\n• {m.clip(line, 300)}" for line in shown) + more


def _consequence(text: str | None) -> str:
    return f"\n*Consequence:* {m.escape(text)}" if text else ""


def _say(args: Args) -> str:
    return f"\n{m.escape(args['say'])}" if args.get("say") else ""


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


def history(view: CardView, lines: Sequence[Happened]) -> list[dict[str, Any]]:
    """What happened to a gate, the newest last."""
    shown = [f"{m.date(it.entry.at, 'both')}  {it.sentence}" for it in lines[-LINES:]]
    before = max(len(lines) - LINES, 0)
    return [b.section(head(view)), *fit.newest(shown or ["Nothing has happened yet."], PARAGRAPHS, before, EARLIER)]


def _was_reported(it: Happened) -> str:
    link = f", {it.entry.said}" if it.entry.said else ""
    return f"{it.who} reported {it.fact('measure')}: {it.facts.get('amount', '')}{link}."


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
    Verb.SIGNED: lambda it: f"{it.who} signed.",
    Verb.WITHDREW: lambda it: f"{it.who} withdrew their {'no' if it.facts.get('verdict') == NO else 'signature'}.",
    Verb.REJECTED: lambda it: f"{it.who} said no{it.because}",
    Verb.VOIDED: lambda it: f"The signature of {it.directory.called(it.facts['to'])} is void: {it.why}.",
    Verb.RULE_CHANGED: lambda _: "The plan changed what this gate asks for.",
    Verb.READY: lambda it: f"All criteria are met. Waiting for {it.people}.",
    Verb.PASSED: lambda it: (
        f"*Passed*{it.fact('late', ', {} late')}.{f' Signed by {it.people}.' if it.facts.get('people') else ''}"
    ),
    Verb.WAIVED: lambda it: f"{it.who} waived it{it.because}",
    Verb.WAIVER_ENDED: lambda it: f"The waiver has ended: {it.why}.",
    Verb.MISSED: lambda it: f"*Overdue.* {it.why}.",
    Verb.NO_GO: lambda it: f"*NO-GO*: {it.why}.",
    Verb.OPENED_AGAIN: lambda _: "Open again, with a new due time.",
    Verb.ACKNOWLEDGED: lambda it: f"{it.who} has it.",
    Verb.ARRIVED: lambda it: f"{it.facts.get('what')} is done. This gate wants it but does not wait for it.",
    Verb.REMINDED: lambda it: f"Reminded {it.people}.",
    Verb.SIGNATURE_LATE: lambda it: f"The signature of {it.people} is overdue.",
    Verb.EXPECTED: _was_expected,
    Verb.DOUBTED: lambda it: f"*In doubt*: {it.why}.",
    Verb.CLEARED: lambda _: "No longer in doubt: all is as it was when it passed.",
    Verb.REFUSED: lambda it: f"{it.who} tried to {it.fact('tried')} and could not: {it.why}",
    Verb.PAGED: lambda it: f"Paged {it.people}{it.fact('level', ' ({})')}.",
})  # fmt: skip
