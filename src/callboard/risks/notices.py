"""The messages about risks: who is told what, and when. Nobody is told but people of the plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority
from callboard.risks import messages, register, store
from callboard.risks.models import QUESTION, RISK, Question, Risk
from callboard.risks.register import Kept
from callboard.teams import service as teams
from callboard.teams.directory import Asker, Directory, Person, working_from

Args = dict[str, object]
RISKS, QUESTIONS = rows(Risk), rows(Question)


def tell_tripped(tx: Tx, directory: Directory, kept: Kept, fresh: Sequence[str]) -> None:
    """Tell the owner once; the key has the number of the trip, so that the next one is news again."""
    args: Args = {"indicators": list(fresh), "trip": kept.row.trips}
    _tell(tx, TRIPPED, directory, kept, f"tripped:{kept.row.trips}", register.told(tx, directory, kept.part), args)


def tell_owner(tx: Tx, asker: Asker, kept: Kept) -> None:
    """Tell whoever owns it now, unless they did it themselves."""
    people = [person for person in register.told(tx, asker.directory, kept.part) if person != asker.person]
    _tell(tx, YOURS, asker.directory, kept, f"yours:{kept.row.changes}", people, {"by": asker.person.key})


def _tell(
    tx: Tx,
    notice: Notice,
    directory: Directory,
    kept: Kept,
    key: str,
    people: Sequence[Person],
    args: dict[str, object],
) -> None:
    outbox.enqueue(tx, [
        _post(tx, notice, directory, kept.row, person, f"{RISK}:{kept.row.number}:{key}", args) for person in people
    ])  # fmt: skip


def ask(tx: Tx, directory: Directory, row: Question, person: Person) -> None:
    outbox.enqueue(tx, [_post(tx, ASK, directory, row, person, f"{QUESTION}:{row.number}", {})])


def _post(
    tx: Tx,
    notice: Notice,
    directory: Directory,
    row: Risk | Question,
    person: Person,
    key: str,
    args: dict[str, object],
) -> Post | None:
    return notice.post(
        directory, directory.reach(person), row.subject, f"{key}:{person.key}", args=args,
        not_before=working_from(directory, person, tx.now),
    )  # fmt: skip


def _tripped(tx: Tx, delivery: Delivery) -> Message | Drop:
    kept = register.numbered(tx, delivery.subject_id)
    if kept is None:
        return Drop("the risk has left the plan")
    if delivery.posted_as is None and not kept.row.tripped.keys() & set(delivery.args["indicators"]):
        return Drop("it is quiet again")
    if delivery.args["trip"] < kept.row.trips:
        return messages.earlier(kept)
    return messages.tripped(messages.view(tx, kept))


def _yours(tx: Tx, delivery: Delivery) -> Message | Drop:
    kept = register.numbered(tx, delivery.subject_id)
    if kept is None:
        return Drop("the risk has left the plan")
    by = teams.directory(tx, kept.row.plan_id).called(delivery.args["by"])
    return messages.yours(messages.view(tx, kept), by)


def _ask(tx: Tx, delivery: Delivery) -> Message | Drop:
    row = store.question(tx, delivery.subject_id)
    kept = register.numbered(tx, row.risk_id) if row else None
    if row is None or (delivery.posted_as is None and (kept is None or not kept.row.is_open)):
        return Drop("the risk is over")
    return messages.question(row, kept)


def _ahead(tx: Tx, numbers: Collection[int]) -> None:
    QUESTIONS(tx, numbers)
    RISKS(tx, {row.risk_id for number in numbers if (row := store.question(tx, number))})


TRIPPED = Notice(
    kind="risk.tripped", told="the owner of a risk, when an indicator trips: once, until it was quiet",
    render=_tripped, priority=Priority.PROMPT, editable=True, folds=True, see="/risk", ahead=RISKS,
)  # fmt: skip
YOURS = Notice(
    kind="risk.yours", told="whoever somebody else makes the owner of a risk", render=_yours,
    priority=Priority.PROMPT, editable=True, folds=True, see="/risk", ahead=RISKS,
)  # fmt: skip
ASK = Notice(
    kind="risk.ask", told="whom an indicator asks, once a round", render=_ask,
    priority=Priority.PROMPT, editable=True, folds=True, see="/risk", ahead=_ahead,
)  # fmt: skip
NOTICES = (TRIPPED, YOURS, ASK)
