"""The verbs of preflights: to begin one, to answer, to remind, to end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.measures import Figure, MeasuresMoved
from callboard.preflight import day, models, notices, store
from callboard.preflight.models import Preflight, TestPage, Verb
from callboard.preflight.plan import PREFLIGHT, PreflightPart
from callboard.teams import service as teams
from callboard.teams.directory import Asker, Directory, Person


def begin(tx: Tx, plan_id: int, by: str = timeline.BOT) -> Preflight:
    """Send everybody a test page. Raises Refused where one is open already, and where nobody is to be asked."""
    directory, document = teams.directory(tx, plan_id), teams.document(tx, plan_id)
    part = document.of(PREFLIGHT) or PreflightPart()
    last = store.latest(tx, plan_id)
    if last and last.is_open:
        closes = m.date(last.closes_at, "both")
        raise Refused(f"A preflight is open already: answers until {closes}. `/plan preflight` shows it.")
    people = day.people(document, directory, part.who)
    asked, missing = _asked(tx, directory, people, day.begins(document, tx.now))
    if not asked:
        raise Refused(
            "Nobody is to be asked: no run-book names anybody. Write `preflight: {who: [everyone]}` in the plan file."
        )
    flight = Preflight(
        plan_id=plan_id, by=by, begun_at=tx.now, closes_at=tx.now + part.answer_within,
        next_at=models.half(tx.now, part.answer_within), missing=missing,
    )  # fmt: skip
    tx.session.add(flight)
    tx.session.flush()
    pages = [
        TestPage(
            plan_id=plan_id, preflight_id=flight.number, person=person.key, instead_of=instead,
            media=list(notices.ways(person, directory)),
        )
        for person, instead in asked
    ]  # fmt: skip
    tx.session.add_all(pages)
    tx.session.flush()
    keys = [page.person for page in pages]
    timeline.record(tx, plan_id, flight.subject, Verb.BEGAN, actor=by, people=keys, missing=missing)
    notices.send(tx, flight, pages)
    return flight


def _asked(
    tx: Tx, directory: Directory, people: Sequence[Person], then: datetime
) -> tuple[list[tuple[Person, list[str]]], list[str]]:
    """Who is asked, each with those for whom they stand in; and why nobody can be asked for the others.

    Whoever is away on the day is not paged `then`: who stands in is. Who is away now can't answer.
    """
    asked = dict[str, list[str]]()
    missing = []
    for person in people:
        acting = directory.standing_in(person, then)
        if acting and not acting.present(tx.now):
            acting = directory.standing_in(acting, tx.now)
        if acting and directory.reach(acting):
            asked.setdefault(acting.key, []).extend([person.key] if acting.key != person.key else [])
        else:
            missing.append(f"{person.name}: {_why(person, acting)}")
    return [(directory.people[key], asked[key]) for key in directory.people if key in asked], missing


def _why(person: Person, acting: Person | None) -> str:
    if acting:
        return "no way to reach them" if acting.key == person.key else f"no way to reach {acting.name}, who stands in"
    return "vacant" if person.vacant else "away, and nobody stands in"


def answer(tx: Tx, asker: Asker, page: TestPage) -> str:
    """Somebody got their test page; what to say. Raises Refused for somebody else's."""
    if page.person != asker.person.key:
        whose = asker.directory.called(page.person)
        raise Refused(f"This test page was for {whose}. Only they can answer it.")
    return _answered(tx, page, asker.person.key)


def own_page(tx: Tx, asker: Asker) -> TestPage:
    """The asker's page of the latest preflight. Raises Refused for whoever was not asked."""
    page = _page_of(tx, asker, asker.person)
    if page is None:
        raise Refused("No preflight asked you. `/plan test` sends you a test page.")
    return page


def _page_of(tx: Tx, asker: Asker, person: Person) -> TestPage | None:
    flight = store.latest(tx, asker.directory.plan_id)
    pages = store.pages(tx, flight.number) if flight else ()
    return next((page for page in pages if page.person == person.key), None)


def vouch(tx: Tx, asker: Asker, person: Person) -> str:
    """A coordinator has heard from somebody in another way; what to say. Raises Refused for whoever was not asked."""
    page = _page_of(tx, asker, person)
    if page is None:
        raise Refused(f"{asker.directory.called(person)} was not asked. `/plan preflight` shows who was.")
    return _answered(tx, page, asker.person.key)


def _answered(tx: Tx, page: TestPage, by: str) -> str:
    flight = store.flight(tx, page.preflight_id, lock=True)
    tx.session.refresh(page)
    if page.answered_at:
        return f"This was already answered, {m.date(page.answered_at, 'both')}. Nothing changed."
    if flight is None or not flight.is_open:
        ended = f" ended {m.date(flight.ended_at, 'both')}" if flight and flight.ended_at else " is over"
        return f"That preflight{ended}, so this counts no more. A coordinator can ask again: `/plan preflight start`"
    page.answered_at, page.by = tx.now, by
    tx.session.add(page)
    tx.session.flush()
    timeline.record(tx, page.plan_id, flight.subject, Verb.ANSWERED, actor=by, person=page.person)
    notices.show(tx, flight, page)
    if not flight.missing and all(each.answered_at for each in store.pages(tx, flight.number)):
        end(tx, flight, reached=True)
    if by == page.person:
        return "Thank you: pages reach you."
    return f"Recorded. {notices.view(tx, flight).head}."


def remind(tx: Tx, flight: Preflight) -> None:
    """Ask whoever has not answered once more."""
    silent = [page for page in store.pages(tx, flight.number) if not page.answered_at]
    models.remind(flight, tx.now)
    tx.session.add(flight)
    timeline.record(tx, flight.plan_id, flight.subject, Verb.REMINDED, people=[page.person for page in silent])
    notices.remind(tx, flight, silent)
    notices.show(tx, flight)


def end(tx: Tx, flight: Preflight, *, reached: bool) -> None:
    """Close it, and tell the coordinators; gates that ask for it look again."""
    models.end(flight, tx.now, reached=reached)
    tx.session.add(flight)
    tx.session.flush()
    pages = store.pages(tx, flight.number)
    silent = [page.person for page in pages if not page.answered_at]
    timeline.record(tx, flight.plan_id, flight.subject, Verb.ENDED, reached=reached, silent=silent)
    notices.show(tx, flight)
    for page in pages:
        notices.show(tx, flight, page)
    notices.tell_over(tx, flight)
    tx.publish(MeasuresMoved(flight.plan_id))


def reached(tx: Tx, plan_id: int) -> Figure:
    """When everybody was reached last, in seconds since 1970; no value while that never was. For gates."""
    found, last = store.reached(tx, plan_id), store.latest(tx, plan_id)
    says = notices.view(tx, last).head if last else "there was no preflight yet"
    return Figure((found.reached_at.timestamp(),) if found and found.reached_at else (), says)
