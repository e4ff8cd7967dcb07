"""`callboard guard`: asks Callboard whether a push may change what it changes, as a pre-receive hook or a CI check."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callboard.branches.git import NOTHING, Change, Git, GitFailed, shown
from callboard.core.clock import SystemClock
from callboard.core.errors import Refused
from callboard.core.words import counted
from callboard.zones import sections

AT_ONCE, LONGEST_BODY, MOST_SAID = 1000, 900_000, 30
PATIENCE = 10.0
BRANCH = "refs/heads/"
UNCHECKED = "callboard-unchecked.jsonl"
PUSHER = (
    "CALLBOARD_PERSON", "GL_USERNAME", "GITHUB_USER_LOGIN", "GITEA_PUSHER_NAME", "GL_USER", "GITLAB_USER_LOGIN",
    "GITHUB_ACTOR", "REMOTE_USER",
)  # fmt: skip
"""Where servers and CI say who pushes; the first that is set counts."""


class Unreachable(Exception):
    """Callboard did not answer, or could not."""


@dataclass(frozen=True)
class Update:
    """A branch that moves from one commit to another."""

    old: str
    new: str
    ref: str

    @property
    def branch(self) -> str:
        """Its name."""
        return self.ref.removeprefix(BRANCH)


@dataclass(frozen=True)
class Server:
    """Where Callboard is, and for which plan and repository it is asked with which token."""

    url: str
    token: str = field(repr=False)
    plan: str = ""
    repository: str = ""
    patience: float = PATIENCE

    def ask(self, what: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer. Raises Unreachable where there is none, Refused where Callboard will not answer this."""
        request = urllib.request.Request(  # noqa: S310 - http or https, checked where it is made
            f"{self.url.rstrip('/')}/api/v1/plans/{self.plan}/locks/{what}", json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=self.patience) as answer:  # noqa: S310 - see above
                found: Mapping[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            said = _detail(error)
            if error.code >= 500 or error.code == 429:  # noqa: PLR2004 - what passes by itself
                raise Unreachable(f"it answers {error.code}: {said}") from error
            raise Refused(f"Callboard does not check this push: {said} ({error.code})") from error
        except (OSError, ValueError) as error:
            raise Unreachable(str(getattr(error, "reason", error)) or type(error).__name__) from error
        return found


@dataclass
class Guard:
    """Checks pushes to one repository. Lines for whoever pushes gather in `said`."""

    git: Git
    server: Server
    names: Sequence[str] = ()
    lets_through: bool = False
    said: list[str] = field(default_factory=list)

    def received(self, lines: Sequence[str]) -> bool:
        """Check what a pre-receive hook reads; whether all of it may be."""
        updates = [Update(*line.split(" ", 2)) for line in lines if line.count(" ") > 1]
        if len(updates) != len([line for line in lines if line.strip()]):
            raise Refused("A pre-receive hook is given lines of `OLD NEW REF`: call `callboard guard` as one.")
        checked = [self._checked(one, self._pushed(one)) for one in updates]
        return all(checked)

    def compared(self, base: str, head: str, branch: str) -> bool:
        """Check what a head has beyond a base, as in CI; whether all of it may be."""
        old, new = (self.git.text("rev-parse", "--verify", "--end-of-options", f"{one}^{{commit}}")
                    for one in (base, head))  # fmt: skip
        update = Update(self.git.base(old, new), new, f"{BRANCH}{branch or base}")
        return self._checked(update, (self.git.changes(update.old, new), None))

    def _pushed(self, update: Update) -> tuple[list[Change], set[str] | None] | None:
        """What a branch changes with a push, and which files commits change that are new to this server."""
        if not update.ref.startswith(BRANCH) or not update.new.strip("0"):
            return None
        before = update.old if update.old.strip("0") else self._main(update.new)
        fresh = self.git.run(
            "log", "-c", "--format=", "--name-only", "-z", "--no-renames", update.new, "--not", "--all", "--"
        )
        paths = {shown(path.removeprefix(b"\n")) for path in fresh.split(b"\x00") if path}
        return self.git.changes(self.git.base(before, update.new), update.new), paths

    def _main(self, new: str) -> str:
        """What a new branch is compared with: the branch that clones begin with, or nothing in an empty repository."""
        return self.git.text("rev-parse", "-q", "--verify", "HEAD^{commit}", good=(0, 1)) or self.git.base(new, new)

    def _checked(self, update: Update, found: tuple[list[Change], set[str] | None] | None) -> bool:
        if found is None:
            self.said.append(f"Callboard: {update.ref} changes no files of a branch: nothing to check.")
            return True
        changes, fresh = found
        looked = list(self.git.with_sections(changes, sections.readable)) if len(changes) <= AT_ONCE else changes
        try:
            self._tell_unchecked()
            answers = [self.server.ask("checks", body) for body in self._bodies(update, looked, fresh)]
        except Unreachable as unreachable:
            return self._unanswered(update, str(unreachable))
        return self._answered(update, answers)

    def _bodies(self, update: Update, changes: Sequence[Change], fresh: set[str] | None) -> Iterator[dict[str, Any]]:
        """The files in as many requests as it takes."""
        names = [*self.names, self.git.text("log", "-1", "--format=%ae", update.new)]
        head = {"repository": self.server.repository, "branch": update.branch, "pushed_by": names}
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
        refused = [one for answer in answers for one in answer["refused"]]
        last = answers[-1]
        files = sum(answer["files"] for answer in answers)
        team = f" ({last['team']})" if last["team"] else ""
        self.said.append(
            f"Callboard: {counted(files, 'changed file')} on {update.branch}, pushed by {last['pushed_by']}{team},"
            f" checked against {counted(last['locks'], 'lock')} and {counted(last['zones'], 'zone pattern')}:"
            f" {f'{len(refused)} refused.' if refused else 'nothing stands in the way.'}"
        )
        self.said += [
            f"  {_shown(one['path'])} ({one['kind']}): {_shown(one['detail'])}" for one in refused[:MOST_SAID]
        ]
        if len(refused) > MOST_SAID:
            self.said.append(f"  and {len(refused) - MOST_SAID} more.")
        if any(one["why"] == "zone" for one in refused):
            self.said.append(
                "  Who leads that team may allow it in Slack: /lock allow @you PATH for REASON until 17:00."
            )
        return not refused

    def _unanswered(self, update: Update, why: str) -> bool:
        if not self.lets_through:
            self.said.append(
                f"Callboard cannot be reached ({why}), so {update.branch} is not accepted: try again in a moment. "
                "Whoever keeps this repository may set --when-unreachable allow."
            )
            return False
        by = next(iter(self.names), "") or self.git.text("log", "-1", "--format=%ae", update.new)
        row = {
            "repository": self.server.repository, "branch": update.branch, "pushed_by": by or "somebody",
            "old": update.old or NOTHING, "new": update.new, "at": SystemClock().now().isoformat(), "why": why[:500],
        }  # fmt: skip
        with self._log.open("a") as log:
            log.write(json.dumps(row) + "\n")
        self.said.append(
            f"Callboard cannot be reached ({why}): {update.branch} is let through UNCHECKED, which is told later."
        )
        return True

    @property
    def _log(self) -> Path:
        return self.git.folder / self.git.text("rev-parse", "--git-common-dir") / UNCHECKED

    def _tell_unchecked(self) -> None:
        """Tell what was let through before; it is told again where that is not known to have arrived."""
        if not self._log.exists():
            return
        taken = self._log.with_suffix(f".{os.getpid()}")
        self._log.replace(taken)
        lines = [line for line in taken.read_text().splitlines() if line.strip()]
        try:
            for start in range(0, len(lines), 200):
                self.server.ask("unchecked", {"pushes": [json.loads(line) for line in lines[start : start + 200]]})
        except (Unreachable, Refused):
            with self._log.open("a") as log:
                log.write("".join(f"{line}\n" for line in lines))
            raise
        finally:
            taken.unlink()


def server(url: str, plan: str, repository: str, token: str, patience: float = PATIENCE) -> Server:
    """Where to ask. Refused where something is not said."""
    wanted = {"--url or CALLBOARD_URL": url, "--plan": plan, "--repository": repository, "CALLBOARD_TOKEN": token}
    missing = [name for name, value in wanted.items() if not value]
    if missing:
        raise Refused(f"Say {', '.join(missing)}: `callboard token create --scope locks` issues a token.")
    if not url.startswith(("https://", "http://")):
        raise Refused(f"`{url}` is no address of Callboard: it begins with https:// or http://.")
    return Server(url, token, plan, repository, patience)


def pushers(named: str, environment: Mapping[str, str]) -> list[str]:
    """Who pushes, as far as somebody says so: the option, else what the server or CI has set."""
    found = [named] if named else [environment[name] for name in PUSHER if environment.get(name)][:1]
    return [one[:500] for one in found]


def run(guard: Guard, lines: Sequence[str], base: str, head: str, branch: str) -> bool:
    """Check, as a hook or in CI. Refused where git cannot say what changes: that is no leave to change it."""
    try:
        return guard.compared(base, head, branch) if base or head else guard.received(lines)
    except GitFailed as failed:
        raise Refused(f"Callboard cannot see what changes here, so it is not accepted: {failed}.") from failed


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])[:500]
    except (OSError, ValueError, KeyError, TypeError):
        return error.reason or "no reason given"


def _shown(path: str) -> str:
    """A path on one line, whatever is in it: the terminal of whoever pushes obeys none of it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)
