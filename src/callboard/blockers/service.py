"""The verbs of a blocker, from raising it to what helped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callboard.blockers import models, notices, rights, store
from callboard.blockers.models import KIND, Blocker, BlockerChanged, BlockerResolved, State, Verb
from callboard.blockers.plan import settings, usual_severity
from callboard.blocks import markup
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.rows import fresh
from callboard.escalation import service as escalation
from callboard.escalation.models import Policy
from callboard.teams import service as teams
from callboard.teams.directory import CALLBOARD, Asker
from callboard.teams.old_buttons import refuse_old
from callboard.teams.rights import looks_on, refuse_lost
from callboard.teams.service import Concern, Directory, Person

NOBODY = Policy("nobody", ())
"""What a blocker climbs by in a plan without escalation."""
LONGEST_SNOOZE = timedelta(days=7)
MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")


@dataclass(frozen=True, kw_only=True)
class Raised:
    """What somebody says about a new blocker."""

    what: str
    team: str | None = None
    severity: str | None = None
    category: str | None = None
    waits_for: str | None = None
    blocks: str | None = None
    policy: str | None = None
    """Which policy it climbs by, where that is not the one of its severity."""


def raise_blocker(tx: Tx, asker: Asker, said: Raised, channel_team: str | None = None, *, follows: str = "") -> Blocker:
    """Open a blocker: it begins to climb at once, by its severity, or as it `follows` the policy with that digest."""
    what, directory = said.what.strip(), asker.directory
    if not markup.says_something(what):
        raise Refused("Say in a few words what is blocked, for example `/blocker mongo refuses TLS`.")
    team = said.team or team_concerned(asker, channel_team)
    blocker = fresh(
        Blocker, plan_id=directory.plan_id, team=team, reporter=asker.person.key, what=what, category=said.category,
        severity=said.severity or usual_severity(settings(tx, directory.plan_id)), waits_for=said.waits_for,
        blocks=(said.blocks or "").strip() or None, channel=directory.home_channel(team) or asker.person.slack_id,
        opened_at=tx.now,
    )  # fmt: skip
    blocker.id = tx.insert_row(blocker)
    _record(tx, blocker, asker, Verb.RAISED, said=what, severity=blocker.severity, team=team)
    notices.tell_raised(tx, blocker, directory)
    own = escalation.digest(tx, asker.directory, said.policy) if said.policy else ""
    _climb(tx, asker, blocker, follows or own)
    tx.publish(BlockerChanged(blocker, Verb.RAISED))
    return blocker


def would_page(tx: Tx, asker: Asker, said: Raised, channel_team: str | None = None) -> list[str]:
    """Whom raising it now would page."""
    if not escalation.has_policies(tx, asker.directory):
        return []
    team = said.team or team_concerned(asker, channel_team)
    concern = _concern(asker.directory, team, asker.person.key, said.waits_for)
    return escalation.would_page(tx, asker.directory.plan_id, _policy(tx, asker, said.severity), concern)


def acknowledge(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Blocker:
    """`asker` has it: the climb stops, idling aside."""
    blocker = rights.still_open(tx, asker, number, expected)
    rights.no_onlooker(tx, asker, blocker, "acknowledge")
    if blocker.state == State.ACKNOWLEDGED:
        since = f" since {markup.date(blocker.owner_at)}" if blocker.owner_at else ""
        if blocker.owner == asker.person.key:
            raise Refused(f"You have had blocker {number}{since}. Done? `/blocker resolve {number} what helped`")
        owner = asker.directory.called(blocker.owner)
        raise Refused(f"{owner} has blocker {number}{since}. Take it over: `/blocker reassign {number} me`")
    instead = escalation.told(tx, blocker.subject).get(asker.person.key)
    models.take(blocker, asker.person.key, tx.now)
    changed(tx, blocker, asker, Verb.ACKNOWLEDGED, on_behalf_of=instead)
    escalation.hold(tx, blocker.subject, asker.person.key)
    notices.tell_reporter(tx, blocker, asker)
    return blocker


def unacknowledge(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Blocker:
    """Nobody has it any more: the climb goes on where it stood."""
    blocker = rights.still_open(tx, asker, number, expected)
    if blocker.state != State.ACKNOWLEDGED:
        raise Refused(f"Nobody has blocker {number}, so nobody can hand it back.")
    rights.may(tx, asker, blocker, "hand back", blocker.owner)
    models.give_back(blocker)
    changed(tx, blocker, asker, Verb.GAVE_BACK)
    escalation.let_go(tx, blocker.subject)
    return blocker


def take_from(tx: Tx, directory: Directory, number: int) -> None:
    """Whoever has it has left the plan: nobody has it, and the climb goes on where it stood."""
    blocker = store.find(tx, number, lock=True)
    if blocker is None or blocker.owner is None:
        return
    left = blocker.owner
    models.give_back(blocker)
    changed(tx, blocker, Asker(directory, CALLBOARD), Verb.GAVE_BACK, left=left)
    escalation.let_go(tx, blocker.subject)


def snooze(tx: Tx, asker: Asker, number: int, until: datetime, expected: int | None = None) -> Blocker:
    blocker = rights.still_open(tx, asker, number, expected)
    rights.may(tx, asker, blocker, "snooze", blocker.owner, *escalation.told(tx, blocker.subject))
    if not tx.now < until <= tx.now + LONGEST_SNOOZE:
        raise Refused(f"Snooze a blocker for up to {LONGEST_SNOOZE.days} days: `/blocker snooze {number} 30m`.")
    changed(tx, blocker, asker, Verb.SNOOZED, until=until.isoformat())
    escalation.snooze(tx, blocker.subject, until)
    return blocker


def escalate(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Blocker:
    """Page the next step now; a second click on the same button does not."""
    blocker = rights.still_open(tx, asker, number, expected, once=Verb.ESCALATED)
    rights.no_onlooker(tx, asker, blocker, "escalate")
    escalation.go_on(tx, blocker.subject)
    changed(tx, blocker, asker, Verb.ESCALATED)
    return blocker


def grade(tx: Tx, asker: Asker, number: int, severity: str, reason: str = "", expected: int | None = None) -> Blocker:
    """Make it graver or milder. Where another policy goes with that, it climbs by that one from now on."""
    blocker = rights.still_open(tx, asker, number, expected)
    rights.grades(tx, asker, blocker)
    known = {name.casefold(): name for name in settings(tx, blocker.plan_id).severities}
    now, was = known.get(severity.casefold()), blocker.severity
    if now is None:
        wanted = markup.clip(markup.escape(severity), 40)
        raise unknown(f"There is no severity `{wanted}`", severity, known.values())
    if now == was:
        raise Refused(f"Blocker {number} is {was} already.")
    by, followed = _policy(tx, asker, now), escalation.followed(tx, blocker.subject)
    blocker.severity = now
    changed(tx, blocker, asker, Verb.GRADED, severity=now, was=was, said=reason.strip() or None)
    if by != followed == _policy(tx, asker, was):
        escalation.end(tx, blocker.subject)
        _climb(tx, asker, blocker)
    return blocker


def reassign(tx: Tx, asker: Asker, number: int, to: Person, expected: int | None = None) -> Blocker:
    """Hand it to `to`, who is paged; until they acknowledge, it climbs. Handing it to oneself is acknowledging it."""
    blocker = rights.still_open(tx, asker, number, expected)
    taken, owner = blocker.state == State.ACKNOWLEDGED, blocker.owner
    if to.key == asker.person.key and blocker.owner != to.key:
        if taken:
            models.give_back(blocker)
        acknowledge(tx, asker, number)
        notices.tell_former(tx, blocker, asker, owner, to)
        return blocker
    rights.reassigns(tx, asker, blocker)
    if to.key == blocker.owner:
        raise Refused(f"{asker.directory.called(to)} already has blocker {number}.")
    if to.key == blocker.handed_to:
        raise Refused(f"{asker.directory.called(to)} was already asked to take blocker {number}.")
    rights.takes(tx, asker, blocker, to)
    refuse_lost([to])
    if to.vacant or asker.directory.reach(to) is None:
        why = "the plan has no Slack account, e-mail or fallback for them"
        raise Refused(f"I can't reach {markup.escape(to.name)}: {why}. Name somebody else.")
    models.give_back(blocker, handed_to=to.key)
    changed(tx, blocker, asker, Verb.HANDED_ON, to=to.key)
    if taken:
        escalation.let_go(tx, blocker.subject)
    notices.page_handed(tx, blocker, asker, to)
    notices.tell_former(tx, blocker, asker, owner, to)
    return blocker


def resolve(
    tx: Tx, asker: Asker, number: int, outcome: str = "", ticked: Sequence[str] = (), expected: int | None = None
) -> Blocker:
    """It is solved. `outcome` says what helped, and `ticked` what of the checklist was done."""
    blocker = rights.still_open(tx, asker, number, expected)
    rights.resolves(tx, asker, blocker)
    if other := _same(tx, asker, outcome):
        return _join(tx, asker, blocker, other)
    return _close(tx, asker, blocker, State.RESOLVED, Verb.RESOLVED, outcome, ticked)


def _same(tx: Tx, asker: Asker, said: str) -> Blocker | None:
    """The other blocker that one is the same as, where that is what was said."""
    same = models.SAME.fullmatch(said.strip())
    return rights.still_open(tx, asker, int(same[1]), None) if same else None


def _join(tx: Tx, asker: Asker, blocker: Blocker, other: Blocker) -> Blocker:
    """It is the same thing as another one, which goes on for both; whoever raised it hears how that goes."""
    rights.joins(tx, asker, blocker, other)
    models.join(blocker, other)
    escalation.involve(tx, other.subject, [blocker.team] if blocker.team else ())
    _note(tx, asker, other, f"Blocker {blocker.number} is the same: {blocker.what}")
    outbox.touch(tx, KIND, [other.number])
    return _close(tx, asker, blocker, State.WITHDRAWN, Verb.WITHDRAWN, models.SAME_AS.format(other.number))


def withdraw(tx: Tx, asker: Asker, number: int, reason: str = "", expected: int | None = None) -> Blocker:
    """It was raised by mistake."""
    blocker = rights.still_open(tx, asker, number, expected)
    rights.may_withdraw(tx, asker, blocker)
    if other := _same(tx, asker, reason):
        return _join(tx, asker, blocker, other)
    return _close(tx, asker, blocker, State.WITHDRAWN, Verb.WITHDRAWN, reason)


def reopen(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Blocker:
    """It is back: a new climb begins."""
    blocker = rights.known(tx, asker, number)
    refuse_old(tx, asker, blocker, f"Blocker {number}", expected)
    if blocker.is_open:
        raise Refused(f"Blocker {number} is already open.")
    rights.may(tx, asker, blocker, "reopen", blocker.owner, blocker.reporter, blocker.closed_by)
    by_program = blocker.reporter not in asker.directory.people
    return come_back(tx, asker, blocker, escalation.followed(tx, blocker.subject) if by_program else "")


def come_back(tx: Tx, asker: Asker, blocker: Blocker, follows: str = "") -> Blocker:
    """Open it again without asking whether the asker may; it climbs as in `raise_blocker`."""
    models.reopen(blocker)
    changed(tx, blocker, asker, Verb.REOPENED)
    _climb(tx, asker, blocker, follows)
    return blocker


def settle(tx: Tx, asker: Asker, number: int, outcome: str) -> None:
    """The program that raised it says that it is over; nothing where it is closed already."""
    blocker = store.find(tx, number, lock=True)
    if blocker is not None and blocker.is_open:
        _close(tx, asker, blocker, State.RESOLVED, Verb.RESOLVED, outcome)


def find(tx: Tx, number: int) -> Blocker | None:
    """A blocker, to be changed."""
    return store.find(tx, number, lock=True)


def note(tx: Tx, asker: Asker, number: int, text: str) -> Blocker:
    """Say something about it: it is not idle."""
    blocker = rights.still_open(tx, asker, number, None)
    rights.notes(tx, asker, blocker)
    _note(tx, asker, blocker, markup.needed(text, f"Say what is new: `/blocker note {number} mongo answers again`"))
    _stir(tx, asker.directory, asker.person, blocker.number)
    return blocker


def said_in_thread(tx: Tx, workspace: str, channel: str, stamp: str, user: str) -> None:
    """Somebody of the plan wrote in the thread of a blocker's card: it is not idle."""
    delivery = outbox.posted(tx, workspace, channel, stamp)
    if delivery and delivery.subject_kind == KIND:
        directory = teams.directory(tx, delivery.plan_id)
        _stir(tx, directory, directory.by_slack(user), delivery.subject_id)


def team_concerned(asker: Asker, channel_team: str | None) -> str | None:
    """The reporter's team; the channel's where they have several or none."""
    own = [team.key for team in asker.directory.teams_of(asker.person)]
    if channel_team and (channel_team in own or not own):
        return channel_team
    return own[0] if own else channel_team


def open_ones(tx: Tx, plan_id: int) -> Sequence[Blocker]:
    """The open blockers of a plan, oldest first."""
    return store.open_in(tx, plan_id)


def likely_meant(tx: Tx, asker: Asker) -> list[Blocker]:
    """The open blockers that somebody may mean who names none: theirs, that wait for them, or that they raised."""
    return list(store.waiting_for(tx, asker.directory.plan_id, asker.person.key, raised=True))


def waiting_for(tx: Tx, asker: Asker) -> list[Blocker]:
    """The open blockers that wait for the asker: theirs, handed to them, or paged to them and nobody has it."""
    return list(store.waiting_for(tx, asker.directory.plan_id, asker.person.key))


def severity_by(tx: Tx, plan_id: int, policy: str) -> str | None:
    """The gravest severity with a policy; None where none has it."""
    return next((name for name, own in reversed(settings(tx, plan_id).severities.items()) if own == policy), None)


def remark(tx: Tx, directory: Directory, number: int, text: str) -> bool:
    """Callboard itself says something in the thread of a blocker; whether it is still open."""
    blocker = store.find(tx, number, lock=True)
    if blocker is None or not blocker.is_open:
        return False
    _note(tx, Asker(directory, CALLBOARD), blocker, text)
    return True


def _note(tx: Tx, asker: Asker, blocker: Blocker, text: str) -> None:
    _record(tx, blocker, asker, Verb.NOTED, said=text)
    notices.tell_line(tx, blocker, asker, Verb.NOTED, said=text)


def _climb(tx: Tx, asker: Asker, blocker: Blocker, follows: str = "") -> None:
    concern = _concern(asker.directory, blocker.team, blocker.reporter, blocker.waits_for)
    digest = follows or _policy(tx, asker, blocker.severity)
    escalation.start(tx, blocker.plan_id, blocker.subject, digest, concern, holder=blocker.owner)


def _concern(directory: Directory, team: str | None, reporter: str, waits_for: str | None) -> Concern:
    """Its team, and the team of whom it waits for."""
    people = directory.named([waits_for] if waits_for else ())
    others = (other.key for person in people for other in directory.teams_of(person)[:1] if other.key != team)
    return Concern(team=team, teams=tuple(others), reporter=reporter, assignees=tuple(person.key for person in people))


def _policy(tx: Tx, asker: Asker, severity: str | None) -> str:
    """The policy of a severity; without any in the plan one that pages nobody."""
    if not escalation.has_policies(tx, asker.directory):
        return escalation.keep_policy(tx, NOBODY)
    rules = settings(tx, asker.directory.plan_id)
    policy = rules.severities.get(severity or "") or rules.severities[usual_severity(rules)]
    return escalation.digest(tx, asker.directory, policy)


def _stir(tx: Tx, directory: Directory, person: Person | None, number: int) -> None:
    """Whoever only follows the plan does not keep a blocker from being idle."""
    if person is None or looks_on(directory, person):
        return
    escalation.stir(tx, timeline.Subject(KIND, number))
    outbox.touch(tx, KIND, [number])


def _close(
    tx: Tx, asker: Asker, blocker: Blocker, state: State, verb: Verb, outcome: str, ticked: Sequence[str] = ()
) -> Blocker:
    models.close(blocker, state, asker.person.key, tx.now, outcome.strip() or None)
    changed(tx, blocker, asker, verb, said=blocker.outcome, **({"ticked": list(ticked)} if ticked else {}))
    escalation.end(tx, blocker.subject)
    notices.tell_reporter(tx, blocker, asker)
    tx.publish(BlockerResolved(blocker))
    return blocker


def changed(tx: Tx, blocker: Blocker, asker: Asker, verb: Verb, **facts: Any) -> None:
    """Note what somebody did to a blocker, in its thread and on its card, and publish it."""
    blocker.changes += 1
    _record(tx, blocker, asker, verb, **facts)
    notices.tell_line(tx, blocker, asker, verb, **({"said": None} | facts))
    outbox.touch(tx, KIND, [blocker.number], superseded=not blocker.is_open)
    tx.publish(BlockerChanged(blocker, verb))


def _record(tx: Tx, blocker: Blocker, asker: Asker, verb: Verb, **facts: Any) -> None:
    """`change` lets an old button say what has happened since."""
    stands = {"state": str(blocker.state), "owner": blocker.owner, "team": blocker.team, "severity": blocker.severity}
    timeline.record(
        tx, blocker.plan_id, blocker.subject, verb, actor=asker.person.key, change=blocker.changes, standing=stands,
        **facts,
    )  # fmt: skip
