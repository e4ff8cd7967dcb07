"""What people are told about an emergency in messages of their own: pages, questions, its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.outbox import Delivery, Message
from callboard.emergencies import halts
from callboard.emergencies.messages import LIGHTS, LONG, SHORT, UPDATE, View, instant, origin, respond_by, stands
from callboard.emergencies.models import State, Verb
from callboard.emergencies.plan import COMMANDER
from callboard.escalation.messages import duties, why_paged
from callboard.teams.rights import looks_on


def page(shown: View, delivery: Delivery) -> Message:
    """What whoever is told reads; where there are many, it changes only when the emergency is over."""
    emergency, directory = shown.emergency, shown.directory
    what, why = m.clip(emergency.what, LONG), _why(shown, delivery)
    text = f"{m.escape(emergency.called)}: {m.clip(emergency.what, SHORT)}"
    title = f"{directory.plan_name}: {emergency.called}"
    if not emergency.is_open or delivery.superseded:
        now = "There is a newer message about it further down." if emergency.is_open else "\n".join(stands(shown))
        said = f"{LIGHTS[State(emergency.state)]} {shown.title}  {what}\n{now}"
        return Message(text, [b.section(said)], title=title)
    repeat = "This may be a repeat: the first try got no answer. " if delivery.doubtful_since else ""
    plain = (
        f"{repeat}{emergency.called} in {directory.plan_name}: {m.unescape(emergency.what)}\n"
        f"Why you: {m.unescape(why)}\n"
        f"Take command in Slack: /emergency take {emergency.number} {COMMANDER}"
    )
    blocks = [
        b.section(f":rotating_light: {shown.title}  {what}"), b.context(*origin(shown)),
        b.section("\n".join(_asking(shown, delivery, why))),
        *([b.actions(b.button("Take command", "emergency.take", f"{emergency.number}:0:{COMMANDER}", style="primary"))]
          if _may_take(shown, delivery) else []),
    ]  # fmt: skip
    return Message(text, blocks, title=title, plain=plain)


def _why(shown: View, delivery: Delivery) -> str:
    duty = duties(shown.directory, delivery.args)
    return why_paged(shown.directory, delivery.args, f"you are {duty}" if duty else "the plan names this channel")


def _asking(shown: View, delivery: Delivery, why: str) -> list[str]:
    emergency, within = shown.emergency, shown.part.respond_within
    command = emergency.roles.get(COMMANDER)
    until = respond_by(shown) if not command else ""
    has = f"*Command: {shown.directory.called(command)}*" if command else f"*Nobody has command yet.*{until}"
    if shown.is_wide:
        has = f"Respond by {m.date(emergency.declared_at + within)}. The card says who has command." if within else ""
    frozen = halts.said(emergency.level, shown.part)
    take_over = f"`/emergency hand {emergency.number} {COMMANDER} @somebody`"
    if command and delivery.args.get("instead_of") == command:
        has += f" They are away: hand it over, to you or somebody else: {take_over}"
    return [
        *([has] if has else []), f"*Why {'you' if delivery.recipient else 'here'}:* {why}",
        f"*Card:* {m.channel(emergency.channel)}  *Meet:* {shown.place}",
        *([f"Until it is over: {frozen}."] if frozen else []),
    ]  # fmt: skip


def _may_take(shown: View, delivery: Delivery) -> bool:
    person = shown.directory.people.get(delivery.recipient or "")
    free = shown.is_wide or COMMANDER not in shown.emergency.roles
    return free and (person is None or not looks_on(shown.directory, person))


def question(shown: View, delivery: Delivery) -> Message:
    """The commander is asked how it stands."""
    emergency, verb = shown.emergency, delivery.args["verb"]
    due, heard = m.date(instant(delivery.args["due"])), m.date(emergency.heard_at or emergency.declared_at)
    words = {
        Verb.ASKED: "an update is due now.", Verb.REMINDED: f"the update of {due} is still missing.",
        Verb.MISSED: f"no update came since {heard}. Everybody sees that.",
    }[Verb(verb)]  # fmt: skip
    how = f"Or type `/emergency update {emergency.number} how it stands`."
    text = f":grey_question: {shown.title}: {words} {how}"
    done = not emergency.is_open or (emergency.updated_at is not None and emergency.updated_at >= instant(
        delivery.args["at"]))  # fmt: skip
    if done:
        return Message(f":white_check_mark: {shown.title}: no update is missing any more.")
    button = b.button("Post an update", "emergency.update", shown.value(), style="primary")
    return Message(f"{m.escape(emergency.called)}: {words}", [b.section(text), b.actions(button)])


def news(shown: View, args: Mapping[str, Any]) -> Message:
    """What somebody is told in a message of its own."""
    emergency, called = shown.emergency, shown.directory.called
    what = m.clip(emergency.what, SHORT)
    match Verb(args["verb"]):
        case Verb.HANDED:
            return _handed(shown, args)
        case Verb.LEFT:
            return _vacant(shown, args["to"])
        case Verb.MET:
            text = f":telephone_receiver: {called(args['by'])} calls a meeting on {shown.title}: {shown.place}\n{what}"
        case Verb.OVERDUE:
            due = f" It was due {m.date(emergency.resolve_at)}." if emergency.resolve_at else ""
            text = f":warning: {shown.title} is not resolved in time.{due}\n{what}"
        case Verb.SETTLED:
            return _settled(shown, args["said"])
        case Verb.RETURNED:
            text = f":arrow_up: {shown.title}: {args['said']}"
        case Verb.REOPENED:
            frozen = halts.said(emergency.level, shown.part)
            until = f"\nUntil it is over: {frozen}." if frozen else ""
            text = f":rotating_light: {shown.title} is not over: {called(args['by'])} reopened it.\n{what}{until}"
        case Verb.WITHDRAWN:
            why = f" {m.clip(emergency.summary, UPDATE)}" if emergency.summary else ""
            text = f":white_circle: {shown.title} was a false alarm, says {called(emergency.ended_by)}.{why}\n{what}"
        case _:
            text = (
                f":large_green_circle: {shown.title} is over. {called(emergency.ended_by)}: {emergency.summary}\n{what}"
            )
    return Message(m.clip(text, m.TEXT), plain=m.unescape(text))


def _handed(shown: View, args: Mapping[str, Any]) -> Message:
    """Whoever has a role from now on, or stands in for who has command, reads what is theirs to do."""
    emergency, called, number = shown.emergency, shown.directory.called, shown.emergency.number
    role, away, heir = args.get("role", COMMANDER), args.get("instead_of"), args.get("heir")
    if heir:
        how = f"took over as {role}" if heir == args["by"] else f"made {called(heir)} {role} in your place"
        text = f":bust_in_silhouette: {shown.title}: {called(args['by'])} {how}."
        return Message(text, plain=m.unescape(text))
    who = f"{called(away)} has command of {shown.title} and is away now. You stand in." if away else (
        f"{called(args['by'])} made you {role} of {shown.title}.")  # fmt: skip
    lines = [f":bust_in_silhouette: {who}", m.clip(emergency.what, SHORT)]
    buttons = []
    if role == COMMANDER and emergency.is_open:
        due = f" by {m.date(emergency.update_at)}" if emergency.update_at else ""
        lines.append(
            f"Say how it stands{due}: `/emergency update {number} ...`. Over? `/emergency end {number} what helped`"
        )
        lines += [f"To have command: `/emergency hand {number} {COMMANDER} me`"] * bool(away)
        buttons = [b.actions(b.button("Post an update", "emergency.update", shown.value(), style="primary"))]
    text = m.clip("\n".join(lines), m.TEXT)
    return Message(text, [b.section(text), *buttons], plain=m.unescape(text))


def _vacant(shown: View, left: str) -> Message:
    """Its commander has left the plan: somebody else takes command."""
    emergency = shown.emergency
    free = emergency.is_open and COMMANDER not in emergency.roles
    take = f" Take command: `/emergency take {emergency.number} {COMMANDER}`" if free else ""
    what, who = m.clip(emergency.what, SHORT), shown.directory.called(left)
    text = f":warning: {shown.title}: {who} had command and has left the plan.{take}\n{what}"
    button = b.button("Take command", "emergency.take", shown.value(COMMANDER), style="primary")
    return Message(text, [b.section(text), *([b.actions(button)] if free else [])], plain=m.unescape(text))


def _settled(shown: View, said: str) -> Message:
    """What declared it is over: somebody ends it."""
    number, commander = shown.emergency.number, shown.emergency.roles.get(COMMANDER)
    end = f"`/emergency end {number} what helped`"
    button = b.button("End", "emergency.end", shown.value())
    how = f"Is it over? {end}"
    if not commander:
        button = b.button("Take command", "emergency.take", shown.value(COMMANDER), style="primary")
        how = f"Nobody else is paged. Is it over? Take command, then {end}"
    text = f":arrow_down: {shown.title}: {said} {how}"
    buttons = [b.actions(button)] if shown.emergency.is_open else []
    return Message(m.clip(text, m.TEXT), [b.section(text), *buttons], plain=m.unescape(text))
