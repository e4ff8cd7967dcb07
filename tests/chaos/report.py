"""The checks that are made, and the table of what they found, over all parts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from tests.chaos.checks import Check, Finding, cards, holders, operations, pages, reads, sign_offs
from tests.chaos.evidence import Evidence
from tests.chaos.history import OK
from tests.chaos.part import Part, Played

CHECKS: Mapping[str, Check] = {
    "what was answered as done is there": operations.effects_are_there,
    "what was refused has no effect": operations.refusals_have_none,
    "delivered again, done once": operations.done_once,
    "asked again, answered the same": operations.answers_stay,
    "what is shown is not older than what was answered": reads.reads_are_recent,
    "no page lost: every step, person and repetition": pages.steps_are_paged,
    "no step left out that was due before somebody acted": pages.due_steps_are_paged,
    "no page doubled, none but those in the outbox": pages.pages_are_sent_once,
    "no other message doubled or lost": pages.messages_are_sent_once,
    "no climb moves on once somebody has it": pages.none_once_it_is_taken,
    "no page arrives after an acknowledgement": pages.none_arrives_late,
    "locks: no two hold what clashes (timeline)": holders.locks_exclude,
    "locks and tasks: nor were two told so (history)": holders.told_holders_exclude,
    "tasks: one owner (timeline)": holders.tasks_have_one_owner,
    "sign-offs within the rule of the gate": sign_offs.rules_hold,
    "cards never go back": cards.cards_keep_order,
    "cards show what is": cards.cards_show_what_is,
    "the timeline is sealed whole": lambda evidence: Finding(evidence.sealed, evidence.broken),
}
WAITS = (
    ("from a kill to the next page or answer", "failover"),
    ("the same, where another replica was ready and the database well", "alone"),
    ("lateness of pages that were due within 10 s after such a kill", "to_a_page"),
    ("lateness of pages that were under way at such a kill", "under_way"),
    ("lateness of all pages", "lateness"),
)
SOON = timedelta(seconds=10)


@dataclass
class Result:
    """What one part showed, as it is kept in `result.json`."""

    database: str
    seed: int
    seconds: float
    operations: int
    answered: int
    unknown: int
    pages: int
    kills: int
    faults: dict[str, int]
    requests_hit: int
    quiet_after: float
    looked: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    reads: int = 0
    failover: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    to_a_page: list[float] = field(default_factory=list)
    under_way: list[float] = field(default_factory=list)
    lateness: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, part: Part, played: Played, evidence: Evidence) -> Self:
        findings = {name: check(evidence) for name, check in CHECKS.items()}
        late = sorted(_late(evidence))
        failover = [(at, wait) for at in played.trouble.kills if (wait := _failover(played, evidence, at)) is not None]
        plain = [at for at in played.trouble.kills if _is_plain(played, at)]
        instants = [played.instant(at) for at in plain]
        return cls(
            part.database, part.seed, part.seconds, operations=len(evidence.ops),
            answered=sum(op.type != "info" for op in evidence.ops),
            unknown=sum(op.type == "info" for op in evidence.ops),
            pages=sum(shown.key.startswith(pages.PAGE) for shown in evidence.messages), kills=len(played.trouble.kills),
            faults=dict(played.trouble.made), requests_hit=evidence.faults, quiet_after=round(played.quiet_after, 1),
            looked={name: finding.looked for name, finding in findings.items()},
            wrong={name: finding.wrong for name, finding in findings.items() if finding.wrong},
            notes={name: finding.note for name, finding in findings.items() if finding.note},
            reads=sum("sees" in op.value for op in evidence.ops), failover=[wait for _, wait in failover],
            alone=[wait for at, wait in failover if at in plain],
            to_a_page=_waited(page for page in late if any(at <= page[0] < at + SOON for at in instants)),
            under_way=_waited(page for page in late if any(page[0] < at < page[1] for at in instants)),
            lateness=_waited(late),
        )  # fmt: skip

    def keep(self, folder: Path) -> None:
        (folder / "result.json").write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def kept(cls, folder: Path) -> Self | None:
        """What an earlier run has of a part; None where it was not played to its end."""
        file = folder / "result.json"
        return cls(**json.loads(file.read_text())) if file.exists() else None


def _failover(played: Played, evidence: Evidence, kill: float) -> float | None:
    """Seconds from a kill to the first answer to something asked after it, or to the next page; None after the last."""
    at, moment = kill - played.began, played.instant(kill)
    answers = (op.completed - at for op in evidence.ops if op.type == OK and op.invoked >= at)
    arrivals = (
        (shown.at - moment).total_seconds()
        for shown in evidence.asked
        if shown.key.startswith(pages.PAGE) and not shown.edits and shown.ok and shown.at and shown.at > moment
    )
    wait = min((*answers, *arrivals), default=None)
    return None if wait is None else round(wait, 3)


def _late(evidence: Evidence) -> list[tuple[datetime, datetime]]:
    """When each page was due, and when it arrived."""
    rows = {row["key"]: row for row in evidence.deliveries}
    arrived: dict[str, datetime] = {}
    for shown in evidence.asked:
        if shown.key.startswith(pages.PAGE) and not shown.edits and shown.ok and shown.at and shown.key in rows:
            arrived.setdefault(shown.key, shown.at)
    return [(evidence.moment(rows[key]["created_at"]), at) for key, at in arrived.items()]


def _is_plain(played: Played, kill: float) -> bool:
    """Whether a kill was all that was wrong: another replica was ready, if there is one, and the database well."""
    trouble = played.trouble
    return not trouble.was_unwell(kill) and (len(trouble.replicas) == 1 or kill not in trouble.last)


def _waited(pages_late: Iterable[tuple[datetime, datetime]]) -> list[float]:
    return [round((arrived - due).total_seconds(), 3) for due, arrived in pages_late]


def table(results: Sequence[Result]) -> str:
    """What all parts on one database showed, as Markdown."""
    looked, wrong, faults = Counter[str](), Counter[str](), Counter[str]()
    for result in results:
        looked.update(result.looked)
        wrong.update({name: len(some) for name, some in result.wrong.items()})
        faults.update(result.faults)
    operations, unknown, read, shown, kills, hit = (
        sum(getattr(result, name) for result in results)
        for name in ("operations", "unknown", "reads", "pages", "kills", "requests_hit")
    )
    seconds = sum(result.seconds for result in results)
    lines = [
        (
            f"{results[0].database}: {len(results)} parts, {seconds:.0f} s, {operations} operations, {read} of them "
            f"reads (of {unknown} nobody knows the outcome), {shown} pages, {kills} kills, "
            f"{sum(faults.values())} faults ({hit} requests and deliveries met one)"
        ),
        "",
        "| check | looked at | violations |",
        "| --- | ---: | ---: |",
        *(f"| {name} | {looked[name]} | {wrong[name]} |" for name in CHECKS),
        "",
        *(_waits(what, [wait for result in results for wait in getattr(result, name)]) for what, name in WAITS),
        "faults: " + ", ".join(f"{kind} {number}" for kind, number in sorted(faults.items())),
    ]
    return "\n".join(lines)


def _waits(what: str, seconds: Sequence[float]) -> str:
    if not seconds:
        return f"{what}: none"
    ordered = sorted(seconds)
    p50, p95, p99 = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.95, 0.99))
    return f"{what}: p50 {p50:.2f} s, p95 {p95:.2f} s, p99 {p99:.2f} s, longest {ordered[-1]:.2f} s, of {len(ordered)}"
