"""A plan file is read forgivingly and checked strictly: every fault at its line, with what to write instead."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.planfile import yaml_reader
from callboard.planfile.sections import Degree
from tests.planfile.sample import EVERYTHING, GOOD, broken, check, line_of

EXAMPLES = Path(__file__).parents[2] / "src" / "callboard" / "examples"
ERROR, WARNING, VACANT = Degree.ERROR, Degree.WARNING, Degree.VACANT


def test_the_check_of_a_good_plan_file_finds_no_problem():
    assert check(GOOD).report() == []


def test_the_check_of_a_plan_file_with_every_section_accepts_it():
    checked = check(EVERYTHING.read_bytes(), "everything.yml")
    assert [problem.degree for problem in checked.problems if problem.degree is not WARNING] == [VACANT]
    seat = line_of(EVERYTHING.read_text(), "Night watch")
    assert checked.report()[0].startswith(f"everything.yml:{seat}: vacant: people.quay-night")


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yml")), ids=lambda file: file.name)
def test_the_check_of_the_example_plans_gives_no_warning(file):
    checked = check(file.read_bytes(), file.name)
    assert [problem for problem in checked.problems if problem.degree is not VACANT] == []


# Kind: what is replaced by what, words of the line where the fault is, words of the sentence, degree. A table for each
# file that decides.
YAML = {
    "unquoted channel": ('tion: "#harbor"', "tion: #harbor", "tion: #", 'write "#harbor" in quotes', ERROR),
    "comma in braces": ("Backend one,", "Backend, one,", "Backend, one", "put text that holds one in", ERROR),
    "no value": ("    name: Backend\n", "    name:\n", "    name:", "teams.backend.name: this has no value", ERROR),
    "not indented": ("    name: Backend\n", "    name:\n", "    name:", "indent what belongs to it, or leave", ERROR),
    "colon in braces": ("{name: Executive,", "{name: All: me,", "All: me", "text with a colon is not in quotes", ERROR),
    "null": ("slack: U0EXEC", "slack: null", "slack: null", "`null` says nothing", ERROR),
    "a section without values": ("roles: {keeper: Gate keeper}", "roles:", "roles:", "this has no value", ERROR),
    "twice the same key": ("  one: {", "  two: {", "  two: {name: Backend two", "first in line 15", ERROR),
    "a tag": ("name: Executive", "name: !exec Executive", "!exec", "means nothing here", ERROR),
    "a tab": ("    lead: be-lead", "\tlead: be-lead", "\tlead", "indent with spaces", ERROR),
    "open bracket": ("members: [one, two]", "members: [one, two", "members", "a [ is opened and not closed", ERROR),
    "open quote": ('channel: "#harbor-backend"', 'channel: "#harbor-backend', 'channel: "', "is one missing?", WARNING),
    "comment in a list": ('[executive, "#urgent"]', "[executive, #urgent]", "#urgent", 'write "#urgent', ERROR),
    "second colon": ("name: Backend\n", "name: Backend: API\n", "Backend: API", "put the text in quotes", ERROR),
    "at sign": ("lead: be-lead", "lead: @be-lead", "@be-lead", "in quotes", ERROR),
}  # fmt: skip
TYPES = {
    "unknown key of a person": ("slack: U0BE1,", "slak: U0BE1,", "slak: U0BE1", "did you mean `slack`?", ERROR),
    "missing name": ("name: Executive, ", "", "boss:", "`name` is missing: write `name: Backend lead`", ERROR),
    "missing lead": ("    lead: be-lead\n", "", "  backend:", "`lead` is missing: write `lead: be-lead`", ERROR),
    "missing timezone": ("timezone: Europe/Berlin\n", "", "callboard", "`timezone` is missing", ERROR),
    "bad key": ("key: harbor", "key: Harbor 2", "key:", "write it like `key: harbor`", ERROR),
    "other format": ("callboard: 1", "callboard: 2", "callboard", "write 1", ERROR),
    "no Slack id": ("slack: U0EXEC", "slack: boss", "slack: boss", "write it like `slack: U0123ABCD`", ERROR),
    "a text for a map": (": {name: Executive, slack: U0EXEC, roles: [executive]}", ": Boss", "boss", "keys and", ERROR),
    "list for a text": ("name: Harbor 2.0", "name: [Harbor]", "name: [", "one text is meant", ERROR),
    "truth for a text": ("name: Harbor 2.0", "name: true", "name: true", "in quotes", ERROR),
    "no truth": ("roles: [executive]}", "vacant: perhaps}", "perhaps", "write true or false", ERROR),
}  # fmt: skip
HAND = {
    "no space after a key": ("  be-lead: {name", "  be-lead:{name", "be-lead:{", "a space after `be-lead:`", ERROR),
    "second column": ("key: harbor\n", "key: harbor\n  x-a: 1\n", "x-a", "further to the right than the one", ERROR),
    "no space after a colon": ("key: harbor\n", "key:harbor\n", "key:harbor", "a key needs a colon and a space", ERROR),
    "glued in braces": ("{name: Executive,", "{name:Executive,", "name:Exec", "write `name: Executive`", ERROR),
    "apostrophe": ("name: Harbor 2.0", "name: 'The harbor's start'", "harbor's", "a quote in the middle", ERROR),
    "dash of a word processor": ("key: harbor\n", "key: harbor\n– harbor\n", "– har", "a list begins with `- `", ERROR),
    "space of a word processor": ("name: Harbor", "name:\u00a0Harbor", "\u00a0", "there is a no-break space", ERROR),
    "quotes of a word processor": ("name: Harbor 2.0", "name: “Harbor”", "“", "are no quotes in YAML", WARNING),
    "long dash in hours": ('"08:00-18:00"', '"08:00–18:00"', "08:00–", "there is a long dash in it", ERROR),
    "version in quotes": ("callboard: 1", 'callboard: "1"', "callboard", "write 1, without quotes", ERROR),
    "a word of others": ("    lead: be-lead\n", "    leader: be-lead\n", "leader", "did you mean `lead`?", ERROR),
    "one for a list": ("holidays: [2026-04-03]", "holidays: 2026-04-03", "holidays", "[2026-04-03]", ERROR),
    "no summer time": ("timezone: Europe/Berlin", "timezone: EST", "EST", "`EST` is UTC-5 all year", WARNING),
    "sign the other way": ("timezone: Europe/Berlin", "timezone: Etc/GMT+1", "GMT+1", "is UTC-1 all year", WARNING),
}  # fmt: skip
TIMES = {
    "unknown zone": ("Europe/Berlin", "Europe/Berln", "Berln", "did you mean `Europe/Berlin`?", ERROR),
    "only the city": ("Europe/Berlin", "Berlin", "timezone: Berlin", "did you mean `Europe/Berlin`?", ERROR),
    "zone of a person": ("America/New_York", "US/New_York", "US/New_York", "did you mean `America/New_York`?", ERROR),
    "no date": ("from: 2026-03-25 08:00", "from: 25.3.2026", "from:", "write it as 2026-03-25", ERROR),
    "no hours": ('"08:00-18:00"', "8-18", "working_hours", 'write them as "08:00-18:00"', ERROR),
    "no weekdays": ("mon-fri", "mo-fr", "working_hours", "write mon, tue", ERROR),
    "no duration": ("respond_within: 15m", "respond_within: 15", "respond_within: 15}", "15m", ERROR),
    "no working time": ("from: 2026-03-25 08:00\nto: 2026-04-02 18", "from: 2026-03-28 08:00\nto: 2026-03-29 18",
                        "working_hours", "all of the plan is outside its working hours", WARNING),
}  # fmt: skip
PEOPLE = {
    "unknown person": ("[one, two]", "[one, tow]", "tow", "there is no person `tow`; did you mean `two`?", ERROR),
    "unknown lead": ("lead: be-lead", "lead: be-laed", "be-laed", "did you mean `be-lead`?", ERROR),
    "unknown deputy": ("deputies: [one]", "deputies: [onne]", "onne", "did you mean `one`?", ERROR),
    "own deputy": ("deputies: [one]", "deputies: [be-lead]", "deputies", "nobody is their own deputy", ERROR),
    "unknown role": ("[coordinator, keeper]", "[cordinator]", "cordinator", "did you mean `coordinator`?", ERROR),
    "role of teams": ("roles: [executive]", "roles: [executive, lead]", "lead]", "follows from `teams`", ERROR),
    "same Slack id": ("slack: U0EXEC", "slack: U0CHIEF", "boss", "chief has the same one", ERROR),
    "fallback without a scheme": ('"env:TWO"', "TWO", "fallback", "write env:NAME", ERROR),
    "reserved id": ("  boss:", "  everyone:", "everyone", "has a meaning of its own", ERROR),
    "vacant": ("slack: U0EXEC,", "vacant: true,", "vacant: true", "the seat Executive is vacant", VACANT),
    "not in Slack": ("slack: U0EXEC, ", "", "boss", "write `slack: U0123ABCD` or `email:`", WARNING),
    "no coordinator": ("[coordinator, keeper]", "[keeper]", "people:", "nobody coordinates this plan", WARNING),
    "in no team": (", roles: [executive]", "", "boss", "is in no team, has no role, and is named nowhere", WARNING),
}  # fmt: skip
SECTIONS = {
    "unknown section": ("teams:\n", "teems:\n", "teems:", "did you mean `teams`?", ERROR),
    "team with a person's id": ("  backend:\n", "  one:  # a team\n", "# a team", "ids are unique", ERROR),
    "id with blanks": ("  boss:", "  the boss:", "the boss", "an id is made of", ERROR),
}  # fmt: skip
HEADER = {
    "ends before it begins": ("to: 2026-04-02 18:00", "to: 2026-03-02 18:00", "to:", "not after 2026-03-25", ERROR),
    "channel in capitals": ('"#harbor-backend"', '"#Harbor Backend"', "#Harbor", '"#harbor-backend"', ERROR),
}  # fmt: skip
WHO = {
    "unknown who": ("notify: [lead]", "notify: [leed]", "leed", "nobody is called `leed`; did you mean `lead`?", ERROR),
    "channel key misspelt": ('"#urgent"', '"#urgnt"', "#urgnt", "did you mean `#urgent`?", WARNING),
}  # fmt: skip
OTHERS = {
    "unknown policy": ("low: default", "low: defalt", "defalt", "did you mean `default`?", ERROR),
    "skipped hour": ("from: 2026-03-25 08:00", "from: 2026-03-29 02:30", "from:", "there is no 2026-03-29", ERROR),
}  # fmt: skip
ONCE = {
    "section mistyped": ("teams:\n", "team:\n", "team:", "did you mean `teams`?"),
    "list of people": ("people:\n", "people: [one, two]\nx-people:\n", "people: [", "no list is meant here"),
    "key mistyped that must be there": ("    lead: be-lead", "    leads: be-lead", "leads", "did you mean `lead`?"),
    "role in capitals": ("roles: [executive]", "roles: [Executive]", "[Executive]", "did you mean `executive`?"),
    "lead still to be named": ("    lead: be-lead", "    lead: TODO", "lead: TODO", "there is no person `TODO`"),
    "template": ("name: Executive,", "name: {{ boss }},", "{{ boss }}", "is still to be filled in"),
    "template in a text": ("name: Executive,", "name: ${BOSS},", "${BOSS}", "`${BOSS}` is still to be filled in"),
    "several in one text": ("members: [one, two]", "members: one, two", "one, two", "write [one, two]"),
    "somebody by their address": ("[one, two]", "[one, two@example.com]", "[one, two@", "did you mean `two`"),
    "mention": ("slack: U0EXEC", 'slack: "<@U0EXEC>"', "<@", "write `U0EXEC`"),
    "link to a person": ("email: two@example.com", "email: mailto:two@example.com", "mailto",
        "write `two@example.com`"),
    "link to a channel": ('"#harbor-urgent"', "https://x.slack.com/archives/C0123ABCD", "archives",
        "its id, C0123ABCD"),
    "curly quotes": ('hours: "08:00-18:00"', "hours: “08:00-18:00”", "“", "there is a curly quote in it"),
    "comment that hides a bracket": ('[executive, "#urgent"], resp', "[executive], x: [#urgent], resp", "#urgent",
                                     'write "#urgent" in quotes'),
    "colon in a text": ("    members: [one", "    brief: [Rule one: be quick]\n    members: [one", "Rule",
        'in quotes, "Rule'),
    "list for one": ("name: Executive,", "name: [Executive],", "name: [Ex", "one text is meant here, not a list"),
    "day that is not there": ("holidays: [2026-04-03]", "holidays: [2026-06-31]", "06-31", "June 2026 has 30 days"),
    "variable of a shell": ("slack: U0EXEC,", "slack: U0EXEC, phone: $PHONE,", "$PHONE", "is no number"),
    "tag": ("name: Executive,", "name: !exec,", "!exec", "put text that begins with ! in quotes"),
    "git's marks": ("key: harbor\n", "<<<<<<< HEAD\nkey: harbor\n=======\nkey: port\n>>>>>>> x\n", "<<<",
        "git left two"),
    "key in a list": ("      - {level: Team,",
        "      - {level: First, notify: [lead]}\n      level: x\n      - {level: Team,",
                      "      level: x", "in the list that begins in line"),
}  # fmt: skip
FAULTS = HAND | YAML | TYPES | TIMES | PEOPLE | SECTIONS | HEADER | WHO | OTHERS


def finds(kind):
    old, new, where, words, degree = FAULTS[kind]
    text = broken(old, new)
    found = check(text).problems
    assert any(p.line == line_of(text, where) and words in p.sentence and p.degree is degree for p in found), "\n".join(
        p.at("plan.yml") for p in found
    )


@pytest.mark.parametrize("kind", YAML)
def test_the_yaml_reader_names_the_line_of_what_is_no_sound_yaml_and_what_to_write(kind):
    finds(kind)


@pytest.mark.parametrize("kind", HAND)
def test_the_slips_of_a_hand_are_named_where_they_are_with_what_to_write(kind):
    finds(kind)


@pytest.mark.parametrize(
    ("old", "new"),
    [("timezone: Europe/Berlin", "timezone: Berlin"), ("lead: be-lead", "lead: Be-Lead"), ("key: harbor", "key: H")],
)
def test_one_mistake_is_not_followed_by_warnings_that_nobody_is_there(old, new):
    lines = check(broken(old, new)).report()
    assert not [line for line in lines if "nobody is on this step" in line or "nobody is asked" in line]


@pytest.mark.parametrize("kind", ONCE)
def test_a_mistake_of_an_author_is_told_once_where_it_is_with_what_to_write(kind):
    old, new, where, words = ONCE[kind]
    text = broken(old, new)
    (problem,) = check(text).problems
    assert (problem.line, problem.degree) == (line_of(text, where), ERROR)
    assert words in problem.sentence


def test_a_name_that_a_template_left_is_a_warning():
    (problem,) = check(broken("name: Harbor 2.0", "name: <name>")).problems
    assert (problem.line, problem.degree) == (3, WARNING)
    assert "`<name>` is still to be written" in problem.sentence


def test_tasks_that_are_a_list_with_ids_are_refused_once_and_read_as_they_are_meant():
    entries = "".join(f"  - {{id: O-{n}, title: Task {n}, team: backend, needs: [O-{n + 1}]}}\n" for n in range(1, 5))
    text = f"{GOOD}tasks:\n{entries}  - {{id: O-5, title: Last, team: backend}}\n"
    assert [(p.line, p.sentence) for p in check(text).problems] == [
        (line_of(text, "id: O-1"), "tasks[1]: an entry begins with its id: write `O-1: {title: ...}`, here and below")
    ]


def test_the_same_mistake_in_many_places_is_one_line_of_the_report():
    tasks = "".join(f"  O-{n}: {{title: Task {n}, team: frontend}}\n" for n in range(1, 7))
    checked = check(f"{GOOD}tasks:\n{tasks}")
    assert len(checked.errors) == 6
    assert [line.partition(" (also")[2] for line in checked.report()] == [" in lines 34, 35, 36, 37 and 38)"]


@pytest.mark.parametrize("kind", TYPES)
def test_type_errors_in_a_plan_file_name_their_line_and_what_to_write(kind):
    finds(kind)


@pytest.mark.parametrize("kind", TIMES)
def test_times_in_a_plan_file_that_nobody_can_read_name_their_line_and_how_to_write_them(kind):
    finds(kind)


@pytest.mark.parametrize("kind", PEOPLE)
def test_mistakes_about_people_in_the_plan_file_are_named_at_their_line_with_what_to_write(kind):
    finds(kind)


@pytest.mark.parametrize("kind", SECTIONS)
def test_the_check_of_a_plan_file_refuses_unknown_sections_and_ids_that_are_none_or_taken(kind):
    finds(kind)


@pytest.mark.parametrize("kind", HEADER)
def test_the_header_of_a_plan_file_refuses_an_end_before_its_begin_and_impossible_channels(kind):
    finds(kind)


@pytest.mark.parametrize("kind", WHO)
def test_the_directory_that_a_plan_file_makes_refuses_expressions_that_mean_nobody_in_it(kind):
    finds(kind)


def test_the_blockers_section_of_the_plan_file_refuses_an_unknown_escalation_policy():
    finds("unknown policy")


def test_the_timetable_of_a_plan_file_refuses_a_begin_in_the_hour_that_clocks_leave_out():
    finds("skipped hour")


def test_the_check_of_a_plan_file_finds_all_faults_at_once_in_the_order_of_lines():
    text = GOOD
    for fault in ("unknown zone", "unknown key of a person", "unknown person", "unknown who", "unknown policy"):
        text = text.replace(*FAULTS[fault][:2])
    found = check(text)
    assert len(found.errors) == 5
    assert [p.line for p in found.problems] == sorted(p.line for p in found.problems)
    assert found.report()[0] == (
        "plan.yml:4: timezone: there is no time zone `Europe/Berln`; did you mean `Europe/Berlin`?"
    )


def test_the_check_of_a_plan_file_names_no_fault_twice():
    for fault, (old, new, *_) in FAULTS.items():
        if fault not in {
            "twice the same key",
            "reserved id",
            "missing timezone",
            "unknown section",
            "no Slack id",
            "open quote",
        }:
            found = check(broken(old, new)).errors
            assert len(found) <= 2, (fault, found)


def test_the_yaml_reader_takes_the_authors_own_keys_anchors_and_merges_as_meant():
    text = GOOD.replace("people:", "x-seat: &seat {timezone: Asia/Kathmandu, x-note: [anything, null]}\npeople:")
    checked = check(text.replace("{name: Executive,", "{<<: *seat, name: Executive,"))
    assert checked.report() == []
    assert checked.document.body["people"]["boss"]["timezone"] == "Asia/Kathmandu"
    assert "x-seat" not in checked.document.body


def test_the_yaml_reader_keeps_numbers_as_written_where_text_is_meant():
    checked = check(GOOD.replace("name: Harbor 2.0", "name: 2.10").replace("name: Executive", "name: 007"))
    assert checked.report() == []
    assert checked.document.body["name"] == "2.10"
    assert checked.document.body["people"]["boss"]["name"] == "007"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "begins with `callboard: 1`"),
        ("# only a comment", "begins with `callboard: 1`"),
        ("- a\n- list", "begins with `callboard: 1`"),
        ("callboard: 1\n---\ncallboard: 1\n", "more than one document"),
        (b"callboard: 1\nname: \xff\xfe", "save the file as UTF-8"),
        (GOOD.encode("utf-16"), "this is UTF-16 text"),
        (GOOD.encode("utf-16-le"), "this is UTF-16 text"),
        (b"PK\x03\x04\x14\xff", "an Office file"),
        ("callboard: 1\nname: \x07", "no text has"),
        ('callboard: 1\nname: "\\0"', "no text has"),
        ('callboard: 1\nname: "\\x9b2J"', "no text has"),
        ('callboard: 1\nname: "\\x7f"', "no text has"),
        ("a: &a [*a]", "contain themselves"),
        ("a: " + "[" * 5000, "nested"),
        ("a: " + "[" * 50 + "]" * 50, "nested"),
        ("x" * 1_100_000, "longer than"),
        ("? [a, b]\n: c", "a key must be a word"),
        ("a: {<<: nothing}", "takes the anchor"),
    ],
)
def test_the_yaml_reader_refuses_what_is_no_plan_file_in_a_sentence(source, words):
    assert any(words in problem.sentence for problem in check(source).errors), check(source).report()


def test_the_yaml_reader_stops_a_bomb_of_aliases_at_once():
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    began = time.process_time()
    assert any("use fewer aliases" in problem.sentence for problem in check("\n".join(rows)).errors)
    assert time.process_time() - began < 1


def test_the_yaml_reader_takes_a_byte_order_mark_and_windows_line_ends():
    assert check(("\ufeff" + GOOD.replace("\n", "\r\n")).encode()).report() == []


words = st.sampled_from([
    "callboard", "key", "name", "timezone", "from", "to", "people", "teams", "roles", "channels", "holidays", "lead",
    "working_hours", "escalation", "blockers", "steps", "default", "notify", "away", "slack", "x-a", "gates", "dates",
])  # fmt: skip
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    words,
    st.dates().map(str),
    st.just("#x"),
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=5), inner, max_size=5)
)
patient = settings(max_examples=50)


@patient
@given(st.dictionaries(words, values, max_size=8))
def test_no_values_crash_the_check_of_a_plan_file(body):
    checked = check(json.dumps(body))
    assert checked.problems


@patient
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_no_text_crashes_the_yaml_reader_of_plan_files(source):
    document, problems = yaml_reader.load(source, "plan.yml")
    assert document.body or problems


@patient
@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 12),
    st.sampled_from([*":#{}[]&*!|>'\"%@`-?, \n\t\x85", "", "<<: ", "null", "\ud800"]),
)
def test_no_slip_of_the_keys_crashes_the_check_of_a_plan_file(at, gone, put):
    for problem in check(GOOD[:at] + put + GOOD[at + gone :]).problems:
        assert 1 <= problem.line <= GOOD.count("\n") + 3
        assert problem.sentence
