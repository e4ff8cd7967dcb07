"""The repositories of a plan in a rehearsal. A branch holds what a script says was pushed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from callboard.branches import identities, service, store
from callboard.branches.models import CheckState, Line, Meeting, Seen
from slack_standin import NotPossibleError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from callboard.core.db import Database, Tx
    from callboard.rehearsal.script import LinePart

CHANGED = ("changed", None)


class Forge:
    """Where branches are pushed to. Git can't merge two that change the same file, unless one of them `merges`."""

    def __init__(self, db: Database, plan_id: int) -> None:
        self._db, self._plan_id = db, plan_id
        self._lines: dict[tuple[str, str], Line] = {}
        self._merging: set[str] = set()

    def begin(self) -> None:
        """Let Callboard read every repository for the first time."""
        self._db.transact(self._scan)

    def push(self, who: str, part: LinePart) -> str:
        """Push the branch of a line, which changes files; without any it is gone. Returns the repository."""
        (self._merging.add if part.merges else self._merging.discard)(part.pushes)
        return self._db.transact(self._push, who, part.pushes, part.files, part.checks or "")

    def merge(self) -> bool:
        """Make every merge that somebody has asked for; whether there was one."""
        return bool(self._lines) and self._db.transact(self._merge)

    def _merge(self, tx: Tx) -> bool:
        asked = [mirror for mirror in store.mirrors(tx, self._plan_id) if store.merges(tx, mirror.number)]
        for mirror in asked:
            if taken := service.claim(tx, mirror.number):
                for merge in store.merges(tx, mirror.number):
                    commit = hashlib.sha1(f"{merge.one_head} {merge.other_head}".encode(), usedforsecurity=False)
                    service.merge_ended(tx, taken, merge.id or 0, commit.hexdigest(), "")
                mirror.leased_until = None
        return bool(asked)

    def _push(self, tx: Tx, who: str, name: str, files: Sequence[str], checks: str) -> str:
        repository, part = next(iter(service.repositories(tx, self._plan_id).items()), ("", None))
        if part is None:
            raise NotPossibleError("The plan has no repository to push to")
        head = hashlib.sha1(f"{who} {name} {files} {tx.now}".encode(), usedforsecurity=False).hexdigest()
        team = identities.of(tx, self._plan_id).team(name, who)
        line = Line(name, head, "0" * 40, who, tx.now, team, who, part.protects(name))
        self._lines[repository, name] = replace(line, touched=dict.fromkeys(files, CHANGED))
        for mirror in store.mirrors(tx, self._plan_id) if checks else ():
            store.keep_check(tx, mirror, head, "tests", CheckState(checks))
        self._scan(tx)
        return repository

    def _scan(self, tx: Tx) -> None:
        """As after a webhook: at once."""
        for mirror in store.mirrors(tx, self._plan_id):
            part = service.repositories(tx, self._plan_id).get(mirror.repository)
            if part is None or mirror.next_at is None:
                continue
            mirror.next_at = tx.now
            mirror.pushed_at = tx.now if mirror.fetched_at else None
            tx.session.add(mirror)
            tx.session.flush()
            taken = service.claim(tx, mirror.number)
            if taken is not None:
                seen = self._seen(mirror.repository, part.main)
                service.keep(tx, taken, seen, part.scan_every, tx.now)

    def _seen(self, repository: str, main: str) -> Seen:
        lines = [line for (of, _), line in self._lines.items() if of == repository and line.touched]
        head = next((line.head for line in lines if line.name == main), "0" * 40)
        return Seen(head, lines, list(_meetings(lines, self._merging)))


def _meetings(lines: Sequence[Line], merging: Collection[str]) -> Iterator[Meeting]:
    for number, one in enumerate(lines):
        for other in lines[number + 1 :]:
            both = [path for path in one.touched if path in other.touched]
            if both and (one.team != other.team or one.protected or other.protected):
                yield Meeting(one.name, other.name, both, () if {one.name, other.name} & set(merging) else both)
