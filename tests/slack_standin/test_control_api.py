"""The control API: the same acts and faults, from another process."""

from __future__ import annotations

import httpx
import pytest

from slack_standin import Sandbox, SandboxClock
from tests.slack_standin.test_clock_and_state import START


@pytest.fixture
async def control(slack):
    async with httpx.AsyncClient(base_url=f"{slack.url}/sandbox") as client:
        yield client


async def test_the_stand_ins_control_api_lets_people_act_over_http(slack, bot, control):
    @bot.app.command("/note")
    async def note(ack, command):
        await ack(f"noted {command['text']}")

    said = (await control.post("/act/say", json={"user": "olga", "channel": "ops", "text": "hello"})).json()
    assert said["message"]["text"] == "hello"
    body = {"user": "olga", "channel": "ops", "text": "/note it"}
    outcome = (await control.post("/act/command", json=body)).json()
    assert (outcome["ok"], outcome["messages"][0]["text"]) == (True, "noted it")
    seen = (await control.get("/ephemerals", params={"user": "olga", "channel": "ops"})).json()
    assert [one["text"] for one in seen] == ["noted it"]


async def test_the_stand_ins_control_api_answers_409_to_the_impossible_and_422_to_a_wrong_request(control):
    impossible = await control.post("/act/say", json={"user": "pa", "channel": "leads", "text": "x"})
    assert (impossible.status_code, impossible.json()["error"]) == (409, "pa is not in leads")
    assert (await control.post("/act/say", json={"user": "pa"})).status_code == 422
    assert (await control.post("/act/fly", json={})).status_code == 404


async def test_the_stand_ins_control_api_makes_faults_changes_settings_and_reads_the_record(slack, client, control):
    body = {"method": "chat.postMessage", "kind": "ratelimited", "channel": "ops", "seconds": 60}
    assert (await control.post("/fault", json=body)).json()["ok"]
    assert (await control.get("/fault")).json()[0]["channel"] == "COPS"
    await control.delete("/fault")
    await control.post("/settings", json={"limits": {"message_burst": 1}, "history_lag": 3})
    assert slack.meter.limits.message_burst == 1
    await client.chat_postMessage(channel="COPS", text="x")
    record = (await control.get("/record", params={"method": "chat.postMessage"})).json()
    assert record[0]["answer"]["ok"]
    await control.post("/channel", json={"channel": "ops", "bot": False, "archived": True})
    assert slack.workspace.conversation("ops").archived


async def test_the_stand_ins_control_api_repeats_a_delivery(slack, bot, control):
    heard = []

    @bot.app.command("/note")
    async def note(ack):
        heard.append("note")
        await ack()

    await slack.command("olga", "ops", "/note x")
    number = (await control.get("/deliveries")).json()[-1]["id"]
    assert (await control.post("/redeliver", json={"delivery": number})).json()["ok"]
    assert heard == ["note", "note"]
    assert (await control.post("/redeliver", json={"delivery": 99})).status_code == 404


async def test_the_stand_ins_control_api_moves_the_clock_where_it_is_its_own(spec, control):
    assert (await control.post("/clock", json={"jump": 60})).status_code == 409

    async def due():
        return START

    async with Sandbox(spec, SandboxClock(START, rate=0), next_due=due) as own, httpx.AsyncClient() as http:
        turned = (await http.post(f"{own.url}/sandbox/clock", json={"jump": 60, "rate": 0})).json()
        assert (turned["now"], turned["rate"]) == ("2026-03-25T08:01:00+00:00", 0)
        assert turned["next_due"] == "2026-03-25T08:00:00+00:00"
        back = await http.post(f"{own.url}/sandbox/clock", json={"jump_to": "2026-03-25T07:00:00+00:00"})
        assert back.status_code == 409


async def test_the_stand_ins_page_links_the_canvas_of_a_channel_that_somebody_wrote(slack, control):
    async def link():
        desk = (await control.get("/page/desk", params={"user": "UOLGA"})).json()
        return next(place["canvas"] for place in desk["conversations"] if place["name"] == "ops")

    assert await link() == ""
    typed = {"user": "olga", "channel": "ops", "text": "# Notes"}
    assert (await control.post("/act/write_canvas", json=typed)).json()["write_canvas"] == "# Notes"
    assert (await control.get(f"/page/file/{await link()}")).text == "# Notes"
    await control.post("/settings", json={"canvases": "off"})
    assert slack.spec.canvases == "off"
