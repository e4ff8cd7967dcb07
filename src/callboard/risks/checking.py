"""What must hold for risks besides their form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callboard.core.errors import did_you_mean
from callboard.emergencies.checking import check_named
from callboard.gates.plan import MEASURES
from callboard.planfile.sections import Document, Path, Problem
from callboard.risks.indicators import AskPart, ForecastPart, Indicator, MeasuredPart, WatchPart
from callboard.risks.parts import RiskPart
from callboard.teams.plan import directory as teams


def check(document: Document, risks: Sequence[RiskPart]) -> Iterator[Problem]:
    """Somebody watches each risk, and what its indicators are about is there."""
    for number, part in enumerate(risks):
        at: Path = ("risks", number)
        yield from teams.check_who(document, (*at, "owner"), part.owner)
        if not part.owner:
            yield document.warning(at, "nobody watches this risk: write `owner:`")
        for position, indicator in enumerate(part.indicators):
            yield from _check_indicator(document, (*at, "indicators", position), indicator)


def _check_indicator(document: Document, at: Path, part: Indicator) -> Iterator[Problem]:
    if isinstance(part, AskPart):
        yield from _check_asked(document, at, part)
    elif isinstance(part, MeasuredPart):
        yield from _check_measured(document, at, part)
    elif isinstance(part, ForecastPart):
        yield from _check_forecast(document, (*at, "forecast"), part)
    elif not isinstance(part, WatchPart):
        word = next(word for word in type(part).model_fields if word != "key")
        yield from teams.check_who(document, (*at, word, "of"), getattr(part, word).of)


def _check_asked(document: Document, at: Path, part: AskPart) -> Iterator[Problem]:
    wrong = list(teams.check_who(document, (*at, "ask"), part.ask))
    yield from wrong
    if not part.question:
        yield document.error(at, "nothing says what is asked: write `question: Too much on your plate?`")
    if not wrong and teams.complete(document) and not teams.meant(document, part.ask):
        yield document.warning((*at, "ask"), "nobody is asked: name people, teams or `everyone`")


def _check_measured(document: Document, at: Path, part: MeasuredPart) -> Iterator[Problem]:
    yield from check_named(document, at, part, "measure")
    measure = (document.of(MEASURES) or {}).get(part.measure)
    if measure and not (part.above or part.below or measure.at_least or measure.at_most):
        sentence = f"nothing says when {part.measure} is bad: write `above:` or `below:`"
        yield document.error((*at, "measure"), sentence)


def _check_forecast(document: Document, at: Path, part: ForecastPart) -> Iterator[Problem]:
    named = {word: getattr(part.forecast, word) for word in ("gate", "phase") if getattr(part.forecast, word)}
    if len(named) != 1:
        yield document.error(at, "one thing is forecast at a time: write `gate:` or `phase:`")
    for word, key in named.items():
        known = document.keys(f"{word}s")
        if key not in known:
            yield document.error((*at, word), f"there is no {word} `{key}`; {did_you_mean(key, known)}")
