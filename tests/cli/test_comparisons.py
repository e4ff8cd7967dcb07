"""`callboard rehearse --compare`, and the workflow of docs/comparison.md as it stands there, step by step."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from callboard.core.errors import Refused

GUIDE = (Path(__file__).parents[2] / "docs" / "comparison.md").read_text()
FILE = "release.yml"
BEFORE = """\
callboard: 1
key: pier
name: Pier @acme/all
timezone: Europe/Berlin
from: 2026-03-25 08:00
to: 2026-03-25 16:00
people:
  ann: {name: Ann, slack: U0ANN, roles: [coordinator]}
  ben: {name: Ben, slack: U0BEN}
teams:
  api: {name: API, lead: ben, channel: "#api"}
channels: {coordination: "#pier"}
tasks:
  A-1: {title: Load, team: api, assignee: ben, due: 2026-03-25 14:00, estimate: 1h}
gates:
  live:
    name: Go live
    due: 2026-03-25 15:00
    criteria: [{tasks: [A-1]}]
    sign_off: [{role: coordinator}]
checkpoints:
  - {name: Noon, team: api, at: 2026-03-25 12:00, ask: [How far?]}
"""
AFTER = BEFORE.replace("estimate: 1h", "estimate: 9h").replace("15:00", "14:30").replace("Noon", "Lunch")


def steps():
    """The scripts of the workflow, without those that get Python and Callboard."""
    workflow = yaml.safe_load(re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)[0])
    assert workflow[True]["pull_request"]["paths"] == [FILE]
    found = [step for step in workflow["jobs"]["rehearse"]["steps"] if "run" in step and step["name"] != "Install"]
    return {step["name"]: step["run"].replace("${{ github.event.pull_request.number }}", "17") for step in found}


@pytest.fixture
def checkout(tmp_path):
    """A runner that has checked out the merge of a pull request."""
    folder = tmp_path / "repository"
    folder.mkdir()

    def git(*words):
        config = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
        subprocess.run(("git", *config, *words), cwd=folder, check=True, capture_output=True)

    def commit(text):
        (folder / FILE).write_text(text)
        git("commit", "-am", "Plan")

    git("init", "-b", "main")
    (folder / FILE).write_text(BEFORE)
    git("add", ".")
    git("commit", "-m", "Plan")
    git("switch", "-c", "change")
    commit(AFTER)
    git("switch", "main")
    git("merge", "--no-ff", "change", "-m", "Merge")
    return folder


def programs(folder):
    """What a runner has: Callboard, and GitHub's program, which writes down what it was asked."""
    folder.mkdir()
    for name, script in (
        ("callboard", f'exec {sys.executable} -m callboard "$@"'),
        ("gh", 'echo "$@" >> "$RUNNER_TEMP/asked"; cp "${@: -1}" "$RUNNER_TEMP/commented"'),
    ):
        (folder / name).write_text(f"#!/usr/bin/env bash\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


def test_rehearsal_comparisons_in_the_recipe_for_ci_make_one_comment_that_calls_nobody_and_fail_for_a_new_fault(
    checkout, tmp_path
):
    runner = tmp_path / "runner"
    runner.mkdir()
    path = f"{programs(tmp_path / 'bin')}:{os.environ['PATH']}"
    env = os.environ | {"PATH": path, "RUNNER_TEMP": str(runner), "GITHUB_STEP_SUMMARY": str(runner / "summary")}
    done = {
        name: subprocess.run(("bash", "-e", "-c", script), cwd=checkout, env=env, capture_output=True, text=True)
        for name, script in steps().items()
    }
    assert (done["Rehearse"].returncode, done["Comment"].returncode) == (1, 0), done
    assert done["Rehearse"].stderr == "1 new fault.\n"
    comment = (runner / "commented").read_text()
    assert (runner / "asked").read_text().startswith("pr comment 17 --edit-last --create-if-none --body-file ")
    assert comment == (runner / "summary").read_text()
    assert comment.startswith("### What this change does in Pier @<!-- -->acme/all\n")
    assert "" == comment
