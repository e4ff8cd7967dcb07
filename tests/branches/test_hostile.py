"""Repositories that want to harm whoever mirrors them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from callboard.branches.git import Bounds, Git, GitFailed, TooMuch
from callboard.branches.scan import Memory, Scan
from callboard.zones.sections import LONGEST
from tests.conflicts.harbor import Harbor, Watched
from tests.world import MORNING

DATABASES = ("sqlite",)  # what git does


FEW = Bounds(said=5_000_000, memory=100_000_000)


def bomb(harbor: Harbor, onto: str, levels: int) -> str:
    """A commit of a few objects, with ten to the power of `levels` files of long names."""
    blob = harbor.git("hash-object", "-w", "--stdin", given=b"x")
    tree, kind = blob, "100644 blob"
    for level in range(levels):
        rows = "".join(f"{kind} {tree}\t{chr(97 + number)}{'x' * 200 * (level == 0)}\n" for number in range(10))
        tree, kind = harbor.git("mktree", given=rows.encode()), "040000 tree"
    return harbor.git("commit-tree", tree, "-p", onto, "-m", "Add a few files")


def wants() -> Any:
    part = SimpleNamespace(main="main", ignores=lambda _: False, protects=lambda _: False)
    nobody = SimpleNamespace(person=lambda _: "", team=lambda *_: "")
    return SimpleNamespace(part=part, belonging=nobody, by_section=lambda _: True, now=MORNING, was_main="")


def test_a_branch_of_a_billion_files_is_left_out_and_no_other_with_it(tmp_path):
    harbor = Harbor(tmp_path)
    harbor.push("omega/a", "pa", {"src/api/x.py": "two\n"})
    harbor.git("push", "-q", "origin", f"{bomb(harbor, 'main', 9)}:refs/heads/omega/bomb")
    seen = Scan(harbor.bare, wants(), Memory(), FEW).run()
    assert [line.name for line in seen.lines] == ["omega/a"]


def test_git_is_stopped_when_it_lists_a_billion_files(tmp_path):
    harbor = Harbor(tmp_path)
    git, head = Git(harbor.folder, bounds=FEW), bomb(harbor, "main", 9)
    with pytest.raises(TooMuch, match="git ls-tree has more to say than I read: 5 MB at most"):
        git.run("ls-tree", "-r", head)
    with pytest.raises(TooMuch, match="git diff-tree needs more than 100 MB of memory"):
        git.changes("main", head)
    assert len(git.changes("main", bomb(harbor, "main", 3))) > 1_000


def test_git_is_ended_with_all_that_it_has_started_when_these_do_not_move_any_more(tmp_path):
    """As where a disk is gone: what is stopped is not waited for, and holds nobody up."""
    git = Git(Harbor(tmp_path).folder, bounds=Bounds(seconds=0.3))
    with pytest.raises(GitFailed, match="did not end within"):
        git.run("-c", "alias.freeze=!kill -STOP $$", "freeze")
    assert git.text("rev-parse", "--is-inside-work-tree") == "true"


def test_git_reads_no_file_that_is_too_long_for_anybody_to_look_into(tmp_path):
    harbor = Harbor(tmp_path)
    harbor.push("main", "amp", {"README.md": "# Backend\nold\n"})
    harbor.push("omega/long", "pa", {"README.md": "# Backend\n" + "x" * LONGEST, "b.md": "# Frontend\n"})
    git = Git(harbor.folder)
    found = {one.path: one.sections for one in git.with_sections(git.changes("main", "omega/long"), lambda _: True)}
    assert found == {"README.md": None, "b.md": frozenset({("Frontend",)})}
    assert len(git.diff("main", "omega/long", ["README.md"])) < 1_000


async def test_no_program_or_file_that_a_repository_names_is_run_or_read(database_url, tmp_path):
    """Attributes, submodules, links and odd branches travel with a repository; what they ask for is not done."""
    harbor, mark = Harbor(tmp_path), tmp_path / "was here"
    (tmp_path / "secret.md").write_text("# Backend\nsecret\n")
    run = f"touch '{mark}'"
    odd = {
        ".gitattributes": "* filter=x merge=x diff=x -text ident\n",
        ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c {run.replace(" ", "% ")}\n\tupdate = !{run}\n',
        ".gitconfig": f'[filter "x"]\n\tsmudge = {run}\n[merge "x"]\n\tdriver = {run}\n[core]\n\tfsmonitor = {run}\n',
        ".lfsconfig": f"[lfs]\n\turl = file://{tmp_path}\n", "hooks/post-checkout": f"#!/bin/sh\n{run}\n",
    }  # fmt: skip
    harbor.push("main", "amp", odd)
    async with Watched(database_url, harbor) as watched:
        await watched.passes(minutes=5)
        for branch, person in (("omega/a", "pa"), ("sigma/b", "sc")):
            harbor.git("checkout", "-q", "-B", branch, "main")
            (harbor.folder / "README.md").symlink_to(tmp_path / "secret.md")
            harbor.push(branch, person, {"src/api/x.py": f"{branch}\n"})
        for name in ("--upload-pack=touch", "-x", "omega/$(touch)", "sigma/;touch"):
            harbor.git("push", "-q", "origin", f"omega/a:refs/heads/{name}")
        await watched.passes(minutes=5)
        said = [message.shown for room in (watched.channel("release"), watched.dm("olga")) for message in room.messages]
    assert any("src/api/x.py" in text for text in said)
    assert not any("# Backend" in text for text in said)
    assert not mark.exists()
