"""What the hooks of monitoring take and refuse: each refusal has its sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from callboard.alerts import payloads, service, web
from callboard.alerts.models import Source
from callboard.cli import tokens
from callboard.web import tokens as issued
from tests.alerts.monitored import Monitored, alert, basic
from tests.growth import statements
from tests.web.strangers import asks
from tests.world import MORNING

DATABASES = ("sqlite",)  # what comes over HTTP


@pytest.fixture
async def world(database_url):
    async with Monitored(database_url) as world:
        yield world


def said(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["detail"])


@pytest.mark.parametrize("path", ["alertmanager", "alert", "heartbeat/nightly-backup"])
async def test_door_asks_for_a_token_before_it_reads_a_body(world, path):
    assert "Send a token as bearer" in said(await world.sends(path, b"{", token=""), 401)
    answer = await world.sends(path, b"{", token="callboard_guessed")
    assert "Unknown token. `callboard token create` issues one." in said(answer, 401)
    assert answer.headers["www-authenticate"]
    assert said(await world.sends(path, b"{", token="", Authorization="Basic !!"), 401)
    assert not world.slack.record.calls("chat.postMessage")[2:]


async def test_web_takes_a_token_as_bearer_and_as_a_password(world):
    body = {"title": "Disk is full", "labels": {"host": "db-1", "alertname": "DiskFull"}}
    token = world.token("amp", "alerts")
    assert (await world.sends("alert", body, token=token)).json() == {"received": 1, "matched": 1}
    assert (await world.sends("alert", body, token="", Authorization=basic(token))).status_code == 200
    assert "scope `alerts:send`" in said(await world.sends("alert", body, token=world.token("amp", "blockers")), 403)
    assert [entry.facts["tried"] for entry in world.entries("token", "refused")] == ["POST /hooks/alert"]


async def test_a_token_goes_on_when_its_person_has_left_the_plan(world):
    token = world.token("sc", "alerts")
    without = world.plan.replace("  sc: {name: Person C, slack: USC}\n", "").replace("members: [sc]", "members: []")
    world.apply(without.replace("page: [sc]", "page: [pb]"))
    body = {"title": "DiskFull", "labels": {"host": "db-1"}}
    assert (await world.sends("alert", body, token=token)).status_code == 200
    world.dm("pb").expect("Blocker 1")


async def test_a_revoked_token_is_refused(world):
    token = world.token("amp", "alerts")
    world.app.db.transact(issued.revoke, 1, "test")
    answer = await world.sends("alert", {"title": "x", "labels": {"a": "b"}}, token=token)
    assert "was revoked" in said(answer, 401)


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("alertmanager", b"not json", 422, "The body is not JSON."),
        ("alertmanager", b"[1]", 422, "The body is JSON, but no object"),
        ("alertmanager", {"hello": 1}, 422, "There are no `alerts` in it"),
        ("alertmanager", {"alerts": []}, 422, "There are no `alerts` in it"),
        ("alertmanager", {"alerts": [1]}, 422, "Alert 1 has no `status`"),
        ("alertmanager", {"alerts": [{"status": "firing"}]}, 422, "Alert 1 has no `labels`"),
        ("alertmanager", {"alerts": [{"status": "firing", "labels": {}}]}, 422, "Alert 1 has no `labels`"),
        ("alertmanager", {"alerts": [{"status": "firing", "labels": {"a": None}}]}, 422, "Alert 1 has no `labels`"),
        ("alertmanager", {"alerts": [{"status": "firing", "labels": {"a": ["b"]}}]}, 422, "a label is a text"),
        (
            "alertmanager",
            {"alerts": [{"status": "firing", "labels": {"alertname": "DiskFull", "x": "y" * 1_000_000}}]},
            422,
            "Alert 1 has too many labels: 200 with 20,000 characters in all are taken.",
        ),
        (
            "alert",
            {"title": "x", "labels": {f"label-{number}": "1" for number in range(201)}},
            422,
            "too many labels",
        ),
        ("alert", b"[" * 100_000, 422, "The body is not JSON."),
        ("alert", b'{"title": "x", "labels": ' + b'{"a":' * 60 + b"1" + b"}" * 60 + b"}", 422, "50 levels deep"),
        ("alert", [], 422, "There is no alert in it"),
        ("alert", {"labels": {"a": "b"}}, 422, "An alert needs a `title`"),
        ("alert", {"title": " ", "labels": {"a": "b"}}, 422, "An alert needs a `title`"),
        ("alert", {"title": "Disk"}, 422, "This alert has no `labels`"),
        ("alert", {"title": "Disk", "labels": {"a": "b"}, "status": "red"}, 422, "`firing` or `resolved`"),
        ("alert", b" " * 25_000_001, 413, "at most 25,000,000 bytes"),
        ("heartbeat/nightly-bakup", {}, 404, "no heartbeat `nightly-bakup`; did you mean `nightly-backup`?"),
    ],
)
async def test_payloads_refuse_what_is_no_alert(world, path, body, status, sentence):
    assert sentence in said(await world.sends(path, body), status)
    assert "no rule" not in await world.plan_alerts()


@pytest.mark.parametrize(
    ("path", "good", "bad", "sentence"),
    [
        ("alertmanager", {"status": "firing", "labels": {"alertname": "DiskFull", "host": "a"}}, {"status": "firing"},
         "Alert 2 has no `labels`"),
        ("alert", {"title": "DiskFull", "labels": {"host": "a"}}, {"title": "Cold", "labels": []},
         "Alert 2: This alert has no `labels`"),
        ("alert", {"title": "DiskFull", "labels": {"host": "a"}}, 7, "Alert 2: An alert needs a `title`"),
    ],
)  # fmt: skip
async def test_payloads_of_several_alerts_page_for_those_that_can_be_read_and_count_the_others(
    world, path, good, bad, sentence
):
    body = [good, bad] if path == "alert" else {"alerts": [good, bad]}
    answer = await world.sends(path, body)
    assert answer.status_code == 200
    assert (answer.json()["received"], answer.json()["matched"]) == (1, 1)
    assert sentence in answer.json()["unreadable"][0]
    world.dm("sc").expect("Blocker 1")
    assert "1 alert could not be read, the last" in await world.plan_alerts()
    await world.sends(path, b"not json")
    assert "2 alerts could not be read, the last" in await world.plan_alerts()
    assert "The body is not JSON." in await world.plan_alerts()


async def test_payloads_that_nobody_may_send_count_nothing(world):
    assert (await world.sends("alert", b"not json", token="callboard_nobody")).status_code == 401
    assert "could not be read" not in await world.plan_alerts()


async def test_payloads_take_half_characters_and_nul_as_what_every_database_can_keep(world):
    raw = json.dumps({"title": "Disk\ud800 \x00full", "labels": {"alertname": "DiskFull", "host": "\x00a\udfff"}})
    assert (await world.sends("alert", raw.encode())).json() == {"received": 1, "matched": 1}
    world.dm("sc").expect("Blocker 1")


async def test_rules_give_a_title_to_what_has_no_word_in_it(world):
    body = {"title": "!!!", "labels": {"alertname": "DiskFull"}}
    assert (await world.sends("alert", body)).json() == {"received": 1, "matched": 1}
    world.dm("sc").expect("Blocker 1", "Alert !!!")


async def test_payloads_never_ring_anybody_by_what_an_alert_says(world):
    labels = {"alertname": "SlowResponses", "team": "sigma", "who": "<!channel>"}
    await world.sends("alert", {"title": "<!channel> <@UAMP> & so", "labels": labels})
    shown = world.channel("urgent").expect("so").shown
    assert "<!channel>" not in shown
    assert "<@UAMP>" not in world.card(channel="sigma").shown.split("Raised")[0]


async def test_rules_match_with_stars_and_only_with_stars(database_url):
    plan = Monitored(database_url).plan.partition("alerts:")[0]
    rules = "alerts:\n  - {match: {path: '/a?[b]*'}, page: [pb]}\n"
    async with Monitored(database_url, plan + rules) as world:
        for path, matched in (("/a?[b]/c", 1), ("/axb", 0), ("/a?b", 0)):
            body = {"title": "x", "labels": {"path": path}}
            assert (await world.sends("alert", body)).json()["matched"] == matched, path


async def test_a_webhook_resolves_by_its_key_or_by_the_same_labels(world):
    body = {"title": "DiskFull", "labels": {"host": "db-1"}, "key": "disk-1"}
    await world.sends("alert", body)
    await world.sends("alert", {**body, "labels": {"host": "db-1", "load": "9"}, "status": "resolved"})
    assert world.row("blocker", 1).state == "resolved"
    await world.advance(minutes=20)
    await world.sends("alert", [{"title": "DiskFull", "labels": {"host": "db-2"}}])
    await world.sends("alert", [{"title": "DiskFull", "labels": {"host": "db-2"}, "status": "resolved"}])
    assert world.row("blocker", 2).state == "resolved"


EVENT = {"issue_id": "117", "title": "DiskFull", "level": "error", "project": 1, "web_url": "https://s.example.com/117"}
ISSUE = {"id": "117", "title": "DiskFull", "level": "error", "project": {"slug": "shop"}, "culprit": "orders.py"}
METRIC = {
    "metric_alert": {"id": "7", "alert_rule": {"name": "DiskFull"}, "projects": ["shop"]},
    "description_text": "1000 events in the last 10 minutes", "web_url": "https://s.example.com/7",
}  # fmt: skip


async def test_sentry_signs_what_it_sends_and_its_issues_and_metrics_fire_and_resolve(world):
    event = {"action": "triggered", "data": {"event": EVENT, "triggered_rule": "Disk rule"}}
    assert (await world.sentry("event_alert", event)).json() == {"received": 1, "matched": 1}
    world.dm("sc").expect("Blocker 1")
    assert "Raised by Sentry webhook" in world.card(channel="release").shown
    resolved = {"action": "resolved", "data": {"issue": ISSUE}}
    assert (await world.sentry("issue", resolved)).status_code == 200
    assert world.row("blocker", 1).state == "resolved"
    await world.advance(minutes=20)
    assert (await world.sentry("metric_alert", {"action": "critical", "data": METRIC})).json()["matched"] == 1
    assert (await world.sentry("metric_alert", {"action": "resolved", "data": METRIC})).json()["matched"] == 1
    assert world.row("blocker", 2).state == "resolved"


async def test_sentry_is_refused_with_a_wrong_signature_or_plan(world):
    event = {"action": "triggered", "data": {"event": EVENT}}
    assert "not signed" in said(await world.sentry("event_alert", event, secret="guessed"), 401)
    assert "not signed" in said(await world.sends("sentry", {}, token=""), 401)
    odd = [("Sentry-Hook-Signature", "\u00e9".encode("latin-1")), ("Sentry-Hook-Resource", "issue")]
    assert (await asks(world.app.web, "POST", "/hooks/sentry", odd, b"{}")).status == 401
    assert (await world.sentry("event_alert", event, path="sentry/release")).json()["matched"] == 1
    assert "no plan `releas`" in said(await world.sentry("event_alert", event, path="sentry/releas"), 404)


async def test_sentry_is_never_refused_what_it_has_signed_and_the_plan_counts_what_cannot_be_read(world):
    """Sentry switches off a hook that fails often."""
    event = {"action": "triggered", "data": {"event": EVENT}}
    for resource, body, why in (
        ("event_alert", {"data": {}}, "This issue has no id or no title"),
        ("issue", {"action": "created"}, "This issue has no id or no title"),
        ("", event, "Sentry did not say what it sent"),
        ("monitor_<!here>", event, "Sentry sent `monitor_<!here>`, which I don't know"),
    ):
        answer = await world.sentry(resource, body)
        assert answer.status_code == 200, resource
        assert why in answer.json()["unreadable"][0], resource
    shown = (await world.says("amp", "/plan alerts")).messages[-1].shown
    assert "4 alerts could not be read" in shown
    assert "Sentry sent `monitor_" in shown
    assert "<!here>" not in shown
    assert (await world.sentry("issue", {"action": "assigned"})).json()["ignored"]
    assert "does not need" in (await world.sentry("installation", {"action": "created"})).json()["ignored"]
    error = {"action": "created", "data": {"error": EVENT}}
    assert "does not need" in (await world.sentry("error", error)).json()["ignored"]
    assert "does not need" in (await world.sentry("issue", {"action": "assigned", "data": {"issue": ISSUE}})).text


async def test_the_scope_of_a_token_can_be_written_short(world):
    assert world.app.db.transact(tokens.create, "release", "amp", "alerts", "90d", "", "test").startswith("callboard_")


async def test_what_was_answered_is_committed(world):
    """A bot that dies right after its answer has lost nothing: the next one knows the alert and pages for it."""
    answer = await world.posts("alertmanager", {"alerts": [alert("DiskFull", "firing", MORNING.isoformat(), host="a")]})
    assert answer.status_code == 200
    other = world.another()
    try:
        await other.start(beating=False)
        await other.settled_in.wait()
        await other.settle()
    finally:
        await other.stop()
    world.dm("sc").expect("Blocker 1")


async def test_token_and_plan_are_read_once_for_posts_that_are_committed_together_and_anew_once_changed(world):
    digest, db = issued.digest(world.token("amp", "alerts")), world.app.db

    def post(tx, number):
        with tx.part("") as part:
            plan_id = issued.bearer(part, digest, "", web.SEND).plan_id
            body = {"alerts": [alert("DiskFull", "firing", tx.now.isoformat(), instance=str(number))]}
            return service.receive(
                part, plan_id, Source.ALERTMANAGER, payloads.alertmanager(json.dumps(body).encode()).read
            )

    def together(tx):
        with statements.asked(db) as found:
            receipts = [post(tx, number) for number in range(8)]
        with tx.part("") as part:
            issued.revoke(part, 1, "amp")
        with pytest.raises(issued.Barred):
            post(tx, 8)
        return receipts, [one.sql.rpartition("FROM ")[2] for one in found.every]

    receipts, asked = db.transact(together)
    assert [receipt.matched for receipt in receipts] == [1] * 8
    assert sum(of.startswith("api_tokens") for of in asked) == 1
    assert sum(of.startswith("plans") for of in asked) <= 2
