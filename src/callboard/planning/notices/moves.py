"""What people read where something of the plan was told so far, and where it is told from now on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from callboard.blocks import markup as m
from callboard.core import notices, outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.core.timeline import Numbered, Subject
from callboard.core.words import few_lines, joined
from callboard.planfile.names import called, name_of
from callboard.planfile.sections import SECTIONS, Document
from callboard.plans import service as plans
from callboard.plans.models import PlanChanging
from callboard.teams import links, service

MOST, MOST_LISTED = 5, 10
GONE = Drop("the plan names the former channel again")
STAY = "Cards that are {} stay up to date there until they are over."


def _moved(tx: Tx, delivery: Delivery) -> Message | Drop:
    """In the former channel where it goes on; in the new one what is still open in the former."""
    document, args = plans.live(tx, delivery.plan_id), delivery.args
    former, new = str(args["former"]), str(args["new"])
    names = links.named_channels(document.body)
    home = links.home_of(document.body)
    what = [each["what"] for each in args["places"] if names.get(tuple(each["at"]), home) == args["name"]]
    here = delivery.posted_in or delivery.address
    if not what or here not in (former, new, f"#{args['name']}"):
        return GONE
    said, plan = joined(what, MOST), m.bold(m.escape(service.directory(tx, delivery.plan_id).plan_name))
    ways = [f"in {m.channel(new)}", "here"] if here == former else ["here", f"in {m.channel(former)}"]
    head = f":arrow_forward: {plan}: from now on I post {', no longer '.join(ways)}, about {said}."
    cards = [f"• {line}" for line in _open(tx, delivery.plan_id, former)]
    if cards and here == former:
        head = f"{head} {STAY.format('here')}"
    elif cards:
        head = "\n".join([head, f"{STAY.format('there')} Open:", *few_lines(cards, MOST_LISTED)])
    return Message(m.clip(head, m.TEXT))


MOVED = Notice(
    kind="plan.moved", told="the channel that the plan named so far, and the one it names in its place, once",
    render=_moved, priority=Priority.ANSWER,
)  # fmt: skip


def tell_moved(tx: Tx, event: PlanChanging) -> None:
    """Tell both channels of each move, unless the former one takes nothing: what stood there is moved."""
    directory, document = service.directory(tx, event.plan_id), plans.live(tx, event.plan_id)
    moves: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
    after, home = links.named_channels(event.document.body), links.home_of(event.document.body)
    for place, name in links.named_channels(document.body).items():
        new = after.get(place) or (home if place[0] == "teams" and place[1] in event.document.body["teams"] else "")
        if new and new != name:
            moves[name, new].append(place)
    for (name, new), places in moves.items():
        former, to = (links.addresses_of(tx, event.plan_id, each)[0] for each in (name, new))
        if former in tx.local.get(links.CLOSED, ()):
            continue
        said = [{"at": list(place), "what": _what(tx, document, place)} for place in places]
        args = {"former": former, "new": to, "name": new, "places": said}
        key = f"moved:{event.plan_id}:{plans.revision(tx, event.plan_id)}:{name}:{new}"
        about = Subject("plan", event.plan_id)
        outbox.enqueue(tx, [
            MOVED.post(directory, address, about, f"{key}:{address}", args=args) for address in (former, to)
        ])  # fmt: skip


def _what(tx: Tx, document: Document, place: tuple[str, ...]) -> str:
    """What is told in a channel that is named at a place: `*Omega*`, `emergency 1`, "what goes to urgent"."""
    section, key = place[0], place[1]
    if section == "channels":
        return "what concerns all of it" if key == "coordination" else f"what goes to {m.code(key)}"
    name = name_of(document, key)
    if section == "teams":
        return m.bold(m.escape(name))
    return m.escape(f"{called(tx.of(SECTIONS), section) or section} {name}".removesuffix(" channel"))


def _open(tx: Tx, plan_id: int, former: str) -> Iterator[str]:
    """What is open and has its card there: what it is, and how to see it."""
    models: list[type[Any]] = [each for each in Numbered.__subclasses__() if hasattr(each, "is_open")]
    known, every = {each.subjects: each for each in models}, tx.of(notices.NOTICES)
    for card in outbox.cards(tx, plan_id, former):
        page, kind = every.get(f"{card.subject_kind}.page"), known.get(card.subject_kind)
        row = tx.session.get(kind, card.subject_id) if page and kind else None
        if page and row is not None and row.is_open:
            message = every[card.kind].render(tx, card)
            if isinstance(message, Message):
                yield f"{message.text} · {m.code(page.see.format(id=card.subject_id))}"
