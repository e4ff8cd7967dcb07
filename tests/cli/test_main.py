"""The command line as a whole: quick to answer, and plain about what is refused."""

from __future__ import annotations

import subprocess
import sys

from typer.testing import CliRunner

from callboard.cli.main import main


def test_help_names_every_command_and_imports_no_database():
    code = (
        "import sys; from callboard.cli.main import main\n"
        "try: main(['--help'])\nfinally: print('sqlalchemy' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for command in ("serve", "demo", "check", "apply", "export", "calendar", "doctor", "guard", "token", "audit"):
        assert f" {command} " in told, command
    assert told.endswith("False\n")


def test_a_refused_command_says_why_and_ends_with_1(tmp_path):
    refused = CliRunner().invoke(main, ["check", str(tmp_path / "nowhere.yml")])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == f"{tmp_path}/nowhere.yml: No such file or directory\n"


def test_a_database_that_does_not_work_is_named_in_a_sentence(tmp_path):
    broken = CliRunner().invoke(main, ["token", "list"], env={"DATABASE_URL": f"sqlite:///{tmp_path}"})
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert broken.stderr.startswith("The database does not work: ")


def test_export_names_a_plan_that_does_not_exist(tmp_path):
    url = f"sqlite:///{tmp_path}/callboard.db"
    refused = CliRunner().invoke(main, ["export", "--plan", "none"], env={"DATABASE_URL": url})
    assert refused.exit_code == 1
    assert "There is no plan `none`" in refused.stderr
