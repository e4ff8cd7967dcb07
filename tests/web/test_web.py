"""What the web application answers to Slack, to whoever watches it, and to strangers."""

from __future__ import annotations

import hashlib
import hmac
import time
from urllib.parse import urlencode

import httpx
import pytest

from callboard.slack.answers import Say
from callboard.slack.app import Account, SlackApp
from callboard.slack.grammar import Command, Text, Verb
from callboard.slack.routes import Routes
from callboard.web import app as web
from callboard.web.health import Health, Metrics

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "the-signing-secret"
ECHO = Command(
    "echo", "Says it again", otherwise=Verb("", lambda _tx, _r, a: Say(a["text"]), "says it", (Text("text"),))
)


class Ticked:
    """How many seconds ago the clock work last ran."""

    age = None

    def __call__(self):
        return self.age


@pytest.fixture
def ticked():
    return Ticked()


def browser(db, ticked, signing_secret=SECRET):
    metrics = Metrics()
    account = Account(bot_token="xoxb-1", signing_secret=signing_secret, api_url="http://127.0.0.1:9/api/")
    slack = SlackApp(db, account, Routes([ECHO]), observe=metrics.answered)
    asgi = httpx.ASGITransport(web.build(slack, Health(db, ticked), metrics))
    return httpx.AsyncClient(transport=asgi, base_url="http://callboard")


@pytest.fixture
async def http(db, ticked):
    async with browser(db, ticked) as client:
        yield client


def signed(text="mongo", *, secret=SECRET, age=0.0, trigger="1.2"):
    form = {"command": "/echo", "text": text, "user_id": "U1", "team_id": "T1", "channel_id": "C1",
            "trigger_id": trigger, "response_url": "http://127.0.0.1:9/"}  # fmt: skip
    body, stamp = urlencode(form), str(int(time.time() - age))
    signature = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={signature}",
               "content-type": "application/x-www-form-urlencoded"}  # fmt: skip
    return {"content": body, "headers": headers}


async def test_the_slack_app_answers_a_signed_http_command_within_the_request(http):
    answer = await http.post("/slack/events", **signed())
    assert answer.status_code == 200
    assert answer.json()["text"] == "mongo"
    assert answer.json()["response_type"] == "ephemeral"


async def test_the_slack_app_answers_401_to_an_http_request_with_a_wrong_signature(http):
    assert (await http.post("/slack/events", **signed(secret="another"))).status_code == 401


async def test_what_slack_signed_now_is_new_though_somebody_has_set_the_machines_clock(http, clock):
    by_slack = time.time() - clock.now().timestamp()
    assert (await http.post("/slack/events", **signed(age=by_slack))).status_code == 200
    assert (await http.post("/slack/events", **signed(age=by_slack + 400))).status_code == 401


async def test_the_slack_app_answers_401_to_an_http_request_without_a_signature(http):
    assert (await http.post("/slack/events", content="command=/echo")).status_code == 401


async def test_the_slack_app_answers_401_to_an_http_request_older_than_five_minutes(http):
    assert (await http.post("/slack/events", **signed(age=301))).status_code == 401
    assert (await http.post("/slack/events", **signed(age=290))).status_code == 200


async def test_the_slack_app_is_closed_over_http_without_a_signing_secret(db, ticked):
    async with browser(db, ticked, signing_secret="") as client:
        assert (await client.post("/slack/events", **signed(secret=""))).status_code == 404


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{not json", b"[1, 2]", b"payload=%7Bnot+json", b"x" * 2_000_001, b""])
async def test_the_slack_app_refuses_an_http_request_that_slack_would_not_send(http, body):
    assert (await http.post("/slack/events", content=body)).status_code in {400, 401, 413}


async def test_the_web_app_answers_healthz_while_the_process_is_alive(http):
    assert (await http.get("/healthz")).status_code == 200


async def test_the_health_behind_readyz_needs_a_recent_tick(http, ticked):
    answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["why"]) == (503, "the clock has not ticked yet")
    ticked.age = 0.2
    assert (await http.get("/readyz")).status_code == 200
    ticked.age = 11
    assert (await http.get("/readyz")).json()["why"] == "the last tick was 11 s ago"


async def test_the_health_behind_readyz_and_metrics_needs_a_database_that_answers(http, ticked, db):
    ticked.age = 0.2
    assert "callboard_database_up 1.0" in (await http.get("/metrics")).text
    db.close()
    assert "callboard_database_up 0.0" in (await http.get("/metrics")).text
    assert (await http.get("/readyz")).json()["why"] == "the database does not answer"


async def test_the_health_metrics_tell_what_was_answered_and_what_waits(http, ticked, clock):
    ticked.age = 0.5
    await http.post("/slack/events", **signed())
    text = (await http.get("/metrics")).text
    assert 'callboard_answers_total{name="/echo",outcome="done"} 1.0' in text
    assert 'callboard_outbox{state="waiting"} 0.0' in text
    assert "callboard_tick_age_seconds 0.5" in text


def test_the_health_metrics_measure_a_page_by_how_late_it_was(database_url):
    metrics = Metrics()
    metrics.paged(0.7)
    assert b'callboard_page_lateness_seconds_bucket{le="1.0"} 1.0' in metrics.text()
