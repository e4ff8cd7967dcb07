"""The recipes of docs/api.md, as they stand there: each reports a test count to a gate by a real curl."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from callboard.cli import tokens
from tests.gates.company import PLAN_WITH_GATES, company
from tests.locks.git import Served

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
RECIPES = GUIDE.partition("## Report a test count to a gate")[2].partition("\n## ")[0]
PARTS = [*["<system-out/>"] * 60, *[""] * 8, "<failure/>", "<failure/>", "<error/>", "<skipped/>"]
CASES = "".join(f'<testcase name="t{number}">{part}</testcase>' for number, part in enumerate(PARTS))
INNER = f'<testsuite tests="72">{CASES}</testsuite>'
JUNIT = f'<testsuites><testsuite tests="72" failures="2">{INNER}</testsuite></testsuites>'
"""Suites in suites, as PHPUnit and others write them: each counts what is in it, and some count less than others."""
GITHUB = {"github.server_url": "https://git.example.com", "github.repository": "acme/harbor", "github.run_id": "9",
          "github.run_attempt": "1"}  # fmt: skip

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def block(language, number=0):
    return re.findall(rf"^```{language}\n(.*?)^```", RECIPES, re.MULTILINE | re.DOTALL)[number]


def curl():
    """As it is typed into a shell."""
    return block("sh"), {"BUILD_NUMBER": "41"}


def github():
    """The step's script, with what GitHub puts into it and into its environment."""

    def filled(text):
        return re.sub(r"\$\{\{ ([\w.]+) \}\}", lambda found: GITHUB.get(found[1], ""), text)

    (step,) = yaml.safe_load(block("yaml"))
    own = {"CALLBOARD_URL", "CALLBOARD_TOKEN"}
    return filled(step["run"]), {name: filled(value) for name, value in step["env"].items() if name not in own}


def gitlab():
    """The job's script, line by line, as its runner does."""
    job = yaml.safe_load(block("yaml", 1))["report-to-gate"]
    return "\n".join(job["script"]), {"CI_JOB_ID": "7", "CI_JOB_URL": "https://ci.example.com/jobs/7"}


@pytest.fixture
async def pipeline(database_url, tmp_path):
    """Runs a script where a pipeline would, with an address and a token for reporting alone."""
    plan = PLAN_WITH_GATES.replace("key: release", "key: harbor")
    async with company(database_url, plan) as world, Served(world.app.web) as served:
        asked = ("harbor", "sc", "gates:report,gates:read", "30d", "CI", "operator")
        own = {"CALLBOARD_URL": served.url, "CALLBOARD_TOKEN": world.app.db.transact(tokens.create, *asked)}
        (tmp_path / "report.xml").write_text(JUNIT)
        (tmp_path / "passed.txt").write_text("68\n")

        async def run(script, env):
            shell = await asyncio.create_subprocess_exec(
                "bash", "-eu", "-o", "pipefail", "-c", script, cwd=tmp_path, env={**os.environ, **own, **env},
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            out, _ = await asyncio.wait_for(shell.communicate(), 60)
            await world.settled()
            return shell.returncode, out.decode()

        yield world, run


@pytest.mark.parametrize("recipe", [curl, github, gitlab])
async def test_web_idempotency_has_a_ci_recipe_report_to_a_gate_once_however_often_it_runs(pipeline, recipe):
    world, run = pipeline
    for _ in range(2):
        code, said = await run(*recipe())
        assert code == 0, said
        assert '"key":"tested"' in said
        assert "68 of 72" in said
    (reported,) = world.entries("gate", "reported", "tested")
    assert (reported.actor, reported.facts["amount"]) == ("sc", "68 of 72")
    assert reported.said.startswith("https://")


async def test_an_api_token_that_lacks_the_scope_fails_the_pipeline_of_a_ci_recipe_and_says_why(pipeline):
    world, run = pipeline
    script, env = curl()
    reading = world.app.db.transact(tokens.create, "harbor", "sc", "gates:read", "30d", "", "operator")
    code, said = await run(script.replace("--retry 5", ""), {**env, "CALLBOARD_TOKEN": reading})
    assert code != 0
    assert "This needs the scope `gates:report`; the token has only gates:read" in said
    assert world.entries("gate", "reported", "tested") == []
