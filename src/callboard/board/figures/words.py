"""How figures read: all of them against their targets, and one with its days and its cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.board.figures.cases import Case
from callboard.board.figures.kpis import NOT_REPORTED, Kpi
from callboard.board.figures.success import Goal
from callboard.core.errors import unknown
from callboard.core.outbox import Message
from callboard.core.words import counted, few_lines, joined
from callboard.gates.plan.measures import Amount

SIGNS = {True: ":white_check_mark:", False: ":x:", None: ":white_circle:"}
PARAGRAPHS, MOST_CASES, MOST_DAYS = 8, 15, 10
SEE = "One of them: `/plan kpi response_time` · What to reach: `/plan kpi success` · Charts: `/plan chart burndown`"


def found(every: Sequence[Kpi], words: str) -> Kpi:
    """The figure that is meant, by its key or its name. Raises Refused for none."""
    for kpi in every:
        if m.means(words, kpi.key, kpi.name, kpi.key.replace("_", " ")):
            return kpi
    wanted = m.unescape(words).strip()
    sentence = f"There is no figure `{m.clip(m.escape(wanted), 60)}`"
    raise unknown(sentence, wanted, [kpi.key for kpi in every], "`/plan kpi` lists all.")


def table(plan: str, every: Sequence[Kpi]) -> Message:
    """Those that miss their target first, then those that meet it, then those without one."""
    missed, met, rest = ([kpi for kpi in every if kpi.met is state] for state in (False, True, None))
    head = f"{m.bold(f'Figures of {m.escape(plan)}')}: {_summary(missed, met)}"
    silent = [f"{m.escape(kpi.name)} (`{kpi.key}`)" for kpi in rest if kpi.shown == NOT_REPORTED]
    known = (kpi for kpi in (*missed, *met, *rest) if kpi.shown != NOT_REPORTED)
    more = [f"Not reported yet: {joined(silent)}."] if silent else []
    blocks = fit.paragraphs([head, *map(line, known), *more], PARAGRAPHS)
    return Message(f"Figures of {m.escape(plan)}: {_summary(missed, met)}", [*blocks, b.context(SEE)])


def _summary(missed: Sequence[Kpi], met: Sequence[Kpi]) -> str:
    whole = len(missed) + len(met)
    return f"{len(met)} of {counted(whole, 'target')} met" if whole else "no target can be judged yet"


def line(kpi: Kpi) -> str:
    says = f" ({m.escape(kpi.says)})" if kpi.says else ""
    target = f", target {kpi.target}" if kpi.target else ""
    return f"{SIGNS[kpi.met]} {m.escape(kpi.name)}: {m.bold(m.escape(kpi.shown))}{target}{says} `{kpi.key}`"


def goals(plan: str, every: Sequence[Goal]) -> Message:
    """What each phase and the whole plan are to reach."""
    lines, met = list[str](), sum(goal.met is True for goal in every)
    for phase, own in groupby(every, key=lambda goal: goal.phase):
        lines.append(m.bold(m.escape(phase or "The whole plan")))
        lines += [f"{SIGNS[goal.met]} {m.escape(goal.what)}: {m.escape(goal.stands)}" for goal in own]
    head = f"Success of {m.escape(plan)}: {met} of {counted(len(every), 'goal')} reached"
    return Message(head, fit.paragraphs([m.bold(head), *lines], PARAGRAPHS))


def detail(kpi: Kpi, days: Iterable[tuple[date, Amount | None]], cases: Sequence[Case]) -> Message:
    """What a figure means, from what it is counted, how it was, and what it counts now."""
    known = [f"{day.day} {day:%b}: {amount}" for day, amount in days if amount is not None][-MOST_DAYS:]
    bad = sum(not case.good for case in cases)
    told = [f"{'•' if case.good else ':small_red_triangle:'} {m.escape(case.name)}: {m.escape(case.stands)}"
            for case in cases]  # fmt: skip
    counts = f"Counted from {counted(len(cases), 'case')}{f', {bad} against it' if bad else ''}:"
    lines = [
        line(kpi), f"{m.escape(kpi.definition)}. Source: {m.escape(kpi.source)}.",
        *(["At the end of each day: " + m.escape(" · ".join(known))] if known else []),
        *([counts, *few_lines(told, MOST_CASES)] if told else []),
    ]  # fmt: skip
    return Message(f"{m.escape(kpi.name)}: {m.escape(kpi.shown)}", fit.paragraphs(lines, PARAGRAPHS))
