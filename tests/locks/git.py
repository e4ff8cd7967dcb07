"""The real git and git-lfs of two people, against the bot's web server."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
import uvicorn

from tests.world import until

HARBOR, MINUTE = "release/harbor", 60
INSTALLED = shutil.which("git-lfs") is not None
needed = pytest.mark.skipif(not INSTALLED, reason="git-lfs is not installed: apt-get install git-lfs")


class Served:
    """A web application on a port of its own."""

    def __init__(self, web) -> None:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        self.socket, self.url = listening, f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(web, lifespan="off", log_config=None, access_log=False)
        self.server = uvicorn.Server(config)

    async def __aenter__(self):
        self.task = asyncio.create_task(self.server.serve(sockets=[self.socket]))
        await until(lambda: self.server.started)
        return self

    async def __aexit__(self, *_):
        self.server.should_exit = True
        await self.task


class Clone:
    """One person's clone, with their name and token."""

    def __init__(self, folder: Path, server: str, person: str, token: str, where: str = HARBOR) -> None:
        self.folder = folder
        self.env = os.environ | {
            "HOME": str(folder.parent), "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": person, "GIT_AUTHOR_EMAIL": f"{person}@example.com",
            "GIT_COMMITTER_NAME": person, "GIT_COMMITTER_EMAIL": f"{person}@example.com",
        }  # fmt: skip
        self.address = server.replace("http://", f"http://{person}:{token}@") + f"/lfs/{where}"

    async def git(self, *words: str):
        """Run git there; what it printed, and whether it went well."""
        run = await asyncio.create_subprocess_exec(
            "git", *words, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(run.communicate(), MINUTE)
        return SimpleNamespace(ok=run.returncode == 0, text=out.decode())

    async def write(self, path: str, text: str) -> None:
        """Change a file and commit it."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        assert (await self.git("add", "-A")).ok
        assert (await self.git("commit", "-qm", f"Change {path}")).ok


async def remote(folder: Path) -> Path:
    """A bare repository with the files of two teams."""
    bare = folder / "harbor.git"
    first = Clone(folder / "first", "", "first", "")
    first.folder.mkdir()
    assert (await first.git("init", "-q", "--bare", "-b", "main", str(bare))).ok
    assert (await first.git("clone", "-q", str(bare), ".")).ok
    for path in ("src/api/x.py", "src/api/y.py", "web/app.js", "tools/build.sh"):
        await first.write(path, "1\n")
    assert (await first.git("push", "-q", "origin", "HEAD:main")).ok
    return bare


async def clone(bare: Path, server: str, person: str, token: str, where: str = HARBOR) -> Clone:
    """Clone it for somebody, set up as `/lock token` says."""
    made = Clone(bare.parent / person / "harbor", server, person, token, where)
    made.folder.mkdir(parents=True)
    assert (await made.git("clone", "-q", "-b", "main", str(bare), ".")).ok
    await made.git("lfs", "install", "--local")
    await made.git("config", "lfs.url", made.address)
    return made
