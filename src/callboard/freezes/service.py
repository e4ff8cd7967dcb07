"""What is frozen, when freezes begin and end, and exceptions: asked for, granted and denied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from callboard.blocks import markup
from callboard.branches import service as branches
from callboard.conflicts import notices as conflicts
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, Unfit, unknown
from callboard.core.words import joined
from callboard.freezes import messages, notices, rights, store
from callboard.freezes.models import EXCEPTION, Freeze, FreezeException, State, Told
from callboard.freezes.plan import ExceptionsPart, FreezePart
from callboard.gates.models import NO, YES, Verb
from callboard.teams import service as teams
from callboard.teams.directory import Asker

OPEN_END = timedelta(days=36_500)


def active(tx: Tx, plan_id: int, repository: str = "", branch: str = "") -> list[Freeze]:
    """The freezes that hold now, all of them or those of one repository and branch."""
    now = [freeze for freeze in store.freezes(tx, plan_id) if freeze.from_at <= tx.now < freeze.to_at]
    return [
        freeze for freeze in now
        if (freeze.live and not freeze.like) or _covers(rights.part_of(tx, freeze), repository, branch)
    ]  # fmt: skip


def barred(tx: Tx, plan_id: int, repository: str, branch: str, person: str) -> str:
    """Why somebody may not change a branch now, who can let them, and until when; empty where they may."""
    frozen = (each for each in active(tx, plan_id, repository, branch) if not _let_through(tx, each, person))
    freeze = next(frozen, None)
    return messages.barred(freeze, branch, rights.way_out(tx, freeze)) if freeze else ""


def _let_through(tx: Tx, freeze: Freeze, person: str) -> bool:
    """Whether an exception that they asked for is granted."""
    asked = store.exceptions(tx, freeze) if person else ()
    return any(row.state == State.GRANTED and row.by == person for row in asked)


def _covers(part: FreezePart | None, repository: str, branch: str) -> bool:
    if part is None:
        return not repository
    in_it = not repository or not part.repositories or repository in part.repositories
    return in_it and (not branch or not part.branches or any(fnmatchcase(branch, each) for each in part.branches))


def begin(tx: Tx, plan_id: int, key: str, name: str, like: str = "") -> None:
    """Freeze what the freeze `like` of the plan covers, or all branches, until it is lifted."""
    if any(freeze.key == key for freeze in store.freezes(tx, plan_id)):
        return
    freeze = Freeze(
        plan_id=plan_id, key=key, name=name, from_at=tx.now, to_at=tx.now + OPEN_END, live=True, like=like
    )  # fmt: skip
    tx.session.add(freeze)
    tx.session.flush()
    _announce(tx, freeze, Told.BEGUN)
    freeze.wake_at = None


def has(tx: Tx, plan_id: int, key: str) -> bool:
    """Whether the plan has a freeze of this key."""
    return any(freeze.key == key and not freeze.live for freeze in store.freezes(tx, plan_id))


def lift(tx: Tx, plan_id: int, key: str) -> None:
    """End a freeze that lasts until then; nothing where there is none."""
    for freeze in store.freezes(tx, plan_id):
        if freeze.live and freeze.key == key:
            freeze.to_at = tx.now
            _announce(tx, freeze, Told.OVER)
            freeze.gone, freeze.key = True, f"{key} {tx.now.isoformat()}"


def turn(tx: Tx, ids: Sequence[int]) -> None:
    """Announce freezes that begin or end now."""
    for freeze_id in ids:
        freeze = store.freeze(tx, freeze_id)
        if freeze is not None and freeze.wake_at is not None and freeze.wake_at <= tx.now:
            _announce(tx, freeze, Told.OVER if tx.now >= freeze.to_at else Told.BEGUN)


def _announce(tx: Tx, freeze: Freeze, told: Told) -> None:
    freeze.told, freeze.wake_at = told, freeze.to_at if told == Told.BEGUN else None
    timeline.record(tx, freeze.plan_id, freeze.subject, told, freeze=freeze.key)
    notices.announce(tx, freeze, told)
    for repository in branches.repositories(tx, freeze.plan_id):
        conflicts.set_statuses(tx, freeze.plan_id, repository)


def called(tx: Tx, asker: Asker, key: str) -> Freeze:
    """The freeze with a key; without, the only one of the plan. Raises Refused."""
    freezes = store.freezes(tx, asker.directory.plan_id)
    if not freezes:
        raise Refused("This plan has no freezes, so you don't need an exception.")
    if not key and len(freezes) > 1:
        raise Refused(f"Which freeze? {', '.join(f'`{freeze.key}`' for freeze in freezes)}")
    freeze = next((freeze for freeze in freezes if not key or markup.means(key, freeze.key)), None)
    if freeze is None:
        raise unknown(f"There is no freeze `{markup.clip(key, 60)}`", key, [freeze.key for freeze in freezes])
    return freeze


def may_ask(tx: Tx, asker: Asker, key: str, item: str) -> tuple[Freeze, ExceptionsPart]:
    """The freeze and its form. Raises Refused where nobody can ask, or it is too late."""
    freeze = called(tx, asker, key)
    return freeze, rights.asks(tx, freeze, item)


def ask(tx: Tx, asker: Asker, key: str, item: str, answers: Mapping[str, str]) -> FreezeException:
    """Ask for an exception; every question of the form must be answered."""
    item = markup.needed(item, "Name the item: an exception lets one item through.")
    freeze, part = may_ask(tx, asker, key, item)
    unanswered = {label: text for label in part.form if not markup.says_something(text := answers.get(label) or "")}
    if unanswered:
        raise Unfit(f"Fill in {joined(unanswered)} too: whoever signs reads it.", next(iter(unanswered.values())))
    row = FreezeException(
        plan_id=freeze.plan_id, freeze_id=freeze.id or 0, item=_shown(item), by=asker.person.key, at=tx.now,
        answers={label: answers[label].strip() for label in part.form},
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    facts: dict[str, Any] = {"freeze": freeze.key, "answers": row.answers}
    timeline.record(tx, row.plan_id, row.subject, State.ASKED, actor=asker.person.key, said=row.item, **facts)
    notices.ask(tx, asker.directory, row)
    return row


def _shown(item: str) -> str:
    """An item as it stands between ticks: on one line, and without its own."""
    return " ".join(item.replace("`", "'").split())


def grant(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> FreezeException:
    """Sign an exception; with the last signature it is granted, and announced."""
    row = may_decide(tx, asker, number, expected)
    _vote(tx, asker, row, YES)
    if rights.tally(tx, row).met:
        _settle(tx, asker, row, State.GRANTED, "")
    return row


def deny(tx: Tx, asker: Asker, number: int, reason: str, expected: int | None = None) -> FreezeException:
    """Deny an exception: one no is enough."""
    row = may_decide(tx, asker, number, expected)
    reason = markup.needed(reason, f"Say why: `/gate deny {number} too late to test`.")
    _vote(tx, asker, row, NO)
    _settle(tx, asker, row, State.DENIED, reason)
    return row


def may_decide(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> FreezeException:
    """The exception, locked, as the asker would decide about it. Raises Refused."""
    row = store.exception(tx, number, lock=True)
    if row is None or row.plan_id != asker.directory.plan_id:
        plan = markup.escape(asker.directory.plan_name)
        other = teams.elsewhere(tx, asker.directory, row, f"Exception {number}", "/gate {} freezes")
        raise Refused(f"There is no exception {number} in {plan}.{other} `/gate freezes` lists them.")
    rights.decides(tx, asker, row, expected)
    return row


def refused(tx: Tx, row: FreezeException, actor: str, tried: str, sentence: str) -> None:
    """Keep on the timeline that somebody tried what they may not, and what they were told."""
    timeline.record(
        tx, row.plan_id, row.subject, Verb.REFUSED, actor=actor, tried=tried, why=sentence, change=row.changes,
        exception=row.number,
    )  # fmt: skip


def _vote(tx: Tx, asker: Asker, row: FreezeException, verdict: str) -> None:
    me = asker.person.key
    row.votes = {**row.votes, me: {"verdict": verdict, "at": tx.now.isoformat()}}
    row.changes += 1
    tx.session.flush()
    verb = Verb.SIGNED if verdict == YES else Verb.REJECTED
    timeline.record(tx, row.plan_id, row.subject, verb, actor=me, change=row.changes)
    outbox.touch(tx, EXCEPTION, [row.number])


def _settle(tx: Tx, asker: Asker, row: FreezeException, state: State, reason: str) -> None:
    row.state, row.settled_at, row.reason = state, tx.now, reason
    row.changes += 1
    actor = asker.person.key
    timeline.record(tx, row.plan_id, row.subject, state, actor=actor, said=reason or None, change=row.changes)
    notices.tell_settled(tx, asker.directory, row)
