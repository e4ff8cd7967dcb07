"""How the verbs find the gate that they change, and keep the change."""

from __future__ import annotations

import re
from typing import Any

from callboard.blocks import markup
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.words import bare_name, folded, joined
from callboard.gates import notices, outcome, rights, store
from callboard.gates.assessment import Look
from callboard.gates.models import KIND, Gate, State, Verb
from callboard.teams.directory import Asker

MOST = 5
QUOTED = re.compile(r"[\"'`“„«‘]([^\"'`”“»’]+)")  # noqa: RUF001 - as keyboards write them


def gate(tx: Tx, plan_id: int, key: str) -> Gate:
    """The gate with a key, in any case. Raises Refused with what may have been meant."""
    row = known(tx, plan_id, key)
    if row is None:
        raise _unknown(tx, plan_id, key)
    return row


def known(tx: Tx, plan_id: int, key: str) -> Gate | None:
    """The same; None for none."""
    wanted, rows = markup.as_typed(key), {folded(row.key): row for row in store.gates(tx, plan_id)}
    items = [row for row in rows.values() if folded(row.item) == wanted] if wanted and wanted not in rows else []
    if len(items) > 1:
        raise Refused(f"`{key}` could be {joined((f'`{row.key}`' for row in items), word='or')}. Type which.")
    return rows.get(wanted) or next(iter(items), None)


def called(tx: Tx, plan_id: int, text: str, *, alone: bool = False) -> tuple[Gate, str]:
    """The gate that a text begins with, by its key or title, and the rest of it; `alone` allows no rest.

    Raises Refused with what may have been meant.
    """
    found, rest = store.meant(tx, plan_id, text)
    if len(found) > 1:
        offered = joined((f"`{row.key}` ({markup.escape(row.name)})" for row in found), word="or")
        raise Refused(f"Which gate do you mean? Type {offered}.")
    if not found or (alone and rest):
        quoted = QUOTED.match(text)
        word = bare_name(text if alone else quoted[1] if quoted else text.split(maxsplit=1)[0])
        raise _unknown(tx, plan_id, word)
    return found[0], rest


def _unknown(tx: Tx, plan_id: int, word: str) -> Refused:
    if any(row.gone and folded(row.key) == markup.as_typed(word) for row in store.every_gate(tx, plan_id)):
        return Refused(f"Gate `{markup.clip(word, 60)}` has left the plan. `/gate` lists all gates.")
    sentence, gates = f"There is no gate `{markup.clip(word, 60)}`", store.listed(tx, plan_id)
    titled = [row.key for row in gates if markup.unescape(word).lower() in row.name.lower()]
    if titled:
        return Refused(f"{sentence}; did you mean {joined((f'`{key}`' for key in titled[:MOST]), word='or')}?")
    return unknown(sentence, word, [row.key for row in gates]) if gates else Refused("This plan has no gates.")


def open_gate(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Look:
    """A gate that may still change, locked. Raises Refused where it is closed, or a button was drawn before it changed.

    `expected` is how often it had changed by then.
    """
    look = Look(tx, store.known(tx, gate(tx, asker.directory.plan_id, key).number, lock=True))
    rights.may_change(look, asker, expected)
    return look


def changed(
    look: Look, asker: Asker, verb: Verb, *, on_behalf_of: str | None = None, said: str | None = None, **facts: Any
) -> Look:
    """Keep a change with its entry, and look at the gate again. A signature that passes it has no line."""
    tx, row, actor = look.tx, look.gate, asker.person.key
    row.changes += 1
    tx.session.flush()
    kept: dict[str, Any] = {"actor": actor, "on_behalf_of": on_behalf_of, "said": said, **facts}
    notices.keep(tx, row, verb, **kept)
    if verb != Verb.SIGNED:
        notices.tell_line(tx, row, verb, **kept)
    outcome.look_again(tx, row.number, actor=actor)
    if verb == Verb.SIGNED and row.state != State.PASSED:
        notices.tell_line(tx, row, verb, **kept)
    outbox.touch(tx, KIND, [row.number])
    return Look(tx, row)
