"""What is sent about standups, written at the moment it is sent, from their state as it then is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.core.outbox import Delivery, Drop, Message, Renderer
from callboard.standups import messages, store, views
from callboard.standups.models import CheckIn, State
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = Drop("that round is not there any more")


def prompt(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Ask somebody, or show what they said; who need not answer is not asked."""
    one = store.check_in(tx, delivery.subject_id)
    if one is None:
        return GONE
    if delivery.posted_as is None and one.state in (State.EXCUSED, State.MISSED):
        return Drop(f"it is {one.state}")
    return messages.prompt(_view(tx, one))


def reminder(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Ask once more, who has not answered meanwhile."""
    one = store.check_in(tx, delivery.subject_id)
    if one is None or one.state != State.WAITING:
        return Drop(f"it is {one.state}") if one else GONE
    return messages.reminder(_view(tx, one))


def answer(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What somebody said."""
    one = store.check_in(tx, delivery.subject_id)
    return messages.answer(_view(tx, one)) if one is not None and one.answered else GONE


def digest(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card of a round."""
    found = store.round_of(tx, delivery.subject_id)
    return messages.digest(views.whole(tx, found)) if found else GONE


def silent(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A word to a lead, about those who said nothing since."""
    ones = [one for one in store.numbered(tx, delivery.args["numbers"]) if one.state == State.MISSED]
    return messages.silent([_view(tx, one) for one in ones]) if ones else Drop("they have reported since")


def _view(tx: Tx, one: CheckIn) -> views.CheckInView:
    return views.check_in(tx, teams.directory(tx, one.plan_id), one)


renderers: dict[str, Renderer] = {
    "standup.prompt": prompt,
    "standup.reminder": reminder,
    "standup.answer": answer,
    "standup.digest": digest,
    "standup.silent": silent,
}
