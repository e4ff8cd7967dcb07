"""Each kind of message about standups, and who is told what when."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.standups import messages, store
from callboard.standups.models import CheckIn, Round, State
from callboard.standups.schedule import digest_channel
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person, working_from

GONE = Drop("that round is no longer there")


CHECK_INS = rows(CheckIn)


def _ahead(tx: Tx, numbers: Collection[int]) -> None:
    CHECK_INS(tx, numbers)
    waiting = [row for number in numbers if (row := store.check_in(tx, number)) and row.state == State.WAITING]
    store.last_answered.of(tx, (store.place_of(row) for row in waiting))


def _prompt(tx: Tx, delivery: Delivery) -> Message | Drop:
    check_in = store.check_in(tx, delivery.subject_id)
    if check_in is None:
        return GONE
    if delivery.posted_as is None and check_in.state in (State.EXCUSED, State.MISSED):
        return Drop(f"it is {check_in.state}")
    return messages.prompt(_view(tx, check_in))


def _reminder(tx: Tx, delivery: Delivery) -> Message | Drop:
    check_in = store.check_in(tx, delivery.subject_id)
    if check_in is None or check_in.state != State.WAITING:
        return Drop(f"it is {check_in.state}") if check_in else GONE
    return messages.reminder(_view(tx, check_in))


def _answer(tx: Tx, delivery: Delivery) -> Message | Drop:
    check_in = store.check_in(tx, delivery.subject_id)
    if check_in is None or not check_in.answered:
        return GONE
    parts, part = messages.answers(_view(tx, check_in)), int(delivery.args.get("part", 0))
    if part < len(parts):
        return parts[part]
    return Message("This part of the report is no longer needed.") if delivery.posted_as else Drop("it is shorter now")


def _digest(tx: Tx, delivery: Delivery) -> Message | Drop:
    one_round = store.round_of(tx, delivery.subject_id)
    return messages.digest(messages.round_view(tx, one_round)) if one_round else GONE


def _silent(tx: Tx, delivery: Delivery) -> Message | Drop:
    missed = [row for row in store.numbered(tx, delivery.args["numbers"]) if row.state == State.MISSED]
    return messages.silent([_view(tx, row) for row in missed]) if missed else Drop("they have reported since")


def _view(tx: Tx, check_in: CheckIn) -> messages.CheckInView:
    return messages.check_in_view(tx, teams.directory(tx, check_in.plan_id), check_in)


PROMPT = Notice(
    kind="standup.prompt", render=_prompt, priority=Priority.PROMPT, editable=True, folds=True, see="/standup",
    ahead=_ahead,
    told="whoever is asked, when their round is open; edited as they report",
)  # fmt: skip
REMINDER = Notice(
    kind="standup.reminder", render=_reminder, priority=Priority.PROMPT, folds=True, see="/standup",
    ahead=_ahead,
    told="whoever has not reported, once while the round is open",
)  # fmt: skip
ANSWER = Notice(
    kind="standup.answer", render=_answer, priority=Priority.DIGEST, editable=True, ahead=_ahead,
    told="the thread of the digest, once for each person who reports",
)  # fmt: skip
DIGEST = Notice(
    kind="standup.digest", render=_digest, priority=Priority.DIGEST, editable=True,
    told="the channel of the standup, when its first window closes; edited as others report",
)  # fmt: skip
SILENT = Notice(
    kind="standup.silent", render=_silent, priority=Priority.PROMPT, folds=True, see="/standup show",
    told="who leads people that missed two rounds in a row, once, in their working hours",
)  # fmt: skip
NOTICES = (PROMPT, REMINDER, ANSWER, DIGEST, SILENT)


def prompt(tx: Tx, directory: Directory, check_in: CheckIn, person: Person, notice: Notice = PROMPT) -> None:
    """Ask somebody, or remind them; who has been asked sees their report there."""
    key = f"{notice.kind.replace('.', ':')}:{check_in.number}"
    outbox.enqueue(tx, [notice.post(directory, person.slack_id, check_in.subject, key)])


def digest(tx: Tx, directory: Directory, one_round: Round, reports: Iterable[CheckIn]) -> None:
    """Post the digest, and in its thread what was reported by then."""
    channel = digest_channel(tx, directory, one_round)
    outbox.enqueue(tx, [DIGEST.post(directory, channel, one_round.subject, one_round.card)])
    for check_in in reports:
        answer(tx, directory, one_round, check_in)


def answer(tx: Tx, directory: Directory, one_round: Round, check_in: CheckIn) -> None:
    """Post a report in the thread of the digest, a long one in several messages."""
    to, key, card = digest_channel(tx, directory, one_round), f"standup:answer:{check_in.number}", one_round.card
    for part in range(len(messages.answers(_view(tx, check_in)))):
        args = {"part": part} if part else None
        each = f"{key}:{part}" if part else key
        outbox.enqueue(tx, [ANSWER.post(directory, to, check_in.subject, each, thread=card, args=args)])


def silent(tx: Tx, directory: Directory, lead: Person, missed: list[CheckIn]) -> None:
    """Tell who leads people that missed two rounds in a row."""
    numbers = [check_in.number for check_in in missed]
    key, at = f"standup:silent:{lead.key}:{'-'.join(map(str, numbers))}", working_from(directory, lead, tx.now)
    args = {"numbers": numbers}
    outbox.enqueue(tx, [SILENT.post(directory, lead.slack_id, missed[0].subject, key, args=args, not_before=at)])
