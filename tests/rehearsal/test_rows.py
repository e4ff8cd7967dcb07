"""Rows: what docs/seeds.md says that a plan was asked for is read by somebody in a rehearsal of it.

`rows/PLAN.yml` has for each row the words that prove it: `W8: "On track"`, or a list of such words, in the transcript
of the plan's happy script, or `W7: {in: meschain-rollback, says: "is reversed"}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from callboard.rehearsal.transcript import MARGIN
from tests.rehearsal.goldens import SCRIPTS, kept
from tests.rehearsal.noise import TOLD
from tests.test_docs import rows

ROWS = Path(__file__).with_name("rows")
PLANS = sorted({plan.removesuffix(".yml") for plan, _ in SCRIPTS.values()})


@pytest.fixture(params=PLANS)
def plan(request):
    return request.param


def test_rows_that_the_docs_name_for_a_plan_have_their_words(plan):
    claimed, known = set(_claims(plan)), {row[0] for row in rows()}
    assert sorted(_asked(plan) - claimed) == []
    assert sorted(claimed - known) == [], "docs/seeds.md has no such row"


def test_rows_have_words_that_somebody_reads_in_the_transcript(plan):
    assert _unread(plan, _claims(plan)) == []


def test_rows_are_not_proved_by_what_somebody_typed_by_one_word_or_by_another_plan():
    assert "typed in #team-omega: /blocker mongo refuses TLS" in kept("deployment-go").read_text()
    claims = {
        "F5": ["Blocker 1 is open for Omega", "/blocker mongo refuses TLS", "Omega"],
        "F6": {"in": "deployment-bad-day", "says": ["Nobody can say GO", "never said"]},
        "F9": {"in": "meschain-go", "says": "Blocker 1 is"},
    }
    assert _unread("deployment", claims) == [
        "F5: /blocker mongo refuses TLS", "F5: Omega", "F6: never said", "F9: Blocker 1 is",
    ]  # fmt: skip
    assert _asked("deployment") >= {f"F{number}" for number in range(1, 12)}


def _asked(plan: str) -> set[str]:
    """The rows that docs/seeds.md shows in that plan."""
    return {row[0] for row in rows() if f"`{plan}: " in row[2]}


def _claims(plan: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROWS / f"{plan}.yml").read_text()))


def _unread(plan: str, claims: dict[str, Any]) -> list[str]:
    """What stands in no transcript of that plan, or is too little to prove anything."""
    return [
        f"{row}: {words}"
        for row, claim in claims.items()
        for script, words in _phrases(claim, f"{plan}-go")
        if SCRIPTS[script][0] != f"{plan}.yml" or " " not in words or words not in _heard(script)
    ]


def _phrases(claim: Any, script: str) -> Iterator[tuple[str, str]]:
    """Each script with words that are to stand in it."""
    match claim:
        case list():
            for each in claim:
                yield from _phrases(each, script)
        case {"in": other, "says": said, **more} if not more:
            yield from _phrases(said, other)
        case _:
            yield script, str(claim)


@cache
def _heard(script: str) -> str:
    """What is read in a transcript: all of it but what people did."""
    lines = kept(script).read_text().splitlines()
    return "\n".join(line.strip() for line in lines if line.startswith(MARGIN) or TOLD.fullmatch(line))
