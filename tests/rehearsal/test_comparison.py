"""Two plans in the same rehearsal: what differs, and how it reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from callboard.rehearsal.comparison import difference, words
from callboard.rehearsal.comparison.noise import Noise, noise, told
from callboard.rehearsal.comparison.outcome import GateOutcome, Outcome
from callboard.rehearsal.findings import Finding, Kind
from callboard.rehearsal.play import Miss
from callboard.rehearsal.transcript import Line
from callboard.teams.directory import Person
from tests.rehearsal.noise import crowds

AT = datetime(2025, 11, 13, 16, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GATE = GateOutcome("Gate 1", AT, AT - 2 * HOUR, AT - HOUR, AT - MINUTE, 0.82)
LATE = Finding(Kind.FAULT, 9, "O-1 can't be done by 2.", "It takes 9 h.", "Begin earlier.")
LOUD = Finding(Kind.RISK, 12, "Amp is paged 7 times within an hour.", "6 are allowed.", "Page fewer people.")
BEFORE = Outcome(
    "Harbor", ZoneInfo("Europe/Berlin"), {"one": GATE, "two": replace(GATE, name="Gate 2")}, {"amp": "Amp", "bo": "Bo"},
    {"amp": Noise(34, 3), "bo": Noise(2)}, [LOUD], [Miss(4, "bo did not read “GO”")],
)  # fmt: skip


def change(**values):
    return words.as_text(difference(BEFORE, replace(BEFORE, **values))).splitlines()


def test_a_comparison_of_a_plan_with_itself_says_that_nothing_differs_for_anybody():
    assert words.as_text(difference(BEFORE, BEFORE)) == "No difference for anybody.\n"
    assert words.as_markdown(difference(BEFORE, BEFORE)) == (
        "### What this change does in Harbor\n\nNo difference for anybody.\n"
    )
    assert change(gates={**BEFORE.gates, "one": replace(GATE, chance=0.80)}) == ["No difference for anybody."]


def test_a_comparison_says_of_a_gate_only_what_differs_and_what_it_was():
    late = "due Thu 13 Nov, 18:00 (was Thu 13 Nov, 17:00); not passed (was Thu 13 Nov, 16:59)"
    fine = "due Thu 13 Nov, 17:00; ready Thu 13 Nov, 16:00; passed Thu 13 Nov, 16:59"
    moved = replace(GATE, due=AT + HOUR, passed=None, chance=0.61)
    assert change(gates={"one": moved, "three": replace(GATE, name="Gate 3", begun=None)})[1:] == [
        "Different: 3 gates.",
        "",
        "Gates",
        f"  Gate 1: {late}; chance to be in time 61 % (was 82 %)",
        f"  Gate 3 is new: {fine}; chance to be in time 82 %",
        "  Gate 2 is gone.",
    ]


def test_a_comparison_tells_a_gate_that_goes_from_one_of_the_same_name_that_comes():
    gates = change(gates={"one": GATE, "second": replace(GATE, name="Gate 2")})[3:]
    assert gates[1].startswith("  Gate 2 (second) is new: due")
    assert gates[2:] == ["  Gate 2 (two) is gone."]


def test_a_comparison_says_in_which_zone_its_times_are_where_the_plan_has_another_now():
    moved = change(zone=ZoneInfo("Europe/London"), gates={**BEFORE.gates, "one": replace(GATE, due=AT + HOUR)})
    assert moved[1].endswith("Times are in Europe/London, the zone of the plan now; it was Europe/Berlin.")


def test_a_comparison_says_of_somebody_who_is_not_in_the_plan_any_more_that_they_left():
    assert change(noise={"amp": Noise(34, 3)}, names={"amp": "Amp"})[-1] == "  Bo, who left: 0 messages (was 2)"


def test_a_comparison_says_who_hears_more_or_less_and_how_much_it_is_together():
    assert change(noise={"amp": Noise(41, 6, 1), "cy": Noise(1, 1)}, names={"cy": "Cy"})[3:] == [
        "People",
        "  All together: 42 messages (was 36), 7 pages (was 3), 1 at night (was 0)",
        "  Amp: 41 messages (was 34), 6 pages (was 3), 1 at night (was 0)",
        "  Cy: 1 message (was 0), 1 page (was 0)",
        "  Bo, who left: 0 messages (was 2)",
    ]


def test_a_comparison_tells_new_findings_from_those_that_moved_or_have_other_counts():
    louder = replace(LOUD, line=14, what="Amp is paged 9 times within an hour.")
    assert change(findings=[replace(LOUD, line=99)]) == ["No difference for anybody."]
    assert change(findings=[LATE, louder]) == [
        "What this change does in Harbor",
        "New: 1 fault. Different: 1 finding.",
        "",
        "New",
        "  fault, line 9: O-1 can't be done by 2. It takes 9 h. Begin earlier.",
        "",
        "With other counts",
        "  risk, line 14: Amp is paged 9 times within an hour. 6 are allowed. Page fewer people.",
    ]
    late = [replace(LATE, kind=Kind.RISK, what=f"O-{number} may be late.") for number in (1, 2, 3)]
    moved = difference(replace(BEFORE, findings=late[:2]), replace(BEFORE, findings=late[2:]))
    assert (moved.new, moved.other, moved.gone) == (late[2:], [], late[:2])
    assert change(findings=[])[1:] == ["Gone: 1 risk.", "", "Gone", "  risk: Amp is paged 7 times within an hour."]


def test_a_comparison_counts_a_fault_with_other_counts_as_a_new_one():
    was, now = (replace(BEFORE, findings=[replace(LATE, what=f"Amp is paged {hour} times.")]) for hour in (2, 3))
    assert [difference(was, now).faults, difference(was, was).faults, difference(now, BEFORE).faults] == [1, 0, 0]


def test_a_comparison_says_which_lines_of_the_script_came_true_only_once():
    assert change(misses=[Miss(7, "amp did not read “NO-GO”")])[1:] == [
        "Different: 2 lines of the script.",
        "",
        "Script: no longer true",
        "  line 7: amp did not read “NO-GO”",
        "",
        "Script: true now",
        "  line 4: bo did not read “GO”",
    ]


def test_a_comparison_as_a_comment_calls_nobody_whatever_names_there_are():
    named = replace(
        BEFORE, plan="@acme/all #7", gates={"one": replace(GATE, name="*Go* @bo <b> [x](http://x.example)")}
    )
    comment = words.as_markdown(difference(replace(BEFORE, gates={}), named))
    assert "@<!-- -->acme/all #<!-- -->7" in comment
    assert r"- \*Go\* @<!-- -->bo \<b\> \[x\](http\://x.example) is new" in comment
    refused = words.refused("plan.yml:3: `@bo`?\nFix it.")
    assert refused.splitlines()[2:] == [r"- plan.yml:3: \`@<!-- -->bo\`?", "- Fix it."]


def said(minutes, to="@amp", did="posted", who="", *, page=False):
    return Line(AT + minutes * MINUTE, who, to, did, "Blocker 1", page=page)


def test_the_noise_of_a_rehearsal_counts_messages_and_mail_to_a_person_and_what_comes_at_night():
    lines = [
        said(0), said(1, "mail:@amp", page=True), said(2, "#release"), said(3, did="edited"), said(4, did="answered"),
        said(5, "home:@amp"), said(6, who="amp"), said(7 * 60, page=True),
    ]  # fmt: skip
    amp = Person(key="amp", name="Amp", timezone="Europe/Berlin")
    (own,) = told(lines).values()
    assert noise(own, amp) == Noise(messages=3, pages=2, at_night=1)


def test_the_noise_of_a_rehearsal_lists_each_page_of_an_hour_with_too_many():
    minutes = [0, 90, *range(100, 107), 155, 175, 300]
    found = [[(line.at - AT) // MINUTE for line in crowd] for crowd in crowds([said(m, page=True) for m in minutes], 6)]
    assert found == [[90, *range(100, 107), 155]]
    assert list(crowds([said(minute) for minute in range(30)], 6)) == []
