"""The verbs of planning: test pages, plan files that wait to be applied, and telling of work that was given up."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlmodel import col

from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.outbox import Reach
from callboard.core.ticks import NOW, hindered, once_due
from callboard.planning import notices, store
from callboard.planning.models import Draft, TroubleNotice
from callboard.planning.store import TROUBLES, UNTOLD
from callboard.plans import service as plans
from callboard.teams import store as people
from callboard.teams.directory import COORDINATOR, Asker, Person

KEPT = timedelta(days=1)


def send_test_page(tx: Tx, asker: Asker, person: Person) -> Reach:
    """Send a test page; to somebody else only leads and coordinators may. Returns how it goes out."""
    directory, by = asker.directory, asker.person
    if person.key != by.key and not directory.is_lead(by) and not directory.has_role(by, COORDINATOR):
        raise Refused("Only leads and coordinators can test somebody else's pages. `/plan test` sends one to you.")
    reach = directory.reach(person)
    if reach is None:
        raise Refused(f"I can't reach {person.name}: the plan has no `slack`, `email`, `phone` or `fallback` for them.")
    notices.send_test_page(tx, directory, person, reach, by.key)
    about = people.subject(tx, directory.plan_id, person.key)
    timeline.record(tx, directory.plan_id, about, "sent a test page to", actor=by.key, person=person.key)
    return reach


def confirm_test_page(tx: Tx, asker: Asker, key: str) -> None:
    """Note that a test page was seen, once. Raises Refused for somebody else's."""
    _, _, person, by, _ = (key.split(":") + [""] * 5)[:5]
    if person != asker.person.key:
        raise Refused("This test page was for somebody else. `/plan test` sends one to you.")
    teller = asker.directory.people.get(by)
    if teller and teller.key != person:
        notices.tell_got(tx, asker.directory, person, teller, key)


def keep_draft(tx: Tx, draft: Draft) -> Draft:
    """Keep a draft until it is applied, and forget old ones."""
    tx.connection.execute(delete(Draft).where(col(Draft.at) <= tx.now - KEPT))
    tx.session.add(draft)
    tx.session.flush()
    return draft


def _tell_troubles(tx: Tx) -> None:
    """Coordinators hear of what came due, kept failing and was given up, since nobody else looks after it."""
    for trouble in store.untold(tx):
        tx.session.add(TroubleNotice(work=trouble.work, row_id=trouble.row_id))
        for plan in plans.every(tx):
            notices.tell_trouble(tx, plan.id or 0, trouble)
    tx.session.flush()


troubles = once_due(TROUBLES, _tell_troubles, select(NOW).where(UNTOLD.exists(), ~hindered(TROUBLES, 1)))
