"""The command line as a whole: quick to answer, and plain about what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import resources


def test_the_main_help_of_the_command_line_names_every_command_and_imports_no_database():
    code = (
        "import sys; from callboard.cli.main import main\n"
        "try: main(['--help'])\nfinally: print('sqlalchemy' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for command in ("serve", "demo", "check", "apply", "export", "calendar", "doctor", "guard", "token", "audit"):
        assert f" {command} " in told, command
    assert told.endswith("False\n")


def test_the_main_program_of_the_command_line_says_why_it_refuses_and_ends_with_1(callboard):
    refused = callboard("check", "nowhere.yml")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "nowhere.yml: No such file or directory\n"


def test_the_installation_of_the_command_line_names_a_database_that_does_not_work(callboard, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}")
    broken = callboard("token", "list")
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert broken.stderr.startswith("The database does not work: ")


def test_the_service_of_plans_names_the_key_of_a_plan_that_does_not_exist(callboard):
    refused = callboard("export", "--plan", "none")
    assert refused.exit_code == 1
    assert "There is no plan `none`" in refused.stderr


def test_the_main_program_of_the_command_line_speaks_on_a_terminal_that_knows_few_signs():
    plan = str(resources.files("callboard.examples") / "deployment.yml")
    command = [sys.executable, "-m", "callboard", "rehearse", plan, "--until", "2025-11-13"]
    environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
    told = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert b"Traceback" not in told.stderr
    assert b"?" in told.stdout
    assert b"messages" in told.stderr
