"""What branches have that the main branch has not, and where each of them left it: asked of git once for all."""

from __future__ import annotations

from collections.abc import Iterable

from callboard.branches.changes import EMPTY_TREE, Git

MOST = 2000
Own = tuple[frozenset[str], frozenset[str]]


class History:
    """The commits of branches as they part from the main branch. It may raise GitFailed."""

    def __init__(self, git: Git, main: str, heads: Iterable[str]) -> None:
        self._git = git
        self._main = main
        asked = "".join(f"{head}\n" for head in dict.fromkeys([*heads, f"^{main}"]))
        rows = git.run("rev-list", "--parents", "--stdin", given=asked.encode()).decode().splitlines()
        self._parents = {commit: parents for commit, *parents in map(str.split, rows)}
        self._own: dict[str, Own | None] = {}

    def base(self, head: str) -> str:
        """Where a branch left the main branch, or took it in last; the empty tree where they have nothing in common."""
        own = self._beyond(head)
        if own is None or len(own[1]) > 1:
            return self._git.base(self._main, head)
        return next(iter(own[1]), EMPTY_TREE)

    def are_apart(self, one: str, other: str) -> bool:
        """Whether two branches have no commit in common that the main branch has not; False where that is not known."""
        ones, others = self._beyond(one), self._beyond(other)
        return ones is not None and others is not None and not ones[0] & others[0]

    def _beyond(self, head: str) -> Own | None:
        """The commits that a branch alone has, and those of the main branch that they came from; None for too many."""
        if head not in self._own:
            self._own[head] = self._walked(head)
        return self._own[head]

    def _walked(self, head: str) -> Own | None:
        found, left, waiting = set[str](), set[str](), [head]
        while waiting:
            commit = waiting.pop()
            if commit not in self._parents:
                left.add(commit)
            elif commit not in found:
                found.add(commit)
                waiting += self._parents[commit]
            if len(found) > MOST:
                return None
        return frozenset(found), frozenset(left)
