"""Nobody signs what is not met, twice, or for whom the rule does not name; no gate passes on less than its rule."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.chaos import company
from tests.chaos.checks import Finding
from tests.chaos.evidence import Evidence, Row

CHANGES = {"ticked", "unticked", "signed", "withdrew", "rejected"}


@dataclass
class Gate:
    """A gate as its timeline tells it."""

    key: str
    ticked: set[str] = field(default_factory=set)
    signed: set[str] = field(default_factory=set)
    passed: bool = False

    @property
    def team(self) -> tuple[str, ...]:
        return company.crew(int(self.key[1:3]))

    @property
    def is_met(self) -> bool:
        return len(self.ticked) == len(company.CRITERIA)

    @property
    def has_all(self) -> bool:
        lead, *members = self.team
        return lead in self.signed and any(member in self.signed for member in members)

    def objection(self, entry: Row) -> str:
        """What is wrong with an entry, as things were; empty where nothing is."""
        verb, actor = entry["verb"], entry["actor"]
        if verb in CHANGES and self.passed:
            return "it had passed"
        if verb == "signed":
            if not self.is_met:
                return f"only {sorted(self.ticked)} was met"
            if actor not in self.team:
                return "the rule does not name them"
            return "they had signed" if actor in self.signed else ""
        if verb == "passed":
            return "" if self.is_met and self.has_all else f"{sorted(self.ticked)} and {sorted(self.signed)} do not do"
        return ""

    def become(self, entry: Row) -> None:
        match entry["verb"]:
            case "ticked":
                self.ticked.add(entry["facts"]["key"])
            case "unticked":
                self.ticked.discard(entry["facts"]["key"])
            case "signed":
                self.signed.add(entry["actor"])
            case "withdrew" | "rejected":
                self.signed.discard(entry["actor"])
            case "voided":
                self.signed.discard(entry["facts"].get("to"))
            case "passed":
                self.passed = True


def rules_hold(evidence: Evidence) -> Finding:
    """By the timeline of each gate; and its rows say the same."""
    found = Finding()
    for row in evidence.gates:
        gate = Gate(row["key"])
        for entry in evidence.about.get(("gate", row["id"]), ()):
            if entry["verb"] in CHANGES | {"passed"}:
                wrong = gate.objection(entry)
                found.look(right=not wrong, wrong=f"{gate.key} {entry['verb']} by {entry['actor']}: {wrong}")
            gate.become(entry)
        standing = Counter(one["person"] for one in evidence.signatures if _counts(one, row))
        right = set(standing) == gate.signed and max(standing.values(), default=1) == 1
        found.look(right=right, wrong=f"{gate.key} has {standing}, its timeline {sorted(gate.signed)}")
        right = (row["state"] == "passed") == gate.passed and (gate.is_met or not gate.signed)
        found.look(right=right, wrong=f"{gate.key} is {row['state']}, with {gate.ticked} met, signed by {gate.signed}")
    return found


def _counts(signature: Row, gate: Row) -> bool:
    return bool(signature["gate_id"] == gate["id"] and signature["state"] == "standing")
