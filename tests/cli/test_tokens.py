"""`callboard token` from a shell: a token is printed once and alone, listed without itself, and ended."""

from __future__ import annotations

import json
import re

import pytest

from callboard.app import scopes
from callboard.cli import tokens
from callboard.core.errors import Refused
from tests.api.desk import PLAN
from tests.world import World


def test_the_token_command_prints_a_token_alone_lists_it_without_its_secret_and_revokes_it(callboard, tmp_path):
    (tmp_path / "plan.yml").write_text(PLAN)
    assert callboard("apply", "plan.yml", "--yes").exit_code == 0
    made = callboard("token", "create", "--plan", "release", "--person", "@SC", "--scope", "gates:report,tasks")
    secret = made.stdout.removesuffix("\n")
    assert (made.exit_code, made.stderr) == (0, "")
    assert secret.startswith("callboard_")
    assert len(secret.split()) == 1
    listed = callboard("token", "list", "--json").stdout
    assert secret not in listed
    (one,) = json.loads(listed)
    assert (one["person"], one["scopes"], one["state"]) == ("sc", ["gates:report", "tasks"], "valid")
    assert "is revoked" in callboard("token", "revoke", "1").stdout
    assert "revoked" in callboard("token", "list", "--plan", "release").stdout


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_token_command_refuses_an_unknown_scope_with_the_nearest(database_url):
    def refused(plan="release", person="sc", scope="tasks", expires="90d"):
        with pytest.raises(Refused) as caught:
            world.app.db.transact(tokens.create, plan, person, scope, expires, "", "test")
        return caught.value.sentence

    async with World(database_url, PLAN) as world:
        assert "There is no plan `harbour`" in refused(plan="harbour")
        assert "is called `nobody`" in refused(person="nobody")
        assert "did you mean `gates:report`?" in refused(scope="gates:reports")
        assert "write one of `alerts`, `blockers`, `board`, `emergencies`" in refused(scope="everything")
        assert "Say what it is for" in refused(scope=" ")
        assert "at most 366 days" in refused(expires="400d")
        assert "no duration" in refused(expires="tomorrow")
        assert world.entries("token", "issued") == []


def test_the_help_of_the_token_command_names_all_that_a_token_may_do(callboard):
    said = callboard("token", "create", "--help").stdout
    assert {scope.partition(":")[0] for scope in scopes()} - set(re.findall(r"[a-z]+", said)) == set()
