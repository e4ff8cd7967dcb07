"""What `/plan calendar` answers: the next things for whoever asks, and the address of their calendar feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from callboard.core import blocks as b
from callboard.core.words import few
from callboard.planfile.sections import Happening
from callboard.planfile.times import show_day
from callboard.teams import feeds
from callboard.teams.service import Asker
from callboard.web.address import Address

if TYPE_CHECKING:
    from callboard.core.db import Tx

Shown = tuple[str, list[dict[str, Any]]]
AHEAD = timedelta(days=14)
NEXT = 15
FEW = 4


def answer(tx: Tx, asker: Asker) -> Shown:
    """What is next for somebody; with the address of their feed the first time, which is made then."""
    found = feeds.happenings(tx, asker.directory, (tx.now, tx.now + AHEAD), asker.person.key)
    hint = _already() if feeds.mine(tx, asker) else _subscribe(_address(tx, feeds.make(tx, asker)))
    head = f"Your next two weeks in {b.bold(b.escape(asker.directory.plan_name))}"
    days = list(_days(asker, found[:NEXT]))
    more = [f"and {len(found) - NEXT} more: `callboard calendar` lists everything"] if len(found) > NEXT else []
    nothing = [] if found else [b.section("Nothing is planned for you.")]
    return (
        f"{len(found) or 'No'} things in your next two weeks in {asker.directory.plan_name}",
        [b.section(head), *nothing, *days, *map(b.context, more), b.context(hint)],
    )


def renew(tx: Tx, asker: Asker, team: str = "") -> Shown:
    """Make a new feed, of the asker or of a team of theirs; the address there was before ends. Raises Refused."""
    address = _address(tx, feeds.make(tx, asker, team))
    text = f"{_whose(asker, team)} has a new address; the one before has ended. {_subscribe(address)}"
    return text, [b.section(text)]


def stop(tx: Tx, asker: Asker, team: str = "") -> Shown:
    """End a feed, of the asker or of a team of theirs. Raises Refused."""
    ended = feeds.end(tx, asker, team)
    text = f"{_whose(asker, team)} can no longer be read." if ended else f"{_whose(asker, team)} had no address."
    return text, [b.section(text)]


def _days(asker: Asker, found: Sequence[Happening]) -> list[dict[str, Any]]:
    """A paragraph for each day of theirs."""
    zone = asker.person.zone
    days = groupby(found, key=lambda one: one.at.astimezone(zone).date())
    return [b.section("\n".join([b.bold(show_day(day)), *(_line(asker, one) for one in those)])) for day, those in days]


def _line(asker: Asker, one: Happening) -> str:
    others = [person.name for person in asker.directory.named(one.who) if person.key != asker.person.key]
    shown = f" with {b.escape(few(others, FEW))}" if others else ""
    return f"{b.date(one.at)} {b.escape(one.name)} ({one.kind}){shown}"


def _whose(asker: Asker, team: str) -> str:
    return f"The calendar of {b.escape(asker.directory.teams[team].name)}" if team else "Your calendar"


def _address(tx: Tx, secret: str) -> str:
    asked = Address(f"/calendar/{secret}.ics")
    tx.publish(asked)
    return asked.found or asked.path


def _subscribe(address: str) -> str:
    where = "" if "://" in address else " at the address of Callboard's server"
    return (
        f"Subscribe to it in your calendar{where}: `{address}`. Whoever has this address can read it, and it is shown "
        "only now; `/plan calendar new` makes another."
    )


def _already() -> str:
    return (
        "Your calendar can be subscribed to; `/plan calendar new` makes a new address, `/plan calendar stop` ends it."
    )
