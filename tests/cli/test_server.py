"""What `serve` needs to begin, and what it leaves for later."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys

LATER = {
    "alembic": "migrates", "psycopg": "PostgreSQL", "typer": "the command line", "rich.console": "the command line",
    "pygments": "the command line", "apprise": "a page falls back", "jsonschema": "a job is offered",
    "ruamel.yaml": "a plan is written", "yaml": "a plan is read", "tomllib": "a file of several teams is read",
    "slack_bolt": "Slack asks for something",
    "callboard.slack.connection": "Socket Mode", "jinja2": "a board is drawn", "resvg_py": "a chart is drawn",
    "callboard.blockers.web": "the API", "callboard.gates.web": "the API", "callboard.jobs.web": "the API",
    "callboard.planning.web": "the API", "callboard.tasks.web": "the API", "callboard.web.api": "the API",
    "callboard.locks.web": "git asks", "callboard.branches.web": "a forge calls", "fastapi": "the API",
    "opentelemetry": "never: FastAPI asks for it", "callboard.cli.main": "the command line",
    "callboard.demo": "the demo", "callboard.doctor": "the doctor", "callboard.gallery": "the gallery",
    "sqlalchemy.dialects.postgresql": "the database is one", "greenlet._greenlet": "never: SQLAlchemy asks for it",
    "slack_standin": "the demo", "httpx": "tests", "pytest": "tests", "hypothesis": "tests",
}  # fmt: skip
"""What is imported, and not before what."""
MOST = 1378
"""Modules, Python's own among them: each new one costs every start."""
IMPORTED = re.compile(rb"^import time:.*\| +(\S+)$", re.MULTILINE)


def test_the_server_of_the_command_line_begins_without_what_is_needed_later(tmp_path, sqlite_template):
    database = shutil.copy(sqlite_template, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-X", "importtime", "-m", "callboard", "serve", "--host", "127.0.0.1"]
    env = {
        "DATABASE_URL": f"sqlite:///{database}", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "a" * 32,
        "SLACK_API_URL": f"http://127.0.0.1:{port}/", "PORT": "0", "PYTHONPATH": ":".join(sys.path),
    }  # fmt: skip
    said = b""
    with subprocess.Popen(command, env=env, cwd=tmp_path, stderr=subprocess.PIPE) as serve:
        assert serve.stderr
        for line in serve.stderr:
            said += line
            if b"Uvicorn running" in line:
                serve.terminate()
    imported = {name.decode() for name in IMPORTED.findall(said)}
    assert b"Uvicorn running" in said, said[-2000:]
    assert "callboard.app" in imported
    assert imported & set(LATER) == set()
    assert len(imported) < MOST


def test_wrong_settings_end_it_before_the_bot_is_imported(tmp_path):
    env = {"SLACK_BOT_TOKEN": "xoxb-1", "PYTHONPATH": ":".join(sys.path)}
    command = [sys.executable, "-X", "importtime", "-m", "callboard", "serve"]
    ended = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, check=False)
    imported = {name.decode() for name in IMPORTED.findall(ended.stderr)}
    assert ended.returncode == 1
    assert ended.stderr.endswith(b"Set SLACK_APP_TOKEN (xapp-..., Socket Mode) or SLACK_SIGNING_SECRET (HTTP).\n")
    assert "callboard.settings" in imported
    assert {name for name in imported if name.startswith("callboard.app")} == set()
