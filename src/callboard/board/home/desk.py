"""What leads see of their teams, and coordinators of the whole plan: who is stuck, silent, or must decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from callboard.blocks import markup as m
from callboard.board.home.duties import WHAT
from callboard.board.home.overview import Reader
from callboard.cadences import service as cadences
from callboard.checkpoints import store as checkpoints
from callboard.conflicts import store as conflicts
from callboard.conflicts.models import GRAVE
from callboard.conflicts.models import State as Conflicting
from callboard.core.db import Tx
from callboard.core.words import joined
from callboard.emergencies import store as emergencies
from callboard.emergencies.plan import COMMANDER
from callboard.gates import store as gates
from callboard.gates.assessment import looks
from callboard.gates.messages import in_list
from callboard.gates.models import State as Gating
from callboard.planning import chapters
from callboard.standups import schedule
from callboard.standups import store as standups
from callboard.standups.models import CheckIn
from callboard.standups.models import State as CheckingIn
from callboard.tasks.models import State, is_overdue
from callboard.teams.directory import COORDINATOR, Person, Team

A_DAY = timedelta(days=1)
NAMED = 8


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The control desk, a line each: what needs a decision, who has not answered, what is next."""

    decide: Sequence[str]
    silent: Sequence[str]
    coming: Sequence[str]


def of_teams(reader: Reader) -> dict[str, list[str]]:
    """For each team that they lead: who is blocked, late, away or has not checked in."""
    directory, person = reader.who.directory, reader.who.person
    led = [team for team in directory.teams_of(person) if directory.is_lead(person, team.key)]
    missing = _missing(reader) if led else {}
    return {team.name: list(_members(reader, team, missing)) for team in led}


def _members(reader: Reader, team: Team, missing: dict[str, list[str]]) -> Iterator[str]:
    directory, fine = reader.who.directory, list[str]()
    for member in directory.members_of(team.key):
        if found := list(_trouble(reader, member, missing)):
            yield f"• {directory.called(member)}: {'; '.join(found)}"
        elif member.key != reader.me:
            fine.append(directory.called(member))
    if free := reader.overview.free.get(team.key):
        yield f"• free to claim: {joined(free, NAMED)}"
    if fine:
        yield f"• nothing late or blocked: {joined(fine, NAMED)}"


def _trouble(reader: Reader, member: Person, missing: dict[str, list[str]]) -> Iterator[str]:
    now = reader.tx.now
    own = reader.overview.tasks.get(member.key, ())
    if days := member.absence(now):
        yield f"away ({days})"
    if raised := [str(blocker.number) for blocker in reader.opened if blocker.reporter == member.key]:
        yield f"waits for {'blocker' if len(raised) == 1 else 'blockers'} {joined(raised, NAMED)}"
    for task in own:
        if task.status == State.BLOCKED:
            by = f" by blocker {task.blocker}" if task.blocker else ""
            yield f"{m.bold(task.key)} is blocked{by}"
    if late := [task.key for task in own if is_overdue(task, now) and task.status != State.BLOCKED]:
        yield f"{joined(late, NAMED)} late"
    if member.key in missing:
        yield f"no check-in yet ({joined(missing[member.key])})"


def _missing(reader: Reader) -> dict[str, list[str]]:
    """The standups of today, by who has not reported there."""
    tx, book = reader.tx, schedule.book_of(reader.tx, reader.plan_id).standups
    found: dict[str, list[str]] = {}
    for row in reader.overview.once(_check_ins):
        silent = row.state in (CheckingIn.WAITING, CheckingIn.MISSED) and row.asked_at <= tx.now
        if silent and row.standup in book:
            found.setdefault(row.person, []).append(m.escape(book[row.standup].name))
    return found


def _check_ins(tx: Tx, plan_id: int) -> Sequence[CheckIn]:
    return standups.every(tx, plan_id, (tx.now - A_DAY / 2).date())


def of(reader: Reader) -> Desk | None:
    """The control desk; None for whoever does not coordinate."""
    directory, person = reader.who.directory, reader.who.person
    if not directory.has_role(person, COORDINATOR):
        return None
    found = chapters.of(reader.tx, directory, person)
    held = [line for title, lines in found.items() if title.endswith("on hold") for line in lines]
    return Desk(
        decide=[*_decisions(reader)], silent=[*_silent(reader)], coming=[*(found.get("Next") or ()), *held]
    )  # fmt: skip


def _decisions(reader: Reader) -> Iterator[str]:
    yield from _emergencies(reader)
    yield from _gates(reader)
    yield from _untaken(reader)
    for conflict in reader.overview.once(conflicts.standing):
        if conflict.degree in GRAVE and conflict.state != Conflicting.ACCEPTED and not conflict.decision:
            yield f":zap: Conflict {conflict.number} ({conflict.degree}): `/lock decide {conflict.number} ...`"


def _emergencies(reader: Reader) -> Iterator[str]:
    for emergency in emergencies.open_in(reader.tx, reader.plan_id):
        if COMMANDER not in emergency.roles:
            yield f":rotating_light: Nobody commands emergency {emergency.number}: `/emergency take {emergency.number}`"


def _gates(reader: Reader) -> Iterator[str]:
    """Gates that were missed, and those that passed with what is no longer so."""
    for gate in gates.listed(reader.tx, reader.plan_id):
        if gate.state == Gating.FAILED:
            due = f" since {m.date(gate.due_at, 'both')}" if gate.due_at else ""
            yield f":red_circle: {m.escape(gate.name)} is overdue{due}: `/gate show {gate.key}`"
        elif gate.settled and gate.doubt:
            yield f":warning: {m.escape(gate.name)} is in doubt: `/gate show {gate.key}`"


def _untaken(reader: Reader) -> Iterator[str]:
    """Blockers and late tasks that nobody has."""
    for blocker in reader.opened:
        if blocker.owner is None:
            what, since = m.clip(" ".join(blocker.what.split()), WHAT), m.date(blocker.opened_at, "both")
            yield f":octagonal_sign: Nobody has blocker {blocker.number}, {what}, open since {since}"
    tasks = reader.scene.tasks.values()
    late = [task.key for task in tasks if not task.assignees and is_overdue(task, reader.tx.now)]
    if late:
        yield f":alarm_clock: Late, and nobody has it: {joined(late, NAMED)}. `/task assign`"


def _silent(reader: Reader) -> Iterator[str]:
    """Who has not answered what they were asked."""
    tx, plan_id, directory = reader.tx, reader.plan_id, reader.who.directory
    ready = [gate for gate in gates.listed(tx, plan_id) if gate.state == Gating.READY]
    for view in in_list(looks(tx, ready)):
        if view.missing:
            yield f"{m.escape(view.gate.name)} is ready, and {view.missing} can sign it"
    missing = _missing(reader)
    for name in dict.fromkeys(name for names in missing.values() for name in names):
        who = [directory.called(person) for person, names in missing.items() if name in names]
        yield f"{name}: no check-in from {joined(who, NAMED)}"
    for inquiry in checkpoints.open_inquiries(tx, plan_id):
        name = checkpoints.checkpoint(tx, inquiry.checkpoint_id).name
        yield f"Checkpoint {m.escape(name)}: no answer from {joined(map(directory.called, inquiry.people), NAMED)}"
    if stale := cadences.stale(tx, plan_id, tx.now - A_DAY):
        yield f"Asked for their status, no answer about {joined(stale, NAMED)}"
