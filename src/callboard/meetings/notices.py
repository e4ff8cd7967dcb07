"""The messages about meetings, kudos and awards: who is told what, and when."""

from __future__ import annotations

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.core.timeline import Subject
from callboard.meetings import messages, service, store
from callboard.meetings.models import Award, Kudos, Meeting, State
from callboard.meetings.plan import MeetingPart
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person, working_from

GONE = Drop("the meeting is gone")


def card(tx: Tx, directory: Directory, meeting: Meeting, part: MeetingPart) -> None:
    """Post the card to the only team that meets, else to all."""
    team = part.who[0] if len(part.who) == 1 and part.who[0] in directory.teams else None
    key = f"meeting:card:{meeting.number}"
    outbox.enqueue(tx, [CARD.post(directory, directory.home_channel(team), meeting.subject, key)])


def ask(tx: Tx, directory: Directory, meeting: Meeting, *, last: bool) -> None:
    """Ask the first of the leads for the minutes, or who stands in; without leads, a coordinator.

    `last` where that is not asked again.
    """
    for person in directory.acting(directory.named(meeting.leads) or directory.coordinators, tx.now)[:1]:
        key = f"meeting:over:{meeting.number}:{person.key}"
        outbox.enqueue(tx, [OVER.post(directory, person.slack_id, meeting.subject, key, args={"last": last})])


def tell_praised(tx: Tx, directory: Directory, kudos: Kudos) -> None:
    """Tell whoever is praised: a team in its channel, a person not in their quiet hours."""
    person = directory.people.get(kudos.to)
    reach = directory.reach(person) if person else directory.home_channel(kudos.to)
    rests = person.quiet_until(tx.now) if person else None
    post = PRAISED.post(directory, reach, kudos.subject, f"kudos:{kudos.number}", not_before=rests)
    outbox.enqueue(tx, [post])


def tell_awarded(tx: Tx, directory: Directory, award: Award) -> None:
    """Tell everybody in the plan's channel, and show anew what is left to give."""
    post = AWARDED.post(directory, directory.home_channel(), award.subject, f"award:{award.number}")
    outbox.enqueue(tx, [post])
    for person in directory.coordinators:
        outbox.show(tx, _proposal(directory, person))


def propose_awards(tx: Tx, directory: Directory) -> None:
    """Ask each coordinator once which titles to give, when the plan is over; in their working hours."""
    about = Subject("plan", directory.plan_id)
    outbox.enqueue(tx, [
        TO_AWARD.post(
            directory, directory.reach(person), about, _proposal(directory, person),
            not_before=working_from(directory, person, tx.now),
        ) for person in directory.coordinators if not person.vacant
    ])  # fmt: skip


def _proposal(directory: Directory, person: Person) -> str:
    return f"awards:{directory.plan_id}:{person.key}"


def _awarded(tx: Tx, delivery: Delivery) -> Message | Drop:
    award = tx.get(Award, delivery.subject_id)
    if award is None or (award.withdrawn_at and delivery.posted_as is None):
        return Drop("the award was withdrawn")
    return messages.awarded(teams.directory(tx, award.plan_id), award)


def _to_award(tx: Tx, delivery: Delivery) -> Message | Drop:
    every = service.titles(tx, delivery.plan_id)
    left = [(each.team, each.title) for each in every if each.award is None]
    if not left and delivery.posted_as is None:
        return Drop("all awards are given")
    return messages.to_award(teams.directory(tx, delivery.plan_id), left, given=len(every) - len(left))


def _praised(tx: Tx, delivery: Delivery) -> Message | Drop:
    kudos = tx.get(Kudos, delivery.subject_id)
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
    return messages.over(messages.meeting(tx, meeting), last=bool(delivery.args.get("last")))


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
AWARDED = Notice(
    kind="award.given", told="the plan's channel, when a team gets an award", render=_awarded,
    priority=Priority.UPDATE, editable=True, ahead=rows(Award),
)  # fmt: skip
TO_AWARD = Notice(
    kind="award.left", told="coordinators, when the plan is over and awards are left to give", render=_to_award,
    priority=Priority.PROMPT, editable=True, folds=True, see="/plan award",
)  # fmt: skip
NOTICES = (CARD, OVER, PRAISED, AWARDED, TO_AWARD)
