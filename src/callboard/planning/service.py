"""The verbs of planning: test pages, and plan files that wait to be applied."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlmodel import col

from callboard.core import outbox, timeline
from callboard.core.errors import Refused
from callboard.core.outbox import Post, Priority, Reach
from callboard.core.timeline import Subject
from callboard.planning.models import Draft
from callboard.teams import store
from callboard.teams.directory import COORDINATOR, Directory, Person
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

KEPT = timedelta(days=1)


def send_test_page(tx: Tx, asker: Asker, person: Person) -> Reach:
    """Send a test page; to somebody else only leads and coordinators may. Returns how it goes out."""
    directory, by = asker.directory, asker.person
    if person.key != by.key and not directory.is_lead(by) and not directory.has_role(by, COORDINATOR):
        raise Refused("Only leads and coordinators may test somebody else's pages. `/plan test` sends one to you.")
    reach = directory.reach(person)
    if reach is None:
        raise Refused(
            f"Nothing says how to reach {person.name}: the plan has no `slack`, `email`, `phone` or `fallback`."
        )
    about = _about(tx, directory, person)
    key = f"test:{directory.plan_id}:{person.key}:{by.key}:{tx.now:%Y%m%dT%H%M%S}"
    outbox.enqueue(tx, [_post(directory, person, reach, about, "teams.test", key, {"by": by.key, "key": key})])
    timeline.record(tx, directory.plan_id, about, "sent a test page to", actor=by.key, person=person.key)
    return reach


def confirm_test_page(tx: Tx, asker: Asker, key: str) -> None:
    """Note that a test page was seen, once. Raises Refused for somebody else's."""
    _, _, person, by, _ = (key.split(":") + [""] * 5)[:5]
    directory = asker.directory
    if person != asker.person.key:
        raise Refused("This test page was for somebody else. `/plan test` sends one to you.")
    teller = directory.people.get(by)
    reach = directory.reach(teller) if teller and teller.key != person else None
    if teller and reach:
        about = _about(tx, directory, asker.person)
        outbox.enqueue(tx, [_post(directory, teller, reach, about, "teams.got", f"{key}:got", {"person": person})])


def _post(
    directory: Directory, to: Person, reach: Reach, about: Subject, kind: str, key: str, args: dict[str, str]
) -> Post:
    return Post(
        key=key,
        plan_id=directory.plan_id,
        workspace=directory.workspace,
        address=reach.address,
        kind=kind,
        subject=about,
        priority=Priority.PAGE if kind == "teams.test" else Priority.ANSWER,
        medium=reach.medium,
        args=args,
        recipient=to.key,
    )


def _about(tx: Tx, directory: Directory, person: Person) -> Subject:
    row = store.person(tx, directory.plan_id, person.key)
    return Subject("person", row.id or 0 if row else 0)


def keep_draft(tx: Tx, draft: Draft) -> Draft:
    """Keep a draft until it is applied, and forget old ones."""
    tx.connection.execute(delete(Draft).where(col(Draft.at) <= tx.now - KEPT))
    tx.session.add(draft)
    tx.session.flush()
    return draft


def find_draft(tx: Tx, draft_id: int) -> Draft | None:
    """A draft, held until the end of the transaction, so that it is applied once."""
    return tx.session.get(Draft, draft_id, with_for_update=True)


def forget_draft(tx: Tx, draft: Draft) -> None:
    """It was applied."""
    tx.session.delete(draft)
    tx.session.flush()
