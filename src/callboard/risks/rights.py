"""Who may do what with a risk, with the sentence for whoever may not."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.risks import register
from callboard.risks.models import Question, State
from callboard.risks.register import Kept
from callboard.teams.directory import Asker, Person
from callboard.teams.old_buttons import refuse_old
from callboard.teams.rights import looks_on, refuse_lost, refuse_onlooker

WORKERS = "team members, leads and coordinators"


def raises(asker: Asker) -> None:
    """Everybody who works in the plan may raise a risk."""
    refuse_onlooker(asker, "raise a risk", WORKERS)


def keeps(tx: Tx, asker: Asker, number: int, what: str, expected: int | None = None) -> Kept:
    """The risk, locked, for its owner, whoever stands in while they are away, and coordinators. Raises Refused."""
    kept, directory = register.known(tx, asker, number, lock=True), asker.directory
    refuse_old(tx, asker, kept.row, f"Risk {number}", expected, f"To see it: `/risk show {number}`.")
    may = [*register.owners(directory, kept.part), *directory.coordinators]
    standing_in = register.told(tx, directory, kept.part)
    if asker.person.key not in {person.key for person in (*may, *standing_in)}:
        only = directory.one_of(dict.fromkeys([*standing_in, *may])) or "a coordinator"
        raise Refused(f"Only {only} can {what} risk {number}.")
    return kept


def watched(tx: Tx, asker: Asker, number: int, what: str, expected: int | None = None) -> Kept:
    """The same, while the risk is open."""
    kept = keeps(tx, asker, number, what, expected)
    if not kept.row.is_open:
        raise Refused(f"{over(asker, kept)} To open it again: `/risk reopen {number}`.")
    return kept


def over(asker: Asker, kept: Kept) -> str:
    """What became of a risk, who said so and when, as a sentence."""
    row, by = kept.row, asker.directory.called(kept.row.settled_by)
    at = f", {m.date(row.settled_at, 'both')}" if row.settled_at else ""
    if row.state == State.CLOSED:
        return f"Risk {row.number} was already closed by {by}{at}: {row.word}."
    became = f"blocker {row.blocker}" if row.blocker else f"emergency {row.emergency}"
    return f"Risk {row.number} has already happened: it is {became}, by {by}{at}."


def takes(asker: Asker, person: Person) -> None:
    """Refuse a new owner who is a vacant seat, or only follows the plan."""
    refuse_lost([person])
    if person.vacant or looks_on(asker.directory, person):
        why = "is a vacant seat" if person.vacant else f"only follows {m.escape(asker.directory.plan_name)}"
        raise Refused(f"{asker.directory.called(person)} {why}, so they can't own a risk. Name somebody else.")


def answers(asker: Asker, row: Question) -> None:
    """Refuse everybody but whoever was asked."""
    if row.person != asker.person.key:
        raise Refused(f"Only {asker.directory.called(row.person)} can answer this.")
