"""Two teams push branches that will collide, and what they are told, from the push until it is gone."""

from __future__ import annotations

import pytest

from callboard.board.report import chapters as composing
from callboard.board.report.models import Report
from callboard.conflicts import service, store
from callboard.core import outbox
from callboard.core.outbox import Priority
from callboard.core.timeline import Subject
from tests.conflicts.harbor import OLD, Harbor, Watched, line

POLICY = """\
conflicts:
  simple: {tell: [assignees], resolve: git merges it}
  medium: {policy: default, tell: [leads]}
  complex: {policy: default, tell: [leads, coordinator]}
  critical: {policy: default, tell: [leads, coordinator]}
  clocks: {detect: 2m, respond: 5m, resolve: 15m, validate: 30m}
"""


@pytest.fixture
async def watched(database_url, tmp_path):
    async with Watched(database_url, Harbor(tmp_path), POLICY) as world:
        yield world


def standing(world):
    found = world.app.db.transact(store.standing, 1)
    return {(one.one, one.other): (one.degree, one.state, one.files) for one in found}


def conflicts(world):
    """What the board's report says of them now."""
    now = world.clock.now()
    report = Report(plan_id=1, name="daily", day=now.date(), at=now, since=now, figures={})
    view = world.app.db.transact(composing.compose, report)
    return [line.text for chapter in view.chapters if chapter.title == "Conflicts" for line in chapter.lines]


async def test_the_conflict_service_begins_a_conflict_takes_answers_and_ends_it_once_it_is_gone(watched):
    harbor = watched.harbor
    harbor.push("omega/a", "pa", {"src/api/x.py": line(5, "omega was here")})
    harbor.push("sigma/b", "sc", {"src/api/x.py": line(5, "sigma was here"), "web/app.js": line(1, "mine")})
    await watched.passes(minutes=5)
    found = standing(watched)
    assert found["omega/a", "sigma/b"] == ("medium", "open", ["src/api/x.py"])
    card = watched.channel("release").expect("Conflict 1, medium", "`omega/a` of <@UPA> (Omega)", "`sigma/b`")
    assert "+omega was here" in card.shown
    assert "+sigma was here" in card.shown
    watched.dm("olga").expect("Conflict 1")
    watched.dm("sara").expect("Conflict 1")
    refused = await watched.clicks("stan", "I rebase", card)
    assert "Only Omega and Sigma can answer conflict 1" in refused.text
    await watched.slack.click("pa", card.channel, card.ts, "I rebase")
    stale = await watched.clicks("sc", "It's fine", card)
    assert "<@UPA>" in stale.text
    watched.channel("release").expect("Conflict 1", "<@UPA> rebases")
    await watched.clicks("sc", "Not useful", watched.channel("release").expect("Conflict 1"))
    harbor.push("omega/a", "pa", {"src/api/x.py": OLD, "src/api/z.py": "new\n"})
    await watched.passes(minutes=5)
    assert ("omega/a", "sigma/b") not in standing(watched)
    gone = watched.channel("release").expect("Conflict 1")
    assert "*Gone*" in gone.shown
    assert "found" in gone.shown
    assert watched.app.db.transact(service.precision, 1) == service.Precision(0, 1)
    assert conflicts(watched) == [
        "2 sigma/b is in another team's zone, violation: src/api/x.py",
        "Judged useful by their teams: 0 of 1, 0%"
    ]  # fmt: skip


async def test_the_severity_of_a_conflict_is_simple_complex_critical_or_a_violation(watched):
    harbor = watched.harbor
    harbor.push("omega/simple", "pa", {"docs/a.md": line(2, "omega")})
    harbor.push("sigma/simple", "sc", {"docs/a.md": line(38, "sigma")})
    harbor.push("omega/several", "pb", {"src/api/x.py": line(5, "o"), "docs/b.md": "omega\n"})
    harbor.push("sigma/several", "sara", {"src/api/x.py": line(5, "s"), "docs/b.md": "sigma\n"})
    harbor.push("omega/late", "olga", {"src/api/y.py": line(9, "omega")})
    harbor.push("main", "amp", {"src/api/y.py": line(9, "main")})
    await watched.passes(minutes=5)
    degrees = {pair: one[0] for pair, one in standing(watched).items()}
    assert degrees == {
        ("omega/simple", "sigma/simple"): "simple",
        ("omega/several", "sigma/several"): "complex",
        ("omega/late", "main"): "critical",
        ("sigma/several", ""): "violation",
    }
    watched.dm("pa").expect("touches the same files as", "Git merges it")
    watched.channel("release").expect_nothing("touches the same files as")
    watched.channel("release").expect("critical", "Main cannot be merged")
    watched.channel("release").expect("`sigma/several` of <@USARA> (Sigma) is in another team's zone", "Omega")
    said = (await watched.says("pa", "/lock conflicts")).messages[-1].shown
    assert "4 conflicts" in said
    assert "Omega" in said
    assert "nobody has judged any yet" in said
    assert "1 conflict" in (await watched.says("pa", "/lock conflicts docs/a.md")).messages[-1].shown


async def test_the_conflict_service_pages_the_next_step_when_a_clock_of_a_conflict_runs_out(watched):
    harbor = watched.harbor
    harbor.push("omega/a", "pa", {"src/api/x.py": line(5, "omega")})
    harbor.push("sigma/b", "sc", {"src/api/x.py": line(5, "sigma")})
    await watched.passes(minutes=5)
    number = next(one.number for one in watched.app.db.transact(store.standing, 1) if one.other)
    watched.dm("olga").expect("You are paged as lead of Omega")
    await watched.clicks("olga", "We talk", watched.dm("olga").expect("You are paged"))
    await watched.passes(minutes=16)
    watched.dm("amp").expect("You are paged as", "resolved late")
    assert watched.verbs("conflict", number).count("not resolved in time") == 1
    await watched.passes(minutes=20)
    assert watched.verbs("conflict", number).count("not validated in time") == 1
    await watched.clicks("sc", "It's fine", watched.channel("release").expect("collides with"))
    await watched.passes(minutes=30)
    assert standing(watched)["omega/a", "sigma/b"][1] == "accepted"
    harbor.push("omega/a", "pa", {"docs/b.md": "o\n"})
    harbor.push("sigma/b", "sc", {"docs/b.md": "s\n"})
    await watched.passes(minutes=5)
    assert standing(watched)["omega/a", "sigma/b"][:2] == ("complex", "open")


async def test_a_dry_run_of_conflicts_typed_in_slack_names_locks_and_branches_on_a_tasks_files(watched):
    watched.apply(watched.plan + "tasks:\n  - A-1: {title: The API, team: omega, files: [/src/api/]}\n")
    await watched.says("pb", "/lock src/api/y.py for a fix")
    watched.harbor.push("omega/a", "pa", {"src/api/x.py": line(5, "omega")})
    await watched.passes(minutes=5)
    said = (await watched.says("pb", "/lock plan A-1")).messages[-1].shown
    assert "`omega/a` of <@UPA> (Omega) touches `src/api/x.py`" in said
    assert "Lock 1" in said
    assert "There is no task" in (await watched.says("pb", "/lock plan A-9")).text


async def test_the_severity_of_a_conflict_is_no_violation_in_allowed_files_and_own_sections(watched):
    harbor = watched.harbor
    readme = "# Harbor\n\n## Backend\n\nold\n\n## Frontend\n\nold\n"
    harbor.push("main", "amp", {"README.md": readme})
    await watched.says("olga", "/lock allow <@USC> src/api/x.py for the menu")
    harbor.push(
        "sigma/b",
        "sc",
        {"src/api/x.py": line(5, "s"), "README.md": readme.replace("Frontend\n\nold", "Frontend\n\nnew")},
    )
    harbor.push("omega/a", "pa", {"README.md": readme.replace("Backend\n\nold", "Backend\n\nnew")})
    await watched.passes(minutes=5)
    assert standing(watched) == {}
    harbor.push("omega/a", "pa", {"README.md": readme.replace("Frontend\n\nold", "Frontend\n\nother")})
    await watched.passes(minutes=5)
    found = standing(watched)
    assert found["omega/a", ""] == ("violation", "open", ["README.md#Frontend"])
    assert found["omega/a", "sigma/b"][0] == "complex"


EMERGENCY = """\
conflicts:
  critical: {emergency: 1}
emergencies:
  1: {name: Critical, tell: leads, channel: urgent}
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_notice_of_a_conflict_that_is_an_emergency_pages_only_whom_that_does_not(database_url, tmp_path):
    async with Watched(database_url, Harbor(tmp_path), EMERGENCY) as watched:
        watched.harbor.push("omega/late", "pa", {"src/api/y.py": line(9, "omega")})
        watched.harbor.push("main", "amp", {"src/api/y.py": line(9, "main")})
        await watched.passes(minutes=5)
        sent = watched.app.db.transact(outbox.about, Subject("conflict", 1))
        pages = {one.recipient: (one.priority, one.created_at) for one in sent if one.kind == "conflict.page"}
        (found,) = watched.app.db.transact(store.standing, 1)
        assert pages == {"amp": (Priority.PAGE, found.found_at)}, "the emergency tells the leads"
        assert {one.priority for one in sent if one.kind == "conflict.card"} == {Priority.PAGE}
        for channel in ("urgent", "release"):
            watched.channel(channel).expect("Conflict 1, critical", "Main cannot be merged")
        watched.dm("olga").expect("*Emergency 1, Critical*", "omega/late and main collide")
        assert len(watched.dm("olga")) == 1
        watched.dm("amp").expect("You are paged as", "critical")
        assert len(watched.dm("exec")) == 0
        await watched.clicks("olga", "We talk", watched.channel("urgent").expect("Conflict 1, critical"))
        watched.channel("urgent").expect("Conflict 1", "<@UOLGA> talks about it")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_conflict_climbs_by_itself_once_its_emergency_is_withdrawn_while_it_stands(database_url, tmp_path):
    plan = EMERGENCY.replace("channel: urgent", "channel: urgent, respond_within: 5m")
    async with Watched(database_url, Harbor(tmp_path), plan) as watched:
        watched.harbor.push("omega/late", "pa", {"src/api/y.py": line(9, "omega")})
        watched.harbor.push("main", "amp", {"src/api/y.py": line(9, "main")})
        await watched.passes(minutes=5)
        assert watched.dm("olga").count("*Emergency 1, Critical*") == len(watched.dm("olga")) == 1
        assert watched.dm("amp").count("critical") == 0, "the emergency comes to the coordinator in its turn"
        await watched.passes(minutes=6)
        assert watched.dm("amp").count("*Emergency 1, Critical*") == len(watched.dm("amp")) == 1
        await watched.says("amp", "/emergency withdraw 1 it is only a branch")
        await watched.passes(minutes=1)
        watched.dm("olga").expect("was a false alarm")
        watched.dm("olga").expect("You are paged as lead of Omega", "Conflict 1, critical")
        await watched.passes(minutes=6)
        watched.dm("amp").expect("You are paged as", "Conflict 1, critical")


async def test_a_conflict_is_answered_once_and_whoever_cannot_decide_reads_who_can_and_all_that_they_decide(watched):
    harbor = watched.harbor
    harbor.push("omega/several", "pb", {"src/api/x.py": line(5, "o"), "docs/b.md": "omega\n"})
    harbor.push("sigma/several", "sara", {"src/api/x.py": line(5, "s"), "docs/b.md": "sigma\n"})
    await watched.passes(minutes=5)
    card = watched.channel("release").expect("complex")
    for person in ("stan", "olga"):
        refused = await watched.clicks(person, "Decide...", card)
        assert "Only <@UAMP> can decide about conflict 1: it is complex." in refused.text
    await watched.clicks("pb", "We talk", card)
    await watched.clicks("pb", "We talk", watched.channel("release").expect("complex"))
    assert watched.verbs("conflict", 1).count("answered: talk") == 1
    await watched.clicks("amp", "Decide...", watched.channel("release").expect("complex"))
    await watched.opened("amp")
    await watched.submits("amp", {"What is decided?": f"{'Omega rebases. ' * 100}Sigma waits."})
    watched.dm("pb").expect("Decided by <@UAMP>", "Sigma waits.")
