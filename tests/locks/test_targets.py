"""What goes together and what does not, decided pattern against pattern and checked against every path there is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.core.calendar import Calendar
from callboard.core.errors import Refused
from callboard.locks.targets import Known, Target, clash, file, read, read_wish

NOON = datetime(2025, 11, 13, 12, 0, tzinfo=UTC)
BERLIN = Calendar(ZoneInfo("Europe/Berlin"))
NAMES = ("a", "b", "x.py", "ab.py", "z")
PATHS = ["/".join(names) for depth in (1, 2, 3) for names in product(NAMES, repeat=depth)]
PIECES = st.sampled_from(["a", "b", "x.py", "*", "*.py", "a*", "?", "**", "ab.py"])


@st.composite
def targets(draw):
    """Files, patterns, sections and things, in one of two repositories or in all."""
    where = draw(st.sampled_from(["", "", "web", "core"]))
    kind = draw(st.sampled_from(["path", "path", "path", "file", "section", "thing"]))
    if kind == "thing":
        return Target("thing", draw(st.sampled_from(["staging", "production"])))
    if kind == "file":
        return file(draw(st.sampled_from(PATHS)), where)
    text = "/".join(draw(st.lists(PIECES, min_size=1, max_size=3)))
    text = draw(st.sampled_from(["/", ""])) + text + draw(st.sampled_from(["", "", "/"]))
    section = draw(st.sampled_from(["Backend", "Frontend"])) if kind == "section" else ""
    return Target(kind, text, section, where)


def atoms(target):
    """Every single thing that a target takes, among all paths of these names: repository, path, section."""
    if target.kind == "thing":
        return {(target.text,)}
    places = [target.repository] if target.repository else ["web", "core"]
    inside = [target.section] if target.section else ["Backend", "Frontend", "else"]
    return {
        (place, path, part) for place in places for path in PATHS if target.pattern.matches(path) for part in inside
    }


@settings(max_examples=500)
@given(targets(), targets())
def test_two_lock_targets_clash_exactly_when_some_path_is_in_both(a, b):
    both, found = atoms(a) & atoms(b), clash(a, b)
    if both:
        assert found, (a, b, next(iter(both)))
    if found and "thing" not in (a.kind, b.kind):
        path = found.partition("#")[0]
        assert a.pattern.matches(path)
        assert b.pattern.matches(path)
    assert bool(found) == bool(clash(b, a))


@settings(max_examples=300)
@given(targets(), targets())
def test_lock_targets_that_clash_have_stems_that_begin_alike(a, b):
    if clash(a, b):
        assert a.stem.startswith(b.stem) or b.stem.startswith(a.stem)


@pytest.mark.parametrize(
    ("written", "kind", "shown", "matches"),
    [
        ("src/api/**", "path", "src/api/**", "src/api/a/b.py"),
        ("*.css", "path", "*.css", "deep/down/x.css"),
        ("README.md", "path", "README.md", "README.md"),
        ("/README.md", "path", "README.md", "README.md"),
        ("src", "path", "src", "src/x/y"),
        ("docs/", "path", "docs/", "docs/x/y"),
        ("./Makefile", "file", "Makefile", "Makefile"),
        ("web:src/**", "path", "web:src/**", "src/a"),
        ("README.md#Backend API", "section", "README.md#Backend API", "README.md"),
        ("staging", "thing", "staging", "staging"),
        ("db-migrations", "thing", "db-migrations", "db-migrations"),
    ],
)
def test_lock_targets_are_read_from_typed_words(written, kind, shown, matches):
    found = read(written, Known(["web", "core"], {"src"}))
    assert (found.kind, str(found)) == (kind, shown)
    assert found.pattern.matches(matches)
    assert not read("README.md").pattern.matches("docs/README.md")


@pytest.mark.parametrize(
    ("written", "is_it"),
    [("staging", True), ("Staging", True), ("STAGING", True), ("./staging", False), ("/staging", False),
     ("Stage", False), ("Staging/**", False), ("Staging#x", False)],
)  # fmt: skip
def test_a_thing_is_the_same_however_a_phone_writes_it(written, is_it):
    thing, other = read("staging"), read(written)
    assert bool(clash(thing, other)) == bool(clash(other, thing)) == is_it


def test_a_lock_target_may_be_a_file_with_any_character_in_its_name():
    odd = file("a/[b] *?.txt")
    assert odd.pattern.matches("a/[b] *?.txt")
    assert not odd.pattern.matches("a/[b] xx.txt")
    assert (file("a/../b").text, file("x\\.//y ").text) == ("b", "x/y")
    with pytest.raises(Refused):
        file("../b")
    with pytest.raises(Refused):
        file("a\nb")


@pytest.mark.parametrize(
    ("typed", "words", "reason", "ends"),
    [
        ("src/** for refactoring until 17:00", ["src/**"], "refactoring", "2025-11-13 16:00"),
        ("src/** until 17:00 for refactoring", ["src/**"], "refactoring", "2025-11-13 16:00"),
        ("src/** for 2h because of a rush", ["src/**"], "a rush", "+2:00"),
        ("src/** because we wait for it for 90m", ["src/**"], "we wait for it", "+1:30"),
        ("a.py, b.py for the fix until tomorrow 9:00", ["a.py", "b.py"], "the fix", "2025-11-14 08:00"),
        ("a.py for the fix until fri", ["a.py"], "the fix", "2025-11-14 16:00"),
        ("a.py for the fix until 2025-11-20 10:00", ["a.py"], "the fix", "2025-11-20 09:00"),
        ('"a b.md#Big things" for the fix', ["a b.md#Big things"], "the fix", None),
        ("<http://README.md|README.md> for the fix", ["README.md"], "the fix", None),
        ("a&amp;b.md for R&amp;D with <@UPB>", ["a&b.md"], "R&amp;D with <@UPB>", None),
        ("staging", ["staging"], "", None),
        ("staging for 2 hours because of a rush", ["staging"], "a rush", "+2:00"),
        ("staging for an hour and 30 minutes for a test", ["staging"], "a test", "+1:30"),
        ("staging for a test until 5pm", ["staging"], "a test", "2025-11-13 16:00"),
        ("staging for a test, until 14 Nov at 10:00", ["staging"], "a test", "2025-11-14 09:00"),
        ("staging for today because of a test", ["staging"], "a test", "2025-11-13 16:00"),
        ("staging for a test until noon", ["staging"], "a test", "2025-11-14 11:00"),
        ("staging for a test until 17:00 tomorrow", ["staging"], "a test", "2025-11-14 16:00"),
        ("staging until 5pm on friday because of a rush", ["staging"], "a rush", "2025-11-14 16:00"),
        ("staging until 17:00, friday is too late", ["staging"], "friday is too late", "2025-11-13 16:00"),
        ("staging because nobody deploys until QA is done", ["staging"], "nobody deploys until QA is done", None),
        ("staging for 2 fixes", ["staging"], "2 fixes", None),
        ("a.py and b.py for", ["a.py", "b.py"], "", None),
    ],
)
def test_lock_targets_are_read_with_the_reason_and_end_typed_behind_them(typed, words, reason, ends):
    wish = read_wish(typed, Known(), NOON, BERLIN)
    assert [str(one) for one in wish.targets] == words
    assert wish.reason == reason
    if ends is None or ends.startswith("+"):
        hours, _, minutes = (ends or "+0:00")[1:].partition(":")
        assert (wish.span or timedelta()) == timedelta(hours=int(hours), minutes=int(minutes))
        assert wish.until is None
    else:
        assert f"{wish.until:%Y-%m-%d %H:%M}" == ends


def test_targets_with_an_end_written_as_many_spans_are_read_at_once():
    wish = read_wish("src/a for " + "1h" * 60 + "x", Known(), NOON, BERLIN)
    assert wish.span is None
    with pytest.raises(Refused, match="This reason has 600 characters; 500 at most"):
        read_wish("src/a for " + "x" * 600, Known(), NOON, BERLIN)


def test_targets_keep_a_reason_that_has_a_because_in_its_middle():
    assert read_wish("src/a until 17:00 the api because it leaks", Known(), NOON, BERLIN).reason == (
        "the api because it leaks"
    )
