"""Many conflicts at once are one message to each person, and what was there before is a summary."""

from __future__ import annotations

import pytest

from callboard.conflicts import store
from tests.conflicts.harbor import OLD, Harbor, Watched, line, plan
from tests.conflicts.test_life_of_a_conflict import POLICY, standing

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

BRANCHES = [(f"{team}/b{number}", who) for number in range(5) for team, who in (("omega", "pa"), ("sigma", "sc"))]
"""Ten branches of two teams."""


def push_branches(harbor):
    for number, (branch, who) in enumerate(BRANCHES):
        harbor.push(branch, who, {f"docs/f{number}.md": line(3, "theirs")}, onto="main")


def push_main(harbor):
    """Nothing of the ten can be merged any more."""
    harbor.push("main", "amp", {f"docs/f{number}.md": line(3, "ours") for number in range(len(BRANCHES))})


@pytest.fixture
def harbor(tmp_path):
    harbor = Harbor(tmp_path)
    harbor.push("main", "amp", {f"docs/f{number}.md": OLD for number in range(len(BRANCHES))})
    return harbor


def tally(world):
    return {person: len(world.dm(person)) for person in ("amp", "olga", "sara", "pa", "exec")}


async def test_the_conflict_service_sums_up_what_collided_before_its_first_look_and_pages_nobody(database_url, harbor):
    push_branches(harbor)
    push_main(harbor)
    async with Watched(database_url, harbor, POLICY) as watched:
        before = tally(watched)
        await watched.passes(hours=3)
        assert tally(watched) == before
        watched.channel("release").expect("harbor* has 10 conflicts from before: 10 critical", "I page nobody")
        assert len([one for one in watched.channel("release").messages if "conflicts from before" in one.shown]) == 1
        listed = (await watched.says("olga", "/lock conflicts")).messages[-1].shown
        assert "10 conflicts" in listed
        assert "critical, there before" in listed
        harbor.push("omega/b0", "pa", {"src/api/x.py": line(5, "more")})
        await watched.passes(minutes=10)
        assert tally(watched) == before
        harbor.push("omega/new", "pa", {"docs/a.md": line(5, "one")}, onto="main")
        harbor.push("main", "amp", {"docs/a.md": line(5, "other")})
        await watched.passes(minutes=5)
        watched.dm("olga").expect("critical", "`omega/new`")
        assert len(watched.dm("sara")) == before["sara"]


@pytest.mark.both_databases
async def test_the_conflict_service_tells_one_push_that_hits_ten_branches_as_one_wave(database_url, harbor):
    async with Watched(database_url, harbor, POLICY) as watched:
        push_branches(harbor)
        await watched.passes(minutes=5)
        before = tally(watched)
        push_main(harbor)
        await watched.passes(minutes=5)
        assert {person: count - before[person] for person, count in tally(watched).items()} == {
            "amp": 1, "olga": 1, "sara": 1, "pa": 0, "exec": 0,
        }  # fmt: skip
        page = watched.dm("olga").expect("`main` collides with 10 branches", "`omega/b0` of <@UPA> (Omega)")
        assert "and" not in page.shown.partition("`docs/f9.md`")[0].partition("sigma/b4")[2]
        await watched.clicks("olga", "It's fine", page)
        assert {state for _, state, _ in standing(watched).values()} == {"accepted"}
        await watched.clicks("olga", "Look again", watched.dm("olga").expect("main` collides"))
        assert {state for _, state, _ in standing(watched).values()} == {"open"}
        for number, (branch, who) in enumerate(BRANCHES):
            harbor.push(branch, who, {f"docs/f{number}.md": line(3, "ours")})
        await watched.passes(minutes=5)
        assert standing(watched) == {}
        watched.dm("olga").expect("main` collides with 10 branches", "*Gone*")


@pytest.mark.both_databases
async def test_the_conflict_service_lets_later_conflicts_join_a_wave_and_tells_only_who_is_new(database_url, harbor):
    async with Watched(database_url, harbor, POLICY) as watched:
        for number in (0, 2):
            harbor.push(f"omega/b{number}", "pa", {f"docs/f{number}.md": line(3, "theirs")}, onto="main")
        harbor.push("sigma/b1", "sc", {"docs/f1.md": line(3, "theirs")}, onto="main")
        await watched.passes(minutes=5)
        before = tally(watched)
        harbor.push("main", "amp", {f"docs/f{number}.md": line(3, "ours") for number in (0, 2)})
        await watched.passes(minutes=5)
        await watched.clicks("olga", "We talk", watched.dm("olga").expect("main` collides with 2 branches"))
        harbor.push("main", "amp", {"docs/f1.md": line(3, "ours")})
        await watched.passes(minutes=5)
        assert {person: count - before[person] for person, count in tally(watched).items()} == {
            "amp": 1, "olga": 1, "sara": 1, "pa": 0, "exec": 0,
        }  # fmt: skip
        watched.dm("sara").expect("main` collides with 3 branches", "`sigma/b1` of <@USC> (Sigma)")
        watched.dm("olga").expect("main` collides with 3 branches", "<@UOLGA> talks about it")
        (wave,) = [one for one in watched.app.db.transact(store.standing, 1) if one.kind == "wave"]
        assert wave.parts == 3


async def test_branches_that_the_plan_ignores_collide_with_nothing(database_url, harbor):
    async with Watched(database_url, harbor, POLICY) as watched:
        for branch in ("dependabot/npm/left-pad", "gh-pages", "renovate/all", "gh-readonly-queue/main/pr-1"):
            harbor.push(branch, "pa", {"docs/f0.md": line(3, branch)}, onto="main")
        for ref in ("refs/merge-requests/7/train", "refs/pull/7/merge"):
            harbor.git("push", "-q", "origin", f"gh-pages:{ref}")
        harbor.push("main", "amp", {"docs/f0.md": line(3, "ours")})
        await watched.passes(minutes=5)
        assert standing(watched) == {}


@pytest.mark.both_databases
async def test_branches_that_the_plan_takes_in_later_collided_before_and_page_nobody(database_url, harbor):
    async with Watched(database_url, harbor, POLICY) as watched:
        for number in range(4):
            harbor.push(f"dependabot/b{number}", "pa", {f"docs/f{number}.md": line(3, "theirs")}, onto="main")
        push_main(harbor)
        await watched.passes(minutes=5)
        before = tally(watched)
        watched.apply(plan(harbor.bare, POLICY).replace("protected: [", "ignore: [], protected: ["))
        await watched.passes(minutes=5)
        assert len(standing(watched)) == 4
        await watched.passes(hours=2)
        assert tally(watched) == before
        watched.channel("release").expect("4 conflicts from before")
        harbor.push("omega/new", "pa", {"docs/a.md": line(5, "one")}, onto="main")
        harbor.push("main", "amp", {"docs/a.md": line(5, "other")})
        await watched.passes(minutes=5)
        watched.dm("olga").expect("critical", "`omega/new`")


@pytest.mark.both_databases
async def test_the_severity_of_what_a_branch_took_from_another_names_that_branch_and_tells_its_lead(
    database_url, harbor
):
    async with Watched(database_url, harbor, POLICY) as watched:
        harbor.push("main", "amp", {"docs/t.md": line(3, "old")})
        harbor.push("sigma/base", "sc", {"docs/t.md": line(3, "sigma")}, onto="main")
        harbor.push("omega/top", "pa", {"docs/own.md": "own\n"}, onto="main")
        harbor.git("merge", "-q", "--no-edit", "sigma/base")
        harbor.push("omega/top", "pa", {"docs/more.md": "more\n"})
        await watched.passes(minutes=5)
        harbor.push("main", "amp", {"docs/t.md": line(3, "ours")})
        await watched.passes(minutes=5)
        found = {one.one: one for one in watched.app.db.transact(store.standing, 1) if one.degree == "critical"}
        taken = "all that collides comes from sigma/base: fix it there, then merge it again"
        assert taken in found["omega/top"].why
        assert taken not in found["sigma/base"].why
        assert set(found["omega/top"].teams) == {"omega", "sigma"}
        assert "sc" in found["omega/top"].people
        watched.dm("sara").expect("collides")
        harbor.push("omega/top", "pa", {"docs/t.md": line(3, "mine")})
        await watched.passes(minutes=5)
        found = {one.one: one for one in watched.app.db.transact(store.standing, 1)}
        assert taken not in found["omega/top"].why
