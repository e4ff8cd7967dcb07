"""`callboard guard`: whether a push may change what it changes, as a pre-receive hook or as a check in CI."""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callboard.core.clock import SystemClock
from callboard.core.errors import Refused
from callboard.core.words import counted, few_lines

if TYPE_CHECKING:
    from callboard.branches.git import Change, Git

commands = typer.Typer()
AT_ONCE, LONGEST_BODY, MOST_SAID = 1000, 900_000, 30
BRANCH = "refs/heads/"
TRACKED = re.compile(r"^(?:refs/heads/|(?:refs/remotes/)?origin/)")
"""What stands before the name of a branch that CI names."""
UPDATE = re.compile(r"[0-9a-f]{40,64} [0-9a-f]{40,64} refs/")
"""A line of a pre-receive hook. Names of commits are checked, as they become arguments of git."""
UNCHECKED = "callboard-unchecked.jsonl"
PUSHER = (
    "CALLBOARD_PERSON", "GL_USERNAME", "GITHUB_USER_LOGIN", "GITEA_PUSHER_NAME", "GL_USER", "GITLAB_USER_LOGIN",
    "GITHUB_ACTOR", "REMOTE_USER",
)  # fmt: skip
"""Where servers and CI name who pushes; the first that is set counts."""


@commands.command()
def guard(  # noqa: PLR0913, PLR0917 - typer's options are parameters
    key: Annotated[str, typer.Option("--plan", envvar="CALLBOARD_PLAN", help="The key of the plan.")] = "",
    repository: Annotated[str, typer.Option(envvar="CALLBOARD_REPOSITORY", help="Its name in the plan.")] = "",
    url: Annotated[str, typer.Option(envvar="CALLBOARD_URL", help="The address of Callboard.")] = "",
    base: Annotated[str, typer.Option(metavar="REF", help="In CI: what the branch will be merged into.")] = "",
    head: Annotated[str, typer.Option(metavar="REF", help="In CI: what to check.")] = "",
    branch: Annotated[str, typer.Option(help="In CI: the name of the branch, which tells its team.")] = "",
    person: Annotated[str, typer.Option(metavar="HANDLE", help="Who pushes; else what the server or CI says.")] = "",
    when_unreachable: Annotated[
        str, typer.Option(metavar="refuse|allow", help="What to do when Callboard does not answer.")
    ] = "refuse",
    patience: Annotated[float, typer.Option(metavar="SECONDS", help="How long to wait for an answer.")] = 10.0,
) -> None:
    """Refuse a push that changes what others have locked or own: a pre-receive hook, or with --base a check in CI.

    The token comes from CALLBOARD_TOKEN: `callboard token create --scope locks`. Exit 0: accepted, 1: refused.
    """
    if when_unreachable not in ("refuse", "allow"):
        raise typer.BadParameter("write refuse or allow", param_hint="--when-unreachable")
    if bool(base) != bool(head):
        raise typer.BadParameter("name both --base and --head for CI, or neither for a pre-receive hook")
    from callboard.branches.git import Git

    asked = server(url, key, repository, os.environ.get("CALLBOARD_TOKEN", "").strip(), patience)
    check = Guard(Git(Path.cwd()), asked, pushers(person, os.environ), lets_through=when_unreachable == "allow")
    lines = [] if base else sys.stdin.buffer.read().decode(errors="replace").split("\n")
    try:
        accepted = run(check, lines, base, head, branch)
    finally:
        typer.echo("\n".join(check.said), err=True)
    if not accepted:
        raise typer.Exit(1)


class Unreachable(Exception):
    """Callboard did not answer."""


@dataclass(frozen=True)
class Update:
    """A branch that moves from one commit to another."""

    old: str
    new: str
    ref: str
    into: str = ""
    """The branch that it will be merged into, where that is another."""

    @property
    def branch(self) -> str:
        return self.ref.removeprefix(BRANCH)


@dataclass(frozen=True)
class Server:
    """The address of Callboard, with the plan, the repository and the token."""

    url: str
    token: str = field(repr=False)
    plan: str = ""
    repository: str = ""
    patience: float = 10.0

    def ask(self, what: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer. Raises Unreachable when there is none, Refused when Callboard rejects the question."""
        request = urllib.request.Request(  # noqa: S310 - http or https, checked where it is made
            f"{self.url.rstrip('/')}/api/v1/plans/{self.plan}/locks/{what}", json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=self.patience) as answer:  # noqa: S310 - see above
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            if error.code >= 500 or error.code == 429:  # noqa: PLR2004 - what passes by itself
                raise Unreachable(f"it answers {error.code}: {_detail(error)}") from error
            raise Refused(f"Callboard does not check this push: {_detail(error)} ({error.code})") from error
        except (OSError, ValueError) as error:
            raise Unreachable(str(getattr(error, "reason", error)) or type(error).__name__) from error


@dataclass
class Guard:
    """Checks pushes to one repository. `said` collects the lines for whoever pushes."""

    git: Git
    server: Server
    names: Sequence[str] = ()
    lets_through: bool = False
    said: list[str] = field(default_factory=list)

    def received(self, lines: Sequence[str]) -> bool:
        """Whether everything that a pre-receive hook reads is accepted."""
        updates = [Update(*line.split(" ", 2)) for line in lines if UPDATE.match(line)]
        if len(updates) != sum(bool(line.strip()) for line in lines):
            raise Refused("`callboard guard` must run as a pre-receive hook, which gets lines of `OLD NEW REF`.")
        checked = [self._checked(update, self._pushed(update)) for update in updates]
        return all(checked)

    def compared(self, base: str, head: str, branch: str) -> bool:
        """Whether everything that a head has beyond a base is accepted, as in CI."""
        old, new = (self.git.text("rev-parse", "--verify", "--end-of-options", f"{one}^{{commit}}")
                    for one in (base, head))  # fmt: skip
        update = Update(self.git.base(old, new), new, f"{BRANCH}{branch or base}", TRACKED.sub("", base))
        return self._checked(update, (self.git.changes(update.old, new), None))

    def _pushed(self, update: Update) -> tuple[list[Change], set[str] | None] | None:
        """What a push changes on a branch, and which files its new commits change."""
        from callboard.branches.git import shown

        if not update.ref.startswith(BRANCH):
            return None
        if not update.new.strip("0"):  # the branch is removed
            return [], set()
        before = update.old if update.old.strip("0") else self._main(update.new)
        fresh = self.git.run(
            "log", "-c", "--format=", "--name-only", "-z", "--no-renames", update.new, "--not", "--all", "--"
        )
        paths = {shown(path.removeprefix(b"\n")) for path in fresh.split(b"\x00") if path}
        return self.git.changes(self.git.base(before, update.new), update.new), paths

    def _main(self, new: str) -> str:
        """What a new branch is compared with: the default branch, or nothing in an empty repository."""
        return self.git.text("rev-parse", "-q", "--verify", "HEAD^{commit}", good=(0, 1)) or self.git.base(new, new)

    def _checked(self, update: Update, pushed: tuple[list[Change], set[str] | None] | None) -> bool:
        if pushed is None:
            self.said.append(f"Callboard: {update.ref} changes no files of a branch. Nothing to check.")
            return True
        from callboard.zones import sections

        changes, fresh = pushed
        read = list(self.git.with_sections(changes, sections.readable)) if len(changes) <= AT_ONCE else changes
        try:
            self._tell_unchecked()
            answers = [self.server.ask("checks", body) for body in self._bodies(update, read, fresh)]
        except Unreachable as unreachable:
            return self._unanswered(update, str(unreachable))
        return self._answered(update, answers)

    def _bodies(self, update: Update, changes: Sequence[Change], fresh: set[str] | None) -> Iterator[dict[str, Any]]:
        """The files in as many requests as it takes."""
        newest = update.new if update.new.strip("0") else update.old
        names = [*self.names, self.git.text("log", "-1", "--format=%ae", newest)]
        into = {"into": update.into} if update.into else {}
        head = {"repository": self.server.repository, "branch": update.branch, "pushed_by": names, **into}
        part: list[dict[str, Any]] = []
        size = 0
        for one in changes:
            row = {"path": one.path, "kind": one.kind, "fresh": fresh is None or one.path in fresh}
            if one.sections is not None:
                row["sections"] = [[name[:500] for name in stack] for stack in sorted(one.sections)]
            length = len(json.dumps(row))
            if part and (len(part) == AT_ONCE or size + length > LONGEST_BODY):
                yield {**head, "touched": part}
                part, size = [], 0
            part.append(row)
            size += length
        yield {**head, "touched": part}

    def _answered(self, update: Update, answers: Sequence[Mapping[str, Any]]) -> bool:
        refused = list({(file["why"], file["path"]): file for answer in answers for file in answer["refused"]}.values())
        last = answers[-1]
        files = counted(sum(answer["files"] for answer in answers), "changed file")
        team = f" ({last['team']})" if last["team"] else ""
        if not update.new.strip("0") and not refused:
            self.said.append(f"Callboard: {update.branch} is removed by {last['pushed_by']}{team}: accepted.")
            return True
        self.said.append(
            f"Callboard: {files} on {update.branch}, pushed by {last['pushed_by']}{team},"
            f" checked against {counted(last['locks'], 'lock')} and {counted(last['zones'], 'zone pattern')}:"
            f" {f'{len(refused)} refused.' if refused else 'accepted.'}"
        )
        lines = [f"{_shown(file['path'])} ({file['kind']}): {_shown(file['detail'])}" for file in refused]
        self.said += [f"  {line}" for line in few_lines(lines, MOST_SAID)]
        if any(file["why"] == "zone" for file in refused):
            self.said.append(
                "  A lead of that team can allow it in Slack: /lock allow @you PATH for REASON until 17:00."
            )
        return not refused

    def _unanswered(self, update: Update, why: str) -> bool:
        if not self.lets_through:
            self.said.append(
                f"Callboard cannot be reached ({why}), so {update.branch} is refused. Try again in a moment. "
                "To accept pushes meanwhile, the hook needs --when-unreachable allow."
            )
            return False
        by = next(iter(self.names), "") or self.git.text("log", "-1", "--format=%ae", update.new)
        row = {
            "repository": self.server.repository, "branch": update.branch, "pushed_by": by or "somebody",
            "old": update.old or "0" * 40, "new": update.new, "at": SystemClock().now().isoformat(), "why": why[:500],
        }  # fmt: skip
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")
        self.said.append(
            f"Callboard cannot be reached ({why}): {update.branch} is accepted UNCHECKED. Callboard will be told."
        )
        return True

    @property
    def _log(self) -> Path:
        return self.git.folder / self.git.text("rev-parse", "--git-common-dir") / UNCHECKED

    def _tell_unchecked(self) -> None:
        """Tell what was accepted unchecked before; what may not have arrived is told again."""
        if not self._log.exists():
            return
        taken = self._log.with_suffix(f".{os.getpid()}")
        self._log.replace(taken)
        lines = [line for line in taken.read_text("utf-8").splitlines() if line.strip()]
        try:
            for start in range(0, len(lines), 200):
                self.server.ask("unchecked", {"pushes": [json.loads(line) for line in lines[start : start + 200]]})
        except (Unreachable, Refused):
            with self._log.open("a", encoding="utf-8") as log:
                log.write("".join(f"{line}\n" for line in lines))
            raise
        finally:
            taken.unlink()


def server(url: str, plan: str, repository: str, token: str, patience: float = 10.0) -> Server:
    """The server to ask. Raises Refused when something is missing."""
    wanted = {"--url or CALLBOARD_URL": url, "--plan": plan, "--repository": repository, "CALLBOARD_TOKEN": token}
    missing = [name for name, value in wanted.items() if not value]
    if missing:
        raise Refused(f"Set {', '.join(missing)}. `callboard token create --scope locks` issues a token.")
    if not url.startswith(("https://", "http://")):
        raise Refused(f"`{url}` is not an address: begin it with https:// or http://.")
    return Server(url, token, plan, repository, patience)


def pushers(named: str, environment: Mapping[str, str]) -> list[str]:
    """Who pushes: what the option says, else what the server or CI has set."""
    names = [named] if named else [environment[name] for name in PUSHER if environment.get(name)][:1]
    return [name[:500] for name in names]


def run(guard: Guard, lines: Sequence[str], base: str, head: str, branch: str) -> bool:
    """Check, as a hook or in CI. Raises Refused when git cannot tell what changes."""
    from callboard.branches.git import GitFailed

    try:
        return guard.compared(base, head, branch) if base or head else guard.received(lines)
    except GitFailed as failed:
        raise Refused(f"Refused, because Callboard cannot see what changes: {failed}.") from failed


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])[:500]
    except (OSError, ValueError, KeyError, TypeError):
        return error.reason or "no reason given"


def _shown(path: str) -> str:
    """A path on one line, with nothing in it that a terminal obeys."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)
