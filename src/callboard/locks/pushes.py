"""What a push may not change, and what git shows of what is locked: branches, pushes, checks of CI."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from callboard.blocks import markup as m
from callboard.branches import identities
from callboard.branches import service as branches
from callboard.branches.models import Branch, CheckReport, CheckState
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import complete, counted, few
from callboard.locks import messages, rights, store, targets
from callboard.locks.models import KEEPING, Allowance, Lock, Rival, Verb
from callboard.locks.targets import Known, Target, reaches
from callboard.tasks import service as tasks
from callboard.tasks.models import Task
from callboard.teams.directory import COORDINATOR, Asker
from callboard.teams.service import Directory, Person
from callboard.zones import service as zones
from callboard.zones.owners import Rule
from callboard.zones.sections import Stack

CHECKS = complete(CheckState, {
    CheckState.FAILED: ":x:", CheckState.RUNNING: ":hourglass_flowing_sand:", CheckState.PASSED: ":white_check_mark:",
})  # fmt: skip
BRANCHES = 4
DATE = re.compile(r"<!date\^(\d+)\^[^<>]*>")
MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")


@dataclass(frozen=True)
class Touched:
    """A file that a push changes, and in which sections. `fresh`: its commits were not on the server before."""

    path: str
    kind: str
    sections: Collection[Stack] | None = None
    fresh: bool = True


@dataclass(frozen=True)
class Push:
    """Who brings which changes of which branch; `names` are what git and its server call them, the surest first.

    `into` is the branch that would change; empty where only files are asked about.
    """

    repository: str
    branch: str
    names: Sequence[str]
    touched: Sequence[Touched]
    into: str = ""


@dataclass(frozen=True)
class Refusal:
    """A file that may not be changed: `why` is `locked` or `zone`. Of a `frozen` branch, `path` is its name."""

    path: str
    kind: str
    why: str
    detail: str
    lock: int | None


@dataclass(frozen=True)
class Finding:
    """Who pushes, how many locks and zones were looked at, and which files they may not change."""

    person: str
    team: str
    locks: int
    zones: int
    refused: list[Refusal]


def judge(tx: Tx, plan_id: int, push: Push) -> Finding:
    """Look at every file; nothing is changed."""
    known = identities.of(tx, plan_id)
    person = known.person(*push.names)
    team = known.team(push.branch, person)
    locks = _kept(tx, plan_id, push.repository)
    rules = zones.standing(tx, plan_id)
    judge = _Judge(tx, known.directory, push, person, team)
    refused = [refusal for touched in push.touched if (refusal := judge.refusal(touched, locks, rules))]
    if push.into and (why := frozen(tx, plan_id, push.repository, push.into, push.names)):
        refused.insert(0, Refusal(push.into, "branch", "frozen", why, None))
    return Finding(person, team, len(locks), len(rules), refused)


def frozen(tx: Tx, plan_id: int, repository: str, into: str, names: Sequence[str]) -> str:
    """Why a branch takes no changes of theirs now, in plain words; empty where it does."""
    known = identities.of(tx, plan_id)
    person = known.person(*names)
    why = tx.of(branches.FROZEN)(tx, plan_id, repository, into, person)
    pusher, directory = known.directory.people.get(person), known.directory
    return in_git(directory, why, pusher.zone if pusher else directory.calendar.zone)


def covers(allowances: Iterable[Allowance], repository: str, path: str, stacks: Collection[Stack] | None) -> bool:
    every = (targets.read(text, Known((repository,))) for allowance in allowances for text in allowance.targets)
    return any(reaches(target, repository, path, stacks) and _holds_all(target, stacks) for target in every)


class _Judge:
    def __init__(self, tx: Tx, directory: Directory, push: Push, person: str, team: str) -> None:
        self._tx, self._directory, self._repository, self._person = tx, directory, push.repository, person
        pusher = directory.people.get(person)
        self._own = {own.key for own in directory.teams_of(pusher)} if pusher else {team} - {""}
        self._runs = bool(pusher and directory.has_role(pusher, COORDINATOR))
        self._asker = Asker(directory, pusher or Person(key="", name="somebody"))
        self._zone = pusher.zone if pusher else directory.calendar.zone
        self._allowed = store.allowances(tx, directory.plan_id, person)
        self._sentences: dict[int, str] = {}

    def refusal(
        self, touched: Touched, locks: Sequence[tuple[Lock, Sequence[Target]]], rules: Sequence[Rule]
    ) -> Refusal | None:
        """Why a file may not be changed; None where it may."""
        place = self._repository, touched.path, touched.sections
        for lock, locked in locks:
            if lock.holder != self._person and any(reaches(target, *place) for target in locked):
                return Refusal(touched.path, touched.kind, "locked", self._locked(lock, touched), lock.number)
        if not touched.fresh or self._runs:
            return None
        for owned in zones.changed(rules, touched.path, touched.sections):
            if owned.teams and not self._own.intersection(owned.teams) and not covers(self._allowed, *place):
                whose = rights.whose(self._directory, owned)
                sentence = f"`{owned.path}` is {whose}, by the zone `{owned.pattern}`"
                return Refusal(touched.path, touched.kind, "zone", in_git(self._directory, sentence, self._zone), None)
        return None

    def _locked(self, lock: Lock, touched: Touched) -> str:
        """Whose lock it is; the sentence is made once, however many files the lock holds."""
        if lock.number not in self._sentences:
            rivals = store.with_lines(self._tx, [Rival(lock, "\x00")])
            sentence = messages.taken(self._asker, self._tx.now, rivals, 1)
            self._sentences[lock.number] = in_git(self._directory, sentence, self._zone)
        return self._sentences[lock.number].replace("\x00", touched.path)


def _holds_all(target: Target, stacks: Collection[Stack] | None) -> bool:
    """Whether all sections that a change touches are within the target."""
    wanted = target.section.casefold()
    return not wanted or (stacks is not None and all(wanted in map(str.casefold, stack) for stack in stacks))


def _kept(tx: Tx, plan_id: int, repository: str) -> list[tuple[Lock, Sequence[Target]]]:
    table = store.table(tx, plan_id)
    numbers = [number for number, (state, wanted) in table.items()
               if state in KEEPING and any(target.is_in(repository) for target in wanted)]  # fmt: skip
    return [(lock, table[lock.number][1]) for lock in store.numbered(tx, numbers) if lock.keeps(tx.now)]


def touching(tx: Tx, plan_id: int, wanted: Iterable[Target], besides: str = "") -> list[tuple[Branch, list[str]]]:
    """The live branches that change any of this, with the files; without those of the person `besides`."""
    files = [target for target in wanted if target.kind != "thing"]
    if not files:
        return []
    return branches.touching(tx, plan_id, lambda *at: any(reaches(file, *at) for file in files), besides=besides)


def others_at_work(tx: Tx, directory: Directory, lock: Lock) -> str:
    """Whose branches touch what somebody just locked. Empty where no branch does, or nothing is mirrored."""
    found = touching(tx, lock.plan_id, store.targets_of(tx, lock), lock.holder)
    more = [f"and {len(found) - BRANCHES} more branches"] * (len(found) > BRANCHES)
    return "\n".join([*(branch_line(directory, *each) for each in found[:BRANCHES]), *more])


def impact(tx: Tx, directory: Directory, lock: Lock) -> str:
    """What whoever locks something reads: who else works there, where to roll back to, what builds on it."""
    wanted = store.targets_of(tx, lock)
    later, files = depending(tx, lock.plan_id, wanted), [target for target in wanted if target.kind != "thing"]
    lines = [others_at_work(tx, directory, lock), *(_points(lock, wanted) if files else [])]
    return "\n".join(
        filter(None, [*lines, f"Tasks that build on it: {', '.join(map(m.escape, later))}." if later else ""])
    )


def _points(lock: Lock, wanted: Sequence[Target]) -> list[str]:
    """Where to roll back to: the newest commit of main when the lock began."""
    return [
        f"Rollback point of {m.escape(repository)}: `{point[:12]}`" for repository, point in lock.points.items()
        if any(target.is_in(repository) for target in wanted)
    ]  # fmt: skip


def meanwhile(tx: Tx, directory: Directory, lock: Lock) -> str:
    """What changed while it was held, where to roll back to, and which branches and tasks that concerns."""
    wanted = store.targets_of(tx, lock)
    pushes = _pushes(tx, lock)
    names = [f"`{escaped(push['branch'])}` ({m.escape(directory.spoken_of(push['team'])) or '–'})" for push in pushes]
    lines = [f"Meanwhile {counted(len(pushes), 'push', 'pushes')} touched it: {', '.join(dict.fromkeys(names))}."]
    lines = [*lines[: len(pushes)], *_points(lock, wanted)]
    lines += [branch_line(directory, *each) for each in touching(tx, lock.plan_id, wanted, lock.holder)[:BRANCHES]]
    later = depending(tx, lock.plan_id, wanted)
    return "\n".join([*lines, *([f"Tasks that build on it: {', '.join(map(m.escape, later))}."] if later else [])])


def checks(tx: Tx, lock: Lock) -> list[str]:
    """What CI reported of the newest commit of each branch that was pushed while the lock was held."""
    newest = {(push["repository"], push["branch"]): push["commit"] for push in _pushes(tx, lock)}
    lines = [
        _check_line(branch, commit, branches.check_reports(tx, lock.plan_id, repository, commit))
        for (repository, branch), commit in list(newest.items())[-BRANCHES:]
    ]
    return [*lines, *[f"and {len(newest) - BRANCHES} more branches"] * (len(newest) > BRANCHES)]


def depending(tx: Tx, plan_id: int, wanted: Sequence[Target]) -> list[str]:
    """The first open tasks that name any of these files, or need such a task."""
    every = tasks.tasks(tx, plan_id)
    here = {task.key for task in every if any(targets.clash(file, one) for file in of_task(task) for one in wanted)}
    found = [task.key for task in every if task.status != "completed" and (task.key in here or here & set(task.needs))]
    return found[:BRANCHES]


def of_task(task: Task, *repositories: str) -> list[Target]:
    """The files that a task names, as far as they can be read."""
    found = []
    for written in task.files:
        try:
            found.append(targets.read(written, Known(repositories)))
        except Refused:
            continue
    return [target for target in found if target.kind != "thing"]


def in_git(directory: Directory, sentence: str, zone: ZoneInfo) -> str:
    """A sentence made for Slack in plain words on one line, with times in the zone of whoever reads it."""
    text = sentence.replace("\n", " ")
    text = DATE.sub(lambda date: f"{datetime.fromtimestamp(int(date[1]), zone):%Y-%m-%d %H:%M %Z}", text)
    names = {mention: directory.by_slack(mention) for mention in MENTION.findall(text)}
    text = MENTION.sub(lambda user: person.name if (person := names[user[1]]) else "somebody", text)
    return m.unescape(text.replace("`", ""))


def escaped(text: str) -> str:
    """A name from git as a message may hold it."""
    return m.escape(text.replace("`", "'").replace("\n", "\\n"))


def branch_line(directory: Directory, branch: Branch, files: Sequence[str]) -> str:
    """A branch that touches something: whose it is, and which files."""
    person, team = directory.people.get(branch.person), directory.teams.get(branch.team)
    who = directory.called(person) if person else escaped(branch.author) or "somebody"
    whose = f"{who}{f' ({m.escape(team.name)})' if team else ''}"
    touched = few([f"`{escaped(path)}`" for path in files], BRANCHES, " ")
    return f":eyes: `{escaped(branch.name)}` of {whose} touches {touched}"


def _check_line(branch: str, commit: str, reports: Sequence[CheckReport]) -> str:
    by_state = {kind: [escaped(one.name) for one in reports if one.state == kind] for kind in CheckState}
    lines = [f"{CHECKS[kind]} {kind}: {few(names, BRANCHES)}" for kind, names in by_state.items() if names]
    return f"`{escaped(branch)}` at `{commit[:12]}`: {', '.join(lines) or 'no check has reported'}"


def _pushes(tx: Tx, lock: Lock) -> list[Mapping[str, Any]]:
    return [entry.facts for entry in timeline.history(tx, lock.subject) if entry.verb == Verb.PUSHED]
