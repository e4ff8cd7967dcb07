"""`python -m tests.chaos`: people at work while everything goes wrong, and whether what must hold did."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.chaos import company
from tests.chaos.evidence import gathered
from tests.chaos.part import Part, played
from tests.chaos.report import Result, table

BOTH = ("sqlite", "postgresql")
SHOWN = 5
ASKED = "asked.json"


async def play(part: Part) -> Result:
    """One part, from an empty database to what the checks say."""
    async with played(part) as life:
        evidence = await life.db.read(gathered, part.folder, life.sets, life.began_at)
    result = Result.of(part, life, evidence)
    result.keep(part.folder)
    return result


def parts(asked: argparse.Namespace, folder: Path) -> list[Part]:
    """The parts of a run; every other one speaks with Slack by sockets."""
    numbers = range(asked.parts) if asked.part is None else [asked.part]
    return [
        Part(
            folder=folder / f"{database}-{asked.seed}-{number}", database=database, seconds=asked.seconds,
            seed=asked.seed + number, sockets=number % 2 == 1, every=asked.every,
            people=company.PEOPLE[:: max(1, len(company.PEOPLE) // asked.people)],
            readers=asked.readers, only=tuple(asked.only or ()),
        )
        for number in numbers for database in asked.database or BOTH
    ]  # fmt: skip


def main() -> int:
    """Play what was not played yet; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long people work in each part")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--every", type=float, default=1.5, help="seconds between two faults, on average")
    parser.add_argument("--people", type=int, default=len(company.PEOPLE))
    parser.add_argument("--database", choices=BOTH, action="append", help="both without")
    parser.add_argument("--only", action="append", metavar="KIND", help="only this fault, for example killed")
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--part", type=int, help="only this one, from 0")
    parser.add_argument("--readers", type=int, default=4, help="programs that read by the API")
    parser.add_argument("--folder", type=Path, help="keep everything there; a part that is there is not played again")
    parser.add_argument("--resume", type=Path, metavar="DIR", help="go on with a run, as it was begun")
    asked = begun(parser.parse_args())
    with tempfile.TemporaryDirectory(prefix="callboard-chaos-") as place:
        results = []
        for part in parts(asked, asked.folder or Path(place)):
            result = Result.kept(part.folder) or asyncio.run(play(part))
            results.append(result)
            tell(part, result)
    for database in asked.database or BOTH:
        print("\n" + table([result for result in results if result.database == database]), flush=True)  # noqa: T201
    return 1 if any(result.wrong for result in results) else 0


def begun(asked: argparse.Namespace) -> argparse.Namespace:
    """What was asked for when the run began, which its folder knows."""
    if asked.resume:
        kept = json.loads((asked.resume / ASKED).read_text())
        return argparse.Namespace(**kept, folder=asked.resume)
    if asked.folder:
        asked.folder.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in vars(asked).items() if name not in ("folder", "resume")}
        (asked.folder / ASKED).write_text(json.dumps(kept))
    return asked


def tell(part: Part, result: Result) -> None:
    """A line for a part, and the first of what is wrong with it."""
    wrong = sum(map(len, result.wrong.values()))
    done = f"{result.operations} operations, {result.pages} pages, {result.kills} kills"
    faults = f"{sum(result.faults.values())} faults, quiet after {result.quiet_after:.0f} s"
    print(f"{part.folder.name}: {done}, {faults}, {wrong} wrong", flush=True)  # noqa: T201
    for name, some in result.wrong.items():
        for sentence in some[:SHOWN]:
            print(f"  {name}: {sentence}", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
