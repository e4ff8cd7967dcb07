"""What a rehearsal shows that the plan alone does not: who heard too much, who answered nothing, what still waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from callboard.rehearsal import findings
from callboard.rehearsal.transcript import Line
from tests.rehearsal.findings.breaks import line_of, text, unbroken

NOON = datetime(2026, 3, 25, 11, tzinfo=UTC)
NIGHT = datetime(2026, 3, 26, 1, tzinfo=UTC)
SEED = 7


def told(to, kind="status.ask", at=NOON, **more):
    return Line(at=at, who="", to=to, did="posted", text="How is it?\nSay it here.", kind=kind, **more)


def acted(who, at):
    return Line(at=at, who=who, to="#harbor", did="typed", text="/task progress T-1 50%")


def found(*lines):
    known = set(findings.find(unbroken("harbor")))
    every = findings.find(unbroken("harbor"), lines, options=f"--seed {SEED}")
    return [each for each in every if each.what not in {one.what for one in known}]


def after(minutes, at=NOON):
    return at + timedelta(minutes=minutes)


def test_noise_counts_pages_within_an_hour_and_says_how_to_see_that_minute_again():
    pages = [told("@chief", "blocker.page", after(5 * n), page=True) for n in range(8)]
    loud, silent = found(*pages), found(*pages[:6], acted("chief", after(60)))
    again = f'--seed {SEED} --until "{after(1).astimezone(ZoneInfo("Europe/Berlin")):%Y-%m-%d %H:%M}"'
    assert [(each.what, each.at, each.replay) for each in loud if "within an hour" in each.what] == [
        ("Coordinator is paged 8 times within an hour.", NOON, again)
    ]
    assert f"    To see it: callboard rehearse 'a plan.yml' {again}" in list(findings.as_text("a plan.yml", loud))
    assert {each.line for each in loud} == {line_of(text("harbor"), "chief: {name")}
    assert silent == []


def test_noise_counts_messages_of_a_day_by_their_own_clock_and_no_edits():
    forty = [told("@be-1", "task.late", after(n)) for n in range(41)]
    edits = [Line(NOON, "", "@be-1", "edited", "x", "task.late")] * 20
    (one,) = found(*forty, *edits)
    assert one.what == "Backend one gets 41 messages on one day."
    assert one.why.endswith("the plan allows 40. Most are like “How is it?”: 41.")
    assert found(*forty[:40], *edits) == []


def test_noise_at_night_counts_what_could_wait_and_no_pages():
    (one,) = found(told("@fe-2", "task.late", NOON), told("@fe-lead", "task.late", NIGHT),
                   told("@fe-1", "blocker.page", NIGHT, page=True), acted("fe-1", after(1, NIGHT)))  # fmt: skip
    assert one.what == "Frontend lead gets 1 message at night that could wait."
    assert one.why.endswith("their time: “How is it?”.")


def test_rungs_name_who_did_not_answer_a_page():
    pages = [told("@exec", "gate.page", after(n), page=True) for n in range(2)]
    (one,) = found(*pages)
    assert (one.what, one.why) == ("Executive did not answer 2 pages.", "The first: How is it?")
    assert found(*pages, acted("exec", after(30))) == []


def test_questions_name_who_leaves_a_third_of_them_unanswered():
    asked = [told("@be-2", at=after(60 * 24 * n)) for n in range(4)]
    answers = [acted("be-2", after(60 * 24 * n + 10)) for n in range(4)]
    (one,) = found(*asked, *answers[:2])
    assert one.what == "Backend two left 2 questions of 4 unanswered."
    assert found(*asked, *answers[:3]) == []


def test_holds_name_who_still_waits_at_the_end():
    waits = told("#harbor-ops", "teams.waits")
    (one,) = found(waits)
    assert (one.what, one.line) == ("Operations still waits at the end.", line_of(text("harbor"), "  ops: {name"))
    assert found(waits, told("#harbor-ops", "task.free", after(5))) == []
