"""What somebody waits for: their blockers, the locks they stand in line for, what holds their tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callboard.blockers.messages import LIGHTS, in_list
from callboard.blockers.models import State as Blocked
from callboard.blocks import markup as m
from callboard.board.home.duties import WHAT
from callboard.board.home.overview import Reader
from callboard.core.db import Tx
from callboard.locks import messages as lock_words
from callboard.locks import notices as lock_notices
from callboard.locks import store as locks
from callboard.locks.models import Lock
from callboard.locks.models import State as Locking
from callboard.tasks import messages as task_words

MOST = 30


def of(reader: Reader) -> list[str]:
    """One line each."""
    return [*_blockers(reader), *_locks(reader), *_tasks(reader)]


def _blockers(reader: Reader) -> Iterator[str]:
    """What they raised and somebody else has to resolve."""
    for blocker in reader.opened:
        if blocker.reporter == reader.me and blocker.owner != reader.me:
            view = in_list(reader.tx, blocker)
            has = f"{view.directory.called(blocker.owner)} has it" if blocker.owner else "nobody has it yet"
            what = m.clip(" ".join(blocker.what.split()), WHAT)
            yield f"{LIGHTS[Blocked(blocker.state)]} {view.title}  {what}: {has}"


def _locks(reader: Reader) -> Iterator[str]:
    own = [lock for lock in reader.overview.once(_waiting) if lock.holder == reader.me]
    for lock in own[:MOST]:
        view = lock_notices.view(reader.tx, lock)
        ahead = f"{view.names(view.ahead)} has it first" if view.ahead else "nobody is before you"
        stands = f"{view.missing} must agree" if lock.state == Locking.ASKED else ahead
        yield f"{lock_words.head(lock)}: {stands}"
    yield from map(lock_words.head, own[MOST:])


def _waiting(tx: Tx, plan_id: int) -> Sequence[Lock]:
    return locks.live(tx, plan_id, (Locking.WAITING, Locking.ASKED))


def _tasks(reader: Reader) -> Iterator[str]:
    """Their tasks that cannot start yet, and what each waits for."""
    scene = reader.scene
    own = reader.overview.tasks.get(reader.me, ())
    held = [task for task in own if not task.started_at and scene.waits(task)]
    for view in task_words.views(scene, held[:MOST]):
        yield f":hourglass_flowing_sand: {m.bold(view.key)}  {view.title}: {view.waits[0].sentence}{_more(view)}"
    yield from (f":hourglass_flowing_sand: {m.bold(task.key)}  {m.escape(task.title)}" for task in held[MOST:])


def _more(view: task_words.TaskView) -> str:
    left = len(view.waits) - 1
    return f", and for {left} more" if left else ""
