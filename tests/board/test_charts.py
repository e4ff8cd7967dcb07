"""Charts: what is drawn, what is said to whoever can't see it, and how a picture gets into Slack, or does not."""

from __future__ import annotations

import re
import struct
import zlib
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from callboard.board.charts import CHARTS, progress, sketch
from callboard.board.charts.raster import png
from callboard.board.charts.sketch import Drawing, whole_ticks
from callboard.board.figures import history
from callboard.board.figures.days import Left, Span
from tests.world import PLAN, World, at

DATABASES = ("sqlite",)
"""Drawing and uploading ask nothing of the database; what charts are drawn from is told in test_figures.py."""
GOLDEN = Path(__file__).parent / "charts"
WORK = """\
phases:
  build: {name: Build, from: 2025-11-13 09:00, to: 2025-11-14 18:00, priority: critical, staff: 2-3}
tasks:
  - for: {team: omega, phase: build}
    O-1: {title: Database, assignee: pa, due: 2025-11-13 12:00}
    O-2: {title: Sign-in, assignee: pb, status: completed}
    O-3: {title: Mail, assignee: pb, due: 2025-11-14 12:00}
measures:
  response_time: {at_most: 15m, computed: true}
  tests_passed: {name: Tests passed, of: 72, at_least: 68, by: [omega]}
gates:
  validated: {name: Omega signs off, due: 2025-11-14 17:00, criteria: [{tasks: [O-1..O-3], are: completed}], sign_off: [{lead_of: omega}]}
velocity: {per: day, targets: [2, 1, 1]}
"""  # noqa: E501


@pytest.fixture
async def world(database_url):
    plan = PLAN.replace("pa: {name: Person A,", "pa: {name: Person A, title: Engineer, focus: Database, capacity: 80%,")
    async with World(database_url, plan + WORK) as world:
        yield world


async def a_day(world):
    await world.says("pa", "/task start O-1")
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=10)
    await world.says("olga", "/blocker ack 1")
    await world.advance(hours=5)
    await world.says("pa", "/task complete O-1")


async def chart(world, name, person="pa"):
    """Ask for a chart; the message that came."""
    answer = await world.says(person, f"/plan chart {name}")
    assert "on its way to you" in answer.text
    await world.advance(seconds=2)
    return world.dm(person).messages[-1]


def picture_of(world, message):
    """The bytes and the alternative text of the picture in a message."""
    block = next(block for block in message.blocks if block["type"] == "image")
    file = world.slack.workspace.state.files[block["slack_file"]["id"]]
    return file.content, block["alt_text"]


ALT = {
    "burndown": "13 Nov: 1 of 3 tasks left, 2 ahead of the ideal line", "velocity": "1: 1 of 2",
    "response": "13 Nov until somebody took it: 10 min",
    "gates": "Omega signs off: in time at this pace, due 14 Nov, 1 task open", "conflicts": "No conflict was found.",
}  # fmt: skip


def test_the_dates_below_a_chart_of_any_length_leave_room_for_each_other():
    for days in range(2, 120):
        places = [
            place for place, _ in progress.dates([date(2025, 11, 3) + timedelta(days=day) for day in range(days)])
        ]
        assert places[0] == 0, days
        assert places[-1] == days - 1, days
        assert all(later - earlier > 0.18 * (days - 1) for earlier, later in pairwise(places)), (days, places)


async def test_charts_that_are_asked_for_arrive_as_a_picture_with_its_figures_in_words(world):
    await a_day(world)
    past = world.app.db.transact(lambda tx: history.read(tx, 1))
    for name, draw in CHARTS.items():
        content, alt = picture_of(world, await chart(world, name))
        assert content.startswith(b"\x89PNG")
        width, height = struct.unpack(">II", content[16:24])
        assert (width, height < 2 * width) == (750, True)
        assert ALT[name] in alt
        assert world.slack.record.calls("files.completeUploadExternal")[-1]["arguments"].get("channel_id") is None
        looks_as_it_did(name, draw(past).svg())


def looks_as_it_did(name, drawn):
    """A picture that is new, or whose file was deleted because it looks otherwise now, is written: look at it."""
    golden = GOLDEN / f"{name}.svg"
    if not golden.exists():
        golden.write_text(drawn)
        pytest.fail(f"{golden} is new: look at it")
    assert drawn == golden.read_text()
    assert len(drawn) < 5_000
    ET.fromstring(drawn)  # noqa: S314 - our own
    assert min(int(size) for size in re.findall(r'font-size="(\d+)"', drawn)) >= 11


async def test_charts_are_answered_in_words_where_there_is_no_such_chart(world):
    answer = await world.says("pa", "/plan chart burndwon")
    assert answer.text == "There is no chart `burndwon`; did you mean `burndown`?"
    assert "write one of `burndown`, `velocity`, `response`" in (await world.says("pa", "/plan chart pie")).text
    assert "burndown chart is on its way" in (await world.says("pa", "/plan chart")).text
    assert "conflicts chart is on its way" in (await world.says("pa", "/plan chart collisions")).text


@pytest.mark.parametrize(
    ("method", "kind", "fields", "why"),
    [
        ("files.getUploadURLExternal", "error", {"code": "missing_scope"}, "the app lacks the scope `files:write`"),
        ("files.completeUploadExternal", "error", {"code": "internal_error"}, "Slack says `internal_error`"),
        ("files.completeUploadExternal", "dropped", {}, "Slack did not take it in time"),
        ("files.info", "foreign", {}, "what answered was not Slack"),
    ],
)
async def test_a_picture_that_can_not_be_uploaded_is_missed_in_words_and_the_message_goes(
    world, method, kind, fields, why
):
    world.slack.fault(method, kind, **fields)
    message = await chart(world, "burndown")
    assert "3 tasks left" in message.shown
    assert f"I could not show the picture: {why}" in message.shown
    assert "image" not in {block["type"] for block in message.blocks}
    picture_of(world, await chart(world, "burndown"))


async def test_a_picture_waits_as_long_as_slack_asks_for_patience(world):
    world.slack.fault("files.getUploadURLExternal", "ratelimited", retry_after=30)
    await world.says("pa", "/plan chart burndown")
    assert world.dm("pa").count("Burndown of") == 0
    await world.advance(seconds=31)
    picture_of(world, world.dm("pa").expect("Burndown of"))


async def test_a_picture_is_uploaded_once_however_often_the_message_is_tried(world):
    world.slack.fault("chat.postMessage", "ratelimited", retry_after=5)
    await world.says("pa", "/plan chart gates")
    await world.advance(seconds=6)
    picture_of(world, world.dm("pa").expect("Gates of Release"))
    assert len(world.slack.record.calls("files.getUploadURLExternal")) == 1
    assert world.dm("pa").count("Gates of Release") == 1


async def test_a_picture_that_slack_does_not_show_after_all_is_missed_in_words(world):
    world.slack.fault(
        "chat.postMessage", "foreign", carried=False, content_type="application/json",
        body='{"ok": false, "error": "invalid_blocks", "response_metadata": '
        '{"messages": ["[ERROR] invalid slack file [json-pointer:/blocks/1/slack_file]"]}}',
    )  # fmt: skip
    message = await chart(world, "velocity")
    assert "I could not show the picture: Slack did not take it. The figures are in the text." in message.shown


async def test_the_weekly_report_has_the_burndown_as_a_picture(database_url):
    reports = 'reports:\n  weekly: {at: "17:00", to: ["#coordination"]}\n'
    async with World(database_url, PLAN + WORK + reports, at=at("2025-11-14 16:00")) as world:
        await world.advance(hours=2)
        _, alt = picture_of(world, world.channel("release").expect("Weekly report"))
        assert alt.startswith("14 Nov: 2 of 3 tasks left")


async def test_kpis_are_shown_against_their_targets_and_one_with_its_cases(world):
    await a_day(world)
    every = (await world.says("stan", "/plan kpi")).text
    for words in (
        "Figures of Release", ":white_check_mark: Response time: *10m*, target at most 15m", "Tasks completed: *66.6%*",
        "Not reported yet: Tests passed (`tests_passed`).", "Velocity: *1 task*, target at least 2 (day 1 of the plan)",
    ):  # fmt: skip
        assert words in every, words
    await world.says("olga", "/gate report tested tests_passed 60")
    await world.says("olga", "/gate report tests_passed 60/72")
    one = (await world.says("pa", "/plan kpi response time")).text
    for words in (
        "From when a blocker is raised until somebody takes it", "Source: blockers on the timeline",
        "At the end of each day: 13 Nov: 10m", "Counted from 1 case:", "Blocker 1: 10m",
    ):  # fmt: skip
        assert words in one, words
    assert "did you mean `response_time`?" in (await world.says("pa", "/plan kpi respons_time")).text
    assert "All tasks completed on schedule: 2 of 3 completed, 1 late" in (
        await world.says("pa", "/plan kpi success")).text  # fmt: skip


async def test_status_says_at_a_glance_what_is_late_and_why_and_who_must_act(world):
    await world.says("pa", "/task block O-1 the schema is locked")
    await world.advance(hours=4)
    shown = (await world.says("stan", "/plan status")).text
    for words in (
        "Release*: day 1 of 3, 33% done. 1 of 3 tasks completed, 0 of 1 gate passed.",
        "Build (critical): 1 of 3 tasks, 33%, until", "0 of 2 to 3 people at work",
        "Omega signs off: pending, 0 of 1 met, due", "O-1 (Database), was due", "blocked by blocker 1",
        "must take blocker 1: the schema is locked", "<@UPA>: O-1 overdue", "/plan kpi",
    ):  # fmt: skip
        assert words in shown, words


async def test_status_of_a_late_task_names_its_blocker_only_until_that_is_resolved(world):
    await world.says("pa", "/task block O-1 the schema is locked")
    await world.says("pa", "/blocker resolve 1 unlocked")
    await world.advance(hours=4)
    shown = (await world.says("stan", "/plan status")).text
    assert "O-1 (Database), was due" in shown
    assert "blocked by blocker" not in shown


async def test_people_are_shown_with_what_they_are_there_for_and_who_carries_too_much(database_url):
    many = "\n".join(f"    L-{number}: {{title: Load {number}, assignee: pb}}" for number in range(6))
    risks = "risks:\n  - {risk: Overload, probability: low, impact: low, owner: amp, indicators: [{in_progress: {of: pa, more_than: 0}}]}\n"  # noqa: E501
    plan = PLAN.replace(
        "name: Person A,", "name: Person A, title: Engineer, focus: Database, capacity: 80%, critical_path: true,"
    ).replace("{name: Omega,", "{name: Omega, part_of: Development,")
    async with World(
        database_url,
        plan + "tasks:\n  - for: {team: omega}\n" + many + "\n    O-1: {title: One, assignee: pa}\n" + risks,
    ) as world:
        for number in range(6):
            await world.says("pb", f"/task start L-{number}")
        quiet = (await world.says("pa", "/plan people")).text
        assert "Person A (<@UPA>), Engineer, focus Database, capacity 80%, critical path, 09:00 there" in quiet
        assert "<@UPB>, 6 in progress, 5 at most" in quiet
        assert "*Omega (Development)*" in quiet
        await world.says("pa", "/task start O-1")
        loaded = (await world.says("pa", "/plan people")).text
        assert "Carries too much" in loaded
        assert "<@UPA>, 1 in progress, 0 at most" in loaded


def test_charts_draw_letters_where_the_machine_has_no_font():
    """Each of these texts leaves more ink than the same drawing without it."""
    for words in ("Burndown 3 Nov", "Übergröße", "Ωμέγα", "Жук"):
        plain, lettered = Drawing("", [], "", 60), Drawing(words, [], "", 60)
        assert len(zlib.compress(_pixels(png(lettered.svg())))) > len(zlib.compress(_pixels(png(plain.svg())))) + 300, (
            words
        )


def _pixels(content: bytes) -> bytes:
    parts, at_byte = b"", 8
    while at_byte < len(content):
        (length,) = struct.unpack(">I", content[at_byte : at_byte + 4])
        if content[at_byte + 4 : at_byte + 8] == b"IDAT":
            parts += content[at_byte + 8 : at_byte + 8 + length]
        at_byte += length + 12
    return zlib.decompress(parts)


def test_charts_are_drawn_with_colours_that_everybody_can_tell_apart():
    palette = {"#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7"}  # of Okabe and Ito
    assert {sketch.BLUE, sketch.ORANGE, sketch.GREEN, sketch.RED, sketch.SKY, sketch.PURPLE} == palette


@pytest.mark.parametrize(
    ("high", "ticks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (44, [0, 20, 40, 60]),
        (400, [0, 100, 200, 300, 400]),
    ],
)
def test_a_drawing_counts_in_round_numbers(high, ticks):
    assert whole_ticks(high) == ticks


def test_a_drawing_escapes_what_plans_say():
    shown = Drawing("<b>&", ["a < b"], "x", 60)
    shown.label(1, 1, "\"'<script>")
    ET.fromstring(shown.svg())  # noqa: S314 - our own
    assert "<script" not in shown.svg()


def spans(*done_and_targets):
    monday = datetime(2025, 11, 3, tzinfo=UTC)
    return [
        Span(number + 1, monday + timedelta(weeks=number), monday + timedelta(weeks=number + 1),
             tuple(f"T-{number}-{task}" for task in range(done)), target, over=True)
        for number, (done, target) in enumerate(done_and_targets)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("done", "words"),
    [
        ([(5, 5), (7, 5)], "Ahead by 2 tasks. Add stretch goals."),
        ([(5, 5), (4, 5)], "Behind by 1 task. Reprioritise, or add people."),
        ([(5, 5)], "On target."),
        ([(5, None)], "No target is due yet."),
    ],
)
def test_velocity_gives_advice(done, words):
    assert progress.advice(spans(*done)) == words


def test_the_ideal_line_falls_straight_over_the_fifty_six_days_of_a_plan():
    days = [date(2025, 11, 12) + timedelta(days=number) for number in range(56)]
    should = [progress.ideal(days, [Left(days[0], 55, 55), Left(day, 55, 50)]) for day in days]
    assert (should[0], should[-1]) == (55, 0)
    assert all(before - after == pytest.approx(1) for before, after in pairwise(should))
