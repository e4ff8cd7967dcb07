"""docs/noise.md says how much everybody hears in the scripts, as the transcripts that are kept have it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from callboard.rehearsal.comparison.noise import told
from callboard.rehearsal.transcript import Line, as_text
from tests.rehearsal import noise
from tests.rehearsal.goldens import EXAMPLES

AT = datetime(2025, 11, 13, 8, tzinfo=UTC)
PAGE = ":rotating_light: Blocker {}  mongo\nWhy you: you are lead of Omega (step {}: {}).\n[Take it]"


def said(minutes, text, to="@amp", did="posted", who="", *, page=True):
    return Line(AT + timedelta(minutes=minutes), who, to, did, text, page=page)


def paged(number, step, more=""):
    return said(number, PAGE.format(number, step, "Lead") + more)


def test_the_noise_in_the_docs_is_that_of_the_transcripts_that_are_kept():
    assert noise.DOC.read_text() == noise.written(), "`python -m tests.rehearsal.noise` writes it anew"
    scripts = {Path(file.name).stem for file in (EXAMPLES / "scripts").iterdir() if file.name.endswith(".yml")}
    assert set(re.findall(r"^## (.+)$", noise.DOC.read_text(), re.MULTILINE)) == scripts


def test_the_noise_in_the_docs_beyond_the_budget_is_made_of_first_pages_only():
    listed = [row for row in noise.DOC.read_text().splitlines() if row.startswith("  - ")]
    assert [row for row in listed if f" {noise.FIRST}: " not in row] == []


def test_the_noise_of_a_transcript_is_read_as_it_was_written():
    heard = [
        said(0, "One\ntwo"), said(1, "Mail", "mail:@amp"), said(2, "Anew", did="edited", page=False),
        said(2, "No such gate", did="answered", page=False), said(24 * 60, "Done", "#release", page=False),
    ]  # fmt: skip
    acted = said(3, "/gate sign go", "@amp", "typed", "amp", page=False)
    zone = ZoneInfo("Asia/Kolkata")
    read = noise.lines(as_text([*heard[:4], acted, heard[4]], zone))
    assert [(line.to, line.did, line.text, line.page) for line in read] == [
        (line.to, line.did, line.text, line.page) for line in heard
    ]
    assert [line.at for line in read] == [line.at.astimezone(zone).replace(tzinfo=UTC) for line in heard]


def test_the_noise_of_a_transcript_tells_first_pages_of_a_matter_and_a_step_from_those_that_come_again():
    nudge = said(9, ":wave: Blocker 1  mongo\nYou have it, and nothing has happened since 09:30.")
    pages = [paged(1, 1), paged(2, 1), paged(1, 2), paged(1, 2, "\nNew since 09:30: nothing"), nudge, paged(1, 1)]
    assert noise.repeats(pages) == [False, False, False, True, True, True]
    assert noise.repeats([said(1, "Confirm: Deploy"), said(2, "Confirm: Smoke tests")]) == [False, False]


def test_the_noise_in_the_docs_has_a_table_and_each_hour_with_more_pages_than_the_plan_allows():
    many = [paged(number, 1) for number in range(7)]
    assert noise.section([*many, said(25 * 60, "Morning", "@bo", page=False)]).splitlines() == [
        "|  | Thu 13 Nov | Fri 14 Nov | Together |",
        "| --- | --- | --- | --- |",
        "| amp | 7 (7) |  | 7 (7) |",
        "| bo |  | 1 | 1 |",
        "",
        "- amp, Thu 13 Nov: 7 pages",
        *(f"  - 08:0{number} first: Blocker {number}  mongo" for number in range(7)),
    ]
    assert noise.section([said(day * 24 * 60, "Hello", page=False) for day in range(2)]).splitlines()[:2] == [
        "|  | amp |",
        "| --- | --- |",
    ]


def test_the_noise_of_a_brief_transcript_is_that_of_the_whole():
    heard = [
        said(0, "Standup?\n[Fill in]"), said(0, "Standup?\n[Fill in]", "@bo"), said(1, "Mail", "mail:@amp"),
        said(2, "Fill in", who="amp"), said(2, "A form\nYesterday: ____", did="answered", page=False),
        said(2, "Fill in", "@bo", who="bo"), said(2, "A form\nYesterday: ____", "@bo", did="answered", page=False),
        said(3, "One", "#release", page=False), said(3, "Two", "#release", page=False), said(4, "Three", page=False),
    ]  # fmt: skip
    whole, brief = (noise.lines(as_text(heard, ZoneInfo("UTC"), brief=brief)) for brief in (False, True))
    assert {person: [(line.at, line.page) for line in own] for person, own in told(brief).items()} == {
        person: [(line.at, line.page) for line in own] for person, own in told(whole).items()
    }
    assert [line.text for line in brief if line.to == "#release"] == ["One  |  Two"]
    assert (
        len(as_text(heard, ZoneInfo("UTC"), brief=True).splitlines())
        < len(as_text(heard, ZoneInfo("UTC")).splitlines()) / 1.5
    )
