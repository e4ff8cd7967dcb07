"""Who is told what about an emergency: its card, pages, lines, questions, and its end."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.emergencies import messages, store
from callboard.emergencies.messages import history, news
from callboard.emergencies.models import KIND, Emergency, Verb
from callboard.emergencies.plan import COMMANDER, part_of
from callboard.escalation import service as escalation
from callboard.escalation.models import UNTAKEN, Why
from callboard.escalation.models import State as Climbed
from callboard.escalation.pages import HolderAway
from callboard.escalation.service import StepDue, StepsDue
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person

PLAIN = (Verb.DECLARED, Verb.ASKED, Verb.REMINDED)
"""What is no line in the thread: the card says it, or a message."""
OVER = (Verb.ENDED, Verb.WITHDRAWN)


def _view(tx: Tx, delivery: Delivery) -> messages.View:
    return messages.view(tx, store.known(tx, delivery.subject_id))


def _card(tx: Tx, delivery: Delivery) -> Message:
    return messages.card(messages.whole(tx, store.known(tx, delivery.subject_id)))


def _page(tx: Tx, delivery: Delivery) -> Message | Drop:
    emergency = store.known(tx, delivery.subject_id)
    if delivery.posted_as is None:
        if not emergency.is_open:
            return Drop(f"the emergency was {emergency.state}")
        ladder = escalation.ladder(tx, emergency.subject)
        if ladder and ladder.state == Climbed.ENDED:
            return Drop("its cause is over")
        why = delivery.args.get("why")
        if emergency.roles.get(COMMANDER) and why in UNTAKEN and why != Why.OPENED:
            return Drop(f"{emergency.roles[COMMANDER]} has command")
    return news.page(messages.view(tx, emergency), delivery)


def _line(tx: Tx, delivery: Delivery) -> Message:
    args, directory = delivery.args, teams.directory(tx, delivery.plan_id)
    if args["verb"] == "paged":
        return Message(history.paged_line(directory, args["level"], args["people"], args["channels"], args["why"]))
    return Message(history.line(directory, args["verb"], args["actor"], args.get("said") or "", args))


def _question(tx: Tx, delivery: Delivery) -> Message | Drop:
    shown = _view(tx, delivery)
    if delivery.posted_as is None and not shown.emergency.is_open:
        return Drop(f"the emergency was {shown.emergency.state}")
    return news.question(shown, delivery)


def _news(tx: Tx, delivery: Delivery) -> Message | Drop:
    shown, verb = _view(tx, delivery), delivery.args["verb"]
    is_open = shown.emergency.is_open
    if delivery.posted_as is None and (is_open if verb in OVER else verb == Verb.REOPENED and not is_open):
        return Drop(f"the emergency is {shown.emergency.state}")
    return news.news(shown, delivery.args)


ROWS = rows(Emergency)


def _ahead(tx: Tx, numbers: Collection[int]) -> None:
    ROWS(tx, numbers)
    escalation.read_ahead(tx, KIND, numbers)


CARD = Notice(
    kind=f"{KIND}.card", told="the channel of its level, else its team's, once, edited until it is over",
    render=_card, priority=Priority.PAGE, editable=True, ahead=_ahead,
)  # fmt: skip
PAGE = Notice(
    kind=f"{KIND}.page", told="everybody whom its level names, at once; whoever is next while nobody takes command",
    render=_page, priority=Priority.PAGE, editable=True, see=f"/{KIND} show {{id}}", ahead=_ahead,
)  # fmt: skip
LINE = Notice(kind=f"{KIND}.line", told="the card's thread, whenever something happens", render=_line)
UPDATE = Notice(
    kind=f"{KIND}.update", told="the level's own channel, when the commander posts an update", render=_line,
    priority=Priority.ANSWER,
)  # fmt: skip
QUESTION = Notice(
    kind=f"{KIND}.question", told="the commander, when an update is due, is late, and was missed",
    render=_question, priority=Priority.PROMPT, editable=True, folds=True, see=f"/{KIND} show {{id}}", ahead=_ahead,
)  # fmt: skip
NEWS = Notice(
    kind=f"{KIND}.news",
    told="whoever was told, when it is over, or is not after all; the commander, else all of them, when its cause is "
    "over; whoever gets a role or is called to a meeting; coordinators if it is late; leads too if its commander left",
    render=_news, priority=Priority.ANSWER, ahead=_ahead,
)  # fmt: skip
NOTICES = (CARD, PAGE, LINE, UPDATE, QUESTION, NEWS)


def post_card(tx: Tx, directory: Directory, emergency: Emergency) -> None:
    outbox.enqueue(tx, [CARD.post(directory, emergency.channel, emergency.subject, _card_key(emergency))])


def show(tx: Tx, emergency: Emergency) -> None:
    """Show its card anew; its pages too, where they are few or it is over."""
    over = not emergency.is_open
    outbox.touch(
        tx, KIND, [emergency.number], superseded=over, urgent=over or len(emergency.told) <= messages.FEW_PAGES
    )


def tell_line(tx: Tx, emergency: Emergency, verb: Verb, actor: str, **facts: Any) -> None:
    """A line in the card's thread; an update in a channel of its own is a message there."""
    if verb in PLAIN:
        return
    directory, args = teams.directory(tx, emergency.plan_id), {"verb": verb, "actor": actor, **facts}
    own = verb == Verb.UPDATED and bool(part_of(emergency).channel)
    key = f"{KIND}:{emergency.number}:line:{emergency.changes}:{verb}:{secrets.token_hex(4)}"
    thread = None if own else _card_key(emergency)
    post = (UPDATE if own else LINE).post(
        directory, emergency.channel, emergency.subject, key, args=args, thread=thread
    )  # fmt: skip
    outbox.enqueue(tx, [post])


def on_steps_due(tx: Tx, event: StepsDue) -> None:
    """Its climb has paged somebody: they are known to be told, and the thread hears of everybody after the first."""
    for step in event.steps if event.kind == KIND else ():
        emergency = store.known(tx, step.climb.subject_id)
        emergency.told = list(dict.fromkeys([*emergency.told, *step.people, *step.recipients.channels]))
        tx.session.add(emergency)
        if step.move.why != Why.OPENED and not step.recipients.nobody:
            _tell_step(tx, emergency, step)
            outbox.touch(tx, KIND, [emergency.number], urgent=False)


def _tell_step(tx: Tx, emergency: Emergency, step: StepDue) -> None:
    directory = teams.directory(tx, emergency.plan_id)
    why = "Nobody has taken command. " if step.move.why in UNTAKEN else ""
    if step.move.why == Why.NUDGE:
        why = f"{directory.called(step.climb.holder)} has command and is away. Asked instead"
    args = {"verb": "paged", "level": step.level, "people": step.people, "channels": list(step.recipients.channels),
            "why": why}  # fmt: skip
    key = f"{KIND}:{emergency.number}:step:{step.climb.id}:{step.move.step}:{step.move.repetition}:{step.move.why}"
    thread = _card_key(emergency)
    outbox.enqueue(tx, [
        LINE.post(directory, emergency.channel, emergency.subject, key, args=args, thread=thread)
    ])  # fmt: skip


def ask(tx: Tx, directory: Directory, emergency: Emergency, commander: Person, verb: Verb) -> None:
    """Ask the commander for the update that is due."""
    due: datetime = emergency.update_at or tx.now
    args = {"verb": verb, "due": due.isoformat(), "at": tx.now.isoformat()}
    key = f"{KIND}:{emergency.number}:question:{tx.now.isoformat()}:{commander.key}"
    reach = directory.reach(commander)
    outbox.enqueue(tx, [
        QUESTION.post(directory, reach, emergency.subject, key, args=args, recipient=commander.key)
    ])  # fmt: skip


def tell_person(tx: Tx, directory: Directory, emergency: Emergency, to: Person, verb: Verb, **facts: Any) -> None:
    _tell(tx, directory, emergency, [to], verb, **facts)


def on_holder_away(tx: Tx, event: HolderAway) -> None:
    """Whoever stands in for the commander of an emergency hears so."""
    emergency = store.find(tx, event.number) if event.kind == KIND else None
    if emergency and emergency.roles.get(COMMANDER) == event.holder:
        directory = teams.directory(tx, event.plan_id)
        tell_person(tx, directory, emergency, directory.people[event.instead], Verb.HANDED, instead_of=event.holder)


def tell_meeting(tx: Tx, directory: Directory, emergency: Emergency, by: str) -> None:
    """Whoever has a role, and the leads and coordinators who were told; and the channel."""
    told = directory.named(dict.fromkeys([*emergency.roles.values(), *emergency.told]))
    people = [each for each in told if each.key != by and _leads(directory, emergency, each)]
    _tell(tx, directory, emergency, people, Verb.MET, by=by)
    _tell_channels(tx, directory, emergency, [emergency.channel], Verb.MET, by=by)


def _leads(directory: Directory, emergency: Emergency, person: Person) -> bool:
    return person.key in emergency.roles.values() or directory.is_lead(person) or person in directory.coordinators


def tell_overdue(tx: Tx, directory: Directory, emergency: Emergency) -> None:
    people = [*directory.named([emergency.roles.get(COMMANDER, "")]), *directory.coordinators]
    _tell(tx, directory, emergency, list(directory.acting(people, tx.now)), Verb.OVERDUE)


def tell_vacant(tx: Tx, emergency: Emergency, left: str) -> None:
    """Nobody has command any more: coordinators hear so, and the leads who know of it."""
    directory = teams.directory(tx, emergency.plan_id)
    known = [each for each in directory.named(emergency.told) if _leads(directory, emergency, each)]
    people = directory.acting([*known, *directory.coordinators], tx.now)
    _tell(tx, directory, emergency, list(dict.fromkeys(people)), Verb.LEFT, to=left)


def tell_cause(tx: Tx, emergency: Emergency, verb: Verb, said: str) -> None:
    """Tell the commander that its cause is over, or back; without one whoever was told, and the coordinators."""
    directory, commander = teams.directory(tx, emergency.plan_id), emergency.roles.get(COMMANDER)
    told = [commander] if commander else [*emergency.told, *(person.key for person in directory.coordinators)]
    people = directory.acting(directory.named(dict.fromkeys(told)), tx.now)
    _tell(tx, directory, emergency, list(people), verb, said=said)


def tell_over(tx: Tx, directory: Directory, emergency: Emergency, by: str) -> None:
    """Tell everybody who was told, and the channels, that it is over or was none."""
    _tell_all(tx, directory, emergency, by, Verb.ENDED if emergency.state == "ended" else Verb.WITHDRAWN)


def tell_reopened(tx: Tx, directory: Directory, emergency: Emergency, by: str, ended_by: str) -> None:
    """Tell the same people that it goes on, and whoever had ended it; every page shows that."""
    _tell_all(tx, directory, emergency, by, Verb.REOPENED, ended_by, by=by)
    outbox.touch(tx, KIND, [emergency.number], superseded=True)


def _tell_all(
    tx: Tx, directory: Directory, emergency: Emergency, but: str, verb: Verb, *also: str, **facts: Any
) -> None:  # fmt: skip
    told = directory.named(dict.fromkeys([*emergency.told, *emergency.roles.values(), emergency.by or "", *also]))
    _tell(tx, directory, emergency, [person for person in told if person.key != but], verb, **facts)
    channels = [each for each in emergency.told if each not in directory.people]
    _tell_channels(tx, directory, emergency, [emergency.channel, *channels], verb, **facts)


def _tell(tx: Tx, directory: Directory, emergency: Emergency, people: list[Person], verb: Verb, **facts: Any) -> None:
    key = f"{KIND}:{emergency.number}:news:{emergency.changes}:{verb}"
    outbox.enqueue(tx, [
        NEWS.post(directory, directory.reach(person), emergency.subject, f"{key}:{person.key}",
                  args={"verb": verb, **facts}, recipient=person.key)
        for person in people
    ])  # fmt: skip


def _tell_channels(
    tx: Tx, directory: Directory, emergency: Emergency, channels: list[str], verb: Verb, **facts: Any
) -> None:
    key = f"{KIND}:{emergency.number}:news:{emergency.changes}:{verb}"
    outbox.enqueue(tx, [
        NEWS.post(directory, channel, emergency.subject, f"{key}:{channel}", args={"verb": verb, **facts})
        for channel in dict.fromkeys(channels)
    ])  # fmt: skip


def _card_key(emergency: Emergency) -> str:
    return f"{KIND}:{emergency.number}:card"
