"""Which of the paths that somebody typed no mirrored repository has, and what they may have meant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import combinations, takewhile

from callboard.blocks.markup import unlinked
from callboard.branches import service as branches
from callboard.core.db import Tx
from callboard.locks.targets import WILD, Known, Target, quoted, read

CLOSE, MOST_COMPARED = 0.75, 1000


@dataclass(frozen=True)
class Doubt:
    """Targets that no repository has; `near` is what may be meant instead, as it may be typed, or empty."""

    unknown: tuple[str, ...]
    near: tuple[str, ...] = ()


def mirrored(tx: Tx, plan_id: int) -> Callable[[str], Collection[str]]:
    """The files of a repository as its mirror has them; without a name, those of all."""

    def files(repository: str) -> Collection[str]:
        if ("mirrored", plan_id, repository) not in tx.local:
            names = [repository] if repository else list(branches.repositories(tx, plan_id))
            found = [branches.files(tx, plan_id, name) for name in names]
            tx.local["mirrored", plan_id, repository] = found[0] if len(found) == 1 else [p for f in found for p in f]
        there: Collection[str] = tx.local["mirrored", plan_id, repository]
        return there

    return files


def doubt(tx: Tx, plan_id: int, typed: Sequence[str], known: Known) -> Doubt | None:
    """What of this is in no repository; None where all is known, or some repository was never mirrored."""
    words = [unlinked(word) for word in typed]
    wanted = [read(word, known) for word in words]
    asked = {name for target in wanted for name in _repositories(tx, plan_id, target)}
    files = {name: branches.files(tx, plan_id, name) for name in asked}
    if not files or not all(files.values()):
        return None
    paths = {*(path for each in files.values() for path in each), *_on_branches(tx, plan_id)}
    unknown = [place for place, target in enumerate(wanted) if not _is_known(target, paths)]
    if not unknown:
        return None
    near = _whole(words, paths) or [
        quoted(wanted[place]) if place not in unknown else _nearest(wanted[place], paths)
        for place in range(len(words))
    ]  # fmt: skip
    return Doubt(tuple(str(wanted[place]) for place in unknown), tuple(near) if all(near) else ())


def _repositories(tx: Tx, plan_id: int, target: Target) -> Collection[str]:
    """Where a target may be; nowhere for a thing, and for a file that is named as one: `./src/new.py`."""
    if target.kind in ("thing", "file"):
        return ()
    return [target.repository] if target.repository else list(branches.repositories(tx, plan_id))


def _on_branches(tx: Tx, plan_id: int) -> Iterator[str]:
    for branch in branches.live(tx, plan_id):
        yield from (path for path, _ in branches.touched(branch))


def _is_known(target: Target, paths: Collection[str]) -> bool:
    if target.kind in ("thing", "file"):
        return True
    bare = target.text.strip("/")
    if not WILD.search(bare):
        return bare in paths or any(path.startswith(f"{bare}/") for path in paths)
    return any(target.pattern.matches(path) for path in paths)


def _whole(words: Sequence[str], paths: Collection[str]) -> list[str]:
    """The words with those joined that are one path with spaces: `src/a`, `b.psd` for `src/a b.psd`."""
    for first, last in combinations(range(len(words) + 1), 2):
        joined = " ".join(words[first:last])
        if last - first > 1 and joined in paths:
            return [*words[:first], f'"{joined}"', *words[last:]]
    return []


def _nearest(target: Target, paths: Collection[str]) -> str:
    """The path most like a target: in other case, of the same name elsewhere, or spelled almost so."""
    bare = target.text.strip("/").removesuffix("/**").removesuffix("/*")
    folders = {
        "/".join(parts[:depth]) for path in paths for parts in [path.split("/")] for depth in range(1, len(parts))
    }
    behind = "/**" if target.text.endswith(("/**", "/*")) else ""
    known = folders if behind else {*paths, *folders}
    lower = {path.lower(): path for path in sorted(known)}
    name = bare.lower().rpartition("/")[2]
    same = [path for path in lower if path == bare.lower()] or [path for path in lower if path.endswith(f"/{name}")]
    close = same or get_close_matches(bare.lower(), _alike(bare.lower(), lower), 1, CLOSE)
    found = lower[close[0]] if close else ""
    if not found or WILD.search(bare):
        return ""
    prefix, inside = (
        f"{target.repository}:" if target.repository else "",
        f"#{target.section}" if target.section else "",
    )
    whole = f"{prefix}{found}{behind}{inside}"
    return f'"{whole}"' if " " in whole else whole


def _alike(bare: str, known: Collection[str]) -> list[str]:
    """The paths worth comparing: those that begin or end most like it."""

    def shared(path: str) -> int:
        pairs = (zip(bare, path, strict=False), zip(reversed(bare), reversed(path), strict=False))
        return sum(sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both)) for both in pairs)

    return sorted(known, key=shared, reverse=True)[:MOST_COMPARED]
