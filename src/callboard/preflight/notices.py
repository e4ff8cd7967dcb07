"""The messages of a preflight: test pages, one reminder, the coordinators' card, and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.deliveries import Medium
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Reach
from callboard.preflight import messages, store
from callboard.preflight.messages import MEDIA, View
from callboard.preflight.models import Preflight, TestPage
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person


def view(tx: Tx, flight: Preflight) -> View:
    """A preflight as it stands, with what became of its pages."""
    pages = store.pages(tx, flight.number)
    keys = {_key(page, medium): page.person for page in pages if not page.answered_at for medium in page.media}
    refused: dict[str, list[str]] = {}
    for delivery in outbox.keyed(tx, list(keys)) if keys else ():
        if delivery.state == "parked":
            refused.setdefault(keys[delivery.key], []).append(MEDIA[Medium(delivery.medium)])
    return View(flight=flight, pages=pages, directory=teams.directory(tx, flight.plan_id), refused=refused)


def _key(page: TestPage, medium: str) -> str:
    return f"preflight:{page.preflight_id}:{page.person}:{medium}"


def ways(person: Person, directory: Directory) -> list[Reach]:
    """Every way in which the plan would page somebody."""
    found = [directory.reach(person), directory.fall_back(person)]
    return list(dict.fromkeys(reach for reach in found if reach))


def _page(tx: Tx, delivery: Delivery) -> Message | Drop:
    page = store.page(tx, delivery.subject_id)
    flight = store.flight(tx, page.preflight_id) if page else None
    if page is None or flight is None:
        return Drop("the preflight is gone")
    if delivery.posted_as is None and (page.answered_at or not flight.is_open):
        return Drop("it was answered" if page.answered_at else "the preflight is over")
    alone = View(flight=flight, pages=(), directory=teams.directory(tx, flight.plan_id), refused={})
    return messages.test_page(alone, page, again=bool(delivery.args.get("again")))


def _card(tx: Tx, delivery: Delivery) -> Message | Drop:
    flight = store.flight(tx, delivery.subject_id)
    return messages.card(view(tx, flight)) if flight else Drop("the preflight is gone")


def _over(tx: Tx, delivery: Delivery) -> Message | Drop:
    flight = store.flight(tx, delivery.subject_id)
    if flight is None:
        return Drop("the preflight is gone")
    mark = ":white_check_mark:" if flight.reached_at else ":warning:"
    return Message(f"{mark} Preflight is over. {view(tx, flight).head}.", title="Preflight is over")


FLIGHTS, PAGES = rows(Preflight), rows(TestPage)


def _ahead(tx: Tx, numbers: Collection[int]) -> None:
    PAGES(tx, numbers)
    FLIGHTS(tx, {page.preflight_id for number in numbers if (page := store.page(tx, number))})


PAGE = Notice(
    kind="preflight.page", told="everybody who may be paged on the day, in every way, when a preflight begins",
    render=_page, priority=Priority.PAGE, editable=True, ahead=_ahead,
)  # fmt: skip
AGAIN = Notice(
    kind="preflight.again", told="whoever has not answered a test page, once, at half of the time", render=_page,
    priority=Priority.PROMPT, editable=True, ahead=_ahead,
)  # fmt: skip
CARD = Notice(
    kind="preflight.card", told="the coordinators, one card that shows who was reached", render=_card,
    priority=Priority.UPDATE, editable=True,
)  # fmt: skip
OVER = Notice(
    kind="preflight.over", told="the coordinators, when everybody was reached or the time is over", render=_over,
    priority=Priority.ANSWER,
)  # fmt: skip
NOTICES = (PAGE, AGAIN, CARD, OVER)


def send(tx: Tx, flight: Preflight, pages: Sequence[TestPage]) -> None:
    """The test pages, and the card. Who has quiet hours gets theirs after them."""
    directory = teams.directory(tx, flight.plan_id)
    outbox.enqueue(tx, [*_pages(tx, directory, pages), *_to_coordinators(tx, directory, flight, CARD)], one_cause=False)


def _pages(tx: Tx, directory: Directory, pages: Sequence[TestPage]) -> Iterator[Post | None]:
    for page in pages:
        person = directory.people[page.person]
        reaches = ways(person, directory)
        for reach in reaches:
            alone = page.person if len(reaches) == 1 else None  # else the other way has it already
            yield PAGE.post(
                directory, reach, page.subject, _key(page, reach.medium), recipient=alone,
                not_before=person.quiet_until(tx.now), args={"of": page.person},
            )  # fmt: skip


def remind(tx: Tx, flight: Preflight, pages: Sequence[TestPage]) -> None:
    """Once more, to whoever has not answered."""
    directory = teams.directory(tx, flight.plan_id)
    for page in pages:
        person = directory.people.get(page.person)
        reach, key = directory.reach(person) if person else None, f"preflight:{flight.number}:{page.person}:again"
        rests = person.quiet_until(tx.now) if person else None
        outbox.enqueue(tx, [AGAIN.post(directory, reach, page.subject, key, args={"again": True}, not_before=rests)])


def tell_over(tx: Tx, flight: Preflight) -> None:
    """The coordinators hear how it ended, once."""
    outbox.enqueue(tx, _to_coordinators(tx, teams.directory(tx, flight.plan_id), flight, OVER))


def _to_coordinators(tx: Tx, directory: Directory, flight: Preflight, notice: Notice) -> Iterator[Post | None]:
    told = {(directory.standing_in(each, tx.now) or each).key for each in directory.coordinators}
    for person in directory.named(told):
        key = f"{notice.kind}:{flight.number}:{person.key}"
        yield notice.post(directory, directory.reach(person), flight.subject, key, recipient=person.key)


def show(tx: Tx, flight: Preflight, page: TestPage | None = None) -> None:
    """Show the card, and a page that was answered, anew."""
    outbox.touch(tx, flight.subjects, [flight.number])
    if page:
        outbox.touch(tx, page.subjects, [page.number])
