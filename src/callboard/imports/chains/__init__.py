"""Escalation chains as other programs write them, by the shape of the file.

ladder: a chain as anybody means it
grafana: the chains of Grafana OnCall, from its API or its Terraform provider
opsgenie: escalations of Opsgenie
pagerduty: escalation policies of PagerDuty
"""

from __future__ import annotations

from typing import Any

from callboard.core.errors import Refused
from callboard.imports.chains import grafana, opsgenie, pagerduty
from callboard.imports.chains.ladder import Chain, Known
from callboard.imports.values import Entry, walk
from callboard.runbooks.plan.documents.drafts import Draft

PROGRAMS = {"PagerDuty": pagerduty.chains, "Opsgenie": opsgenie.chains, "Grafana OnCall": grafana.chains}


def read(root: Any, draft: Draft) -> tuple[str, list[Chain], Known]:
    """The program that wrote a file, its chains, and whom the file knows by id. Raises Refused where it has none."""
    every = list(walk(root))
    known = Known(every)
    for program, chains in PROGRAMS.items():
        if found := chains(every, draft):
            _tell_others(root, draft)
            return program, found, known
    raise Refused(
        "No escalation is in this file: I look for `escalation_policies` of PagerDuty with `escalation_rules`, for "
        "escalations of Opsgenie with `rules`, and for `escalation_policies` of Grafana OnCall, each with a `type` and "
        "an `escalation_chain_id`."
    )


def _tell_others(root: Any, draft: Draft) -> None:
    """Tell that an API has answered with one page of several: each program has its own word for it."""
    if not isinstance(root, Entry):
        return
    paging = root.inner.get("paging")
    for entry in (root, *([paging] if isinstance(paging, Entry) else [])):
        for word in ("more", "next"):
            if entry.inner.get(word) not in (None, False, ""):
                entry.get(word)
                sentence = "the pages behind this one: ask the program's API for them, and import each file"
                draft.tell(entry.at[word][0], "not taken", sentence)
