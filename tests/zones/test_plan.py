"""What `check` says about zones."""

from __future__ import annotations

import pytest

from callboard.planfile.sections import Degree
from callboard.zones.plan import ZONES
from tests.planfile.sample import GOOD, check, line_of

TEAMS = GOOD.replace(
    "escalation:", "  frontend: {name: Frontend, lead: two}\n  ops: {name: Operations, lead: chief}\nescalation:"
)
ZONE = """\
zones:
  - {team: frontend, paths: ["/web/**", "*.css"]}
  - {team: backend, paths: ["/src/api/**", "/db/migrations/*.sql"]}
  - {team: ops, paths: ["/deploy/"]}
  - {joint: [backend, frontend], paths: ["/openapi/*.yml"]}
  - {paths: [/README.md], sections: {"Backend*": backend, "Frontend*": frontend, "*": ops}}
"""


def checked(zones):
    return check(TEAMS + zones)


def problems(zones):
    text = TEAMS + zones
    first = line_of(text, "zones:")
    return [(p.degree, p.line - first, p.sentence) for p in check(text).problems if p.sentence.startswith("zones")]


def test_the_zones_section_of_the_plan_file_shows_overlaps_with_an_example_and_who_wins():
    assert problems(ZONE) == [
        (
            Degree.WARNING, 1,
            ("zones[1].paths[2]: `*.css` overlaps `/src/api/**` of backend in line 36: src/api/x.css is both, "
             "and belongs to backend, as the last match wins; 1 more pattern overlaps it"),
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zones", "line", "said"),
    [
        ("- {team: backnd, paths: [/a]}", 1, "zones[1].team: there is no team `backnd`; did you mean `backend`?"),
        ("- {joint: [backend, opps], paths: [/a]}", 1, "joint[2]: there is no team `opps`; did you mean `ops`?"),
        ("- {paths: [/a], sections: {A: nobody}}", 1, "sections.A: there is no team `nobody`"),
        ("- {joint: backend, paths: [/a]}", 1, "joint: a joint zone belongs to two teams or more"),
        ("- {paths: [/a]}", 1, "a zone belongs to one team, `team: backend`, to several"),
        ("- {team: ops, joint: [ops, backend], paths: [/a]}", 1, "or to `nobody`, not both"),
        ("- {team: ops}", 1, "`paths` is missing"),
        ("- {team: ops, path: [/a]}", 1, "path: there is no such key here; did you mean `paths`?"),
        ("- {team: ops, paths: []}", 1, "at least one is needed"),
        ('- {team: ops, paths: ["!/a"]}', 1, "paths[1]: `!/a`: nothing is taken out with `!`"),
        ('- {team: ops, paths: [/b, "/[a]"]}', 1, "paths[2]: `/[a]`: [ means nothing here"),
        (
            "- {paths: [/a.md], sections: {'*': ops, 'API*': backend}}",
            1,
            "sections.API*: `*` stands before this and matches all of it, and the first one wins: swap them",
        ),
    ],
)
def test_the_zones_section_of_the_plan_file_says_what_to_write_in_the_place_of_errors(zones, line, said):
    found = problems(f"zones:\n  {zones}\n")
    assert any(d is Degree.ERROR and at == line and said in sentence for d, at, sentence in found), found


@pytest.mark.parametrize(
    ("zones", "line", "said"),
    [
        (
            "- {team: ops, paths: [/a/]}\n  - {team: ops, paths: [/b, /a/]}",
            2,
            "`/a/` is in line 35 already: write it once",
        ),
        (
            "- {team: ops, paths: [/a/]}\n  - {team: backend, paths: [/a/**]}",
            2,
            "`/a/**` means the same as `/a/`, in line 35 already",
        ),
        (
            "- {team: ops, paths: [/x, /a/b/*.c]}\n  - {team: backend, paths: [/y, /a/**]}",
            1,
            "zones[1].paths[2]: `/a/b/*.c` never counts: `/a/**` of backend in line 36 matches all of it",
        ),
        (
            (
                "- {team: ops, paths: ['/a/*']}\n  - {team: backend, paths: ['/a/?']}\n"
                "  - {team: frontend, paths: ['/a/??*']}"
            ),
            1,
            "`/a/?` of backend in line 36 and `/a/??*` of frontend in line 37 together match all of it",
        ),
    ],
)
def test_a_line_of_the_zones_section_of_the_plan_file_that_never_counts_is_a_remark(zones, line, said):
    found = problems(f"zones:\n  {zones}\n")
    assert [(degree, at) for degree, at, _ in found] == [(Degree.WARNING, line)]
    assert said in found[0][2]


def test_the_overlaps_of_the_zones_section_of_the_plan_file_are_one_line_of_the_pattern_that_tells_most():
    folders = "".join(f"  - {{team: ops, paths: [/f{n}/]}}\n" for n in range(30))
    found = problems(f"zones:\n{folders}  - {{team: backend, paths: ['*.md']}}\n")
    assert [(line, sentence.rpartition("; ")[2]) for _, line, sentence in found] == [
        (31, "29 more patterns overlap it")
    ]


@pytest.mark.parametrize(
    "zones",
    [
        "- {team: ops, paths: '**'}\n  - {team: backend, paths: /src}",  # whatever is nobody else's
        "- {team: ops, paths: [/src/a/]}\n  - {team: ops, paths: [/src/**]}",  # the same owner
        "- {joint: [ops, backend], paths: [/src/a/]}\n  - {joint: [backend, ops], paths: [/src/**]}",
        "- {team: ops, paths: [/README.md]}\n  - {team: backend, paths: ['*.css']}",  # a file, and no folder
        "- {team: ops, paths: [/a/*.c]}\n  - {team: backend, paths: [/a/*.h, /a/b/]}",
    ],
)
def test_the_zones_section_of_the_plan_file_accepts_overlaps_that_are_meant(zones):
    assert problems(f"zones:\n  {zones}\n") == []


def test_the_zones_section_of_the_plan_file_shows_a_zone_within_another_once():
    found = problems(
        "zones:\n  - {team: ops, paths: [/src]}\n  - {team: backend, paths: [/src/a/, /src/b/, /src/c/]}\n"
    )
    assert [(degree, line) for degree, line, _ in found] == [(Degree.WARNING, 1)]


def test_the_zones_section_of_the_plan_file_compares_two_hundred_zones():
    owners = ("backend", "frontend", "ops")
    zones = [f'- {{team: {owners[n % 3]}, paths: ["*.e{n}", "/src/*/p{n}/*.sql"]}}' for n in range(10)]
    zones += [f'- {{team: {owners[n % 3]}, paths: ["/src/m{n // 4}/p{n}/**", "/lib/t{n}/"]}}' for n in range(190)]
    document = checked("zones:\n  " + "\n  ".join(zones) + "\n").document
    found = list(ZONES.check(document, document.of(ZONES)))
    assert {problem.degree for problem in found} == {Degree.WARNING}
    assert len({problem.path for problem in found}) == len(found) <= 20


def test_no_zones_section_of_the_plan_file_makes_its_check_raise():
    for value in ("3", "[3]", "[{}]", "x", "[{paths: [1], team: 2}]", "[{paths: {}, team: a}]", "[[]]", "{a: 1}"):
        assert checked(f"zones: {value}\n").errors
