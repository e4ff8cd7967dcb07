"""Scripts: what they may say, and what they are told where that can't be."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest

from callboard.app import sections
from callboard.core.errors import Refused
from callboard.plans import service as plans
from callboard.rehearsal import script
from callboard.rehearsal.play import played
from callboard.teams.plan.directory import drafted

DOCS = Path(__file__).parents[2] / "docs"
PLAN = resources.files("callboard.examples").joinpath("deployment.yml").read_bytes()
BEGINS = datetime(2025, 11, 13, 13, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def directory():
    return drafted(plans.check(PLAN, "deployment.yml", sections()).document)


def cues(directory, *lines):
    return script.read("script:\n" + "".join(f"  - {{{line}}}\n" for line in lines), "s.yml", directory, BEGINS)


def test_a_script_names_its_times_by_the_clock_of_the_plan_or_by_what_went_before(directory):
    found = cues(
        directory,
        'at: 2025-11-13 09:20, who: omega-a, says: "/blocker mongo refuses TLS"',
        "after: 5m, who: omega-lead, clicks: Take it, on: mongo",
        'by: "09:30", who: amp, reads: mongo',
        'until: "12:00", who: exec, never: mongo',
        'at: "09:40", who: [omega-a, omega-b], says: hello, in: "#team-omega"',
    )
    assert [f"{cue.at:%H:%M}" for cue in found] == ["14:20", "14:25", "14:30", "17:00", "14:40"]
    assert [cue.line for cue in found] == [2, 3, 4, 5, 6]
    assert [cue.looks for cue in found] == [False, False, True, True, False]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("at: 2025-11-13 09:20, who: omega-aa, says: hi", "nobody in the plan has the id `omega-aa`; did you mean"),
        (
            "at: 2025-11-13 09:20, who: amp",
            "write what happens, in one of these words: says, clicks, submits, pushes, opens, sends",
        ),
        ("at: 2025-11-13 09:20, who: amp, says: hi, clicks: Ok", "never; here are 2"),
        ("who: amp, says: hi", "write when, with `at: 2025-11-13 09:20` or `after: 5m`, beside `says`"),
        ("by: 2025-11-13 09:20, who: amp, says: hi", "write when, with `at: 2025-11-13 09:20` or `after: 5m`"),
        ("at: 2025-11-13 09:20, who: amp, reads: hi", "write when, with `by: 2025-11-13 09:20` or `after: 5m`"),
        ("at: 2025-11-13, who: amp, says: hi", "`2025-11-13` has no time of day: write it as 2025-11-13 09:00"),
        ("at: noon, who: amp, says: hi", "`noon` is no date: write it like 2026-03-25"),
        ("after: soon, who: amp, says: hi", "`soon` is no duration"),
        ("after: 5m, who: amp, says: hi, on: it", "`on` goes with clicks, not with `says`"),
        ('after: 5m, who: amp, clicks: Ok, in: "#x"', "`in` goes with says or reads or never, not with `clicks`"),
        ("after: 5m, who: amp, says: hi, files: [a.py]", "`files` goes with pushes, not with `says`"),
        ("after: 5m, who: amp, says: hi, checks: passed", "`checks` goes with pushes, not with `says`"),
        ("after: 5m, who: amp, pushes: x, files: [a.py], checks: green", "`green` is not possible: write 'passed'"),
        ("after: 5m, who: amp, opens: a.md, merges: true", "`merges` goes with pushes, not with `opens`"),
        ("after: 5m, who: amp, sais: hi", "did you mean `says`?"),
        (
            "after: 5m, who: amp, sends: hooks/alert",
            "`hooks/alert` is no request: write it as POST /hooks/alertmanager",
        ),
        ("after: 5m, who: amp, says: hi, body: {a: 1}", "`body` goes with sends, not with `says`"),
    ],
)
def test_a_line_of_a_script_that_can_not_be_played_is_told_so_with_its_number(directory, line, sentence):
    with pytest.raises(Refused) as refused:
        cues(directory, "after: 1m, who: amp, says: hi", line)
    assert refused.value.sentence.startswith("s.yml:3: ")
    assert sentence in refused.value.sentence


def test_a_script_goes_on_in_time(directory):
    with pytest.raises(Refused, match=r"s.yml:3: script\[2\]: this is earlier than what is done above"):
        cues(directory, "at: 2025-11-13 10:00, who: amp, says: hi", "at: 2025-11-13 09:59, who: amp, says: hi")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there is no script in this file: it begins with `script:`"),
        ("- {at: 1}\n", "there is no script in this file"),
        ("script: [\n", "cannot be read as YAML"),
        ("play: []\n", "`script` is missing"),
        ("script: {at: 1}\n", "a list is meant here"),
    ],
)
def test_a_file_that_holds_no_script_is_told_what_one_is(directory, text, sentence):
    with pytest.raises(Refused) as refused:
        script.read(text, "s.yml", directory, BEGINS)
    assert sentence in refused.value.sentence


async def test_the_script_in_the_docs_comes_true():
    (told,) = re.findall(r"^```yaml\n(script:.*?)^```", (DOCS / "rehearsal.md").read_text(), re.MULTILINE | re.DOTALL)
    checked = plans.check(PLAN, "deployment.yml", sections())
    run = await played(checked, ("docs.yml", told.encode()), until="2025-11-13 09:40")
    assert run.misses == []


async def test_the_first_plan_in_the_docs_can_page_somebody_by_a_script():
    (first,) = re.findall(r"^```yml\n(.*?)^```", (DOCS / "plan-file.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = """script:
  - {at: 2026-05-04 10:00, who: anna, says: /blocker mongo refuses TLS}
  - {by: "10:01", who: ben, reads: "Why you: you are lead of Web"}
"""
    run = await played(plans.check(first, "first.yml", sections()), ("s.yml", lines.encode()), until="2026-05-04 10:30")
    assert run.misses == []
