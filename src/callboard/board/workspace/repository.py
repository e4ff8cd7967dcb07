"""Commits made and pushed by git: each from its parent, its text, author and date alone, so that replicas agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from callboard.board.workspace.folder import LIST, listed, listing, not_ours, others
from callboard.board.workspace.models import Commit
from callboard.branches.addresses import Route
from callboard.branches.git import Git, GitFailed

HOOKS = "core.hooksPath=/dev/null"
QUIET = ("-c", HOOKS, "-c", "gc.autoDetach=false")
WITHIN = 600.0
COMMITTER = "Callboard <callboard@noreply.callboard.invalid>"
TRAILER = "Timeline"
BACK = 1000
"""So many commits are looked through for one that is there already."""


@dataclass(frozen=True)
class Remote:
    """A branch of a repository, and how git gets there."""

    address: str
    route: Route
    branch: str

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.branch}"


def push(folder: Path, remote: Remote, plan: str, commits: Sequence[Commit]) -> str:
    """Put commits on a branch, without those that are there; its new head. Raises GitFailed."""
    if not (folder / "HEAD").exists():
        folder.mkdir(parents=True, exist_ok=True)
        Git(folder).run("init", "-q", "--bare", ".")
    git = Git(folder, WITHIN, remote.route.environment)
    parent = _fetched(git, remote)
    left = _missing(git, parent, plan, commits)
    if not left:
        return parent
    ours, there = _ours(git, parent), _there(git, parent)
    stream = b"".join(_stream(remote.ref, parent, plan, left, ours, there))
    git.run("fast-import", "--quiet", "--force", "--done", given=stream)
    git.run(
        *QUIET, *remote.route.config, "push", "-q", "--no-verify", "--", remote.address, f"{remote.ref}:{remote.ref}"
    )
    return git.text("rev-parse", remote.ref)


def _fetched(git: Git, remote: Remote) -> str:
    """The head of the branch as it is there; empty where there is none yet."""
    words = (*QUIET, *remote.route.config)
    found = git.text(*words, "ls-remote", "--", remote.address, remote.ref)
    if not found:
        git.run("update-ref", "-d", remote.ref)
        return ""
    fetch = ("fetch", "-q", "--no-tags", "--force", "--no-recurse-submodules")
    git.run(*words, *fetch, "--", remote.address, f"+{remote.ref}:{remote.ref}")
    return git.text("rev-parse", remote.ref)


def _missing(git: Git, parent: str, plan: str, commits: Sequence[Commit]) -> Sequence[Commit]:
    """The commits after the last one that is there: a push may have come through without our hearing of it."""
    if not parent:
        return commits
    form = f"--format=%(trailers:key={TRAILER},valueonly)"
    marks = set(git.text("log", f"-n{BACK}", form, parent, "--").split("\n"))
    done = [place for place, commit in enumerate(commits) if _mark(plan, commit) in marks]
    return commits[done[-1] + 1 :] if done else commits


def _mark(plan: str, commit: Commit) -> str:
    return f"{plan} {commit.mark}"


def _ours(git: Git, parent: str) -> set[str]:
    """The files on the branch that we wrote."""
    return listed(git.text("show", f"{parent}:{LIST}", good=(0, 128))) if parent else set()


def _there(git: Git, parent: str) -> set[str]:
    if not parent:
        return set()
    return set(git.run("ls-tree", "-r", "-z", "--name-only", parent).decode(errors="replace").split("\x00"))


def _stream(
    ref: str, parent: str, plan: str, commits: Sequence[Commit], ours: set[str], there: set[str]
) -> Iterator[bytes]:  # fmt: skip
    """What `git fast-import` reads. Raises GitFailed where a file that somebody else wrote is in the way."""
    for commit in commits:
        written = {path: text for path, text in commit.files.items() if text is not None}
        if taken := others(ours, there & written.keys()):
            raise GitFailed(not_ours(taken, "the branch"))
        gone = {path for path, text in commit.files.items() if text is None} & ours
        gone |= ours - written.keys() if commit.whole else set()
        kept = (ours - gone) | written.keys()
        yield _head(ref, parent, plan, commit)
        parent = ""
        yield from (f"D {path}\n".encode() for path in sorted(gone))
        if kept != ours:
            written[LIST] = listing(kept)
        yield from (_file(path, written[path]) for path in sorted(written))
        ours, there = kept, (there - gone) | kept
    yield b"done\n"


def _head(ref: str, parent: str, plan: str, commit: Commit) -> bytes:
    at = commit.at.astimezone(ZoneInfo(commit.zone))
    when = f"{int(at.timestamp())} {at:%z}"[:16]
    message = f"{commit.message}\n\n{TRAILER}: {_mark(plan, commit)}\n".encode()
    lines = [
        f"commit {ref}", f"author {commit.author} <{commit.mail}> {when}", f"committer {COMMITTER} {when}",
        f"data {len(message)}",
    ]  # fmt: skip
    begins = f"from {parent}\n".encode() if parent else b""
    return "\n".join(lines).encode() + b"\n" + message + begins


def _file(path: str, text: str) -> bytes:
    content = text.encode()
    return f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"
