"""Plans as large as any that is to be run, and texts made to stall or burst whoever reads them."""

from __future__ import annotations

HEAD = """\
callboard: 1
key: big
name: Big
timezone: Europe/Berlin
from: 2026-03-02 08:00
to: 2026-05-29 18:00
channels: {coordination: "#big"}
escalation: {default: {steps: [{level: Team, notify: [lead], respond_within: 15m}]}}
"""


def big(people: int = 200, teams: int = 50, tasks: int = 2_000, gates: int = 200) -> str:
    """A plan as large as any that is to be run."""
    rows = [HEAD + "people:"]
    rows += [f"  p{n}: {{name: Person {n}, slack: U0P{n:04}, timezone: America/New_York}}" for n in range(people)]
    rows += ["  chief: {name: Chief, slack: U0CHIEF, roles: [coordinator]}", "teams:"]
    size = people // teams
    for team in range(teams):
        members = ", ".join(f"p{team * size + n}" for n in range(1, size))
        rows.append(f"  t{team}: {{name: Team {team}, lead: p{team * size}, members: [{members}]}}")
    rows.append("phases: {build: {name: Build, from: 2026-03-02 08:00, to: 2026-05-29 17:00}}\ntasks:")
    each = tasks // teams
    for team in range(teams):
        rows.append(f"  - for: {{team: t{team}, phase: build, from: 2026-03-25 08:00}}")
        for n in range(team * each, (team + 1) * each):
            needs = f", needs: [A-{n - 1}]" if n % each else ""
            rows.append(
                f"    A-{n}: {{title: Task number {n}, assignee: p{team * size + n % size}, priority: high, "
                f"due: 2026-04-{1 + n % 28:02} 16:00, estimate: 2h-4h{needs},\n"
                f'           criteria: [One thing holds, "Another, too"], files: [/src/t{team}/f{n}.py]}}'
            )
    rows.append("gates:")
    share = tasks // gates
    for gate in range(gates):
        rows.append(
            f"  g{gate}:\n    name: Gate {gate}\n    due: 2026-05-{1 + gate % 28:02} 17:00\n    criteria:\n"
            f"      - Seen by somebody\n"
            f"      - {{tasks: [A-{gate * share}..A-{gate * share + share - 1}], are: completed}}\n"
            f"    sign_off: [{{lead_of: t{gate % teams}}}]"
        )
    return "\n".join(rows) + "\n"


def rows(count: int, row: str) -> str:
    """A line for each number from 1 to below `count`; `m` is the one before."""
    return "\n".join(row.format(n=n, m=n - 1) for n in range(1, count))


BOMBS = {
    "aliases of aliases": "a0: &a0 [x, x]\n" + rows(12, "a{n}: &a{n} [" + ", ".join(["*a{m}"] * 10) + "]"),
    "merges of merges": "a0: &a0 {k: 1}\n" + rows(25, "a{n}: &a{n} {{<<: [" + ", ".join(["*a{m}"] * 10) + "]}}"),
    "a chain of merges": "a0: &a0 {k: 1}\n" + rows(5_000, "a{n}: &a{n} {{<<: *a{m}, k{n}: 1}}"),
    "itself": "a: &a {<<: *a, b: *a}",
    "many aliases": "a: &a 1\nb: [" + "*a," * 240_000 + "]",
    "brackets": "a: " + "[" * 500_000,
    "braces": "{" * 500_000,
    "dashes": "- " * 400_000,
    "questions": "? " * 400_000,
    "indents": "\n".join(" " * n + "a:" for n in range(1_200)),
    "one text": 'a: "' + "x" * 990_000 + '"',
    "one text of many lines": "a: |\n" + " x\n" * 300_000,
    "one key": "x" * 990_000 + ": 1",
    "one list": "a: [" + "x," * 490_000 + "]",
    "one mapping": rows(80_000, "k{n}: 1"),
    "one key again and again": "a: 1\n" * 90_000,
    "comments": "#\n" * 499_000,
    "tabs": "\t" * 990_000,
    "quotes": "'" * 990_000,
    "colons": ": " * 490_000,
    "tags": rows(40_000, "a{n}: !x y"),
    "nulls": rows(49_000, "a{n}:"),
    "a group of many with much": "tasks:\n  - for: {criteria: ["
    + "a, " * 30_000
    + "b]}\n"
    + rows(9_000, "    A{n}: x"),
}
