"""How a blocker reads: its card, its pages, its lines of history, lists and forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from callboard.blockers.views import CardView, LineView, NewsView, PageView
from callboard.core import blocks as b
from callboard.core.outbox import Message
from callboard.core.words import lasted
from callboard.escalation.models import Why
from callboard.escalation.service import Ladder, Rung

WHAT_ON_CARD = 600
MARKS = {
    "paged": ":white_check_mark:",
    "next": ":arrow_right:",
    "later": ":white_small_square:",
    "missed": ":warning:",
    "empty": ":heavy_minus_sign:",
    "spared": ":heavy_minus_sign:",
}
TOLD = {"missed": " (passed by while I was away)", "empty": ", so it was passed at once", "paged": " paged"}
LIGHTS = {
    "open": ":red_circle:",
    "acknowledged": ":large_yellow_circle:",
    "resolved": ":large_green_circle:",
    "withdrawn": ":white_circle:",
}
WHY_AGAIN = {
    "idle": "it was acknowledged, but nothing has been said or done about it since",
    "unresolved": "it is still unresolved",
    "again": "nobody has acknowledged it yet",
    "exhausted": "everybody on its ladder was paged and nobody has it",
    "asked": "somebody asked for the next step now",
}


def card(view: CardView, *, held_until: Any = None) -> Message:
    """The one card of a blocker, edited in place."""
    said = b.clip(view.what, WHAT_ON_CARD)
    rest = [_state(view), *(_ladder(view.ladder) if view.is_open and view.ladder else ())]
    blocks = [
        b.section(f"{LIGHTS[view.state]} {b.bold(f'Blocker {view.number}')}  {said}"),
        b.context(_origin(view), *_details(view)),
        b.section("\n".join(rest)),
        *([b.context(*notes)] if (notes := _notes(view, held_until)) else []),
        b.actions(*_buttons(view)),
    ]
    return Message(text=f"Blocker {view.number} ({view.state}): {b.clip(view.what, 200)}", blocks=blocks)


def page(view: PageView) -> Message:
    """What the person who is paged reads: what it is, why them, what comes next and when."""
    shown = view.card
    if (
        view.is_over
        or not shown.is_open
        or (shown.state == "acknowledged" and view.why in {"opened", "no response", "again", "exhausted", "handed"})
    ):
        return _spent_page(view)
    whom = "here" if view.to_channel else "you"
    blocks = [
        b.section(f":rotating_light: {b.bold(f'Blocker {shown.number}')}  {b.clip(shown.what, WHAT_ON_CARD)}"),
        b.context(_origin(shown), *_details(shown)),
        b.section(f"*Why {whom}:* {_why_you(view)}\n{_now(shown)}*Next:* {_next(shown)}"),
        *([b.context(*notes)] if (notes := _page_notes(view)) else []),
        b.actions(*_buttons(shown)),
    ]
    return Message(
        text=f"You are paged for blocker {shown.number}: {b.clip(shown.what, 200)}",
        blocks=blocks,
        title=f"{shown.plan}: blocker {shown.number}",
    )


def plain_page(view: PageView) -> Message:
    """The same for mail, SMS and telephone: words only."""
    shown = view.card
    repeat = "This may be a repeat: the first try got no answer. " if view.may_be_repeat else ""
    text = (
        f"{repeat}Blocker {shown.number} in {shown.plan}: {b.unescape(shown.what)}\n"
        f"Why you: {_why_you(view)}\nOpen Slack and acknowledge it: /blocker ack {shown.number}"
    )
    return Message(text=text, title=f"{shown.plan}: blocker {shown.number}")


def line(view: LineView) -> Message:
    """One line of history, for the card's thread."""
    return Message(text=f"{b.date(view.at)}  {_told(view)}")


def news(view: NewsView) -> Message:
    """What the reporter is told about their blocker."""
    what = b.clip(view.what, 200)
    outcome = f": {b.clip(view.outcome, 500)}" if view.outcome else "."
    match view.state:
        case "acknowledged":
            text = f":raised_hand: {view.by} has your blocker {view.number} ({what})."
        case "resolved":
            text = f":large_green_circle: {view.by} resolved your blocker {view.number} ({what}){outcome}"
        case _:
            text = f":white_circle: {view.by} withdrew your blocker {view.number} ({what}){outcome}"
    return Message(text=text)


def raised(view: CardView, unknown: Sequence[str] = ()) -> str:
    """What the reporter reads at once."""
    paged = [who for rung in (view.ladder.rungs if view.ladder else ()) if rung.state == "paged" for who in rung.whom]
    told = f"Paged now: {', '.join(paged)}." if paged else "Nobody could be paged yet."
    strangers = (
        f"\n{', '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} not in the plan, so I can't page them."
        if unknown
        else ""
    )
    team = f" for {view.team}" if view.team else ""
    return (
        f"Blocker {view.number} is open{team}. {told} {_next(view)}{strangers}\n"
        f"Changed your mind? `/blocker withdraw {view.number}`"
    )


def what_now(view: CardView) -> str:
    """What happens next with a blocker."""
    return _next(view)


def one_line(view: CardView) -> str:
    """A blocker in a list."""
    who = (
        f"{view.owner} has it"
        if view.owner and view.is_open
        else "nobody has it"
        if view.is_open
        else f"{view.state} by {view.closed_by}"
    )
    return (
        f"{LIGHTS[view.state]} *{view.number}*  {b.clip(' '.join(view.what.split()), 120)}  ·  "
        f"{view.team or 'no team'}  ·  {who}  ·  {b.date(view.opened_at, 'both')}"
    )


def listed(title: str, views: Sequence[CardView], empty: str) -> list[dict[str, Any]]:
    """A list of blockers; long lists say how many more there are."""
    if not views:
        return [b.section(empty)]
    shown = views[:40]
    more = [b.context(f"and {len(views) - len(shown)} more")] if len(views) > len(shown) else []
    return [b.section(b.bold(title)), *(b.section(one_line(view)) for view in shown), *more]


def history(view: CardView, lines: Sequence[LineView]) -> list[dict[str, Any]]:
    """A card with everything that happened to it."""
    told = "\n".join(f"{b.date(one.at)}  {_told(one)}" for one in lines[-25:])
    return [*card(view).blocks, b.divider(), b.section(told or "Nothing has happened to it yet.")]


def _state(view: CardView) -> str:
    match view.state:
        case "open":
            handed = f"{view.handed_to} was asked to take it and has not answered yet. " if view.handed_to else ""
            return f"{handed or '*Nobody has it yet.* '}{_next(view)}"
        case "acknowledged":
            since = f" since {b.date(view.owner_at)}" if view.owner_at else ""
            return f"*{view.owner} has it*{since}. {_next(view)}"
    when = f", {b.date(view.closed_at, 'both')}" if view.closed_at else ""
    took = f", {lasted(view.closed_at - view.opened_at)} after it was raised" if view.closed_at else ""
    outcome = f"\n> {b.clip(view.outcome, 1000)}" if view.outcome else ""
    return f"*{view.state.capitalize()}* by {view.closed_by}{when}{took}.{outcome}"


def _next(view: CardView) -> str:
    """What happens by itself if nobody does anything, and when."""
    ladder = view.ladder
    if ladder is None or ladder.next_at is None:
        return "Nothing more happens by itself." if view.is_open else ""
    at = b.date(ladder.next_at)
    following = next((rung for rung in ladder.rungs if rung.state == "next"), None)
    onwards = f"it goes on to {ladder.next_level}" if ladder.next_level else "the coordinator is told"
    sentences = {
        Why.RESPONSE: f"If nobody acknowledges it by {at}, {_whom(following)} is paged.",
        Why.IDLE: f"If nothing is said or done about it by {at}, {onwards}.",
        Why.SNOOZE: f"It is snoozed until {at}; then it climbs on.",
        Why.EXHAUSTED: f"If nobody acknowledges it by {at}, the coordinator is told that the ladder has ended.",
        Why.REPEAT: f"The last step is paged again at {at}.",
        Why.RESOLUTION: f"If it is not resolved by {at}, it goes straight to the top.",
    }
    return sentences.get(ladder.next_why or Why.RESPONSE, "")


def _ladder(ladder: Ladder) -> list[str]:
    return [_rung(rung) for rung in ladder.rungs]


def _rung(rung: Rung) -> str:
    at = f"{b.date(rung.at)}  " if rung.at else ""
    return f"{MARKS[rung.state]}  {at}{rung.level}: {_whom(rung)}{TOLD.get(rung.state, '')}"


def _whom(rung: Rung | None) -> str:
    return ", ".join(rung.whom if rung else ()) or "nobody"


def _origin(view: CardView) -> str:
    team = f" ({view.team})" if view.team else ""
    return f"Raised by {view.reporter}{team}, {b.date(view.opened_at, 'both')}"


def _details(view: CardView) -> list[str]:
    found = [f"Severity: {'*' if view.is_gravest else ''}{view.severity}{'*' if view.is_gravest else ''}"]
    if view.category:
        found.append(view.category.capitalize())
    if view.waits_for:
        found.append(f"Waits for {view.waits_for}")
    if view.blocks:
        found.append(f"Blocks: {b.clip(view.blocks, 300)}")
    return found


def _notes(view: CardView, held_until: Any) -> list[str]:
    late = [f":hourglass_flowing_sand: Slack held this card back until {b.date(held_until)}."] if held_until else []
    held = [
        f":hourglass_flowing_sand: Slack holds the message to {who} back until {b.date(until)}."
        for who, until in view.held_back
    ]
    lost = [f":warning: {who} could not be reached: {error}." for who, error in view.unreached]
    whole = [f"The whole text is longer: `/blocker show {view.number}`."] if len(view.what) > WHAT_ON_CARD else []
    return [*late, *held, *lost, *whole][:10]


def _page_notes(view: PageView) -> list[str]:
    late = (
        [f":hourglass_flowing_sand: Slack held this page back until {b.date(view.was_held_until)}."]
        if view.was_held_until
        else []
    )
    missed = (
        [f"{', '.join(view.missed)} should have been paged before you, while I was not running."] if view.missed else []
    )
    return [*late, *missed, *_notes(view.card, None)][:10]


def _why_you(view: PageView) -> str:
    stands_in = f", standing in for {view.instead_of}, who is away" if view.instead_of else ""
    if view.why == "handed":
        return f"{view.by} hands it to you."
    if view.why == "exhausted":
        return f"{WHY_AGAIN['exhausted']}. You are {view.reason or 'the coordinator'}{stands_in}."
    role = f"you are {view.reason}" if view.reason else f"step {view.level}"
    again = f": {WHY_AGAIN[view.why]}" if view.why in WHY_AGAIN else ""
    named = "" if view.level.lower() in view.reason.lower() else f": {view.level}"
    place = f" (step {view.step + 1}{named})" if view.step is not None else ""
    if view.to_channel:
        return f"the plan names this channel{place}{again}."
    return f"{role}{stands_in}{place}{again}."


def _now(view: CardView) -> str:
    """Who has it, for whoever is paged although somebody has."""
    since = f" since {b.date(view.owner_at)}" if view.owner_at else ""
    return f"*Now:* {view.owner} has it{since}.\n" if view.owner else ""


def _spent_page(view: PageView) -> Message:
    """A page that asks for nothing any more; it changes only when the blocker's state does."""
    shown = view.card
    again = view.is_over and shown.is_open
    said = "You were paged about it again further down." if again else _state(shown)
    blocks = [
        b.section(f"{LIGHTS[shown.state]} {b.bold(f'Blocker {shown.number}')}  {b.clip(shown.what, 200)}\n{said}")
    ]
    if shown.state == "acknowledged" and not again:
        blocks.append(b.actions(*_buttons(shown)))
    return Message(text=f"Blocker {shown.number} ({shown.state}): {b.clip(shown.what, 200)}", blocks=blocks)


def _buttons(view: CardView) -> list[dict[str, Any]]:
    value = f"{view.number}:{view.changes}"
    if not view.is_open:
        return [b.button("Reopen", "blocker.reopen", value)]
    more = b.overflow(
        "blocker.more",
        [
            ("Snooze 30 minutes", f"snooze:{value}"),
            ("Say something", f"note:{value}"),
            ("Hand it to somebody", f"reassign:{value}"),
            ("Withdraw", f"withdraw:{value}"),
        ],
    )
    resolve = b.button("Resolve", "blocker.resolve", value)
    if view.state == "acknowledged":
        return [
            resolve,
            b.button("Give it back", "blocker.unack", value),
            b.button("Escalate now", "blocker.escalate", value),
            more,
        ]
    return [
        b.button("I have it", "blocker.ack", value, style="primary"),
        resolve,
        b.button("Escalate now", "blocker.escalate", value),
        more,
    ]


def _told(view: LineView) -> str:
    said = f": {b.clip(view.said, 2500)}" if view.said else "."
    until = b.date(view.until, "both") if view.until else "later"
    done = {
        "raised": f"raised it{said}",
        "acknowledged": "has it.",
        "gave back": "gave it back; nobody has it now.",
        "snoozed": f"snoozed it until {until}.",
        "escalated": "asked for the next step now.",
        "handed on": f"handed it to {view.to}.",
        "reopened": "reopened it; it climbs anew.",
        "noted": f"said{said}",
        "resolved": f"resolved it{said}",
        "withdrawn": f"withdrew it{said}",
        "dropped a message": f"did not send a message to {view.to}: {view.reason}.",
        "parked a message": f"could not send a message to {view.to}: {view.reason}.",
    }
    if view.verb in done:
        return f"{view.actor} {done[view.verb]}"
    return _climbed(view)


def _climbed(view: LineView) -> str:
    late = f" {lasted(view.late)} late, because I was not running" if view.late > timedelta(seconds=30) else ""
    passed = [f"{level} had nobody on it" for level in view.empty] + [f"{level} was missed" for level in view.missed]
    aside = f" ({'; '.join(passed)})" if passed else ""
    whom = ", ".join(view.people) or "nobody"
    match view.verb:
        case "exhausted":
            return f"The ladder has ended and nobody has it: told {whom}{late}.{aside}"
        case "snooze over":
            return "The snooze is over."
    return f"Paged {view.level}: {whom}{late}.{aside} Why: {_reason(view.verb)}."


def _reason(verb: str) -> str:
    return {"no response": "nobody acknowledged it", "opened": "it was raised"}.get(verb, WHY_AGAIN.get(verb, verb))
