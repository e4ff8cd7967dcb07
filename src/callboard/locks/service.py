"""The verbs of a lock, from asking for it to what comes after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.core import outbox, timeline
from callboard.core.errors import Refused
from callboard.core.outbox import Post, Priority
from callboard.locks import models, notices, plan, queue, rights, store
from callboard.locks.messages import news
from callboard.locks.models import ALLOWANCE, KEEPING, KIND, Allowance, Lock, State
from callboard.locks.rights import refuse_foreign
from callboard.locks.store import Rival
from callboard.locks.targets import Wish, clash
from callboard.locks.targets import file as one_file
from callboard.teams.service import Asker, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=30)
STIRRED_EVERY = timedelta(minutes=5)
USUAL_ALLOWANCE, LONGEST_ALLOWANCE = timedelta(days=1), timedelta(days=30)


class Taken(Refused):
    """Somebody holds it, or waits for it longer: `rivals` are their locks, the oldest first."""

    def __init__(self, sentence: str, rivals: Sequence[Rival]) -> None:
        super().__init__(sentence)
        self.rivals = tuple(rivals)


def acquire(tx: Tx, asker: Asker, wish: Wish, *, source: str = "slack", wait: bool = False) -> Lock:
    """Lock all of it or nothing; where it is taken, `wait` in line. Joint paths are held once the others consent.

    Raises Refused for what is somebody else's, Taken for what is locked.
    """
    plan_id = asker.directory.plan_id
    store.take_turn(tx, plan_id)
    queue.settle(tx, plan_id)
    verdict = rights.judge(tx, asker, wish.targets)
    own, others = _in_the_way(tx, asker, wish)
    _refuse_twice(own, wait=wait and bool(others))
    if others and not wait:
        raise Taken(news.taken(tx, asker, others), others)
    lock = _made(tx, asker, wish, source)
    if others:
        lock.team = verdict.team
        notices.by_asker(tx, lock, asker, "waited", said=lock.reason, behind=[one.lock.number for one in others])
        _tell_holders(tx, asker, others)
        return lock
    queue.take(tx, asker, lock, verdict)
    for rival in own:
        queue.over(tx, rival.lock, "taken", asker.person.key)
    return lock


def take(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Lock:
    """Take what is offered, now that it is one's turn."""
    lock = rights.changing(tx, asker, number, expected)
    rights.mine(asker, lock, "take it")
    if lock.state != State.OFFERED or (lock.offered_until and lock.offered_until <= tx.now):
        why = {State.WAITING: "it is not your turn yet", State.HELD: "you hold it already"}.get(
            State(lock.state), "that offer is over"
        )
        raise Refused(f"Lock {number} cannot be taken: {why}. `/lock show {number}` says how it stands.")
    queue.take(tx, asker, lock, rights.judge(tx, asker, store.targets(tx, [number])[number]))
    return lock


def release(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Lock:
    """Give it back; whoever waits for it, or asks for it, stops doing so."""
    lock = rights.changing(tx, asker, number, expected)
    rights.mine(asker, lock, "release it")
    queue.over(tx, lock, "released" if lock.state == State.HELD else "withdrawn", asker.person.key)
    return lock


def renew(
    tx: Tx, asker: Asker, number: int, span: timedelta | None = None, until: datetime | None = None,
    expected: int | None = None,
) -> Lock:  # fmt: skip
    """Keep it longer: until then, for so long from now, or for as long as at first."""
    lock = rights.changing(tx, asker, number, expected)
    rights.mine(asker, lock, "renew it")
    if lock.state != State.HELD:
        raise Refused(f"Lock {number} is not held yet, so there is nothing to renew.")
    wanted = until or tx.now + (span or timedelta(seconds=lock.span))
    _refuse_span(tx, wanted)
    models.last(lock, wanted, fixed=until is not None)
    queue.remind(tx, asker.directory, lock)
    notices.by_asker(tx, lock, asker, "renewed", until=wanted.isoformat())
    return lock


def hand_over(tx: Tx, asker: Asker, number: int, to: Person, expected: int | None = None) -> Lock:
    """Give it to somebody else, who is told; as it stands, with its reason and its end."""
    lock = rights.changing(tx, asker, number, expected)
    if not rights.may_break(asker, lock):
        rights.mine(asker, lock, "hand it over")
    if lock.state != State.HELD:
        raise Refused(f"Lock {number} is not held, so it cannot be handed over.")
    if to.key == lock.holder or to.vacant:
        raise Refused(f"{asker.directory.called(to)} {'is nobody yet' if to.vacant else 'has it already'}.")
    verdict = rights.judge(tx, Asker(asker.directory, to), store.targets(tx, [number])[number])
    agreed = {lock.team, *(one["team"] for one in lock.consents)}
    if set(verdict.consents) - agreed:
        raise Refused(f"{asker.directory.called(to)} needs the consent of the other teams: they ask for it themselves.")
    was, lock.holder, lock.team = lock.holder, to.key, verdict.team
    lock.changes += 1
    queue.remind(tx, asker.directory, lock)
    notices.by_asker(tx, lock, asker, "handed over", to=to.key, was=was)
    notices.direct(tx, asker.directory, lock, to.key, "handed", by=asker.person.key)
    if was != asker.person.key:
        notices.direct(tx, asker.directory, lock, was, "ended", by=asker.person.key, to=to.key)
    return lock


def break_open(tx: Tx, asker: Asker, number: int, reason: str, expected: int | None = None) -> Lock:
    """End somebody else's lock, for a reason that they are told. If the asker waits for it, they have it then."""
    lock = rights.changing(tx, asker, number, expected)
    if lock.holder == asker.person.key:
        raise Refused(f"Lock {number} is yours: `/lock release {number}`.")
    if not rights.may_break(asker, lock):
        raise Refused(
            f"Lock {number} is {asker.directory.called(lock.holder)}'s, since {b.date(lock.since, 'both')}, for "
            f"{lock.reason}: only {rights.who_breaks(asker, lock)} may break it. Ask them, or `/lock wait {number}`."
        )
    if not reason.strip():
        raise Refused(f"Say why, the holder reads it: `/lock break {number} because ...`")
    queue.over(tx, lock, "broken", asker.person.key, reason.strip())
    notices.direct(tx, asker.directory, lock, lock.holder, "ended", by=asker.person.key)
    waited = [one for one in store.live(tx, lock.plan_id, (State.OFFERED,)) if one.holder == asker.person.key]
    theirs = store.targets(tx, [number, *(one.number for one in waited)])
    for mine in waited:
        if any(clash(x, y) for x in theirs[number] for y in theirs[mine.number]):
            take(tx, asker, mine.number)
    return lock


def agree(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Lock:
    """Consent for one's team to what somebody asks for; with the last team's consent it is held."""
    lock, team = _consenting(tx, asker, number, expected)
    models.agree(lock, team, asker.person.key, tx.now)
    queue.remind(tx, asker.directory, lock)
    notices.by_asker(tx, lock, asker, "agreed", team=team)
    if lock.state == State.HELD:
        ends = lock.expires_at.isoformat() if lock.expires_at else None
        notices.changed(tx, lock, "acquired", actor=lock.holder, until=ends)
        notices.direct(tx, asker.directory, lock, lock.holder, "agreed", by=asker.person.key)
    return lock


def decline(tx: Tx, asker: Asker, number: int, reason: str = "", expected: int | None = None) -> Lock:
    """Refuse consent: it is not locked, and who asked is told why."""
    lock, _ = _consenting(tx, asker, number, expected)
    queue.over(tx, lock, "declined", asker.person.key, reason.strip() or None)
    notices.direct(tx, asker.directory, lock, lock.holder, "ended", by=asker.person.key)
    return lock


def allow(tx: Tx, asker: Asker, to: Person, wish: Wish) -> Allowance:
    """Let somebody change what is the asker's team's. Raises Refused where it is not theirs to allow."""
    refuse_foreign(tx, asker, wish.targets)
    until = wish.until or tx.now + (wish.span or USUAL_ALLOWANCE)
    if not wish.reason:
        raise Refused("Say why, the others read it: `/lock allow @bob src/api/x.py for the fix until 17:00`.")
    if not tx.now < until <= tx.now + LONGEST_ALLOWANCE:
        raise Refused("Leave is given for some hours or days, 30 days at most: name another end.")
    made = Allowance(
        plan_id=asker.directory.plan_id, person=to.key, by=asker.person.key, reason=wish.reason,
        targets=[str(one) for one in wish.targets], given_at=tx.now, until=until,
    )  # fmt: skip
    tx.session.add(made)
    tx.session.flush()
    facts: dict[str, Any] = {"person": to.key, "targets": made.targets, "until": until.isoformat()}
    timeline.record(tx, made.plan_id, made.subject, "allowed", actor=asker.person.key, said=wish.reason, **facts)
    if to.slack_id and to.key != asker.person.key:
        outbox.enqueue(tx, [
            Post(
                key=f"{ALLOWANCE}:{made.number}", plan_id=made.plan_id, workspace=asker.directory.workspace,
                address=to.slack_id, kind="lock.allowed", subject=made.subject, priority=Priority.ANSWER,
            )
        ])  # fmt: skip
    return made


def again(tx: Tx, asker: Asker, number: int, reason: str = "") -> Wish:
    """The wish for the same as a lock has: for whoever waits for it."""
    lock = rights.known(tx, asker, number)
    return Wish(tuple(store.targets(tx, [number])[number]), reason or lock.reason)


def stir(tx: Tx, plan_id: int, person: str, repository: str, paths: Sequence[str] | None = None) -> list[Lock]:
    """Somebody works on these paths of a repository, or on any: their locks there last as long again.

    Those of which an end was named end then all the same.
    """
    touched = [one_file(path, repository) for path in paths or ()]
    found: list[Lock] = []
    for lock in store.moved_by_work(tx, plan_id, person):
        ends = tx.now + timedelta(seconds=lock.span)
        if lock.expires_at and lock.expires_at > ends - STIRRED_EVERY:
            continue
        targets = store.targets(tx, [lock.number])[lock.number]
        here = any(one.kind != "thing" and one.repository in ("", repository) for one in targets)
        if here if paths is None else any(clash(target, path) for target in targets for path in touched):
            models.last(lock, ends, fixed=False)
            notices.changed(tx, lock, "renewed", actor=person, until=ends.isoformat(), by="activity")
            found.append(lock)
    return found


def _in_the_way(tx: Tx, asker: Asker, wish: Wish) -> tuple[list[Rival], list[Rival]]:
    """The asker's own locks on any of it, and those of others; who came later than an own wish waits behind it."""
    found = store.rivals(tx, asker.directory.plan_id, wish.targets)
    own = [one for one in found if one.lock.holder == asker.person.key]
    turn = min((one.lock.number for one in own if one.lock.state not in (State.HELD, State.ASKED)), default=None)
    others = [
        one for one in found
        if one not in own and (one.lock.state in KEEPING or turn is None or one.lock.number < turn)
    ]  # fmt: skip
    return own, others


def _refuse_twice(own: Sequence[Rival], *, wait: bool) -> None:
    for rival in own:
        lock, number = rival.lock, rival.lock.number
        if lock.state == State.HELD:
            until = f" until {b.date(lock.expires_at, 'both')}" if lock.expires_at else ""
            said = f"You hold `{b.escape(rival.example)}` already: lock {number}, for {lock.reason}{until}."
            raise Taken(f"{said} `/lock renew {number}` keeps it longer, `/lock release {number}` ends it.", [rival])
        if lock.state == State.ASKED:
            said = f"You have asked for `{b.escape(rival.example)}` already: lock {number} waits for consent."
            raise Taken(f"{said} `/lock release {number}` withdraws it.", [rival])
        if wait:
            raise Refused(
                f"You wait for `{b.escape(rival.example)}` already, as {number}: you are told when it is free."
            )


def _made(tx: Tx, asker: Asker, wish: Wish, source: str) -> Lock:
    usual = plan.rules(tx, asker.directory.plan_id).expire_after
    until = wish.until or tx.now + (wish.span or usual)
    _refuse_span(tx, until)
    lock = Lock(
        plan_id=asker.directory.plan_id, state=State.WAITING, holder=asker.person.key, reason=wish.reason,
        source=source, targets=[str(one) for one in wish.targets], span=int((until - tx.now).total_seconds()),
        fixed=wish.until is not None, expires_at=wish.until, asked_at=tx.now,
    )  # fmt: skip
    tx.session.add(lock)
    tx.session.flush()
    store.add(tx, models.rows(lock, wish.targets))
    return lock


def _refuse_span(tx: Tx, until: datetime) -> None:
    if until < tx.now + SHORTEST:
        raise Refused("Nobody gets anything done in that time: name an end that is a minute away or more.")
    if until > tx.now + LONGEST:
        raise Refused("A lock holds for 30 days at most: name an earlier end, and renew it when it comes.")


def _tell_holders(tx: Tx, asker: Asker, others: Sequence[Rival]) -> None:
    outbox.touch(tx, KIND, [one.lock.number for one in others])
    for rival in others:
        if rival.lock.state == State.HELD:
            args = {"by": asker.person.key, "example": rival.example}
            notices.direct(tx, asker.directory, rival.lock, rival.lock.holder, "awaited", **args)


def _consenting(tx: Tx, asker: Asker, number: int, expected: int | None) -> tuple[Lock, str]:
    lock = rights.changing(tx, asker, number, expected)
    if lock.state != State.ASKED:
        raise Refused(f"Lock {number} waits for nobody's consent.")
    own = [team.key for team in asker.directory.teams_of(asker.person)]
    team = next((team for team in lock.missing if team in own), None)
    if team is None or asker.person.key == lock.holder:
        names = " and ".join(b.escape(asker.directory.teams[team].name) for team in lock.missing)
        raise Refused(f"Lock {number} waits for the consent of {names}: that is for somebody of theirs to give.")
    return lock, team
