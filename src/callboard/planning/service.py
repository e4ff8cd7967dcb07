"""The verbs of planning: test pages, plan files that wait to be applied, and telling of work that was given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import col

from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.outbox import Reach
from callboard.core.registry import Key
from callboard.core.ticks import once_due
from callboard.planfile import task_sets
from callboard.planning import briefings, lookup, notices, rights, store
from callboard.planning.briefings import Stage
from callboard.planning.lookup import Thing
from callboard.planning.models import Draft, TroubleNotice
from callboard.plans import service as plans
from callboard.teams import store as people
from callboard.teams.directory import COORDINATOR, Asker, Person

KEPT = timedelta(days=1)
HOLDERS: Key[Callable[[Tx, int, str], Sequence[str]]] = Key("who has a task of a plan now", lambda *_: ())


def send_test_page(tx: Tx, asker: Asker, person: Person) -> Reach:
    """Send a test page; to somebody else only leads and coordinators may. Returns how it goes out."""
    directory, by = asker.directory, asker.person
    if person.key != by.key and not directory.is_lead(by) and not directory.has_role(by, COORDINATOR):
        raise Refused("Only leads and coordinators can test somebody else's pages. `/plan test` sends one to you.")
    reach = directory.reach(person)
    if reach is None:
        raise Refused(
            f"I can't reach {m.escape(person.name)}: the plan has no `slack`, `email`, `phone` or `fallback` for them."
        )
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


def teams_of(on: Stage, thing: Thing) -> list[str]:
    """The teams whose a thing of the plan is."""
    if thing.section == "teams":
        return [thing.key]
    if thing.section == "tasks":
        return task_sets.teams(on.document, thing.key)
    if thing.section == "people" and thing.key in on.directory.people:
        return [team.key for team in on.directory.teams_of(on.directory.people[thing.key])]
    written = thing.written if isinstance(thing.written, dict) else {}
    return [str(written["team"])] if written.get("team") else []


def concerned(on: Stage, thing: Thing) -> list[str]:
    """Whom a change of a thing concerns: whoever it is or names, who has the task, and who leads its teams."""
    people = on.directory.people
    named = [thing.key, *_words(thing.written)] if thing.section == "people" else list(_words(thing.written))
    having = on.tx.of(HOLDERS)(on.tx, on.plan_id, thing.key) if thing.section == "tasks" else ()
    leads = (lead.key for team in teams_of(on, thing) for lead in on.directory.leads_of(team))
    return [key for key in dict.fromkeys([*having, *named, *leads]) if key in people]


def change(on: Stage, who: Asker, thing: Thing, edit: Callable[[], list[str]], reason: str) -> list[str]:
    """Change a plan that runs, and tell whom it concerned and concerns now, once; not whoever did it.

    Raises Refused where it gives rights to whoever does it, or names a channel of another plan.
    """
    tx, before, people = on.tx, plans.live(on.tx, on.plan_id), concerned(on, thing)
    changes = edit()
    after = briefings.stage(tx, on.plan_id)
    rights.refuse_rooms(tx, who.directory.workspace, who.person.slack_id, before, after.document)
    moved = rights.not_for_oneself(tx, who, before, plans.live(tx, on.plan_id))
    told = {person for each in moved for person in on.directory.people if each.concerns(person)}
    now = concerned(after, lookup.find(after.document, thing.key)) if changes else ()
    left = [key for key in dict.fromkeys([*people, *now]) if key != who.person.key and key not in told]
    if changes and left:
        notices.tell_edited(tx, after.directory, who.person.key, left, changes, reason)
    if changes and thing.section == "dates":
        notices.tell_of_date(tx, after.directory, who.person.key, changes, reason)
    return changes


def _words(written: Any) -> Iterator[str]:
    """Every plain value in what is written."""
    if isinstance(written, Mapping | list | tuple):
        for part in written.values() if isinstance(written, Mapping) else written:
            yield from _words(part)
    elif written is not None:
        yield str(written)


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


troubles = once_due(store.TROUBLES, _tell_troubles, store.TELLS)
