"""A repository that the bot mirrors, and what two teams push to it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from tests.locks.conftest import FILES
from tests.world import World

OLD = "".join(f"line {number}\n" for number in range(40))


def plan(clone: Path, more: str = "") -> str:
    """The release, with the people as git knows them and a repository that is here."""
    text = FILES.replace("https://git.example.com/harbor.git", f'{{clone: "{clone}", protected: ["release/*"]}}')
    for person in ("pa", "pb", "sc", "olga", "sara"):
        text = text.replace(f"  {person}: {{name", f"  {person}: {{git: [{person}@example.com], name")
    return text.replace("  sigma: {name", '  sigma: {branches: ["sigma/*"], name').replace(
        "  omega: {name", '  omega: {branches: ["omega/*"], name'
    ) + more  # fmt: skip


class Harbor:
    """A bare repository, and a clone in which everybody works in turn."""

    def __init__(self, folder: Path) -> None:
        self.bare, self.folder = folder / "harbor.git", folder / "work"
        self.folder.mkdir(parents=True)
        self.at = datetime.fromisoformat("2025-11-13T09:00:00+00:00")
        self.git("init", "-q", "--bare", "-b", "main", str(self.bare))
        self.git("clone", "-q", str(self.bare), ".")
        self.push("main", "amp", dict.fromkeys(("src/api/x.py", "src/api/y.py", "web/app.js", "docs/a.md"), OLD))

    def git(self, *words: str, person: str = "amp", given: bytes | None = None) -> str:
        mail = f"{person}@example.com"
        env = os.environ | {
            "GIT_AUTHOR_NAME": person, "GIT_AUTHOR_EMAIL": mail, "GIT_COMMITTER_NAME": person,
            "GIT_COMMITTER_EMAIL": mail, "GIT_COMMITTER_DATE": self.at.isoformat(), "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": self.at.isoformat(), "HOME": str(self.folder.parent),
        }  # fmt: skip
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=env, check=True, capture_output=True, input=given, timeout=60
        )
        return done.stdout.decode().strip()

    def push(self, branch: str, person: str, files: Mapping[str, str | bytes | None], *, onto: str = "", force=False):
        """Somebody commits these files to a branch and pushes it; one that is None is deleted."""
        known = self.git("branch", "--list", branch)
        if onto or not known:
            self.git("checkout", "-q", "-B", branch, *([onto or "main"] if self.git("branch") else []))
        else:
            self.git("checkout", "-q", branch)
        for path, text in files.items():
            file = Path(os.fsdecode(os.fsencode(self.folder) + b"/" + os.fsencode(path)))
            file.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                file.unlink()
            else:
                file.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", f"Change {branch}", person=person)
        self.git("push", "-q", *(["--force"] if force else []), "origin", f"HEAD:refs/heads/{branch}")

    def drop(self, branch: str) -> None:
        """Delete a branch."""
        self.git("push", "-q", "origin", f":refs/heads/{branch}")


def line(number: int, text: str) -> str:
    """The old file with one line changed."""
    return OLD.replace(f"line {number}\n", f"{text}\n")


class Watched(World):
    """The bot with a mirror of the repository."""

    def __init__(self, database_url: str, harbor: Harbor, more: str = "") -> None:
        folder = harbor.bare.parent / "mirrors"
        super().__init__(database_url, plan(harbor.bare, more), mirrors=folder)
        self.harbor = harbor

    async def passes(self, **span: float) -> None:
        """Time goes by for git too."""
        await self.advance(**span)
        self.harbor.at = self.clock.now()
