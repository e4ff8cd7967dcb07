"""What a plan file says and nobody means: the check names it, and what to write instead."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from callboard.cli.main import main
from callboard.planfile import calendar
from callboard.plans import service as plans
from tests.planfile.sample import GOOD, check

LONG = "All the words of a sentence that does not end " * 4
STANDUP = 'standups:\n  - {name: Daily, at: "09:00", who: WHO, questions: QUESTIONS}\n'
MEETING = 'meetings:\n  - {name: Talk, days: mon, at: "10:00", who: WHO}\n'
REPORT = 'reports:\n  daily: {at: "17:00", to: WHO}\n'
GATE = "gates:\n  g: {name: Gate, due: 2026-03-30, criteria: [Done], sign_off: [{count: 1, of: WHO}]}\n"
TASK = "tasks: [{A-1: {title: A, team: backend}}]\n"
CLOCKS = "runbooks:\n" + "".join(
    f"  {key}: {{day: {day}, steps: [{{title: Validate, lead: backend}}, {{at: +1h, title: Report, lead: one}}]}}\n"
    for key, day in (("go", "2026-03-31"), ("back", "2026-04-01"))
)


def said(*parts):
    return [problem.sentence for problem in check(GOOD + "".join(parts)).problems]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (MEETING.replace("WHO", "[leads]"), "`leads` is nobody here, where no team is concerned: write `all leads`"),
        (MEETING.replace("WHO", "[member]"), "`member` is nobody here, where no team is concerned: write `everyone`"),
        (MEETING.replace("WHO", "[assignees]"), "`assignees` is nobody here, where no task is concerned: write people"),
        (MEETING.replace("WHO", "[stakeholder]"), "nobody has the role `stakeholder`: write `roles: [stakeholder]`"),
        (MEETING.replace("WHO", "[Backend]"), "did you mean `backend`, whose name this is?"),
        (REPORT.replace("WHO", "[coordination]"), 'did you mean the channel "#coordination"'),
        (REPORT.replace("WHO", "[coordinaton]"), 'did you mean `coordinator` or the channel "#coordination"'),
        (REPORT.replace("WHO", "[cordinator]"), "did you mean `coordinator`?"),
        (REPORT.replace("to: WHO", "mail: [chief, lead]"), "mail[2]: `lead` is nobody here"),
        (REPORT.replace("to: WHO", "mail: [coordination]"), "`#coordination` is a channel, and has no mail"),
        (GATE.replace("WHO", "[assignees]"), "`assignees` is nobody here, where no task is looked at; write people"),
        (GATE.replace("{count: 1, of: WHO}", "{role: lead}"), "`lead` is no role that somebody has: write `lead_of:"),
        ("rollbacks: {system: {within: 30m, order: [chief], respond: 5m}}\n",
         "`respond` belongs under `conflicts`; here write one of `within`, `name`"),
        ("emergencies: {1: {name: C, respond_within: 5m, teams: [a], tell: [everyone]}}\n",
         "`teams` is a section of its own: it begins at the left margin; here write one of `name`"),
        (GATE.replace("WHO", "[leads]"), "`leads` is nobody here, where no task names a team; write `all leads`"),
        (GATE.replace("WHO", "[leads, coordinator]"), "of[1]: `leads` is nobody here"),
        ("targets: [2]\n", "`targets` belongs under `velocity`"),
        ("rotation: [one]\n", "`rotation` belongs under `on_call`"),
        ("phases: {a: {name: A, from: 2026-03-25, to: 2026-03-26, gates: {}}}\n", "`gates` is a section of its own"),
        ("velocity: {targts: [2]}\n", "did you mean `targets`?"),
        (STANDUP.replace("WHO", "[leads, coordinator]").replace("QUESTIONS", "{backend: [Ready?]}"),
         "chief would be asked nothing, being in no team that has questions here: add `default: [...]`"),
        (STANDUP.replace("WHO", "[leads, coordinator]").replace("QUESTIONS", "{backend: [Ready?]}"),
         "who[1]: `leads` is nobody here, where no team is concerned: write `all leads`"),
        (STANDUP.replace("WHO", "[backend]").replace("QUESTIONS", "[What did you do, and why, or why not?, Blockers]"),
         'write it in quotes, "What did you do, and why, or why not?"'),
        (STANDUP.replace("WHO", "[backend]").replace("QUESTIONS", "{backend: [Over 1,000 rows?]}"),
         'write it in quotes, "Over 1,000 rows?"'),
        (f"meetings: [{{name: {LONG}, at: 2026-03-26 10:00}}]\n", "a heading in Slack shows 150: write less"),
        (f"standups: [{{name: A, at: '09:00', questions: ['{LONG * 12}']}}]\n", "a form in Slack shows 2000"),
        ("cadences: [{name: A, every: 1h, about: plan, who: [assignees]}]\n", "`assignees` is nobody here"),
        ("tasks: [{A-1: {title: A, team: one}}]\n", "there is no team `one`; one is a person"),
        ("gates: {g: {name: G, due: 2026-03-30, sign_off: [{lead_of: Backend}]}}\n", "did you mean `backend`, whose"),
    ],
)  # fmt: skip
def test_the_check_of_a_plan_file_says_what_would_be_silent_and_what_to_write(written, words):
    found = said(written)
    assert any(words in sentence for sentence in found), found


@pytest.mark.parametrize(
    "written",
    [
        CLOCKS,
        MEETING.replace("WHO", "[all leads, chief]"),
        STANDUP.replace("WHO", "[all leads, coordinator]").replace("QUESTIONS", "{backend: [Now?], default: [So?]}"),
        STANDUP.replace("WHO", "[backend]").replace("QUESTIONS", "[Yesterday, Today, Blockers]"),
        STANDUP.replace("WHO", "[backend]").replace("QUESTIONS", '["What did you do, and why?", Status?]'),
        TASK + "gates: {g: {name: G, due: 2026-03-30, criteria: [{tasks: A-1}], sign_off: [{of: [leads]}]}}\n",
        "checkpoints: [{name: C, team: backend, at: 2026-03-26 10:00, who: [leads, member]}]\n",
    ],
)
def test_the_check_of_a_plan_file_is_silent_about_what_is_meant(written):
    """Equal steps of two run-books are two things; relative words mean somebody where a team or a task is."""
    assert said(written) == []


def test_an_error_in_a_list_of_a_plan_file_does_not_make_the_list_empty():
    found = said("runbooks: {a: {day: 2026-03-31, steps: [{title: A, lead: one, deadline: 10m}]}}\n")
    assert [sentence.partition(";")[0] for sentence in found] == [
        "runbooks.a.steps[1].deadline: there is no such key here"
    ]


def test_a_plan_file_that_has_ended_is_told_apart_by_the_calendar():
    document = check(GOOD).document
    end = document.of(plans.HEADER).to.instant(document.of(plans.HEADER).calendar)
    assert calendar.over(document, end) == ""
    assert "this plan ended at 2026-04-02 18:00" in calendar.over(document, end.replace(year=2027))


def test_the_preview_of_an_apply_says_that_a_plan_file_has_ended(db):
    preview = db.transact(plans.preview, check(GOOD.replace("2026-", "2024-")))
    assert any("this plan ended at 2024-04-02 18:00" in note for note in preview.notes())
    assert db.transact(plans.preview, check(GOOD)).notes() == []


def test_the_check_on_the_command_line_says_on_the_side_that_a_plan_file_has_ended(tmp_path):
    file = tmp_path / "old.yml"
    file.write_text(GOOD.replace("2026-", "2016-"))
    told = CliRunner().invoke(main, ["check", str(file)])
    assert "note: this plan ended at 2016-04-02 18:00" in told.stderr
    assert "ended" not in told.stdout


LATER = {
    "runbooks: {go: {day: 2026-03-31, EXTRA, steps: [{at: '14:00', title: A, lead: one}]}}\n":
        ["begin: 2026-03-31 14:00", "order: [chief]"],
    "runbooks: {go: {day: 2026-03-31, steps: [{at: '14:00', title: A, lead: one, EXTRA}]}}\n":
        ["deadline: 25m"],
    "rollbacks: {system: {within: 30m, order: [chief], EXTRA}}\n": ["takes: 10m"],
    "EXTRA\n": ["performance: {work: {slip: 10%}}"],
    "rehearsal: {work: {slip: 10%-60%, EXTRA}}\n": ["speed: 10%"],
}  # fmt: skip


@pytest.mark.parametrize(("text", "extra"), [(text, extra) for text, every in LATER.items() for extra in every])
def test_a_key_that_a_plan_file_does_not_know_is_one_error_that_says_what_may_stand_there(text, extra):
    [sentence] = said(text.replace("EXTRA", extra))
    key = extra.partition(":")[0]
    assert f"{key}: " in sentence
    assert "did you mean" not in sentence
    assert "write one of `" in sentence or "known are `" in sentence
