"""Zones go out as CODEOWNERS and come in from it, and the same paths belong to the same teams."""

from __future__ import annotations

import itertools
from fnmatch import fnmatchcase

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.zones import codeowners
from callboard.zones.owners import ZonePart, rules, winner
from callboard.zones.patterns import Pattern

HERE = """\
# Everything is looked after
*                    @acme/ops
/src/api/            @acme/backend  # the server
*.css                @acme/frontend
/docs/a\\ page.md     @acme/backend @acme/frontend
[Databases] @acme/backend
/db/*.sql
^[Optional][2]
/vendor/
"""
TEAMS = {"ops": [], "backend": ["ann", "ann@example.com"], "frontend": ["bob"]}
PATHS = ("x", "src/api/x.py", "src/api/x.css", "docs/a page.md", "db/1.sql", "db/old/1.sql", "web/x.css")


def zones(lines):
    made, wrong = [], []
    owners = codeowners.owners(TEAMS)
    for line in lines:
        teams = [owners[one.lower().removeprefix("@").rpartition("/")[2]] for one in line.owners]
        if teams:
            made.append(ZonePart(**({"team": teams[0]} if len(teams) == 1 else {"joint": teams}), paths=line.pattern))
        else:
            wrong.append(line.number)
    return made, wrong


def owners_of(all_zones):
    all_rules = rules(all_zones)
    return {path: (found.zone.owners if (found := winner(all_rules, path)) else ()) for path in PATHS}


def test_zones_from_codeowners_give_each_path_to_its_owner():
    found, wrong = zones(codeowners.read(HERE))
    assert wrong == [9]
    assert owners_of(found) == {
        "x": ("ops",), "src/api/x.py": ("backend",), "src/api/x.css": ("frontend",),
        "docs/a page.md": ("backend", "frontend"), "db/1.sql": ("backend",), "db/old/1.sql": ("ops",),
        "web/x.css": ("frontend",),
    }  # fmt: skip


def test_zones_written_as_codeowners_and_read_back_stay_the_same():
    found, _ = zones(codeowners.read(HERE))
    written = codeowners.written(found, lambda team: f"@acme/{team}")
    assert owners_of(zones(codeowners.read(written))[0]) == owners_of(found)
    assert "/docs/a\\ page.md @acme/backend @acme/frontend" in written


def test_zones_from_codeowners_keep_lines_without_owners_with_their_reason():
    text = """\
*  @acme/ops
# Bots update these.
*.lock
/gen/   # made by the build
/old/
/bin/   # made by the build

/x/ @acme/nobody
/y/ @acme/backend @acme/gone
/[ab]/ @acme/backend
/gen/ @acme/ops
"""
    made, wrong = codeowners.section(codeowners.read(text), codeowners.owners(TEAMS))
    assert made == [
        "zones:",
        '  - {team: ops, paths: ["*"]}',
        '  - {nobody: "Bots update these.", paths: ["*.lock"]}',
        "  # line 4: never counts, as line 11 has the same pattern",
        '  - {nobody: "Bots update these.", paths: [/old/]}',
        '  - {nobody: "made by the build", paths: [/bin/]}',
        '  - {nobody: "CODEOWNERS gives it to @acme/nobody, no team of this plan", paths: [/x/]}',
        "  - {team: backend, paths: [/y/]}",
        "  # line 10: GitHub skips `/[ab]/`: it takes no `!`, no `[ ]`, no `***` and no `\\#`",
        "  - {team: ops, paths: [/gen/]}",
    ]
    assert wrong == [
        "line 8: no team of the plan is @acme/nobody: say which one with --team @acme/nobody=KEY",
        "line 9: no team of the plan is @acme/gone: say which one with --team @acme/gone=KEY",
        "line 10: GitHub skips `/[ab]/`: it takes no `!`, no `[ ]`, no `***` and no `\\#`",
    ]


def test_codeowners_of_gitlab_say_where_two_sections_own_a_path_and_where_a_file_alone_is_meant():
    made, wrong = codeowners.section(codeowners.read(HERE + "Makefile @acme/backend\n"), codeowners.owners(TEAMS))
    assert made[1] == '  - {team: ops, paths: ["*"]}'
    assert '  - {joint: [backend, frontend], paths: ["/docs/a page.md"]}' in made
    assert made[-2:] == [
        "  # line 10 of CODEOWNERS means a file; here also all in a folder of that name",
        "  - {team: backend, paths: [Makefile]}",
    ]
    assert wrong == [
        f"line {line}: GitLab also asks the owners of line {other}, in another section, about {path}; "
        f"in the plan line {other} alone has it"
        for line, other, path in ((2, 7, "db/x.sql"), (4, 9, "vendor/x.css"))
    ]


def test_codeowners_of_gitlab_say_nothing_of_two_sections_that_own_files_of_other_names():
    text = "[Tools] @acme/ops\n.editorconfig\n[Jobs] @acme/backend\n.gitlab/ci/bridge.yml\nwatch\n"
    assert codeowners.section(codeowners.read(text), codeowners.owners(TEAMS))[1] == []


def test_a_line_of_codeowners_that_begins_or_ends_with_a_space_is_refused():
    for name in ("\\ lead", "trail\\ "):
        _, wrong = codeowners.section(codeowners.read(f"{name} @acme/ops\n"), codeowners.owners(TEAMS))
        assert wrong == [f"line 1: `{name}` is no path that a zone can name"]


@pytest.mark.parametrize("name", ["harbor", "Harbor.Text", "*.d"])
def test_zones_written_as_codeowners_of_gitlab_name_a_file_and_a_folder_of_that_name(name):
    zone = ZonePart(team="ops", paths=(Pattern.parse(f"/src/{name}"),))
    written = codeowners.written([zone], lambda team: f"@{team}", gitlab=True)
    assert written == f"# ops\n/src/{name} @ops\n/src/{name}/ @ops\n"


def test_people_in_codeowners_stand_for_the_team_they_are_in():
    owners = codeowners.owners(TEAMS)
    assert (owners["ann@example.com"], owners["bob"]) == ("backend", "frontend")


TREE = [
    "/".join(path) for depth in (1, 2, 3) for path in itertools.product(("a", "x", "ax", "a b", "a#"), repeat=depth)
]
words = st.sampled_from(["a", "x", "*", "?", "a*", "*x", "**x", "**", "**", "a\\ b", "a#"])
github_lines = st.lists(
    st.builds(
        lambda root, parts, folder, owner: (root + "/".join(parts) + folder, owner),
        st.sampled_from(["", "/"]), st.lists(words, min_size=1, max_size=3), st.sampled_from(["", "", "/"]),
        st.sampled_from(["@acme/ops", "@acme/backend", "ann@example.com @acme/frontend", ""]),
    ).filter(lambda line: not line[0].endswith("**/")),
    min_size=1, max_size=6,
)  # fmt: skip


def github_owners(lines, path):
    """Whose a path is, as GitHub documents it: the last line that matches, a folder with all in it."""
    names = path.split("/")
    for pattern, owner in reversed(lines):
        wanted = pattern.replace("\\ ", " ").rstrip("/").split("/")
        parts = wanted[1:] if pattern.startswith("/") else wanted if len(wanted) > 1 else ["**", *wanted]
        only_here, is_folder = parts[-1] == "*" and parts[-2:-1] != ["**"], pattern.endswith("/")
        depths = range(1, len(names) + (not is_folder)) if not only_here or is_folder else [len(names)]
        if any(fits(parts, names[:depth]) for depth in depths):
            return owner
    return ""


def fits(parts, names):
    if not parts:
        return not names
    if parts[0] == "**":
        return any(fits(parts[1:], names[depth:]) for depth in range(len(parts) == 1, len(names) + 1))
    return bool(names) and fnmatchcase(names[0], parts[0]) and fits(parts[1:], names[1:])


def imported(text):
    made, wrong = codeowners.section(codeowners.read(text), codeowners.owners(TEAMS))
    assert wrong == []
    return [ZonePart(**zone) for zone in yaml.safe_load("\n".join(made))["zones"]]


def teams_of(owner):
    return tuple(codeowners.owners(TEAMS)[one.removeprefix("@acme/")] for one in owner.split())


def shares(all_zones, tree=TREE):
    all_rules = rules(all_zones)
    return {path: frozenset(found.zone.owners if (found := winner(all_rules, path)) else ()) for path in tree}


@settings(max_examples=150)
@given(github_lines)
def test_zones_from_codeowners_of_github_and_codeowners_from_zones_keep_the_owner_of_each_path(lines):
    first = imported("".join(f"{pattern} {owner}\n" for pattern, owner in lines))
    assert shares(first) == {path: frozenset(teams_of(github_owners(lines, path))) for path in TREE}
    assert shares(imported(codeowners.written(first, lambda team: f"@acme/{team}"))) == shares(first)


@pytest.mark.parametrize(
    ("line", "mine", "others"),
    [
        (
            "tests/azure_functions*",
            ["tests/azure_functions.py", "tests/azure_functions_eventhubs/t.py"],
            ["azure_functions.py"],
        ),
        ("docs/*", ["docs/a.md"], ["docs/a/b.md", "x/docs/a.md"]),
        ("build/logs/", ["build/logs/a"], ["x/build/logs/a", "build/logs"]),
        ("apps/", ["x/apps/a/b", "apps/a"], ["apps"]),
        ("/apps/github", ["apps/github", "apps/github/x"], ["x/apps/github"]),
        ("**/logs", ["logs/a", "build/logs/a/b"], ["log/a"]),
        ("/lib/**.ts", ["lib/a.ts", "lib/a.ts/x"], ["lib/a/b.ts"]),
        ("*.JS", ["a.JS"], ["a.js"]),
        ("/a\\ b/\\*.{c}", ["a b/*.{c}"], ["a b/x.{c}", "a b/*.c"]),
    ],
)
def test_a_line_of_codeowners_of_github_owns_in_the_plan_what_it_owns_there(line, mine, others):
    first = imported(f"* @acme/ops\n{line} @acme/backend\n")
    again = imported(codeowners.written(first, lambda team: f"@acme/{team}"))
    for zones in (first, again):
        found = shares(zones, [*mine, *others])
        assert [path for path, teams in found.items() if "backend" in teams] == mine


@pytest.mark.parametrize(
    ("line", "mine", "others"),
    [
        ("docs/*", ["docs/a.md", "x/docs/a.md"], ["docs/a/b.md"]),
        ("/docs/**", ["docs/a"], ["docs/a/b"]),
        ("/docs/**/*.md", ["docs/a.md", "docs/a/b.md"], ["docs/a.mdx", "x/docs/a.md"]),
        ("lib/", ["lib/a", "x/lib/a/b"], ["lib"]),
        ("README.md", ["README.md", "x/README.md"], ["readme.md"]),
        ("\\#a", ["#a", "x/#a"], ["a"]),
        ("!/gen/ @acme/backend", [], ["gen/a"]),
        ("*", ["a", "b/c"], []),
    ],
)
def test_a_line_of_codeowners_of_gitlab_owns_in_the_plan_what_it_owns_there(line, mine, others):
    first = imported(f"[Section] @acme/backend\n{line}\n")
    text = codeowners.written(first, lambda team: f"@acme/{team}", gitlab=True)
    for zones in (first, imported(f"[Section]\n{text}")):
        found = shares(zones, [*mine, *others])
        assert [path for path, teams in found.items() if "backend" in teams] == mine
