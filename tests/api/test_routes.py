"""A program takes part in a release: the same verbs as in Slack, by the person of its token."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.desk import refusal

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file


async def test_the_web_routes_of_gates_take_the_count_and_the_tick_of_a_pipeline(desk):
    await desk.posts("pa", "/gates/validated/ticks", {"criterion": "1", "evidence": "docs/SECRETS.md <now>"})
    await desk.world.completes("pb", "O-1", "O-2")
    await desk.world.signs("olga", "validated")
    link = "https://ci.example/run/9"
    gate = await desk.posts("sc", "/gates/tested/reports", {"measure": "tests_passed", "amount": 67, "link": link})
    assert [one["holds"] for one in gate["criteria"]] == [False, True, False, True]
    gate = await desk.posts("sc", "/gates/tested/reports", {"measure": "tests_passed", "amount": "68/72", "link": link})
    assert "68 of 72" in gate["criteria"][0]["stands"]
    assert gate["criteria"][0]["holds"]
    told = desk.world.entries("gate", "reported", "tested")
    assert [(one.actor, one.said) for one in told] == [("sc", link)] * 2
    assert (await desk.gets("pa", "/gates/validated"))["state"] == "passed"
    assert desk.world.verified() == []


async def test_the_web_routes_of_tasks_start_a_task_report_progress_and_complete_it(desk):
    task = await desk.posts("pb", "/tasks/o-1/start")
    assert (task["key"], task["status"], task["started_at"]) == ("O-1", "in progress", "2025-11-13T09:00:00Z")
    assert (await desk.posts("pb", "/tasks/O-1/progress", {"percent": 60, "said": "a < b"}))["percent"] == 60
    assert (await desk.posts("pb", "/tasks/O-1/complete"))["status"] == "completed"
    assert [(one.verb, one.actor) for one in desk.world.entries("task", "completed")] == [("completed", "pb")]
    assert "a &lt; b" in desk.world.entries("task", "progressed")[0].said
    shown = await desk.world.says("pb", "/task show O-1")
    assert "completed" in shown.text


async def test_the_web_api_answers_409_to_what_is_refused_and_keeps_who_tried_on_the_timeline(desk):
    said = refusal(await desk.asks("sara", "POST", "/tasks/S-1/start"), 409)
    assert "S-1 can't start" in said
    assert "Omega signs off" in said
    assert "<@" not in said
    assert "Omega lead" in said
    (kept,) = desk.world.entries("token", "refused")
    assert (kept.actor, kept.facts["tried"]) == ("sara", "POST /api/v1/plans/release/tasks/S-1/start")
    assert (await desk.gets("sara", "/tasks/S-1"))["waits_for"]


async def test_the_web_routes_of_blockers_make_one_graver_as_slack_does(desk):
    await desk.posts("pa", "/blockers", {"what": "mongo refuses TLS"}, status=201)
    graver = {"severity": "critical", "reason": "production is down"}
    assert (await desk.posts("pa", "/blockers/1/severity", graver))["severity"] == "critical"
    assert "Severity: *critical*" in desk.world.card().shown
    desk.world.thread(desk.world.card()).expect("critical", "production is down")
    for who, sent, said in (
        ("pa", graver, "Blocker 1 is critical already."),
        ("pa", {"severity": "awful"}, "There is no severity `awful`; write one of `normal`, `critical`."),
        ("sc", {"severity": "normal"}, "Only Omega, Omega lead or Amp can change the severity of blocker 1."),
    ):
        assert refusal(await desk.asks(who, "POST", "/blockers/1/severity", sent), 409).startswith(said)
    assert "There is no blocker 9" in refusal(await desk.asks("pa", "POST", "/blockers/9/severity", graver), 404)


async def test_the_web_routes_of_blockers_raise_a_blocker_acknowledge_and_resolve_it(desk):
    raised = await desk.posts(
        "pa", "/blockers", {"what": "mongo refuses TLS <!channel>", "severity": "critical"}, status=201
    )
    assert (raised["number"], raised["team"], raised["what"]) == (1, "omega", "mongo refuses TLS <!channel>")
    page = desk.world.dm("olga").expect("mongo refuses TLS")
    assert "<!channel>" not in page.text
    assert (await desk.posts("olga", "/blockers/1/acknowledge"))["owner"] == "olga"
    assert (await desk.posts("olga", "/blockers/1/resolve", {"outcome": "rotated it"}))["state"] == "resolved"
    assert (await desk.gets("pa", "/blockers"))["items"] == []
    assert [one["number"] for one in (await desk.gets("pa", "/blockers?state=closed"))["items"]] == [1]
    said = refusal(await desk.asks("pa", "POST", "/blockers", {"what": "mongo", "team": "omegga"}), 409)
    assert said == "There is no team `omegga`; did you mean `omega`?"


async def test_the_web_routes_of_planning_say_what_is_on_hold(desk):
    plan = await desk.gets("stan", "")
    assert (plan["key"], plan["version"], plan["phases"][0]["is_now"]) == ("release", 1, True)
    assert ("task", "S-1", "validated") in {(one["kind"], one["target"], one["by"]) for one in plan["holds"]}


async def test_the_web_route_of_the_board_shows_the_plan_now_and_as_it_was_and_what_each_number_was_counted_from(desk):
    await desk.world.advance(minutes=5)
    before = desk.world.clock.now().isoformat()
    await desk.world.advance(minutes=5)
    await desk.posts("pa", "/blockers", {"what": "mongo refuses TLS"}, status=201)
    board = await desk.gets("stan", "/board")
    assert board["opened"] == {"number": 1, "rows": ["blocker 1"]}
    assert board["rows"]["blocker 1"]["name"] == board["blockers"][0]["what"] == "mongo refuses TLS"
    assert board["at"] == board["now"]
    then = await desk.gets("stan", f"/board?at={quote(before)}")
    assert (then["opened"]["number"], then["at"]) == (0, before.replace("+00:00", "Z"))
    ahead = await desk.asks("stan", "GET", "/board?at=2030-01-01T00:00:00Z")
    assert refusal(ahead, 404) == "That time has not come yet."
    early = await desk.asks("stan", "GET", "/board?at=2000-01-01T00:00:00Z")
    assert refusal(early, 404) == "This plan was not there yet."
    assert (await desk.asks("stan", "GET", "/board?at=soon")).status_code == 422


@pytest.mark.both_databases
async def test_the_web_routes_of_the_board_give_figures_with_targets_days_and_cases(desk):
    await desk.posts("pb", "/tasks/O-1/complete")
    await desk.posts("sc", "/gates/tested/reports", {"measure": "tests_passed", "amount": 60})
    every = await desk.gets("stan", "/kpis")
    figures = {one["key"]: one for one in every["kpis"]}
    assert (figures["tasks_completed"]["value"], figures["tasks_completed"]["met"]) == (33.3, None)
    assert (figures["tests_passed"]["shown"], figures["tests_passed"]["says"]) == ("60 of 72", "by Person C")
    assert {"phase": "Build", "what": "All tasks completed on schedule", "stands": "1 of 2 completed", "met": None} in (
        every["success"]
    )
    one = await desk.gets("stan", "/kpis/tasks_completed")
    assert one["days"] == [{"day": "2025-11-13", "value": 33.3}]
    assert {"name": "O-1 Database validated", "stands": "completed", "good": True} in one["cases"]
    assert "did you mean `tests_passed`?" in refusal(await desk.asks("stan", "GET", "/kpis/test_passed"), 404)


async def test_lists_on_the_web_come_in_pages_that_hold_everything_once(desk):
    for number in range(7):
        await desk.posts("pa", "/blockers", {"what": f"mongo {number}"}, status=201)
    for path in ("/blockers", "/tasks", "/gates"):
        found: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await desk.gets("pa", f"{path}?limit=2&cursor={cursor}")
            assert len(page["items"]) <= 2
            found += page["items"]
            cursor = page["next"]
        assert found == (await desk.gets("pa", path))["items"], path
    assert "Unknown cursor" in refusal(await desk.asks("pa", "GET", "/tasks?cursor=nonsense"), 422)


@pytest.mark.both_databases
async def test_web_idempotency_does_a_request_sent_again_with_its_key_once(desk):
    body = {"what": "mongo refuses TLS"}
    first = await desk.asks("pa", "POST", "/blockers", body, key="run-9")
    again = await desk.asks("pa", "POST", "/blockers", body, key="run-9")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert len((await desk.gets("pa", "/blockers"))["items"]) == 1
    other = await desk.asks("pa", "POST", "/blockers", {"what": "redis too"}, key="run-9")
    assert "used for another request" in refusal(other, 422)
    assert (await desk.asks("pb", "POST", "/blockers", body, key="run-9")).json()["number"] == 2
    await desk.world.jump(hours=26)
    assert (await desk.asks("pa", "POST", "/blockers", body, key="run-9")).json()["number"] == 3


async def test_the_problem_of_an_api_request_for_an_unknown_name_is_404_with_the_nearest(desk):
    assert "did you mean `O-1`" in refusal(await desk.asks("pa", "GET", "/tasks/O-11"), 404)
    assert "There is no gate" in refusal(await desk.asks("pa", "POST", "/gates/xyz/ticks", {"criterion": "1"}), 404)
    assert "There is no blocker 9" in refusal(await desk.asks("pa", "POST", "/blockers/9/acknowledge"), 404)
    assert "There is nothing at this address" in refusal(await desk.asks("pa", "GET", "/nothing"), 404)


@pytest.mark.both_databases
async def test_the_problem_of_an_api_request_that_cannot_be_read_names_each_wrong_field(desk):
    answer = await desk.asks("pb", "POST", "/tasks/O-1/progress", {"percent": 101, "sad": "x"})
    assert "body.percent" in refusal(answer, 422)
    assert {one["at"] for one in answer.json()["errors"]} == {"body.percent", "body.sad"}
    for text in ("\x00", "\ud800"):
        raw = b'{"what": "mongo %b"}' % text.encode("unicode_escape").replace(b"\\x00", b"\\u0000")
        headers = {"Authorization": f"Bearer {desk.tokens['pb']}", "Content-Type": "application/json"}
        refusal(await desk.http.post("/api/v1/plans/release/blockers", content=raw, headers=headers), 422)
    large = await desk.asks("pb", "POST", "/blockers", {"what": "x" * 1_000_001})
    assert "send less" in refusal(large, 413)


async def test_the_problem_of_a_body_that_is_no_json_object_says_how_to_send_one(desk):
    async def told(raw, kind="application/json"):
        own = {"Authorization": f"Bearer {desk.world.token('sc')}"} | ({"Content-Type": kind} if kind else {})
        return await desk.http.post("/api/v1/plans/release/gates/tested/reports", content=raw, headers=own)

    for kind in ("", "text/plain", "application/x-www-form-urlencoded"):
        said = refusal(await told(b'{"measure": "tests_passed", "amount": 68}', kind), 422)
        assert "body: send it with the header `Content-Type: application/json`" in said, kind
    said = refusal(await told(b'{"measure" "tests_passed"}'), 422)
    assert "body: it is no JSON at character 11: Expecting ':' delimiter" in said
    assert "body: it is missing: send a JSON object" in refusal(await told(b""), 422)
    assert "body: it is no JSON object" in refusal(await told(b"[]"), 422)
    assert "Send the body as JSON in UTF-8" in refusal(await told('{"measure": "größe"}'.encode("latin-1")), 400)
    for amount in (b"true", b"null", b"[68]", b"NaN", b"1e400", b"1" * 400):
        said = refusal(await told(b'{"measure": "tests_passed", "amount": %b}' % amount), 422)
        assert said == (
            "The request cannot be used: body.amount: an amount is a number, or a text such as 68/72, 94% or 15m."
        ), amount


async def test_the_web_route_of_the_board_takes_an_offset_however_its_plus_is_written(desk):
    then = desk.world.clock.now().isoformat()
    for at in (then.replace("+", "%2B"), then, then.replace("T", "%20")):
        answer = await desk.asks("stan", "GET", f"/board?at={at}")
        assert answer.status_code == 200, answer.text


async def test_the_problem_of_a_query_that_an_address_does_not_take_names_the_nearest_one(desk):
    """A slip in a filter must not answer with everything."""
    for path, says in (
        ("/tasks?statsu=blocked", "query.statsu: this is unknown here; did you mean `status`?"),
        ("/tasks?after=x", "write one of `assignee`, `cursor`, `limit`, `status`, `team`"),
        ("/tasks?limit=1&limit=2", "query.limit: this is there twice: send one value"),
        ("/tasks/O-1?full=1", "query.full: this address takes nothing after the `?`"),
        ("?verbose", "query.verbose: this address takes nothing after the `?`"),
        ("/gates/tested?At=now", "query.At: this address takes nothing after the `?`"),
    ):
        answer = await desk.asks("pb", "GET", path)
        assert says in refusal(answer, 422), path
        assert [one["at"] for one in answer.json()["errors"]] == [f"query.{path.partition('?')[2].partition('=')[0]}"]
    refusal(await desk.asks("pa", "POST", "/blockers?silent=true", {"what": "mongo refuses TLS"}), 422)
    assert (await desk.asks("pa", "GET", "/blockers?state=all")).json()["items"] == []


async def test_the_problem_of_a_filter_by_what_nobody_is_called_names_the_nearest_one(desk):
    for path, says in (
        ("/tasks?team=omge", "query.team: `omge` is unknown; did you mean `omega`?"),
        ("/tasks?assignee=PB", "query.assignee: `PB` is unknown; did you mean `pb`?"),
        ("/jobs?type=Release.Import.Ran", "`Release.Import.Ran` is unknown; did you mean `Release.Import.Run`?"),
    ):
        assert says in refusal(await desk.asks("pb", "GET", path), 422), path
    for path in ("/tasks?team=omega&assignee=stan", "/jobs?type=Release.Import.Run"):
        assert (await desk.gets("pb", path))["items"] == []
