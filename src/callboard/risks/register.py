"""The register: each risk as the plan has it, together with what has become of it."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.planfile.paths import by_key
from callboard.plans import service as plans
from callboard.risks import store
from callboard.risks.models import Risk
from callboard.risks.plan import AskPart, RiskPart
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, Asker, Directory, Person
from callboard.teams.recipients import Concern, seats, who

LEVELS = ("low", "medium", "high")


@dataclass(frozen=True)
class Kept:
    """One risk: its row, and its entry in the plan."""

    row: Risk
    part: RiskPart

    @property
    def weight(self) -> int:
        """The product of probability and impact, from 1 to 9."""
        return (LEVELS.index(self.part.probability) + 1) * (LEVELS.index(self.part.impact) + 1)

    @property
    def called(self) -> str:
        """`Risk 3, Scope creep`, in Slack's markup."""
        return f"Risk {self.row.number}, {m.escape(self.part.risk)}"


def kept(tx: Tx, plan_id: int) -> list[Kept]:
    """The risks of a plan, for whoever only looks: the open ones first, and of these the gravest."""
    parts = by_key(plans.live(tx, plan_id), "risks")
    found = [Kept(row, parts[row.key]) for row in store.risks(tx, plan_id) if row.key in parts]
    return sorted(found, key=lambda each: (not each.row.is_open, -each.weight, each.row.number))


def of_row(tx: Tx, row: Risk) -> Kept | None:
    """A risk with its entry; None once that has left the plan."""
    part = by_key(plans.live(tx, row.plan_id), "risks").get(row.key)
    return Kept(row, part) if part and not row.gone else None


def numbered(tx: Tx, number: int) -> Kept | None:
    """The risk with a number, while the plan has it."""
    row = store.risk(tx, number)
    return of_row(tx, row) if row else None


def known(tx: Tx, asker: Asker, number: int, *, lock: bool = False) -> Kept:
    """The risk with this number. Raises Refused."""
    row, plan = store.risk(tx, number, lock=lock), m.escape(asker.directory.plan_name)
    if row is None or row.plan_id != asker.directory.plan_id:
        other = teams.elsewhere(tx, asker.directory, row, f"Risk {number}", f"/risk {{}} show {number}")
        raise Refused(f"There is no risk {number} in {plan}.{other} `/risk` lists them.")
    found = of_row(tx, row)
    if found is None:
        raise Refused(f"Risk {number} is no longer in {plan}. `/risk` lists those that are.")
    return found


def open_parts(tx: Tx, plan_id: int) -> list[RiskPart]:
    """What the plan says of the risks that are neither closed nor have happened."""
    over = {row.key for row in store.every_risk(tx, plan_id) if not row.is_open}
    return [part for key, part in by_key(plans.live(tx, plan_id), "risks").items() if key not in over]


def owners(directory: Directory, part: RiskPart) -> tuple[Person, ...]:
    """Whose risk it is, there or away."""
    return seats(directory, part.owner, Concern())


def told(tx: Tx, directory: Directory, part: RiskPart) -> list[Person]:
    """Who hears of it now: the owners, or who stands in for them; the coordinators where nobody of these is reached."""
    for whom in (part.owner, (COORDINATOR,)):
        people = [each.person for each in who(directory, whom, Concern(), tx.now).people]
        if reached := [person for person in people if not person.vacant and directory.reach(person)]:
            return reached
    return list(owners(directory, part))


def asked(tx: Tx, directory: Directory, part: AskPart) -> tuple[Person, ...]:
    """Whom a question is for, as the plan has it now."""
    return seats(directory, part.ask, Concern(), tx.now)
