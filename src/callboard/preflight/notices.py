"""The messages of a preflight: test pages, one reminder, the coordinators' card, and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.deliveries import Medium
from callboard.core.notices import Notice, rows
from callboard.core.outbox import DeliveriesParked, Delivery, Drop, Message, Post, Priority, Reach
from callboard.preflight import messages, store
from callboard.preflight.messages import View
from callboard.preflight.models import Preflight, TestPage
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person


def view(tx: Tx, flight: Preflight) -> View:
    """A preflight as it stands, with what became of its pages."""
    pages = store.pages(tx, flight.number)
    keys = {_key(page, way): (page.person, way) for page in pages for way in page.media}
    refused: dict[str, list[str]] = {}
    for delivery in outbox.keyed(tx, list(keys)) if keys else ():
        if delivery.state == "parked" or (delivery.state == "dropped" and delivery.error):
            person, way = keys[delivery.key]
            refused.setdefault(person, []).append(way)
    return View(flight=flight, pages=pages, directory=teams.directory(tx, flight.plan_id), refused=refused)


def _key(page: TestPage, way: str) -> str:
    return f"preflight:{page.preflight_id}:{page.person}:{way}"


def ways(person: Person, directory: Directory) -> dict[str, Reach]:
    """Every way in which the plan would page somebody, each alone: one that works hides none that doesn't."""
    in_slack = {str(reach.medium): reach for reach in (directory.reach(person),) if reach and reach.medium.shows_blocks}
    beside = {word for times in person.mediums.values() for words in times for word in words}
    beside |= {"fallback"} if person.fallback else {"phone", "mail"}
    addresses = {"fallback": person.fallback, "phone": (person.phone.replace(" ", ""),), "mail": (person.email,)}
    outside = {word: " ".join(filter(None, each)) for word, each in addresses.items() if word in beside}
    return in_slack | {word: Reach(Medium.APPRISE, each) for word, each in outside.items() if each}


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
    seen = view(tx, flight)
    mark = ":white_check_mark:" if flight.reached_at and not seen.faults else ":warning:"
    again = [] if flight.reached_at else [messages.AGAIN]
    return Message(
        f"{mark} Preflight is over. {' '.join([f'{seen.head}.', *seen.faults, *again])}", title="Preflight is over"
    )


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
        for way, reach in reaches.items():
            alone = page.person if len(reaches) == 1 else None  # else the other way has it already
            yield PAGE.post(
                directory, reach, page.subject, _key(page, way), recipient=alone,
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
    for person in directory.coordinating(tx.now):
        key = f"{notice.kind}:{flight.number}:{person.key}"
        yield notice.post(directory, directory.reach(person), flight.subject, key, recipient=person.key)


def on_parked(tx: Tx, event: DeliveriesParked) -> None:
    """A way has not taken a test page: the card says so, also of somebody who has answered in another way."""
    numbers = {parked.subject_id for parked in event.deliveries if parked.kind == PAGE.kind}
    pages = [page for number in numbers if (page := store.page(tx, number))]
    outbox.touch(tx, Preflight.subjects, sorted({page.preflight_id for page in pages}))


def show(tx: Tx, flight: Preflight, page: TestPage | None = None) -> None:
    """Show the card, and a page that was answered, anew."""
    outbox.touch(tx, flight.subjects, [flight.number])
    if page:
        outbox.touch(tx, page.subjects, [page.number])
