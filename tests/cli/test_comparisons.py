"""`callboard rehearse --compare`, and the workflow of docs/comparison.md as it stands there, step by step."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import yaml

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
    run = partial(subprocess.run, cwd=checkout, env=env, capture_output=True, text=True, check=False)
    done = {name: run(("bash", "-e", "-c", script)) for name, script in steps().items()}
    assert (done["Rehearse"].returncode, done["Comment"].returncode) == (1, 0), done
    assert done["Rehearse"].stderr == "2 new faults.\n"
    comment = (runner / "commented").read_text()
    assert (runner / "asked").read_text().startswith("pr comment 17 --edit-last --create-if-none --body-file ")
    assert comment == (runner / "summary").read_text()
    assert comment.startswith("### What this change does in Pier @<!-- -->acme/all\n\n**New: 2 faults. ")
    assert "- fault, line 14: A-1 (Load) can't be done by Wed 25 Mar, 14:00. " in comment
    assert "- Go live: due Wed 25 Mar, 14:30 (was Wed 25 Mar, 15:00); " in comment
    assert re.search(r"; not passed \(was Wed 25 Mar, 1\d:\d\d\); chance to be in time \d % \(was 9\d %\)\n", comment)
    assert re.search(r"\n- Ben: \d messages \(was \d\)\n", comment)


def test_rehearsal_comparisons_of_plans_that_cannot_be_rehearsed_say_why_on_the_screen_and_in_the_comment(
    callboard, tmp_path
):
    (tmp_path / FILE).write_text(BEFORE)
    (tmp_path / "broken.yml").write_text(BEFORE.replace("lead: ben", "lead: bob"))
    for words, sentence in (
        ((FILE, "none.yml"), "none.yml: No such file or directory"),
        (("broken.yml", FILE), "broken.yml: fix 1 error first."),
    ):
        refused = callboard("rehearse", "--compare", *words, "--markdown", "comment.md")
        assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (1, sentence)
        comment = (tmp_path / "comment.md").read_text().splitlines()
        assert (comment[0], comment[-1]) == ("### This change can't be rehearsed", f"- {sentence}")
    unwritten = callboard("rehearse", "--compare", FILE, "none.yml", "--markdown", "none/comment.md")
    assert unwritten.stderr == "none/comment.md: No such file or directory\n"
    (tmp_path / "script.yml").write_text("script:\n  - {at: 2026-03-25 09:00, who: bo, says: /task}\n")
    unfit = callboard("rehearse", "--compare", FILE, FILE, "--script", "script.yml")
    assert unfit.stderr.splitlines()[0].startswith("script.yml:2: script[1]: nobody in the plan has the id `bo`")
    assert unfit.stderr.splitlines()[-1] == f"So {FILE} can't be rehearsed."


@pytest.mark.parametrize(("words", "sentence"), [
    ((), "name the plan file"),
    ((FILE, "--markdown", "comment.md"), "--markdown goes with --compare"),
    ((FILE, "--compare", FILE, FILE), "--compare takes two plan files, and neither PLAN"),
    (("--compare", FILE, FILE, "--html", "page.html"), "--compare takes two plan files, and neither PLAN"),
    (("--compare", FILE), "'--compare' requires 2 arguments"),
])  # fmt: skip
def test_rehearsal_comparisons_go_with_two_plan_files_and_nothing_else(callboard, words, sentence):
    refused = callboard("rehearse", *words)
    assert refused.exit_code == 2
    assert sentence in " ".join(refused.stderr.replace("│", "").split())
