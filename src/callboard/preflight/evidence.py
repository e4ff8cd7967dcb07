"""What the timeline has of preflights and their test pages, against their rows."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.core.db import Tx
from callboard.core.timeline import Entry
from callboard.plans import evidence
from callboard.plans.evidence import Columns
from callboard.preflight.models import Preflight, TestPage, Verb

KIND = Preflight.subjects
Pages = dict[str, Columns]
"""The test pages of a preflight, by person."""


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Preflights and test pages that are not as the timeline has them, in sentences."""
    flights = evidence.rows(tx, plan_id, Preflight)
    yield from evidence.differences(KIND, flights, evidence.told(tx, plan_id, KIND, _learn))
    known: dict[int, Pages] = {}
    for entry in evidence.entries(tx, plan_id, KIND):
        _learn_page(known.setdefault(entry.subject_id, {}), entry)
    here = {(page.preflight_id, page.person): page for page in evidence.rows(tx, plan_id, TestPage)}
    told = {(number, person): columns for number, pages in known.items() for person, columns in pages.items()}
    for number, person in sorted(here.keys() | told.keys()):
        name = f"preflight {number}, the test page of {person}"
        if (number, person) not in here:
            yield f"{name} is gone, and the timeline has it"
        elif (number, person) not in told:
            yield f"{name} is here, and no entry says where it comes from"
        else:
            yield from evidence.unlike(name, here[number, person], told[number, person])


def _learn(columns: Columns, entry: Entry) -> None:
    match entry.verb:
        case Verb.BEGAN:
            columns |= {"by": entry.actor, "begun_at": entry.at, "missing": entry.facts["missing"]}
            columns |= {"reminded_at": None, "ended_at": None, "reached_at": None}
        case Verb.REMINDED:
            columns["reminded_at"] = entry.at
        case Verb.ENDED:
            columns |= {"ended_at": entry.at, "reached_at": entry.at if entry.facts["reached"] else None}


def _learn_page(pages: Pages, entry: Entry) -> None:
    if entry.verb == Verb.BEGAN:
        pages |= {person: {"answered_at": None, "by": ""} for person in entry.facts["people"]}
    elif entry.verb == Verb.ANSWERED:
        pages[entry.facts["person"]] = {"answered_at": entry.at, "by": entry.actor}
