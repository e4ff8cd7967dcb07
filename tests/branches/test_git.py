"""git asked in one go answers as it does one by one."""

from __future__ import annotations

import pytest

from callboard.branches.git import EMPTY_TREE, Git, GitFailed, History
from tests.conflicts.harbor import OLD, Harbor, line


@pytest.fixture
def harbor(tmp_path):
    """Branches as people leave them: behind, on another branch, with main taken in twice, of another beginning."""
    harbor = Harbor(tmp_path)
    harbor.push("omega/behind", "pa", {"src/api/x.py": line(5, "a")})
    harbor.push("main", "amp", {"docs/b.md": "b\n"})
    harbor.push("sigma/base", "sc", {"web/app.js": line(5, "b")})
    harbor.push("sigma/on-top", "sc", {"web/app.js": line(9, "c")}, onto="sigma/base")
    harbor.push("sigma/beside", "sc", {"web/menu.js": OLD}, onto="sigma/base")
    harbor.push("omega/merged", "pa", {"src/api/y.py": line(5, "d")}, onto="omega/behind")
    harbor.git("merge", "-q", "-m", "Take main in", "main")
    harbor.push("main", "amp", {"docs/c.md": "c\n"})
    harbor.git("checkout", "-q", "omega/merged")
    harbor.git("merge", "-q", "-m", "Take main in again", "main")
    harbor.git("checkout", "-q", "--orphan", "elsewhere")
    harbor.git("commit", "-qm", "Begin anew")
    harbor.git("branch", "at-main", "main")
    return harbor


def test_git_history_knows_where_branches_left_main_and_which_share_commits(harbor):
    git = Git(harbor.folder)
    rows = git.text("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads/").splitlines()
    heads = dict(row.split() for row in rows)
    history = History(git, heads["main"], heads.values())
    for name, head in heads.items():
        assert history.base(head) == git.base(heads["main"], head), name
    assert history.base(heads["elsewhere"]) == EMPTY_TREE
    assert history.are_apart(heads["omega/behind"], heads["sigma/base"])
    assert not history.are_apart(heads["sigma/on-top"], heads["sigma/beside"])


def test_git_tells_the_changes_of_many_steps_in_one_go_as_it_does_one_by_one(harbor):
    git = Git(harbor.folder)
    heads = [git.text("rev-parse", name) for name in ("main", "omega/merged", "sigma/on-top", "elsewhere")]
    steps = [(one, other) for one in (EMPTY_TREE, *heads) for other in heads]
    assert list(git.changes_of(steps)) == [git.changes(*step) for step in steps]
    between = [step for step in steps if step[0] != EMPTY_TREE]
    paths = ["web/app.js", "docs/c.md"]
    assert git.diffs(between, paths) == [git.diff(*step, paths) for step in between]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Host key verification failed.", "Host key verification failed."),
        ("git@git.example.com: Permission denied (publickey).", "git@git.example.com: Permission denied (publickey)."),
        ("remote: ERROR: There is no such project.\nremote:\nremote: ====", "remote: ERROR: There is no such project."),
        ("fatal: /srv/x.git does not appear to be a git repository", "fatal: Could not read from remote repository."),
        ("", "fatal: Could not read from remote repository."),
    ],
)
def test_what_ssh_says_is_told_and_not_what_git_makes_of_it(tmp_path, said, told):
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\nprintf '%s' '{said}' >&2\necho >&2\nexit 255\n")
    ssh.chmod(0o700)
    git = Git(tmp_path, 30, {"GIT_SSH_COMMAND": str(ssh), "GIT_SSH_VARIANT": "ssh"})
    with pytest.raises(GitFailed) as failed:
        git.run("ls-remote", "ssh://git@git.example.com/x.git")
    assert str(failed.value) == told
