"""What is sent about polls: the live card, and the pages of whoever is asked."""

from __future__ import annotations

from collections.abc import Mapping

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.gates import store
from callboard.gates.assessment import Look
from callboard.gates.messages import polls as messages
from callboard.gates.models import Poll
from callboard.gates.models.polls import POLL, Stand
from callboard.teams.directory import Directory


def post(tx: Tx, poll: Poll, directory: Directory) -> None:
    """Post the one live card of a poll."""
    key = f"{POLL}:{poll.number}:card"
    outbox.enqueue(tx, [POLL_CARD.post(directory, directory.home_channel(), poll.subject, key)])


def show(tx: Tx, poll: Poll) -> None:
    """Draw the card and the pages of a poll anew."""
    outbox.touch(tx, POLL, [poll.number])


def page(tx: Tx, poll: Poll, turn: int, directory: Directory, able: Mapping[str, str]) -> None:
    """Page everybody who can answer for a voice, once for each time it is asked; `able` has for whose seat."""
    voice = poll.roles[turn]
    args = {"climb": poll.number, "step": turn, "repetition": voice.asks}
    posts = []
    for person in directory.named(able):
        if reach := directory.reach(person):
            key = f"{outbox.PAGE}{POLL}:{poll.number}:{turn}:{voice.asks}:{person.key}:{reach.medium}"
            seat = {"seat": able[person.key]}
            posts.append(POLL_PAGE.post(directory, reach, poll.subject, key, args=args | seat, recipient=person.key))
    outbox.enqueue(tx, posts)


def _card(tx: Tx, delivery: Delivery) -> Message | Drop:
    poll = store.known_poll(tx, delivery.subject_id)
    return messages.card(messages.of_poll(Look(tx, store.known(tx, poll.gate_id)), poll))


def _page(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Whoever need not answer any more is not paged."""
    poll, args = store.known_poll(tx, delivery.subject_id), delivery.args
    number, asks = args["step"], args["repetition"]
    voice = poll.roles[number]
    if delivery.posted_as is None and (poll.ended_at or voice.stand != Stand.ASKED or voice.asks != asks):
        return Drop("nobody has to answer that any more")
    look = Look(tx, store.known(tx, poll.gate_id))
    instead_of = args["seat"] if args["seat"] != delivery.recipient else ""
    return messages.page(messages.of_poll(look, poll), number, asks, look.question(number), instead_of)


POLL_CARD = Notice(
    kind="gate.poll", told="The plan's first channel, when a poll opens; the card changes with every answer.",
    render=_card, priority=Priority.ANSWER, editable=True, ahead=rows(Poll),
)  # fmt: skip
POLL_PAGE = Notice(
    kind="gate.asked", told="Whoever a poll asks, when it is their turn.", render=_page, priority=Priority.PAGE,
    editable=True, see="/gate", ahead=rows(Poll),
)  # fmt: skip
