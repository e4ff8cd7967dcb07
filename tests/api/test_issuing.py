"""`callboard token` from a shell: a token is printed once and alone, listed without itself, and ended."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from callboard.cli import tokens
from callboard.cli.main import main
from callboard.core.errors import Refused
from tests.api.desk import PLAN

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def callboard(database_url, tmp_path):
    def run(*arguments):
        return CliRunner().invoke(main, arguments, env={"DATABASE_URL": database_url})

    file = tmp_path / "plan.yml"
    file.write_text(PLAN)
    assert run("apply", str(file), "--yes").exit_code == 0
    return run


def test_a_token_is_printed_alone_listed_without_itself_and_revoked(callboard):
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


async def test_an_unknown_scope_for_a_token_is_refused_with_the_nearest(desk):
    def refused(plan="release", person="sc", scope="tasks", expires="90d"):
        with pytest.raises(Refused) as caught:
            desk.world.app.db.transact(tokens.create, plan, person, scope, expires, "", "test")
        return caught.value.sentence

    assert "There is no plan `harbour`" in refused(plan="harbour")
    assert "is called `nobody`" in refused(person="nobody")
    assert "did you mean `gates:report`?" in refused(scope="gates:reports")
    assert "Say what it is for" in refused(scope=" ")
    assert "at most 366 days" in refused(expires="400d")
    assert "no duration" in refused(expires="tomorrow")
    assert desk.world.entries("token", "issued") == []
