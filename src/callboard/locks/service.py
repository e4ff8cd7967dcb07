"""The verbs of a lock, what the guard reports, and what pushes do to what is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from callboard.blocks import markup as m
from callboard.branches import service as branches
from callboard.branches.models import BranchesSeen, Moved
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.timeline import Subject
from callboard.locks import messages, models, notices, plan, pushes, queue, rights, store, targets
from callboard.locks.models import KIND, Allowance, End, Lock, LockTarget, News, Rival, State, Verb
from callboard.locks.pushes import Finding, Push
from callboard.locks.targets import Target, Wish, clash
from callboard.plans.models import PlanApplied
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.models import AccountChanged, PersonAway
from callboard.teams.rights import refuse_lost
from callboard.teams.service import Person

STIRRED_EVERY = timedelta(minutes=5)
USUAL_ALLOWANCE = timedelta(days=1)
MOST_FILES = 20


def acquire(tx: Tx, asker: Asker, wish: Wish, *, source: str = "slack", wait: bool = False) -> Lock:
    """Lock all of it or nothing; where it is taken, `wait` in line. Joint paths are held once the other teams agree.

    Raises Refused for what is another team's, Taken for what is locked.
    """
    plan_id = asker.directory.plan_id
    rights.refuse_frozen(tx, plan_id)
    store.take_turn(tx, plan_id)
    queue.settle(tx, plan_id)
    verdict = rights.judge(tx, asker, wish.targets)
    own, others = queue.in_the_way(tx, asker, wish)
    rights.refuse_twice(own, wait=wait and bool(others))
    if others and not wait:
        first = store.with_lines(tx, others[: messages.RIVALS])
        raise rights.Taken(messages.taken(asker, tx.now, first, len(others)), others)
    lock = _new(tx, asker, wish, source)
    if others:
        lock.team = verdict.team
        behind = [rival.lock.number for rival in others]
        notices.changed(tx, lock, Verb.WAITED, actor=asker.person.key, said=lock.reason, behind=behind)
        _tell_holders(tx, asker, others)
        return lock
    queue.take(tx, asker, lock, verdict)
    for rival in own:
        queue.end(tx, rival.lock, End.TAKEN, asker.person.key)
    return lock


def take(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Lock:
    lock = rights.changing(tx, asker, number, expected)
    rights.refuse_others(tx, asker, lock, "take")
    rights.refuse_frozen(tx, lock.plan_id)
    if lock.state != State.OFFERED or (lock.offered_until and lock.offered_until <= tx.now):
        why = {State.WAITING: "it is not your turn yet", State.HELD: "you hold it already"}
        reason = why.get(State(lock.state), "the offer is over")
        raise Refused(f"You can't take lock {number}: {reason}. `/lock show {number}` shows it.")
    queue.take(tx, asker, lock, rights.judge(tx, asker, store.targets_of(tx, lock)))
    return lock


def release(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Lock:
    lock = rights.changing(tx, asker, number, expected)
    rights.refuse_others(tx, asker, lock, "release")
    queue.end(tx, lock, End.RELEASED if lock.state == State.HELD else End.WITHDRAWN, asker.person.key)
    return lock


def renew(
    tx: Tx, asker: Asker, number: int, span: timedelta | None = None, until: datetime | None = None,
    expected: int | None = None,
) -> Lock:  # fmt: skip
    """Keep it longer: until then, for so long from now, or for as long as at first."""
    lock = rights.changing(tx, asker, number, expected)
    rights.refuse_others(tx, asker, lock, "renew")
    rights.refuse_not_held(lock, "renew")
    end = until or tx.now + (span or timedelta(seconds=lock.span))
    rights.refuse_span(tx, end)
    models.renew(lock, end, fixed=until is not None)
    queue.set_reminder(tx, asker.directory, lock)
    notices.changed(tx, lock, Verb.RENEWED, actor=asker.person.key, until=end)
    return lock


def hand_over(tx: Tx, asker: Asker, number: int, to: Person, expected: int | None = None) -> Lock:
    lock, directory = rights.changing(tx, asker, number, expected), asker.directory
    rights.refuse_handing(tx, asker, lock)
    rights.refuse_not_held(lock, "hand over")
    name = directory.called(to)
    refuse_lost([to])
    if to.key == lock.holder or to.vacant:
        raise Refused(f"{name} is a vacant seat." if to.vacant else f"{name} has lock {number} already.")
    verdict = rights.judge(tx, Asker(directory, to), store.targets_of(tx, lock), called=name)
    if set(verdict.consents) - {lock.team, *(consent["team"] for consent in lock.consents)}:
        raise Refused(f"Other teams must agree before {name} has it. They can ask: `/lock`.")
    was, lock.holder, lock.team = lock.holder, to.key, verdict.team
    lock.changes += 1
    queue.set_reminder(tx, directory, lock)
    notices.changed(tx, lock, Verb.HANDED, actor=asker.person.key, to=to.key, was=was)
    notices.tell(tx, directory, lock, to.key, News.HANDED, by=asker.person.key)
    if was != asker.person.key:
        notices.tell(tx, directory, lock, was, News.ENDED, by=asker.person.key, to=to.key)
    return lock


def break_open(tx: Tx, asker: Asker, number: int, reason: str, expected: int | None = None) -> Lock:
    """End somebody else's lock, for a reason. If the asker waits for it, they have it then."""
    lock = rights.changing(tx, asker, number, expected)
    rights.refuse_breaking(tx, asker, lock)
    reason = m.needed(reason, f"Say why. The holder reads it: `/lock break {number} because ...`")
    queue.end(tx, lock, End.BROKEN, asker.person.key, reason)
    notices.tell(tx, asker.directory, lock, lock.holder, News.ENDED, by=asker.person.key)
    offered = store.live(tx, lock.plan_id, (State.OFFERED,), asker.person.key)
    wanted = store.targets(tx, [number, *(mine.number for mine in offered)])
    for mine in offered:
        if any(clash(broken, own) for broken in wanted[number] for own in wanted[mine.number]):
            take(tx, asker, mine.number)
    return lock


def agree(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Lock:
    """Agree for one's team; with the last team it is held, and its holder is told."""
    lock, person = rights.changing(tx, asker, number, expected), asker.person.key
    team = rights.agreeing_team(asker, lock)
    rights.refuse_frozen(tx, lock.plan_id)
    models.agree(lock, team, person, tx.now)
    queue.set_reminder(tx, asker.directory, lock)
    notices.changed(tx, lock, Verb.AGREED, actor=person, team=team)
    if lock.state == State.HELD:
        notices.changed(tx, lock, Verb.ACQUIRED, actor=lock.holder, until=lock.expires_at)
        notices.tell(tx, asker.directory, lock, lock.holder, News.AGREED, by=person)
    return lock


def decline(tx: Tx, asker: Asker, number: int, reason: str = "", expected: int | None = None) -> Lock:
    """Do not agree: it is not locked, and who asked is told why."""
    lock = rights.changing(tx, asker, number, expected)
    rights.agreeing_team(asker, lock)
    queue.end(tx, lock, End.DECLINED, asker.person.key, reason.strip() or None)
    notices.tell(tx, asker.directory, lock, lock.holder, News.ENDED, by=asker.person.key)
    return lock


def allow(tx: Tx, asker: Asker, to: Person, wish: Wish) -> Allowance:
    rights.refuse_foreign(tx, asker, wish.targets)
    until = wish.until or tx.now + (wish.span or USUAL_ALLOWANCE)
    if not wish.reason:
        raise Refused("Say why. They read it: `/lock allow @bob src/api/x.py for the fix until 17:00`.")
    if not tx.now < until <= tx.now + rights.LONGEST:
        raise Refused("You can allow it for 30 days at most: name an earlier end.")
    allowance = Allowance(
        plan_id=asker.directory.plan_id, person=to.key, by=asker.person.key, reason=wish.reason,
        targets=list(map(str, wish.targets)), until=until,
    )  # fmt: skip
    tx.session.add(allowance)
    tx.session.flush()
    timeline.record(
        tx, allowance.plan_id, allowance.subject, "allowed", actor=asker.person.key, said=wish.reason, person=to.key,
        targets=allowance.targets, until=until.isoformat(),
    )  # fmt: skip
    notices.tell_allowed(tx, asker.directory, allowance)
    return allowance


def again(tx: Tx, asker: Asker, number: int, reason: str = "") -> Wish:
    """A wish for what a lock holds, to wait for it; its holder's reason is nobody else's."""
    lock = rights.known(tx, asker, number)
    return Wish(tuple(store.targets_of(tx, lock)), reason)


def is_free(tx: Tx, asker: Asker, wish: Wish) -> bool:
    """Whether nobody has any of it, or waits for it."""
    store.take_turn(tx, asker.directory.plan_id)
    queue.settle(tx, asker.directory.plan_id)
    return not store.rivals(tx, asker.directory.plan_id, wish.targets)


def stir(tx: Tx, plan_id: int, person: str, repository: str, paths: Sequence[str] | None = None) -> None:
    """Somebody works on these paths, or anywhere in a repository: renew their locks there.

    A lock whose end was named keeps it.
    """
    touched = [Target("file", path, repository=repository) for path in paths or () if targets.is_path(path)]
    for lock in store.live(tx, plan_id, (State.HELD,), person):
        ends = tx.now + timedelta(seconds=lock.span)
        if lock.fixed or (lock.expires_at and lock.expires_at > ends - STIRRED_EVERY):
            continue
        wanted = store.targets_of(tx, lock)
        here = any(target.is_in(repository) for target in wanted)
        if here if paths is None else any(clash(target, path) for target in wanted for path in touched):
            models.renew(lock, ends, fixed=False)
            notices.changed(tx, lock, Verb.RENEWED, actor=person, until=ends, by="activity")


def keep(tx: Tx, plan_id: int, push: Push, found: Finding) -> None:
    """Note what the guard refused; a push that passes renews its author's locks."""
    if not found.refused:
        if found.person:
            stir(tx, plan_id, found.person, push.repository, [file.path for file in push.touched[:MOST_FILES]])
        return
    locks = {refusal.lock for refusal in found.refused}
    for number in sorted(locks, key=lambda number: number or 0):
        subject = Subject(KIND, number) if number else Subject("guard", plan_id)
        timeline.record(
            tx, plan_id, subject, Verb.STOPPED, actor=found.person or timeline.BOT,
            paths=[refusal.path for refusal in found.refused if refusal.lock == number][:MOST_FILES],
            repository=push.repository, branch=push.branch, team=found.team, names=list(push.names[:1]),
        )  # fmt: skip
    outbox.touch(tx, KIND, list(filter(None, locks)))


def let_through(tx: Tx, asker: Asker, pushed: Sequence[Mapping[str, str]]) -> None:
    subject = Subject("guard", asker.directory.plan_id)
    timeline.record(tx, subject.id, subject, "let through unchecked", actor=asker.person.key, pushes=pushed)
    notices.tell_unchecked(tx, asker.directory, pushed)


def on_branches_seen(tx: Tx, seen: BranchesSeen) -> None:
    """Log each push that touches a lock, and renew what its author has locked there."""
    held = [lock for lock in store.live(tx, seen.plan_id, (State.HELD,)) if lock.keeps(tx.now)] if seen.moved else []
    wanted = store.targets(tx, [lock.number for lock in held])
    for moved in seen.moved:
        touched = list(branches.touched(moved.branch))
        for lock in held:
            files = [
                path for path, stacks in touched
                if any(targets.reaches(target, seen.repository, path, stacks) for target in wanted[lock.number])
            ]  # fmt: skip
            if files:
                _log(tx, lock, wanted[lock.number], moved, files[:MOST_FILES])
        if moved.branch.person:
            store.take_turn(tx, seen.plan_id)
            paths = [path for path, _ in touched[:MOST_FILES]]
            stir(tx, seen.plan_id, moved.branch.person, seen.repository, paths)


def _new(tx: Tx, asker: Asker, wish: Wish, source: str) -> Lock:
    until = wish.until or tx.now + (wish.span or plan.rules(tx, asker.directory.plan_id).expire_after)
    rights.refuse_span(tx, until)
    lock = Lock(
        plan_id=asker.directory.plan_id, state=State.WAITING, holder=asker.person.key, reason=wish.reason,
        source=source, targets=list(map(str, wish.targets)), span=int((until - tx.now).total_seconds()),
        fixed=wish.until is not None, expires_at=wish.until, asked_at=tx.now,
    )  # fmt: skip
    tx.session.add(lock)
    tx.session.flush()
    tx.session.add_all(
        LockTarget(lock_id=lock.number, plan_id=lock.plan_id, stem=target.stem, **asdict(target))
        for target in wish.targets
    )
    tx.session.flush()
    return lock


def _log(tx: Tx, lock: Lock, wanted: Sequence[Target], moved: Moved, files: list[str]) -> None:
    branch = moved.branch
    timeline.record(
        tx, lock.plan_id, lock.subject, Verb.PUSHED, actor=branch.person or timeline.BOT, branch=branch.name,
        repository=branch.repository, team=branch.team, commit=branch.head, files=files,
        tasks=pushes.depending(tx, lock.plan_id, wanted), pushed=moved.pushed_at.isoformat(),
    )  # fmt: skip
    if branch.person != lock.holder:
        notices.tell_pushed(tx, teams.directory(tx, lock.plan_id), lock, branch)


def _tell_holders(tx: Tx, asker: Asker, others: Sequence[Rival]) -> None:
    outbox.touch(tx, KIND, [rival.lock.number for rival in others])
    for rival in others:
        if rival.lock.state == State.HELD:
            args = {"by": asker.person.key, "example": rival.example}
            notices.tell(tx, asker.directory, rival.lock, rival.lock.holder, News.AWAITED, **args)


def on_holder_changed(tx: Tx, event: AccountChanged | PersonAway) -> None:
    """The cards of what somebody holds say whether they are there to give it back."""
    outbox.touch(tx, KIND, [lock.number for lock in store.live(tx, event.plan_id, (State.HELD,), event.person)])


def on_plan_changed(tx: Tx, event: PlanApplied) -> None:
    """So do those of whoever has left the plan."""
    held, people = store.live(tx, event.plan_id, (State.HELD,)), teams.directory(tx, event.plan_id).people
    outbox.touch(tx, KIND, [lock.number for lock in held if lock.holder not in people])
