"""The messages about meetings and kudos: who is told what, and when."""

from __future__ import annotations

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.meetings import messages, store
from callboard.meetings.models import Kudos, Meeting, State
from callboard.meetings.plan import MeetingPart
from callboard.teams import service as teams
from callboard.teams.directory import Directory

GONE = Drop("the meeting is gone")


def card(tx: Tx, directory: Directory, meeting: Meeting, part: MeetingPart) -> None:
    """Post the card to the only team that meets, else to all."""
    team = part.who[0] if len(part.who) == 1 and part.who[0] in directory.teams else None
    key = f"meeting:card:{meeting.number}"
    outbox.enqueue(tx, [CARD.post(directory, directory.home_channel(team), meeting.subject, key)])


def ask(tx: Tx, directory: Directory, meeting: Meeting) -> None:
    """Ask the first of the leads for the minutes; without leads, a coordinator."""
    for person in (directory.named(meeting.leads) or directory.coordinators)[:1]:
        key = f"meeting:over:{meeting.number}:{person.key}"
        outbox.enqueue(tx, [OVER.post(directory, person.slack_id, meeting.subject, key)])


def tell_praised(tx: Tx, directory: Directory, kudos: Kudos) -> None:
    """Tell whoever is praised: a team in its channel, a person not in their quiet hours."""
    person = directory.people.get(kudos.to)
    reach = directory.reach(person) if person else directory.home_channel(kudos.to)
    rests = person.quiet_until(tx.now) if person else None
    post = PRAISED.post(directory, reach, kudos.subject, f"kudos:{kudos.number}", not_before=rests)
    outbox.enqueue(tx, [post])


def _praised(tx: Tx, delivery: Delivery) -> Message | Drop:
    kudos = tx.session.get(Kudos, delivery.subject_id)
    if kudos is None or (kudos.withdrawn_at and delivery.posted_as is None):
        return Drop("the kudos were withdrawn")
    return messages.praised(teams.directory(tx, kudos.plan_id), kudos)


def _card(tx: Tx, delivery: Delivery) -> Message | Drop:
    meeting = store.meeting(tx, delivery.subject_id)
    return messages.card(messages.meeting(tx, meeting)) if meeting else GONE


def _over(tx: Tx, delivery: Delivery) -> Message | Drop:
    meeting = store.meeting(tx, delivery.subject_id)
    if meeting is None:
        return GONE
    if delivery.posted_as is None and meeting.state == State.RECORDED:
        return Drop("the minutes are written")
    return messages.over(messages.meeting(tx, meeting))


CARD = Notice(
    kind="meeting.card", told="the channel of who meets, 15 minutes before; it becomes the minutes", render=_card,
    priority=Priority.PROMPT, editable=True, ahead=rows(Meeting),
)  # fmt: skip
OVER = Notice(
    kind="meeting.over",
    told="who leads it, when it is over",
    render=_over,
    priority=Priority.PROMPT,
    editable=True,
    folds=True,
    see="/meeting",
    ahead=CARD.ahead,
)
PRAISED = Notice(
    kind="kudos.given", told="whoever gets kudos, after their quiet hours; teams in their channel",
    render=_praised, priority=Priority.UPDATE,
    editable=True, folds=True, see="/plan kudos", ahead=rows(Kudos),
)  # fmt: skip
NOTICES = (CARD, OVER, PRAISED)
