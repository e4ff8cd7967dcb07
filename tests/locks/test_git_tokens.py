"""One table of tokens: those that people make for git in Slack, and those that are issued in a shell."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from callboard.cli import tokens as issuing
from callboard.web import tokens
from tests.locks.conftest import git_token


@pytest.fixture
async def lfs(files):
    """Git's requests, with the name and token that they carry."""
    transport = httpx.ASGITransport(app=files.app.web)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot/lfs") as http:

        async def asks(secret, name="pa", where="release/harbor/locks", body=None):
            return await http.request("GET" if body is None else "POST", where, json=body, auth=(name, secret))

        yield asks


def listed(world):
    return [(one["person"], one["name"], one["scopes"], one["state"], one["made_by"])
            for one in world.app.db.transact(issuing.listed, "release")]  # fmt: skip


async def test_typed_lock_token_makes_a_token_like_one_from_the_shell(files, lfs):
    """Listed without itself, for locks alone, and for a year; a new one ends the one before, and no other."""
    of_slack, of_shell = await git_token(files, "pa"), files.token("pa", "locks", lasts=timedelta(days=30))
    for secret in (of_slack, of_shell):
        assert (await lfs(secret)).status_code == 200
    again = await git_token(files, "pa")
    assert [(await lfs(one)).status_code for one in (of_slack, of_shell, again)] == [401, 200, 200]
    assert listed(files) == [
        ("pa", "git", ["locks"], "revoked", "pa"),
        ("pa", "", ["locks"], "valid", "test"),
        ("pa", "git", ["locks"], "valid", "pa"),
    ]
    said = (await files.says("pa", "/lock token list")).text
    assert "Token 2 for locks: made by test" in said
    assert "Token 3 (git) for locks: made by pa" in said
    assert "callboard_" not in said
    assert "No token acts for you" in (await files.says("pb", "/lock token list")).text


async def test_typed_lock_token_with_a_word_that_it_does_not_know_leaves_the_token_as_it_is(files, lfs):
    secret = await git_token(files, "pa")
    assert "`banana` is not `end` or `list`" in (await files.says("pa", "/lock token banana")).text
    assert (await lfs(secret)).status_code == 200


async def test_a_token_that_was_revoked_or_has_expired_is_refused_and_told_so(files, lfs):
    secret, short = await git_token(files, "pa"), files.token("pa", "locks", lasts=timedelta(days=30))
    files.app.db.transact(tokens.revoke, 1, "operator")
    refused = await lfs(secret)
    assert refused.status_code == 401
    assert refused.headers["LFS-Authenticate"].startswith("Basic")
    assert "was revoked at 2025-11-13 09:00 UTC" in refused.json()["message"]
    assert "/lock token in Slack" in refused.json()["message"]
    await files.jump(days=31)
    assert "expired at 2025-12-13" in (await lfs(short)).json()["message"]


@pytest.mark.parametrize(
    ("scope", "name", "where", "body", "status", "sentence"),
    [
        ("tasks,gates", "pa", "release/harbor/locks", None, 403, "needs the scope `locks:read`"),
        ("locks:read", "pa", "release/harbor/locks", {"path": "src/api/x.py"}, 403, "needs the scope `locks:hold`"),
        ("locks", "pb", "release/harbor/locks", None, 401, "git must send the user name `pa` with it"),
        ("locks", "pa", "harbor/harbor/locks/verify", {}, 403, "works only for the plan `release`, not for `harbor`"),
        ("locks", "pa", "release/harbor/locks", {"path": "web/x.js"}, 403, "that is Sigma's (led by Sigma lead)"),
    ],
    ids=["other scope", "reading alone", "for another", "other plan", "other team's file"],
)
async def test_a_token_is_refused_what_is_outside_its_scopes_its_person_and_its_plan(
    files, lfs, scope, name, where, body, status, sentence
):
    refused = await lfs(files.token("pa", *scope.split(",")), name=name, where=where, body=body)
    assert refused.status_code == status
    assert sentence in refused.json()["message"]
    (kept,) = files.entries("token", "refused")
    assert (kept.actor, kept.facts["why"]) == ("pa", refused.json()["message"])
    assert kept.facts["tried"] == f"{'GET' if body is None else 'POST'} /lfs/{where}"


async def test_a_token_for_locks_alone_is_refused_where_another_scope_is_needed(files, lfs):
    secret = await git_token(files, "pa")
    transport = httpx.ASGITransport(app=files.app.web)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        refused = await http.get("/api/v1/plans/release/tasks", headers={"Authorization": f"Bearer {secret}"})
    assert refused.status_code == 403
    assert "the token has only locks" in refused.json()["detail"]
