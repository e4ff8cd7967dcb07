"""What is sent about runs: to whom and where, and who writes it.

steps: what is sent about their steps
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority
from callboard.core.timeline import Subject
from callboard.gates.notices import by_person, named
from callboard.runbooks import messages, rights, store
from callboard.runbooks.messages import RunView, news
from callboard.runbooks.models import CAUSE, Kind, Run, RunStep, State, Verb
from callboard.teams.directory import Directory, Person

GONE = Drop("the run is gone")
TO_RUNNERS = frozenset({Verb.BLOCKED, Verb.OFFERED, Verb.CALLED, Verb.OVERDUE})
"""What those who run the plan hear by themselves too; all else they read in the channel of the run."""


def channel(directory: Directory, run: Run) -> str:
    """Where a run is told: the channel that the plan names, else that of the plan."""
    own = run.plan.get("channel", "")
    return directory.address(own) if own else directory.home_channel()


def card(tx: Tx, directory: Directory, run: Run) -> None:
    """Post the one card of a run and, once it has begun, the line that is pinned, unless they are there already."""
    to = channel(directory, run)
    posts = [CARD.post(directory, to, run.subject, run.card)]
    if run.begun_at:
        posts.append(NOW.post(directory, to, run.subject, f"run:{run.number}:now"))
    outbox.enqueue(tx, posts)


def tell(
    tx: Tx,
    directory: Directory,
    run: Run,
    verb: Verb,
    first: Sequence[RunStep] = (),
    key: str = "",
    *,
    alone: bool = False,
    **args: Any,
) -> None:
    """Tell the channel of a run what happened to it, and those who can do something about it.

    They are told `alone` where the card, posted at the same time, says it to the channel.
    """
    facts = {"verb": verb, "why": list(run.blocked), **args}
    stem = f"run:{run.number}:{verb}:{key or run.changes}"
    posts = [] if alone else [NEWS.post(directory, channel(directory, run), run.subject, stem, args=facts)]
    people = [
        *directory.coordinating(tx.now),
        *(lead for step in first for lead in rights.leads(tx, directory, step)),
    ]
    if verb == Verb.CALLED:
        people = list(rights.asked(tx, directory, run))
    if not (verb in TO_RUNNERS or _leaves_on_hold(run, verb)):
        people = []
    if not run.drill:
        people += _asked(tx, directory, run, verb)
        posts += to_people(NEWS if verb != Verb.CALLED else URGENT, directory, run, stem, people, facts)
    outbox.enqueue(tx, posts)


def unanswered(tx: Tx, directory: Directory, run: Run) -> None:
    """Nobody gave their word on a rollback, asked twice: whoever called it, runs the plan or led what failed hears."""
    facts, stem = {"verb": Verb.CALLED, "unanswered": True}, f"run:{run.number}:unanswered:{run.changes}"
    failed = store.step(tx, run.plan[CAUSE]) if run.plan.get(CAUSE) else None
    people = dict.fromkeys([
        *directory.named([run.called_by]), *directory.coordinating(tx.now),
        *(rights.leads(tx, directory, failed) if failed else ()),
    ])  # fmt: skip
    outbox.enqueue(tx, [
        NEWS.post(directory, channel(directory, run), run.subject, stem, args=facts),
        *to_people(URGENT, directory, run, stem, people, facts),
    ])  # fmt: skip


def ask_also(tx: Tx, directory: Directory, run: Run) -> None:
    """Somebody has gone away while a rollback waits: whoever else can give their word now is asked as well."""
    asked = {sent.recipient for sent in outbox.about(tx, run.subject) if sent.kind == URGENT.kind}
    people = [person for person in rights.asked(tx, directory, run) if person.key not in asked]
    stem = f"run:{run.number}:{Verb.CALLED}:{run.changes}"
    outbox.enqueue(tx, [*to_people(URGENT, directory, run, stem, people, {"verb": Verb.CALLED, "why": []})])


def _leaves_on_hold(run: Run, verb: Verb) -> bool:
    """Whether somebody must say now how a run-book goes on: a rollback that has begun is over."""
    return verb in (Verb.ENDED, Verb.STOPPED) and run.begun_at is not None and run.of_run is not None


def _asked(tx: Tx, directory: Directory, run: Run, verb: Verb) -> Sequence[Person]:
    """Whoever was asked for their word on a rollback that has begun, once it is over."""
    if run.kind != Kind.ROLLBACK or run.begun_at is None or verb not in (Verb.ENDED, Verb.STOPPED):
        return ()
    return directory.named(dict.fromkeys(
        sent.recipient for sent in outbox.about(tx, run.subject) if sent.kind == URGENT.kind and sent.recipient
    ))  # fmt: skip


def to_people(
    notice: Notice, directory: Directory, row: Run | RunStep, stem: str, people: Iterable[Person],
    args: Mapping[str, Any],
) -> Iterator[Post | None]:  # fmt: skip
    for name, reach in by_person(directory, people):
        yield notice.post(directory, reach, row.subject, f"{stem}:{name}", args=args, recipient=name)


def tell_named(tx: Tx, directory: Directory, run: Run, step: RunStep, whom: Sequence[str]) -> None:
    """Tell whoever the plan names that a step failed."""
    stem, args = (
        f"step:{step.number}:failed:{step.changes}",
        {"verb": Verb.FAILED, "step": step.title, "why": step.reason},
    )
    facts = {**args, "by": step.ended_by, "link": step.link}
    posts = (NEWS.post(directory, reach, run.subject, f"{stem}:{name}", args=facts)
             for name, reach in named(tx, directory, whom))  # fmt: skip
    outbox.enqueue(tx, posts)


def remind_of_drill(tx: Tx, directory: Directory, plan_id: int, key: str, hour: datetime) -> None:
    """Nobody has tried a run-book as long before it as the plan wants: those who run the plan hear of it."""
    about, stem = Subject("plan", plan_id), f"run:{plan_id}:{key}:drill:{hour.isoformat()}"
    args = {"key": key, "hour": hour.isoformat()}
    outbox.enqueue(tx, [
        NO_DRILL.post(directory, reach, about, f"{stem}:{name}", args=args)
        for name, reach in by_person(directory, directory.coordinators)
    ])  # fmt: skip


def view(tx: Tx, number: int) -> RunView | None:
    run = None if (known := tx.local.get(view, {}).get(number)) else store.run(tx, number)
    return known or (messages.view(tx, run) if run else None)


def _of_run(write: Callable[[RunView, Delivery], Message | Drop]) -> Callable[[Tx, Delivery], Message | Drop]:
    def render(tx: Tx, delivery: Delivery) -> Message | Drop:
        shown = view(tx, delivery.subject_id)
        if shown is None:
            return GONE
        message = write(shown, delivery)
        return message if isinstance(message, Drop) else messages.marked(shown.run, message)

    return render


def _news(shown: RunView, delivery: Delivery) -> Message | Drop:
    verb = Verb(delivery.args["verb"])
    untrue = (
        (verb == Verb.BLOCKED and shown.run.state != State.BLOCKED) or (verb == Verb.OFFERED and shown.run.begun_at)
        or (verb == Verb.CALLED and shown.run.state != State.CALLED)
    )  # fmt: skip
    if untrue and delivery.posted_as is None:
        return Drop(f"the run is {shown.run.state}")
    return news.news(shown, verb, {**delivery.args, "reader": delivery.recipient})


RUNS = rows(Run)


def ahead_of_runs(tx: Tx, numbers: Collection[int]) -> None:
    """Look once at each run, for all that is written of it."""
    RUNS(tx, numbers)
    store.shown.of(tx, numbers)
    known = tx.local.setdefault(view, {})
    for run in filter(None, (store.run(tx, number) for number in numbers if number not in known)):
        known[run.number] = messages.view(tx, run)


CARD = Notice(
    kind="run.card", told="the channel of a run, once; the card changes with it", priority=Priority.ANSWER,
    editable=True, render=_of_run(lambda shown, _: messages.card(shown)), ahead=ahead_of_runs,
)  # fmt: skip
NOW = Notice(
    kind="run.now", told="the channel of a run: one pinned line, where it is and what is next", editable=True,
    render=_of_run(lambda shown, _: messages.now_line(shown)), priority=Priority.ANSWER, ahead=ahead_of_runs,
)  # fmt: skip
NEWS = Notice(
    kind="run.news", told="the channel of a run at its turns; whoever runs it when something must be decided",
    render=_of_run(_news), priority=Priority.ANSWER, ahead=ahead_of_runs,
)  # fmt: skip
URGENT = Notice(
    kind="run.confirm", told="whoever can confirm a rollback that somebody called", render=_of_run(_news),
    priority=Priority.PAGE, editable=True, ahead=ahead_of_runs,
)  # fmt: skip
NO_DRILL = Notice(
    kind="run.no_drill", told="who runs the plan, when nobody has tried a run-book as early as the plan wants",
    render=lambda _, delivery: news.no_drill(delivery.args), priority=Priority.PROMPT, folds=True, see="/run",
)  # fmt: skip
NOTICES = (CARD, NOW, NEWS, URGENT, NO_DRILL)
