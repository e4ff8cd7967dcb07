"""The closing report of a release: posted when the plan ends, exported as Markdown and HTML."""

from __future__ import annotations

import pytest

from callboard.board.conclusion import past, words
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # tests/board/test_figures.py reads what it is made of on both

RELEASE = (
    PLAN
    + """\
phases:
  build: {name: Build it, from: 2025-11-13 09:00, to: 2025-11-14 18:00}
tasks:
  - for: {team: omega, phase: build}
    O-1: {title: "Database <a | b>", assignee: pa, due: 2025-11-13 10:00}
    O-2: {title: Sign-in, assignee: pb, due: 2025-11-14 12:00}
    O-3: {title: Mail, assignee: pb}
gates:
  ready: {name: Omega signs off, due: 2025-11-13 12:00, sign_off: [{lead_of: omega}]}
  paper: {name: Paperwork, due: 2025-11-14 12:00, criteria: [Filed]}
emergencies:
  2: {name: High, tell: [amp]}
rollbacks:
  system: {within: 30m, order: [coordinator], steps: [Restore the database]}
"""
)


@pytest.fixture
async def release(database_url):
    """What was promised for the 13th at noon is signed an hour late, after the plan was changed."""
    async with World(database_url, RELEASE) as world:
        await world.says("amp", "/plan set ready due 2025-11-13 14:00 because the vendor is late")
        await world.says("pa", "/task complete O-1")
        await world.says("pb", "/blocker raise mongo refuses every TLS connection")
        await world.advance(minutes=4)
        await world.says("olga", "/blocker ack 1")
        await world.advance(minutes=20)
        await world.says("olga", "/blocker resolve 1 a new certificate")
        await world.says("pa", "/plan kudos <@UPB> for the certificate")
        await world.says("pa", "/plan lesson build it: ask the vendor a week ahead")
        await world.says("sc", "/plan lesson this was wrong from the start")
        await world.says("sc", "/plan lessons withdraw 2")
        await world.says("amp", "/task drop O-3 because nobody reads mail")
        await world.until("2025-11-13 13:00")
        await world.signs("olga", "ready")
        await world.says("amp", "/emergency 2 the shop is slow")
        await world.says("amp", "/emergency take 1 commander")
        await world.says("amp", "/emergency decide 1 we wait for the vendor")
        await world.says("amp", "/emergency lesson 1 watch the disk")
        await world.says("amp", "/emergency end 1 the vendor restarted it")
        yield world


def file_below(world, channel):
    """The file in the thread of a closing report."""
    call = world.slack.record.calls("files.completeUploadExternal")[-1]["arguments"]
    report = (world.channel(channel) if channel == "release" else world.dm(channel)).expect("closing report")
    assert call["thread_ts"] == report.ts, (call, report)
    return world.slack.workspace.state.files[call["files"][0]["id"]]


def read(world):
    return world.app.db.transact(lambda tx: past.read(tx, 1, tx.now))


async def test_the_conclusion_of_a_release_sets_what_happened_beside_what_was_promised_first(release):
    text = words.markdown(read(release))
    for line in (
        "1 of 2 passed or waived, 0 of 2 on time by the first promise.",
        "| Omega signs off | Thu 13 Nov 2025 12:00 | Thu 13 Nov 2025 14:00 | passed Thu 13 Nov 2025 13:00 | 1 h late |",
        "| Paperwork | Fri 14 Nov 2025 12:00 |  | open |  |",
        "| O-1 Database \\<a \\| b\\> | Omega | Thu 13 Nov 2025 10:00 | completed Thu 13 Nov 2025 09:00 |",
        "| O-2 Sign-in | Omega | Fri 14 Nov 2025 12:00 | open |  |",
        "1 blocker; answered within 4 min and resolved within 24 min.",
        "| 4 min, Omega lead | 24 min, Omega lead |",
        "| Amp | dropped O-3 | nobody reads mail |",
        "| Omega lead | signed Omega signs off |  |",
        "| Amp | decided in emergency 1 | we wait for the vendor |",
        "| 1 the shop is slow | 2 | Thu 13 Nov 2025 13:00 | a moment: the vendor restarted it |",
        "| Amp | the vendor is late | 1 change |",
        "| Build it | ask the vendor a week ahead | Person A |",
        "| emergency 1 | watch the disk | Amp |",
        "| Person B | the certificate | Person A |",
    ):
        assert line in text, (line, text)
    assert "wrong from the start" not in text


async def test_the_conclusion_gives_a_blocker_the_severity_that_it_had_last(release):
    await release.says("pb", "/blocker raise the menu is empty")
    await release.says("pb", "/blocker severity 2 critical nobody can order")
    await release.says("olga", "/blocker reopen 1")
    await release.says("olga", "/blocker severity 1 critical")
    text = words.markdown(read(release))
    assert "| 2 the menu is empty | critical | Thu 13 Nov 2025 13:00 | nobody | open |" in text
    assert "| critical | Thu 13 Nov 2025 09:00 | 4 min, Omega lead | open |" in text


async def test_the_conclusion_is_the_same_whatever_happens_later(release):
    before = read(release)
    await release.advance(minutes=1)
    await release.says("pb", "/task complete O-2")
    await release.says("pb", "/plan lesson ship earlier")
    await release.says("pa", "/plan lessons withdraw 1")
    after = release.app.db.transact(lambda tx: past.read(tx, 1, before.until))
    assert words.markdown(after) == words.markdown(before)
    assert "ship earlier" in words.markdown(read(release))


async def test_the_conclusion_of_a_plan_is_posted_once_when_it_ends_even_after_an_outage(release):
    await release.until("2025-11-15 17:59")
    release.channel("release").expect_nothing("closing report")
    await release.jump(hours=9)
    report = release.channel("release").expect("Release: closing report")
    for part in (
        "*Gates* 1 of 2 passed or waived",
        "*Lessons*",
        "Person B, the certificate",
        "The whole report: a file in the thread of this message.",
    ):
        assert part in report.shown, (part, report.shown)
    assert "Omega signs off" in file_below(release, "release").content.decode()
    await release.jump(hours=9)
    assert release.channel("release").count("Release: closing report") == 1
    assert len(release.slack.record.calls("files.completeUploadExternal")) == 1
    (entry,) = release.entries("report", "reported")
    assert entry.facts["report"] == "closing"


async def test_the_conclusion_so_far_is_read_in_slack_by_whoever_asks_and_comes_as_a_file(release):
    assert "closing" in (await release.says("stan", "/plan closeing")).text
    for word in ("closing", "conclusion", "closure", "Closing"):
        await release.says("stan", f"/plan {word}")
        shown = release.slack.ephemerals("stan", "omega")[-1].shown
        assert "Release: closing report so far" in shown
        assert "*Decisions*" in shown
        assert "I'm sending you the whole report as a file, in a direct message." in shown
    file = file_below(release, "stan")
    assert file.name == "release-closing-report.html"
    assert b"ask the vendor a week ahead" in file.content


@pytest.mark.parametrize(
    ("method", "code", "why"),
    [
        ("files.getUploadURLExternal", "missing_scope", "the app lacks the scope `files:write`"),
        ("files.completeUploadExternal", "internal_error", "Slack did not take it"),
    ],
)
async def test_the_conclusion_goes_without_its_file_where_slack_refuses_it_and_says_so(release, method, code, why):
    release.slack.fault(method, "error", code=code)
    await release.says("pa", "/plan closing")
    release.dm("pa").expect("closing report so far")
    found = [message.shown for message in release.slack.dm("pa") if "I could not attach the whole" in message.shown]
    assert len(found) == 1, found
    assert why in found[0]
    assert "`callboard export --plan release --closing` writes it." in found[0]


async def test_the_conclusion_as_html_is_one_page_that_loads_nothing(release):
    page = words.html(read(release))
    assert "Database &lt;a | b&gt;" in page
    assert page.count("<table>") == page.count("<h2>") >= 7
    assert "http" not in page
    assert "<script" not in page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_report_of_the_board_closes_the_last_day_even_when_the_plan_ends_before_it(database_url):
    plan = (
        PLAN.replace("to: 2025-11-15 18:00", "to: 2025-11-15 17:00")
        + """\
working_hours: {days: mon-sun, hours: "09:00-18:00"}
reports:
  daily: {at: "18:00", to: ["#coordination"]}
"""
    )
    async with World(database_url, plan) as world:
        await world.until("2025-11-17 20:00")
        days = [f"Daily report, {day}" for day in ("Thursday", "Friday", "Saturday", "Sunday", "Monday")]
        assert [world.channel("release").count(day) for day in days] == [1, 1, 1, 0, 0]


async def test_the_conclusion_says_for_whom_a_deputy_signed(database_url):
    async with World(database_url, RELEASE) as world:
        await world.says("olga", "/gate hand ready to <@UPA>")
        await world.signs("pa", "ready")
        assert "| Person A | signed Omega signs off for Omega lead |  |" in words.markdown(read(world))


async def test_the_conclusion_of_a_release_has_what_was_completed_before_it_began_on_time(database_url):
    plan = RELEASE.replace("assignee: pa, due: 2025-11-13 10:00", "due: 2025-11-13 10:00, status: completed")
    async with World(database_url, plan) as world:
        whole = words.markdown(read(world))
        assert "1 of 3 completed, 1 of 2 on time by the first promise." in whole
