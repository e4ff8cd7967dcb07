"""Branches with no file in common may collide all the same: by a folder that moves, or a file that becomes one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from callboard.branches.scan import Memory, Scan
from callboard.conflicts import store
from tests.conflicts.harbor import Harbor, Watched
from tests.world import MORNING


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_scan_of_branches_finds_that_they_collide_by_a_moved_folder_alone(database_url, tmp_path):
    harbor = Harbor(tmp_path)
    harbor.push("main", "amp", {"tools/a.sh": "one\ntwo\nthree\n", "tools/b.sh": "four\nfive\nsix\n"})
    moved = {"tools/a.sh": None, "tools/b.sh": None, "bin/a.sh": "one\ntwo\nthree\n", "bin/b.sh": "four\nfive\nsix\n"}
    harbor.push("omega/move", "pa", moved)
    harbor.push("sigma/new", "sc", {"tools/c.sh": "seven\n"})
    harbor.push("omega/file", "pb", {"notes": "a file\n"})
    harbor.push("sigma/folder", "sara", {"notes/day.md": "a folder\n"})
    harbor.push("sigma/apart", "sara", {"else/day.md": "alone\n"})
    async with Watched(database_url, harbor) as watched:
        await watched.passes(minutes=5)
        found = {(one.one, one.other) for one in watched.app.db.transact(store.standing, 1)}
    assert found == {("omega/move", "sigma/new"), ("omega/file", "sigma/folder")}


@pytest.mark.parametrize("date", ["99999999999999999 +0000", "300000000000 +0000", "-5 +0000"])
def test_a_scan_of_branches_watches_a_commit_of_an_impossible_date_like_any_other(date, tmp_path):
    harbor = Harbor(tmp_path)
    harbor.push("main", "amp", {"a.py": "one\n"})
    harbor.push("omega/a", "pa", {"a.py": "two\n"})
    kept = [row for row in harbor.git("cat-file", "commit", "HEAD").splitlines() if not row.startswith("committer")]
    kept.insert(kept.index(""), f"committer pa <pa@example.com> {date}")
    written = "\n".join([*kept, ""]).encode()
    odd = harbor.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", given=written)
    harbor.git("push", "-q", "origin", f"{odd}:refs/heads/omega/odd")
    part = SimpleNamespace(main="main", ignores=lambda _: False, protects=lambda _: False)
    nobody = SimpleNamespace(person=lambda _: "", team=lambda *_: "")
    wants: Any = SimpleNamespace(part=part, belonging=nobody, by_section=lambda _: False, now=MORNING, was_main="")
    seen = Scan(harbor.bare, wants, Memory()).run()
    assert {line.name: line.committed_at <= MORNING for line in seen.lines} == {"omega/a": True, "omega/odd": True}
