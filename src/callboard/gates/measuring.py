"""What must hold for measures, and for what gates ask of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callboard.core.errors import Refused, did_you_mean
from callboard.gates.amounts import PERCENT, PLAIN, TIME, Amount, parse_amount
from callboard.gates.criteria import MeasuredPart
from callboard.gates.parts import MeasurePart
from callboard.planfile.sections import Document, Path, Problem
from callboard.teams.plan import directory as teams

API = "api"
KNOWN_TO_ALL = "everyone"
WHOLE = 100


def check(document: Document, measures: Mapping[str, MeasurePart]) -> Iterator[Problem]:
    """Measures can reach their bounds, and are reported by whom there is."""
    for name, part in measures.items():
        at: Path = ("measures", name)
        by = [KNOWN_TO_ALL if one == API else one for one in part.by]
        yield from teams.check_who(document, (*at, "by"), by)
        yield from _check_bounds(document, at, part, part.at_least, part.at_most)
        if part.computed and part.by:
            yield document.warning((*at, "by"), "what is computed is reported by nobody: leave out one of them")


def check_criterion(
    document: Document, at: Path, part: MeasuredPart, measures: Mapping[str, MeasurePart]
) -> Iterator[Problem]:
    """A criterion names a measure there is, with bounds that it can reach, its own or those of the measure."""
    known = document.keys("measures")
    if part.measure not in known:
        yield document.error(
            (*at, "measure"), f"there is no measure `{part.measure}`; {did_you_mean(part.measure, known)}"
        )
    measure = measures.get(part.measure)
    if measure is None:
        return
    if part.at_least or part.at_most:
        yield from _check_bounds(document, at, measure, part.at_least, part.at_most)
    elif not measure.at_least and not measure.at_most:
        sentence = f"nothing says when {part.measure} is good enough: write `at_least:` or `at_most:`"
        yield document.error((*at, "measure"), sentence)


def _check_bounds(
    document: Document, at: Path, measure: MeasurePart, low: Amount | None, high: Amount | None
) -> Iterator[Problem]:
    for word, bound in (("at_least", low), ("at_most", high)):
        sentence = _out_of_reach(measure, word, bound) if bound else ""
        if sentence:
            yield document.error((*at, word), sentence)
    if low and high and low.unit == high.unit and low.value > high.value:
        yield document.error((*at, "at_most"), f"{high} is less than {low}, which it must at least be: swap the two")


def _out_of_reach(measure: MeasurePart, word: str, bound: Amount) -> str:
    """Why a bound means nothing for a measure; empty where it does."""
    units = _units(measure)
    if bound.unit not in units:
        other = Amount(0, units[0]).called
        return f"`{bound}` is {bound.called}, and {other} is measured: write {other}"
    if bound.value < 0 and (measure.of or bound.unit != PLAIN):
        return f"`{bound}` is less than nothing: write 0 or more"
    if measure.of and bound.unit == PLAIN and bound.value > measure.of:
        return f"{bound} is more than all {measure.of} of them: write {measure.of} or less"
    if word == "at_least" and _is_share(measure, bound) and bound.value > WHOLE:
        return f"`{bound}` is more than all: write 100% or less"
    return ""


def _units(measure: MeasurePart) -> tuple[str, ...]:
    """The kinds of amounts that can be compared with a measure, the plainest for it first."""
    own = [bound.unit for bound in (measure.at_least, measure.at_most) if bound]
    if measure.of:
        return (PLAIN, PERCENT)
    if measure.unit == PERCENT or PERCENT in own:
        return (PERCENT, PLAIN)
    if own:
        return (own[0],)
    return (PLAIN,) if measure.unit else (PLAIN, PERCENT, TIME)


def _is_share(measure: MeasurePart, bound: Amount) -> bool:
    return bound.unit == PERCENT or (measure.unit == PERCENT and bound.unit == PLAIN)


def refuse_impossible(name: str, measure: MeasurePart, amount: Amount) -> None:
    """Raise Refused for an amount that a measure cannot have: more than all, of another kind, or less than nothing."""
    units = _units(measure)
    if amount.unit not in units:
        kinds = " or ".join(Amount(0, unit).called for unit in units)
        raise Refused(f"`{amount}` is {amount.called}; of `{name}`, report {kinds}.")
    if measure.of and amount.unit == PLAIN and amount.value > measure.of:
        raise Refused(f"{amount} is more than all {measure.of} of them: report {measure.of} or less.")
    if amount.value < 0 and (measure.of or amount.unit != PLAIN):
        raise Refused(f"`{amount}` is less than nothing: report 0 or more.")
    if measure.of and amount.unit == PERCENT and amount.value > WHOLE:
        raise Refused(f"`{amount}` is more than all: report 100% or less.")


def parse_report(text: str, measure: MeasurePart) -> Amount:
    """Read a reported amount: `68`, `68/72`, `94%`, `0.5`, `15m`. Raises Refused with a sentence."""
    part, slash, whole = text.partition("/")
    if slash and measure.of and whole.strip() != str(measure.of):
        sentence = f"`{text}` is of {whole.strip()}, and the plan measures {measure.of}"
        raise Refused(f"{sentence}: report so many of {measure.of}.")
    try:
        return parse_amount(part)
    except ValueError as wrong:
        raise Refused(f"{wrong}.") from None
