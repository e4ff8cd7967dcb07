"""How a gate stands: put on the timeline whenever that is different from what it has."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from callboard.core import timeline
from callboard.gates.assessment import Look
from callboard.gates.models import iso, stands


def keep(look: Look) -> None:
    """Put on record what is met, who has signed and who must still, unless the timeline has it so."""
    gate, present = look.gate, {**stands(look.gate), **_assessed(look)}
    mark = hashlib.sha256(json.dumps(present, sort_keys=True).encode()).hexdigest()[:16]
    if gate.standing != mark:
        gate.standing = mark
        timeline.stand(look.tx, gate.plan_id, gate.subject, **present)


def _assessed(look: Look) -> dict[str, Any]:
    return {
        "criteria": [[reading.key, reading.says, reading.holds, reading.stands] for reading in look.readings],
        "signed": [[signature.person, signature.verdict, iso(signature.at)] for signature in look.standing],
        "missing": [
            [slot.says, [person.key for person in slot.missing]] for slot in look.tally.slots if not slot.met
        ],
        "why": list(look.gate.outcome),
    }  # fmt: skip
