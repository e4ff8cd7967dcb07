"""The verbs of the git-lfs locking API, whose token it sends, and locks as it lists them: one row for each file.

Where no mirror names the files, a pattern stands for itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from callboard.branches import service as branches
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.locks import messages, paths, pushes, service, store, targets
from callboard.locks.models import Lock, LockTarget, Rival, State
from callboard.locks.rights import Taken
from callboard.locks.targets import Known, Target, Wish, clash
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.service import Directory
from callboard.teams.web import gone
from callboard.web import tokens
from callboard.web.problems import Problem
from callboard.web.tokens import Barred, Bearer

READ, HOLD = SCOPES = ("locks:read", "locks:hold")
OK, MADE, MOVED, UNKNOWN, FORBIDDEN, GONE, TAKEN, WRONG = 200, 201, 307, 401, 403, 404, 409, 422
REASON, FORCED = "work with git", "git lfs unlock --force"
PAGE = 1000
NUMBER = re.compile("[0-9]{1,18}")
"""A number that every database can hold."""
TO_MAKE_ONE = "/lock token in Slack makes one for git."
SSH = re.compile(r"(?:ssh://)?(?:[^@/\s]+@)([^:/\s]+)(?::\d+/|[:/])(.+)")


class Reply(NamedTuple):
    """A status and a body; a redirection goes to `body["location"]`."""

    status: int
    body: Mapping[str, Any]


class Denied(Exception):
    """Somebody known was refused something: nothing changes, and the timeline keeps it."""

    def __init__(self, bearer: Bearer, reply: Reply) -> None:
        super().__init__(reply.body["message"])
        self.bearer = bearer
        self.reply = reply


Verb = Callable[["Tx", Asker, str, Mapping[str, Any]], Reply]


@dataclass(frozen=True)
class Row:
    """One path that is locked. `alone`: its lock is for nothing else."""

    lock: Lock
    path: str
    alone: bool

    @property
    def id(self) -> str:
        """Its id in git: the number of the lock; behind a dot, which part of it."""
        part = hashlib.sha256(self.path.encode()).hexdigest()[:12]
        return str(self.lock.number) if self.alone else f"{self.lock.number}.{part}"

    def shown(self, directory: Directory) -> dict[str, Any]:
        owner = {"name": directory.name(self.lock.holder)}
        return {"id": self.id, "path": self.path, "locked_at": f"{self.lock.since:%Y-%m-%dT%H:%M:%SZ}", "owner": owner}


def answer(
    tx: Tx, verb: Verb, scope: str, plan: str, repository: str, name: str, secret: str, body: Mapping[str, Any]
) -> Reply:
    """Find out who asks, in which plan, and let the verb answer, which needs this scope. Raises Denied.

    What is unknown is forbidden and not "not found": after that, git would never ask again.
    """
    try:
        bearer, asker = _who_asks(tx, plan, name, secret, scope)
    except Barred as barred:
        raise Denied(barred.bearer, unknown(barred.problem)) from barred
    except Problem as problem:
        return unknown(problem if secret else None)
    parts = branches.repositories(tx, asker.directory.plan_id)
    if parts and repository not in parts:
        return refusal(f"{plan} has no repository {repository}. It has {joined(parts)}.")
    try:
        return verb(tx, asker, repository if len(parts) > 1 else "", body)
    except Refused as refused:
        raise Denied(bearer, refusal(_plain(asker, refused.sentence))) from refused


def lock(tx: Tx, asker: Asker, repository: str, body: Mapping[str, Any]) -> Reply:
    path = body.get("path")
    if not isinstance(path, str):
        return refusal("Say which path to lock.", WRONG)
    wanted = _file(tx, asker, repository, path)
    path = wanted.path
    try:
        made = service.acquire(tx, asker, Wish((wanted,), REASON), source="git")
    except Taken as taken:
        row = Row(taken.rivals[0].lock, taken.rivals[0].example, alone=False).shown(asker.directory)
        return Reply(TAKEN, {"lock": row, "message": _plain(asker, taken.sentence)})
    if made.state != State.HELD:
        names = joined(map(asker.directory.spoken_of, made.missing))
        return refusal(f"{path} is joint. I asked {names} in Slack. You hold lock {made.number} once they agree.")
    return Reply(MADE, {"lock": Row(made, path, alone=True).shown(asker.directory)})


def locks(tx: Tx, asker: Asker, repository: str, query: Mapping[str, Any]) -> Reply:
    """List the locks of a repository, or the one with a path or an id."""
    path, identifier = query.get("path"), query.get("id")
    if path or identifier:
        row = _at(tx, asker, repository, str(path)) if path else _numbered(tx, asker, repository, str(identifier))
        found = [row.shown(asker.directory)] if row and identifier in (None, "", row.id) else []
        return Reply(OK, {"locks": found})
    rows, more = _page(tx, asker, repository, query)
    return Reply(OK, {"locks": [row.shown(asker.directory) for row in rows], **more})


def verify(tx: Tx, asker: Asker, repository: str, body: Mapping[str, Any]) -> Reply:
    """Which locks are the asker's, and which are not, before a push; the push renews their own."""
    me = asker.person.key
    if not body.get("cursor"):
        service.stir(tx, asker.directory.plan_id, me, repository)
    rows, more = _page(tx, asker, repository, body)
    ours = [row.shown(asker.directory) for row in rows if row.lock.holder == me and row.lock.state == State.HELD]
    theirs = [row.shown(asker.directory) for row in rows if row.lock.holder != me]
    return Reply(OK, {"ours": ours, "theirs": theirs, **more})


def unlock(tx: Tx, asker: Asker, repository: str, body: Mapping[str, Any]) -> Reply:
    """Release one's own lock; with force, and the right to, break another's. A part of a lock cannot be released."""
    row = _numbered(tx, asker, repository, str(body.get("id")))
    if row is None:
        return refusal("This lock is over already. git lfs locks lists the others.", GONE)
    number, own = row.lock.number, row.lock.holder == asker.person.key
    if not row.alone:
        verb = f"/lock release {number}" if own else f"/lock break {number} because ..."
        whole = ", ".join(row.lock.targets)
        return refusal(f"{row.path} is part of lock {number} on {whole}. git can't end it: type {verb} in Slack.")
    if own:
        service.release(tx, asker, number)
    elif body.get("force") is True:
        service.break_open(tx, asker, number, FORCED)
    else:
        rivals = store.with_lines(tx, [Rival(row.lock, row.path)])
        return refusal(_plain(asker, messages.taken(asker, tx.now, rivals, 1)))
    return Reply(OK, {"lock": row.shown(asker.directory)})


def objects(tx: Tx, asker: Asker, repository: str, _body: Mapping[str, Any]) -> Reply:
    """Where the objects are: on the repository's own server."""
    parts = branches.repositories(tx, asker.directory.plan_id)
    part = parts.get(repository or next(iter(parts), ""))
    server = home(part.clone) if part else ""
    if not server:
        return refusal(
            "Callboard keeps locks, not objects, and the plan names no web address of this repository.", WRONG
        )
    return Reply(MOVED, {"location": f"{server}/objects/batch", "message": "The objects are there."})


def home(clone: str) -> str:
    """The LFS server that git would ask for a repository cloned from there, without secrets; empty where none is."""
    url = branches.address(clone)
    if ssh := SSH.fullmatch(url) if not url.startswith("http") else None:
        url = f"https://{branches.OVER_443.get(ssh[1], ssh[1])}/{ssh[2].lstrip('/')}"
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    if scheme not in ("https", "http"):
        return ""
    return f"{scheme}://{host.rpartition('@')[2]}/{path.rstrip('/').removesuffix('.git')}.git/info/lfs"


def refusal(sentence: str, status: int = FORBIDDEN) -> Reply:
    return Reply(status, {"message": sentence})


def _who_asks(tx: Tx, plan: str, name: str, secret: str, scope: str) -> tuple[Bearer, Asker]:
    """Who has this token, and uses it with their key or e-mail address. Raises Problem and Barred."""
    bearer = tokens.bearer(tx, tokens.digest(secret), plan, scope)
    directory = teams.directory(tx, bearer.plan_id)
    person = directory.people.get(bearer.person)
    if person is None or not person.acts:
        sentence = f"This token acts for `{bearer.person}`, {gone(directory, bearer.person)}."
        raise Barred(bearer, tokens.unauthorized("gone", sentence))
    if name.casefold() not in filter(None, (person.key.casefold(), person.email.casefold())):
        sentence = f"This token is {person.name}'s: git must send the user name `{person.key}` with it."
        raise Barred(bearer, tokens.unauthorized("other-name", sentence))
    return bearer, Asker(directory, person)


def unknown(problem: Problem | None) -> Reply:
    """Refuse whoever sent a token that cannot be used, or none."""
    if problem is None:
        return refusal(f"git sent no token. {TO_MAKE_ONE}", UNKNOWN)
    return refusal(f"{problem.detail}{f' {TO_MAKE_ONE}' if problem.status == UNKNOWN else ''}", problem.status)


def _plain(asker: Asker, sentence: str) -> str:
    return pushes.in_git(asker.directory, sentence, asker.person.zone)


def _page(tx: Tx, asker: Asker, repository: str, asked: Mapping[str, Any]) -> tuple[list[Row], dict[str, str]]:
    """Some rows, the newest lock first, so that new locks move none; and the cursor of the next page, if any."""
    limit = min(_number(str(asked.get("limit") or "").removesuffix(".0")) or PAGE, PAGE)
    begin, _, after = str(asked.get("cursor") or "").partition("/")
    upto = _number(begin)
    kept = store.kept(tx, asker.directory.plan_id, repository, upto=upto, limit=limit + 2)  # with both neighbours
    rows: list[Row] = []
    last: tuple[int, str] = (0, "")
    for target, row in _rows(tx, asker.directory.plan_id, repository, kept):
        if target.id == upto and after and row.path <= after:
            continue
        if len(rows) == limit:
            return rows, {"next_cursor": f"{last[0]}/{last[1]}"}
        rows.append(row)
        last = (target.id or 0, row.path)
    return rows, {}


def _rows(tx: Tx, plan_id: int, repository: str, kept: Sequence[LockTarget]) -> Iterator[tuple[LockTarget, Row]]:
    numbers = {row.lock_id for row in kept}
    by_number = {lock.number: lock for lock in store.numbered(tx, numbers)}
    wanted = store.targets(tx, numbers)
    for row in kept:
        for path in _paths(tx, plan_id, repository, row.target):
            yield row, Row(by_number[row.lock_id], path, _is_alone(wanted[row.lock_id], path))


def _at(tx: Tx, asker: Asker, repository: str, path: str) -> Row | None:
    """The row of one path, the asker's own lock before others."""
    wanted = _file(tx, asker, repository, path)
    near = store.near(tx, asker.directory.plan_id, wanted)
    numbers = {row.lock_id for row in near if clash(row.target, wanted)}
    kept = [lock for lock in store.numbered(tx, numbers) if lock.keeps(tx.now)]
    found = min(kept, key=lambda lock: lock.holder != asker.person.key, default=None)
    if found is None:
        return None
    held = store.targets_of(tx, found)
    here = held[0].path if len(held) == 1 and held[0].is_one_file else wanted.path
    return Row(found, here, _is_alone(held, here))


def _file(tx: Tx, asker: Asker, repository: str, path: str) -> Target:
    """A file by the path that git sends, as the mirror of the repository has it. Raises Refused."""
    return targets.file(path, repository, Known(files=paths.mirrored(tx, asker.directory.plan_id)))


def _numbered(tx: Tx, asker: Asker, repository: str, identifier: str) -> Row | None:
    """The row with an id; None when its lock is over. A part that nobody finds any more stands for all of it."""
    number, _, part = identifier.partition(".")
    known = _number(number)
    found = store.find(tx, known) if known is not None else None
    if found is None or found.plan_id != asker.directory.plan_id or not found.keeps(tx.now):
        return None
    wanted = store.targets_of(tx, found)
    here = (target for target in wanted if target.repository in ("", repository))
    paths = (path for target in here for path in _paths(tx, found.plan_id, repository, target))
    whole = Row(found, ", ".join(found.targets), alone=False) if part else None
    return next((row for path in paths if (row := Row(found, path, _is_alone(wanted, path))).id == identifier), whole)


def _number(written: str) -> int | None:
    return int(written) if NUMBER.fullmatch(written) else None


def _is_alone(wanted: Sequence[Target], path: str) -> bool:
    return len(wanted) == 1 and wanted[0].is_one_file and wanted[0].path == path


def _paths(tx: Tx, plan_id: int, repository: str, target: Target) -> list[str]:
    if target.is_one_file:
        return [target.path]
    if target.kind == "thing":
        return []
    matching = sorted(filter(target.pattern.matches, paths.mirrored(tx, plan_id)(repository)))
    return matching or [str(target).removeprefix(f"{target.repository}:")]
