"""Branches with no file in common may collide all the same: by a folder that moves, or a file that becomes one."""

from __future__ import annotations

import pytest

from callboard.conflicts import store
from tests.conflicts.harbor import Harbor, Watched


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
