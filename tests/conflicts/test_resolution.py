"""How each degree of conflict is brought to its end: git merges it at a lead's word, somebody decides, a way back."""

from __future__ import annotations

import pytest

from callboard.branches.plan import RepositoryPart
from tests.conflicts.harbor import Harbor, Watched, line

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

ALLOWED = 'protected: ["release/*"], merge: true'
DEGREES = """\
conflicts:
  simple: {tell: [assignees], resolve: git merges it}
  complex: {policy: default, tell: [leads, coordinator]}
  critical: {policy: default, tell: [leads, coordinator], rollback: system}
measures: {decision_time: {at_most: 1h, computed: true}}
gates: {done: {name: Done, due: 2025-11-14 18:00, criteria: [{measure: decision_time}]}}
rollbacks: {system: {within: 30m, order: [coordinator]}}
"""


class Merging(Watched):
    """The bot where the plan lets it push what it merges."""

    def __init__(self, database_url: str, harbor: Harbor, more: str = "", *, allowed: bool = True) -> None:
        super().__init__(database_url, harbor, more)
        self.plan = self.plan.replace('protected: ["release/*"]', ALLOWED) if allowed else self.plan


async def collide(world: Watched) -> None:
    """Two branches that touch one file, and git merges them."""
    world.harbor.push("omega/simple", "pa", {"docs/a.md": line(2, "omega")})
    world.harbor.push("sigma/simple", "sc", {"docs/a.md": line(38, "sigma")})
    await world.passes(minutes=5)


def branches(world: Watched) -> dict[str, str]:
    rows = world.harbor.git("ls-remote", "--heads", "origin").splitlines()
    return {name.removeprefix("refs/heads/"): head for head, name in map(str.split, rows)}


async def test_a_simple_conflict_is_merged_by_git_at_the_word_of_a_lead_into_a_branch_of_its_own(
    database_url, tmp_path
):
    async with Merging(database_url, Harbor(tmp_path), DEGREES) as world:
        await collide(world)
        before = branches(world)
        card = world.dm("pa").expect("Conflict 1, simple", "Git merges it by itself.")
        asked = await world.clicks("pa", "Merge", card)
        assert "I asked the leads of both teams" in asked.text
        assert branches(world) == before
        answer = await world.clicks("sara", "Merge", world.dm("sara").expect("Conflict 1, simple"))
        assert "Git merges both into `callboard/merge-1`" in answer.text
        await world.passes(minutes=1)
        told = world.dm("olga").expect("`callboard/merge-1` has `omega/simple` and `sigma/simple`, as <@USARA> asked")
        assert "git merge origin/callboard/merge-1" in told.shown
        after = branches(world)
        assert {name: head for name, head in after.items() if name != "callboard/merge-1"} == before
        world.harbor.git("fetch", "-q", "origin")
        shown = world.harbor.git("log", "-1", "--format=%P|%an|%s", after["callboard/merge-1"])
        assert shown == (
            f"{before['omega/simple']} {before['sigma/simple']}|Callboard|Merge omega/simple and sigma/simple"
        )
        text = world.harbor.git("show", f"{after['callboard/merge-1']}:docs/a.md")
        assert "omega" in text
        assert "sigma" in text
        world.dm("sc").expect("*Git has merged both into callboard/merge-1.* <@USARA> asked for it.")
        assert "Conflict 1 is merged by git already" in (await world.says("olga", "/lock merge 1")).text
        await world.passes(minutes=10)
        assert world.verbs("conflict", 1).count("merged by git") == 1
        assert "callboard/merge-1" not in (await world.says("amp", "/lock conflicts", channel="release")).text


async def test_a_simple_conflict_is_left_to_people_with_the_commands_where_the_plan_lets_nobody_push(
    database_url, tmp_path
):
    async with Merging(database_url, Harbor(tmp_path), DEGREES, allowed=False) as world:
        await collide(world)
        before = branches(world)
        answer = (await world.says("olga", "/lock merge 1")).text
        assert "git switch -c callboard/merge-1 origin/omega/simple\ngit merge origin/sigma/simple" in answer
        assert "`merge: true`" in answer
        await world.passes(minutes=5)
        assert branches(world) == before
        assert "Only Omega and Sigma can merge conflict 1" in (await world.says("stan", "/lock merge 1")).text


@pytest.mark.both_databases
async def test_a_merge_of_branches_that_have_moved_or_that_is_not_taken_is_said_and_the_conflict_stays_open(
    database_url, tmp_path
):
    async with Merging(database_url, Harbor(tmp_path), DEGREES) as world:
        await collide(world)
        world.harbor.push("omega/simple", "pa", {"docs/a.md": line(3, "omega again")})
        await world.says("olga", "/lock merge 1")
        await world.passes(minutes=1)
        world.dm("olga").expect("Conflict 1: I could not merge", "omega/simple has moved since.", "By hand:")
        world.dm("sara").expect("git merge origin/sigma/simple")
        await world.passes(minutes=5)
        hook = world.harbor.bare / "hooks" / "pre-receive"
        hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
        hook.chmod(0o755)
        await world.says("sara", "/lock merge 1")
        await world.passes(minutes=1)
        assert world.dm("sara").count("I could not merge") == 2
        assert world.row("conflict", 1).state == "open"
        assert "callboard/merge-1" not in branches(world)
        hook.unlink()
        await world.says("sara", "/lock merge 1")
        await world.passes(minutes=1)
        assert "callboard/merge-1" in branches(world)


@pytest.mark.both_databases
async def test_a_complex_conflict_is_decided_by_the_coordinator_and_its_people_read_that(database_url, tmp_path):
    async with Watched(database_url, Harbor(tmp_path), DEGREES) as world:
        world.harbor.push("omega/several", "pb", {"src/api/x.py": line(5, "o"), "docs/b.md": "omega\n"})
        world.harbor.push("sigma/several", "sara", {"src/api/x.py": line(5, "s"), "docs/b.md": "sigma\n"})
        await world.passes(minutes=5)
        number = next(row for row in range(1, 9) if world.row("conflict", row).degree == "complex")
        refused = (await world.says("olga", f"/lock decide {number} omega waits")).text
        assert f"Only <@UAMP> can decide about conflict {number}: it is complex." in refused
        await world.advance(minutes=20)
        shown = (await world.says("pa", "/gate show done", channel="release")).text
        assert "not decided" in shown
        card = world.channel("release").expect(f"Conflict {number}, complex")
        await world.clicks("amp", "Decide...", card)
        await world.submits("amp", {"text": "omega rebases, sigma waits until noon"})
        world.channel("release").expect(f"Conflict {number}, complex", "Decided by <@UAMP>", "omega rebases")
        for person in ("pb", "olga", "sara"):
            world.dm(person).expect(":scales:", "omega rebases, sigma waits until noon")
        await world.advance(hours=3)
        assert "not decided" not in (await world.says("pa", "/gate show done", channel="release")).text
        assert [entry.said for entry in world.entries("conflict", "decided", number)] == [
            "omega rebases, sigma waits until noon"
        ]
        again = (await world.says("amp", f"/lock decide {number} sigma rebases instead")).text
        assert "is decided" in again
        world.channel("release").expect(f"Conflict {number}, complex", "sigma rebases instead")


async def test_a_critical_conflict_names_its_rollback_as_the_last_resort(database_url, tmp_path):
    async with Watched(database_url, Harbor(tmp_path), DEGREES) as world:
        world.harbor.push("omega/main", "pa", {"src/api/y.py": line(7, "omega")})
        world.harbor.push("main", "amp", {"src/api/y.py": line(7, "amp")})
        await world.passes(minutes=5)
        world.channel("release").expect("critical", "Last resort: `/run rollback system because conflict ")


@pytest.mark.parametrize("name", ["callboard/merge-1", "callboard/merge-22"])
def test_what_callboard_pushes_itself_collides_with_nothing(name):
    assert RepositoryPart(clone="https://git.example.com/a.git").ignores(name)


@pytest.mark.both_databases
async def test_a_lock_names_at_once_its_rollback_point_and_what_builds_on_it_and_at_its_end_what_came_of_it(
    database_url, tmp_path
):
    work = (
        "tasks: [{T-1: {title: API, team: omega, files: [src/api/x.py]}, "
        "T-2: {title: Page, team: sigma, needs: [T-1]}}]\n"
    )
    async with Watched(database_url, Harbor(tmp_path), work) as world:
        await world.passes(minutes=5)
        head = branches(world)["main"][:12]
        taken = (await world.says("pa", "/lock src/api/x.py for a fix")).text
        assert f"Rollback point of harbor: `{head}`" in taken
        assert "Tasks that build on it: T-1, T-2." in taken
        world.harbor.push("omega/x", "pa", {"src/api/x.py": line(9, "omega")})
        await world.passes(minutes=5)
        over = (await world.says("pa", "/lock release 1")).text
        assert "Meanwhile 1 push touched it: `omega/x` (Omega)." in over
        assert f"Rollback point of harbor: `{head}`" in over
        assert "Tasks that build on it: T-1, T-2." in over


async def test_a_merge_of_a_frozen_branch_is_refused(database_url, tmp_path):
    async with Merging(database_url, Harbor(tmp_path), DEGREES) as world:
        await collide(world)
        lasts = 'from: 2025-11-13 09:00, to: 2025-11-15 18:00, branches: ["sigma/*"]'
        world.apply(f"{world.plan}freezes:\n  sigma: {{name: Sigma freeze, {lasts}}}\n")
        await world.advance(minutes=1)
        said = (await world.says("olga", "/lock merge 1")).text
        assert "`sigma/simple` is frozen until" in said
        assert "by Sigma freeze. Only <@UAMP> can move its end: `/plan set sigma to TIME because WHY`." in said
        assert world.verbs("conflict", 1).count("answered: git merges it") == 0
