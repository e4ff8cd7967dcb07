"""What is sent about gates: to whom and where, and who writes it.

polls: the card of a poll, and the pages of whoever it asks
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Medium, Message, Post, Priority, Reach
from callboard.core.timeline import BOT, Entry, Subject
from callboard.escalation import service as escalation
from callboard.escalation.messages import duties, why_paged
from callboard.escalation.models import UNTAKEN, Why
from callboard.gates import store
from callboard.gates.assessment import Look, looks
from callboard.gates.criteria import leaves
from callboard.gates.messages import card, history, news, of_gate
from callboard.gates.models import KIND, Gate, News, State, Verb, iso, stands
from callboard.gates.notices.polls import POLL_CARD, POLL_PAGE
from callboard.gates.plan.items import group_of
from callboard.gates.plan.types import OwnerSignOff
from callboard.planfile import names, needs
from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person
from callboard.teams.service import Concern

ITEMS_WITHIN = timedelta(minutes=10)
SOON, MINUTE = timedelta(minutes=30), timedelta(minutes=1)
TO_SIGNERS = (News.READY, News.REMINDER, News.SIGNATURE, News.RENEW, News.ITEMS, News.STANDS, News.STRANDED)
"""What is only worth saying while the gate is open."""


def record(
    tx: Tx, gate: Gate, verb: Verb, *, actor: str = BOT, on_behalf_of: str | None = None, said: str | None = None,
    **facts: Any,
) -> None:  # fmt: skip
    """Put what happened on the timeline and into the thread of the card, and show the card anew."""
    keep(tx, gate, verb, actor=actor, on_behalf_of=on_behalf_of, said=said, **facts)
    tell_line(tx, gate, verb, actor=actor, on_behalf_of=on_behalf_of, said=said, **facts)


def keep(tx: Tx, gate: Gate, verb: Verb, **facts: Any) -> None:
    """Put what happened on the timeline alone."""
    timeline.record(tx, gate.plan_id, gate.subject, verb, change=gate.changes, standing=stands(gate), **facts)
    if facts.get("actor", BOT) != BOT:
        escalation.stir(tx, gate.subject)


def tell_line(
    tx: Tx, gate: Gate, verb: Verb, *, actor: str, on_behalf_of: str | None, said: str | None, **facts: Any
) -> None:
    """Put what happened into the thread of the card, and show the card anew."""
    if gate.item:
        _show_group(tx, gate)
        return
    directory = teams.directory(tx, gate.plan_id)
    post_card(tx, gate, directory)
    args = {"verb": verb, "actor": actor, "for": on_behalf_of, "said": said, "at": tx.now.isoformat(), **facts}
    key, channel = f"{gate.card}:line:{secrets.token_hex(6)}", directory.home_channel()
    outbox.enqueue(tx, [LINE.post(directory, channel, gate.subject, key, args=args, thread=gate.card)])
    outbox.touch(tx, KIND, [gate.number], superseded=gate.settled)


def _show_group(tx: Tx, item: Gate) -> None:
    """The card of a gate for several items shows what happens to one of them; an item has no card."""
    key = group_of(item.key)
    groups = [gate for gate in store.listed(tx, item.plan_id) if gate.key == key]
    outbox.touch(tx, KIND, [item.number, *(gate.number for gate in groups)])


def post_card(tx: Tx, gate: Gate, directory: Directory) -> None:
    """Post the one card of a gate, unless it is posted already."""
    if gate.item:
        return
    if not gate.shown:
        gate.shown = True
    outbox.enqueue(tx, [CARD.post(directory, directory.home_channel(), gate.subject, gate.card)])


def tell(look: Look, people: Iterable[Person], key: str, what: News, **args: Any) -> None:
    """Send people a direct message about a gate; `key` makes it one message for each.

    Whoever is asked to sign items of a gate, and owns none of them, reads once of all that wait by then.
    """
    if what is News.READY and look.gate.item:
        own = {person for slot in look.tally.slots if isinstance(slot.part, OwnerSignOff) for person in slot.people}
        others = [person for person in people if person not in own]
        people = [person for person in people if person in own]
        _tell_of_items(look, others)
    to = by_person(look.directory, people)
    outbox.enqueue(look.tx, posts(NEWS, look.gate.subject, look.directory, to, key, what=what, **args))


def _tell_of_items(look: Look, people: Iterable[Person]) -> None:
    """Whoever must sign an item hears within ten minutes of it and of all others that wait for them by then."""
    at = look.tx.now + ITEMS_WITHIN
    at = at.replace(minute=at.minute // 10 * 10, second=0, microsecond=0)
    for group in store.listed(look.tx, look.gate.plan_id):
        if group.key == group_of(look.gate.key):
            outbox.enqueue(look.tx, [
                NEWS.post(
                    look.directory, reach, group.subject, f"{KIND}:{group.id}:items:{at.isoformat()}:{name}",
                    args={"what": News.ITEMS, "who": name}, not_before=at,
                )
                for name, reach in by_person(look.directory, people)
            ])  # fmt: skip


def arrived(tx: Tx, plan_id: int, key: str) -> None:
    """Something is settled that gates want and do not wait for: their threads and signers hear."""
    document = plans.live(tx, plan_id)
    wanting = {need.of for need in needs.written(document, "wants") if need.path[0] == "gates" and key in need.ids}
    for gate in store.gates(tx, plan_id) if wanting else ():
        if gate.key in wanting and not gate.settled:
            look, what = Look(tx, gate), names.named(document, key)
            record(tx, gate, Verb.ARRIVED, awaited=key, what=what)
            tell(look, look.unsigned, f"arrived:{key}:{tx.now.isoformat()}", News.ARRIVED, why=[what])


def tell_missed(look: Look, people: Iterable[Person], whom: Sequence[str], key: str, args: dict[str, Any]) -> None:
    """Tell these people, and whoever the plan names, that a gate is overdue: each of them by a page or by news.

    Whoever is about to be paged for it reads the news only if that page does not come.
    """
    tx, about = look.tx, look.gate.subject
    paged, soon = escalation.told(tx, about), escalation.will_tell(tx, about, tx.now + SOON)
    to = dict.fromkeys([*by_person(look.directory, people), *named(tx, look.directory, whom)])
    for name, reach in to:
        at = soon[name] + MINUTE if name in soon else None
        facts = {**args, "what": News.MISSED} | ({"unless_paged": name} if at else {})
        own = f"{KIND}:{look.gate.id}:{key}:{name}:{reach.medium}"
        if name not in paged:
            outbox.enqueue(tx, [NEWS.post(look.directory, reach, about, own, args=facts, not_before=at)])


def announce(look: Look, whom: Sequence[str], key: str, what: News, mail: Sequence[str] = (), **args: Any) -> None:
    """Tell whoever the plan names: people and channels, and by mail addresses or people."""
    to = named(look.tx, look.directory, whom, mail)
    outbox.enqueue(look.tx, posts(NEWS, look.gate.subject, look.directory, to, key, what=what, **args))


def tell_everybody(
    look: Look, whom: Sequence[str], key: str, what: News, mail: Sequence[str], *, but: str, **args: Any
) -> None:
    """The same, with the channel of the plan and its coordinators, `but` not whoever did it: the answer tells them."""
    home, directory = look.directory.home_channel(), look.directory
    people = [person for person in directory.coordinators if person.key != but]
    to = dict.fromkeys([
        *([(home, Reach(Medium.SLACK, home))] if home else []), *by_person(directory, people),
        *named(look.tx, directory, whom, mail),
    ])  # fmt: skip
    outbox.enqueue(look.tx, posts(NEWS, look.gate.subject, directory, to, key, what=what, **args))


def next_told_at(tx: Tx, gate: Gate) -> datetime:
    """When a NO-GO said that the next attempt is when the gate is due now; long ago where none did."""
    said = (each.created_at for each in outbox.about(tx, gate.subject) if each.args.get("next") == iso(gate.due_at))
    return max(said, default=datetime.min.replace(tzinfo=UTC))


def posts(
    notice: Notice, about: Subject, directory: Directory, to: Iterable[tuple[str, Reach]], key: str, **args: Any
) -> Iterator[Post | None]:
    """One message for each name and way to reach it."""
    for name, reach in to:
        own = f"{about.kind}:{about.id}:{key}:{name}:{reach.medium}"
        kind = notice.repeated if args.get("what") == News.REMINDER else notice
        yield kind.post(directory, reach, about, own, args=args)


def by_person(directory: Directory, people: Iterable[Person]) -> Iterator[tuple[str, Reach]]:
    """How to reach each of these people; nobody for a vacant seat."""
    for person in dict.fromkeys(people):
        if not person.vacant and (reach := directory.reach(person)):
            yield person.key, reach


def named(tx: Tx, directory: Directory, whom: Sequence[str], mail: Sequence[str] = ()) -> Iterator[tuple[str, Reach]]:
    """How to reach whoever the plan names: people and channels, and by mail addresses or people."""
    recipients = teams.who(directory, whom, Concern(), tx.now)
    yield from by_person(directory, [told.person for told in recipients.people])
    yield from ((channel, Reach(Medium.SLACK, channel)) for channel in recipients.channels)
    people = teams.who(directory, [word for word in mail if "@" not in word], Concern(), tx.now).people
    addresses = [word for word in mail if "@" in word] + [told.person.email for told in people]
    yield from ((address, Reach(Medium.APPRISE, address)) for address in dict.fromkeys(filter(None, addresses)))


ROWS = rows(Gate)


def _ahead(tx: Tx, numbers: Collection[int]) -> None:
    ROWS(tx, numbers)
    by_plan: dict[int, list[Gate]] = {}
    for number in numbers:
        gate = store.known(tx, number)
        by_plan.setdefault(gate.plan_id, []).append(gate)
    for gates in by_plan.values():
        looks(tx, gates)
    escalation.read_ahead(tx, KIND, numbers)


def _page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A page, dropped where it was not sent in time to matter."""
    gate, args = store.known(tx, delivery.subject_id), delivery.args
    if delivery.posted_as is None and gate.settled:
        return Drop(f"the gate is {gate.state}")
    if delivery.posted_as is None and gate.owner and args.get("why") in UNTAKEN:
        return Drop(f"{gate.owner} has it")
    shown = of_gate(tx, gate)
    if delivery.superseded and not gate.settled:
        return news.replaced(shown)
    if args.get("why") == Why.NUDGE:
        return news.reminder(shown, args)
    if args.get("daily") and not gate.settled:
        return news.daily(shown)
    why, before = _why(shown.directory, delivery), args.get("before")
    at = datetime.fromisoformat(before) if before else None
    return news.page(shown, why, at, _since(tx, gate, at) if at else (), delivery.recipient)


def _why(directory: Directory, delivery: Delivery) -> str:
    duty = duties(directory, delivery.args)
    return why_paged(directory, delivery.args, f"you are {duty}" if duty else "the plan names this channel")


def _since(tx: Tx, gate: Gate, at: datetime) -> list[str]:
    """What people did since somebody was paged before."""
    directory = teams.directory(tx, gate.plan_id)
    entries = [each for each in timeline.history(tx, gate.subject) if each.at >= at and each.actor != BOT]
    return [history.Happened(directory, entry).sentence.rstrip(".") for entry in entries[-3:]]


def _line(tx: Tx, delivery: Delivery) -> Message | Drop:
    args = delivery.args
    entry = Entry(
        plan_id=delivery.plan_id, subject_kind=KIND, subject_id=delivery.subject_id, verb=args["verb"],
        at=datetime.fromisoformat(args["at"]), actor=args["actor"], on_behalf_of=args.get("for"),
        said=args.get("said"), facts=args,
    )  # fmt: skip
    return history.line(history.Happened(teams.directory(tx, delivery.plan_id), entry))


def _news(tx: Tx, delivery: Delivery) -> Message | Drop:
    gate, what, args = store.known(tx, delivery.subject_id), News(delivery.args["what"]), delivery.args
    if untrue := _untrue(tx, gate, what, delivery):
        return Drop(untrue)
    if what is News.ITEMS:
        waiting = _waiting(tx, gate, args["who"])
        if not waiting:
            return Drop("nothing waits for their signature")
        args = {**args, "items": waiting}
    return news.message(of_gate(tx, gate), what, args)


def _untrue(tx: Tx, gate: Gate, what: News, delivery: Delivery) -> str:
    """Why something need not be told any more; empty where it must."""
    late = what is News.MISSED and delivery.posted_as is None
    if gate.settled and (late or what in TO_SIGNERS):
        return f"the gate is {gate.state}"
    if delivery.posted_as is None and what is (News.CLEARED if gate.doubt else News.DOUBT):
        return "it is in doubt again" if gate.doubt else "it is no longer in doubt"
    if what is News.REMINDER and gate.state == State.FAILED:
        return "it is overdue by now"
    ticks = delivery.args.get("ticks", ())
    if ticks and not delivery.args["signs"] and not any(each.key in ticks for each in leaves(Look(tx, gate).lacking)):
        return "all that they tick is ticked"
    paged = delivery.args.get("unless_paged") in escalation.told(tx, gate.subject)
    return "they were paged about it" if paged else ""


def _waiting(tx: Tx, group: Gate, person: str) -> list[str]:
    """The items of a gate that are ready, and that somebody can sign."""
    ready = looks(tx, [item for item in store.items(tx, group) if item.state == State.READY])
    return [look.gate.item for look in ready if any(each.key == person for each in look.tally.missing)]


CARD = Notice(
    kind="gate.card", told="The plan's first channel, once; the card changes with the gate.",
    render=lambda tx, delivery: card.in_channel(of_gate(tx, store.known(tx, delivery.subject_id))),
    priority=Priority.ANSWER, editable=True, ahead=_ahead,
)  # fmt: skip
LINE = Notice(kind="gate.line", told="The thread of the card, whenever something happens to the gate.", render=_line)
NEWS = Notice(
    kind="gate.news", told="Who must sign or has signed, coordinators, and whoever the plan names, at each turn.",
    render=_news, priority=Priority.ANSWER, see="/gate", ahead=_ahead,
)  # fmt: skip
PAGE = Notice(
    kind="gate.page", told="Whoever an escalation policy names, when the gate is overdue.", render=_page,
    priority=Priority.PAGE, editable=True, see="/gate", ahead=_ahead,
)  # fmt: skip
NOTICES = (CARD, LINE, NEWS, PAGE, POLL_CARD, POLL_PAGE)
