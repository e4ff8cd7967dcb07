"""The `blockers` section of the plan file: severities with their policies, categories, the checklist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pydantic import Field
from sqlalchemy import delete

from callboard.blockers import store
from callboard.blockers.models import Settings
from callboard.core.db import Tx
from callboard.core.errors import did_you_mean
from callboard.core.words import joined
from callboard.planfile.check import ID
from callboard.planfile.names import nearest
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.types import Many, Part, Whom
from callboard.teams import service as teams
from callboard.teams.plan.directory import check_who, complete, meant
from callboard.teams.recipients import OF_A_TEAM
from callboard.teams.service import Directory

MOST_IN_A_MENU = 100
DEFAULT = "default"


class AcceptPart(Part):
    """How many of whom must accept a blocker of a class."""

    count: int = Field(1, ge=1, examples=[3])
    of: Whom = Field(min_length=1, examples=["[coordinator, all leads]"])


class ClassPart(Part):
    """A class of blockers: the gate that cannot pass while one is open, and who decides what belongs to it."""

    gate: str = Field(min_length=1, examples=["go"])
    accept: AcceptPart = Field(examples=["{count: 3, of: [coordinator, all leads]}"])


class BlockersPart(Part):
    """The section as it is written."""

    severities: dict[str, str] = Field(default_factory=lambda: {"normal": DEFAULT})
    categories: Many = ()
    checklist: Many = ()
    classes: dict[str, ClassPart] = Field(default_factory=dict)


def check(document: Document, part: BlockersPart) -> Iterable[Problem]:
    """Every severity needs a policy that exists."""
    policies = document.keys("escalation")
    if not part.severities:
        yield document.error(("blockers", "severities"), "name at least one severity, like {normal: default}")
    for severity, policy in part.severities.items():
        if policy not in policies:
            sentence = f"there is no escalation policy `{policy}`; {did_you_mean(policy, policies)}"
            yield document.error(("blockers", "severities", severity), sentence)
    for key, items in (("categories", part.categories), ("checklist", part.checklist)):
        if len(items) > MOST_IN_A_MENU:
            yield document.error(("blockers", key), f"a menu holds {MOST_IN_A_MENU} items; this has {len(items)}")
    for name, each in part.classes.items():
        yield from _check_class(document, ("blockers", "classes", name), name, each)


def _check_class(document: Document, at: Path, name: str, part: ClassPart) -> Iterator[Problem]:
    """A class has a name that can be typed, a gate that it is about, and enough people to accept what belongs to it."""
    gates, of = document.keys("gates"), part.accept.of
    if not ID.fullmatch(name):
        yield document.error(at, "a class is made of letters, digits, dots and dashes: release-blocker")
    if part.gate not in gates:
        yield document.error((*at, "gate"), f"there is no gate `{part.gate}`; {nearest(document, part.gate, gates)}")
    wrong = list(check_who(document, (*at, "accept", "of"), of, (*OF_A_TEAM, "reporter"), alone=False))
    yield from wrong
    known = not wrong and complete(document) and not {*OF_A_TEAM, "reporter"}.intersection(of)
    able = len(meant(document, of)) if known else part.accept.count
    if able < part.accept.count:
        sentence = f"{part.accept.count} must accept, and only {able} can: ask for fewer, or name more people"
        yield document.error((*at, "accept", "count"), sentence)


def apply(tx: Tx, plan_id: int, document: Document) -> None:
    """Keep what the file says; without the section every blocker takes the policy `default`, or the first there is."""
    part, policies = document.of(section) or BlockersPart(), document.keys("escalation")
    usual = DEFAULT if DEFAULT in policies or not policies else policies[0]
    tx.connection.execute(delete(Settings).where(Settings.plan_id == plan_id))  # type: ignore[arg-type]
    tx.session.add(Settings(
        plan_id=plan_id, categories=list(part.categories), checklist=list(part.checklist),
        severities=dict(part.severities) if "severities" in part.model_fields_set else {"normal": usual},
    ))  # fmt: skip
    tx.session.flush()


def consequences(tx: Tx, plan_id: int, before: Document, after: Document) -> Iterator[str]:
    """Name the open blockers whose people, teams, severities or categories leave the plan."""
    new, old = after.of(section) or BlockersPart(), before.of(section) or BlockersPart()
    people, teams_gone = (before.gone(after, key) for key in ("people", "teams"))
    for field, gone, sentence in (
        ("owner", people, "{key} leaves the plan and has {blockers}: nobody has {them} then, and escalation resumes"),
        ("waits_for", people, "{key} leaves the plan, and {blockers} wait{s} for {key}"),
        ("team", teams_gone, "{key} leaves the plan and {blockers} {are} open there"),
        ("severity", set(old.severities) - set(new.severities),
         "severity {key} goes; {blockers} keep{s} it, and the ladder"),
        ("class_name", set(old.classes) - set(new.classes),
         "class {key} goes; {blockers} no longer count{s} for a gate"),
        ("category", set(old.categories) - set(new.categories), "category {key} goes; {blockers} keep{s} it"),
    ):  # fmt: skip
        for key in sorted(gone):
            numbers = [str(b.number) for b in store.open_in(tx, plan_id) if getattr(b, field) == key]
            if len(numbers) == 1:
                yield sentence.format(key=key, blockers=f"blocker {numbers[0]}", them="it", s="s", are="is")
            elif numbers:
                yield sentence.format(key=key, blockers=f"blockers {joined(numbers)}", them="them", s="", are="are")


def settings(tx: Tx, plan_id: int) -> Settings:
    """What the plan says about blockers, read once for each version of its directory."""
    directory = teams.directory(tx, plan_id)
    known: dict[int, tuple[Directory, Settings]] = tx.memo.setdefault("blocker settings", {})
    if plan_id not in known or known[plan_id][0] is not directory:
        rules = store.settings(tx, plan_id) or Settings(plan_id=plan_id, severities={"normal": DEFAULT})
        known[plan_id] = (directory, rules.model_copy())
    return known[plan_id][1]


def classes(tx: Tx, plan_id: int) -> Mapping[str, ClassPart]:
    """The classes of blockers of a plan as it stands."""
    part = teams.document(tx, plan_id).of(section)
    return part.classes if part else {}


def usual_severity(rules: Settings) -> str:
    """The severity of a blocker that names none: the middle one, so that neither silence nor panic is usual."""
    names = list(rules.severities)
    return names[(len(names) - 1) // 2]


section: Section[BlockersPart] = Section(
    name="blockers",
    model=BlockersPart,
    check=check,
    apply=apply,
    consequences=consequences,
    gives=("accept",),
)
