"""The verbs of freezes: what is frozen, and exceptions, which are asked for and signed by their own rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks
from callboard.core import outbox, timeline
from callboard.core.errors import Refused, did_you_mean
from callboard.core.outbox import Post, Priority
from callboard.freezes import store
from callboard.freezes.models import EXCEPTION, Freeze, FreezeException
from callboard.freezes.plan import ExceptionsPart, FreezePart
from callboard.gates import notices, rights
from callboard.gates.assessment import signatures
from callboard.gates.assessment.look import document_of
from callboard.gates.assessment.signatures import Given, Tally
from callboard.gates.plan import sign_offs
from callboard.gates.plan.sign_offs import Work
from callboard.planfile.values import slug
from callboard.teams import service as teams
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

CHANNEL = ("#coordination",)


def active(tx: Tx, plan_id: int, repository: str = "", branch: str = "") -> list[Freeze]:
    """The freezes that hold now, of all that is frozen or of one repository and branch."""
    found = [one for one in store.freezes(tx, plan_id) if one.from_at <= tx.now < one.to_at]
    return [one for one in found if _covers(part_of(tx, one), repository, branch)]


def granted(tx: Tx, freeze: Freeze) -> list[str]:
    """The items that were let through a freeze."""
    return [one.item for one in store.exceptions(tx, freeze.plan_id, freeze.id) if one.state == "granted"]


def part_of(tx: Tx, freeze: Freeze) -> FreezePart | None:
    """What the plan says of a freeze."""
    written: Mapping[str, FreezePart] = document_of(tx, freeze.plan_id).values.get("freezes") or {}
    return written.get(freeze.key)


def called(tx: Tx, asker: Asker, key: str) -> Freeze:
    """The freeze with a key; the only one of the plan without. Raises Refused."""
    every = store.freezes(tx, asker.directory.plan_id)
    if not every:
        raise Refused("This plan freezes nothing, so nothing needs an exception.")
    if not key and len(every) > 1:
        raise Refused(f"Say which freeze you mean: {', '.join(f'`{one.key}`' for one in every)}.")
    found = [one for one in every if one.key.lower() == key.lower()] or (list(every) if not key else [])
    if len(found) != 1:
        hint = did_you_mean(key, [one.key for one in every])
        raise Refused(f"There is no freeze `{blocks.clip(key, 60)}`; {hint}")
    return found[0]


def may_ask(tx: Tx, asker: Asker, key: str, item: str) -> tuple[Freeze, ExceptionsPart]:
    """The freeze and its form. Raises Refused where none can be asked for, not any more, or not for this again."""
    freeze = called(tx, asker, key)
    part = part_of(tx, freeze)
    if part is None or part.exceptions is None:
        raise Refused(f"{freeze.name} knows no exceptions: it ends {blocks.date(freeze.to_at, 'both')}.")
    if tx.now >= freeze.to_at:
        raise Refused(f"{freeze.name} was over {blocks.date(freeze.to_at, 'both')}: nothing is frozen any more.")
    latest = freeze.from_at + part.exceptions.ask_within if part.exceptions.ask_within else None
    if latest and tx.now > latest:
        raise Refused(f"Exceptions from {freeze.name} could be asked for until {blocks.date(latest, 'both')}.")
    same = [one for one in store.exceptions(tx, freeze.plan_id, freeze.id) if slug(one.item) == slug(item) and item]
    if same and same[-1].state in ("asked", "granted"):
        raise Refused(f"One exception per item: number {same[-1].number} for `{same[-1].item}` is {same[-1].state}.")
    return freeze, part.exceptions


def ask(tx: Tx, asker: Asker, key: str, item: str, answers: Mapping[str, str]) -> FreezeException:
    """Ask for an exception: every question of the form is answered, and whoever signs is told."""
    if not item.strip():
        raise Refused("Say which item the exception is for: one exception lets one item through.")
    freeze, part = may_ask(tx, asker, key, item)
    unanswered = [label for label in part.form if not (answers.get(label) or "").strip()]
    if unanswered:
        raise Refused(f"Say something about {' and '.join(unanswered)} too: whoever signs reads it.")
    row = FreezeException(
        plan_id=freeze.plan_id, freeze_id=freeze.id or 0, item=item.strip(), by=asker.person.key, at=tx.now,
        answers={label: answers[label].strip() for label in part.form},
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    directory = asker.directory
    timeline.record(
        tx, row.plan_id, row.subject, "asked", actor=asker.person.key, said=row.item, freeze=freeze.key,
        answers=row.answers,
    )  # fmt: skip
    if directory.home_channel():
        card = Post(
            key=f"{EXCEPTION}:{row.id}:card", plan_id=row.plan_id, workspace=directory.workspace,
            address=directory.home_channel(), kind=f"{EXCEPTION}.card", subject=row.subject,
            priority=Priority.ANSWER, editable=True,
        )  # fmt: skip
        outbox.enqueue(tx, [card])
    missing = tally(tx, row).missing
    notices.tell(tx, row.subject, directory, missing, "asked", what="exception asked")
    return row


def tally(tx: Tx, row: FreezeException) -> Tally:
    """Who has signed an exception, and who must still."""
    document, directory = document_of(tx, row.plan_id), teams.directory(tx, row.plan_id)
    freeze = store.freeze(tx, row.freeze_id)
    part = part_of(tx, freeze) if freeze else None
    parts = part.exceptions.sign_off if part and part.exceptions else ()
    given = [
        Given(vote["seat"], person, datetime.fromisoformat(vote["at"]))
        for person, vote in row.votes.items() if vote["verdict"] == "yes"
    ]  # fmt: skip
    return signatures.tally(directory, parts, Work(document, reporters=(row.by,)), given, tx.now)


def grant(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> FreezeException:
    """Somebody signs an exception; with the last signature it is granted, and announced."""
    row = _open(tx, asker, number, expected)
    _voted(tx, asker, row, "yes")
    if tally(tx, row).met:
        _settled(tx, asker, row, "granted", "")
    return row


def may_deny(tx: Tx, asker: Asker, number: int, expected: int) -> FreezeException:
    """The exception as the asker would deny it. Raises Refused for whoever may not, and for an old button."""
    row = _open(tx, asker, number, expected)
    _may_vote(tx, asker, row)
    return row


def deny(tx: Tx, asker: Asker, number: int, reason: str, expected: int | None = None) -> FreezeException:
    """Whoever could sign says no: it is denied."""
    row = _open(tx, asker, number, expected)
    if not reason.strip():
        raise Refused(f"Say why, it is recorded: `/gate deny {number} too late to test`.")
    _voted(tx, asker, row, "no")
    _settled(tx, asker, row, "denied", reason.strip())
    return row


def exception(tx: Tx, asker: Asker, number: int, *, lock: bool = False) -> FreezeException:
    """The exception with a number. Raises Refused where this plan has none."""
    row = store.exception(tx, number, lock=lock)
    if row is None or row.plan_id != asker.directory.plan_id:
        raise Refused(f"There is no exception {number} in {asker.directory.plan_name}. `/gate freezes` lists them.")
    return row


def refused(tx: Tx, row: FreezeException, actor: str, what: str, sentence: str) -> None:
    """Keep on the timeline that somebody tried what is not allowed, and what they were told."""
    timeline.record(
        tx, row.plan_id, row.subject, "refused", actor=actor, tried=what, why=sentence, change=row.changes,
        exception=row.number,
    )  # fmt: skip


def _open(tx: Tx, asker: Asker, number: int, expected: int | None) -> FreezeException:
    row = exception(tx, asker, number, lock=True)
    if row.state != "asked":
        when = blocks.date(row.settled_at, "both") if row.settled_at else ""
        raise Refused(f"Exception {number} for `{row.item}` was {row.state} {when}; that stays.")
    if expected is not None and expected != row.changes:
        since = [one for one in timeline.history(tx, row.subject) if one.facts.get("change", 0) > expected]
        told = "; ".join(
            f"{asker.directory.called(one.actor)} {one.verb} it at {blocks.date(one.at)}"
            for one in since
            if one.verb != "refused"
        )
        raise Refused(
            f"That button is older than what happened to exception {number}: {told or 'it has changed'}. Nothing was "
            f"changed now; `/gate grant {number}` and `/gate deny {number} why` decide it as it stands."
        )
    return row


def _may_vote(tx: Tx, asker: Asker, row: FreezeException) -> None:
    """Raise Refused for whoever may not decide, and for whoever has."""
    found, me, directory = tally(tx, row), asker.person, asker.directory
    rights.no_observer(asker, "decide about an exception")
    work = Work(document_of(tx, row.plan_id), reporters=(row.by,))
    barred = {key for slot in found.slots for key in sign_offs.excluded(directory, slot.part, work)}
    if me.key == row.by:
        raise Refused("You asked for this exception, so somebody else has to sign it.")
    if not found.of(me.key) or me.key in barred:
        people = directory.one_of(one for slot in found.slots for one in slot.people)
        raise Refused(f"Exception {row.number} is for {people or 'nobody in this plan'} to decide.")
    if me.key in row.votes:
        raise Refused(f"You have signed exception {row.number} already: nobody signs twice.")


def _voted(tx: Tx, asker: Asker, row: FreezeException, verdict: str) -> None:
    _may_vote(tx, asker, row)
    me = asker.person.key
    row.votes = {**row.votes, me: {"verdict": verdict, "seat": me, "at": tx.now.isoformat()}}
    row.changes += 1
    tx.session.add(row)
    tx.session.flush()
    verb = "signed" if verdict == "yes" else "rejected"
    timeline.record(tx, row.plan_id, row.subject, verb, actor=me, change=row.changes)
    outbox.touch(tx, EXCEPTION, [row.number])


def _settled(tx: Tx, asker: Asker, row: FreezeException, state: str, reason: str) -> None:
    row.state, row.settled_at, row.reason = state, tx.now, reason
    row.changes += 1
    tx.session.add(row)
    timeline.record(
        tx, row.plan_id, row.subject, state, actor=asker.person.key, said=reason or None, change=row.changes
    )
    directory = asker.directory
    args: dict[str, Any] = {"what": f"exception {state}", "by": asker.person.key, "why": [reason] if reason else []}
    notices.tell(tx, row.subject, directory, directory.named([row.by]), state, **args)
    if directory.channel("coordination"):
        notices.announce(tx, row.subject, directory, CHANNEL, state, **args)


def _covers(part: FreezePart | None, repository: str, branch: str) -> bool:
    if part is None:
        return not repository
    in_it = not repository or not part.repositories or repository in part.repositories
    return in_it and (not branch or not part.branches or branch in part.branches)
