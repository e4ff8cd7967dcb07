"""GitHub and GitLab tell of pushes and requests, and a loopback server in their place takes the statuses."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from callboard.branches import store as branches
from callboard.branches import web
from callboard.branches.service import normal
from callboard.conflicts import store
from tests.conflicts.harbor import Harbor, Watched, line
from tests.locks.git import Served

DATABASES = ("sqlite",)  # what forges send

SECRET, TOKEN = "between us", "ghp_bot"


class Forges(Served):
    """Stands where GitHub and GitLab are, and records what is asked of it. `answers` has the statuses to come."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.answers: list[Any] = []
        super().__init__(Starlette(routes=[Route("/{rest:path}", self.asked, methods=["POST"])]))

    async def asked(self, request):
        body = await request.json()
        token = request.headers.get("authorization") or request.headers.get("private-token")
        self.calls.append((request.scope["raw_path"].decode(), token, body))
        status, headers = self.answers.pop(0) if self.answers else (201, {})
        return JSONResponse({"message": "no"} if status > 299 else {"id": 1}, status, headers)

    def said(self):
        return [(body["state"], body["description"]) for _, _, body in self.calls]


class Hooked(Watched):
    def __init__(self, database_url, harbor, forges):
        self.forges = forges
        super().__init__(database_url, harbor)

    def settings(self):
        return super().settings().model_copy(update={
            "github_secret": SecretStr(SECRET), "gitlab_secret": SecretStr(SECRET), "github_token": SecretStr(TOKEN),
            "gitlab_token": SecretStr(TOKEN), "github_api_url": f"{self.forges.url}/gh/",
            "gitlab_api_url": f"{self.forges.url}/gl/api/v4/",
        })  # fmt: skip

    async def tells(self, forge, event, body, **headers):
        """Send what the forge sends, and let follow what follows."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        own = {"X-GitHub-Event": event, "X-Hub-Signature-256": f"sha256={signed}"}
        if forge == "gitlab":
            own = {"X-Gitlab-Event": event, "X-Gitlab-Token": SECRET}
        transport = httpx.ASGITransport(app=self.app.web)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            answer = await client.post(f"/hooks/{forge}", content=raw, headers=own | headers)
        await self.settled()
        return answer


@pytest.fixture
async def hooked(database_url, tmp_path):
    async with Forges() as forges, Hooked(database_url, Harbor(tmp_path), forges) as world:
        yield world


def push(world, **more):
    url = str(world.harbor.bare)
    return {"ref": "refs/heads/x", "repository": {"full_name": "acme/harbor", "clone_url": url}} | more


def pull(world, branch, login="pb", number=7, **more):
    repo = {"full_name": "acme/harbor", "clone_url": str(world.harbor.bare)}
    head = {"sha": world.harbor.git("rev-parse", f"origin/{branch}"), "ref": branch, "repo": repo}
    asked = {
        "number": number,
        "state": "open",
        "user": {"login": login},
        "head": head,
        "base": {"ref": "main", "repo": repo},
    }
    return {"action": "opened", "repository": repo, "pull_request": asked | more}


def merge(world, branch):
    sha = world.harbor.git("rev-parse", f"origin/{branch}")
    asked = {
        "iid": 3, "state": "opened", "source_branch": branch, "target_branch": "main", "source_project_id": 9,
        "target_project_id": 9, "last_commit": {"id": sha, "author": {"email": "sc@example.com"}},
    }  # fmt: skip
    project = {"id": 9, "git_http_url": str(world.harbor.bare), "path_with_namespace": "acme/harbor"}
    return {"object_kind": "merge_request", "user": {"username": "pb"}, "project": project, "object_attributes": asked}


async def test_the_web_hook_for_pushes_to_branches_scans_at_once_and_does_a_replay_no_second_time(hooked):
    harbor = hooked.harbor
    harbor.push("omega/a", "pa", {"src/api/x.py": line(5, "omega")})
    harbor.push("sigma/b", "sc", {"src/api/x.py": line(5, "sigma")})
    answer = await hooked.tells("github", "push", push(hooked))
    assert (answer.status_code, answer.json()) == (202, {"repositories": 1})
    card = hooked.channel("release").expect("`omega/a`", "collides with", "`sigma/b`")
    assert "found with the push" in card.shown
    again = await hooked.tells("github", "push", push(hooked))
    assert (again.status_code, again.json()["ignored"]) == (200, "This request was received before.")
    assert len({one.one for one in hooked.app.db.transact(store.standing, 1)}) == 2


async def test_the_web_hooks_of_github_and_gitlab_do_nothing_unsigned_or_unreadable(hooked):
    bad = {"X-Hub-Signature-256": "sha256=" + "0" * 64}
    assert (await hooked.tells("github", "push", push(hooked), **bad)).status_code == 401
    assert (await hooked.tells("gitlab", "Push Hook", {}, **{"X-Gitlab-Token": "guess"})).status_code == 401
    for raw in (b"nonsense", b"payload=nonsense", b"\xff", b"[" * 100_000):
        answer = await hooked.tells("github", "push", raw)
        assert "content type of the webhook to application/json" in answer.json()["detail"], raw[:20]
    elsewhere = {"full_name": "a/b", "clone_url": "https://x.example/a/b.git"}
    answer = await hooked.tells("github", "push", push(hooked, repository=elsewhere))
    assert (answer.status_code, answer.json()["repositories"]) == (200, 0)
    assert "whose `clone` is https://x.example/a/b.git" in answer.json()["ignored"]


def moved(body, **changed):
    """A pull request with other fields."""
    return body | {"pull_request": body["pull_request"] | changed}


async def test_the_web_hooks_of_github_and_gitlab_answer_2xx_to_whatever_is_signed_and_of_no_concern(hooked):
    hooked.harbor.push("omega/b", "pb", {"src/api/x.py": line(5, "b")})
    known, project = push(hooked)["repository"], merge(hooked, "omega/b")["project"]
    asked, organization = pull(hooked, "omega/b"), {"login": "acme"}
    of_github = {
        "ping": {"zen": "Keep it simple.", "hook_id": 1, "organization": organization},
        "membership": {"action": "added", "scope": "team", "organization": organization},
        "installation": {"action": "created"}, "star": {"repository": known}, "workflow_job": {"repository": None},
        "": {"zen": 1}, "push": {"zen": 1}, "status": {"repository": known}, "check_run": [],
        "pull_request": moved(asked, number="\u00b2"),
    }  # fmt: skip
    for event, body in of_github.items():
        answer = await hooked.tells("github", event, body)
        assert (answer.status_code, answer.json()["repositories"]) == (200, 0), event
    of_gitlab = {
        "Job Hook": {"object_kind": "build", "project_id": 380}, "Member Hook": {"event_name": "user_add_to_group"},
        "Subgroup Hook": {"event_name": "subgroup_create"}, "System Hook": {"event_name": "project_create"},
        "Tag Push Hook": {"object_kind": "tag_push", "project": project}, "": None, "Push Hook": {"ref": "main"},
        "Merge Request Hook": {"project": project, "object_attributes": {"last_commit": None}},
    }  # fmt: skip
    for event, body in of_gitlab.items():
        answer = await hooked.tells("gitlab", event, body)
        assert (answer.status_code, answer.json()["repositories"]) == (200, 0), event


async def test_the_web_hook_of_github_reads_forms_and_what_people_who_are_gone_have_asked_for(hooked):
    hooked.harbor.push("omega/b", "pb", {"src/api/x.py": line(5, "b")})
    form = urlencode({"payload": json.dumps(push(hooked))}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert (await hooked.tells("github", "push", form, **kind)).json() == {"repositories": 1}
    for more in ({"user": None}, {"head": pull(hooked, "omega/b")["pull_request"]["head"] | {"repo": None}}):
        answer = await hooked.tells("github", "pull_request", moved(pull(hooked, "omega/b"), **more))
        assert answer.json() == {"repositories": 1}, more
    text = {"context": "\x00 \ud800", "sha": "\ud800", "state": "odd", "repository": push(hooked)["repository"]}
    assert (await hooked.tells("github", "status", text)).json() == {"repositories": 1}
    everywhere = {"event_name": "push", "project": {"id": 9, "git_http_url": str(hooked.harbor.bare)}}
    assert (await hooked.tells("gitlab", "System Hook", everywhere)).json() == {"repositories": 1}


async def test_the_conflict_notice_on_a_pull_request_names_locks_zones_and_conflicts(hooked):
    harbor = hooked.harbor
    await hooked.says("pa", "/lock src/api/x.py for refactoring")
    harbor.push("omega/b", "pb", {"src/api/x.py": line(5, "b")})
    await hooked.tells("github", "pull_request", pull(hooked, "omega/b"))
    assert hooked.forges.said()[-1] == ("failure", "src/api/x.py is locked (lock 1).")
    where, token, body = hooked.forges.calls[-1]
    head = harbor.git("rev-parse", "origin/omega/b")
    assert (where, token, body["context"]) == (f"/gh/repos/acme/harbor/statuses/{head}", f"Bearer {TOKEN}", "callboard")
    await hooked.says("pa", "/lock release 1")
    harbor.push("sigma/b", "sc", {"src/api/x.py": line(5, "sigma")})
    await hooked.passes(minutes=5)
    state, said = hooked.forges.said()[-1]
    assert state == "success"
    assert said == "Checked 1 file against 0 locks and 6 zone patterns. Collides with sigma/b."
    count = len(hooked.forges.calls)
    await hooked.passes(minutes=5)
    assert len(hooked.forges.calls) == count
    await hooked.tells("github", "pull_request", pull(hooked, "sigma/b", "sc", 8))
    assert hooked.forges.said()[-1][0] == "failure"
    assert "in another team's zone" in hooked.forges.said()[-1][1]
    await hooked.tells("github", "pull_request", pull(hooked, "omega/b", state="closed"))
    harbor.push("omega/b", "pb", {"src/api/z.py": "new\n"})
    count = len(hooked.forges.calls)
    await hooked.passes(minutes=5)
    assert len(hooked.forges.calls) == count


def queued(world, sha, number=7):
    ref = f"refs/heads/gh-readonly-queue/main/pr-{number}-{'a' * 40}"
    repo = {"full_name": "acme/harbor", "clone_url": str(world.harbor.bare)}
    return {"action": "checks_requested", "merge_group": {"head_sha": sha, "head_ref": ref}, "repository": repo}


async def test_the_conflict_notice_on_a_merge_queue_is_that_of_its_request(hooked):
    await hooked.tells("github", "merge_group", queued(hooked, "1" * 40, 99))
    assert hooked.forges.calls[-1][0] == f"/gh/repos/acme/harbor/statuses/{'1' * 40}"
    assert hooked.forges.said()[-1] == ("success", "Not checked: the plan ignores this branch.")
    await hooked.says("pa", "/lock src/api/x.py for refactoring")
    hooked.harbor.push("omega/b", "pb", {"src/api/x.py": line(5, "b")})
    await hooked.tells("github", "pull_request", pull(hooked, "omega/b"))
    await hooked.tells("github", "merge_group", queued(hooked, "2" * 40))
    told = {where[-40:]: said for (where, *_), said in zip(hooked.forges.calls, hooked.forges.said(), strict=True)}
    assert told["2" * 40] == ("failure", "src/api/x.py is locked (lock 1).")
    await hooked.says("pa", "/lock release 1")
    await hooked.passes(minutes=5)
    told = {where[-40:]: said for (where, *_), said in zip(hooked.forges.calls, hooked.forges.said(), strict=True)}
    assert told["2" * 40][0] == "success"


def staged(world, sha, message, branch="staging"):
    return push(world, ref=f"refs/heads/{branch}", after=sha, head_commit={"id": sha, "message": message})


async def test_the_conflict_notice_on_what_bors_stages_is_the_worst_of_its_requests(hooked):
    await hooked.says("pa", "/lock src/api/x.py for refactoring")
    for branch, path, number in (("omega/b", "src/api/x.py", 7), ("omega/c", "src/api/new.py", 8)):
        hooked.harbor.push(branch, "pb", {path: line(5, "b")})
        await hooked.tells("github", "pull_request", pull(hooked, branch, number=number))
    await hooked.tells("github", "push", staged(hooked, "1" * 40, "Merge #7 #8\n\n7: One r=amp a=pb"))
    await hooked.tells("github", "push", staged(hooked, "2" * 40, "Try #8:", "trying"))
    for branch in ("main", "omega/d"):
        await hooked.tells("github", "push", staged(hooked, "3" * 40, "Merge #7 #8", branch))
    await hooked.tells("github", "push", staged(hooked, "4" * 40, "Merge branch 'omega/b'"))

    def told(commit):
        return {body["state"] for where, _, body in hooked.forges.calls if where.endswith(commit * 40)}

    assert (told("1"), told("2"), told("3"), told("4")) == ({"failure"}, {"success"}, set(), set())
    await hooked.says("pa", "/lock release 1")
    await hooked.passes(minutes=5)
    assert told("1") == {"failure", "success"}


async def test_the_web_client_of_branches_sets_a_status_on_a_gitlab_that_stalls(hooked):
    hooked.harbor.push("sigma/c", "sc", {"src/api/y.py": line(5, "c")})
    hooked.forges.answers = [(201, {}), (503, {}), (429, {"Retry-After": "30"})]
    answer = await hooked.tells("gitlab", "Merge Request Hook", merge(hooked, "sigma/c"), **{"Idempotency-Key": "k1"})
    assert answer.status_code == 202
    again = await hooked.tells("gitlab", "Push Hook", merge(hooked, "sigma/c"), **{"Idempotency-Key": "k1"})
    assert again.json()["ignored"] == "This request was received before."
    await hooked.passes(minutes=4)
    where, token, body = hooked.forges.calls[-1]
    head = hooked.harbor.git("rev-parse", "origin/sigma/c")
    assert (where, token) == (f"/gl/api/v4/projects/9/statuses/{head}", TOKEN)
    assert (body["state"], body["name"]) == ("failed", "callboard")


async def test_the_conflict_notices_set_no_status_but_not_checked_on_a_fork(hooked):
    hooked.harbor.push("omega/b", "pb", {"src/api/x.py": line(5, "b")})
    body = pull(hooked, "omega/b")
    body["pull_request"]["head"]["repo"] = {"full_name": "stranger/harbor"}
    await hooked.tells("github", "pull_request", body)
    assert [state for state, _ in hooked.forges.said()] == ["error"]


@pytest.mark.parametrize(
    "address",
    [
        "https://git.example.com/a/harbor.git",
        "git@git.example.com:a/harbor.git",
        "ssh://git@git.example.com:22/a/harbor",
    ],
)
def test_the_branch_service_takes_https_and_ssh_addresses_of_a_repository_for_one(address):
    assert normal(address) == "git.example.com/a/harbor"


def test_the_branch_service_knows_a_repository_by_its_ssh_address_at_port_443():
    """As GitHub and GitLab document it for whoever is behind a firewall."""
    assert normal("ssh://git@ssh.github.com:443/a/harbor.git") == normal("https://github.com/a/harbor")
    assert normal("git@altssh.gitlab.com:a/harbor.git") == normal("https://gitlab.com/a/harbor.git")


def test_the_web_hooks_of_github_and_gitlab_are_not_believed_without_a_secret():
    with pytest.raises(web.Forged):
        web.gitlab("", {"x-gitlab-token": ""}, b"{}")


async def test_pushes_to_a_released_lock_are_shown_with_what_ci_reported_of_them(hooked):
    harbor = hooked.harbor
    repository = push(hooked)["repository"]
    await hooked.says("pa", "/lock src/api/x.py for refactoring")
    for branch, person in (("omega/a", "pa"), ("omega/b", "pb")):
        harbor.push(branch, person, {"src/api/x.py": line(5, person)})
    await hooked.passes(minutes=5)
    head = harbor.git("rev-parse", "origin/omega/a")
    for check, conclusion in (("lint", "success"), ("tests", None), ("tests", "failure"), ("callboard", "failure")):
        run = {"name": check, "head_sha": head, "status": "in_progress", "conclusion": conclusion}
        told = await hooked.tells("github", "check_run", {"repository": repository, "check_run": run})
        assert told.is_success
    status = {"repository": repository, "sha": head, "context": "docs", "state": "pending"}
    await hooked.tells("github", "status", status)
    said = (await hooked.says("pa", "/lock release 1")).text
    reported = f"`omega/a` at `{head[:12]}`: :x: failed: tests, :hourglass_flowing_sand: running: docs"
    assert f"Pushed meanwhile: {reported}, :white_check_mark: passed: lint." in said
    hooked.channel("omega").expect("*Released*", reported, "`omega/b` at", "no check has reported")
    other = harbor.git("rev-parse", "origin/omega/b")
    pipeline = {"sha": other, "status": "success"}
    project = {"id": 9, "git_http_url": str(harbor.bare), "path_with_namespace": "acme/harbor"}
    await hooked.tells("gitlab", "Pipeline Hook", {"project": project, "object_attributes": pipeline})
    assert ":white_check_mark: passed: pipeline" in (await hooked.says("pa", "/lock show 1")).messages[-1].shown


async def test_what_a_forge_tells_late_is_not_taken_for_news(hooked):
    harbor, repository = hooked.harbor, push(hooked)["repository"]
    await hooked.says("pa", "/lock src/api/x.py for refactoring")
    harbor.push("omega/a", "pa", {"src/api/x.py": line(5, "pa")})
    await hooked.passes(minutes=5)
    head = harbor.git("rev-parse", "origin/omega/a")
    project = {"id": 9, "git_http_url": str(harbor.bare), "path_with_namespace": "acme/harbor"}
    for conclusion, begun, ended in (
        ("success", "2025-11-13T09:02:00Z", "2025-11-13T09:03:00Z"),
        ("failure", "2025-11-13T09:00:00Z", "2025-11-13T09:01:00Z"),
        (None, "2025-11-13T09:02:00Z", None),
    ):
        run = {"name": "tests", "head_sha": head, "status": "in_progress", "conclusion": conclusion,
               "started_at": begun, "completed_at": ended}  # fmt: skip
        await hooked.tells("github", "check_run", {"repository": repository, "check_run": run})
        state = {"success": "success", "failure": "failure", None: "pending"}[conclusion]
        status = {"repository": repository, "sha": head, "context": "docs", "state": state}
        status["updated_at"] = ended or begun
        await hooked.tells("github", "status", status)
        pipeline = {"sha": head, "status": conclusion or "success", "finished_at": (ended or "").replace("Z", " UTC")}
        await hooked.tells("gitlab", "Pipeline Hook", {"project": project, "object_attributes": pipeline})
    said = (await hooked.says("pa", "/lock release 1")).text
    assert "`omega/a` at" in said
    assert ":white_check_mark: passed: docs, pipeline, tests" in said
    again = {"name": "tests", "head_sha": head, "status": "completed", "conclusion": "failure",
             "started_at": "2025-11-13T09:04:00Z", "completed_at": "2025-11-13T09:05:00Z"}  # fmt: skip
    await hooked.tells("github", "check_run", {"repository": repository, "check_run": again})
    assert ":x: failed: tests" in (await hooked.says("pa", "/lock show 1")).messages[-1].shown


async def test_a_pipeline_that_is_told_late_to_run_stays_finished_and_a_restart_runs(hooked):
    repository = hooked.app.db.transact(branches.mirrors, 1)[0].repository
    project = {"id": 9, "git_http_url": str(hooked.harbor.bare), "path_with_namespace": "acme/harbor"}

    async def told(status, ended, *builds):
        """What GitLab says of one pipeline; a build has the times when it was made, begun and ended."""
        names = ("created_at", "started_at", "finished_at")
        times = [dict(zip(names, (at and f"2025-11-13 {at} UTC" for at in each), strict=True)) for each in builds]
        pipeline = {"id": 31, "sha": "0a1b2c", "status": status, "created_at": "2025-11-13 09:00:00 UTC",
                    "finished_at": ended and f"2025-11-13 {ended} UTC"}  # fmt: skip
        report = {"project": project, "object_attributes": pipeline, "builds": times}
        await hooked.tells("gitlab", "Pipeline Hook", report)
        reports = hooked.app.db.transact(branches.check_reports, 1, repository, "0a1b2c")
        return [str(report.state) for report in reports]

    waits, first = ("09:00:00", None, None), ("09:00:00", "09:00:10", "09:04:00")
    assert await told("running", None, (*first[:2], None), waits) == ["running"]
    assert await told("failed", "09:04:00", first, ("09:00:00", "09:00:10", "09:04:00")) == ["failed"]
    for status, late in (("pending", waits), ("running", ("09:00:00", "09:00:10", None))):
        assert await told(status, None, late, waits) == ["failed"], "told late"
    assert await told("running", None, ("09:00:00", "09:04:00", None)) == ["failed"], "in the same second"
    retried = ("09:07:00", None, None)
    assert await told("pending", "09:04:00", first, retried) == ["running"], "somebody starts a job again"
    assert await told("success", "09:09:00", first, ("09:07:00", "09:07:05", "09:09:00")) == ["passed"]
    assert await told("running", "09:04:00", first, ("09:07:00", "09:07:05", None)) == ["passed"], "told late"


async def test_a_request_that_was_closed_stays_closed_whatever_a_forge_tells_late(hooked):
    hooked.harbor.push("omega/a", "pa", {"docs/b.md": "new\n"})
    for state, at in (("open", "2025-11-13T09:00:00Z"), ("closed", "2025-11-13T09:02:00Z"),
                      ("open", "2025-11-13T09:01:00Z")):  # fmt: skip
        body = pull(hooked, "omega/a")
        body["pull_request"] |= {"state": state, "updated_at": at}
        await hooked.tells("github", "pull_request", body)
    mirror = hooked.app.db.transact(branches.mirrors, 1)[0]
    assert not hooked.app.db.transact(branches.open_pulls, 1, mirror.repository)
    body["pull_request"] |= {"state": "open", "updated_at": "2025-11-13T09:03:00Z"}
    await hooked.tells("github", "pull_request", body)
    assert len(hooked.app.db.transact(branches.open_pulls, 1, mirror.repository)) == 1


async def test_the_conflict_notice_on_a_request_says_until_when_its_branch_is_frozen_and_who_can_end_that(
    hooked,
):
    freeze = "freezes:\n  code: {name: Code freeze, from: 2025-11-13 12:00, to: 2025-11-13 17:00, branches: [main]}\n"
    hooked.apply(hooked.plan + freeze)
    hooked.harbor.push("omega/a", "pa", {"docs/b.md": "new\n"})
    await hooked.tells("github", "pull_request", pull(hooked, "omega/a"))
    await hooked.passes(minutes=5)
    assert hooked.forges.said()[-1][0] == "success"
    await hooked.passes(hours=3)
    state, said = hooked.forges.said()[-1]
    assert state == "failure"
    assert said.startswith("main is frozen until 2025-11-13 17:00 UTC, by Code freeze. Only Amp can move its end")
    repo = pull(hooked, "omega/a")["pull_request"]["base"]["repo"]
    await hooked.tells("github", "pull_request", pull(hooked, "omega/a", base={"ref": "next", "repo": repo}))
    assert hooked.forges.said()[-1][0] == "success"
    await hooked.tells("github", "pull_request", pull(hooked, "omega/a") | {"action": "edited"})
    assert hooked.forges.said()[-1][0] == "failure"
    await hooked.passes(hours=5)
    assert hooked.forges.said()[-1][0] == "success"
