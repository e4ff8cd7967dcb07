"""The verbs of a check-in: saying something, anew, early or late; skipping with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from callboard.core import outbox
from callboard.core.errors import Refused
from callboard.standups import attending, choosing, models, posts, slots, store
from callboard.standups.models import CheckIn
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True)
class Report:
    """What somebody says: each question with its answer, in Slack's markup, and the person they wait for, by id."""

    answers: Sequence[tuple[str, str]]
    waits_for: str = ""


def submit(tx: Tx, who: Asker, key: str, day: date, report: Report) -> CheckIn:
    """Say something in a round, for the first time or anew. Raises Refused once the next round has begun."""
    one = _mine(tx, who, key, day)
    first = not one.answered
    said = "\n".join(f"{ask}: {text}" for ask, text in report.answers if text)
    models.answer(one, report.answers, report.waits_for, tx.now)
    tx.session.add(one)
    attending.note(tx, one, str(one.state) if first else "changed", actor=who.person.key, said=said)
    attending.show(tx, [one])
    _show(tx, who, one, first=first)
    return one


def skip(tx: Tx, who: Asker, key: str, day: date, reason: str) -> CheckIn:
    """Say nothing in a round, and why. Raises Refused without a reason, and where something was said already."""
    if not reason.strip():
        raise Refused("Say why, the others see it: `/standup skip because ...`.")
    one = _mine(tx, who, key, day)
    if one.answered:
        raise Refused("You have reported in this round already. `/standup` changes what you said.")
    if one.closes_at <= tx.now:
        raise Refused("This round is over: it cannot be skipped any more. `/standup` still takes what you have to say.")
    models.excuse(one, reason.strip())
    tx.session.add(one)
    attending.note(tx, one, "skipped", actor=who.person.key, said=reason.strip())
    attending.show(tx, [one])
    return one


def current(tx: Tx, who: Asker, key: str, day: date) -> CheckIn | None:
    """What somebody has in a round so far. Raises Refused once the next round has begun."""
    one = store.check_in_on(tx, who.directory.plan_id, key, who.person.key, day)
    _not_over(tx, one)
    return one


def _mine(tx: Tx, who: Asker, key: str, day: date) -> CheckIn:
    """Somebody's check-in, held until the end of the transaction, made where it is early."""
    plan_id = who.directory.plan_id
    there = store.check_in_on(tx, plan_id, key, who.person.key, day)
    if there is None:
        place = choosing.slot(tx, slots.book(tx, plan_id), who, key, day)
        attending.keep(tx, plan_id, key, day, [place])
    one = store.check_in_on(tx, plan_id, key, who.person.key, day, lock=True)
    if one is None:
        raise Refused("That round is not there any more. `/standup` shows what is open for you.")
    _not_over(tx, one)
    return one


def _not_over(tx: Tx, one: CheckIn | None) -> None:
    if one is not None and store.later(tx, one):
        raise Refused(
            f"The round of {models.day_name(one.day)} is closed: the next one has begun. `/standup` opens that one."
        )


def _show(tx: Tx, who: Asker, one: CheckIn, *, first: bool) -> None:
    """The person sees what they said, the digest's thread has it once the digest is there."""
    directory = who.directory
    outbox.enqueue(tx, [posts.prompt(directory, one, who.person)])
    one_round = store.round_of(tx, one.round_id, lock=True)
    if one_round is None:
        return
    if one_round.posted_at is not None and first and posts.channel(tx, directory, one_round):
        outbox.enqueue(tx, [posts.answer(tx, directory, one_round, one)])
    elif one_round.posted_at is None and one_round.digest_at is None:
        attending.plan_digest(tx, one_round, max(one.closes_at, tx.now))
    tx.session.flush()
