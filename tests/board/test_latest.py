"""The latest of a plan on its board, in words: every verb has some, and they say who and whom."""

from __future__ import annotations

import pytest

from callboard.blockers import models as blockers
from callboard.board.picture import picture
from callboard.board.picture.words import BECAME, DID, PAGES
from callboard.conflicts import models as conflicts
from callboard.emergencies import models as emergencies
from callboard.escalation.models import ClimbVerb
from callboard.gates.models import words as gates
from callboard.locks import models as locks
from callboard.runbooks import models as runbooks
from callboard.tasks import models as tasks
from tests.runbooks.shipping import shipping
from tests.world import PLAN, World

VERBS = {
    "blocker": (blockers.Verb, ClimbVerb), "gate": (gates.Verb,), "lock": (locks.Verb, locks.End),
    "conflict": (conflicts.Verb,), "emergency": (emergencies.Verb,), "run": (runbooks.Verb,), "task": (tasks.Verb,),
}  # fmt: skip
OF_STEPS = {"started", "confirmed", "delayed", "skipped", "failed", "took back", "ticked", "acknowledged", "late",
            "over its limit"}  # fmt: skip
PLAIN = {"expired", "found", "not resolved in time", "not validated in time", "overdue", "stuck"}
"""What reads well as it is."""


def latest(world):
    return [happened.text for happened in world.app.db.transact(picture, 1).latest]


@pytest.mark.parametrize("kind", VERBS)
def test_every_verb_reads_as_what_somebody_did_or_as_what_became_of_it(kind):
    known = {*DID[kind], *BECAME.get(kind, ()), *PAGES, *PLAIN, *(OF_STEPS if kind == "run" else ())}
    assert {str(verb) for verbs in VERBS[kind] for verb in verbs} <= known


async def test_the_latest_say_who_was_paged_and_who_is_away(database_url):
    async with World(database_url, PLAN) as world:
        await world.says("pa", "/blocker mongo is down")
        await world.says("pa", "/blocker severity 1 critical")
        await world.says("olga", "/plan away today")
        told = latest(world)
    assert "Blocker 1: paged Omega lead" in told
    assert "Blocker 1: Person A changed its severity" in told
    assert "People: Omega lead is away" in told


async def test_the_latest_call_a_step_by_its_name_and_that_of_its_run(database_url):
    async with shipping(database_url) as world:
        await world.passes()
        await world.until("2025-11-15 14:00")
        await world.done("amp", "announce")
        told = latest(world)
    assert "Go-live: began" in told
    assert "Go-live, Go announced: Amp confirmed it" in told
    assert [line for line in told if line.endswith(": passed")]
    assert not [line for line in told if line.startswith("Step ")]
