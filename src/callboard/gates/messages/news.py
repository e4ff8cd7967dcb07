"""What people and channels are told about a gate: direct messages and pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.words import complete, counted, few, joined, waits_wait
from callboard.escalation.messages import still_silent
from callboard.gates.criteria import leaves
from callboard.gates.messages import CardView
from callboard.gates.messages.card import head, left, next_page, plain_state, state, stranded, when
from callboard.gates.models import News, State

SEVERAL, MANY = 8, 20
Args = Mapping[str, Any]


def page(
    view: CardView, why: str, before: datetime | None = None, news: Sequence[str] = (), reader: str | None = None
) -> Message:  # fmt: skip
    """What whoever is paged about a gate reads, why they are; and what is new since they were paged `before`.

    Without a `reader` a channel reads it.
    """
    gate, overdue = view.gate, view.gate.state == State.FAILED
    lacking = _bullets([reading.line for reading in view.lacking], view)
    lines = [f":rotating_light: {head(view)}"]
    if overdue:
        lines += [f"*Why {'you' if reader else 'here'}:* {why}."]
        lines += [f"*New since {m.date(before)}:* {'; '.join(news) or 'nothing'}"] if before else []
        lines += [f"*Missing:*{lacking}"] if lacking else []
        lines += [f"*Not signed by:* {view.missing}"] if view.missing and not lacking else []
        lines += [_consequence(view.consequence)[1:]] if view.consequence else []
        lines += [f"*Also overdue because of it:* {m.escape(joined(view.late))}"] if view.late else []
        lines += [f"*Now:* {view.directory.called(gate.owner)} has it."] if gate.owner else []
        you = view.directory.called(reader) if reader else ""
        lines += [f"*Next:*{then}"] if (then := next_page(view.ladder, you)) else []
    plan = view.directory.plan_name
    waits = {person.key for slot in view.slots for person in slot.missing}
    signs = [_sign(view, view.value)] if reader in waits and view.is_ready else []
    missing = f"Missing:{lacking}" if lacking else f"Not signed by: {view.missing or 'nobody'}"
    return Message(
        text=f"You are paged about {m.escape(gate.name)} ({plain_state(view)})",
        blocks=[b.section("\n".join(lines)), _buttons(view, *signs, takes=overdue and not gate.owner)],
        title=f"{plan}: {gate.name}",
        plain=m.unescape(
            f"{gate.name} in {plan} is overdue. {missing}\nWhy you: {why}\nIn Slack: /gate show {gate.key}"
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
    text = f":red_circle: {view.name} is still overdue, since {when(gate.due_at)}. {view.met.capitalize()}. {has}."
    return Message(text, [b.section(text), _buttons(view, takes=not gate.owner)], title=gate.name)


def reminder(view: CardView, args: Args) -> Message:
    """What whoever has an overdue gate, or stands in for them, reads when nothing has happened for a while."""
    coming = view.ladder.next if view.ladder and view.ladder.next and view.ladder.next.whom else None
    again = " again" if coming and coming.again else ""
    then = f"I page {joined(coming.whom)}{again}, {when(coming.at)}." if coming else ""
    away = f"{view.directory.called(view.gate.owner)} has it and is away. You stand in."
    has = f"{away} Nothing has happened" if args.get("instead_of") else "You have it, and nothing has happened"
    now, unless = f"{has} since.", "If that stays so"
    if not still_silent(view.ladder, args):
        now = f"{view.directory.called(view.gate.owner)} has it." if view.gate.owner else ""
        unless = "If nothing happens"
    text = f":wave: {head(view)}\n{now} {f'{unless}, {then}' if then else ''}".strip()
    return Message(f"Still on {m.escape(view.gate.name)}?", [b.section(text), _buttons(view)], title=view.gate.name)


def _buttons(view: CardView, *first: b.Block, takes: bool = False) -> b.Block:
    take = [b.button("I have it", "gate.ack", view.value, style="primary")] if takes else []
    return b.actions(*first, *take, b.button("Show the gate", "gate.show", view.value))


def _sign(view: CardView, value: str) -> b.Block:
    return b.button("GO..." if view.gate.decision else "Sign...", "gate.sign", value, style="primary")


def message(view: CardView, what: News, args: Args) -> Message:
    """What somebody, or a channel, is told; with a button to sign where that is what it is about."""
    text = WORDS[what](view, args)
    blocks = [b.section(text)]
    if what in (News.READY, News.REMINDER, News.SIGNATURE, News.VOID, News.STANDS) and view.is_open:
        value = f"{view.value}:{args['seat']}" if args.get("seat") else view.value
        tick = [b.button("Tick...", "gate.tick", view.value)] if args.get("ticks") and not view.is_ready else []
        sign = [_sign(view, value)] if view.is_ready and args.get("signs", True) else []
        blocks.append(_buttons(view, *sign, *tick))
    ticked = what in (News.RENEW, News.CONDITION) and view.is_open
    if ticked and any(reading.key in view.numbers for reading in view.lacking):
        blocks.append(_buttons(view, b.button("Tick...", "gate.tick", view.value)))
    return Message(text=m.clip(text, 600), blocks=blocks, title=f"{view.directory.plan_name}: {view.gate.name}")


def _until(args: Args, key: str, frame: str) -> str:
    """An instant of the args within a frame; empty without."""
    return frame.format(when(datetime.fromisoformat(args[key]))) if args.get(key) else ""


def _go(view: CardView, args: Args) -> str:
    voices = joined(view.signer(given) for slot in view.slots for given in slot.given)
    go = f":large_green_circle: *GO*: {view.name}, {when(view.gate.settled_at)}."
    return f"{go}{f' GO from {voices}.' if voices else ''} This is final.{_say(args)}"


def _no_go(view: CardView, args: Args) -> str:
    again = _until(args, "next", "*Next attempt:* {}.") or f"No next attempt is planned{_tried(view, args)}."
    moved = f"\n*Moved with it:*{_bullets(args['shifted'], view)}" if args.get("shifted") else ""
    why = f"{_bullets(args.get('why', ()), view, MANY)}{_consequence(args.get('consequence'))}"
    return f":red_circle: *NO-GO*: {view.name}.{why}\n{again}{moved}"


def _tried(view: CardView, args: Args) -> str:
    """Why a decision is not tried again, and how to do so; empty where the plan never said that it is."""
    how = f"To try once more, give it a new time: `/plan set {view.gate.key} due`"
    if args.get("stuck"):
        return f": its dates can't move. {m.escape(args['stuck']).rstrip('.')}. {how}"
    return f": this was attempt {args['tried']}, the last one. {how}" if args.get("tried") else ""


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
        f":pencil: {view.name}: {counted(len(args['items']), 'item')} {waits_wait(args['items'])} "
        f"for your signature: {few([f'`{item}`' for item in args['items']], MANY)}.\n"
        f"Sign one with `/gate sign {args['items'][0]}`."
    ),
    News.RENEW: lambda view, args: (
        f":ballot_box_with_check: {view.name} is tried again{_due(view)}. A new attempt begins without ticks. "
        f"Tick again what still holds:{_why(view, args)}"
    ),
    News.REMINDER: lambda view, args: (
        f":alarm_clock: {view.name} is due {when(view.gate.due_at)}. {_to_do(view, args)}"
    ),
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
    News.CLEARED: lambda view, _: (
        f":white_check_mark: {view.name} is no longer in doubt: all is as it was when it passed."
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
    News.CONDITION: lambda view, args: (
        f":link: {view.name}: {view.directory.called(args['by'])} says GO on a condition, and names you:"
        f"{_why(view, args)}"
        f"\nTick it when it holds: `/gate tick {view.gate.key} {view.numbers.get(args['criterion'], '')}`. "
        f"The decision passes only then.{left(view)}"
    ),
    News.POLL_WAITS: lambda view, args: (
        f":hourglass: The poll of {view.name} can't open yet ({view.met}). Open:{_why(view, args)}\n"
        f"It opens when all is met.{_until_due(view)}"
    ),
    News.STANDS: lambda view, _: (
        f":arrow_forward: Gates are not stopped any more. {view.name}: {state(view)}{_open(view)}"
    ),
    News.STRANDED: lambda view, args: (
        f":no_entry: {view.name} can't pass as it is. {stranded(view, view.directory.named(args['gone']))}"
    ),
    News.PASSED: lambda view, args: (
        f":large_green_circle: {view.name} passed{f' {late} late' if (late := args.get('late')) else ''}, "
        f"{when(view.gate.settled_at)}.{_signed_by(view)}{_freed(args)}{_say(args)}"
    ),
})  # fmt: skip


def _until_due(view: CardView) -> str:
    return f" If that is not so {when(view.gate.due_at)}, it is NO-GO." if view.gate.due_at else ""


def _ready(view: CardView, args: Args) -> str:
    """That all is met, and who signs: the reader, for themselves or for somebody, or others."""
    if not view.is_ready:
        return f"{view.met}. I ask again when all is met."
    asked = "say GO or NO-GO" if view.gate.decision else "sign"
    seat = f" for {view.directory.called(args['seat'])}" if args.get("seat") else ""
    if args.get("signs", True):
        return (
            f"{'all who were polled said GO' if args.get('polled') else 'all criteria are met'}. Please {asked}{seat}."
        )
    return f"all criteria are met. It waits for {view.missing or 'nobody'}."


def _next(view: CardView) -> str:
    """What keeps it, for whoever has to sign."""
    if view.is_ready:
        return f"All criteria are met. Please {'say GO or NO-GO' if view.gate.decision else 'sign'}."
    lacking = _bullets([reading.line for reading in view.lacking], view)
    return f"You can't sign yet ({view.met}); I ask you when you can. Open:{lacking}"


def _to_do(view: CardView, args: Args) -> str:
    """What keeps it, for whoever has to tick or to sign; who signs reads all of it."""
    own = [reading.line for reading in leaves(view.lacking) if reading.key in args.get("ticks", ())]
    if not own or args.get("signs"):
        return _next(view)
    return f"Look and tick what is so:{_bullets(own, view)}"


def _open(view: CardView) -> str:
    lacking = _bullets([reading.line for reading in view.lacking], view)
    return f"\nOpen:{lacking}" if lacking else ""


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
    """What waited for nothing else."""
    return f"\nNo longer on hold: {few(args['freed'], SEVERAL)}." if args.get("freed") else ""


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
