"""Sections of files: which ones a change touches, when that cannot be told, and what would take for ever to tell."""

from __future__ import annotations

import pytest

from callboard.zones.sections import touched
from tests.planfile.heavy import BOMBS


@pytest.mark.parametrize(
    ("before", "after", "sections"),
    [
        ("on: {push: 1, pull: 2}\njobs: 1", "on: {push: 1, pull: 3}\njobs: 1", {("on", "on.pull")}),
        ("flag: yes", "flag: true", {("flag",)}),
        ("flag: true", 'flag: "true"', {("flag",)}),
        ("port: 010", "port: 8", {("port",)}),
        ("a: [1, 2]  # two", "a:\n  - 1\n  - 2", set()),
        ("base: &b {x: 1}\na: {<<: *b}", "base: &b {x: 2}\na: {<<: *b}", {("base", "base.x"), ("a", "a.x")}),
    ],
)
def test_the_sections_of_a_zones_file_that_a_change_touches_are_those_whose_keys_change(before, after, sections):
    assert touched("ci.yml", before.encode(), after.encode()) == sections


@pytest.mark.parametrize("text", ["a: 1\na: 2", "a: !Ref x", "--- 1\n--- 2", "a: [", "[" * 100_000])
def test_the_sections_of_a_zones_file_that_cannot_be_read_are_all_touched(text):
    assert touched("ci.yml", b"a: 1", text.encode()) is None


HEAVY = {
    **{
        f"{bomb}.yml": BOMBS[bomb] for bomb in ("aliases of aliases", "merges of merges", "a chain of merges", "itself")
    },
    "a gap in a line.ini": "[a]\nx" + " " * 900_000 + "y\n",
    "a key of many parts.toml": "a." * 200_000 + "a = 1\n",
}


@pytest.mark.parametrize("name", HEAVY)
def test_the_sections_of_a_zones_file_that_would_take_for_ever_are_all_touched(name):
    assert touched(name, b"", HEAVY[name].encode()) is None
    assert touched(name, HEAVY[name].encode(), HEAVY[name].encode() + b"\n") is None
