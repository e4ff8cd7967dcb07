"""The section `retrospective` of the plan file: how the phases of a plan are looked back on."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.planfile.names import nearest
from callboard.planfile.sections import Document, Problem, Section
from callboard.planfile.types import Many
from callboard.plans.plan import PHASES, RetrospectivePart
from callboard.teams.plan.directory import check_who


class RetrospectivesPart(RetrospectivePart):
    """For all phases, or for some."""

    phases: Many = ()


def _check(document: Document, part: RetrospectivesPart) -> Iterator[Problem]:
    known = document.keys(PHASES.name)
    yield from check_who(document, ("retrospective", "who"), part.who)
    yield from check_who(document, ("retrospective", "lead"), part.lead)
    for number, key in enumerate(part.phases):
        if key not in known:
            sentence = f"there is no phase `{key}`; {nearest(document, key, known)}"
            yield document.error(("retrospective", "phases", number), sentence)
    if not known:
        yield document.warning(("retrospective",), "the plan has no phases, so nobody is ever asked: write `phases`")


def _check_phases(document: Document) -> Iterator[Problem]:
    """Whom phases ask by themselves."""
    for key, phase in (document.of(PHASES) or {}).items():
        own = phase.retrospective
        for word in ("who", "lead") if own else ():
            if own and word in own.model_fields_set:
                yield from check_who(document, (PHASES.name, key, "retrospective", word), getattr(own, word))


def of_phase(document: Document, key: str) -> RetrospectivePart | None:
    """How a phase is looked back on: as it says itself, else as the section says; None for not at all."""
    part = (document.of(PHASES) or {}).get(key)
    own, every = part.retrospective if part else None, document.of(RETROSPECTIVE)
    if every and own is None and every.phases and key not in every.phases:
        return None
    if every is None or own is None:
        return own or every
    return own.model_copy(update={
        name: getattr(every, name) for name in RetrospectivePart.model_fields if name not in own.model_fields_set
    })  # fmt: skip


RETROSPECTIVE: Section[RetrospectivesPart] = Section(
    name="retrospective", model=RetrospectivesPart, check=_check, elsewhere=_check_phases
)  # fmt: skip
