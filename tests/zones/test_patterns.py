"""The dialect of path patterns: against git where the two agree, against brute force everywhere."""

from __future__ import annotations

import itertools
import subprocess
import time
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callboard.zones.patterns import Pattern, covered, covers, overlap

PLAIN = ("a", "x", "aa", "ax", "xa", "xx")
PATHS = ["/".join(path) for depth in range(1, 5) for path in itertools.product(PLAIN, repeat=depth)]
PATHS += ["/".join(path) for depth in (5, 6) for path in itertools.product(("a", "x", "ax", "xa"), repeat=depth)]
TREE = [path for path in PATHS if path.count("/") < 4]

names = st.sampled_from(["a", "x", "*", "?", "a*", "*a", "??", "?*", "*a*", "a?", "**", "**"])
patterns = st.builds(
    lambda root, parts, folder: root + "/".join(parts) + folder,
    st.sampled_from(["", "/"]),
    st.lists(names, min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]),
).map(Pattern.parse)
thorough = settings(max_examples=200)


def matched(pattern):
    return {path for path in PATHS if pattern.matches(path)}


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("/web/**", ["web/a", "/web/a/b.css"], ["web", "a/web/b", "webs/a"]),
        ("*.css", ["a.css", "web/deep/a.css", ".css", "a.css/b"], ["a.cssx", "a.cssx/a"]),
        (
            "tests/azure_functions*",
            ["tests/azure_functions.py", "tests/azure_functions_eventhubs/a/b.py"],
            ["tests/azure"],
        ),
        ("/v?/*", ["v1/a"], ["v1/a/b", "v12/a"]),
        ("/deploy/", ["deploy/a", "deploy/a/b"], ["deploy", "a/deploy/b"]),
        ("/deploy", ["deploy", "deploy/a", "deploy/a/b"], ["a/deploy", "deploys"]),
        ("docs/", ["docs/a", "a/docs/b/c"], ["docs", "a/docs"]),
        ("docs/*", ["docs/a"], ["docs/a/b", "a/docs/b", "docs"]),
        ("/db/migrations/*.sql", ["db/migrations/1.sql", "db/migrations/1.sql/x"], ["db/migrations/a/1.sql"]),
        ("Makefile", ["Makefile", "a/b/Makefile", "Makefile/a"], ["makefile", "Makefiles"]),
        ("**/logs", ["logs", "a/b/logs", "logs/x/y"], ["log", "a/logs2"]),
        ("/a/**/b", ["a/b", "a/x/y/b", "a/b/c"], ["a/x", "b", "x/a/b"]),
        ("/packages/*/src/", ["packages/p/src/a/b"], ["packages/src/a", "packages/p/q/src/a", "packages/p/src"]),
        ("*", ["a", "a/b/c"], []),
        ("/*", ["a"], ["a/b"]),
        ("/v?/x", ["v1/x", "vv/x"], ["v/x", "v12/x"]),
        (r"/app/\[id\]/*.tsx", ["app/[id]/page.tsx"], ["app/i/page.tsx"]),
        (r"/a\*b\?", ["a*b?"], ["axxb?", "a*bx"]),
        ("/docs/e\u0301/", ["docs/é/x", "docs/e\u0301/x"], ["docs/e/x"]),
        ("/src/über uns/*", ["src/über uns/ü"], ["src/uber uns/ü"]),
        ("/a/*/*b*c*", ["a/x/bc", "a/x/bbcbc."], ["a/x/cb", "a/x/y/bc"]),
    ],
)
def test_the_path_pattern_of_a_zone_matches_what_it_means(pattern, yes, no):
    parsed = Pattern.parse(pattern)
    assert [path for path in yes if not parsed.matches(path)] == []
    assert [path for path in no if parsed.matches(path)] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no path"), ("/", "is no path"), ("!/web", "nothing is taken out with `!`"),
        ("/a//b", "a folder without a name"), ("./a", "leave out `.` and `..`"), ("/a/../b", "leave out `.` and `..`"),
        ("/src/**.js", "** stands alone between two /; write **/*.js"), ("/a***", "** stands alone"),
        ("/[ab].c", "[ means nothing here"), ("*.{js,ts}", "{ means nothing here; write each path by itself"),
        (r"src\api", "folders are separated by /"), ("a\\", "folders are separated by /"),
        ("/a\nb", "a character in this pattern that no path has"), ("/" + "a" * 500, "longer than paths are"),
        ("?" * 40, "more than 12 wildcards"),
    ],
)  # fmt: skip
def test_what_is_no_path_pattern_of_a_zone_is_refused_with_a_sentence(text, said):
    with pytest.raises(ValueError, match=r".") as refused:
        Pattern.parse(text)
    assert said in str(refused.value)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", root], check=True)
    return root


in_git = st.builds(
    lambda root, parts, folder: (root, parts, folder),
    st.sampled_from(["", "/"]), st.lists(names, min_size=1, max_size=4), st.sampled_from(["", "", "/"]),
).filter(lambda p: (p[1][-1], p[2]) != ("**", "/") and (p[1][-1] != "*" or (len(p[1]) == 1 and not p[0])))  # fmt: skip


@settings(max_examples=80)
@given(in_git)
@example(("", ["a", "a*"], ""))
@example(("", ["**", "a?"], "/"))
def test_the_path_patterns_of_zones_match_as_in_gitignore_but_for_a_star_alone_at_the_end(repository, written):
    root, parts, folder = written
    text = root + "/".join(parts) + folder
    (repository / ".gitignore").write_text(f"{text}\n")
    ignored = subprocess.run(
        ["git", "-C", repository, "-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "--stdin", "-z"],
        input="\0".join(TREE).encode(), capture_output=True, check=False,
    )  # fmt: skip
    pattern = Pattern.parse(text)
    assert set(ignored.stdout.decode().split("\0")) - {""} == {path for path in TREE if pattern.matches(path)}


@thorough
@given(patterns, patterns)
def test_an_overlap_of_path_patterns_is_a_path_that_both_match(a, b):
    witness = overlap(a, b)
    assert (witness is None) == (overlap(b, a) is None)
    if witness is None:
        assert matched(a).isdisjoint(matched(b))
    else:
        assert a.matches(witness)
        assert b.matches(witness)


@thorough
@given(patterns, patterns)
def test_one_path_pattern_covers_another_where_it_matches_all_of_its_paths(a, b):
    assert covers(a, b) == (matched(b) <= matched(a))


@thorough
@given(patterns, st.lists(patterns, min_size=1, max_size=3))
def test_what_several_path_patterns_cover_together_is_matched_by_one_of_them(pattern, others):
    if covered(pattern, others):
        assert matched(pattern) <= set().union(*map(matched, others))
    else:
        assert not any(covers(other, pattern) for other in others)


in_the_root = st.text("ax*?", min_size=1, max_size=3).filter(lambda name: "**" not in name and name != "*")
NAMES = ["".join(letters) for length in range(1, 5) for letters in itertools.product("axz", repeat=length)]


@thorough
@given(in_the_root, st.lists(in_the_root, min_size=1, max_size=3))
def test_several_path_patterns_cover_one_exactly_where_nothing_is_left(name, others):
    pattern, by = Pattern.parse(f"/{name}"), [Pattern.parse(f"/{other}") for other in others]
    left = [name for name in NAMES if pattern.matches(name) and not any(other.matches(name) for other in by)]
    assert covered(pattern, by) == (not left)


@thorough
@given(patterns)
def test_a_path_pattern_covers_and_overlaps_itself_and_everything_covers_it(pattern):
    assert covers(pattern, pattern)
    assert covers(Pattern.parse("**"), pattern)
    assert pattern.matches(overlap(pattern, pattern))
    assert pattern.matches(pattern.example)
    assert all(path.startswith(pattern.stem) for path in (f"{found}/" for found in matched(pattern)))
    assert pattern.everything == covers(pattern, Pattern.parse("**"))


@thorough
@given(st.text("ax*?/\\[].", max_size=12))
def test_any_text_is_a_path_pattern_or_refused_with_a_sentence(text):
    with suppress(ValueError):
        pattern = Pattern.parse(text)
        assert pattern.matches(pattern.example)


def test_the_overlap_of_two_path_patterns_reads_like_a_path():
    def both(a, b):
        return overlap(Pattern.parse(a).of_files, Pattern.parse(b).of_files)

    assert both("*.css", "/src/api/**") == "src/api/x.css"
    assert both("/db/migrations/*.sql", "*.sql") == "db/migrations/x.sql"
    assert both("/a/**/b*.py", "/a/c/") == "a/c/bx.py"
    assert both("/src/**", "/web/**") is None
    assert both("*.css", "/db/*.sql") is None


def test_a_path_pattern_with_an_ending_means_a_file_where_that_is_asked_for():
    readme, styles = Pattern.parse("/README.md"), Pattern.parse("*.css")
    assert overlap(readme, styles) == "README.md/x.css"
    assert overlap(readme.of_files, styles.of_files) is None
    assert Pattern.parse("/.github").of_files.matches(".github/workflows/a.yml")


def test_path_patterns_made_to_be_slow_are_not():
    began = time.process_time()
    written = ("**/" + "*a" * 4 + "?" * 5, "/**/a/**/*a*/**/a", "*a????????", "/**/" + "*/**/" * 4 + "*a")
    nasty = [Pattern.parse(text) for text in written]
    for one in nasty:
        for path in ("a/" * 500 + "a" * 2_000 + "b", "a" * 3_000, "a/" * 1_500 + "b", "ab/" * 1_000 + "a" * 1_000):
            one.matches(path)
        for other in nasty:
            overlap(one, other)
            covered(one, nasty)
            covers(one, other)
    assert time.process_time() - began < 1
