"""The command line in an empty folder, with a database of its own."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from callboard.cli.main import main


@pytest.fixture
def callboard(tmp_path, monkeypatch):
    """Type a command, perhaps answering what it asks."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/callboard.db")
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)

    def run(*words, answer=""):
        return CliRunner().invoke(main, words, input=answer)

    return run
