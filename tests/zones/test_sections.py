"""Sections of files in YAML: which ones a change touches, and when that cannot be told."""

from __future__ import annotations

import pytest

from callboard.zones.sections import touched


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
