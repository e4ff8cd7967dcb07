"""Who is told what about a lock: one card in the channel of each team concerned, and the people it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from callboard.blocks import markup as m
from callboard.branches.models import Branch
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.core.timeline import Subject
from callboard.core.words import complete
from callboard.locks import messages, models, pushes, store
from callboard.locks.messages import View
from callboard.locks.models import ALLOWANCE, KEEPING, KIND, Allowance, End, Lock, News, State, Verb
from callboard.teams import service as teams
from callboard.teams.service import Directory

GONE = Drop("the lock does not exist any more")


def view(tx: Tx, lock: Lock, *, brief: bool = False) -> View:
    """A lock as it stands now; `brief` without who waits and what CI reported."""
    waits, near = lock.state == State.WAITING, [] if brief or lock.state == State.OVER else store.neighbours(tx, lock)
    return View(
        lock=lock, directory=teams.directory(tx, lock.plan_id), now=tx.now,
        waiting=[other for other in near if other.state == State.WAITING and not waits],
        ahead=[other for other in near if waits and (other.state in KEEPING or other.number < lock.number)],
        reported=pushes.checks(tx, lock) if lock.state == State.OVER and lock.held_at and not brief else (),
    )  # fmt: skip


def changed(
    tx: Tx, lock: Lock, verb: Verb | End, *, actor: str = timeline.BOT, said: str | None = None,
    until: datetime | None = None, **facts: Any,
) -> None:  # fmt: skip
    """Note what happened to a lock and when the next thing will, and let its cards show it."""
    models.set_next(lock)
    tx.session.add(lock)
    tx.session.flush()
    facts |= {"change": lock.changes, "state": lock.state, "holder": lock.holder, "targets": lock.targets}
    facts["standing"] = {"team": lock.team, "until": lock.expires_at.isoformat() if lock.expires_at else None}
    facts |= {"until": until.isoformat()} if until else {}
    timeline.record(tx, lock.plan_id, lock.subject, verb, actor=actor, said=said, **facts)
    outbox.touch(tx, KIND, [lock.number], superseded=lock.state == State.OVER)


def cards(tx: Tx, directory: Directory, lock: Lock) -> None:
    """Its card, once in each channel concerned."""
    key = f"{KIND}:{lock.number}:card"
    outbox.enqueue(tx, [CARD.post(directory, home, lock.subject, f"{key}:{home}") for home in lock.homes])


def tell(tx: Tx, directory: Directory, lock: Lock, whom: str, news: News, **args: str) -> None:
    key = f"{KIND}:{lock.number}:{news}:{lock.changes}:{whom}:{tx.now.isoformat()}"
    _tell(tx, NEWS[news], directory, whom, lock.subject, key, **args)


def tell_pushed(tx: Tx, directory: Directory, lock: Lock, branch: Branch) -> None:
    """Tell the holder of a push to what they hold, once for each branch."""
    key = f"{KIND}:{lock.number}:pushed:{lock.holder}:{branch.name}"
    _tell(tx, PUSHED, directory, lock.holder, lock.subject, key, branch=branch.id)


def tell_allowed(tx: Tx, directory: Directory, allowance: Allowance) -> None:
    if allowance.person != allowance.by:
        _tell(tx, ALLOWED, directory, allowance.person, allowance.subject, f"{ALLOWANCE}:{allowance.id}")


def tell_unchecked(tx: Tx, directory: Directory, pushed: Sequence[Mapping[str, str]]) -> None:
    first, last, subject = pushed[0], pushed[-1], Subject("guard", directory.plan_id)
    key = f"guard:unchecked:{subject.id}:{first['repository']}:{first['new']}:{first['at']}:{last['new']}"
    args = {"pushes": [{name: m.escape(text) for name, text in push.items()} for push in pushed]}
    outbox.enqueue(tx, [UNCHECKED.post(directory, directory.home_channel(), subject, key, args=args)])


def _tell(tx: Tx, notice: Notice, directory: Directory, whom: str, subject: Subject, key: str, **args: Any) -> None:
    person = directory.people.get(whom)
    address = person.slack_id if person and not person.vacant else ""
    outbox.enqueue(tx, [notice.post(directory, address, subject, key, args=args)])


ROWS = rows(Lock)


def _card(tx: Tx, delivery: Delivery) -> Message | Drop:
    lock = tx.get(Lock, delivery.subject_id)
    return messages.card(view(tx, lock)) if lock else GONE


def _news(news: News, while_it_is: State | None, tx: Tx, delivery: Delivery) -> Message | Drop:
    lock, args = tx.get(Lock, delivery.subject_id), delivery.args
    if lock is None:
        return GONE
    if while_it_is not in (None, lock.state):
        return Drop(f"the lock is {lock.state}") if delivery.posted_as is None else messages.card(view(tx, lock))
    directory = teams.directory(tx, delivery.plan_id)
    by, to = (directory.called(args[name]) if args.get(name) else "" for name in ("by", "to"))
    return messages.news(view(tx, lock), news, by, to, args.get("example", ""))


def _pushed(tx: Tx, delivery: Delivery) -> Message | Drop:
    lock, branch = tx.get(Lock, delivery.subject_id), tx.get(Branch, delivery.args["branch"])
    if lock is None or branch is None or lock.state != State.HELD:
        return Drop("it is not held any more")
    wanted = store.targets_of(tx, lock)
    files = next((files for one, files in pushes.touching(tx, lock.plan_id, wanted) if one.id == branch.id), [])
    directory = teams.directory(tx, delivery.plan_id)
    return messages.pushed(lock, pushes.branch_line(directory, branch, files or lock.targets))


def _allowed(tx: Tx, delivery: Delivery) -> Message | Drop:
    allowance = tx.get(Allowance, delivery.subject_id)
    if allowance is None or allowance.until <= tx.now:
        return Drop("it is not allowed any more")
    return messages.allowed(teams.directory(tx, delivery.plan_id).called(allowance.by), allowance)


CARD = Notice(
    kind=f"{KIND}.card", told="the channel of each team concerned, once, edited as the lock changes", render=_card,
    priority=Priority.ANSWER, editable=True, ahead=ROWS,
)  # fmt: skip
NEWS = {
    news: Notice(
        kind=f"{KIND}.{news}", told=told, render=partial(_news, news, state), priority=Priority.ANSWER, editable=True,
        folds=news == News.REMINDER, see="/lock mine", ahead=ROWS,
    )
    for news, (told, state) in complete(News, {
        News.TURN: ("whoever waited, when it is their turn", State.OFFERED),
        News.HANDED: ("whoever it is handed to", State.HELD),
        News.AGREED: ("whoever asked, when the last team agrees", State.HELD),
        News.AWAITED: ("the holder, when somebody begins to wait", State.HELD),
        News.REMINDER: ("the holder, on the mornings of their working days", State.HELD),
        News.ENDED: ("the holder, when somebody else ends it, or it ends by itself", None),
    }).items()
}  # fmt: skip
PUSHED = Notice(
    kind=f"{KIND}.pushed", told="the holder, once for each branch that touches what they hold", render=_pushed,
    priority=Priority.ANSWER, folds=True, see="/lock mine", ahead=ROWS,
)  # fmt: skip
ALLOWED = Notice(kind=f"{KIND}.allowed", told="whoever is allowed", render=_allowed, priority=Priority.ANSWER)
UNCHECKED = Notice(
    kind=f"{KIND}.unchecked", told="the plan's channel, once for each report",
    render=lambda _, delivery: messages.unchecked(delivery.args["pushes"]),
)  # fmt: skip
NOTICES = (CARD, *NEWS.values(), PUSHED, ALLOWED, UNCHECKED)
