"""Who is told what about standups, and how each of these messages is drawn when it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Renderer
from callboard.standups import messages, store
from callboard.standups.models import CheckIn, Round, State
from callboard.standups.schedule import digest_channel
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person, working_from

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = Drop("that round is not there any more")


def prompt(directory: Directory, one: CheckIn, person: Person) -> Post:
    """What asks somebody, and shows them afterwards what they said."""
    return _post(
        directory, f"standup:prompt:{one.number}", person.slack_id, "standup.prompt", one, editable=True,
        priority=Priority.PROMPT,
    )  # fmt: skip


def reminder(directory: Directory, one: CheckIn, person: Person) -> Post:
    """What asks somebody once more."""
    key = f"standup:reminder:{one.number}"
    return _post(directory, key, person.slack_id, "standup.reminder", one, priority=Priority.PROMPT)


def digest(tx: Tx, directory: Directory, one_round: Round) -> Post:
    """The card of a round."""
    return _post(
        directory, one_round.card, digest_channel(tx, directory, one_round), "standup.digest", one_round, editable=True,
        priority=Priority.DIGEST,
    )  # fmt: skip


def answer(tx: Tx, directory: Directory, one_round: Round, one: CheckIn) -> Post:
    """What somebody said, in the thread of the card."""
    return _post(
        directory, f"standup:answer:{one.number}", digest_channel(tx, directory, one_round), "standup.answer", one,
        editable=True, priority=Priority.DIGEST, parent_key=one_round.card,
    )  # fmt: skip


def silent(tx: Tx, directory: Directory, lead: Person, ones: list[CheckIn]) -> Post:
    """A word to a lead about people who were silent twice."""
    numbers = [one.number for one in ones]
    key = f"standup:silent:{lead.key}:{'-'.join(map(str, numbers))}"
    return _post(
        directory, key, lead.slack_id, "standup.silent", ones[0], priority=Priority.PROMPT, args={"numbers": numbers},
        not_before=working_from(directory, lead, tx.now),
    )  # fmt: skip


def render_prompt(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Ask somebody, or show what they said; who need not answer is not asked."""
    one = store.check_in(tx, delivery.subject_id)
    if one is None:
        return GONE
    if delivery.posted_as is None and one.state in (State.EXCUSED, State.MISSED):
        return Drop(f"it is {one.state}")
    return messages.prompt(_view(tx, one))


def render_reminder(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Ask once more, who has not answered meanwhile."""
    one = store.check_in(tx, delivery.subject_id)
    if one is None or one.state != State.WAITING:
        return Drop(f"it is {one.state}") if one else GONE
    return messages.reminder(_view(tx, one))


def render_answer(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What somebody said."""
    one = store.check_in(tx, delivery.subject_id)
    return messages.answer(_view(tx, one)) if one is not None and one.answered else GONE


def render_digest(tx: Tx, delivery: Delivery) -> Message | Drop:
    """The card of a round."""
    found = store.round_of(tx, delivery.subject_id)
    return messages.digest(messages.round_view(tx, found)) if found else GONE


def render_silent(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A word to a lead, about those who said nothing since."""
    ones = [one for one in store.numbered(tx, delivery.args["numbers"]) if one.state == State.MISSED]
    return messages.silent([_view(tx, one) for one in ones]) if ones else Drop("they have reported since")


def _post(directory: Directory, key: str, address: str, kind: str, about: CheckIn | Round, **more: Any) -> Post:
    return Post(
        key=key, plan_id=directory.plan_id, workspace=directory.workspace, address=address, kind=kind,
        subject=about.subject, **more,
    )  # fmt: skip


def _view(tx: Tx, one: CheckIn) -> messages.CheckInView:
    return messages.check_in_view(tx, teams.directory(tx, one.plan_id), one)


renderers: dict[str, Renderer] = {
    "standup.prompt": render_prompt,
    "standup.reminder": render_reminder,
    "standup.answer": render_answer,
    "standup.digest": render_digest,
    "standup.silent": render_silent,
}
