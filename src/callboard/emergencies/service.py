"""The verbs of an emergency, from declaring it to its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from callboard.blocks import markup as m
from callboard.conflicts import service as conflicts
from callboard.conflicts.models import KIND as CONFLICT
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.emergencies import audience, halts, models, notices, rights, store
from callboard.emergencies.models import Declared, Emergency, State, Verb
from callboard.emergencies.plan import COMMANDER, EMERGENCIES, EmergencyPart, part_of
from callboard.escalation import service as escalation
from callboard.escalation.models import A_DAY
from callboard.planfile.times import show_span
from callboard.plans import service as plans
from callboard.plans import store as plan_rows
from callboard.teams import service as teams
from callboard.teams.directory import Asker, Person
from callboard.teams.old_buttons import refuse_old
from callboard.teams.rights import looks_on, refuse_lost
from callboard.teams.service import Concern

MOST_ACTIONS, LONGEST, LONGEST_NAME = 50, 2000, 80
OF_CONFLICT = f"{CONFLICT}:"


def levels(tx: Tx, plan_id: int) -> dict[str, EmergencyPart]:
    """The levels of a plan, the gravest first. Raises Refused where it has none."""
    parts = plans.live(tx, plan_id).of(EMERGENCIES) or {}
    if not parts:
        raise Refused("This plan has no emergencies. They go into the plan file, under `emergencies`.")
    return dict(sorted(parts.items()))


def declare(  # noqa: PLR0913 - what is known of it comes from many sides
    tx: Tx, plan: int, level: str, what: str, *, by: Asker | None, cause: str, key: str = "", team: str | None = None,
    others: Sequence[str] = (), policy: str = "", respond: timedelta | None = None,
) -> Emergency:  # fmt: skip
    """Declare an emergency in a plan, by its id: everybody whom the level names is told at once.

    `cause` is what declared it, as people read it, where nobody did: "alert HighErrorRate". The same `key` while one is
    open returns that one. Besides `team` it may concern `others`, whose leads are told where leads are. What it is
    about may have a `policy` and a time to `respond` of its own.
    """
    parts, what = levels(tx, plan), what.strip()
    if level not in parts:
        raise unknown(f"There is no level `{m.clip(level, 40)}`", level, parts)
    if not m.says_something(what):
        raise Refused(f"Say in a few words what happened: `/emergency {level} database is gone`.")
    if key:
        plan_rows.locked(tx, plan)
        if present := store.keyed(tx, plan, key):
            return present
    directory, body = teams.directory(tx, plan), _written(tx, plan, level)
    if policy:
        within = min(filter(None, (respond, parts[level].respond_within)), default=None)
        body |= {"policy": policy} | ({"respond_within": show_span(within)} if within else {})
    part = EmergencyPart.model_validate(body)
    emergency = Emergency(
        plan_id=plan, level=level, name=m.clip(part.name, LONGEST_NAME), what=m.clip(what, LONGEST), cause=cause,
        key=key, team=team, by=by.person.key if by else None, channel=_channel(tx, plan, part, team),
        declared_at=tx.now,
        written=body, actions=[{"text": m.escape(text)} for text in part.actions],
        resolve_at=tx.now + part.resolve_within if part.resolve_within else None,
    )  # fmt: skip
    models.set_wake(emergency, part.update_every)
    tx.session.add(emergency)
    tx.session.flush()
    record(tx, emergency, Verb.DECLARED, emergency.by or timeline.BOT, said=emergency.what, level=level, cause=cause)
    notices.post_card(tx, directory, emergency)
    climb(tx, emergency, part, tuple(others))
    halts.apply(tx, directory, emergency, part)
    tx.publish(Declared(emergency))
    return emergency


def lasting(tx: Tx, plan: int, key: str) -> Emergency | None:
    """The emergency that was declared with a key, while it is open."""
    return store.keyed(tx, plan, key)


def told_of(tx: Tx, plan: int, key: str) -> dict[str, bool] | None:
    """Whom the emergency with a key tells while nobody takes command, and if it has; None while there is none."""
    found = lasting(tx, plan, key)
    if found is None:
        return None
    return dict.fromkeys(escalation.will_tell(tx, found.subject, tx.now + A_DAY), False) | dict.fromkeys(
        found.told, True
    )


def take(tx: Tx, asker: Asker, number: int | None, role: str = COMMANDER) -> Emergency:
    """Take a role that nobody has. With command the climb stops, and the clock of updates begins."""
    emergency = rights.still_open(tx, asker, number)
    role = _role(emergency, role)
    rights.works(asker, emergency, f"be {role} of")
    if holder := emergency.roles.get(role):
        if holder == asker.person.key:
            raise Refused(f"You are {role} of emergency {emergency.number} already.")
        hand = f"`/emergency hand {emergency.number} {role} @you`"
        raise Refused(f"{asker.directory.called(holder)} is {role} of emergency {emergency.number}. They can {hand}.")
    give(tx, emergency, role, asker.person.key)
    return emergency


def give(tx: Tx, emergency: Emergency, role: str, person: str) -> None:
    """Somebody has a role from now on."""
    _give(tx, emergency, role, person)
    changed(tx, emergency, Verb.TOOK, person, role=role)


def hand(tx: Tx, asker: Asker, number: int | None, role: str, to: Person) -> Emergency:
    """Hand a role over: its holder may, the commander and coordinators. Whoever has it now is told, and who had it."""
    emergency = rights.still_open(tx, asker, number)
    role = _role(emergency, role)
    rights.leads(tx, asker, emergency, f"name the {role} of", emergency.roles.get(role))
    name = asker.directory.called(to)
    refuse_lost([to])
    if to.vacant or looks_on(asker.directory, to):
        why = "is a vacant seat" if to.vacant else f"only follows {m.escape(asker.directory.plan_name)}"
        raise Refused(f"{name} {why}, so they can't be {role}. Name somebody else.")
    if emergency.roles.get(role) == to.key:
        raise Refused(f"{name} is {role} of emergency {emergency.number} already.")
    was = emergency.roles.get(role)
    _give(tx, emergency, role, to.key)
    changed(tx, emergency, Verb.HANDED, asker.person.key, role=role, to=to.key, was=was)
    if to.key != asker.person.key:
        notices.tell_person(tx, asker.directory, emergency, to, Verb.HANDED, role=role, by=asker.person.key)
    former = asker.directory.people.get(was or "")
    if former and former.key != asker.person.key:
        facts = {"role": role, "by": asker.person.key, "heir": to.key}
        notices.tell_person(tx, asker.directory, emergency, former, Verb.HANDED, **facts)
    return emergency


def vacate(tx: Tx, emergency: Emergency, role: str) -> None:
    """Whoever has a role has left the plan: it is free, and without a commander the climb goes on."""
    left = emergency.roles[role]
    emergency.roles = {name: key for name, key in emergency.roles.items() if name != role}
    if role == COMMANDER:
        escalation.let_go(tx, emergency.subject)
    changed(tx, emergency, Verb.LEFT, timeline.BOT, role=role, to=left)
    if role == COMMANDER:
        notices.tell_vacant(tx, emergency, left)


def update(tx: Tx, asker: Asker, number: int | None, said: str) -> Emergency:
    """Say how it stands: the commander does, their scribe, or a coordinator."""
    emergency = rights.still_open(tx, asker, number)
    rights.may_update(tx, asker, emergency)
    text = _text(said, f"Say how it stands: `/emergency update {emergency.number} the replica takes over`.")
    models.update(emergency, text, tx.now, part_of(emergency).update_every)
    changed(tx, emergency, Verb.UPDATED, asker.person.key, said=text)
    return emergency


def add_action(tx: Tx, asker: Asker, number: int | None, text: str) -> Emergency:
    emergency = rights.still_open(tx, asker, number)
    rights.works(asker, emergency, "add an action to")
    text = _text(text, f"Say what is to be done: `/emergency action {emergency.number} restart the database`.")
    if len(emergency.actions) >= MOST_ACTIONS:
        raise Refused(f"Emergency {emergency.number} has {MOST_ACTIONS} actions. Finish some before you add more.")
    emergency.actions = [*emergency.actions, {"text": text}]
    changed(tx, emergency, Verb.ADDED, asker.person.key, said=text)
    return emergency


def tick(tx: Tx, asker: Asker, number: int | None, *places: int) -> Emergency:
    """Mark actions as done, by their numbers from 1."""
    emergency = rights.still_open(tx, asker, number)
    rights.may_act(tx, asker, emergency)
    for place in places:
        action = _action(emergency, place)
        if by := action.get("by"):
            undo = f"Not done? `/emergency untick {emergency.number} {place}`"
            raise Refused(f"{asker.directory.called(by)} did action {place} already. {undo}")
        models.tick(emergency, place - 1, {"by": asker.person.key, "at": tx.now.isoformat()})
        changed(tx, emergency, Verb.TICKED, asker.person.key, said=action["text"], action=place)
    return emergency


def untick(tx: Tx, asker: Asker, number: int | None, *places: int) -> Emergency:
    emergency = rights.still_open(tx, asker, number)
    rights.works(asker, emergency, "reopen actions of")
    for place in places:
        action = _action(emergency, place)
        if not action.get("by"):
            raise Refused(f"Action {place} is not done yet.")
        models.tick(emergency, place - 1, {})
        changed(tx, emergency, Verb.UNTICKED, asker.person.key, said=action["text"], action=place)
    return emergency


def decide(tx: Tx, asker: Asker, number: int | None, text: str) -> Emergency:
    """Record what was decided."""
    emergency = rights.still_open(tx, asker, number)
    rights.may_decide(tx, asker, emergency)
    text = _text(text, f"Say what was decided: `/emergency decide {emergency.number} we roll back`.")
    emergency.decisions = [*emergency.decisions, {"text": text, "by": asker.person.key, "at": tx.now.isoformat()}]
    changed(tx, emergency, Verb.DECIDED, asker.person.key, said=text)
    return emergency


def learn(tx: Tx, asker: Asker, number: int | None, *lessons: str) -> Emergency:
    """Record what was learned; afterwards, too."""
    emergency = rights.known(tx, asker, number, over=True)
    rights.works(asker, emergency, "add lessons to")
    for lesson in lessons:
        text = _text(lesson, f"Say what was learned: `/emergency lesson {emergency.number} watch the disk`.")
        emergency.lessons = [*emergency.lessons, text]
        changed(tx, emergency, Verb.LEARNED, asker.person.key, said=text)
    return emergency


def meet(tx: Tx, asker: Asker, number: int | None) -> Emergency:
    """Call a meeting: whoever has a role and the leads who know of it are told where."""
    emergency = rights.still_open(tx, asker, number)
    rights.works(asker, emergency, "call a meeting on")
    changed(tx, emergency, Verb.MET, asker.person.key)
    notices.tell_meeting(tx, asker.directory, emergency, asker.person.key)
    return emergency


def change_level(tx: Tx, asker: Asker, number: int | None, level: str, expected: int | None = None) -> Emergency:
    """Make it graver or milder. Whom a graver level names is told at once, as of a new one."""
    emergency = rights.still_open(tx, asker, number)
    rights.may_change_level(tx, asker, emergency)
    hint = f"`/emergency show {emergency.number}` shows it."
    refuse_old(tx, asker, emergency, f"Emergency {emergency.number}", expected, hint)
    parts, was = levels(tx, emergency.plan_id), emergency.level
    if level not in parts:
        raise unknown(f"There is no level `{m.clip(level, 40)}`", level, parts)
    if level == was:
        raise Refused(f"Emergency {emergency.number} is level {level} already.")
    part = parts[level]
    emergency.level, emergency.name = level, m.clip(part.name, LONGEST_NAME)
    emergency.written = _written(tx, emergency.plan_id, level)
    known = {action["text"] for action in emergency.actions}
    emergency.actions = [
        *emergency.actions,
        *({"text": text} for text in map(m.escape, part.actions) if text not in known),
    ]
    emergency.resolve_at = emergency.declared_at + part.resolve_within if part.resolve_within else None
    emergency.overdue = bool(emergency.resolve_at and emergency.resolve_at <= tx.now)
    heard_at, every = emergency.heard_at, part.update_every
    emergency.update_at = heard_at + every if heard_at and every else None
    emergency.asked = 0
    changed(tx, emergency, Verb.LEVELLED, asker.person.key, level=level, was=was)
    halts.apply(tx, asker.directory, emergency, part)
    if level < was:
        escalation.end(tx, emergency.subject)
        climb(tx, emergency, part)
        if commander := emergency.roles.get(COMMANDER):
            escalation.hold(tx, emergency.subject, commander)
    return emergency


def end(tx: Tx, asker: Asker, number: int | None, summary: str, lessons: Sequence[str] = ()) -> Emergency:
    """It is over. `summary` says what happened and what helped; whoever was told reads it."""
    emergency = rights.still_open(tx, asker, number)
    rights.may_end(tx, asker, emergency)
    text = _text(summary, f"Say what happened and what helped: `/emergency end {emergency.number} restarted it`.")
    for lesson in lessons:
        emergency.lessons = [*emergency.lessons, lesson]
        record(tx, emergency, Verb.LEARNED, asker.person.key, said=lesson)
    return _close(tx, asker, emergency, State.ENDED, Verb.ENDED, text)


def withdraw(tx: Tx, asker: Asker, number: int | None, why: str = "") -> Emergency:
    """It was a false alarm: whoever was told hears it."""
    emergency = rights.still_open(tx, asker, number)
    rights.may_withdraw(tx, asker, emergency)
    return _close(tx, asker, emergency, State.WITHDRAWN, Verb.WITHDRAWN, why.strip())


def reopen(tx: Tx, asker: Asker, number: int | None, expected: int | None = None) -> Emergency:
    """Its end was a mistake: it goes on where it stood, and whoever was told hears so."""
    emergency = rights.reopens(tx, asker, number)
    refuse_old(tx, asker, emergency, f"Emergency {emergency.number}", expected)
    since, by, part = emergency.ended_at or tx.now, emergency.ended_by or "", part_of(emergency)
    models.reopen(emergency, tx.now, part.update_every)
    changed(tx, emergency, Verb.REOPENED, asker.person.key)
    escalation.resume(tx, emergency.subject, since)
    halts.apply(tx, asker.directory, emergency, part)
    notices.tell_reopened(tx, asker.directory, emergency, asker.person.key, by)
    if emergency.key.startswith(OF_CONFLICT):
        conflicts.leave(tx, int(emergency.key.removeprefix(OF_CONFLICT)))
    return emergency


def climb(tx: Tx, emergency: Emergency, part: EmergencyPart, others: tuple[str, ...] = ()) -> None:
    """Tell everybody whom its level names, then page on while nobody has command."""
    directory = teams.directory(tx, emergency.plan_id)
    concern = Concern(team=emergency.team, teams=others, reporter=emergency.by)
    emergency.absent = audience.absent(tx, directory, part, concern)
    policy = audience.policy(tx, directory, part, concern)
    escalation.start(tx, emergency.plan_id, emergency.subject, escalation.keep_policy(tx, policy), concern)


def _channel(tx: Tx, plan_id: int, part: EmergencyPart, team: str | None) -> str:
    directory = teams.directory(tx, plan_id)
    return directory.address(part.channel) if part.channel else directory.home_channel(team)


def _written(tx: Tx, plan_id: int, level: str) -> dict[str, Any]:
    written: dict[str, Any] = (plans.live(tx, plan_id).body.get("emergencies") or {}).get(level) or {}
    return dict(written)


def _role(emergency: Emergency, role: str) -> str:
    known = part_of(emergency).every_role
    wanted = role.strip().lower()
    if wanted not in known:
        raise unknown(f"There is no role `{m.clip(wanted, 40)}`", wanted, known)
    return wanted


def _give(tx: Tx, emergency: Emergency, role: str, person: str) -> None:
    models.take(emergency, role, person, tx.now, part_of(emergency).update_every, COMMANDER)
    if role == COMMANDER:
        escalation.hold(tx, emergency.subject, person)


def _action(emergency: Emergency, place: int) -> dict[str, str]:
    if not 1 <= place <= len(emergency.actions):
        count = len(emergency.actions)
        has = f"Emergency {emergency.number} has {count} actions" if count else "It has no actions yet"
        raise Refused(f"There is no action {place}. {has}: `/emergency show {emergency.number}`")
    return emergency.actions[place - 1]


def _text(said: str, how: str) -> str:
    return m.clip(m.needed(said, how), LONGEST)


def _close(tx: Tx, asker: Asker, emergency: Emergency, state: State, verb: Verb, said: str) -> Emergency:
    models.close(emergency, state, asker.person.key, tx.now, said)
    changed(tx, emergency, verb, asker.person.key, said=said or None)
    escalation.end(tx, emergency.subject)
    halts.apply(tx, asker.directory, emergency, part_of(emergency))
    notices.tell_over(tx, asker.directory, emergency, asker.person.key)
    if state == State.WITHDRAWN and emergency.key.startswith(OF_CONFLICT):
        conflicts.climb_on(tx, int(emergency.key.removeprefix(OF_CONFLICT)))
    return emergency


def changed(tx: Tx, emergency: Emergency, verb: Verb, actor: str, *, said: str | None = None, **facts: Any) -> None:
    """Note what happened, in its thread and on its card."""
    emergency.changes += 1
    models.set_wake(emergency, part_of(emergency).update_every)
    tx.session.add(emergency)
    tx.session.flush()
    record(tx, emergency, verb, actor, said=said, **facts)
    notices.tell_line(tx, emergency, verb, actor, said=said, **facts)
    notices.show(tx, emergency)


def record(tx: Tx, emergency: Emergency, verb: Verb, actor: str, *, said: str | None = None, **facts: Any) -> None:
    resolve = emergency.resolve_at.isoformat() if emergency.resolve_at else None
    stands = {
        "state": str(emergency.state), "name": emergency.name, "team": emergency.team, "resolve": resolve,
        "commander": emergency.roles.get(COMMANDER),
    }  # fmt: skip
    timeline.record(
        tx, emergency.plan_id, emergency.subject, verb, actor=actor, said=said, change=emergency.changes,
        standing=stands, **facts,
    )  # fmt: skip
