"""`callboard audit verify`: what somebody does to the timeline of a gate behind Callboard's back is found."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from callboard.cli.main import main
from tests.gates.company import company, validated

DATABASES = ("sqlite",)  # the seal is tried on both in tests/core

TRICKS = {
    "the signer is exchanged": ["UPDATE timeline SET actor = 'amp' WHERE verb = 'signed'"],
    "what was signed is edited": ["UPDATE timeline SET facts = '{}' WHERE verb = 'signed'"],
    "a refusal is deleted": ["DELETE FROM timeline WHERE verb = 'refused'"],
    "the end is cut off": ["DELETE FROM timeline WHERE seq = (SELECT max(seq) FROM timeline)"],
    "an instant is moved": ["UPDATE timeline SET at = '2020-01-01 00:00:00.000000' WHERE verb = 'passed'"],
    "two entries change places": [
        "UPDATE timeline SET seq = 9999 WHERE seq = 5",
        "UPDATE timeline SET seq = 5 WHERE seq = 6",
        "UPDATE timeline SET seq = 6 WHERE seq = 9999",
    ],
}


@pytest.fixture
async def audited(database_url, monkeypatch):
    """A gate that has passed, after somebody tried what is not allowed; and the command that looks at it."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    async with company(database_url) as world:
        await world.says("pb", "/gate sign validated", channel="release")
        await validated(world)
        await world.advance(minutes=1)
        yield world


def verify():
    return CliRunner().invoke(main, ["audit", "verify", "--plan", "release"])


async def test_the_audit_command_finds_nothing_broken_in_a_timeline_that_was_left_alone(audited):
    outcome = verify()
    assert outcome.exit_code == 0, outcome.output
    assert "none broken" in outcome.output


async def test_the_command_line_prints_the_whole_history_of_gates_for_an_audit(audited):
    outcome = CliRunner().invoke(main, ["gates", "--plan", "release"])
    gate = json.loads(outcome.stdout)[0]
    assert gate["key"] == "validated"
    assert gate["signatures"][0]["signed"]["held"]["no-credentials-in-git"]["stands"].startswith("ticked by <@UPA>")
    verbs = [one["verb"] for one in gate["history"]]
    assert verbs == ["refused", "ticked", "ready", "signed", "passed"]
    assert gate["history"][0]["actor"] == "pb"


@pytest.mark.parametrize("trick", TRICKS)
async def test_the_seal_gives_every_trick_with_a_gates_history_away_when_it_is_verified(audited, trick):
    with audited.app.db.engine.begin() as connection:
        for statement in TRICKS[trick]:
            assert connection.execute(text(statement)).rowcount
    outcome = verify()
    assert outcome.exit_code == 1
    assert "entry" in outcome.output
