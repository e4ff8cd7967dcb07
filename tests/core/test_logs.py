"""No token is ever written to a log, and what is written can be read."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys

import pytest

from callboard.core.logs import masking, terminal

PROGRAM = """
import logging, structlog
from callboard.core import logs
logs.configure(as_json=True, secrets=["the-signing-secret"])
structlog.contextvars.bind_contextvars(trace="0badcafe")
structlog.get_logger().info("slack.answered", name="/blocker", signed_with="the-signing-secret")
logging.getLogger("library").warning("sent with %s", "xoxb-1-2-abc")
try:
    raise RuntimeError("refused: xapp-1-A1-2-def")
except RuntimeError:
    structlog.get_logger().exception("it.broke")
"""


AWAY = """
import psycopg, structlog
from sqlalchemy.exc import DBAPIError
from callboard.core import logs
logs.configure(as_json=True)
for said, event in (("no route to db1\\n\\tIs it running?", "it.waits"), ("", "it.broke")):
    try:
        if said:
            raise DBAPIError.instance("SELECT 1", None, psycopg.OperationalError(said), psycopg.Error)
        raise RuntimeError("a mistake")
    except Exception as error:
        structlog.get_logger().exception(event)
        structlog.get_logger().error(event, exc_info=error)
"""


def test_logs_say_in_a_line_that_the_database_is_away_and_keep_the_traceback_of_a_mistake():
    env = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    said = subprocess.run([sys.executable, "-c", AWAY], env=env, capture_output=True, text=True, check=True).stderr
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["event"] for line in lines] == ["it.waits", "it.waits", "it.broke", "it.broke"]
    assert all(line["why"] == "no route to db1" and "exception" not in line for line in lines[:2])
    assert all("RuntimeError: a mistake" in line["exception"] for line in lines[2:])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("token xoxb-12-34-abcDEF", "token xoxb-***"),
        ("xapp-1-A0-1-ff and xoxe.xoxp-1-Mi", "xapp-*** and xoxe.xoxp-***"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("postgresql://bot:hunter2@db/callboard", "postgresql://***@db/callboard"),
        ("https://hooks.slack.com/commands/T1/2/xyz", "https://hooks.slack.com/***"),
        ("callboard_" + "aB-_" * 8 + " came", "callboard_*** came"),
        ("GET /calendar/" + "aB-_" * 8 + ".ics", "GET /calendar/***.ics"),
        ("POST /board/release/open/" + "aB-_" * 8 + ".xy", "POST /board/release/open/***"),
        ("callboard_slack_answer_age_seconds", "callboard_slack_answer_age_seconds"),
        ("POST /answer/" + "aB-_" * 8, "POST /answer/***"),
        ("Authorization: Basic cGE6eA==", "Authorization: Basic ***"),
        ("unable to access 'https://t0ken@example.com/a.git'", "unable to access 'https://***@example.com/a.git'"),
        ("PRIVATE-TOKEN: hunter2", "PRIVATE-TOKEN: ***"),
        ("GET /x?access_token=hunter2&page=2", "GET /x?access_token=***&page=2"),
        ("callboard_board=hunter2; a=b", "callboard_board=***; a=b"),
        ("pushed with ghp_" + "a1" * 18, "pushed with ghp_***"),
        ("sign with open-sesame", "sign with ***"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_logs_mask_secrets_wherever_they_are(written, expected):
    mask = masking(["open-sesame", "abc"])
    event = {"event": written, "deep": [{"er": (written,)}]}
    assert mask(logging.getLogger(), "info", event) == {"event": expected, "deep": [{"er": [expected]}]}


def test_logs_mask_a_value_named_like_a_secret():
    masked = masking()(logging.getLogger(), "info", {"event": "x", "bot_token": "abc", "response_url": "http://x/y"})
    assert masked == {"event": "x", "bot_token": "***", "response_url": "***"}


def test_logs_write_values_without_json_as_words():
    assert masking()(logging.getLogger(), "info", {"event": "x", "error": OSError("xoxb-1-a"), "n": 1.5}) == {
        "event": "x", "error": "xoxb-***", "n": 1.5,
    }  # fmt: skip


def test_logs_for_people_show_what_steers_a_terminal_or_looks_like_another_line():
    forged = "a\n2026-01-01 [info] signed\x1b[2J\u202e"
    shown = terminal(logging.getLogger(), "info", {"event": forged, "plan": forged, "exception": forged, "n": 1})
    plain = "a\\n2026-01-01 [info] signed\\x1b[2J\\u202e"
    assert shown == {"event": plain, "plan": plain, "exception": plain.replace("\\n", "\n"), "n": "1"}


def test_every_log_line_is_json_with_its_trace_and_without_a_secret():
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["slack.answered", "sent with xoxb-***", "it.broke"]
    assert {line["trace"] for line in lines} == {"0badcafe"}
    assert "refused: xapp-***" in lines[2]["exception"]
    assert "the-signing-secret" not in ran.stderr


def test_a_log_whose_reader_is_gone_stops_nothing():
    gone, written = os.pipe()
    os.close(gone)
    try:
        program = f"{PROGRAM}\nprint('went on')"
        done = subprocess.run(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=written, text=True, check=True
        )
    finally:
        os.close(written)
    assert done.stdout == "went on\n"
